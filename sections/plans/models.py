"""Plans, master plans and projects (catalogue: group d)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hoitu.core.content import (
    Amount,
    Choice,
    Citation,
    Day,
    Field,
    Item,
    Line,
    Number,
    Paragraphs,
    Point,
    Rows,
    RowsAttribute,
    Url,
    field,
)
from hoitu.core.db import Base, BigId
from hoitu.core.units import UnitScoped
from hoitu.sections.plans.vocabularies import (
    CAPITAL_SOURCES,
    MASTER_PLAN_FIELDS,
    PLAN_KINDS,
    PROJECT_GROUPS,
    PROJECT_STATUSES,
)

YEAR = Number(1945, 2200)
PERCENT = Number(0, 100)

RESULTS = Rows(
    (
        Field(YEAR, _("Year"), name="year"),
        Field(Paragraphs(2000), _("How it is carried out"), name="method"),
        Field(Paragraphs(4000), _("Result"), name="result"),
        Field(PERCENT, _("Done, in percent"), name="percent"),
        Field(Line(250), _("Note"), name="note"),
    )
)
#: Captions of the attached maps; files are counted in the order in which they are attached.
MAPS = Rows(
    (
        Field(Number(1, 99), _("File no."), name="file_no"),
        Field(Line(250), _("What the map shows"), name="caption"),
    )
)
PROCUREMENTS = Rows(
    (
        Field(Line(250), _("Package"), name="package"),
        Field(Line(120), _("Method of selection"), name="method"),
        Field(Line(250), _("Contractor"), name="contractor"),
        Field(Amount(), _("Value"), name="value"),
        Field(Day(), _("Decided on"), name="decided_on"),
        Field(Url(400), _("Official notice"), name="link"),
    )
)
LOANS = Rows(
    (
        Field(Line(250), _("Lender"), name="lender"),
        Field(Amount(), _("Amount"), name="amount"),
        Field(Line(250), _("In the lender's currency, conditions"), name="note"),
    )
)


class Plan(Item):
    """A strategy, programme, plan or annual work programme, with its results by year."""

    __tablename__ = "plans_plan"
    type_name = "plan"

    kind: Mapped[str] = field(
        Choice(PLAN_KINDS.options), label=_("Kind"), required=True, filter="loai"
    )
    decision: Mapped[str] = field(
        Citation(80), label=_("Decision"), search="exact",
        help=_("Number and symbol of the document it was issued with."),
    )  # fmt: skip
    issued_on: Mapped[date | None] = field(Day(), label=_("Date of issue"), required=True)
    year_from: Mapped[int | None] = field(YEAR, label=_("First year"), required=True)
    year_to: Mapped[int | None] = field(
        YEAR, label=_("Last year"), help=_("Empty for a plan of one year.")
    )
    results: Mapped[list[dict[str, Any]]] = field(
        RESULTS, label=_("Results by year"), help=_("One row for each year.")
    )


class MasterPlan(Item):
    """A master plan: what was approved, when it was consulted on, and its maps."""

    __tablename__ = "plans_master_plan"
    type_name = "master_plan"

    planning_field: Mapped[str] = field(
        Choice(MASTER_PLAN_FIELDS.options),
        label=_("Field of planning"),
        required=True,
        filter="linh-vuc",
    )
    scope: Mapped[str] = field(Paragraphs(2000), label=_("Area and scope"), search="text")
    year_from: Mapped[int | None] = field(YEAR, label=_("First year"))
    year_to: Mapped[int | None] = field(YEAR, label=_("Last year"))
    decision: Mapped[str] = field(
        Citation(80), label=_("Decision of approval"), search="exact",
        help=_("Empty while it is being prepared."),
    )  # fmt: skip
    approved_on: Mapped[date | None] = field(Day(), label=_("Approved on"))
    consulted_from: Mapped[date | None] = field(Day(), label=_("Comments taken from"))
    consulted_until: Mapped[date | None] = field(Day(), label=_("Comments taken until"))
    maps: Mapped[list[dict[str, Any]]] = field(
        MAPS,
        label=_("Captions of maps"),
        help=_("Attach maps as pictures, PDF or GeoJSON; the first file is no. 1."),
    )

    def is_consulted(self, day: date) -> bool:
        """Say whether comments are taken on ``day``."""
        first, last = self.consulted_from, self.consulted_until
        return first is not None and first <= day and (last is None or day <= last)

    def is_approved(self, day: date) -> bool:
        """Say whether it is approved on ``day``."""
        return self.approved_on is not None and self.approved_on <= day


class ProjectYear(UnitScoped, Base):
    """What one project was to receive in a year, and what was paid out; summed over projects."""

    __tablename__ = "plans_project_year"
    __table_args__ = (ForeignKeyConstraint(["item_id", "unit_id"], ["item.id", "item.unit_id"]),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigId, index=True)
    position: Mapped[int] = mapped_column(default=0)
    year: Mapped[int | None]
    planned: Mapped[int | None] = mapped_column(Amount().column())
    disbursed: Mapped[int | None] = mapped_column(Amount().column())
    note: Mapped[str] = mapped_column(Line(250).column(), default="")


class Project(Item):
    """A project with public money: what it costs, who does it, how far it is."""

    __tablename__ = "plans_project"
    type_name = "project"

    code: Mapped[str] = field(Line(40), label=_("Code"), search="exact")
    group: Mapped[str] = field(
        Choice(PROJECT_GROUPS.options), label=_("Group of project"), required=True, filter="hang"
    )
    investor: Mapped[str] = field(
        Line(250), label=_("Investor"), required=True, search="text",
        help=_("The agency that is responsible for the project."),
    )  # fmt: skip
    source: Mapped[str] = field(
        Choice(CAPITAL_SOURCES.options), label=_("Source of capital"), required=True, filter="von"
    )
    total: Mapped[int | None] = field(Amount(), label=_("Total investment"), required=True)
    decision: Mapped[str] = field(
        Citation(80), label=_("Investment decision"), required=True, search="exact"
    )
    location: Mapped[str] = field(Line(250), label=_("Place"), search="text")
    point: Mapped[str] = field(Point(), label=_("Place on the map"))
    starts_on: Mapped[date | None] = field(Day(), label=_("Begins on"))
    ends_on: Mapped[date | None] = field(Day(), label=_("To be completed on"))
    status: Mapped[str] = field(
        Choice(PROJECT_STATUSES.options), label=_("Status"), required=True, filter="tinh-trang"
    )
    progress: Mapped[int | None] = field(PERCENT, label=_("Work done, in percent"))
    remark: Mapped[str] = field(
        Paragraphs(2000),
        label=_("Remark on the figures"),
        help=_("For example why more was paid out than the total investment."),
    )
    procurements: Mapped[list[dict[str, Any]]] = field(
        PROCUREMENTS, label=_("Results of procurement")
    )
    loans: Mapped[list[dict[str, Any]]] = field(LOANS, label=_("Loans"))

    year_rows: Mapped[list[ProjectYear]] = relationship(
        order_by=ProjectYear.position,
        cascade="all, delete-orphan",
        primaryjoin=lambda: Project.id == ProjectYear.item_id,
        foreign_keys=[ProjectYear.item_id],
    )
    years = RowsAttribute(
        "year_rows",
        ProjectYear,
        Field(YEAR, _("Year"), name="year"),
        Field(Amount(), _("Planned capital"), name="planned"),
        Field(Amount(), _("Disbursed"), name="disbursed"),
        Field(Line(250), _("Note"), name="note"),
        label=_("Capital by year"),
        help=_("One row for each year, in VND."),
    )
