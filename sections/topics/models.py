"""The topic: a campaign channel with a period, a banner and entries from any section."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped

from hoitu.core import clock
from hoitu.core.content import Day, Field, File, Item, Line, Reference, Rows, field

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

    starts_on: Mapped[date | None] = field(Day(), label=_("First day of the topic"), required=True)
    ends_on: Mapped[date | None] = field(
        Day(), label=_("Last day of the topic"), help=_("Empty for a channel without an end.")
    )
    mandate: Mapped[str] = field(
        Line(250),
        label=_("Fields of work"),
        required=True,
        help=_("The fields of the unit's mandate that the topic belongs to."),
    )
    keywords: Mapped[str] = field(
        Line(250),
        label=_("Keywords"),
        search="text",
        help=_(
            "Separated by commas; the newest entries that name one stand below the chosen ones."
        ),
    )
    banner_alt: Mapped[str] = field(
        Line(250),
        label=_("What the banner shows"),
        help=_("The first picture among the attachments is the banner; it needs a description."),
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

    @property
    def pictures(self) -> list[File]:
        """The attached pictures; the first is the banner."""
        files = (row.file for row in self.attachment_rows)
        return [file for file in files if file.media_type.startswith("image/")]

    def open(self) -> None:
        """Keep a published topic off the site until its first day: core's clock opens it."""
        if self.state != "published" or self.starts_on is None:
            return
        assert self.published_from is not None
        assert self.revised_at is not None
        day = self.starts_on
        first = datetime(day.year, day.month, day.day, tzinfo=clock.ZONE)
        # What was open stays as old as it is; what waits for a later day may be put forward.
        self.published_from = max(first, min(self.published_from, self.revised_at))
