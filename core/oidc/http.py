"""How a provider is asked: in little time, for little, at the address that was agreed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from hoitu.core.oidc.errors import ProviderAway


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may take: seconds to connect, seconds in all, bytes."""

    connect: float = 3.0
    whole: float = 10.0
    size: int = 256 * 1024


class TooMuch(requests.RequestException):
    """An answer was larger, or took longer, than any answer of a provider does."""


class BoundAdapter(HTTPAdapter):
    """Reads an answer at once and no further than the limits allow."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        super().__init__()

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Return the answer, wholly read.

        :raises TooMuch: it does not end.
        """
        until = time.monotonic() + self._limits.whole
        options |= {"stream": True, "timeout": (self._limits.connect, self._limits.whole)}
        response = super().send(request, **options)
        body = bytearray()
        try:
            # Whatever is there, however little: waiting for a full part would outwait the time.
            while part := response.raw.read1(16 * 1024, decode_content=True):
                body += part
                if len(body) > self._limits.size:
                    raise TooMuch(f"the answer is larger than {self._limits.size} bytes")
                if time.monotonic() > until:
                    raise TooMuch(f"the answer took longer than {self._limits.whole:g} seconds")
        except HTTPError as error:
            raise requests.ConnectionError(type(error).__name__) from error
        finally:
            response.close()
        response._content = bytes(body)
        return response


def bind(session: requests.Session, limits: Limits, ca_bundle: str = "") -> None:
    """Have a session keep to the limits, follow no redirect, and believe no proxy's variables."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundAdapter(limits))
    session.max_redirects = 0
    session.trust_env = False
    if ca_bundle:
        session.verify = ca_bundle


def fetch(
    method: str, url: str, *, limits: Limits | None = None, ca_bundle: str = "", **options: Any
) -> Mapping[str, Any]:
    """Return the JSON object at an address.

    :raises ProviderAway: it cannot be had: no answer, an error, a redirect, or something else.
    """
    with requests.Session() as session:
        bind(session, limits or Limits(), ca_bundle)
        try:
            response = session.request(method, url, allow_redirects=False, **options)
            response.raise_for_status()
            found = response.json()
        except requests.RequestException as error:
            raise ProviderAway(_told(error)) from error
    if not isinstance(found, dict) or response.is_redirect:
        raise ProviderAway("the answer is no JSON object")
    return found


def _told(error: requests.RequestException) -> str:
    """Return what went wrong without the address, which may hold a token."""
    status = error.response.status_code if error.response is not None else None
    told = f"status {status}" if status else str(error) if isinstance(error, TooMuch) else ""
    return f"{type(error).__name__}{f': {told}' if told else ''}"
