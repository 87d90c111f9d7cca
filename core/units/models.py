"""Tables of units. Names, parents and host names are dated; rows are never deleted.

Only this package and the unit commands touch the rows; everything else sees the immutable
:class:`~hoitu.core.units.Unit` of the directory.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.db import Base


class UnitRow(Base):
    """An agency, living or dissolved. Types come from the catalogue."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    code: Mapped[str] = mapped_column(String(40), default="")
    type: Mapped[str] = mapped_column(String(40))
    has_site: Mapped[bool] = mapped_column(default=True)
    website: Mapped[str] = mapped_column(String(300), default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class UnitNameRow(Base):
    """A name of a unit in one language and period."""

    __tablename__ = "unit_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    language: Mapped[str] = mapped_column(String(5), default="vi")
    name: Mapped[str] = mapped_column(String(200))
    short: Mapped[str] = mapped_column(String(80), default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class UnitParentRow(Base):
    """The superior of a unit in one period."""

    __tablename__ = "unit_parent"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class HostRow(Base):
    """A host name on which a unit's site answers, in one period."""

    __tablename__ = "host"
    __table_args__ = (Index("ix_host_name", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(253))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class SuccessionRow(Base):
    """One unit continued, wholly or in part, by another: many to many."""

    __tablename__ = "unit_succession"
    __table_args__ = (UniqueConstraint("predecessor_id", "successor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    partial: Mapped[bool] = mapped_column(default=False)
    effective_on: Mapped[date]
    legal_document: Mapped[str] = mapped_column(String(120), default="")
