"""The consultation on a draft, and what people say of it.

A consultation opens and closes by the clock: its state follows from its days, no job switches it.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Index, String, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core import content
from hoitu.core import text as texts
from hoitu.core.content import Choice, Day, Field, Flag, Item, Line, Paragraphs, field
from hoitu.sections.legal_documents.vocabularies import HIDING_REASONS, KINDS, LEVELS, OUTCOMES

#: The catalogue key both types serve.
REQUIREMENT = "draft_consultations"
#: Long, and read on the page of a draft only: one statement for both.
_long = partial(field, deferred=True, deferred_group="draft")
#: For the desk only.
_kept = partial(field, private=True)
_HEADING_HELP = _("Begins with the number and a stop; opinions are sent on each article.")
ARTICLES = content.Rows(
    (
        Field(Line(250), _("Heading"), name="heading", help=_HEADING_HELP),
        Field(Paragraphs(20_000), _("Text"), name="text"),
    )
)


def article_key(heading: str) -> str:
    """Return the key of an article: what its heading says before the first stop."""
    head = heading.partition(".")[0].strip()
    return texts.slug(head)[:40].strip("-") if head else ""


class DraftConsultation(Item):
    """A draft that is open to opinions from ``opens_on`` to ``closes_on``, both included."""

    __tablename__ = "legal_draft_consultation"
    __table_args__ = (
        Index("ix_legal_draft_consultation_days", "unit_id", "closes_on"),
        Index("ix_legal_draft_consultation_result", "unit_id", "resulting_key"),
    )
    type_name = "draft_consultation"

    kind: Mapped[str] = field(
        Choice(KINDS.options), label=_("Kind of document"), required=True, filter="loai"
    )
    level: Mapped[str] = field(
        Choice(LEVELS.options), label=_("Level that will issue it"), required=True,
        help=_("Kind and level decide how long the draft must be open at least."),
    )  # fmt: skip
    drafter: Mapped[str] = field(Line(200), label=_("Drafting unit"), required=True, search="text")
    target: Mapped[str] = field(Paragraphs(1000), label=_("Who is asked"), required=True)
    opens_on: Mapped[date | None] = field(Day(), label=_("First day"), required=True)
    closes_on: Mapped[date | None] = field(Day(), label=_("Last day"), required=True)
    shortened: Mapped[bool] = field(
        Flag(), label=_("Shortened procedure"),
        help=_("Only on a decision that permits it; name the decision below."),
    )  # fmt: skip
    period_note: Mapped[str] = field(
        Paragraphs(1000), label=_("What the period rests on"),
        help=_("Needed where the law gives no minimum, or for the shortened procedure."),
    )  # fmt: skip
    change_note: Mapped[str] = field(
        Paragraphs(1000), label=_("Why the last day was moved"),
        help=_("Needed once the consultation was public with another last day."),
    )  # fmt: skip
    send_to: Mapped[str] = field(Paragraphs(1000), label=_("Other ways to send opinions"))
    articles: Mapped[list[dict[str, Any]]] = _long(ARTICLES, label=_("Articles of the draft"))
    explanation: Mapped[str] = _long(
        content.RichText(), label=_("What was taken up, and why not the rest"),
        help=_("Due once the consultation has ended."),
    )  # fmt: skip
    explained_on: Mapped[date | None] = field(Day(), label=_("Explained on"))
    resulting_number: Mapped[str] = field(
        content.Citation(80), label=_("Document issued"), search="exact",
        help=_("Number and symbol of the document that came of the draft."),
    )  # fmt: skip
    #: Folded like the numbers of documents: finds the consultation of a document.
    resulting_key: Mapped[str] = mapped_column(String(80), default="")
    #: The last day that is public, and the one that was before it.
    announced_until: Mapped[date | None]
    announced_before: Mapped[date | None]

    def follow(self) -> None:
        """Fill in what follows from the values; remember the last day that was public before."""
        self.resulting_key = texts.number_key(self.resulting_number or "")
        if self.state == "published" and self.closes_on != self.announced_until:
            self.announced_before = self.announced_until
            self.announced_until = self.closes_on

    def parts(self) -> list[tuple[str, str, str]]:
        """Return (key, heading, text) of the articles."""
        rows = self.articles or ()
        return [(article_key(r["heading"]), r["heading"], r["text"] or "") for r in rows]

    def state_on(self, day: date) -> str:
        """Return the key of the state on ``day``; :func:`state_is` tells the database the same."""
        if self.opens_on is None or self.closes_on is None or day < self.opens_on:
            return "upcoming"
        if day <= self.closes_on:
            return "open"
        if self.resulting_key:
            return "issued"
        return "explained" if self.explained_on else "closed"


def state_is(state: str, day: date) -> ColumnElement[bool]:
    """Return the condition that a consultation is in a state on ``day``."""
    draft = DraftConsultation
    ended, issued = draft.closes_on < day, draft.resulting_key != ""
    return {
        "upcoming": draft.opens_on > day,
        "open": and_(draft.opens_on <= day, draft.closes_on >= day),
        "closed": and_(ended, ~issued, draft.explained_on.is_(None)),
        "explained": and_(ended, ~issued, draft.explained_on.is_not(None)),
        "issued": and_(ended, issued),
    }[state]


class ConsultationComment(Item):
    """What one person says of a draft or of one article; published without the person's data."""

    __tablename__ = "legal_consultation_comment"
    __table_args__ = (
        UniqueConstraint("unit_id", "code"),
        Index("ix_legal_consultation_comment_draft", "unit_id", "consultation"),
    )
    type_name = "consultation_comment"

    consultation: Mapped[int | None] = field(
        content.Reference("draft_consultation"), label=_("The draft"), required=True,
        filter="du-thao",
    )  # fmt: skip
    article: Mapped[str] = field(
        Line(40),
        label=_("Article of the draft"),
        help=_("As in the page's address; empty: the whole draft."),
    )
    text: Mapped[str] = field(
        Paragraphs(5000), label=_("Opinion"), required=True,
        help=_("Take out what tells who wrote it before you publish."),
    )  # fmt: skip
    sender: Mapped[str] = _kept(Line(120), label=_("Name"), personal=True)
    phone: Mapped[str] = _kept(Line(30), label=_("Telephone"), personal=True)
    email: Mapped[str] = _kept(content.Email(120), label=_("E-mail"), personal=True)
    consent: Mapped[bool] = _kept(Flag(), label=_("Agrees that the data are used"))
    outcome: Mapped[str] = field(Choice(OUTCOMES.options), label=_("Outcome"))
    response: Mapped[str] = field(Paragraphs(4000), label=_("Answer of the drafting unit"))
    hidden_reason: Mapped[str] = _kept(
        Choice(HIDING_REASONS.options), label=_("Why it is not published"),
        help=_("Choose and save it first, then close the opinion without publishing."),
    )  # fmt: skip

    #: What the person finds the opinion by; None for what the desk wrote down.
    code: Mapped[str | None] = mapped_column(String(9))
    #: Version of the consent text that was accepted; '' where nothing of a person was given.
    consent_version: Mapped[str] = mapped_column(String(40), default="")

    def follow(self) -> None:
        """Name the opinion: titles are public, neither a person's words nor the code may be."""
        self.title = f"{self.consultation}-{self.uid[:6]}"
