"""Which blocks the home page of a unit has, where, and in which order.

``data/home.toml`` says so for each type of unit; a unit that moves, adds or hides a block has an
order of its own from then on. Blocks that no order names stand where their weight puts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from flask_babel import lazy_gettext as _

from hoitu.core.extensions import platform
from hoitu.core.package_data import package_data
from hoitu.core.settings import setting
from hoitu.core.units import Source, Unit
from hoitu.core.web.contributions import Panel
from hoitu.core.web.ordering import in_order

#: Owner of these settings in the registry.
NAME = "core.home"
COLUMNS = MAIN, SIDE = "main", "side"


@dataclass(frozen=True)
class HomeOrder:
    """Names of blocks, one a line; all empty = as for units of this type."""

    main: str = setting("", label=_("Blocks of the wide column"))
    side: str = setting("", label=_("Blocks of the narrow column"))
    left_out: str = setting("", label=_("Blocks left out"))


@dataclass(frozen=True, slots=True)
class Order:
    """The blocks by column, and those that are left out; a name stands in one column only."""

    main: tuple[str, ...] = ()
    side: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()

    def column_of(self, panel: Panel) -> str:
        """Return the column of a block: its own, where the order does not name it."""
        if panel.name in self.main:
            return MAIN
        return SIDE if panel.name in self.side else panel.place


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the home page as the unit's administrator sees it."""

    panel: Panel
    left_out: bool
    #: Whether the law demands of the unit what its section holds.
    demanded: bool


def order_of(unit: Unit) -> Order:
    """Return the order that holds for a unit."""
    chosen = platform.settings.of(HomeOrder, unit)
    if not (chosen.main or chosen.side or chosen.left_out):
        return usual_order(unit.type)
    left_out = frozenset(chosen.left_out.split())
    return Order(tuple(chosen.main.split()), tuple(chosen.side.split()), left_out)


def usual_order(unit_type: str) -> Order:
    """Return the order for units of a type: the first profile that is for it or its groups."""
    known = platform.catalogues.unit_type(unit_type)
    found = (order for names, order in _profiles() if known is not None and known.matches(names))
    return next(found, Order())


def columns(unit: Unit) -> tuple[list[Panel], list[Panel]]:
    """Return the blocks of the wide and of the narrow column, without those left out."""
    order = order_of(unit)
    wide, narrow = arranged(order, platform.hooks.home_panels(unit))
    return _shown(order, wide), _shown(order, narrow)


def blocks(unit: Unit) -> tuple[list[Block], list[Block]]:
    """Return the blocks of both columns, with those left out."""
    order = order_of(unit)
    wide, narrow = arranged(order, platform.hooks.home_panels(unit))
    wide_blocks, narrow_blocks = (
        [Block(p, p.name in order.left_out, _is_demanded(unit, p)) for p in found]
        for found in (wide, narrow)
    )
    return wide_blocks, narrow_blocks


def arranged(order: Order, panels: Sequence[Panel]) -> tuple[list[Panel], list[Panel]]:
    """Return the panels of the wide and of the narrow column, in order."""
    by_column: dict[str, list[Panel]] = {MAIN: [], SIDE: []}
    for panel in panels:
        # A place nobody knows is the wide column: better seen than lost.
        by_column.get(order.column_of(panel), by_column[MAIN]).append(panel)
    return (
        in_order(by_column[MAIN], _name, order.main),
        in_order(by_column[SIDE], _name, order.side),
    )


def section_of(panel: Panel) -> str:
    """Return the section a block belongs to: that of the type it shows, or of its template."""
    kind = platform.types.get(panel.name)
    return kind.section if kind else panel.template.partition("/")[0]


def _shown(order: Order, panels: Sequence[Panel]) -> list[Panel]:
    return [panel for panel in panels if panel.name not in order.left_out]


def _is_demanded(unit: Unit, panel: Panel) -> bool:
    section = section_of(panel)
    return any(
        platform.switchboard.explain(unit, section, part).source is Source.LAW
        for part in platform.switchboard.parts(section)
    )


def _name(panel: Panel) -> str:
    return panel.name


@cache
def _profiles() -> tuple[tuple[tuple[str, ...], Order], ...]:
    return tuple(
        (
            tuple(entry["for"]),
            Order(
                tuple(entry.get(MAIN, ())),
                tuple(entry.get(SIDE, ())),
                frozenset(entry.get("left_out", ())),
            ),
        )
        for entry in package_data("hoitu.core.web", "home")["profile"]
    )
