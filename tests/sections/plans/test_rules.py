from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hoitu.sections.plans.deadlines import due
from hoitu.sections.plans.models import MasterPlan, Plan, Project
from hoitu.sections.plans.rules import problems, repeated
from hoitu.sections.plans.vocabularies import (
    CAPITAL_SOURCES,
    MASTER_PLAN_FIELDS,
    PLAN_KINDS,
    PROJECT_GROUPS,
    PROJECT_STATUSES,
)

FIRST, SECOND = date(2026, 3, 1), date(2026, 9, 1)
APPROVED = {"decision": "1/QĐ-UBND", "approved_on": FIRST}


def result(year: int | None, percent: int | None = 50, text: str = "") -> dict[str, Any]:
    return {"year": year, "method": "", "result": text, "percent": percent, "note": ""}


def capital(year: int | None, planned: int | None, disbursed: int | None) -> dict[str, Any]:
    return {"year": year, "planned": planned, "disbursed": disbursed, "note": ""}


def fields_of(item: Any) -> list[str]:
    return [problem.field for problem in problems(item)]


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"kind": "yearly", "year_from": 2026}, []),
        ({"kind": "yearly", "year_from": 2026, "year_to": 2026}, []),
        ({"kind": "yearly", "year_from": 2026, "year_to": 2027}, ["year_to"]),
        ({"kind": "work_programme", "year_from": 2026, "year_to": 2027}, ["year_to"]),
        ({"kind": "long_term", "year_from": 2026, "year_to": 2030}, []),
        ({"kind": "long_term", "year_from": 2030, "year_to": 2026}, ["year_to"]),
        ({"kind": "long_term", "year_to": 2026}, ["year_from"]),
        ({"kind": "unknown", "year_from": 2026, "year_to": 2030}, []),
        ({"results": [result(2025), result(2026, 90)]}, []),
        ({"results": [result(2025), result(2025)]}, ["results"]),
        ({"results": [result(None)]}, ["results"]),
        ({"results": [result(2025, None)]}, ["results"]),
        ({"results": [result(2025, None, "Xong")]}, []),
        ({"results": [result(2025, 0)]}, []),
    ],
)
def test_plan(values: dict[str, Any], fields: list[str]) -> None:
    assert fields_of(Plan(**{"kind": "action", "results": [], **values})) == fields


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        (APPROVED, []),
        ({"decision": "1/QĐ-UBND"}, ["approved_on"]),
        ({"approved_on": FIRST}, ["decision"]),
        ({}, [""]),
        ({"consulted_from": FIRST}, []),
        ({"consulted_from": FIRST, "consulted_until": FIRST}, []),
        ({"consulted_from": SECOND, "consulted_until": FIRST}, ["consulted_until"]),
        ({**APPROVED, "consulted_until": FIRST}, ["consulted_from"]),
        ({**APPROVED, "year_from": 2030, "year_to": 2021}, ["year_to"]),
        ({**APPROVED, "maps": [{"file_no": 1, "caption": "Sơ đồ"}]}, ["maps"]),
        ({**APPROVED, "maps": [{"file_no": None, "caption": "Sơ đồ"}]}, ["maps"]),
        ({**APPROVED, "maps": [{"file_no": 1, "caption": ""}]}, ["maps"]),
    ],
)
def test_master_plan(values: dict[str, Any], fields: list[str]) -> None:
    assert fields_of(MasterPlan(**{"maps": [], **values})) == fields


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, []),
        ({"starts_on": FIRST, "ends_on": FIRST}, []),
        ({"starts_on": SECOND, "ends_on": FIRST}, ["ends_on"]),
        ({"ends_on": FIRST}, []),
        ({"total": -1}, ["total"]),
        ({"total": 0}, []),
        ({"years": [capital(2025, 5, 5), capital(2026, 5, 5)]}, []),
        ({"years": [capital(2025, 5, 5), capital(2025, 5, 5)]}, ["years"]),
        ({"years": [capital(None, 5, 5)]}, ["years"]),
        ({"years": [capital(2025, -5, 0)]}, ["years"]),
        ({"years": [capital(2025, 5, 6), capital(2026, 5, 5)]}, ["years"]),
        ({"years": [capital(2025, 5, 6), capital(2026, 5, 5)], "remark": "Trượt giá"}, []),
        ({"years": [capital(2025, 5, 20)], "total": None}, []),
        ({"procurements": [{"value": -2}]}, ["procurements"]),
        ({"loans": [{"amount": -2}]}, ["loans"]),
    ],
)
def test_project(values: dict[str, Any], fields: list[str]) -> None:
    years = values.pop("years", [])
    project = Project(**{"total": 10, "procurements": [], "loans": [], **values})
    project.years = years
    assert fields_of(project) == fields


def test_repeated() -> None:
    assert repeated([2026, None, 2025, 2026, None, 2024, 2025]) == [2025, 2026]


@pytest.mark.parametrize(
    ("deadlines", "day"),
    [
        ([], None),
        ([{"rule": "on_change", "trigger": "approved"}], None),
        ([{"rule": "max_delay", "trigger": "content_changed", "value": 3, "unit": "day"}], None),
        (
            [{"rule": "max_delay", "trigger": "approved", "value": 15, "unit": "day"}],
            date(2026, 12, 5),
        ),
        # From a Friday over two weekends; the Tuesday between is a public holiday.
        (
            [{"rule": "max_delay", "trigger": "approved", "value": 5, "unit": "working_day"}],
            date(2026, 11, 30),
        ),
    ],
)
def test_due(deadlines: list[dict[str, Any]], day: date | None) -> None:
    approved_on = date(2026, 11, 20)
    assert due(approved_on, deadlines) == day


@pytest.mark.parametrize(
    ("day", "consulted", "approved"),
    [
        (date(2026, 2, 28), False, False),
        (date(2026, 3, 1), True, False),
        (date(2026, 3, 31), True, False),
        (date(2026, 4, 1), False, False),
        (date(2026, 9, 1), False, True),
    ],
)
def test_state_of_a_master_plan(day: date, consulted: bool, approved: bool) -> None:
    plan = MasterPlan(consulted_from=FIRST, consulted_until=date(2026, 3, 31), approved_on=SECOND)
    assert (plan.is_consulted(day), plan.is_approved(day)) == (consulted, approved)


@pytest.mark.parametrize(
    "vocabulary",
    [PLAN_KINDS, MASTER_PLAN_FIELDS, PROJECT_GROUPS, CAPITAL_SOURCES, PROJECT_STATUSES],
)
def test_vocabularies_are_in_both_languages(vocabulary: Any) -> None:
    terms = vocabulary.terms.values()
    assert len(terms) >= 4
    assert all(term.vi and term.en for term in terms)


def test_statuses_have_tones_of_the_theme() -> None:
    tones = {term.tone for term in PROJECT_STATUSES.terms.values()}
    assert tones <= {"", "good", "warn", "bad", "info"}
