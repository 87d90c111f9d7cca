"""Unit scope: which units the running code may see. It fails closed.

Inside :func:`unit_scope` every ORM statement is filtered to the given units and every write is
stamped and checked. Without a scope a statement on unit-owned rows raises. Bulk writes and bare
tables are refused. What this cannot see — raw SQL text, a bare table beside an entity, the bare
connection — is forbidden in sections; the tests of this module name every such hole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, ClassVar, Final

from sqlalchemy import ForeignKey, Table, event
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    attributes,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors

from hoitu.core.db import Base

__all__ = ["ScopedSession", "UnitScopeError", "UnitScoped", "all_units", "scope", "unit_scope"]

log = logging.getLogger(__name__)


class _AllUnits:
    """The scope of maintenance work: every unit."""

    def __contains__(self, unit_id: int) -> bool:
        return True


_ALL: Final = _AllUnits()
Scope = frozenset[int] | _AllUnits
_current: ContextVar[Scope | None] = ContextVar("unit_scope", default=None)


class UnitScopeError(LookupError):
    """A statement or write needs a unit and none is active, or it is the wrong one."""


class UnitScoped:
    """Mixin of mapped classes whose rows belong to exactly one unit."""

    #: Whether a public page may show what its rows hold; writing others leaves what is kept alone.
    shapes_pages: ClassVar[bool] = True

    @declared_attr
    def unit_id(cls) -> Mapped[int]:  # noqa: N805
        """Return the column of the owning unit; stamped when a row is added without it."""
        return mapped_column(ForeignKey("unit.id"), index=True)


@contextmanager
def unit_scope(*unit_ids: int) -> Iterator[None]:
    """Restrict everything inside the block to the given units; none means nothing at all."""
    token = _current.set(frozenset(unit_ids))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def all_units(reason: str) -> Iterator[None]:
    """Lift the restriction for maintenance work of core; the reason is logged.

    Sections may not use it: the import contract and the conformance kit say so.
    """
    log.debug("scope lifted: %s", reason)
    token = _current.set(_ALL)
    try:
        yield
    finally:
        _current.reset(token)


def enter_scope(*unit_ids: int) -> None:
    """Set the scope for the rest of the current context (a request); there is no way back."""
    _current.set(frozenset(unit_ids))


def leave_scope() -> None:
    """End what :func:`enter_scope` began; statements on unit-owned rows raise again."""
    _current.set(None)


def scope() -> Scope | None:
    """Return the active scope, or None."""
    return _current.get()


class ScopedSession(Session):
    """The session class of the platform; its identity map never hands out a foreign row."""

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """Return the row with this key if the scope may see it, else None."""
        found = super().get(entity, ident, **options)
        if isinstance(found, UnitScoped):
            active = _current.get()
            if active is None:
                raise UnitScopeError("no unit is active")
            return found if found.unit_id in active else None
        return found

    def _refuse_bulk(self, *_arguments: Any, **_options: Any) -> None:
        raise UnitScopeError("bulk methods bypass the unit stamp; add objects instead")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse_bulk


@lru_cache(maxsize=4096)
def _criteria(units: frozenset[int]) -> Any:
    # A plain closure over a frozenset would be analysed anew on each call; the cache keeps one.
    ids = tuple(sorted(units))
    if len(ids) > 1 or not ids:
        return with_loader_criteria(
            UnitScoped, lambda cls: cls.unit_id.in_(ids), include_aliases=True
        )
    # Almost every request. A list of one would be written into the statement anew each time.
    (only,) = ids
    return with_loader_criteria(UnitScoped, lambda cls: cls.unit_id == only, include_aliases=True)


@event.listens_for(ScopedSession, "do_orm_execute")
def _restrict(state: ORMExecuteState) -> None:
    active = _current.get()
    if active is _ALL or state.is_column_load:
        return
    if not state.is_orm_statement or active is None:
        _refuse_unscoped(state, active)
        return
    assert isinstance(active, frozenset)
    if state.is_insert and _names_scoped_table(state.statement):
        raise UnitScopeError("bulk insert bypasses the unit stamp; add objects instead")
    if state.is_update and _names_unit(state) and _names_scoped_table(state.statement):
        raise UnitScopeError("an update by key or of `unit_id` cannot be filtered; change objects")
    state.statement = state.statement.options(_criteria(active))


def _names_unit(state: ORMExecuteState) -> bool:
    """Say whether an update takes its rows from keys in a list, or moves rows to another unit."""
    if isinstance(state.parameters, list):
        return True
    changed = [*(getattr(state.statement, "_values", None) or ()), *(state.parameters or ())]
    return any(getattr(column, "key", column) == "unit_id" for column in changed)


def _refuse_unscoped(state: ORMExecuteState, active: Scope | None) -> None:
    if not _names_scoped_table(state.statement):
        return
    if active is None:
        raise UnitScopeError("no unit is active")
    raise UnitScopeError("a Core statement on unit-owned rows cannot be filtered; use the ORM")


def _names_scoped_table(statement: Any) -> bool:
    scoped = _scoped_tables(len(Base.registry.mappers))
    for element in visitors.iterate(statement):
        bare = element._deannotate() if hasattr(element, "_deannotate") else element
        if isinstance(bare, Table) and bare in scoped:
            return True
    return False


@lru_cache(maxsize=8)
def _scoped_tables(mappers: int) -> frozenset[Any]:
    """Return the tables of unit-scoped classes; the argument invalidates the cache."""
    return frozenset(
        table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, UnitScoped)
        for table in mapper.tables
    )


@event.listens_for(ScopedSession, "before_flush")
def _stamp(session: Session, _context: UOWTransaction, _instances: object) -> None:
    active = _current.get()
    if active is _ALL:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, UnitScoped):
            continue
        if active is None:
            raise UnitScopeError("no unit is active")
        assert isinstance(active, frozenset)
        owner: int | None = row.unit_id
        if owner is None and len(active) == 1:
            (row.unit_id,) = active
        # Of a row that changes hands, both owners count.
        for unit_id in (row.unit_id, *attributes.get_history(row, "unit_id").deleted):
            if unit_id not in active:
                raise UnitScopeError(f"write to unit {unit_id} from scope {sorted(active)}")
