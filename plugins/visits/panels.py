"""What visitors see: the counters in the footer, and what is read most."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from flask_babel import lazy_gettext as _

from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.core.web import Panel, is_shown, now, today
from hoitu.plugins.visits.figures import Figures, figures, most_read_items
from hoitu.plugins.visits.settings import VisitSettings

#: Days over which it is asked what is read most, and how many entries are named.
SPAN: Final = timedelta(days=30)
NAMED: Final = 5
#: How long figures stand, and where an application keeps them by unit.
LIFE: Final = timedelta(minutes=1)
_MEMORY: Final = "hoitu_visits_figures"
#: Fewer are no list: a site that is hardly read yet does not show it.
FEWEST: Final = 3
#: More are read than shown: some belong to what is switched off.
_SPARE: Final = 15


def counters(unit: Unit) -> list[Panel]:
    """Return the counters, none before the first visit; a minute or two old at most."""
    chosen = platform.settings.of(VisitSettings, unit)
    if not chosen.counters:
        return []
    found = _lately(unit)
    if not found.total + chosen.initial_total:
        return []
    values = {
        "figures": (
            (_("Online now"), found.online),
            (_("Today"), found.today),
            (_("This month"), found.month),
            (_("All visits"), found.total + chosen.initial_total),
        )
    }
    return [Panel("visits", _("Visits"), "visits/counters.html", values, weight=900)]


def _lately(unit: Unit) -> Figures:
    """Return the figures of a unit: one statement in a minute, whatever else has changed."""
    known: dict[int, tuple[datetime, Figures]]
    known = current_app.extensions.setdefault(_MEMORY, {})
    until, found = known.get(unit.id, (None, None))
    if until is None or found is None or not now() < until:
        found = figures(unit, now(), today())
        known[unit.id] = now() + LIFE, found
    return found


def most_read(unit: Unit) -> list[Panel]:
    """Return the block of what is read most, none while hardly anything is: one statement."""
    if not platform.settings.of(VisitSettings, unit).most_read:
        return []
    public = queries.public(Item, now()).where(queries.is_loadable())
    found = most_read_items(unit, public, today() - SPAN, NAMED + _SPARE)
    shown = [item for item in found if is_shown(item)][:NAMED]
    if len(shown) < FEWEST:
        return []
    values = {"found": shown}
    title = _("Most read")
    return [Panel("most_read", title, "visits/most_read.html", values, weight=95, place="side")]
