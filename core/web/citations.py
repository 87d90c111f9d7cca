"""Documents cited by their numbers: where this site, or the province's, holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hoitu.core.content import queries
from hoitu.core.extensions import platform, session
from hoitu.core.text import number_key
from hoitu.core.web.site import active_unit, address_of, now


def cited(numbers: Iterable[str]) -> Mapping[str, str]:
    """Return the address of every document named by its number that is held: one statement.

    Asked are the sites of the unit and of the province, where the requirement is on; the unit's own
    copy goes first.
    """
    keys = {number: number_key(number) for number in numbers if number}
    if not keys:
        return {}
    province = platform.units.province()
    owners = {unit.id: unit for unit in (province, active_unit()) if unit is not None}
    found: dict[str, str] = {}
    for kind in platform.types:
        if not kind.cited_by:
            continue
        column = getattr(kind.model, kind.cited_by)
        held = queries.of_units(
            session(), kind.model, owners, now(), column.in_(set(keys.values()))
        )
        for item in sorted(held, key=lambda item: item.unit_id == active_unit().id):
            on = platform.switchboard.section_on
            if on(owners[item.unit_id], item.section, item.requirement):
                found[getattr(item, kind.cited_by)] = address_of(item)
    # One document may be written in several ways; each of them leads to it.
    return {number: found[key] for number, key in keys.items() if key in found}
