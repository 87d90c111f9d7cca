"""Who of the staff looked at whose message: one row for each account, item and day.

A page that is only read has a session that does not write, and one that writes may hold the lock.
So what was shown is noted in a short transaction of its own once the answer has left and its
session is closed; what cannot be written then goes along with the next one.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core import clock
from hoitu.core.db import Base, BigId
from hoitu.core.extensions import Platform
from hoitu.core.jobs import Job, JobContext

log = logging.getLogger(__name__)

#: How long it is kept who looked.
KEPT: Final = timedelta(days=365)
#: Views that wait for a database that is out of reach; beyond, the oldest are let go.
MOST: Final = 50_000
#: Rows of one statement.
_AT_ONCE: Final = 500
_INSERT: Final[Mapping[str, Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class PersonalView(Base):
    """That an account was shown personal data of who sent an item, on one day.

    It names its unit itself and is read by unit: it outlives the item.
    """

    __tablename__ = "personal_view"
    __table_args__ = (Index("ix_personal_view_unit", "unit_id", "day", "item_id"),)

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    #: In Vietnam.
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    first_at: Mapped[datetime]
    times: Mapped[int]


@dataclass(frozen=True, slots=True)
class View:
    """One time an item's personal data were shown."""

    account_id: int
    unit_id: int
    item_id: int
    at: datetime


class Notebook:
    """What this process has to write; safe to share between threads."""

    def __init__(self) -> None:
        self._waiting: deque[View] = deque(maxlen=MOST)
        self._lock = Lock()

    def note(self, parts: Platform, views: Iterable[View]) -> None:
        """Write views, and those that could not be written before."""
        self._waiting.extend(views)
        with self._lock:
            taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if not taken:
                return
            try:
                with parts.open_session(True) as session:
                    write(session, taken)
                    session.commit()
            except SQLAlchemyError:
                log.exception("who looked at personal data waits to be written; see: hoitu doctor")
                self._waiting.extendleft(reversed(taken))


def write(session: Session, views: Iterable[View]) -> None:
    """Add views to what is there; the caller commits.

    Rows are written in the order of their keys: two processes never wait for each other.
    """
    rows: dict[tuple[int, int, date], dict[str, Any]] = {}
    for view in views:
        day = clock.local(view.at).date()
        fresh = {
            "account_id": view.account_id, "item_id": view.item_id, "day": day,
            "unit_id": view.unit_id, "first_at": view.at, "times": 0,
        }  # fmt: skip
        row = rows.setdefault((view.account_id, view.item_id, day), fresh)
        row["times"] += 1
        row["first_at"] = min(row["first_at"], view.at)
    ordered = [rows[key] for key in sorted(rows)]
    insert = _INSERT[session.get_bind().dialect.name]
    for first in range(0, len(ordered), _AT_ONCE):
        statement = insert(PersonalView).values(ordered[first : first + _AT_ONCE])
        session.execute(
            statement.on_conflict_do_update(
                index_elements=list(PersonalView.__mapper__.primary_key),
                set_={"times": PersonalView.times + statement.excluded.times},
            )
        )


def _forget(context: JobContext) -> None:
    """Delete what is older than a year."""
    oldest = clock.local(context.clock.now()).date() - KEPT
    context.session.execute(delete(PersonalView).where(PersonalView.day < oldest))


JOBS: Final = (Job("forget_views", _forget, every=timedelta(days=1)),)
