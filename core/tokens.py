"""Tokens: random words in addresses and cookies that open something; only their hash is kept."""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["hash_of", "new_token"]


def new_token() -> str:
    """Return a random word of 256 bits, as it may stand in an address or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what is kept of a token, whatever somebody sent as one: 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
