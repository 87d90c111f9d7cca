"""Every write of what units own moves the content stamp: nothing kept can be out of date.

The stamp is moved just before the commit and after everything else, once: its row is locked for the
moment of the commit only, and nobody who holds it waits for another lock.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from hoitu.core import stamp
from hoitu.core.units import ScopedSession, UnitScoped

#: Key in the session: its present transaction has written something that a unit owns.
_WRITTEN: Final = "hoitu_content_written"


@event.listens_for(ScopedSession, "before_flush")
def _notice_rows(session: Session, _context: UOWTransaction, _instances: object) -> None:
    if any(_shapes_pages(type(row)) for row in (*session.new, *session.dirty, *session.deleted)):
        session.info[_WRITTEN] = True


@event.listens_for(ScopedSession, "do_orm_execute")
def _notice_statement(state: ORMExecuteState) -> None:
    changes = state.is_insert or state.is_update or state.is_delete
    mapper = state.bind_mapper if changes else None
    if mapper is not None and _shapes_pages(mapper.class_):
        state.session.info[_WRITTEN] = True


def _shapes_pages(written: type) -> bool:
    return issubclass(written, UnitScoped) and written.shapes_pages


@event.listens_for(ScopedSession, "before_commit")
def _move(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    if session.info.pop(_WRITTEN, False):
        stamp.bump(session, stamp.CONTENT)


@event.listens_for(ScopedSession, "after_transaction_end")
def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_WRITTEN, None)
