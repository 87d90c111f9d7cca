"""Tables: who reads, what they follow, and what has been announced.

None of them belongs to a unit alone: whoever has the link of their mails sees all they follow at
this installation, on whatever site. An address is asked for by its own link only; no page of the
desk shows one.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hoitu.core.db import Base, BigId, Json

AT_ONCE, DAILY, WEEKLY = "at_once", "daily", "weekly"
FREQUENCIES: Final = (AT_ONCE, DAILY, WEEKLY)


class Reader(Base):
    """An address that follows something, or was asked to say whether it wants to."""

    __tablename__ = "subscriptions_reader"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: In lower case.
    address: Mapped[str] = mapped_column(String(254), unique=True)
    language: Mapped[str] = mapped_column(String(5))
    #: Random; part of every link in the mails, which are signed and kept nowhere.
    seed: Mapped[str] = mapped_column(String(32))
    #: On how many days running a server refused mails to it for good, and the last of them.
    refusals: Mapped[int] = mapped_column(default=0)
    refused_on: Mapped[date | None]
    #: Since when nothing is sent because of that.
    paused_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    subscriptions: Mapped[list[Subscription]] = relationship(
        back_populates="reader", cascade="all, delete-orphan", order_by="Subscription.id"
    )


class Subscription(Base):
    """One thing an address follows on a site; waiting for its word until ``confirmed_at``."""

    __tablename__ = "subscriptions_subscription"
    __table_args__ = (Index("ix_subscriptions_due", "unit_id", "frequency", "told_until"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey(Reader.id, ondelete="CASCADE"), index=True)
    #: The site on which it was asked for, whose name the mails bear.
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    #: Follows all sites of the province, not this one alone.
    wide: Mapped[bool] = mapped_column(default=False)
    #: Empty: all of them.
    section: Mapped[str] = mapped_column(String(60), default="")
    type: Mapped[str] = mapped_column(String(60), default="")
    #: Words that must all be in it, and values of filters by their names in addresses.
    words: Mapped[str] = mapped_column(String(200), default="")
    filters: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    frequency: Mapped[str] = mapped_column(String(10))
    #: SHA-256 of the one-time word in the link that confirms it.
    confirm_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    confirm_until: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    #: All that was announced up to this instant has been told.
    told_until: Mapped[datetime]

    reader: Mapped[Reader] = relationship(back_populates="subscriptions")


class Announcement(Base):
    """That an item became public for the first time; kept for good, so that it never is again."""

    __tablename__ = "subscriptions_announcement"
    __table_args__ = (Index("ix_subscriptions_announced", "due_at", "unit_id"),)

    item_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    section: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(60))
    #: From when on it may be told.
    due_at: Mapped[datetime]
