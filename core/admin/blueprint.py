"""The desk's blueprint: what holds for every page of it. Its views are in the modules beside it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import Forbidden

from hoitu.core.access import PermissionDenied
from hoitu.core.web.errors import http_error

blueprint = Blueprint("desk", __name__, url_prefix="/quan-tri", template_folder="templates")

#: What an account may open while it still has the password an administrator gave it.
BEFORE_PASSWORD = frozenset({"desk.sign_in", "desk.sign_out", "desk.password"})


@blueprint.before_request
def demand_own_password() -> ResponseReturnValue | None:
    """Lead to the password page whoever signed in with a password made by somebody else."""
    if not current_user.is_authenticated or request.endpoint in BEFORE_PASSWORD:
        return None
    return redirect(url_for("desk.password")) if current_user.account.must_change_password else None


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """Forbid browsers and proxies to keep pages of the desk."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.errorhandler(PermissionDenied)
def denied(_error: PermissionDenied) -> ResponseReturnValue:
    """Answer 403 when an action was refused to the account."""
    return http_error(Forbidden())
