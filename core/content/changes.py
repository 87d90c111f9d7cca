"""Every write of what units own moves the content stamp: nothing kept can be out of date."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from hoitu.core import stamp
from hoitu.core.units import ScopedSession, UnitScoped

#: Key in the session: the stamp was moved in its present transaction.
_MOVED: Final = "hoitu_content_stamp_moved"


@event.listens_for(ScopedSession, "before_flush")
def _notice_rows(session: Session, _context: UOWTransaction, _instances: object) -> None:
    if any(isinstance(row, UnitScoped) for row in (*session.new, *session.dirty, *session.deleted)):
        _move(session)


@event.listens_for(ScopedSession, "do_orm_execute")
def _notice_statement(state: ORMExecuteState) -> None:
    changes = state.is_update or state.is_delete
    mapper = state.bind_mapper if changes else None
    if mapper is not None and issubclass(mapper.class_, UnitScoped):
        _move(state.session)


@event.listens_for(ScopedSession, "after_transaction_end")
def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_MOVED, None)


def _move(session: Session) -> None:
    if not session.info.get(_MOVED):
        # A savepoint that is rolled back takes the move with it: only outside of any is it kept in
        # mind.
        session.info[_MOVED] = not session.in_nested_transaction()
        stamp.bump(session, stamp.CONTENT)
