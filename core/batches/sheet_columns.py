"""Between the fields of a content type and the columns of a table that is brought in.

A cell is kept as text, as it stands in the table or was typed in its place, and understood anew
each time it is checked: so a correction goes the way of the first reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from html import escape
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core import clock, sheets, text
from hoitu.core.content import (
    ActionContext,
    Amount,
    Choice,
    ContentType,
    Day,
    Field,
    Flag,
    Invalid,
    Item,
    Kind,
    Moment,
    Number,
    Reference,
    RichText,
    Rows,
)
from hoitu.core.content.item import TRASHED
from hoitu.core.content.kinds import NOT_OFFERED, Files
from hoitu.core.i18n import LANGUAGES

#: The field whose cells name files.
FILES = "attachments"
#: Between the names of several files in one cell.
FILE_SEPARATOR = ";"

_YES = frozenset({"1", "x", "co", "yes", "true", "dung", "on"})
_NO = frozenset({"", "0", "khong", "no", "false", "sai", "off"})
_DIGITS = re.compile(r"(\d\d)(\d\d)(\d{4})", re.ASCII)
_HOUR = re.compile(r"(\d{1,2})[:hg](\d{2})(?::\d{2})?", re.ASCII)
_MARKUP = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: the field it fills and its heading."""

    field: Field
    heading: str


def columns_of(kind: ContentType, hidden: Iterable[str] = ()) -> list[Column]:
    """Return the columns of a type's table; ``hidden`` requirements are not offered.

    Tables inside an entry are left out: they are filled in on its own page.
    """
    found: list[Column] = []
    seen: set[str] = set()
    off = frozenset(hidden)
    for stored in kind.fields.values():
        if isinstance(stored.kind, Rows):
            continue
        declared = _without(stored, off) if stored.name == "requirement" else stored
        heading = _("File") if declared.name == FILES else str(declared.label)
        if _key(heading) in seen:
            heading = f"{heading} ({declared.name})"
        seen.add(_key(heading))
        found.append(Column(declared, heading + (" *" if declared.required else "")))
    return found


def recognised(columns: Sequence[Column], header: Sequence[str]) -> dict[int, Column]:
    """Return the columns of a table that fill a field, by their index.

    A heading is known in every language, by the name of its field, and however it is capitalised.
    """
    known: dict[str, Column] = {}
    for column in columns:
        names = [column.field.name, column.heading]
        for language in LANGUAGES:
            with force_locale(language):
                names.append(_("File") if column.field.name == FILES else str(column.field.label))
        for name in names:
            known.setdefault(_key(name), column)
    found: dict[int, Column] = {}
    for index, heading in enumerate(header):
        named = known.get(_key(heading))
        if named is not None and named not in found.values():
            found[index] = named
    return found


def options_of(context: ActionContext, declared: Field) -> list[tuple[str, str]]:
    """Return the (key, label) pairs from which a cell takes one; none where it is typed freely."""
    kind = declared.kind
    if isinstance(kind, Choice):
        return [(key, str(label)) for key, label in kind.options()]
    if isinstance(kind, Flag):
        return [("1", _("Yes")), ("0", _("No"))]
    if isinstance(kind, Reference) and kind.type:
        newest = (
            select(Item.id, Item.title)
            .where(Item.type == kind.type, Item.state != TRASHED)
            .order_by(Item.updated_at.desc(), Item.id.desc())
            .limit(500)
        )
        found = context.session.execute(newest).all()
        return [(str(row.id), row.title) for row in found]
    return []


def cell_text(cell: sheets.Cell) -> str:
    """Return a cell of a table as the text that is kept of it."""
    return text.nfc(sheets.label(cell)).strip()


def value_of(context: ActionContext, declared: Field, typed: str) -> Any:
    """Return what a cell says, as the action that stores it takes it.

    :raises Invalid: it says nothing that the field can hold.
    """
    ancestors = type(declared.kind).__mro__
    read = next(_READERS[ancestor] for ancestor in ancestors if ancestor in _READERS)
    return declared.kind.clean(read(context, declared.kind, typed.strip()))


def _without(declared: Field, hidden: frozenset[str]) -> Field:
    kind = declared.kind
    assert isinstance(kind, Choice)
    return replace(declared, kind=Choice(lambda: [o for o in kind.options() if o[0] not in hidden]))


def _key(heading: str) -> str:
    return " ".join(text.words(heading))


def _plain(_context: ActionContext, _kind: Kind, typed: str) -> Any:
    return typed


def _formatted(_context: ActionContext, _kind: Kind, typed: str) -> str:
    """Return text as paragraphs; what is formatted already stays so."""
    if not typed or _MARKUP.search(typed):
        return typed
    lines = (" ".join(line.split()) for line in typed.split("\n"))
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)


def with_strokes(typed: str) -> str:
    """Return a day as it was typed, with the strokes that a phone's number pad does not have."""
    match = _DIGITS.fullmatch(typed)
    return "/".join(match.groups()) if match else typed


def _day(_context: ActionContext, _kind: Kind, typed: str) -> str:
    return with_strokes(typed)


def _moment(_context: ActionContext, _kind: Kind, typed: str) -> Any:
    """Return an instant: a day, and before or after it the hour."""
    parts = typed.split()
    hours = [m for m in map(_HOUR.fullmatch, parts) if m]
    days = [part for part in parts if not _HOUR.fullmatch(part)]
    if not typed:
        return None
    if len(days) != 1 or len(hours) > 1:
        raise Invalid(_("Not a date and time."))
    day = Day().clean(with_strokes(days[0]))
    assert day is not None
    try:
        hour = time(int(hours[0][1]), int(hours[0][2])) if hours else time()
    except ValueError as error:
        raise Invalid(_("Not a date and time.")) from error
    return datetime.combine(day, hour, tzinfo=clock.ZONE)


def _number(_context: ActionContext, _kind: Kind, typed: str) -> Any:
    found = sheets.number(typed)
    whole = found is not None and found == found.to_integral_value()
    return int(found) if found is not None and whole else typed


def _flag(_context: ActionContext, _kind: Kind, typed: str) -> bool:
    word = _key(typed)
    if word not in _YES | _NO:
        raise Invalid(_("Write “yes” or “no”."))
    return word in _YES


def _choice(_context: ActionContext, kind: Any, typed: str) -> Any:
    """Return the key of the option that is meant, by its key or what it is called."""
    if not typed:
        return ""
    options = [(key, str(label)) for key, label in kind.options()]
    for same in (lambda name: name == typed, lambda name: _key(name) == _key(typed)):
        meant = {key for key, label in options if same(key) or same(label)}
        if len(meant) == 1:
            return meant.pop()
        if meant:
            raise Invalid(_("Several options are called so. Write the code of the one meant."))
    # In the other language, as a table from an older template has it.
    for language in LANGUAGES:
        with force_locale(language):
            meant = {key for key, label in kind.options() if _key(str(label)) == _key(typed)}
        if len(meant) == 1:
            return meant.pop()
    raise Invalid(NOT_OFFERED)


def _reference(context: ActionContext, kind: Any, typed: str) -> Any:
    """Return the id of the entry that is meant, by its title or its id."""
    if not typed:
        return None
    named = select(Item.id).where(Item.state != TRASHED)
    if kind.type:
        named = named.where(Item.type == kind.type)
    for same in (Item.title == typed, Item.slug == text.slug(typed)):
        found = context.session.scalars(named.where(same).limit(2)).all()
        if len(found) == 1:
            return found[0]
        if found:
            raise Invalid(_("Several entries are called so. Write the id of the one meant."))
    if typed.isascii() and typed.isdigit() and len(typed) < 19:
        return int(typed)
    raise Invalid(_("No entry is called so."))


def _files(_context: ActionContext, _kind: Kind, typed: str) -> Any:
    raise AssertionError("files are found by their names, not read")


_READERS: Mapping[type[Kind], Callable[[ActionContext, Any, str], Any]] = {
    Kind: _plain,
    RichText: _formatted,
    Day: _day,
    Moment: _moment,
    Number: _number,
    Amount: _plain,
    Flag: _flag,
    Choice: _choice,
    Reference: _reference,
    Files: _files,
}
