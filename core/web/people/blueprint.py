"""The blueprint of the pages of people; views register on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("people", __name__, template_folder="../templates")
