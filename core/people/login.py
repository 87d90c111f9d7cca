"""What a plugin that signs people in gives: who they are, as their provider proved it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from hoitu.core.oidc import Away, LoginError
from hoitu.core.people.models import CITIZEN


class LevelTooLow(LoginError):
    """Somebody signed in, with an account of too low a level."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody a provider proved; nothing else of what it told goes further than here."""

    issuer: str
    subject: str
    name: str
    level: int
    kind: int = CITIZEN
    #: Number of a citizen or a business; '' when the provider told none.
    number: str = ""
    #: What the provider wants back when they sign out; '' for nothing. Kept sealed.
    way_out: str = ""


@runtime_checkable
class LoginProvider(Protocol):
    """A way to sign in. It keeps nothing itself; what it raises is a :class:`LoginError`."""

    @property
    def label(self) -> Any:
        """What the button says: `Sign in with ...`, in the language of the page."""

    @property
    def notice(self) -> Any:
        """What is said beside it, such as that it is a simulation; '' for nothing."""

    def begin(self, redirect_uri: str, level: int) -> Away:
        """Return where to send the browser, and what to keep until it is back.

        Somebody of whom ``level`` 2 is wanted is asked anew who they are; what comes back counts.
        """

    def finish(self, query: bytes, kept: Mapping[str, str]) -> Known:
        """Return who signed in, from the raw query of the callback."""

    def state_of(self, query: bytes) -> str:
        """Return the state in the raw query of the callback; '' when there is none."""

    def way_out(self, kept: str, back: str, state: str) -> str | None:
        """Return where to sign out at the provider too; None when there is no way."""
