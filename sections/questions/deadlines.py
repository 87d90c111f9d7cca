"""By when a question is taken up and answered: the catalogue's days, or the unit's fewer ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hoitu.core.clock import default_calendar
from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.sections.questions.settings import QuestionSettings
from hoitu.sections.questions.types import REQUIREMENT


@dataclass(frozen=True, slots=True)
class Promise:
    """Working days until a question is taken up and answered; None where nothing says so."""

    acknowledge: int | None
    answer: int | None


def promise(unit: Unit, day: date) -> Promise:
    """Return what a unit promises to those who ask on ``day``."""
    duty = platform.catalogues.on(day).duties.get(REQUIREMENT)
    rules = duty.data.get("update_deadline", ()) if duty else ()
    lawful: dict[str, int] = {
        rule["trigger"]: rule["value"] for rule in rules if rule["rule"] == "sla"
    }
    chosen = platform.settings.of(QuestionSettings, unit)
    return Promise(
        acknowledge=at_most(chosen.acknowledge_days, lawful.get("acknowledge")),
        answer=at_most(chosen.answer_days, lawful.get("answer")),
    )


def at_most(chosen: int, lawful: int | None) -> int | None:
    """Return the days a unit chose where that is possible, else those of the catalogue.

    >>> at_most(5, 10), at_most(0, 10), at_most(30, 10)
    (5, 10, 10)
    """
    if chosen <= 0:
        return lawful
    return chosen if lawful is None else min(chosen, lawful)


def days_of(unit: Unit, received_on: date) -> dict[str, Any]:
    """Return the columns of a question that was received on a day."""
    promised = promise(unit, received_on)
    return {
        "received_on": received_on,
        "acknowledge_by": _after(received_on, promised.acknowledge),
        "due_on": _after(received_on, promised.answer),
    }


def days_left(due_on: date, day: date) -> int:
    """Return the working days from ``day`` to the day an answer is due; negative when late."""
    return default_calendar().working_days_between(day, due_on)


def _after(day: date, count: int | None) -> date | None:
    return None if count is None else default_calendar().add_working_days(day, count)
