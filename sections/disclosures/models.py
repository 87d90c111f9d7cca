"""Disclosures of finance, statistics, research and against corruption (catalogue: group g)."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core import clock
from hoitu.core.content import (
    Choice,
    Citation,
    Day,
    Item,
    Line,
    Number,
    Paragraphs,
    Reference,
    field,
)
from hoitu.sections.disclosures import vocabularies as words

#: Years that somebody may mean; anything else is a slip of the finger.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class BudgetDisclosure(Item):
    """One disclosure of budget, accounts or public assets, with its tables."""

    __tablename__ = "disclosures_budget"
    __table_args__ = (Index("ix_disclosures_budget_year", "unit_id", "fiscal_year"),)
    type_name = "budget_disclosure"

    regime: Mapped[str] = field(
        Choice(words.REGIMES.options), label=_("Regime"), required=True, filter="che-do"
    )
    report_kind: Mapped[str] = field(
        Choice(words.REPORT_KINDS.options), label=_("Kind of report"), required=True, filter="ky"
    )
    fiscal_year: Mapped[int | None] = field(
        Number(FIRST_YEAR, LAST_YEAR), label=_("Budget year"), required=True
    )
    form_code: Mapped[str] = field(Choice(words.FORMS.options), label=_("Forms of the tables"))
    decision_number: Mapped[str] = field(
        Citation(80), label=_("Decision on the disclosure"), search="exact",
        help=_("Number and symbol of the decision, for example 12/QĐ-UBND."),
    )  # fmt: skip
    trigger_date: Mapped[date | None] = field(
        Day(), label=_("The deadline counts from"),
        help=_(
            "The day on which it was assigned, reported, approved, issued or submitted. For "
            "quarters and half-years leave it empty: it is the end of the period."
        ),
    )  # fmt: skip
    posted_on: Mapped[date | None] = field(
        Day(), label=_("First disclosed on"),
        help=_("Only if it was disclosed earlier elsewhere, for example on the former site."),
    )  # fmt: skip
    explanation: Mapped[str] = field(
        Paragraphs(8000), label=_("Explanation of the figures"), search="text"
    )
    #: The day of the budget year it tells of: lists are sorted, and filtered by year, by it.
    covers_on: Mapped[date | None] = mapped_column()

    @property
    def terms(self) -> tuple[words.Regime | None, words.ReportKind | None]:
        """Regime and kind of report; None where nothing is chosen yet."""
        regimes, kinds = words.REGIMES.terms, words.REPORT_KINDS.terms
        return regimes.get(self.regime or ""), kinds.get(self.report_kind or "")

    @property
    def disclosed_on(self) -> date | None:
        """The day from which the public could read it; None before it is published."""
        if self.posted_on or not self.published_from:
            return self.posted_on
        return clock.local(self.published_from).date()


class StatisticalTable(Item):
    """Figures of one group of indicators for one period; the table is the attached file."""

    __tablename__ = "disclosures_statistics"
    type_name = "statistical_table"

    indicator_group: Mapped[str] = field(
        Choice(words.INDICATORS.options), label=_("Indicators"), required=True, filter="nhom-ct"
    )
    period: Mapped[str] = field(
        Line(80), label=_("Period"), required=True, search="text",
        help=_("For example: first six months of 2026."),
    )  # fmt: skip
    measure: Mapped[str] = field(
        Line(80), label=_("Unit of measure"), help=_("Of all figures, if they have the same.")
    )
    source: Mapped[str] = field(Line(250), label=_("Source of the figures"), required=True)
    planned_on: Mapped[date | None] = field(Day(), label=_("Planned release"))
    released_on: Mapped[date | None] = field(
        Day(), label=_("Released on"), help=_("Empty = the day of publication here.")
    )
    notes: Mapped[str] = field(Paragraphs(4000), label=_("Notes on the figures"), search="text")
    #: How the page draws the table: no fact about the figures.
    chart: Mapped[str] = field(
        Choice(words.CHARTS.options), label=_("Chart"), private=True,
        help=_("The first column gives the labels, the others the figures."),
    )  # fmt: skip


class StatisticalRelease(Item):
    """A line of the release calendar: what is planned for which day."""

    __tablename__ = "disclosures_release"
    type_name = "statistical_release"

    planned_on: Mapped[date | None] = field(Day(), label=_("Planned release"), required=True)
    released: Mapped[int | None] = field(
        Reference("statistical_table"), label=_("Table released"),
        help=_("Once it is there; the calendar then says when it was published."),
    )  # fmt: skip


class ResearchResult(Item):
    """The result of a research programme or task."""

    __tablename__ = "disclosures_research"
    type_name = "research_result"

    code: Mapped[str] = field(Line(60), label=_("Code of the task"), search="exact")
    lead_unit: Mapped[str] = field(
        Line(250), label=_("Lead organisation"), required=True, search="text"
    )
    principal_investigator: Mapped[str] = field(
        Line(120), label=_("Principal investigator"), search="text", personal=True
    )
    level: Mapped[str] = field(Choice(words.LEVELS.options), label=_("Level"), filter="cap")
    started_on: Mapped[date | None] = field(Day(), label=_("From"))
    ended_on: Mapped[date | None] = field(Day(), label=_("To"))
    accepted_on: Mapped[date | None] = field(Day(), label=_("Accepted on"))
    grade: Mapped[str] = field(Choice(words.GRADES.options), label=_("Grade"), filter="xep")
    registration_number: Mapped[str] = field(
        Line(80), label=_("Registration number of the result"), search="exact"
    )


class AntiCorruptionDisclosure(Item):
    """What the law against corruption has the unit disclose."""

    __tablename__ = "disclosures_anti_corruption"
    type_name = "anti_corruption_disclosure"

    content_kind: Mapped[str] = field(
        Choice(words.CORRUPTION_KINDS.options), label=_("Content"), required=True, filter="noi-dung"
    )
    year: Mapped[int | None] = field(Number(FIRST_YEAR, LAST_YEAR), label=_("Year"), required=True)
    period: Mapped[str] = field(
        Line(80), label=_("Period"), help=_("If it tells of a part of the year.")
    )
