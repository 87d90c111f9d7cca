"""Sealing: what is kept so that a copy of the database alone does not tell it.

The key lies in the instance, outside the database (``data_key``), and is another than the one that
signs sessions: that can be changed at any time, this one never without sealing everything anew.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE: Final = 12


class SealBroken(ValueError):
    """What is kept was changed, or sealed with another key or for another purpose."""


class Seal:
    """Locks texts for a purpose, and marks them so that equal ones are found again."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def lock(self, plain: str, purpose: str) -> str:
        """Return ``plain`` encrypted (AES-256-GCM); every time another text."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self._key("lock", purpose)).encrypt(nonce, plain.encode(), purpose.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, purpose: str) -> str:
        """Return what was locked for this purpose.

        :raises SealBroken: it was not, or not with this key.
        """
        try:
            raw = base64.urlsafe_b64decode(sealed)
            cipher = AESGCM(self._key("lock", purpose))
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise SealBroken(
                f"what is kept for {purpose} cannot be opened with data_key"
            ) from error

    def mark(self, plain: str, purpose: str) -> str:
        """Return a keyed hash (HMAC-SHA-256, 64 hexadecimal digits): the same for equal texts."""
        return hmac.new(self._key("mark", purpose), plain.encode(), hashlib.sha256).hexdigest()

    def _key(self, use: str, purpose: str) -> bytes:
        info = f"hoitu/{use}/{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._secret)
