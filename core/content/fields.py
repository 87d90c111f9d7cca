"""Fields: an attribute of content, declared once.

From ``number: Mapped[str] = field(Line(80), label=_("Document number"))`` come the column, the form
field and its validation, the filter, the search field, the API schema and the import mapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Literal, Protocol
from urllib.parse import urlsplit

import nh3
from flask_babel import lazy_gettext as _
from sqlalchemy import Boolean, Date, Integer, String, Text
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

from hoitu.core import clock, text
from hoitu.core.db import BigId, Instant

#: Longest text of a field without a limit of its own, in characters.
LIMIT = 200_000
NOT_OFFERED = _("Choose one of the options of the list.")

_TAGS = """
p br h2 h3 h4 strong em u s sub sup ul ol li blockquote a img figure figcaption table caption thead
tbody tfoot tr th td hr abbr
"""


class Invalid(ValueError):
    """A value a field refuses; the message is translated and says what to do."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


class Kind:
    """What a value is: how it is stored, cleaned and written as JSON."""

    #: JSON Schema of the value.
    schema: ClassVar[Mapping[str, Any]] = {"type": "string"}
    #: What "nothing entered" is for this kind.
    empty: ClassVar[Any] = ""

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Text()

    def clean(self, value: Any) -> Any:
        """Return the value to store; raise :class:`Invalid` with a message for the editor."""
        return value

    def dump(self, value: Any) -> Any:
        """Return the value as JSON."""
        return value

    def load(self, value: Any) -> Any:
        """Return the value read back from :meth:`dump`."""
        return value

    def from_address(self, value: str) -> Any:
        """Return the value, fit to be compared with the column, of a filter in a public address.

        :raises Invalid: the text names no value of this kind; nothing can match it.
        """
        found = self.clean(value)
        if found in (None, ""):
            raise Invalid(NOT_OFFERED)
        return found


@dataclass(frozen=True)
class Line(Kind):
    """One line of text of at most ``limit`` characters, NFC, spaces folded."""

    limit: int = 250

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return String(self.limit)

    def clean(self, value: Any) -> str:
        """Return one NFC line."""
        line = " ".join(text.nfc(str(value or "")).split())
        if len(line) > self.limit:
            raise Invalid(
                _("Too long: %(n)d characters, at most %(m)d.", n=len(line), m=self.limit)
            )
        return line


@dataclass(frozen=True)
class Paragraphs(Kind):
    """Plain text with line breaks."""

    limit: int = LIMIT

    def clean(self, value: Any) -> str:
        """Return NFC text."""
        found = text.nfc(str(value or "")).strip()
        if len(found) > self.limit:
            raise Invalid(
                _("Too long: %(n)d characters, at most %(m)d.", n=len(found), m=self.limit)
            )
        return found


@dataclass(frozen=True)
class RichText(Paragraphs):
    """HTML, reduced to what the platform shows: no style, no script, no event handler."""

    TAGS: ClassVar[frozenset[str]] = frozenset(_TAGS.split())
    ATTRIBUTES: ClassVar[dict[str, set[str]]] = {
        "a": {"href", "title"},
        "img": {"src", "alt", "width", "height"},
        "th": {"scope", "colspan", "rowspan"},
        "td": {"colspan", "rowspan"},
        "ol": {"start", "type"},
        "abbr": {"title"},
    }

    def clean(self, value: Any) -> str:
        """Return the fragment with everything outside the allow-list removed."""
        return nh3.clean(
            super().clean(value),
            tags=set(self.TAGS),
            attributes=self.ATTRIBUTES,
            url_schemes={"http", "https", "mailto", "tel"},
        )


class Day(Kind):
    """A calendar date, typed and shown as dd/mm/yyyy."""

    schema = {"type": "string", "format": "date"}  # noqa: RUF012
    empty = None

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Date()

    def clean(self, value: Any) -> date | None:
        """Return the date; text may be dd/mm/yyyy or ISO."""
        if value in (None, ""):
            return None
        if isinstance(value, datetime):
            return clock.local(value).date()
        try:
            found = value if isinstance(value, date) else clock.parse_date(str(value))
        except ValueError as error:
            raise Invalid(
                _("Not a date. Write it as dd/mm/yyyy, for example 27/11/2023.")
            ) from error
        if not 1800 <= found.year <= 2200:
            raise Invalid(_("The year must lie between 1800 and 2200."))
        return found

    def dump(self, value: date | None) -> str | None:
        """Return ISO."""
        return value.isoformat() if value else None

    def load(self, value: str | None) -> date | None:
        """Return the date."""
        return date.fromisoformat(value) if value else None


class Moment(Day):
    """An instant; the editor types local time."""

    schema = {"type": "string", "format": "date-time"}  # noqa: RUF012

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Instant()

    def clean(self, value: Any) -> Any:
        """Return the instant, in UTC."""
        if value in (None, ""):
            return None
        if not isinstance(value, datetime):
            try:
                value = datetime.fromisoformat(str(value))
            except ValueError as error:
                raise Invalid(_("Not a date and time.")) from error
        if not 1800 <= value.year <= 2200:
            raise Invalid(_("The year must lie between 1800 and 2200."))
        return (value if value.tzinfo else value.replace(tzinfo=clock.ZONE)).astimezone(UTC)

    def load(self, value: str | None) -> Any:
        """Return the instant."""
        return datetime.fromisoformat(value) if value else None


class Number(Kind):
    """A whole number of 32 bits."""

    schema = {"type": "integer"}  # noqa: RUF012
    empty = None

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Integer()

    def clean(self, value: Any) -> int | None:
        """Return the number."""
        return _whole(value, 2**31)


class Flag(Kind):
    """Yes or no."""

    WORDS: ClassVar[frozenset[str]] = frozenset({"1", "0", "true", "false", "on", "off"})
    schema = {"type": "boolean"}  # noqa: RUF012
    empty = False

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Boolean()

    def clean(self, value: Any) -> bool:
        """Return the flag."""
        return bool(value) and value not in ("false", "0", "off")

    def from_address(self, value: str) -> bool:
        """Return the flag; anything but a plain yes or no is none."""
        if value not in self.WORDS:
            raise Invalid(NOT_OFFERED)
        return self.clean(value)


@dataclass(frozen=True)
class Choice(Kind):
    """One key of a vocabulary; ``options`` returns (key, label) pairs, in the order to show."""

    options: Callable[[], Sequence[tuple[str, Any]]]

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return String(60)

    def clean(self, value: Any) -> str:
        """Return a key of the vocabulary."""
        key = str(value or "").strip()
        if key and key not in dict(self.options()):
            raise Invalid(NOT_OFFERED)
        return key

    def label(self, key: str) -> Any:
        """Return the label of a key; the key itself when the vocabulary lost it."""
        return dict(self.options()).get(key, key)


class Url(Line):
    """A web address (http or https)."""

    schema = {"type": "string", "format": "uri"}  # noqa: RUF012

    def clean(self, value: Any) -> str:
        """Return the address."""
        found = super().clean(value)
        try:
            parts = urlsplit(found)
        except ValueError as error:
            raise Invalid(_("Not a web address. It starts with https://")) from error
        if found and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise Invalid(_("Not a web address. It starts with https://"))
        return found


class Email(Line):
    """An e-mail address."""

    schema = {"type": "string", "format": "email"}  # noqa: RUF012
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

    def clean(self, value: Any) -> str:
        """Return the address."""
        found = super().clean(value)
        if found and not self.PATTERN.fullmatch(found):
            raise Invalid(_("Not an e-mail address, for example ten@hue.gov.vn."))
        return found


@dataclass(frozen=True)
class Reference(Kind):
    """The id of another item of the same unit, of content type ``type``."""

    type: str
    schema = {"type": "integer"}  # noqa: RUF012
    empty = None

    def column(self) -> TypeEngine[Any]:
        """Return the column type: that of the keys it holds."""
        return BigId

    def clean(self, value: Any) -> int | None:
        """Return the id; whether such an item exists is checked by the action."""
        return _whole(value, 2**63)


@dataclass(frozen=True)
class Rows(Kind):
    """A small table inside an item, e.g. the relations of a document: a list of dictionaries."""

    columns: tuple[Field, ...]
    schema = {"type": "array", "items": {"type": "object"}}  # noqa: RUF012
    empty = ()

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows that have something in them."""
        rows, columns = [], self.columns
        for position, row in enumerate(value or (), start=1):
            try:
                cleaned = {c.name: c.kind.clean(row.get(c.name)) for c in columns}
            except Invalid as error:
                raise Invalid(
                    _("Row %(n)d: %(problem)s", n=position, problem=error.message)
                ) from error
            if any(not (c.is_empty(cleaned[c.name]) or cleaned[c.name] is False) for c in columns):
                rows.append(cleaned)
        return rows

    def dump(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows as JSON."""
        return [{c.name: c.kind.dump(row.get(c.name)) for c in self.columns} for row in value or ()]

    def load(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows."""
        return [{c.name: c.kind.load(row.get(c.name)) for c in self.columns} for row in value or ()]

    def from_address(self, value: str) -> Any:
        """Refuse: a table is no filter."""
        raise Invalid(NOT_OFFERED)


class Files(Kind):
    """Attachments: a list of file ids, in order."""

    schema = {"type": "array", "items": {"type": "integer"}}  # noqa: RUF012
    empty = ()

    def clean(self, value: Any) -> list[int]:
        """Return the ids, each once."""
        ids = [_whole(entry, 2**63) for entry in value or ()]
        return [entry for entry in dict.fromkeys(ids) if entry is not None]

    def from_address(self, value: str) -> Any:
        """Refuse: attachments are no filter."""
        raise Invalid(NOT_OFFERED)


def _whole(value: Any, limit: int) -> int | None:
    """Return a whole number below ``limit``; None for nothing entered."""
    if value in (None, ""):
        return None
    try:
        found = int(str(value).strip())
    except ValueError as error:
        raise Invalid(_("Not a whole number.")) from error
    if not -limit <= found < limit:
        raise Invalid(_("The number is too large."))
    return found


@dataclass(frozen=True)
class Field:
    """One declared attribute. ``required`` means: without it the item cannot be published."""

    kind: Kind
    label: Any
    name: str = ""
    help: Any = ""
    required: bool = False
    #: `exact` = found as a whole, like a document number; `text` = full text.
    search: Literal["exact", "text", ""] = ""
    #: Name of the filter in public addresses, e.g. `loai`; empty = not offered as a filter.
    filter: str = ""
    #: Holds personal data; the register of personal data lists it.
    personal: bool = False

    def named(self, name: str) -> Field:
        """Return the field with its attribute name."""
        return replace(self, name=name)

    def is_empty(self, value: Any) -> bool:
        """Say whether nothing was entered."""
        return value is None or value in ("", [], ())


def field(
    kind: Kind,
    *,
    label: Any,
    help: Any = "",
    required: bool = False,
    search: Literal["exact", "text", ""] = "",
    filter: str = "",
    personal: bool = False,
    **column: Any,
) -> MappedColumn[Any]:
    """Declare a field with a column of its own; further arguments go to ``mapped_column``."""
    declared = Field(
        kind,
        label,
        help=help,
        required=required,
        search=search,
        filter=filter,
        personal=personal,
    )
    if kind.empty is not None:
        column.setdefault("default", kind.empty)
    return mapped_column(kind.column(), info={"field": declared}, **column)


class RowSource(Protocol):
    """What :class:`RowsAttribute` needs of a row class: keyword construction."""

    def __init__(self, **values: Any) -> None: ...


class RowsAttribute:
    """A :class:`Rows` field kept in a child table, read and written as a list of dictionaries."""

    def __init__(
        self,
        relationship: str,
        row: type[Any],
        *columns: Field,
        label: Any,
        help: Any = "",
    ) -> None:
        self._relationship = relationship
        self._row = row
        self.field = Field(Rows(columns), label, help=help)

    def __get__(self, owner: Any, _type: type | None = None) -> Any:
        """Return the rows in order; the attribute itself when read from the class."""
        if owner is None:
            return self
        names = [column.name for column in self._columns]
        return [
            {name: getattr(row, name) for name in names}
            for row in getattr(owner, self._relationship)
        ]

    def __set__(self, owner: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        """Replace the rows; equal ones are kept as they are."""
        if [dict(r) for r in rows] == self.__get__(owner):
            return
        collection = getattr(owner, self._relationship)
        collection.clear()
        for position, row in enumerate(rows):
            values = {c.name: row.get(c.name, c.kind.empty) for c in self._columns}
            collection.append(self._row(position=position, unit_id=owner.unit_id, **values))

    @property
    def _columns(self) -> tuple[Field, ...]:
        kind = self.field.kind
        assert isinstance(kind, Rows)
        return kind.columns
