"""The encrypted kind ("VNeID Connect"): no id token, no nonce; everything comes in envelopes.

An envelope is AES in ECB mode under a key that is encrypted for us with RSA (PKCS #1 v1.5). That
protects nothing against change: it is taken for a way of writing, and TLS, the state and PKCE for
what protects. Whatever goes wrong while one is opened is told in the same words, so that nobody
learns from the answers how to open others'.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlencode

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hoitu.core.extensions import Platform
from hoitu.core.oidc import Away, LoginCancelled, LoginUntrusted, fetch
from hoitu.core.people import Known
from hoitu.plugins.vneid import claims
from hoitu.plugins.vneid.settings import Settings
from hoitu.plugins.vneid.wording import words

#: Purpose of the marks by which numbers become subjects: the service tells no other.
SUBJECT: Final = "vneid.subject"
_UNREADABLE: Final = "an envelope that cannot be opened"


class EnvelopeLogin:
    """Kind `envelope`."""

    def __init__(self, settings: Settings, platform: Platform) -> None:
        assert settings.envelope is not None
        self._settings, self._agreed, self._seal = settings, settings.envelope, platform.seal
        self._key = _private_key(platform.instance / settings.envelope.private_key)
        self.label, self.notice = words(settings)

    def begin(self, redirect_uri: str, level: int) -> Away:
        """Return where to send the browser; the service takes no wish for a level."""
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        asked = {
            "response_type": "code",
            "client_id": self._agreed.client_id,
            "redirect_uri": redirect_uri,
            "scope": self._agreed.scope,
            "state": state,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        kept = {"code_verifier": verifier, "redirect_uri": redirect_uri}
        return Away(f"{self._agreed.authorize_url}?{urlencode(asked)}", state, kept)

    def state_of(self, query: bytes) -> str:
        """Return the state in the query of the callback."""
        return _raw(query).get("state", "")

    def finish(self, query: bytes, kept: Mapping[str, str]) -> Known:
        """Return who signed in."""
        answer = _raw(query)
        if answer.get("error"):
            raise LoginCancelled("the service said no")
        code = self._open(answer.get("code", ""), answer.get("encrypt_key", "")).decode("ascii")
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": kept["redirect_uri"],
            "client_id": self._agreed.client_id,
            "client_secret": self._agreed.client_secret,
            "code_verifier": kept["code_verifier"],
        }
        token = self._ask("POST", self._agreed.token_url, data=sent).get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise LoginUntrusted("the service sent no token")
        bearer = {"Authorization": f"Bearer {token}"}
        told = self._ask("GET", self._agreed.userinfo_url, headers=bearer)
        found = claims.known(
            told, issuer=self._agreed.issuer, subject="", levels=self._settings.levels,
            minimum=self._settings.minimum_level,
        )  # fmt: skip
        if not found.number:
            raise LoginUntrusted("the claims have no number")
        subject = self._seal.mark(f"{found.kind}:{found.number}", SUBJECT)
        return Known(found.issuer, subject, found.name, found.level, found.kind, found.number)

    def way_out(self, kept: str, back: str, state: str) -> str | None:
        """Return None: the service has no way to sign out."""
        return None

    def _ask(self, method: str, url: str, **sent: Any) -> Mapping[str, Any]:
        sealed = fetch(method, url, ca_bundle=self._agreed.ca_bundle, **sent)
        try:
            found = json.loads(self._open(str(sealed["data"]), str(sealed["key"])))
        except (KeyError, ValueError) as error:
            raise LoginUntrusted(_UNREADABLE) from error
        if not isinstance(found, dict):
            raise LoginUntrusted(_UNREADABLE)
        return found

    def _open(self, data: str, key: str) -> bytes:
        try:
            secret = self._key.decrypt(base64.b64decode(key, validate=True), padding.PKCS1v15())
            # The service's choice, not ours: see above.
            opened = Cipher(AES(secret), ECB()).decryptor()  # noqa: S305
            padded = opened.update(base64.b64decode(data, validate=True)) + opened.finalize()
            unpadder = PKCS7(128).unpadder()
            return unpadder.update(padded) + unpadder.finalize()
        except ValueError as error:
            raise LoginUntrusted(_UNREADABLE) from error


def _raw(query: bytes) -> dict[str, str]:
    """Return the parameters with every `+` as it came: the service does not encode it."""
    try:
        told = query.decode("ascii")
    except UnicodeDecodeError as error:
        raise LoginUntrusted("an answer that cannot be read") from error
    pairs = (part.partition("=") for part in told.split("&")[:20])
    return {unquote(name): unquote(value) for name, _equals, value in pairs}


def _challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier (:rfc:`7636`)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _private_key(path: Path) -> RSAPrivateKey:
    try:
        found = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        told = f"[plugin.vneid.envelope] `private_key`: {path} cannot be read as a PEM key: {error}"
        raise ValueError(told) from error
    if not isinstance(found, RSAPrivateKey):
        raise ValueError(f"[plugin.vneid.envelope] `private_key`: {path} is no RSA key")
    return found
