"""The list of a content type: its columns, filters, search and trash. One view for all types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request
from sqlalchemy import select

from hoitu.core import text
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.batches import offers, saved_views
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.narrowing import CURSOR, Narrowing, narrowing
from hoitu.core.admin.paging import ORDERS, page
from hoitu.core.admin.privacy.views import shown as shown_ids
from hoitu.core.content import ContentType, Field, Item, Reference, queries
from hoitu.core.extensions import session
from hoitu.core.forms import shown

SIZE = 25


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: the item and its columns as text."""

    item: Item
    cells: Sequence[str]


@blueprint.get("/<type_name>")
@requires("core.desk")
def items(type_name: str) -> str:
    """Show one page of a type's items, the last changed first unless asked otherwise."""
    kind = work.kind_named(type_name)
    chosen = narrowing(kind, request.args)
    found = page(session(), chosen.chosen, chosen.order, request.args.get(CURSOR), SIZE)
    if any(_declared(kind, name).personal for name in kind.columns):
        shown_ids(kind, [item.id for item in found.items])
    return render_template(
        "desk/items.html",
        kind=kind,
        chosen=chosen,
        headings=[_declared(kind, name).label for name in kind.columns],
        rows=_rows(kind, found.items),
        total=queries.capped_count(session(), chosen.ids),
        orders=ORDERS.values(),
        views=saved_views.own(kind),
        offers=offers.offers_of(chosen),
        older=_place(chosen, found.following),
        newer=_place(chosen, found.previous),
        may_create=work.may(kind, "create"),
    )


def _place(chosen: Narrowing, place: str) -> str:
    return chosen.path(**{CURSOR: place}) if place else ""


def _rows(kind: ContentType, found: Sequence[Item]) -> list[Row]:
    declared = [_declared(kind, name) for name in kind.columns]
    titles = _titles(declared, found)
    return [Row(item, [_cell(field, item, titles) for field in declared]) for item in found]


def _cell(declared: Field, item: Item, titles: Mapping[int, str]) -> str:
    value = getattr(item, declared.name)
    if isinstance(declared.kind, Reference):
        return titles.get(value, "")
    return text.excerpt(shown(declared, value), 120)


def _titles(declared: Sequence[Field], found: Sequence[Item]) -> dict[int, str]:
    """Return the titles of all items the page refers to: one statement, or none."""
    names = [field.name for field in declared if isinstance(field.kind, Reference)]
    ids = {getattr(item, name) for item in found for name in names} - {None}
    if not ids:
        return {}
    rows = session().execute(select(Item.id, Item.title).where(Item.id.in_(ids)))
    return {row.id: row.title for row in rows}


def _declared(kind: ContentType, name: str) -> Field:
    return kind.fields.get(name) or kind.model.fields()[name]
