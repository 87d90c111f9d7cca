"""Stored values as a person reads them: in lists, versions and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core import clock, text
from hoitu.core.content import (
    Amount,
    Choice,
    Day,
    Field,
    File,
    Flag,
    Item,
    Kind,
    Moment,
    Reference,
    RichText,
    Rows,
)
from hoitu.core.content.kinds import Files
from hoitu.core.extensions import session


def shown(declared: Field, value: Any) -> str:
    """Return a value as text; '' for none. What its kind would refuse is shown as it was typed."""
    if declared.is_empty(value):
        return ""
    ancestors = type(declared.kind).__mro__
    show = next(_SHOWN[ancestor] for ancestor in ancestors if ancestor in _SHOWN)
    return str(show(declared.kind, value))


def _plain(_kind: Kind, value: Any) -> str:
    return str(value)


def _day(_kind: Kind, value: Any) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return clock.format_date(value)
    return str(value)


def _moment(_kind: Kind, value: Any) -> str:
    return clock.format_instant(value) if isinstance(value, datetime) else str(value)


def _amount(_kind: Kind, value: Any) -> str:
    grouped = f"{value:,}".replace(",", ".") if type(value) is int else str(value)
    return str(_("%(sum)s VND", sum=grouped))


def _flag(_kind: Kind, value: Any) -> str:
    return str(_("Yes") if value else _("No"))


def _choice(kind: Any, value: Any) -> str:
    return str(kind.label(value))


def _reference(_kind: Kind, value: Any) -> str:
    found = session().get(Item, value) if isinstance(value, int) else None
    return str(found.title) if found else str(value)


def _rich_text(_kind: Kind, value: Any) -> str:
    return text.plain(str(value))


def _rows(kind: Any, value: Any) -> str:
    lines = []
    for row in value:
        cells = (shown(column, row.get(column.name)) for column in kind.columns)
        lines.append("; ".join(filter(None, cells)))
    return "\n".join(filter(None, lines))


def _files(_kind: Kind, value: Any) -> str:
    names = {
        row.id: row.name for row in session().scalars(select(File).where(File.id.in_(list(value))))
    }
    return "\n".join(names.get(file_id, str(file_id)) for file_id in value)


_SHOWN: Mapping[type[Kind], Callable[[Any, Any], str]] = {
    Kind: _plain,
    Day: _day,
    Moment: _moment,
    Amount: _amount,
    Flag: _flag,
    Choice: _choice,
    Reference: _reference,
    RichText: _rich_text,
    Rows: _rows,
    Files: _files,
}
