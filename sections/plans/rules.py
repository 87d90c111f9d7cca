"""Rules of plans, master plans and projects: pure functions, tested as tables of cases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _

from hoitu.core.content import Item, Problem
from hoitu.sections.plans.models import MasterPlan, Plan, Project
from hoitu.sections.plans.vocabularies import PLAN_KINDS


def problems(item: Item) -> list[Problem]:
    """Return everything that is wrong with an entry."""
    if isinstance(item, Plan):
        return [*_years(item), *_yearly(item), *_results(item)]
    if isinstance(item, MasterPlan):
        return [*_years(item), *_consultation(item), *_approval(item), *_maps(item)]
    if isinstance(item, Project):
        return [*_period(item), *_amounts(item), *_capital(item)]
    return []


def repeated(years: Iterable[int | None]) -> list[int]:
    """Return the years that occur more than once."""
    known = [year for year in years if year is not None]
    return sorted({year for year in known if known.count(year) > 1})


def _years(item: Plan | MasterPlan) -> list[Problem]:
    if item.year_from and item.year_to and item.year_to < item.year_from:
        return [Problem("year_to", _("The last year lies before the first."))]
    if item.year_to and not item.year_from:
        return [Problem("year_from", _("Give the first year, too."))]
    return []


def _yearly(plan: Plan) -> list[Problem]:
    kind = PLAN_KINDS.terms.get(plan.kind or "")
    several = plan.year_to is not None and plan.year_to != plan.year_from
    if kind and kind.is_yearly and several:
        return [Problem("year_to", _("This kind covers one year; leave the last year empty."))]
    return []


def _results(plan: Plan) -> list[Problem]:
    found = _one_row_a_year("results", [row["year"] for row in plan.results])
    if any(not row["result"] and row["percent"] is None for row in plan.results):
        found.append(Problem("results", _("Each year needs a result, in words or in percent.")))
    return found


def _one_row_a_year(name: str, years: list[int | None]) -> list[Problem]:
    found = []
    if None in years:
        found.append(Problem(name, _("Each row needs its year.")))
    if twice := repeated(years):
        text = _("One row for each year; more than once: %(years)s.", years=_joined(twice))
        found.append(Problem(name, text))
    return found


def _consultation(plan: MasterPlan) -> list[Problem]:
    if _is_reversed(plan.consulted_from, plan.consulted_until):
        return [Problem("consulted_until", _("The consultation ends before it begins."))]
    if plan.consulted_until and not plan.consulted_from:
        return [Problem("consulted_from", _("Say when the consultation begins."))]
    return []


def _approval(plan: MasterPlan) -> list[Problem]:
    if plan.decision and not plan.approved_on:
        return [Problem("approved_on", _("Give the day of the decision."))]
    if plan.approved_on and not plan.decision:
        return [Problem("decision", _("Give the number of the decision."))]
    if not plan.approved_on and not plan.consulted_from:
        text = _("Give the decision of approval, or the days of the consultation.")
        return [Problem("", text)]
    return []


def _maps(plan: MasterPlan) -> list[Problem]:
    count = len(plan.attachments)
    if any(not row["file_no"] or not row["caption"] for row in plan.maps):
        return [Problem("maps", _("Each caption needs the number of its file, and a text."))]
    if beyond := sorted({row["file_no"] for row in plan.maps if row["file_no"] > count}):
        text = _(
            "%(n)d files are attached; there is no file no. %(numbers)s.",
            n=count,
            numbers=_joined(beyond),
        )
        return [Problem("maps", text)]
    return []


def _period(project: Project) -> list[Problem]:
    if _is_reversed(project.starts_on, project.ends_on):
        return [Problem("ends_on", _("The project ends before it begins."))]
    return []


def _amounts(project: Project) -> list[Problem]:
    entered = {
        "total": [project.total],
        "years": [row[name] for row in project.years for name in ("planned", "disbursed")],
        "procurements": [row["value"] for row in project.procurements],
        "loans": [row["amount"] for row in project.loans],
    }
    text = _("A sum of money cannot be negative.")
    return [
        Problem(name, text)
        for name, sums in entered.items()
        if any(one is not None and one < 0 for one in sums)
    ]


def _capital(project: Project) -> list[Problem]:
    found = _one_row_a_year("years", [row["year"] for row in project.years])
    paid = sum(row["disbursed"] or 0 for row in project.years)
    if project.total is not None and 0 <= project.total < paid and not project.remark:
        text = _(
            "More was paid out than the total investment. Correct the figures, or say why in the "
            "remark on the figures."
        )
        found.append(Problem("years", text))
    return found


def _is_reversed(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first


def _joined(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))
