"""Links for one person: nothing of them is kept but what nobody can make a link from."""

from __future__ import annotations

import hmac

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from hoitu.core.extensions import session
from hoitu.core.tokens import hash_of, new_token
from hoitu.plugins.subscriptions.models import Reader


def one_time() -> tuple[str, str]:
    """Return a new random word for a link, and what is kept of it."""
    word = new_token()
    return word, hash_of(word)


def manage_token(reader: Reader) -> str:
    """Return the token of the page on which somebody manages all they follow."""
    return str(_signer("manage").dumps([reader.id, reader.seed]))


def stop_token(reader: Reader, unit_id: int) -> str:
    """Return the token by which one click ends all that somebody follows on a site."""
    return str(_signer("stop").dumps([reader.id, reader.seed, unit_id]))


def managed(token: str) -> Reader | None:
    """Return whose page a token opens; None when it is no token, or they are forgotten."""
    found = _read("manage", token)
    return _reader(found) if len(found) == 2 else None


def stopped(token: str) -> tuple[Reader | None, int] | None:
    """Return who wants to hear no more of which site; None when it is no token of ours.

    There is no reader any more where they are forgotten.
    """
    found = _read("stop", token)
    return (_reader(found), int(str(found[2]))) if len(found) == 3 else None


def _reader(said: list[object]) -> Reader | None:
    found: Reader | None = session().get(Reader, said[0])
    if found is None or not hmac.compare_digest(found.seed, str(said[1])):
        return None
    return found


def _read(purpose: str, token: str) -> list[object]:
    try:
        return list(_signer(purpose).loads(token))
    except BadData:
        return []


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(_secret(), salt=f"subscriptions-{purpose}")


def _secret() -> bytes:
    return str(current_app.secret_key).encode()
