"""The banners that were put up.

They are no content type. Content is written, checked and approved by several people, belongs to a
section and to one site, and can be switched off there; a banner is put up by one person at once,
stands on many sites, and must not be hidden by any of them. What the actions give to content it has
in small: `publishing` is the only place that writes, demands the permission, and records each
change in the log of the platform. Rows are kept: they say what was told to whom, and until when.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.db import Base, BigId
from hoitu.core.units import UnitScoped

#: Longest heading, text and link, in characters.
HEADLINE, DETAIL, LINK = 160, 1000, 300
#: Severities, the gravest first; ``vocabulary`` has their words.
SEVERITIES: Final = ("emergency", "warning", "information")


class EmergencyBanner(UnitScoped, Base):
    """A banner on the site of its unit, and with ``below`` on those of all units under it."""

    __tablename__ = "emergency_banner"
    __table_args__ = (Index("ix_emergency_banner_now", "unit_id", "ends_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: Names it for ever, in feeds and alerts; the form has it from its preview on.
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    below: Mapped[bool]
    #: The unit from whose desk it was put up: there, and at the province, it can be changed.
    issued_at_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    severity: Mapped[str] = mapped_column(String(20))
    headline: Mapped[str] = mapped_column(String(HEADLINE))
    detail: Mapped[str] = mapped_column(String(DETAIL), default="")
    headline_en: Mapped[str] = mapped_column(String(HEADLINE), default="")
    detail_en: Mapped[str] = mapped_column(String(DETAIL), default="")
    #: A path on the site of ``issued_at_id``, or a whole address.
    link: Mapped[str] = mapped_column(String(LINK), default="")
    begins_at: Mapped[datetime]
    #: There always is an end; it can be put off.
    ends_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
