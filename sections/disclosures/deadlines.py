"""When a financial disclosure is due, and what stands in a cell of the year's grid. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from hoitu.core.clock import default_calendar
from hoitu.core.units import Unit
from hoitu.sections.disclosures.models import BudgetDisclosure
from hoitu.sections.disclosures.vocabularies import Regime, ReportKind, Trigger


@dataclass(frozen=True, slots=True)
class Deadline:
    """So many days, or working days, after the trigger."""

    days: int
    in_working_days: bool
    trigger: Trigger

    def after(self, start: date) -> date:
        """Return the last day in time; ``start`` itself is not counted."""
        if self.in_working_days:
            return default_calendar().add_working_days(start, self.days)
        return start + timedelta(days=self.days)


class State(StrEnum):
    """What a cell of the grid says."""

    PUBLISHED = "published"
    LATE = "late"
    DUE = "due"
    OVERDUE = "overdue"
    #: Its time has come, but from which day its deadline counts only the unit knows.
    OPEN = "open"
    NOT_DUE = "not_due"
    #: The unit owes none: it did not exist then, or not every year has one.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Entry:
    """A published disclosure and whether it came in time."""

    item: BudgetDisclosure
    disclosed_on: date
    due_on: date | None

    @property
    def days_late(self) -> int:
        """How many days after the deadline it was disclosed; 0 = in time, or no deadline known."""
        return max(0, (self.disclosed_on - self.due_on).days) if self.due_on else 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of report of one regime in one budget year."""

    state: State
    entries: Sequence[Entry] = ()
    due_on: date | None = None
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class Duties:
    """What a unit owes, seen from a day: for a dissolved unit, from its last one.

    ``rules_on`` gives the deadlines that the catalogue of a day has for finance, as written there.
    """

    unit: Unit
    day: date
    rules_on: Callable[[date], Sequence[Mapping[str, Any]]]

    def deadline(self, regime: Regime, kind: ReportKind, start: date) -> Deadline | None:
        """Return the deadline for what was triggered on ``start``; None = the law read has none."""
        trigger = kind.trigger(regime.key)
        for rule in self.rules_on(start) if trigger else ():
            scope = rule.get("applies_to", "")
            if trigger and rule.get("trigger") == trigger.key and scope == regime.applies_to:
                return Deadline(int(rule["value"]), rule["unit"] == "working_day", trigger)
        return None

    def entry(self, item: BudgetDisclosure) -> Entry:
        """Return a published disclosure with its deadline."""
        (regime, kind), start, due_on = item.terms, item.trigger_date, None
        if regime and kind and start and (deadline := self.deadline(regime, kind, start)):
            due_on = deadline.after(start)
        return Entry(item, item.disclosed_on or self.day, due_on)

    def cell(self, regime: Regime, kind: ReportKind, year: int, entries: Sequence[Entry]) -> Cell:
        """Return what the grid says of one kind of report in one budget year."""
        if entries:
            late = any(entry.days_late for entry in entries)
            return Cell(State.LATE if late else State.PUBLISHED, entries)
        day = kind.day_in(year)
        if kind.optional or not self.unit.exists_on(day):
            return Cell(State.NONE)
        deadline = self.deadline(regime, kind, day)
        if self.day < day:
            return Cell(State.NOT_DUE, deadline=deadline)
        if deadline is None or not deadline.trigger.computed:
            return Cell(State.OPEN, deadline=deadline)
        due_on = deadline.after(day)
        if not self.unit.exists_on(due_on):
            return Cell(State.NONE)
        return Cell(State.DUE if self.day <= due_on else State.OVERDUE, (), due_on, deadline)
