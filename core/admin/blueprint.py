"""The desk's blueprint; its views are in the modules beside this one."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("desk", __name__, url_prefix="/quan-tri", template_folder="templates")

from hoitu.core.admin import sign_in  # noqa: E402, F401
