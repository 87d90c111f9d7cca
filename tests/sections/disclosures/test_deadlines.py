from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib import resources
from typing import Any

import pytest
import yaml

from hoitu.core.units import Unit
from hoitu.sections.disclosures.deadlines import Cell, Duties, State
from hoitu.sections.disclosures.models import BudgetDisclosure
from hoitu.sections.disclosures.vocabularies import (
    CORRUPTION_KINDS,
    FORMS,
    REGIMES,
    REPORT_KINDS,
    TRIGGERS,
    kinds_of,
)

CATALOGUE = resources.files("hoitu.core.requirements") / "data" / "catalogue-2023-11-27.yaml"
DUTIES = {
    duty["id"]: duty
    for section in yaml.load(CATALOGUE.read_text("utf-8"), Loader=yaml.CSafeLoader)["sections"]
    for duty in section["requirements"]
}
RULES: list[Mapping[str, Any]] = DUTIES["financial_disclosure"]["update_deadline"]
UNIT = Unit(
    id=1, uid="", slug="", code="", type="ward", has_site=True, website="",
    valid_from=None, valid_until=None, names=(), parents=(), hosts=(),
)  # fmt: skip


def options(duty: str, name: str) -> list[str]:
    """Return the values that the catalogue lists for a field, such as ``regime(a|b)``."""
    found = next(f for f in DUTIES[duty]["fields"] if f.startswith(f"{name}("))
    listed: list[str] = found.removeprefix(f"{name}(").removesuffix(")").split("|")
    return listed


def duties(day: str, unit: Unit = UNIT) -> Duties:
    return Duties(unit, unit.living_day(date.fromisoformat(day)), lambda _day: RULES)


def cell(
    day: str, kind: str, year: int = 2026, regime: str = "unit_budget", unit: Unit = UNIT
) -> Cell:
    return duties(day, unit).cell(REGIMES.terms[regime], REPORT_KINDS.terms[kind], year, ())


# -- data and catalogue ----------------------------------------------------------------------


def test_vocabularies_have_what_the_catalogue_lists() -> None:
    assert list(REGIMES.terms) == options("financial_disclosure", "regime")
    kinds = [key for key in REPORT_KINDS.terms if key != "proposal"]
    assert kinds == options("financial_disclosure", "report_kind")
    assert set(CORRUPTION_KINDS.terms) == set(options("anti_corruption", "content_kind"))


def test_every_deadline_of_the_catalogue_is_used_and_none_is_made_up() -> None:
    written = {(rule["trigger"], rule.get("applies_to", "")) for rule in RULES}
    used = {
        (trigger, REGIMES.terms[regime].applies_to)
        for kind in REPORT_KINDS.terms.values()
        for regime, trigger in kind.triggers.items()
        if trigger
    }
    assert used == written
    assert {trigger for trigger, _scope in used} == set(TRIGGERS.terms)


def test_what_names_something_names_what_there_is() -> None:
    for kind in REPORT_KINDS.terms.values():
        assert set(kind.triggers) <= set(REGIMES.terms)
        assert "{year}" in kind.title
        assert kind.day_in(2026).year == 2026
    assert all(kinds_of(regime) for regime in REGIMES.terms)
    assert all(form.regime in REGIMES.terms and form.evidence for form in FORMS.terms.values())


# -- due dates -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regime", "kind", "start", "due"),
    [
        ("unit_budget", "estimate", "2025-12-29", "2026-01-13"),
        ("unit_budget", "adjustment", "2026-05-04", "2026-05-19"),
        ("unit_budget", "q1", "2026-03-31", "2026-04-15"),
        ("unit_budget", "h1", "2026-06-30", "2026-07-15"),
        ("unit_budget", "q3", "2026-09-30", "2026-10-15"),
        # Five working days from a Wednesday end on the next.
        ("unit_budget", "year", "2026-03-04", "2026-03-11"),
        # The holidays of 30/04 and 01/05 and the weekend are not counted.
        ("unit_budget", "year", "2026-04-29", "2026-05-08"),
        ("unit_budget", "settlement", "2026-06-12", "2026-06-27"),
        ("government_budget", "proposal", "2025-11-28", "2025-12-05"),
        ("government_budget", "estimate", "2025-12-30", "2026-01-29"),
        ("government_budget", "h1", "2026-06-30", "2026-07-15"),
        ("government_budget", "settlement", "2026-07-10", "2026-08-09"),
        ("government_budget", "year", "2026-12-31", None),
        ("financial_statement", "financial_statement", "2026-03-31", "2026-04-30"),
        ("public_assets", "year", "2026-12-31", None),
    ],
)
def test_due_date(regime: str, kind: str, start: str, due: str | None) -> None:
    first = date.fromisoformat(start)
    found = duties("2026-11-23").deadline(REGIMES.terms[regime], REPORT_KINDS.terms[kind], first)
    assert (found.after(first).isoformat() if found else None) == due


def test_the_catalogue_of_the_day_of_the_trigger_decides() -> None:
    later = [{**rule, "value": 3} for rule in RULES]
    changed = date(2026, 7, 1)
    owed = replace(duties("2026-11-23"), rules_on=lambda day: later if day >= changed else RULES)
    regime, kind = REGIMES.terms["unit_budget"], REPORT_KINDS.terms["settlement"]
    before, after = date(2026, 6, 30), date(2026, 7, 1)
    assert owed.deadline(regime, kind, before).days == 15  # type: ignore[union-attr]
    assert owed.deadline(regime, kind, after).days == 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("disclosed", "late"),
    [("2026-07-14", 0), ("2026-07-15", 0), ("2026-07-16", 1), ("2026-08-15", 31)],
)
def test_days_late(disclosed: str, late: int) -> None:
    item = BudgetDisclosure(
        regime="unit_budget", report_kind="h1", fiscal_year=2026,
        trigger_date=date(2026, 6, 30), posted_on=date.fromisoformat(disclosed),
    )  # fmt: skip
    owed = duties("2026-11-23")
    entry = owed.entry(item)
    assert entry.days_late == late
    found = owed.cell(REGIMES.terms["unit_budget"], REPORT_KINDS.terms["h1"], 2026, (entry,))
    assert found.state is (State.LATE if late else State.PUBLISHED)


# -- cells -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "kind", "state", "due"),
    [
        ("2026-06-29", "h1", State.NOT_DUE, None),
        ("2026-06-30", "h1", State.DUE, "2026-07-15"),
        ("2026-07-15", "h1", State.DUE, "2026-07-15"),
        ("2026-07-16", "h1", State.OVERDUE, "2026-07-15"),
        ("2025-12-31", "estimate", State.NOT_DUE, None),
        ("2026-01-01", "estimate", State.OPEN, None),
        ("2026-11-23", "settlement", State.NOT_DUE, None),
        ("2027-01-02", "settlement", State.OPEN, None),
        ("2026-11-23", "adjustment", State.NONE, None),
    ],
)
def test_cell_without_a_disclosure(day: str, kind: str, state: State, due: str | None) -> None:
    found = cell(day, kind)
    assert found.state is state
    assert found.due_on == (date.fromisoformat(due) if due else None)


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "kind", "state"),
    [
        (date(2026, 7, 1), None, "q1", State.NONE),
        (date(2026, 7, 1), None, "estimate", State.NONE),
        (date(2026, 7, 1), None, "q3", State.OVERDUE),
        # It ended before the report was due: its successor owes it.
        (None, date(2026, 7, 10), "h1", State.NONE),
        (None, date(2026, 7, 10), "q1", State.OVERDUE),
        (None, date(2026, 7, 10), "q3", State.NONE),
        (None, date(2026, 7, 20), "h1", State.OVERDUE),
    ],
)
def test_a_unit_owes_nothing_for_the_time_in_which_it_did_not_exist(
    valid_from: date | None, valid_until: date | None, kind: str, state: State
) -> None:
    unit = replace(UNIT, valid_from=valid_from, valid_until=valid_until)
    assert cell("2026-11-23", kind, unit=unit).state is state


def test_a_cell_tells_the_deadline_where_the_day_is_not_known() -> None:
    found = cell("2026-11-23", "year", year=2025)
    assert found.state is State.OPEN
    assert found.deadline is not None
    assert (found.deadline.days, found.deadline.in_working_days) == (5, True)
    assert cell("2026-11-23", "year", 2025, "public_assets").deadline is None
