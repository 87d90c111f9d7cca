"""A notice, whom it concerns, and replies."""

from __future__ import annotations

import re
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hoitu.core.content import (
    Choice,
    Day,
    Email,
    Field,
    Item,
    Line,
    Paragraphs,
    Problem,
    Reference,
    RowsAttribute,
    field,
)
from hoitu.core.db import Base, BigId
from hoitu.core.units import UnitScoped

NUMBER = re.compile(r"TB-\d+", re.ASCII)
AUDIENCES = (("everybody", _("Everybody")), ("companies", _("Companies")))


class Recipient(UnitScoped, Base):
    """Somebody a notice concerns."""

    __tablename__ = "notices_recipient"
    __table_args__ = (ForeignKeyConstraint(["item_id", "unit_id"], ["item.id", "item.unit_id"]),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigId, index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(120))


class Notice(Item):
    """A notice with a number of its own."""

    __tablename__ = "notices_notice"
    __table_args__ = (Index("ix_notices_notice_number", "unit_id", "number"),)
    type_name = "notice"

    number: Mapped[str] = field(Line(40), label=_("Number"), required=True, search="exact")
    audience: Mapped[str] = field(
        Choice(lambda: AUDIENCES), label=_("For whom"), required=True, filter="doi-tuong"
    )
    valid_until: Mapped[date | None] = field(Day(), label=_("Valid until"))

    recipient_rows: Mapped[list[Recipient]] = relationship(
        order_by=Recipient.position,
        cascade="all, delete-orphan",
        primaryjoin=lambda: Notice.id == Recipient.item_id,
        foreign_keys=[Recipient.item_id],
    )
    recipients = RowsAttribute(
        "recipient_rows", Recipient, Field(Line(120), _("Name"), name="name"), label=_("Recipients")
    )


class Reply(Item):
    """What somebody replied to a notice; ``title`` is its subject, ``body`` the answer."""

    __tablename__ = "notices_reply"
    type_name = "notice_reply"

    notice: Mapped[int | None] = field(Reference("notice"), label=_("Notice"))
    said: Mapped[str] = field(Paragraphs(2000), label=_("Your reply"), required=True)
    sender_email: Mapped[str] = field(Email(120), label=_("E-mail"), personal=True, private=True)


def problems(item: Item) -> list[Problem]:
    """Return what is wrong with an item."""
    if isinstance(item, Notice) and item.number and not NUMBER.fullmatch(item.number):
        return [Problem("number", gettext("Write the number as TB-12."))]
    return []
