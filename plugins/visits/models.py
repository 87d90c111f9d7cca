"""The counts: by page and day, by day, and the traces of one day.

They belong to units and are no content of theirs: one statement counts for all units at once, which
the unit scope of content rightly refuses. So every reading here names its unit itself; only
:mod:`writing` and :mod:`retention` touch the rows of all.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.db import Base, BigId

#: Longest address of a page that is counted; the rest is left off.
PATH: Final = 200


class PageViews(Base):
    """How often a page was read on a day: an item by its number, any other page by its address."""

    __tablename__ = "visits_page"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    #: 0 for a page that shows no single item.
    item_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(PATH), primary_key=True)
    views: Mapped[int]


class PageMonth(Base):
    """The same by month, for what is older; ``month`` is its first day."""

    __tablename__ = "visits_page_month"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(PATH), primary_key=True)
    views: Mapped[int]


class DayCount(Base):
    """Pages read at a unit on a day and, once the day is over, by how many visitors."""

    __tablename__ = "visits_day"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int]
    visitors: Mapped[int]


class Trace(Base):
    """A place that at least one visitor of the day has, and when one of them was last seen."""

    __tablename__ = "visits_trace"
    __table_args__ = (Index("ix_visits_trace_seen", "unit_id", "day", "seen_at"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_at: Mapped[datetime]


class DayKey(Base):
    """The random key of a day, the same for all processes; without it no place means anything."""

    __tablename__ = "visits_key"

    day: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
