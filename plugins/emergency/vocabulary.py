"""Words of banners: how grave they are, and how long they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask_babel import lazy_gettext as _
from flask_babel import ngettext

#: What a banner is called, by its severity: the word that stands beside colour and picture.
WORDS: Final[Mapping[str, Any]] = {
    "emergency": _("Emergency"),
    "warning": _("Warning"),
    "information": _("Information"),
}
#: The same with when to choose it.
EXPLAINED: Final[Mapping[str, Any]] = {
    "emergency": _("Emergency: danger to life or property, act now"),
    "warning": _("Warning: danger may come, prepare"),
    "information": _("Information: something everybody should know today"),
}
#: For how many hours a banner can stand at a time; it can be extended as often as it is needed.
HOURS: Final = (1, 3, 6, 12, 24, 48, 72, 168)
#: What is proposed.
USUAL: Final = 24


def severities() -> Sequence[tuple[str, Any]]:
    """Return (key, label) of the severities, the gravest first."""
    return tuple(EXPLAINED.items())


def durations() -> Sequence[tuple[str, Any]]:
    """Return (hours, label) of the times a banner can stand."""
    return tuple((str(hours), duration(hours)) for hours in HOURS)


def duration(hours: int) -> str:
    """Return a number of hours in words, in days where they are whole ones."""
    if hours > 24 and hours % 24 == 0:
        return str(ngettext("%(num)d day", "%(num)d days", hours // 24))
    return str(ngettext("%(num)d hour", "%(num)d hours", hours))
