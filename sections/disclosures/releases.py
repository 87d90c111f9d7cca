"""The release calendar of statistics: what is planned, what came, and whether it came in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hoitu.core import clock
from hoitu.core.content import queries
from hoitu.core.extensions import session
from hoitu.core.web import now, today
from hoitu.sections.disclosures.models import StatisticalRelease, StatisticalTable

REQUIREMENT = "statistics"
#: More than any unit releases in a year.
LIMIT = 400


@dataclass(frozen=True, slots=True)
class Release:
    """A planned release; table and day are None until the table is public."""

    item: StatisticalRelease
    planned_on: date
    table: StatisticalTable | None
    released_on: date | None

    @property
    def days_late(self) -> int:
        """How many days after the plan the table came, or has not come yet; 0 = in time."""
        return max(0, ((self.released_on or today()) - self.planned_on).days)


def calendar(year: int) -> dict[str, Any]:
    """Return the releases of a year: to come, in order, and done, newest first: two statements."""
    chosen = queries.public(StatisticalRelease, now(), {REQUIREMENT})
    first, last = date(year, 1, 1), date(year, 12, 31)
    chosen = chosen.where(StatisticalRelease.planned_on.between(first, last))
    items = list(session().scalars(chosen.order_by(StatisticalRelease.planned_on).limit(LIMIT)))
    tables = _tables([item.released for item in items if item.released])
    found = [
        Release(item, item.planned_on, table := tables.get(item.released or 0), _day_of(table))
        for item in items
        if item.planned_on
    ]
    return {
        "to_come": [release for release in found if release.table is None],
        "done": [release for release in reversed(found) if release.table is not None],
    }


def years_held() -> set[int]:
    """Return the years that have releases: one statement."""
    chosen = queries.public(StatisticalRelease, now(), {REQUIREMENT})
    days = chosen.with_only_columns(StatisticalRelease.planned_on).distinct().order_by(None)
    return {day.year for day in session().scalars(days) if day}


def _tables(ids: Sequence[int]) -> dict[int, StatisticalTable]:
    chosen = queries.public(StatisticalTable, now(), {REQUIREMENT})
    return {t.id: t for t in session().scalars(chosen.where(StatisticalTable.id.in_(ids)))}


def _day_of(table: StatisticalTable | None) -> date | None:
    if table is None or table.published_from is None:
        return None
    return table.released_on or clock.local(table.published_from).date()
