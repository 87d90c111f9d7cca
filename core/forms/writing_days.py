"""How people are told to write days and times: in one form, with one example, that of the clock."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from hoitu.core import clock

_EXAMPLE = datetime(2026, 9, 5, 8, 30, tzinfo=clock.ZONE)
_DAY, _MOMENT = clock.format_date(_EXAMPLE.date()), f"{_EXAMPLE:%d/%m/%Y %H:%M}"

DAY_HINT = _(
    "Day/month/year, for example %(day)s; also without strokes: %(digits)s.",
    day=_DAY,
    digits=_DAY.replace("/", ""),
)
"""Beside a field for a day."""
DAY_SHORT = _("e.g. %(day)s", day=_DAY)
"""Inside a field for a day, where there is no room beside it."""
MOMENT_HINT = _("Day/month/year and time, for example %(moment)s, Vietnamese time.", moment=_MOMENT)
"""Beside a field for a day and a time of day."""
