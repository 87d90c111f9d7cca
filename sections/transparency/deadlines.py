"""Deadlines of the section, in working days, from ``data/deadlines.toml``."""

from __future__ import annotations

from datetime import date

from hoitu.core.clock import default_calendar
from hoitu.core.content import package_data
from hoitu.sections.transparency.vocabularies import PACKAGE


def working_days(duty: str, case: str, day: date) -> int | None:
    """Return the working days that a case of a duty has on ``day``; None where nothing says so."""
    entries = package_data(PACKAGE, "deadlines")[duty].get(case, ())
    valid = [entry["working_days"] for entry in entries if entry["valid_from"] <= day]
    return valid[-1] if valid else None


def due_on(received_on: date, complexity: str) -> date | None:
    """Return by when a request for information that came in on a day is to be answered."""
    days = working_days("information_request", complexity, received_on)
    return None if days is None else default_calendar().add_working_days(received_on, days)


def is_late(announced_on: date, held_on: date) -> bool:
    """Say whether a reception day was announced with less notice than the law wants."""
    notice = working_days("citizen_reception", "notice", announced_on)
    return (
        notice is not None
        and default_calendar().working_days_between(announced_on, held_on) < notice
    )
