"""Public lists: filters, search within the list, keyset pages. One implementation for all types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import aliased
from werkzeug.datastructures import MultiDict

from hoitu.core import clock, text
from hoitu.core.content import Choice, ContentType, Cursor, Field, Invalid, Item, Page, queries
from hoitu.core.content.queries import COUNT_LIMIT, Placed
from hoitu.core.extensions import platform, session
from hoitu.core.search import SearchQuery, SearchUnavailable
from hoitu.core.web import translations
from hoitu.core.web.site import kept, now
from hoitu.core.web.visibility import on_at

#: Names of parameters in public addresses.
QUERY, YEAR, CURSOR = "q", "nam", "tu"
SIZE = 20
#: Hits of a search inside a list that are looked at.
SEARCH_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter."""

    value: str
    label: Any
    selected: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list as its form shows it."""

    name: str
    label: Any
    options: Sequence[Option]

    @property
    def chosen(self) -> Option | None:
        """The selected option, if any."""
        return next((o for o in self.options if o.selected), None)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a public list with everything its template shows."""

    kind: ContentType
    page: Page[Any]
    total: int
    text: str
    filters: Sequence[Filter]
    older_path: str
    newer_path: str
    #: Address parameters of the chosen filters, without the place in the list.
    parameters: Mapping[str, str]
    #: When anything in the list last changed, and was last looked at again. Words and a year do not
    #: narrow what is meant.
    changed_at: datetime | None = None
    reviewed_on: date | None = None

    @property
    def items(self) -> Sequence[Any]:
        """The items of this page."""
        return self.page.items

    @property
    def total_text(self) -> str:
        """The number of results as a reader is told it."""
        if self.total > COUNT_LIMIT:
            many = f"{COUNT_LIMIT:,}".replace(",", ".")
            return str(_("more than %(n)s results", n=many))
        return str(_("%(n)d results", n=self.total))


def listing(kind: ContentType, *, size: int = SIZE, **fixed: str) -> Listing:
    """Return the list of a type that the request asks for.

    ``fixed`` are field values the list is bound to, e.g. one news channel.
    """
    on = platform.switchboard.requirements_on(g.unit, kind.section)
    requirements = None if on.issuperset(kind.requirements) else on.intersection(kind.requirements)
    whole = queries.public(kind.model, now(), requirements)
    for name, value in fixed.items():
        whole = whole.where(getattr(kind.model, name) == value)
    arguments = request.args
    cursor = Cursor.decode(arguments.get(CURSOR))
    chosen = _filtered(kind, whole, arguments)
    words = text.nfc(arguments.get(QUERY, ""))[:200].strip()
    found_ids = _search(kind, words) if words else None
    if found_ids is not None:
        chosen = chosen.where(hit(found_ids))
    narrowed = bool(words) or len(_parameters(kind, arguments)) > 0
    survey = _surveyed(kind, whole, fixed, requirements)
    placed = _placed(kind, requirements) if survey.placed and not (narrowed or fixed) else None
    others = placed.around(session(), cursor, size) if placed else ()
    page = queries.page(session(), chosen, cursor=cursor, size=size, placed_here=others)
    if words and found_ids:
        page = _by_relevance(page, found_ids, cursor)
    parameters = _parameters(kind, arguments)
    own = queries.capped_count(session(), chosen) if narrowed else survey.size
    changed_at, reviewed_on = survey.dates(_chosen(kind, arguments))
    return Listing(
        kind=kind,
        page=replace(page, items=translations.in_language(page.items)),
        total=own + (survey.placed if placed else 0),
        text=words,
        filters=_filters(kind, survey, arguments),
        older_path=_place(page.older, parameters),
        newer_path=_place(page.newer, parameters),
        parameters=parameters,
        changed_at=max(filter(None, (changed_at, *(i.revised_at for i in others))), default=None),
        reviewed_on=reviewed_on,
    )


def _placed(kind: ContentType, requirements: frozenset[str] | None) -> Placed[Any] | None:
    return queries.placed(
        session(),
        kind.model,
        kind.section,
        now(),
        requirements=requirements,
        on_at=lambda owner_id: on_at(owner_id, kind.section),
    )


def _filtered(
    kind: ContentType, chosen: Select[Any], arguments: MultiDict[str, str]
) -> Select[Any]:
    for name, declared in kind.filters.items():
        if value := arguments.get(declared.filter, ""):
            chosen = chosen.where(_is(kind, name, declared, value))
    if year := _year(arguments):
        chosen = chosen.where(Item.sort_at >= _start(year), Item.sort_at < _start(year + 1))
    return chosen


def _is(kind: ContentType, name: str, declared: Field, value: str) -> ColumnElement[bool]:
    """Return the condition that a field has the value in an address; an odd one no item has."""
    try:
        wanted = declared.kind.from_address(value)
    except Invalid:
        return false()
    found: ColumnElement[bool] = getattr(kind.model, name) == wanted
    return found


@dataclass(frozen=True, slots=True)
class Survey:
    """What a list holds before it is narrowed; years are newest first, the size is capped."""

    used: Mapping[str, frozenset[str]]
    years: Sequence[int]
    size: int
    #: How many items of other units are placed here.
    placed: int
    #: For each combination of the filters' values: when it last changed and was last looked at.
    groups: Sequence[tuple[Mapping[str, str], datetime | None, date | None]]

    def dates(self, chosen: Mapping[str, str]) -> tuple[datetime | None, date | None]:
        """Return when what has the chosen values last changed, and was last looked at again."""
        within = [g for g in self.groups if all(g[0].get(n) == v for n, v in chosen.items())]
        changed = max((at for _, at, _ in within if at), default=None)
        return changed, max((day for _, _, day in within if day), default=None)


def _surveyed(
    kind: ContentType,
    whole: Select[Any],
    fixed: Mapping[str, str],
    requirements: frozenset[str] | None,
) -> Survey:
    key = ("survey", kind.name, requirements, *sorted(fixed.items()))

    def survey() -> Survey:
        placed = _placed(kind, requirements)
        return _survey(kind, whole, fixed, placed.count(session()) if placed else 0)

    return kept(key, survey)


def _survey(kind: ContentType, whole: Select[Any], fixed: Mapping[str, str], placed: int) -> Survey:
    """Return what ``whole`` holds: one statement, one row for each combination of filter values."""
    names = [
        name for name, f in kind.filters.items() if isinstance(f.kind, Choice) and name not in fixed
    ]
    columns = [getattr(kind.model, name) for name in names]
    figures = (
        func.max(Item.revised_at), func.max(Item.reviewed_on),
        func.min(Item.sort_at), func.max(Item.sort_at), func.count(),
    )  # fmt: skip
    grouped = whole.with_only_columns(*columns, *figures, maintain_column_froms=True)
    rows = session().execute(grouped.group_by(*columns).order_by(None)).all()
    ends = [clock.local(instant).year for row in rows for instant in row[-3:-1] if instant]
    return Survey(
        groups=[(dict(zip(names, row, strict=False)), row[-5], row[-4]) for row in rows],
        used={name: frozenset(row[n] for row in rows) for n, name in enumerate(names)},
        years=range(max(ends), min(ends) - 1, -1) if ends else (),
        size=min(sum(row[-1] for row in rows), COUNT_LIMIT + 1),
        placed=placed,
    )


def _filters(kind: ContentType, survey: Survey, arguments: MultiDict[str, str]) -> list[Filter]:
    found = []
    for name, used in survey.used.items():
        declared = kind.filters[name]
        assert isinstance(declared.kind, Choice)
        selected = arguments.get(declared.filter, "")
        options = [
            Option(key, label, key == selected)
            for key, label in declared.kind.options()
            if key in used
        ]
        found.append(Filter(declared.filter, declared.label, options))
    if len(survey.years) > 1:
        selected = str(_year(arguments) or "")
        options = [Option(str(y), str(y), str(y) == selected) for y in survey.years]
        found.append(Filter(YEAR, _("Year"), options))
    return found


def _year(arguments: MultiDict[str, str]) -> int | None:
    value = arguments.get(YEAR, "")
    return (
        int(value)
        if value.isascii()
        and value.isdigit()
        and 1800 <= int(value[:4]) <= 2200
        and len(value) == 4
        else None
    )


def _start(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=clock.ZONE)


def _search(kind: ContentType, words: str) -> list[int]:
    wanted = SearchQuery(
        text=words,
        unit_ids=frozenset({g.unit.id}),
        types=frozenset({kind.name}),
        limit=SEARCH_LIMIT,
    )
    try:
        found = platform.search.search(wanted)
        # A list has no place to say that it shows what was meant instead of what was typed.
        return [] if found.corrected else [hit.id for hit in found.hits]
    except SearchUnavailable:
        # Without the index a list can still be searched by title and summary.
        pattern = f"%{words}%"
        where = Item.title.ilike(pattern) | Item.summary.ilike(pattern)
        rows = select(Item.id).where(Item.type == kind.name, where).limit(SEARCH_LIMIT)
        return list(session().scalars(rows))


def hit(ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that an item was found, or a translation of it."""
    found = aliased(Item)
    return or_(Item.id.in_(ids), Item.id.in_(select(found.original_id).where(found.id.in_(ids))))


def _chosen(kind: ContentType, arguments: MultiDict[str, str]) -> dict[str, str]:
    """Return the values of the filters that offer a choice, by field, as far as any is chosen."""
    asked = {
        name: arguments.get(f.filter, "")
        for name, f in kind.filters.items()
        if isinstance(f.kind, Choice)
    }
    return {name: value for name, value in asked.items() if value}


def _by_relevance(page: Page[Any], ids: Sequence[int], cursor: Cursor | None) -> Page[Any]:
    """Order a first page of few hits by relevance; longer results stay in order of time."""
    if cursor is not None or page.older is not None:
        return page
    rank = {item_id: position for position, item_id in enumerate(ids)}
    return Page(sorted(page.items, key=lambda item: rank.get(item.id, len(rank))))


def _parameters(kind: ContentType, arguments: MultiDict[str, str]) -> dict[str, str]:
    names = [QUERY, YEAR, *(f.filter for f in kind.filters.values())]
    return {name: arguments[name] for name in names if arguments.get(name)}


def _place(cursor: Cursor | None, parameters: Mapping[str, str]) -> str:
    if cursor is None or request.endpoint is None:
        return ""
    values = {**(request.view_args or {}), **parameters, CURSOR: cursor.encode()}
    return url_for(request.endpoint, **values)
