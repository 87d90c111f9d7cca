"""The unit as an organisation: what its own pages tell of it, in the words of schema.org."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, false, select
from sqlalchemy.orm import with_polymorphic

from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit
from hoitu.core.web.addresses import full, origin
from hoitu.core.web.assets import asset_path
from hoitu.core.web.look import site_look
from hoitu.core.web.site import active_unit, kept, language, now, today
from hoitu.core.web.translations import in_language

#: Items that tell of the unit: its offices, its pages in social networks.
LIMIT = 30
#: Group of the unit types that govern a territory; the others work for that of a superior.
GOVERNING = ("all_people_committees",)

Node = dict[str, Any]


def reference(unit: Unit) -> Node:
    """Return a unit as other nodes name it."""
    address = origin(unit)
    named = {"@id": f"{address}/#co-quan", "url": f"{address}/"} if address else {}
    return {"@type": "GovernmentOrganization", **named, "name": unit.name(today(), language())}


def organisation() -> Node:
    """Return everything the site tells of its unit as a whole."""
    return kept("organisation", _organisation)


def territory(unit: Unit) -> str:
    """Return the name of the territory that a unit works for, or ''."""
    above: Unit | None = unit
    while above is not None:
        kind = platform.catalogues.unit_type(above.type)
        if kind is not None and kind.matches(GOVERNING):
            return above.short_name(today(), language())
        above = platform.units.parent(above, today())
    return ""


def mark() -> str:
    """Return the full address of the mark that stands beside the unit's name."""
    own = site_look().mark
    return full(own.path if own else asset_path("img/mark.svg"))


def _organisation() -> Node:
    unit = active_unit()
    found: Node = {**reference(unit), "logo": mark()}
    if (short := unit.short_name(today(), language())) != found["name"]:
        found["alternateName"] = short
    if (above := platform.units.parent(unit, today())) is not None:
        found["parentOrganization"] = reference(above)
    if area := territory(unit):
        found["areaServed"] = {"@type": "AdministrativeArea", "name": area}
    for told in _told():
        for name, value in told.items():
            _add(found, name, value)
    return found


def _told() -> list[Mapping[str, Any]]:
    """Return what items tell of the unit, the newest of types that are on here: one statement."""
    describing: dict[str, Callable[[Any], Mapping[str, Any]]] = {}
    here: ColumnElement[bool] = false()
    for kind in platform.types:
        on = platform.switchboard.requirements_on(active_unit(), kind.section)
        if kind.describe_unit is not None and (keys := on.intersection(kind.requirements)):
            describing[kind.name] = kind.describe_unit
            here |= and_(Item.type == kind.name, Item.requirement.in_(sorted(keys)))
    if not describing:
        return []
    every = with_polymorphic(Item, [platform.types[name].model for name in describing])
    chosen = select(every).where(queries.is_public(now()), queries.is_original(), here)
    newest = chosen.order_by(Item.sort_at.desc(), Item.id.desc()).limit(LIMIT)
    found = in_language(list(session().scalars(newest)))
    return [describing[item.type](item) for item in found]


def _add(found: Node, name: str, value: Any) -> None:
    """Add a value to those an organisation has under a name; one is not told twice."""
    if not value:
        return
    held = found.get(name)
    values = held if isinstance(held, list) else [] if held is None else [held]
    values = values if value in values else [*values, value]
    found[name] = values[0] if len(values) == 1 else values
