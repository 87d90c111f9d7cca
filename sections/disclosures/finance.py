"""The year's grid of financial disclosure: what was published, late, is due or overdue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from hoitu.core.content import queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit
from hoitu.core.web import active_unit, now, today
from hoitu.sections.disclosures.deadlines import Cell, Duties, Entry, State
from hoitu.sections.disclosures.models import FIRST_YEAR, LAST_YEAR, BudgetDisclosure
from hoitu.sections.disclosures.vocabularies import REGIMES, Regime, ReportKind, kinds_of

REQUIREMENT = "financial_disclosure"
#: More than any unit discloses in two years.
LIMIT = 500


@dataclass(frozen=True, slots=True)
class Grid:
    """The disclosures of some budget years: for each regime, a row for each kind of report."""

    years: Sequence[int]
    blocks: Sequence[tuple[Regime, Sequence[tuple[ReportKind, Sequence[Cell]]]]]

    @property
    def figures(self) -> Mapping[State, int]:
        """How many cells are in each state."""
        return Counter(c.state for _regime, rows in self.blocks for _kind, row in rows for c in row)

    @property
    def next_due(self) -> tuple[date, ReportKind] | None:
        """The day that comes next, and what is due then."""
        cells = ((cell, kind) for _, rows in self.blocks for kind, row in rows for cell in row)
        due = [(cell.due_on, kind) for cell, kind in cells if cell.state is State.DUE]
        return min(((day, kind) for day, kind in due if day), key=lambda d: d[0], default=None)


def duties(unit: Unit) -> Duties:
    """Return what a unit owes as of the day of the request."""
    return Duties(unit, unit.living_day(today()), _rules_on)


def regimes_of(unit_type: str) -> list[Regime]:
    """Return the regimes under which a type of unit discloses."""
    found = platform.catalogues.unit_type(unit_type)
    regimes = REGIMES.terms.values()
    return [r for r in regimes if not r.applies_to or (found and found.matches((r.applies_to,)))]


def grid(years: Sequence[int] = ()) -> Grid:
    """Return the grid of the unit's site; by default of the present budget year: one statement."""
    owed = duties(active_unit())
    shown = years or (owed.day.year,)
    held = _published(shown, owed)
    blocks = []
    for regime in regimes_of(owed.unit.type):
        rows = [
            (kind, [owed.cell(regime, kind, y, held[regime.key, kind.key, y]) for y in shown])
            for kind in kinds_of(regime.key)
        ]
        told = [row for row in rows if any(cell.state is not State.NONE for cell in row[1])]
        blocks.append((regime, told))
    return Grid(shown, [block for block in blocks if block[1]])


def default_years() -> tuple[int, int]:
    """Return the last and the present budget year, of a dissolved unit those it ended with."""
    year = active_unit().living_day(today()).year
    return year - 1, year


def years_held() -> list[int]:
    """Return the budget years that something was published for, newest first: one statement."""
    chosen = queries.public(BudgetDisclosure, now(), {REQUIREMENT})
    years = chosen.with_only_columns(BudgetDisclosure.fiscal_year).distinct().order_by(None)
    found = {year for year in session().scalars(years) if year is not None}
    return sorted(found | set(default_years()), reverse=True)


def year_in(value: str) -> int | None:
    """Return the year in an address; None for anything else."""
    plain = value.isascii() and value.isdigit() and len(value) == 4
    return int(value) if plain and FIRST_YEAR <= int(value) <= LAST_YEAR else None


def told_of() -> list[date]:
    """Return the newest day that published figures tell of: they are as fresh as that."""
    told = func.max(func.coalesce(BudgetDisclosure.trigger_date, BudgetDisclosure.covers_on))
    found = session().scalar(select(told).where(queries.is_public(platform.clock.now())))
    return [found] if found else []


def _published(years: Sequence[int], owed: Duties) -> Mapping[tuple[str, str, int], list[Entry]]:
    chosen = queries.public(BudgetDisclosure, now(), {REQUIREMENT})
    chosen = chosen.where(BudgetDisclosure.fiscal_year.in_(years))
    newest = chosen.order_by(BudgetDisclosure.published_from.desc(), BudgetDisclosure.id.desc())
    found: dict[tuple[str, str, int], list[Entry]] = defaultdict(list)
    for item in session().scalars(newest.limit(LIMIT)):
        found[item.regime, item.report_kind, item.fiscal_year or 0].append(owed.entry(item))
    return found


def _rules_on(day: date) -> Sequence[Mapping[str, Any]]:
    duty = platform.catalogues.on(day).duties.get(REQUIREMENT)
    return duty.data.get("update_deadline", ()) if duty else ()
