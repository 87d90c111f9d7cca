"""Cookies of our own that hold a token: for one host, and none that a site beside it can set."""

from __future__ import annotations

from typing import Final

from flask import Response, request

from hoitu.core.extensions import platform
from hoitu.core.tokens import new_token

#: Whatever else is in such a cookie is no token of ours.
_LENGTH: Final = len(new_token())


def read(cookie: str) -> str:
    """Return the token in a cookie; '' for none."""
    found = request.cookies.get(_name(cookie), "")
    return found if len(found) == _LENGTH else ""


def keep(response: Response, cookie: str, token: str, seconds: int | None = None) -> None:
    """Set a cookie; without ``seconds`` it ends with the browser."""
    response.set_cookie(
        _name(cookie), token, max_age=seconds, path="/", httponly=True, samesite="Lax",
        secure=platform.config.secure_cookies,
    )  # fmt: skip


def drop(response: Response, cookie: str) -> None:
    """Take a cookie away."""
    response.delete_cookie(
        _name(cookie), path="/", httponly=True, samesite="Lax",
        secure=platform.config.secure_cookies,
    )  # fmt: skip


def _name(cookie: str) -> str:
    return f"__Host-{cookie}" if platform.config.secure_cookies else cookie
