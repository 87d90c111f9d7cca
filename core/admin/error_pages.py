"""Errors at the desk: whoever is signed in stays in its frame, and reads whom to ask."""

from __future__ import annotations

from flask import Flask, render_template, request
from flask_login import current_user

from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.frame import frame
from hoitu.core.web import errors


def init_app(app: Flask) -> None:
    """Have errors below the address of the desk shown in its frame."""
    errors.show_with(app, page)


def page(code: int, title: str, message: str) -> str | None:
    """Return the page of an error; None where it is not the desk's, or nobody is signed in."""
    prefix = str(blueprint.url_prefix)
    is_here = request.path == prefix or request.path.startswith(prefix + "/")
    if not is_here or not current_user.is_authenticated:
        return None
    desk = frame()
    # Where no view was found, nothing gives the template its frame.
    return render_template(
        "desk/error.html", code=code, title=title, message=message, desk_frame=lambda: desk
    )
