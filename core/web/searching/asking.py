"""What a visitor asked for, as the address of a page of results says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import g, request, url_for
from werkzeug.datastructures import MultiDict

from hoitu.core import text
from hoitu.core.content import ContentType
from hoitu.core.extensions import platform
from hoitu.core.search import SearchQuery
from hoitu.core.units import Unit
from hoitu.core.web.searching.labels import OwnFacet, own_facets
from hoitu.core.web.searching.permitted import off_here, off_in_the_province, on_here
from hoitu.core.web.site import today

#: Parameters: words, place, unit, type, year, order, page, and that no other spelling is wanted.
QUERY, PLACE, UNIT, TYPE, YEAR = "q", "pham-vi", "don-vi", "loai", "nam"
ORDER, PAGE, LITERAL = "thu-tu", "trang", "dung-nhu-go"
#: Values of the parameters for place, order and spelling.
PROVINCE, NEWEST, YES = "toan-tinh", "moi-nhat", "co"
RESERVED = frozenset({QUERY, PLACE, UNIT, TYPE, YEAR, ORDER, PAGE, LITERAL})
#: Hits on a page, and the pages one can turn to: who goes further had better ask for less.
SIZE, LAST_PAGE = 20, 50
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """Words, place and filters. A value that nothing is known of was left out."""

    words: str
    wide: bool = False
    unit: Unit | None = None
    kind: ContentType | None = None
    #: Values of the type's own facets, by the parameter.
    own: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None
    newest: bool = False
    literal: bool = False
    page: int = 1

    @property
    def facets(self) -> Mapping[str, OwnFacet]:
        """The facets of the chosen type, by their parameter."""
        return {_parameter(facet): facet for facet in own_facets(self.kind)} if self.kind else {}

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is chosen."""
        return bool(self.unit or self.kind or self.own or self.year)

    @property
    def parameters(self) -> dict[str, Any]:
        """The same for an address."""
        found = {
            QUERY: self.words,
            PLACE: PROVINCE if self.wide else "",
            UNIT: self.unit.slug if self.unit else "",
            TYPE: self.kind.name if self.kind else "",
            **self.own,
            YEAR: self.year,
            ORDER: NEWEST if self.newest else "",
            LITERAL: YES if self.literal else "",
            PAGE: self.page if self.page > 1 else "",
        }
        return {name: value for name, value in found.items() if value}

    def address(self, **changes: Any) -> str:
        """Return the address of the first page of results with some things changed."""
        return url_for("search.results", **replace(self, **{"page": 1, **changes}).parameters)

    def without(self, parameter: str) -> str:
        """Return the address of the results without one of the type's own facets."""
        return self.address(own={n: v for n, v in self.own.items() if n != parameter})

    def query(self, *, wide: bool | None = None, limit: int = SIZE) -> SearchQuery:
        """Return what the search engine is asked, here or in the province."""
        wide = self.wide if wide is None else wide
        return SearchQuery(
            text=self.words,
            unit_ids=_units(self.unit, wide),
            sections=None if wide else on_here(),
            types=frozenset({self.kind.name}) if self.kind else None,
            hidden=off_in_the_province() if wide else off_here(),
            since=date(self.year, 1, 1) if self.year else None,
            until=date(self.year, 12, 31) if self.year else None,
            facets={self.facets[name].name: value for name, value in self.own.items()},
            place="" if wide else g.unit.name(today()),
            order="newest" if self.newest else "relevance",
            limit=limit,
            offset=(self.page - 1) * SIZE if limit == SIZE else 0,
        )


def asked() -> Asked:
    """Return what the request asks for."""
    sent = request.args
    wide = sent.get(PLACE) == PROVINCE
    kind = platform.types.get(sent.get(TYPE, ""))
    return Asked(
        words=typed(sent.get(QUERY, "")),
        wide=wide,
        unit=platform.units.by_slug(sent.get(UNIT, "")) if wide else None,
        kind=kind,
        own=_own(kind, sent),
        year=_number(sent.get(YEAR, ""), 1800, 2200),
        newest=sent.get(ORDER) == NEWEST,
        literal=sent.get(LITERAL) == YES,
        page=_number(sent.get(PAGE, ""), 1, LAST_PAGE) or 1,
    )


def typed(words: str) -> str:
    """Return words as they are looked for: on one line, not endless."""
    return text.one_line(words[: 2 * LONGEST])[:LONGEST]


def _parameter(facet: OwnFacet) -> str:
    """Return the name of a facet in addresses: that of the list of its type, where it is free."""
    return f"{facet.filter}-con" if facet.filter in RESERVED else facet.filter


def _own(kind: ContentType | None, sent: MultiDict[str, str]) -> dict[str, str]:
    named = {_parameter(facet): facet for facet in own_facets(kind)} if kind else {}
    found = ((name, facet, sent.get(name, "")) for name, facet in named.items())
    return {name: value for name, facet, value in found if value and facet.knows(value)}


def _units(unit: Unit | None, wide: bool) -> frozenset[int] | None:
    if wide:
        return frozenset({unit.id}) if unit else None
    return frozenset({g.unit.id})


def _number(value: str, first: int, last: int) -> int | None:
    """Return what was typed as a number from ``first`` to ``last``; None for anything else."""
    if not (value.isascii() and value.isdigit() and len(value) < 5):
        return None
    return int(value) if first <= int(value) <= last else None
