"""OpenID Connect: a client that checks what the library leaves to its user."""

from __future__ import annotations

from hoitu.core.oidc import steps
from hoitu.core.oidc.client import Away, OidcClient, Verified
from hoitu.core.oidc.errors import (
    LoginCancelled,
    LoginError,
    LoginUntrusted,
    ProviderAway,
)
from hoitu.core.oidc.http import Limits, fetch
from hoitu.core.oidc.provider import Provider, check_address

__all__ = [
    "Away",
    "Limits",
    "LoginCancelled",
    "LoginError",
    "LoginUntrusted",
    "OidcClient",
    "Provider",
    "ProviderAway",
    "Verified",
    "check_address",
    "fetch",
    "steps",
]
