"""Access of routes: every view declares who may call it, and a section that is off answers 404."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, abort, current_app, g, redirect, request
from flask_login import current_user

from hoitu.core.access import (
    PERSON_LEVELS,
    PUBLIC,
    Actor,
    Permissions,
    UnknownPermission,
    accounts,
)
from hoitu.core.access.permissions import ACCESS
from hoitu.core.extensions import platform
from hoitu.core.web.signed_in import sign_in_path, signed_in
from hoitu.core.web.site import language, path_in, today

#: Blueprint name -> plugin that owns it; filled while the application starts.
OWNERS_KEY = "hoitu_blueprint_owners"


class UndeclaredAccess(RuntimeError):
    """A route declares neither ``public`` nor a permission: the start stops, or the plugin does."""


def init_app(app: Flask) -> None:
    """Guard every request."""
    app.extensions[OWNERS_KEY] = {}
    app.before_request(guard)


def guard() -> None:
    """Answer 404 for sections that are off, 401 or 403 for views the visitor may not call."""
    if request.endpoint is None:
        return
    # A nested blueprint is named "parent.child"; the parent's section decides.
    owner = owners().get((request.blueprint or "").partition(".")[0])
    if owner is not None and not platform.switchboard.section_on(g.unit, owner):
        abort(404)
    wanted = declared_access(current_app.view_functions[request.endpoint])
    if wanted == PUBLIC:
        return
    if wanted in PERSON_LEVELS:
        _demand_person(PERSON_LEVELS[wanted])
        return
    if not current_user.is_authenticated:
        abort(401)
    if not current_actor().can(wanted, g.unit.id):
        abort(403)


def _demand_person(level: int) -> None:
    """Lead whoever is not signed in, or not with this level, to where they can; 404 for nobody."""
    if platform.hooks.resolve_login() is None:
        abort(404)
    who = signed_in()
    if who is None or who.level < level:
        # Only what was read can be opened again.
        asked = path_in(language()).rstrip("?") if request.method == "GET" else ""
        abort(redirect(sign_in_path(asked, level), 303))


def owners() -> dict[str, str]:
    """Return the plugin of each section blueprint."""
    found: dict[str, str] = current_app.extensions[OWNERS_KEY]
    return found


def current_actor() -> Actor:
    """Return the signed-in account with its grants of today; 401 when nobody is signed in."""
    if not current_user.is_authenticated:
        abort(401)
    if "hoitu_actor" not in g:
        g.hoitu_actor = accounts.actor(current_user.account, today())
    actor: Actor = g.hoitu_actor
    return actor


def declared_access(view: object) -> str:
    """Return ``public``, a key of ``PERSON_LEVELS`` or the permission a view declares.

    :raises UndeclaredAccess: it declares nothing.
    """
    found = getattr(view, ACCESS, None)
    if found is None:
        name = getattr(view, "__qualname__", view)
        raise UndeclaredAccess(f"{name} declares neither `public` nor `requires(...)`")
    return str(found)


def check_declared(views: Mapping[str, object], permissions: Permissions) -> None:
    """Check every view of an application or blueprint before it can be called.

    :raises UndeclaredAccess: a view declares nothing, or a permission that no manifest declares.
    """
    for endpoint, view in views.items():
        try:
            wanted = declared_access(view)
            if wanted != PUBLIC and wanted not in PERSON_LEVELS:
                permissions.check_known(wanted)
        except (UndeclaredAccess, UnknownPermission) as error:
            raise UndeclaredAccess(f"route {endpoint}: {error}") from error
