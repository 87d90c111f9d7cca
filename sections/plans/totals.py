"""Capital of all public projects of the unit, by year: summed by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import func, select

from hoitu.core.content import queries
from hoitu.core.extensions import session
from hoitu.core.web import Series, bars, now
from hoitu.sections.plans.models import Project, ProjectYear

#: Charts are in billions of đồng; tables have every đồng.
BILLION = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class Year:
    """What was planned and paid out in a year, in đồng; None where nothing is known."""

    year: int
    planned: int | None
    disbursed: int | None
    note: str = ""

    @property
    def percent(self) -> Decimal | None:
        """How much of the plan was paid out."""
        if not self.planned or self.disbursed is None:
            return None
        return (Decimal(100 * self.disbursed) / self.planned).quantize(Decimal("0.1"))


def by_year() -> list[Year]:
    """Return the sums over all public projects of the scoped unit: one statement."""
    rows = session().execute(
        select(ProjectYear.year, func.sum(ProjectYear.planned), func.sum(ProjectYear.disbursed))
        .join(Project, Project.id == ProjectYear.item_id)
        .where(queries.is_public(now()), queries.is_original())
        .group_by(ProjectYear.year)
        .order_by(ProjectYear.year)
    )
    return [
        Year(year, _whole(planned), _whole(disbursed))
        for year, planned, disbursed in rows
        if year is not None
    ]


def of_project(project: Project) -> list[Year]:
    """Return the figures of one project, by year."""
    rows = (row for row in project.year_rows if row.year is not None)
    found = (Year(row.year or 0, row.planned, row.disbursed, row.note) for row in rows)
    return sorted(found, key=lambda row: row.year)


def chart(years: Sequence[Year]) -> Markup:
    """Return the chart of planned and disbursed capital."""
    series = [
        Series(_("Planned capital"), [_billions(row.planned) for row in years]),
        Series(_("Disbursed"), [_billions(row.disbursed) for row in years]),
    ]
    title = _("Planned and disbursed by year")
    return bars([row.year for row in years], series, title=title, unit=_("billion VND"))


def table(years: Sequence[Year]) -> list[tuple[str, int | None, int | None, Decimal | None]]:
    """Return the rows of the table beside the chart, in đồng."""
    return [(str(row.year), row.planned, row.disbursed, row.percent) for row in years]


def _billions(amount: int | None) -> Decimal | None:
    return None if amount is None else amount / BILLION


def _whole(amount: int | Decimal | None) -> int | None:
    return None if amount is None else int(amount)
