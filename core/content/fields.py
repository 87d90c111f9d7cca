"""Fields: an attribute of content, declared once.

From ``number: Mapped[str] = field(Line(80), label=_("Document number"))`` come the column, the form
field and its validation, the filter, the search field, the API schema and the import mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from flask_babel import lazy_gettext as _
from sqlalchemy import Dialect
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from hoitu.core.content.kinds import NOT_OFFERED, Invalid, Kind
from hoitu.core.db import Json


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
    #: For the desk only: on no page, in no feed, table, search or API that a visitor sees.
    private: bool = False

    def named(self, name: str) -> Field:
        """Return the field with its attribute name."""
        return replace(self, name=name)

    def is_empty(self, value: Any) -> bool:
        """Say whether nothing was entered."""
        return value is None or value in ("", [], ())


@dataclass(frozen=True)
class Rows(Kind):
    """A small table inside an item, e.g. the steps of a procedure: a list of dictionaries.

    ``field(Rows(...))`` keeps it as one JSON document: right for what is read and written with its
    item only. What is looked up by its rows has a child table and a :class:`RowsAttribute`.
    """

    columns: tuple[Field, ...]
    schema = {"type": "array", "items": {"type": "object"}}  # noqa: RUF012
    empty = ()

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return _RowsDocument(self)

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


class _RowsDocument(TypeDecorator[Any]):
    """The rows of a table as a JSON document."""

    impl = Json
    #: The kind is no part of the cache key: a statement names the column, which has one kind only.
    cache_ok = True

    def __init__(self, kind: Rows | None = None) -> None:
        super().__init__()
        self._kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return the rows as JSON."""
        return self._kind.dump(value) if self._kind else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the rows."""
        return self._kind.load(value) if self._kind else value


def field(
    kind: Kind,
    *,
    label: Any,
    help: Any = "",
    required: bool = False,
    search: Literal["exact", "text", ""] = "",
    filter: str = "",
    personal: bool = False,
    private: bool = False,
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
        private=private,
    )
    if isinstance(kind, Rows):
        column.setdefault("default", list)
    elif kind.empty is not None:
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
    def row(self) -> type[Any]:
        """The class of the rows."""
        return self._row

    def of(self, owner: type[Any]) -> Any:
        """Return the relationship of an item's class to its rows, for statements."""
        return getattr(owner, self._relationship)

    @property
    def _columns(self) -> tuple[Field, ...]:
        kind = self.field.kind
        assert isinstance(kind, Rows)
        return kind.columns
