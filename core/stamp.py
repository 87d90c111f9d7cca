"""The stamps: one number that changes whenever configuration does, one for published content.

Units, host names, switches, settings and plugin states are read on every request and change a few
times a day. Each process keeps them in memory and reads these numbers, once per request; when one
has moved, what depends on it is read anew. So a change made in one process is seen by all, at the
next request.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Integer, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.db import Base

#: Keys of the two rows.
CONFIGURATION: Final = 1
CONTENT: Final = 2


class Stamp(Base):
    """A row that holds one of the numbers."""

    __tablename__ = "stamp"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


_READ = select(Stamp.id, Stamp.value)


def read(session: Session) -> tuple[int, int]:
    """Return the numbers of configuration and content; 0 before there was any."""
    # On the connection: every request pays for this, and the numbers are no entities to be scoped.
    found: dict[int, int] = {row.id: row.value for row in session.connection().execute(_READ)}
    return found.get(CONFIGURATION, 0), found.get(CONTENT, 0)


def bump(session: Session, which: int = CONFIGURATION) -> None:
    """Move a number on, in the transaction of the change."""
    moved = session.execute(update(Stamp).where(Stamp.id == which).values(value=Stamp.value + 1))
    if not moved.rowcount:  # type: ignore[attr-defined]
        session.add(Stamp(id=which, value=1))
