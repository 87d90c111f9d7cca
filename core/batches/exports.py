"""Many entries as the rows of a table: one column for each declared field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import selectinload, undefer

from hoitu.core import clock, sheets, text
from hoitu.core.access import Account
from hoitu.core.content import (
    ActionContext,
    Amount,
    Choice,
    ContentType,
    Day,
    Field,
    File,
    Flag,
    Item,
    Kind,
    Moment,
    Number,
    Reference,
    RichText,
    Rows,
    actions,
)
from hoitu.core.content.kinds import Files

#: Most entries of one table, and of one that has the full texts.
MAX_ROWS, MAX_ROWS_WITH_TEXT = 20_000, 2_000
#: Entries that are read at a time, with all they refer to.
_SLICE = 500

Names = Mapping[type, Mapping[int, str]]


def columns_of(kind: ContentType, *, with_text: bool) -> list[Field]:
    """Return the fields that are columns; the full texts only where they are asked for."""
    fields = kind.fields.values()
    return [f for f in fields if with_text or not isinstance(f.kind, RichText)]


def header(columns: Sequence[Field]) -> list[str]:
    """Return the headings."""
    own = [_("File") if isinstance(f.kind, Files) else str(f.label) for f in columns]
    return [_("Id"), *own, _("State"), _("Responsible"), _("Last changed"), _("Changed by")]


def rows(
    context: ActionContext,
    chosen: Select[Any],
    order: Sequence[ColumnElement[Any]],
    columns: Sequence[Field],
) -> Iterator[list[sheets.Cell]]:
    """Yield the rows of a table, slice by slice: what is read does not stay in memory."""
    found = chosen.with_only_columns(Item.id, maintain_column_froms=True)
    ids = context.session.scalars(found.order_by(*order).limit(MAX_ROWS)).all()
    model = chosen.column_descriptions[0]["entity"]
    # All that belongs to an entry at once: a statement for each row would take minutes.
    options: list[Any] = [selectinload("*")]
    if any(f.name == "body" for f in columns):
        options.append(undefer(Item.body))
    for part in _slices(ids):
        read = select(model).where(Item.id.in_(part)).options(*options)
        items = {item.id: item for item in context.session.scalars(read)}
        present = [items[item_id] for item_id in part if item_id in items]
        names = _names(context, present, columns)
        for item in present:
            yield _row(context, item, columns, names)


def _slices(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _SLICE):
        yield ids[start : start + _SLICE]


def _row(
    context: ActionContext, item: Item, columns: Sequence[Field], names: Names
) -> list[sheets.Cell]:
    workflow = context.workflow_of(context.type_of(item))
    here = clock.local(item.updated_at)
    return [
        Decimal(item.id),
        *(_cell(declared, getattr(item, declared.name), names) for declared in columns),
        str(workflow.label(actions.work_state(item))),
        names[Account].get(item.responsible_id or 0, ""),
        f"{clock.format_date(here.date())} {here:%H:%M}",
        item.updated_by,
    ]


def _cell(declared: Field, value: Any, names: Names) -> sheets.Cell:
    if value is None or value == "":
        return None
    ancestors = type(declared.kind).__mro__
    return next(_CELLS[a] for a in ancestors if a in _CELLS)(declared.kind, value, names)


def _names(context: ActionContext, items: Sequence[Item], columns: Sequence[Field]) -> Names:
    """Return what the entries refer to by name: a statement for each kind of thing."""
    referred = {
        getattr(item, f.name) for f in columns if isinstance(f.kind, Reference) for item in items
    }
    filed = {
        i for f in columns if isinstance(f.kind, Files) for item in items
        for i in getattr(item, f.name)
    }  # fmt: skip
    people = {item.responsible_id for item in items}
    wanted = (
        (Item, Item.title, referred),
        (File, File.name, filed),
        (Account, Account.name, people),
    )
    found: dict[type, dict[int, str]] = {}
    for entity, name, ids in wanted:
        chosen = select(entity.id, name).where(entity.id.in_(ids - {None}))
        known = context.session.execute(chosen).all() if ids - {None} else ()
        found[entity] = {row[0]: row[1] for row in known}
    return found


def _plain(_kind: Any, value: Any, _names: Names) -> str:
    return str(value)


def _number(_kind: Any, value: Any, _names: Names) -> Decimal:
    return Decimal(value)


def _day(_kind: Any, value: date, _names: Names) -> date:
    return value


def _moment(_kind: Any, value: datetime, _names: Names) -> str:
    here = clock.local(value)
    return f"{clock.format_date(here.date())} {here:%H:%M}"


def _flag(_kind: Any, value: bool, _names: Names) -> str:
    return str(_("Yes") if value else _("No"))


def _choice(kind: Any, value: str, _names: Names) -> str:
    return str(kind.label(value))


def _reference(_kind: Any, value: int, names: Names) -> str:
    return names[Item].get(value, str(value))


def _formatted(_kind: Any, value: str, _names: Names) -> str:
    return text.plain(value)


def _files(_kind: Any, value: Sequence[int], names: Names) -> str | None:
    return "; ".join(names[File].get(i, str(i)) for i in value) or None


def _rows(kind: Any, value: Sequence[Mapping[str, Any]], names: Names) -> str | None:
    lines = []
    for row in value:
        cells = (_cell(column, row.get(column.name), names) for column in kind.columns)
        lines.append("; ".join(sheets.label(cell) for cell in cells if cell is not None))
    return "\n".join(filter(None, lines)) or None


_CELLS: Mapping[type[Kind], Callable[[Any, Any, Names], sheets.Cell]] = {
    Kind: _plain,
    Number: _number,
    Amount: _number,
    Day: _day,
    Moment: _moment,
    Flag: _flag,
    Choice: _choice,
    Reference: _reference,
    RichText: _formatted,
    Files: _files,
    Rows: _rows,
}
