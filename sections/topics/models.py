"""The topic: a campaign channel with a period, a banner and entries from any section."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped

from hoitu.core.content import Day, Field, Item, Line, Reference, Rows, field

ENTRIES = Rows(
    (
        Field(Reference(), _("Published entry"), name="item"),
        Field(Line(250), _("Why it belongs here"), name="note"),
    )
)


class Topic(Item):
    """A channel; it runs from its first to its last day, both included."""

    __tablename__ = "topics_topic"
    type_name = "topic"

    starts_on: Mapped[date | None] = field(Day(), label=_("First day"), required=True)
    ends_on: Mapped[date | None] = field(
        Day(), label=_("Last day"), help=_("Empty for a channel without an end.")
    )
    mandate: Mapped[str] = field(
        Line(250),
        label=_("Fields of work"),
        required=True,
        help=_("The fields of the unit's mandate that the topic belongs to."),
    )
    banner_alt: Mapped[str] = field(
        Line(250),
        label=_("What the banner shows"),
        help=_("The first picture among the attachments is the banner once it is described."),
    )
    entries: Mapped[list[dict[str, Any]]] = field(
        ENTRIES,
        label=_("Entries of the topic"),
        help=_("Anything published on this site: news, documents, guidance, plans."),
    )

    def state_on(self, day: date) -> str:
        """Return ``upcoming``, ``running`` or ``ended``."""
        if self.starts_on is not None and day < self.starts_on:
            return "upcoming"
        return "ended" if self.ends_on is not None and self.ends_on < day else "running"
