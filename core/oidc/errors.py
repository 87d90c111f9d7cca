"""Why nobody was signed in. The messages go to the operator's log: they name no person."""

from __future__ import annotations


class LoginError(Exception):
    """Nobody was signed in; the message says why."""


class LoginCancelled(LoginError):
    """The person, or the provider on their behalf, said no."""


class ProviderAway(LoginError):
    """The provider does not answer, or answers with an error of its own."""


class LoginUntrusted(LoginError):
    """What came back proves nothing: forged, too old, for somebody else, or not as agreed."""
