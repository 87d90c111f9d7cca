"""What a unit shows of its figures."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from hoitu.core.settings import setting


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """What visitors see; the pages are counted in any case."""

    counters: bool = setting(True, label=_("Show the visit counters in the footer"))
    most_read: bool = setting(True, label=_("Show what is read most on the home page"))
    initial_total: int = setting(
        0,
        label=_("Visits before this site"),
        help=_(
            "What the counter of the old site showed on its last day; it is added to the total."
        ),
        largest=2_000_000_000,
    )
