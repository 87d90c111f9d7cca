"""Full addresses of pages, in each language: the same on every host name a site answers to."""

from __future__ import annotations

from flask import g, request, url_for

from hoitu.core.content import Item, item_path
from hoitu.core.extensions import platform
from hoitu.core.i18n import prefix
from hoitu.core.units import Unit
from hoitu.core.web.site import active_unit, unit_address


def origin(unit: Unit | None = None) -> str:
    """Return scheme and host of a unit's site, by default of the addressed one, without a slash."""
    own = unit is None or unit == active_unit()
    found = unit_address(unit or active_unit())
    return (found or (request.host_url if own else "")).rstrip("/")


def full(path: str) -> str:
    """Return the full address of a path of the addressed site; full addresses stay as they are."""
    return origin() + path if path.startswith("/") else path


def item_address(item: Item, tongue: str) -> str:
    """Return the full address of an item in a language, at the unit that owns it."""
    kind = platform.types.get(item.type)
    path = kind.path(item) if kind else item_path(item)
    owner = platform.units.by_id(item.unit_id)
    return origin(owner) + prefix(tongue) + path.removeprefix(request.script_root)


def permanent_address(item: Item) -> str:
    """Return the full address under which an item stays reachable wherever it moves."""
    path = url_for("permalinks.item", item_id=item.id).removeprefix(request.script_root)
    return origin(platform.units.by_id(item.unit_id)) + path


def here(tongue: str) -> str:
    """Return the full address of the present page in a language.

    Of its parameters only the requirement stays, in its own section: the list of what fulfils one
    is a page by itself.
    """
    name = Item.fields()["requirement"].filter
    asked = request.args.get(name, "")
    section = (request.blueprint or "").partition(".")[0]
    part = f"?{name}={asked}" if asked and asked in platform.switchboard.parts(section) else ""
    return origin() + prefix(tongue) + request.path + part


def owner_name(item: Item, tongue: str) -> str:
    """Return the name of the unit that published an item, as it is called today."""
    owner = platform.units.by_id(item.unit_id) or g.unit
    return owner.name(platform.clock.today(), tongue)
