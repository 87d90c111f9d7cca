"""Tables of batches and their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String, UniqueConstraint, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.content.actions import forgetting, purging
from hoitu.core.db import Base, BigId, Json
from hoitu.core.units import UnitScoped

#: A batch is looked at, runs, and is done or was stopped.
READY, RUNNING, DONE, STOPPED = "ready", "running", "done", "stopped"
#: A row waits; was done, refused or left out.
WAITING, OK, REFUSED, LEFT_OUT = "waiting", "ok", "refused", "left_out"


class Batch(UnitScoped, Base):
    """One piece of work on many entries of one unit, asked for by one account."""

    __tablename__ = "batch"
    #: No public page shows it; what a row changes in an entry, the entry itself tells.
    shapes_pages: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: What is done: `step`, `move`, `import`, `replace`, ...
    kind: Mapped[str] = mapped_column(String(20))
    #: Content type of its entries; '' = of several.
    type: Mapped[str] = mapped_column(String(60), default="")
    title: Mapped[str] = mapped_column(String(200))
    #: What the work needs to know, the same for all rows.
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(String(10), default=READY)
    account_id: Mapped[int | None] = mapped_column(index=True)
    account_name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class BatchRow(UnitScoped, Base):
    """One entry of a batch, and what became of it."""

    __tablename__ = "batch_row"
    __table_args__ = (UniqueConstraint("batch_id", "position"),)
    #: As of its batch.
    shapes_pages: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    position: Mapped[int]
    #: The entry; None while it is still to be made.
    item_id: Mapped[int | None] = mapped_column(BigId)
    label: Mapped[str] = mapped_column(String(300), default="")
    values: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    #: What is wrong with it, or became of it, in the language of whoever asked.
    message: Mapped[str] = mapped_column(default="")


def _forget_name(session: Session, item_id: int) -> None:
    """Let the rows of an item that is purged tell no more what it was called."""
    session.execute(update(BatchRow).where(BatchRow.item_id == item_id).values(label=""))


def _forget_words(session: Session, item_id: int) -> None:
    """Let the rows of an item whose sender is forgotten repeat nothing of it."""
    empty: dict[str, Any] = {"label": "", "values": {}, "message": ""}
    session.execute(update(BatchRow).where(BatchRow.item_id == item_id).values(**empty))


purging.also(_forget_name)
forgetting.also(_forget_words)
