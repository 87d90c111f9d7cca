"""The desk's blueprint: what holds for every page of it. Its views are in the modules beside it."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from hoitu.core.access import PermissionDenied
from hoitu.core.web.errors import http_error

blueprint = Blueprint("desk", __name__, url_prefix="/quan-tri", template_folder="templates")


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """Forbid browsers and proxies to keep pages of the desk."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.errorhandler(PermissionDenied)
def denied(_error: PermissionDenied) -> ResponseReturnValue:
    """Answer 403 when an action was refused to the account."""
    return http_error(Forbidden())
