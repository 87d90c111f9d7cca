"""Surveys of a unit's own, what people write in their own words, and ballots (group h)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.content import Choice, Day, Field, Item, Line, Paragraphs, Rows, field
from hoitu.core.db import Base, BigId
from hoitu.core.units import UnitScoped
from hoitu.sections.surveys.vocabularies import KINDS

#: Longest text a person may write in answer to one question.
REMARK_LIMIT = 2000

QUESTIONS = Rows(
    (
        Field(Line(300), _("Question"), name="question"),
        Field(Choice(KINDS.options), _("Answer"), name="kind"),
        Field(Paragraphs(2000), _("Options, one on each line"), name="options"),
    )
)


class Survey(Item):
    """A survey of the unit's own beside that of the plan; ``summary`` introduces it."""

    __tablename__ = "surveys_survey"
    type_name = "survey"

    opens_on: Mapped[date | None] = field(Day(), label=_("Opens on"), required=True)
    closes_on: Mapped[date | None] = field(
        Day(), label=_("Closes on"), required=True, help=_("The last day.")
    )
    questions: Mapped[list[dict[str, Any]]] = field(
        QUESTIONS,
        label=_("Questions"),
        help=_("They cannot be changed any more once somebody has answered."),
    )

    def is_open(self, day: date) -> bool:
        """Say whether answers are taken in on ``day``."""
        first, last = self.opens_on, self.closes_on
        return first is not None and last is not None and first <= day <= last


class SurveyRemark(Item):
    """What a person wrote; the public reads ``summary`` and ``body`` at most, in the unit's words.

    ``title`` is the question that was answered.
    """

    __tablename__ = "surveys_remark"
    type_name = "survey_remark"

    remark: Mapped[str] = field(
        Paragraphs(REMARK_LIMIT),
        label=_("What was written"),
        personal=True,
        private=True,
        help=_("For the desk only; it is never published."),
    )


class Ballot(UnitScoped, Base):
    """That somebody took part in a poll in a period. Who it was, nobody can tell from it."""

    __tablename__ = "surveys_ballot"
    __table_args__ = (
        UniqueConstraint("unit_id", "poll", "period", "voter"),
        UniqueConstraint("id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: `plan` for the survey of the plan, `survey-<id>` for one of the unit's own.
    poll: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(10))
    #: Keyed hash of the browser's token with unit, poll and period.
    voter: Mapped[str] = mapped_column(String(64))
    #: Fingerprint of the questions that were answered.
    wording: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]


class BallotChoice(UnitScoped, Base):
    """One answer of a ballot. Poll and period are repeated: results read nothing but the index."""

    __tablename__ = "surveys_choice"
    __table_args__ = (
        ForeignKeyConstraint(
            ["ballot_id", "unit_id"], ["surveys_ballot.id", "surveys_ballot.unit_id"]
        ),
        Index("ix_surveys_choice_results", "unit_id", "poll", "period", "question", "option"),
    )

    ballot_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    question: Mapped[str] = mapped_column(String(60), primary_key=True)
    option: Mapped[str] = mapped_column(String(60))
    poll: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(10))
