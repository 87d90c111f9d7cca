"""Browsers in which somebody signed in before: there nobody waits because strangers failed.

Whoever knows an address can have its account locked, over and over. So a browser that was in keeps
a signed word that says in which account; with it the lock of others does not count, and a limit of
its own does.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeSerializer

from hoitu.core.access import Account, accounts
from hoitu.core.extensions import platform, session
from hoitu.core.web import now
from hoitu.core.web.defence import Limit, spare

COOKIE: Final = "hoitu_known"
#: How long a browser is known after the last sign-in in it.
LASTS: Final = timedelta(days=180)
#: Attempts of a known browser while the account is locked; each step of signing in is one.
TRIES: Final = Limit("known-browser", 10)


def remember(account: Account) -> None:
    """Have the answer to this request make the browser a known one of this account alone."""
    until = int((now() + LASTS).timestamp())
    word = _signer().dumps([account.id, secrets.token_urlsafe(16), until])

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            COOKIE, word, max_age=LASTS, httponly=True, samesite="Strict",
            secure=platform.config.secure_cookies,
        )  # fmt: skip
        return response


def passes(account: Account) -> bool:
    """Say whether this browser may try an account that is locked, and count that: commits.

    False, too, when the account is not locked: then nobody waits.
    """
    if not accounts.is_locked_out(account, now()):
        return False
    try:
        of, word, until = _signer().loads(request.cookies.get(COOKIE, ""))
    except (BadData, ValueError, TypeError):
        return False
    if of != account.id or now().timestamp() > until or not spare(TRIES, str(word)):
        return False
    # Whoever else counts shall not wait until a password is checked.
    session().commit()
    return True


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known-browser")
