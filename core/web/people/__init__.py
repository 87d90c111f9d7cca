"""People at the sites: signing in and out, and what is theirs."""

from __future__ import annotations

from flask import Flask

from hoitu.core.web.people import mine, signing_in
from hoitu.core.web.people.blueprint import blueprint
from hoitu.core.web.signed_in import keep_private, sign_in_path, signed_in

__all__ = ["blueprint", "init_app", "mine", "signed_in", "signing_in"]


def init_app(app: Flask) -> None:
    """Let templates ask who is signed in, and keep what they see out of every cache."""
    app.jinja_env.globals.update(signed_in=signed_in, sign_in_path=sign_in_path)
    app.after_request(keep_private)
