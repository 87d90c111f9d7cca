"""Polls: the questions of the plan as the catalogue has them, and those of a unit's own surveys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hoitu.core.extensions import platform
from hoitu.core.requirements import Requirement
from hoitu.core.units import Unit
from hoitu.sections.surveys.models import Survey
from hoitu.sections.surveys.periods import Period
from hoitu.sections.surveys.vocabularies import FREE, english

PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Question:
    """A question; without options it is answered in own words."""

    key: str
    label: str
    help: str
    options: Sequence[tuple[str, str]]
    #: The Vietnamese label: under it the desk finds what was written.
    name: str


@dataclass(frozen=True, slots=True)
class Poll:
    """What is asked, by which name answers are kept, and until when they are taken in."""

    name: str
    period: str
    questions: Sequence[Question]
    last_day: date
    wording: str


def plan_poll(unit: Unit, period: Period, language: str) -> Poll:
    """Return the survey of the plan in a period: those of its questions that are on for a unit.

    Wording and options are the catalogue's of the period's last day; nobody can edit them.
    """
    on = platform.switchboard.requirements_on(unit, "surveys")
    day = min(period.last, platform.clock.today())
    duties = platform.catalogues.on(day).by_section.get("surveys", ())
    questions = [_of_duty(duty, language) for duty in duties if duty.id in on]
    asked = [(q.key, [key for key, _label in q.options]) for q in questions]
    return Poll(PLAN, period.key, questions, period.last, _fingerprint(asked))


def own_poll(survey: Survey) -> Poll:
    """Return the poll of one of a unit's own surveys; it is one period as a whole."""
    questions = [_of_row(n, row) for n, row in enumerate(survey.questions, start=1)]
    last_day = survey.closes_on or date.max
    return Poll(poll_name(survey.id), "", questions, last_day, wording_of(survey.questions))


def poll_name(survey_id: int) -> str:
    """Return the name under which answers to a survey are kept."""
    return f"survey-{survey_id}"


def wording_of(questions: Sequence[dict[str, Any]]) -> str:
    """Return the fingerprint of questions: another wording has another one."""
    rows = [(row["question"], row["kind"], options_of(row)) for row in questions]
    return _fingerprint(rows)


def options_of(row: dict[str, Any]) -> list[str]:
    """Return the options of a question of a survey, in order."""
    return [" ".join(line.split()) for line in (row["options"] or "").splitlines() if line.strip()]


def _of_duty(duty: Requirement, language: str) -> Question:
    options = [(o["key"], o["label_vi"]) for o in duty.data.get("options", ())]
    told = english().get(duty.id) if language == "en" else None
    if told is None:
        return Question(duty.id, duty.label_vi, duty.description_vi, options, duty.label_vi)
    labels = told.get("options", {})
    translated = [(key, labels.get(key, label)) for key, label in options]
    return Question(duty.id, told["label"], told["question"], translated, duty.label_vi)


def _of_row(number: int, row: dict[str, Any]) -> Question:
    options = [] if row["kind"] == FREE else options_of(row)
    named = [(str(n), label) for n, label in enumerate(options, start=1)]
    return Question(f"q{number}", row["question"], "", named, row["question"])


def _fingerprint(asked: Any) -> str:
    written = json.dumps(asked, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()[:16]
