"""The configuration stamp: one number that changes whenever configuration does.

Units, host names, switches, settings and plugin states are read on every request and change a few
times a day. Each process keeps them in memory and reads this one number per request; when it has
moved, everything is read anew. So a change made in one process is seen by all, at the next request.
"""

from __future__ import annotations

from sqlalchemy import Integer, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.db import Base


class Stamp(Base):
    """The single row that holds the number."""

    __tablename__ = "stamp"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


_READ = select(Stamp.value).where(Stamp.id == 1)


def read(session: Session) -> int:
    """Return the present number; 0 before anything was configured."""
    # On the connection: every request pays for this, and the number is no entity to be scoped.
    return session.connection().scalar(_READ) or 0


def bump(session: Session) -> None:
    """Move the number on, in the transaction that changes the configuration."""
    moved = session.execute(update(Stamp).where(Stamp.id == 1).values(value=Stamp.value + 1))
    if not moved.rowcount:  # type: ignore[attr-defined]
        session.add(Stamp(id=1, value=1))
