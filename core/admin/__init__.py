"""The desk: where staff write, approve, and switch modules. Generic over content types."""

from __future__ import annotations

from flask import Flask

from hoitu.core.admin import (
    accounts,
    audit_log,
    editing,
    frame,
    index,
    lists,
    modules,
    passwords,
    previews,
    sign_in,
    steps,
    versions,
)
from hoitu.core.admin.blueprint import blueprint

#: The modules whose views make up the desk.
VIEWS = (
    accounts,
    audit_log,
    editing,
    frame,
    index,
    lists,
    modules,
    passwords,
    previews,
    sign_in,
    steps,
    versions,
)


def init_app(app: Flask) -> None:
    """Attach the desk and its sign-in to an application."""
    sign_in.init_app(app)
    app.register_blueprint(blueprint)


__all__ = ["init_app"]
