"""What an item tells beside its text: its declared fields as lines, tables and a row of CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from flask import request
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
    RichText,
    Rows,
    Url,
)
from hoitu.core.content.kinds import Files
from hoitu.core.forms import shown
from hoitu.core.sheets import as_csv
from hoitu.core.web.citations import cited
from hoitu.core.web.site import address_of

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
    links = cited(value for declared, value in told if isinstance(declared.kind, Citation))
    found = [(declared.label, _drawn(declared, value, links)) for declared, value in told]
    # A fact that the heading says already is not said twice.
    return [(label, value) for label, value in found if value != item.title]


def tables(kind: ContentType, item: Item) -> list[Table]:
    """Return the fields of rows that have any."""
    held = [
        (name, declared.label, declared.kind.columns, value)
        for name, declared in kind.shown_fields.items()
        if isinstance(declared.kind, Rows) and (value := getattr(item, name))
    ]
    links = cited(
        row.get(column.name) or ""
        for _name, _label, columns, rows in held
        for column in columns
        for row in rows
        if isinstance(column.kind, Citation)
    )
    return [
        Table(
            name,
            label,
            [column.label for column in columns],
            [[_drawn(c, row.get(c.name), links) for c in columns] for row in rows],
        )
        for name, label, columns, rows in held
    ]


def as_table(kind: ContentType, items: Sequence[Any]) -> str:
    """Return items as CSV: title, the short fields that visitors may see, address."""
    columns = list(_lines(kind))
    title = kind.labels.get("title", _("Title"))
    header = [title, *(f.label for _, f in columns), _("Published at"), _("Address")]
    rows = [
        [
            item.title,
            *(shown(f, getattr(item, name)) for name, f in columns),
            format_instant(item.published_from) if item.published_from else "",
            urljoin(request.url_root, address_of(item)),
        ]
        for item in items
    ]
    return as_csv([str(label) for label in header], rows)


def _lines(kind: ContentType) -> Iterator[tuple[str, Field]]:
    for name, declared in kind.shown_fields.items():
        long = isinstance(declared.kind, Rows | Files | RichText)
        if name not in _ELSEWHERE and not long:
            yield name, declared


def _drawn(declared: Field, value: Any, links: Mapping[str, str]) -> Any:
    """Return a value as a page shows it: addresses as links, lines kept."""
    text = shown(declared, value)
    if isinstance(declared.kind, Citation) and text in links:
        return Markup('<a href="{}">{}</a>').format(links[text], text)
    if isinstance(declared.kind, Url) and text:
        return Markup('<a href="{0}" rel="noopener">{0}</a>').format(text)
    if isinstance(declared.kind, Email) and text:
        return Markup('<a href="mailto:{0}">{0}</a>').format(text)
    if isinstance(declared.kind, Paragraphs):
        return Markup("<br>").join(escape(line) for line in text.splitlines())
    return text
