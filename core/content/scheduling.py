"""Steps to be taken at a later time: publishing on a day, and leaving the public on one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.db import Base, BigId, Json
from hoitu.core.units import UnitScoped

WAITING, DONE, FAILED, CANCELLED = "waiting", "done", "failed", "cancelled"
#: Steps that can be planned: going public, and leaving the public again.
START = "publish"
ENDS = ("unpublish", "archive")
#: Key in the details: the newest version of the text when its publication was planned.
TEXT = "text"


class ScheduledStep(UnitScoped, Base):
    """A step of the workflow, the time it is taken, and for whom."""

    __tablename__ = "scheduled_step"
    __table_args__ = (
        ForeignKeyConstraint(["item_id", "unit_id"], ["item.id", "item.unit_id"]),
        Index("ix_scheduled_step_due", "state", "run_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigId, index=True)
    step: Mapped[str] = mapped_column(String(20))
    run_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(2000), default="")
    #: What is told along with the step, as JSON.
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    account_id: Mapped[int | None] = mapped_column()
    account_name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    #: Why it could not be taken.
    message: Mapped[str] = mapped_column(String(1000), default="")

    @property
    def is_end(self) -> bool:
        """Whether the item leaves the public by it."""
        return self.step in ENDS


def unsettled(session: Session, item_id: int) -> list[ScheduledStep]:
    """Return what is planned for an item and what could not be done, the earliest first."""
    open_ones = ScheduledStep.state.in_((WAITING, FAILED))
    chosen = select(ScheduledStep).where(ScheduledStep.item_id == item_id, open_ones)
    return list(session.scalars(chosen.order_by(ScheduledStep.run_at, ScheduledStep.id)))
