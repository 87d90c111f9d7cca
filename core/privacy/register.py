"""The register of personal data: what every plugin and core itself keep, why, and how long.

It is read from the manifests and from ``data/register.toml``, so that nothing has to be written
down twice; how many rows there are is counted when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, cast, func, or_, select
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.types import String

from hoitu.core.content import ContentType, Field, Item, Rows
from hoitu.core.db import Base
from hoitu.core.extensions import platform
from hoitu.core.package_data import package_data
from hoitu.core.plugin import manifest as manifests
from hoitu.core.plugin.manifest import PersonalData
from hoitu.core.units import UnitScoped

#: Under this name core itself stands in the register.
CORE: Final = "core"
#: What tells how old a row is: the first of these that a table has.
_AGES: Final = (
    "created_at", "at", "begun_at", "opened_at", "first_at", "assured_at", "posted_at", "run_at",
    "uploaded_at", "seen_at", "first_on", "day",
)  # fmt: skip
#: What an empty value looks like, as text.
_EMPTY: Final = ("", "null", "[]", "{}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where some fields of an entry are: a class of rows, and its columns."""

    model: type[Base]
    columns: tuple[ColumnElement[Any], ...]
    #: The content type the rows belong to; None for other tables.
    kind: ContentType | None
    #: Names of the fields or columns.
    names: tuple[str, ...]

    @property
    def label(self) -> Any:
        """What the items are called; '' for other tables, which their entry names."""
        return self.kind.label_plural if self.kind else ""

    @property
    def technical(self) -> str:
        """Where it is for whoever administers the database: table and columns."""
        return f"{self.model.__tablename__}: {', '.join(self.names)}"

    @property
    def of_unit(self) -> bool:
        """Whether each row belongs to a unit."""
        return issubclass(self.model, UnitScoped)

    def labels(self) -> tuple[Any, ...]:
        """Return what the fields are called; none for columns, which their entry names."""
        if self.kind is None:
            return ()
        return tuple(label_of(self.kind, name) for name in self.names)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register: what a plugin keeps together, and in which places."""

    owner: str
    data: PersonalData
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """How many rows hold something, and since when the oldest is there."""

    rows: int
    oldest: date | datetime | None


def entries(owners: Sequence[str] | None = None) -> list[Entry]:
    """Return the register, plugins by weight and core at the end; of ``owners`` only, if given."""
    declared = [(m.name, m.personal_data) for m in platform.plugins.manifests()]
    declared.append((CORE, own()))
    return [
        Entry(owner, data, tuple(_places(owner, data)))
        for owner, together in declared
        if owners is None or owner in owners
        for data in together
    ]


@cache
def own() -> tuple[PersonalData, ...]:
    """Return what core keeps of people."""
    told = package_data("hoitu.core.privacy", "register")
    return manifests.personal_data(told["personal_data"], "core/privacy/data/register.toml")


def of_kind(kind: ContentType, of: str = "") -> list[tuple[str, PersonalData]]:
    """Return (field, what is declared of it) of a content type; ``of`` whom, if given."""
    plugin = platform.plugins.get(kind.section)
    declared = plugin.manifest.personal_data if plugin and plugin.manifest else ()
    return [
        (name, data)
        for data in declared
        if of in ("", data.of)
        for name in data.fields
        if is_personal(kind, name)
    ]


def is_personal(kind: ContentType, name: str) -> bool:
    """Say whether a type has a field, or a column of a table of its own, with personal data."""
    return any(n == name and (f.personal or f.private) for n, f in _declared(kind))


def held(session: Session, place: Place) -> Held:
    """Count the rows of a place that hold anything, within the scope: one statement."""
    table = place.model.__table__
    assert isinstance(table, Table)
    mapper: Mapper[Any] = place.model.__mapper__
    known = {prop.key for prop in mapper.column_attrs}
    age = next((name for name in _AGES if name in known), None)
    oldest: Any = func.min(getattr(place.model, age)) if age else func.min(None)
    filled = or_(*(_is_filled(column) for column in place.columns))
    rows, first = session.execute(
        select(func.count(), oldest).select_from(place.model).where(filled)
    ).one()
    return Held(rows, first)


def label_of(kind: ContentType, name: str) -> Any:
    """Return what a field of a type is called on its form."""
    return next((kind.labels.get(name, f.label) for n, f in _declared(kind) if n == name), name)


def _is_filled(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.is_not(None) & cast(column, String).not_in(_EMPTY)


def _declared(kind: ContentType) -> Iterator[tuple[str, Field]]:
    """Yield (name, field) of a type, columns of its tables included."""
    for name, declared in kind.model.fields().items():
        yield name, declared
        if isinstance(declared.kind, Rows):
            yield from ((column.name, column) for column in declared.kind.columns)


def _places(owner: str, data: PersonalData) -> Iterator[Place]:
    """Find the fields of the plugin's types and the columns of tables."""
    plain = [name for name in data.fields if "." not in name]
    for kind in platform.types.of_section(owner):
        names = tuple(name for name in plain if is_personal(kind, name))
        if names:
            columns = tuple(_column(kind, name) for name in names)
            yield Place(kind.model, columns, kind, names)
    by_table: dict[str, list[str]] = {}
    for name in data.fields:
        table, point, column = name.partition(".")
        if point:
            by_table.setdefault(table, []).append(column)
    for table, columns_of in by_table.items():
        model = _model(table)
        if model is not None and all(hasattr(model, name) for name in columns_of):
            found = tuple(getattr(model, name) for name in columns_of)
            yield Place(model, found, None, tuple(columns_of))


def _column(kind: ContentType, name: str) -> Any:
    """Return the column of a field; of a column in a table of its own, that the item is there."""
    found = getattr(kind.model, name, None)
    return found if name in kind.model.__mapper__.columns else Item.uid


def _model(table: str) -> type[Base] | None:
    """Return the class of rows of a table."""
    for mapper in Base.registry.mappers:
        own: Any = mapper.local_table
        inherited = mapper.inherits is not None and mapper.inherits.local_table is own
        if own is not None and own.name == table and not inherited:
            found: type[Base] = mapper.class_
            return found
    return None
