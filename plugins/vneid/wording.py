"""What people read at the sign-in."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from hoitu.plugins.vneid.settings import Settings


def words(settings: Settings) -> tuple[Any, Any]:
    """Return what the button says, and what is told beside it."""
    if settings.simulation:
        return (
            _("Sign in with VNeID (simulation)"),
            _("This is a simulation with invented people. Nobody is really signed in with VNeID."),
        )
    return _("Sign in with VNeID"), ""
