"""The blueprint of search; its views are in the modules beside it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("search", __name__, template_folder="../templates")
