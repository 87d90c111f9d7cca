"""How many messages of programs a unit's forms refused, by reason and day; nothing of what or who.

The desk tells the number of today where received messages wait.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar, Final, cast

from sqlalchemy import CursorResult, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.db import Base, BigId
from hoitu.core.extensions import session
from hoitu.core.units import UnitScoped, all_units
from hoitu.core.web.site import today

#: How long the numbers are kept.
KEPT: Final = timedelta(days=90)


class RefusedSending(UnitScoped, Base):
    """That messages were refused at a unit on a day, why, and how many."""

    __tablename__ = "refused_sending"
    __table_args__ = (UniqueConstraint("unit_id", "day", "reason"),)
    #: Visitors never see it.
    shapes_pages: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(20))
    times: Mapped[int]


def note(reason: str) -> None:
    """Count a message that was refused at the addressed unit, and commit: one statement or two."""
    if not _add_up(reason):
        try:
            with session().begin_nested():
                session().add(RefusedSending(day=today(), reason=reason, times=1))
        except IntegrityError:
            # The first of the day came twice at the same instant.
            _add_up(reason)
    session().commit()


def refused_today() -> int:
    """Return how many messages the unit's forms refused today: one statement."""
    summed = select(func.sum(RefusedSending.times)).where(RefusedSending.day == today())
    return session().scalar(summed) or 0


def forget(opened: Session, day: date) -> None:
    """Delete the numbers of long ago."""
    with all_units("old numbers of refused messages are forgotten everywhere"):
        opened.execute(delete(RefusedSending).where(RefusedSending.day < day - KEPT))


def _add_up(reason: str) -> bool:
    """Count one more; say whether there was a row. The database counts: two may come at once."""
    row = update(RefusedSending).where(
        RefusedSending.day == today(), RefusedSending.reason == reason
    )
    counted = row.values(times=RefusedSending.times + 1)
    options = {"synchronize_session": False}
    done = cast("CursorResult[Any]", session().execute(counted, execution_options=options))
    return done.rowcount > 0
