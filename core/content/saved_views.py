"""Lists of the desk that somebody keeps under a name: a type with its filters."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.db import Base, BigId
from hoitu.core.units import UnitScoped


class SavedView(UnitScoped, Base):
    """One kept list of one account."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("unit_id", "account_id", "type", "name"),)
    #: No public page shows it.
    shapes_pages: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column()
    type: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(80))
    #: The part of the address after the question mark.
    query: Mapped[str] = mapped_column(String(1000))
