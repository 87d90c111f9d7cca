"""What a list of the desk is narrowed to: by its address, and so by a kept view or a batch.

The same narrowing serves the page, "all that fit", the table to take away and the kept views: what
is done is done to what was shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, case, literal_column, or_, select

from hoitu.core import clock, text
from hoitu.core.access import Account
from hoitu.core.access.staff import staff_of
from hoitu.core.admin import work
from hoitu.core.admin.paging import LAST_CHANGED, ORDERS, Order
from hoitu.core.batches.sheet_columns import with_strokes
from hoitu.core.content import STATES, Choice, ContentType, Field, Flag, Item, Reference
from hoitu.core.content.item import PUBLISHED, TRASHED
from hoitu.core.extensions import session
from hoitu.core.forms import referable
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import today

#: Names of parameters; those of a type's own filters are declared by its fields.
STATE, QUERY, CURSOR = "trang-thai", "q", "tu"
RESPONSIBLE, SINCE, UNTIL, ORDER = "phu-trach", "sua-tu", "sua-den", "thu-tu"
RESERVED = frozenset({STATE, QUERY, CURSOR, RESPONSIBLE, SINCE, UNTIL, ORDER})
#: Values of filters that are no keys of a vocabulary.
ME, NOBODY, NOTHING = "toi", "khong", "-"


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """A filter as the form of the list shows it: (value, label) pairs and the chosen value."""

    name: str
    label: Any
    options: Sequence[tuple[str, Any]]
    chosen: str


@dataclass(frozen=True, slots=True)
class DayBox:
    """A day that is typed into the form of the list."""

    name: str
    label: Any
    typed: str
    wrong: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A type's items as an address narrows them, and what its form shows."""

    kind: ContentType
    chosen: Select[Any]
    #: The ids of the same items; without the type's own table where nothing asks for it.
    ids: Select[Any]
    state: str
    words: str
    filters: Sequence[DeskFilter]
    days: Sequence[DayBox]
    order: Order
    #: All that narrows and sorts, as the address has it: what is not understood is left out.
    parameters: Mapping[str, str]

    def path(self, endpoint: str = "desk.items", **more: str) -> str:
        """Return the address of the list as it is narrowed, or of what another page does to it."""
        parameters: dict[str, Any] = {**self.parameters, **more}
        return url_for(endpoint, type_name=self.kind.name, **parameters)

    @property
    def query(self) -> str:
        """All that narrows and sorts, as the part of an address after the question mark."""
        return urlencode(dict(self.parameters))

    @property
    def in_trash(self) -> bool:
        """Whether it is the trash."""
        return self.state == TRASHED

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out that the plain list, or the trash, would show."""
        rest = set(self.parameters) - {ORDER}
        return bool(rest - {STATE} if self.in_trash else rest)


def narrowing(kind: ContentType, address: Mapping[str, str]) -> Narrowing:
    """Return what the parameters of an address narrow a type's items to."""
    state = address.get(STATE, "")
    state = state if state in STATES else ""
    words = text.nfc(address.get(QUERY, ""))[:200].strip()
    days = _day(SINCE, _("Changed from"), address), _day(UNTIL, _("Changed until"), address)
    order = ORDERS.get(address.get(ORDER, ""), LAST_CHANGED)
    by_state = state not in ("", PUBLISHED)
    filters, where = _filters(kind, address, by_state=by_state)
    where += [Item.type == kind.name, work.requirement_on(kind), *_between(*days)]
    where.append(state_is(state) if state else Item.state != TRASHED)
    if words:
        where.append(_mentions(kind, words))
    chosen = select(kind.model).where(*where)
    own = {f.filter for name, f in kind.filters.items() if name not in Item.__table__.columns}
    is_asked = bool(words) or any(one.chosen and one.name in own for one in filters)
    states = [(s, work.context().workflow_of(kind).label(s)) for s in _states(kind)]
    shown = DeskFilter(STATE, _("State"), states, state if state != TRASHED else "")
    parameters = {STATE: state, QUERY: words, **{f.name: f.chosen for f in filters}}
    parameters |= {box.name: box.typed for box in days if box.day} | {ORDER: order.name}
    return Narrowing(
        kind=kind,
        chosen=chosen,
        ids=_ids(chosen) if is_asked else select(Item.id).where(*where),
        state=state,
        words=words,
        filters=[shown, *filters],
        days=days,
        order=order,
        parameters={name: value for name, value in parameters.items() if value},
    )


def work_state() -> ColumnElement[str]:
    """Return where the work on an item stands, as the index ``ix_item_work`` has it."""
    # Literals: only so do the databases see that it is the expression of the index.
    return case((Item.draft_state == literal_column("''"), Item.state), else_=Item.draft_state)


def state_is(state: str) -> ColumnElement[bool]:
    """Return the condition that the work on an item stands at ``state``.

    What is public is found as published whatever waits behind it.
    """
    return Item.state == PUBLISHED if state == PUBLISHED else work_state() == state


def stands_in(*states: str) -> ColumnElement[bool]:
    """Return the condition that the work on an item stands at one of the states.

    Beside alternatives that each name a state it says nothing new; but only a condition that holds
    for all of them leads a database to the index, and so to the few entries that wait.
    """
    return work_state().in_(states)


def people() -> list[tuple[str, str]]:
    """Return (account, name) of this unit's staff today and of whoever still has entries here.

    They come in Vietnamese order of their names.
    """
    found = {account.id: account.name for account, _who in staff_of(session(), g.unit.id, today())}
    entrusted = select(Item.id).where(Item.responsible_id == Account.id).exists()
    left = select(Account.id, Account.name).where(entrusted)
    found |= {row.id: row.name for row in session().execute(left)}
    ordered = sorted(found.items(), key=lambda one: text.person_sort_key(one[1]))
    return [(str(account_id), name) for account_id, name in ordered]


def options_of(declared: Field) -> list[tuple[str, Any]]:
    """Return (value, label) of what a field can be narrowed to or set to; none for other kinds."""
    if isinstance(declared.kind, Reference):
        return [(str(item_id), title) for item_id, title in referable(declared.kind)]
    if isinstance(declared.kind, Flag):
        return [("1", _("Yes")), ("0", _("No"))]
    return list(declared.kind.options()) if isinstance(declared.kind, Choice) else []


def _ids(chosen: Select[Any]) -> Select[Any]:
    return chosen.with_only_columns(Item.id, maintain_column_froms=True)


def _states(kind: ContentType) -> list[str]:
    return [s for s in work.context().workflow_of(kind).states if s != TRASHED]


def _filters(
    kind: ContentType, address: Mapping[str, str], *, by_state: bool
) -> tuple[list[DeskFilter], list[ColumnElement[bool]]]:
    """Return all filters but that of the state, and what those that are set demand."""
    staff = [(ME, _("Me")), (NOBODY, _("Nobody")), *people()]
    found = [_chosen(RESPONSIBLE, _("Responsible"), staff, address)]
    where = [_is_responsible(found[0].chosen, by_state)] if found[0].chosen else []
    for name, declared in kind.filters.items():
        options = options_of(declared)
        if not options or declared.filter in RESERVED:
            continue
        if not isinstance(declared.kind, Flag):
            options = [*options, (NOTHING, _("(none)"))]
        one = _chosen(declared.filter, declared.label, options, address)
        found.append(one)
        if one.chosen:
            where.append(_has(getattr(kind.model, name), declared, one.chosen))
    return found, where


def _chosen(
    name: str, label: Any, options: Sequence[tuple[str, Any]], address: Mapping[str, str]
) -> DeskFilter:
    value = text.nfc(address.get(name, ""))
    return DeskFilter(name, label, options, value if value in dict(options) else "")


def _has(column: Any, declared: Field, value: str) -> Any:
    if value != NOTHING:
        return column == declared.kind.from_address(value)
    return or_(column.is_(None), column == "") if declared.kind.empty == "" else column.is_(None)


def _is_responsible(value: str, by_state: bool) -> ColumnElement[bool]:
    """Return the condition that somebody is responsible.

    ``by_state``: the list is of what waits, which is little. Of two indexes that fit as well SQLite
    takes the one of a person, who may have written most of the archive; a sum has none.
    """
    if value == NOBODY:
        return Item.responsible_id.is_(None)
    account = current_actor().account_id if value == ME else int(value)
    return (Item.responsible_id + 0 if by_state else Item.responsible_id) == account


def _day(name: str, label: Any, address: Mapping[str, str]) -> DayBox:
    typed = text.nfc(address.get(name, ""))[:40].strip()
    try:
        return DayBox(
            name, label, typed, day=clock.parse_date(with_strokes(typed)) if typed else None
        )
    except ValueError:
        told = _("Not a date. Write it as dd/mm/yyyy, for example 27/11/2023.")
        return DayBox(name, label, typed, wrong=told)


def _between(since: DayBox, until: DayBox) -> list[ColumnElement[bool]]:
    found = []
    if since.day:
        found.append(Item.updated_at >= _midnight(since.day))
    if until.day and until.day < date.max:
        found.append(Item.updated_at < _midnight(until.day + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.ZONE)


def _mentions(kind: ContentType, words: str) -> ColumnElement[bool]:
    """Return the condition that an item is called something like ``words``, with or without marks.

    The slug is the title without marks; so no column has to be kept for this search alone.
    """
    columns = [Item.title, Item.summary]
    columns += [getattr(kind.model, n) for n, f in kind.fields.items() if f.search == "exact"]
    found = [column.icontains(words, autoescape=True) for column in columns]
    if folded := "-".join(text.words(words)):
        found.append(Item.slug.contains(folded, autoescape=True))
    return or_(*found)
