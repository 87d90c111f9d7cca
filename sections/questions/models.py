"""Questions of citizens, and how those who asked rate the answers (catalogue: group i)."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.clock import local
from hoitu.core.content import Choice, Day, Email, Flag, Item, Line, Paragraphs, Reference, field
from hoitu.core.db import Base, BigId
from hoitu.core.units import UnitScoped
from hoitu.sections.questions.vocabularies import TOPICS

#: A field of the desk: what a person wrote stays between that person and the unit.
_kept = partial(field, private=True)


class Question(Item):
    """A question and its answer.

    ``title`` is the subject, ``summary`` the question as it is published, ``body`` the answer; what
    the person wrote is in ``question``, which no visitor ever sees.
    """

    __tablename__ = "questions_question"
    __table_args__ = (UniqueConstraint("unit_id", "code"),)
    type_name = "question"

    topic: Mapped[str] = field(
        Choice(TOPICS.options), label=_("Field of work"), required=True, filter="linh-vuc"
    )
    question: Mapped[str] = _kept(
        Paragraphs(6000),
        label=_("Question as it was sent"),
        personal=True,
        help=_("For the desk only; it is never published."),
    )
    asker_name: Mapped[str] = _kept(Line(120), label=_("Full name"), personal=True)
    phone: Mapped[str] = _kept(Line(30), label=_("Telephone"), personal=True)
    email: Mapped[str] = _kept(Email(120), label=_("E-mail"), personal=True)
    address: Mapped[str] = _kept(Line(250), label=_("Address"), personal=True)
    may_publish: Mapped[bool] = _kept(
        Flag(),
        label=_("The person agrees to publication"),
        help=_("As chosen on the form. Change it only when the person told you so."),
    )
    suspected_complaint: Mapped[bool] = _kept(
        Flag(),
        label=_("May be a complaint or denunciation"),
        help=_("Set by words in the text. Untick it when you have read it and it is none."),
    )

    office: Mapped[int | None] = field(
        Reference("department"), label=_("Office in charge"), filter="phong-ban"
    )
    acknowledged_on: Mapped[date | None] = _kept(Day(), label=_("Taken up on"))
    forwarded_to: Mapped[str] = _kept(
        Line(250), label=_("Passed on to"), help=_("The agency that has to answer, if not yours.")
    )
    forwarded_on: Mapped[date | None] = _kept(Day(), label=_("Day it was passed on"))
    answered_by: Mapped[str] = field(
        Line(200), label=_("Answered by"), help=_("Empty: the unit as a whole.")
    )
    answered_on: Mapped[date | None] = field(
        Day(),
        label=_("Answered on"),
        help=_("Filled in when the answer is published; give it when you answer in private."),
    )

    #: What the person finds the answer by; nothing else tells who asked.
    code: Mapped[str | None] = mapped_column(String(9))
    #: Version of the consent text that was accepted.
    consent_version: Mapped[str] = mapped_column(String(40), default="")
    received_on: Mapped[date | None] = field(Day(), label=_("Received on"), nullable=False)
    acknowledge_by: Mapped[date | None] = field(Day(), label=_("To be taken up by"))
    due_on: Mapped[date | None] = field(Day(), label=_("To be answered by"))

    def settle_days(self) -> None:
        """Fill in the days that follow from what happened."""
        if self.received_on is None:
            self.received_on = local(self.created_at).date()
        first: datetime | None = self.published_from
        if self.state == "published" and self.answered_on is None and first is not None:
            self.answered_on = local(first).date()

    def is_closed(self) -> bool:
        """Say whether the unit is done with it, in public or in private."""
        return self.state in ("published", "archived")

    def replied_on(self) -> date | None:
        """Return the day of the answer; an answer is one when the question is closed."""
        if not (self.is_closed() and self.body):
            return None
        return self.answered_on or local(self.updated_at).date()

    def is_overdue(self, day: date) -> bool:
        """Say whether the answer is late and still missing on ``day``."""
        return self.state == "submitted" and self.due_on is not None and self.due_on < day


class QuestionRating(UnitScoped, Base):
    """How the person who asked rates the answer, from 1 to 5; given once."""

    __tablename__ = "questions_rating"
    __table_args__ = (
        ForeignKeyConstraint(["question_id", "unit_id"], ["item.id", "item.unit_id"]),
    )

    question_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    stars: Mapped[int]
    created_at: Mapped[datetime]
