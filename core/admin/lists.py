"""The list of a content type: its columns, filters, search and trash. One view for all types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, or_, select

from hoitu.core import text
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.paging import last_changed_first
from hoitu.core.content import (
    STATES,
    Choice,
    ContentType,
    Cursor,
    Field,
    Flag,
    Item,
    Page,
    Reference,
    queries,
)
from hoitu.core.content.item import PUBLISHED, TRASHED
from hoitu.core.extensions import session
from hoitu.core.forms import referable, shown

SIZE = 25
#: Names of parameters; those of filters are the types' own.
STATE, QUERY, CURSOR = "trang-thai", "q", "tu"


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """A filter as the form of the list shows it: (value, label) pairs and the chosen value."""

    name: str
    label: Any
    options: Sequence[tuple[str, Any]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: the item and its columns as text."""

    item: Item
    cells: Sequence[str]


@blueprint.get("/<type_name>")
@requires("core.desk")
def items(type_name: str) -> str:
    """Show one page of a type's items, the last changed first."""
    kind = work.kind_named(type_name)
    chosen, filters = _narrowed(kind)
    page = last_changed_first(
        session(), chosen, cursor=Cursor.decode(request.args.get(CURSOR)), size=SIZE
    )
    return render_template(
        "desk/items.html",
        kind=kind,
        headings=[_declared(kind, name).label for name in kind.columns],
        rows=_rows(kind, page),
        total=queries.capped_count(session(), chosen),
        filters=filters,
        words=_words(),
        in_trash=_state() == TRASHED,
        narrowed=bool(_words() or any(f.chosen for f in filters)),
        older=_place(kind, page.older, filters),
        newer=_place(kind, page.newer, filters),
        may_create=work.may(kind, "create"),
    )


def state_is(state: str) -> ColumnElement[bool]:
    """Return the condition that the work on an item stands at ``state``."""
    if state == PUBLISHED:
        return Item.state == PUBLISHED
    return or_(Item.draft_state == state, and_(Item.draft_state == "", Item.state == state))


def _narrowed(kind: ContentType) -> tuple[Select[Any], list[DeskFilter]]:
    """Return the select the request asks for, and the filters with what it chose."""
    chosen = select(kind.model).where(Item.type == kind.name, work.requirement_on(kind))
    state = _state()
    chosen = chosen.where(state_is(state) if state else Item.state != TRASHED)
    states = [(s, label) for s, label in STATES.items() if s != TRASHED]
    filters = [DeskFilter(STATE, _("State"), states, state if state != TRASHED else "")]
    for name, declared in kind.filters.items():
        options = _options(declared)
        value = text.nfc(request.args.get(declared.filter, ""))
        if value and value in dict(options):
            chosen = chosen.where(getattr(kind.model, name) == declared.kind.from_address(value))
        else:
            value = ""
        if options:
            filters.append(DeskFilter(declared.filter, declared.label, options, value))
    if words := _words():
        chosen = chosen.where(_mentions(kind, words))
    return chosen, filters


def _options(declared: Field) -> list[tuple[str, Any]]:
    if isinstance(declared.kind, Reference):
        return [(str(item_id), title) for item_id, title in referable(declared.kind)]
    if isinstance(declared.kind, Flag):
        return [("1", _("Yes")), ("0", _("No"))]
    return list(declared.kind.options()) if isinstance(declared.kind, Choice) else []


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


def _rows(kind: ContentType, page: Page[Any]) -> list[Row]:
    declared = [_declared(kind, name) for name in kind.columns]
    titles = _titles(declared, page)
    return [Row(item, [_cell(field, item, titles) for field in declared]) for item in page.items]


def _cell(declared: Field, item: Item, titles: Mapping[int, str]) -> str:
    value = getattr(item, declared.name)
    if isinstance(declared.kind, Reference):
        return titles.get(value, "")
    return text.excerpt(shown(declared, value), 120)


def _titles(declared: Sequence[Field], page: Page[Any]) -> dict[int, str]:
    """Return the titles of all items the page refers to: one statement, or none."""
    names = [field.name for field in declared if isinstance(field.kind, Reference)]
    ids = {getattr(item, name) for item in page.items for name in names} - {None}
    if not ids:
        return {}
    rows = session().execute(select(Item.id, Item.title).where(Item.id.in_(ids)))
    return {row.id: row.title for row in rows}


def _declared(kind: ContentType, name: str) -> Field:
    return kind.fields.get(name) or kind.model.fields()[name]


def _state() -> str:
    state = request.args.get(STATE, "")
    return state if state in STATES else ""


def _words() -> str:
    return text.nfc(request.args.get(QUERY, ""))[:200].strip()


def _place(kind: ContentType, cursor: Cursor | None, filters: Sequence[DeskFilter]) -> str:
    if cursor is None:
        return ""
    parameters: dict[str, Any] = {f.name: f.chosen for f in filters if f.chosen}
    if _state():
        parameters[STATE] = _state()
    if _words():
        parameters[QUERY] = _words()
    parameters[CURSOR] = cursor.encode()
    return url_for("desk.items", type_name=kind.name, **parameters)
