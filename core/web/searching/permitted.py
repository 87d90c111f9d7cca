"""What search may show: what is on at the unit that owns it.

The index is asked for no more than that, so that its counts are right. What it answers is checked
against the database all the same: an index that lags behind can never show what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import g

from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Source, Unit, unit_scope
from hoitu.core.web.site import kept, now

#: Who switches off what there may be entries of. What the law or the type of the unit never let be
#: on has none.
_SWITCHED = frozenset({Source.CHOICE, Source.WAIVER})


def on_here() -> frozenset[str]:
    """Return the sections that are on at the addressed unit."""
    return frozenset(m.name for m in platform.switchboard.sections_on(g.unit))


def off_here() -> frozenset[tuple[int, str]]:
    """Return the requirements of the addressed unit that are off inside sections that are on."""
    sections = on_here()
    served = {r for t in platform.types if t.section in sections for r in t.requirements}
    on = {r for s in sections for r in platform.switchboard.requirements_on(g.unit, s)}
    return frozenset((g.unit.id, r) for r in served - on)


def off_in_the_province() -> frozenset[tuple[int, str]]:
    """Return what units have switched off, as pairs of unit and requirement."""
    return kept("search-off", lambda: frozenset(_switched_off(platform.units.sites())))


def _switched_off(units: Iterable[Unit]) -> Iterable[tuple[int, str]]:
    sections = {kind.section for kind in platform.types}
    parts = [(s, part) for s in sections for part in platform.switchboard.parts(s)]
    for unit in units:
        for section, part in parts:
            decision = platform.switchboard.explain(unit, section, part)
            if not decision.on and decision.source in _SWITCHED:
                yield unit.id, part


def visible(found: Iterable[tuple[int, int]], *, wide: bool) -> dict[int, tuple[Item, Unit]]:
    """Return those of some hits (id, unit id) that a visitor may see, by id: one statement."""
    hits = dict(found)
    with unit_scope(*(set(hits.values()) if wide else {g.unit.id})):
        known = [kind.name for kind in platform.types]
        items = queries.by_ids(session(), list(hits), now(), known)
    owned = ((item, platform.units.by_id(item.unit_id)) for item in items)
    return {
        item.id: (item, unit)
        for item, unit in owned
        if unit and platform.switchboard.section_on(unit, item.section, item.requirement)
    }
