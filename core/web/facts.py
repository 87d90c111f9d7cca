"""What an item tells beside its text: its declared fields as lines, tables and a row of CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from hoitu.core.clock import format_instant
from hoitu.core.content import (
    Citation,
    ContentType,
    Email,
    Field,
    Item,
    Paragraphs,
    Reference,
    RichText,
    Rows,
    Url,
    queries,
)
from hoitu.core.content.kinds import Files
from hoitu.core.extensions import platform, session
from hoitu.core.forms import shown
from hoitu.core.sheets import as_csv
from hoitu.core.web.addresses import full
from hoitu.core.web.citations import cited
from hoitu.core.web.site import address_of, now
from hoitu.core.web.visibility import is_shown

#: Fields that pages show in places of their own.
_ELSEWHERE = frozenset({"title", "summary", "body", "attachments", "requirement"})


@dataclass(frozen=True, slots=True)
class Table:
    """A field of rows as a table; ``name`` is the field's."""

    name: str
    label: Any
    header: Sequence[Any]
    rows: Sequence[Sequence[Any]]


def facts(kind: ContentType, item: Item) -> list[tuple[Any, Any]]:
    """Return (label, value) of the short fields that visitors may see and that say something."""
    told = [
        (declared, value)
        for name, declared in _lines(kind)
        if not declared.is_empty(value := getattr(item, name)) and value is not False
    ]
    found = zip((declared.label for declared, _value in told), _drawn(told), strict=True)
    # A fact that the heading says already is not said twice.
    return [(label, value) for label, value in found if value != item.title]


def tables(kind: ContentType, item: Item) -> list[Table]:
    """Return the fields of rows that have any."""
    held = [
        (name, declared.label, declared.kind.columns, value)
        for name, declared in kind.shown_fields.items()
        if isinstance(declared.kind, Rows) and (value := getattr(item, name))
    ]
    cells = iter(_drawn([
        (column, row.get(column.name))
        for _name, _label, columns, rows in held
        for row in rows
        for column in columns
    ]))  # fmt: skip
    return [
        Table(
            name,
            label,
            [column.label for column in columns],
            [list(islice(cells, len(columns))) for _row in rows],
        )
        for name, label, columns, rows in held
    ]


def as_table(kind: ContentType, items: Sequence[Any]) -> str:
    """Return items as CSV: title, the short fields that visitors may see, address."""
    columns = list(_lines(kind))
    title = kind.labels.get("title", _("Title"))
    header = [title, *(f.label for _, f in columns), _("Published at"), _("Address")]
    named = _named((f, getattr(item, name)) for item in items for name, f in columns)
    rows = [
        [
            item.title,
            *(_text(f, getattr(item, name), named) for name, f in columns),
            format_instant(item.published_from) if item.published_from else "",
            full(address_of(item)),
        ]
        for item in items
    ]
    return as_csv([str(label) for label in header], rows)


def _lines(kind: ContentType) -> Iterator[tuple[str, Field]]:
    for name, declared in kind.shown_fields.items():
        long = isinstance(declared.kind, Rows | Files | RichText)
        if name not in _ELSEWHERE and not long:
            yield name, declared


def _drawn(told: Sequence[tuple[Field, Any]]) -> list[Any]:
    """Return values as a page shows them: addresses and what has a page as links, lines kept."""
    links = cited(value or "" for declared, value in told if isinstance(declared.kind, Citation))
    named = _named(told)
    return [_draw(declared, value, links, named) for declared, value in told]


def _draw(declared: Field, value: Any, links: Mapping[str, str], named: Mapping[int, Item]) -> Any:
    text = _text(declared, value, named)
    if isinstance(declared.kind, Reference) and text:
        return Markup('<a href="{}">{}</a>').format(address_of(named[value]), text)
    if isinstance(declared.kind, Citation) and text in links:
        return Markup('<a href="{}">{}</a>').format(links[text], text)
    if isinstance(declared.kind, Url) and text:
        return Markup('<a href="{0}" rel="noopener">{0}</a>').format(text)
    if isinstance(declared.kind, Email) and text:
        return Markup('<a href="mailto:{0}">{0}</a>').format(text)
    if isinstance(declared.kind, Paragraphs):
        return Markup("<br>").join(escape(line) for line in text.splitlines())
    return text


def _text(declared: Field, value: Any, named: Mapping[int, Item]) -> str:
    """Return a value as text; an item that is not public is not named."""
    if isinstance(declared.kind, Reference):
        return named[value].title if value in named else ""
    return shown(declared, value)


def _named(told: Iterable[tuple[Field, Any]]) -> Mapping[int, Item]:
    """Return the items that references name and this site shows: one statement, if any are named.

    The desk names what is not public yet; a visitor must not learn of it.
    """
    ids = {value for declared, value in told if isinstance(declared.kind, Reference) and value}
    found = queries.by_ids(session(), sorted(ids), now(), [kind.name for kind in platform.types])
    return {item.id: item for item in found if is_shown(item)}
