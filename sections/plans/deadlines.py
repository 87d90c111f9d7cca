"""By when an approved master plan must be public: the catalogue says so, by the day of approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hoitu.core.clock import default_calendar, local
from hoitu.core.extensions import platform
from hoitu.sections.plans.models import MasterPlan


@dataclass(frozen=True, slots=True)
class Publication:
    """By when a master plan was to be published, and how many days late it was."""

    due_on: date
    days_late: int


def publication(plan: MasterPlan) -> Publication | None:
    """Return how the publication of a master plan keeps its deadline; None without one."""
    if plan.approved_on is None or plan.published_from is None:
        return None
    duty = platform.catalogues.on(plan.approved_on).duties.get("master_plans")
    due_on = due(plan.approved_on, duty.data.get("update_deadline", ()) if duty else ())
    if due_on is None:
        return None
    return Publication(due_on, max(0, (local(plan.published_from).date() - due_on).days))


def due(approved_on: date, deadlines: Iterable[Mapping[str, Any]]) -> date | None:
    """Return the last day to publish what was approved on a day; None when no deadline says."""
    for entry in deadlines:
        if (entry.get("rule"), entry.get("trigger")) == ("max_delay", "approved"):
            if entry["unit"] == "working_day":
                return default_calendar().add_working_days(approved_on, entry["value"])
            return approved_on + timedelta(days=entry["value"])
    return None
