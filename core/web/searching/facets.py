"""The filters beside the results, as plain links with counts, and the chosen ones as chips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _

from hoitu.core.extensions import platform
from hoitu.core.search import SearchResults
from hoitu.core.web.searching.asking import Asked
from hoitu.core.web.site import language, today

#: Values of a facet that are shown at once; the others unfold.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A value of a facet: so many results are left when it is chosen."""

    label: Any
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter that is not chosen yet."""

    label: Any
    values: Sequence[Narrowing]

    @property
    def first(self) -> Sequence[Narrowing]:
        """The values shown at once: folding away a single one would save nothing."""
        return self.values if len(self.values) <= AT_ONCE + 1 else self.values[:AT_ONCE]

    @property
    def others(self) -> Sequence[Narrowing]:
        """The values that unfold."""
        return self.values[len(self.first) :]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is chosen, and the address of the results without it."""

    label: Any
    value: Any
    address: str


def chips(asked: Asked) -> list[Chip]:
    """Return the chosen filters."""
    found = []
    if asked.unit:
        name = asked.unit.name(today(), language())
        found.append(Chip(_("Agency"), name, asked.address(unit=None)))
    if asked.kind:
        address = asked.address(kind=None, own={})
        found.append(Chip(_("Content type"), asked.kind.label_plural, address))
    for parameter, value in asked.own.items():
        facet = asked.facets[parameter]
        found.append(Chip(facet.label, facet.word_for(value), asked.without(parameter)))
    if asked.year:
        found.append(Chip(_("Year"), str(asked.year), asked.address(year=None)))
    return found


def facets(asked: Asked, found: SearchResults) -> list[Facet]:
    """Return the filters that would narrow what was found."""
    return [
        facet
        for facet in _offered(asked, found.facets)
        if len(facet.values) > 1 or any(value.count < found.total for value in facet.values)
    ]


def _offered(asked: Asked, counts: Mapping[str, Mapping[str, int]]) -> Iterator[Facet]:
    if not asked.kind:
        yield Facet(_("Content type"), list(_types(asked, counts.get("type", {}))))
    for parameter, facet in asked.facets.items():
        if parameter not in asked.own:
            yield Facet(facet.label, list(_own(asked, parameter, counts.get(facet.name, {}))))
    if asked.wide and not asked.unit:
        yield Facet(_("Agency"), list(_units(asked, counts.get("unit", {}))))
    if not asked.year:
        years = sorted(counts.get("year", {}).items(), reverse=True)
        values = [Narrowing(y, n, asked.address(year=int(y))) for y, n in years if y.isdigit()]
        yield Facet(_("Year"), values)


def _types(asked: Asked, counts: Mapping[str, int]) -> Iterator[Narrowing]:
    for name, count in counts.items():
        if kind := platform.types.get(name):
            yield Narrowing(kind.label_plural, count, asked.address(kind=kind))


def _own(asked: Asked, parameter: str, counts: Mapping[str, int]) -> Iterator[Narrowing]:
    facet = asked.facets[parameter]
    for value, count in counts.items():
        if facet.knows(value):
            address = asked.address(own={**asked.own, parameter: value})
            yield Narrowing(facet.word_for(value), count, address)


def _units(asked: Asked, counts: Mapping[str, int]) -> Iterable[Narrowing]:
    """Yield the units with results, that of the site first."""
    own = str(g.unit.id)
    for unit_id in sorted(counts, key=lambda unit_id: unit_id != own):
        if unit := platform.units.by_id(int(unit_id)):
            label = unit.name(today(), language())
            yield Narrowing(label, counts[unit_id], asked.address(unit=unit))
