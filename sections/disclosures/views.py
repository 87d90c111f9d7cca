"""``/cong-khai``: finance with the year's grid, statistics, research, preventing corruption."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from hoitu.core import web
from hoitu.core.access import public
from hoitu.core.clock import format_date
from hoitu.core.content import Item, queries
from hoitu.core.extensions import session
from hoitu.core.sheets import as_csv, label
from hoitu.sections.disclosures import finance, models, releases, types
from hoitu.sections.disclosures.attached import tables_of
from hoitu.sections.disclosures.vocabularies import CORRUPTION_KINDS

DRAWN = {"bars": web.bars, "lines": web.lines}
#: Years of which a missing report is told; older ones are shown where they exist.
REPORT_YEARS = 4


def finance_list(listing: web.Listing) -> dict[str, Any]:
    """Return the grid of the year in the address; none for who searches for something else."""
    if set(listing.parameters) - {"nam"}:
        return {"grid": None}
    year = finance.year_in(request.args.get("nam", ""))
    grid = finance.grid((year,) if year else finance.default_years())
    return {"grid": grid, "chosen": year, "years": finance.years_held()}


def finance_detail(item: models.BudgetDisclosure) -> dict[str, Any]:
    """Return when it was disclosed, when that was due, and the attached tables."""
    entry = finance.duties(web.active_unit()).entry(item)
    days = [
        (_("Disclosed on"), format_date(entry.disclosed_on)),
        (_("Due on"), format_date(entry.due_on) if entry.due_on else ""),
    ]
    told = [*web.facts(types.budget_disclosure, item), *days]
    return {"entry": entry, "facts": lambda: told, "sheets": tables_of(item)}


def statistics_detail(item: models.StatisticalTable) -> dict[str, Any]:
    """Return the attached tables and the chart of the first one."""
    sheets, draw, chart = tables_of(item), DRAWN.get(item.chart), Markup()
    if draw and sheets and sheets[0].columns:
        labels = [label(cell) for cell in sheets[0].columns[0]]
        series = [web.Series(heading, values) for heading, values in sheets[0].figures().items()]
        chart = draw(labels, series, title=item.title, unit=item.measure)
    return {"sheets": sheets, "chart": chart}


def corruption_list(listing: web.Listing) -> dict[str, Any]:
    """Return the yearly reports, missing ones as well: one statement."""
    unit, held = web.active_unit(), defaultdict[int, list[models.AntiCorruptionDisclosure]](list)
    present = unit.living_day(web.today()).year
    first = max(unit.valid_from.year if unit.valid_from else 0, present - REPORT_YEARS)
    annual = [kind.key for kind in CORRUPTION_KINDS.terms.values() if kind.annual]
    chosen = queries.public(models.AntiCorruptionDisclosure, web.now(), listing.kind.requirements)
    chosen = chosen.where(models.AntiCorruptionDisclosure.content_kind.in_(annual))
    newest = chosen.order_by(models.AntiCorruptionDisclosure.published_from.desc())
    for item in session().scalars(newest.limit(100)):
        held[item.year or 0].append(item)
    years = sorted({*held, *range(first, present + 1)}, reverse=True)
    return {"yearly": [(year, held[year]) for year in years], "present": present}


pages = web.SectionPages("disclosures", __name__, path="/cong-khai")
pages.add(
    "budget_disclosure", path="/tai-chinh", extend_list=finance_list, extend_detail=finance_detail
)
pages.add("statistical_table", path="/thong-ke", extend_detail=statistics_detail)
pages.add("research_result", path="/nghien-cuu")
pages.add("anti_corruption_disclosure", path="/phong-chong-tham-nhung", extend_list=corruption_list)


@pages.blueprint.get("", strict_slashes=False)
@public
def index() -> str:
    """Show what the section holds, and this year's finance."""
    return pages.overview(grid=finance.grid() if pages.is_on(finance.REQUIREMENT) else None)


@pages.blueprint.get("/thong-ke/lich")
@public
def calendar() -> str:
    """Show the release calendar of a year, by default of the present one."""
    pages.demand(releases.REQUIREMENT)
    present = finance.default_years()[1]
    year = finance.year_in(request.args.get("nam", "")) or present
    return render_template(
        "disclosures/calendar.html",
        **releases.calendar(year),
        year=year,
        years=sorted({present, year, *releases.years_held()}, reverse=True),
        anchor=types.anchor,
        crumbs=pages.crumbs(
            (_("Statistics"), url_for("disclosures.statistical_table_index")),
            (_("Release calendar"), url_for("disclosures.calendar")),
        ),
    )


@pages.blueprint.get("/bang/<int:item_id>/<int:file_id>.csv")
@public
def table(item_id: int, file_id: int) -> Response:
    """Return a table that a page shows as CSV, whatever file it came in."""
    item = queries.find(session(), Item, item_id, web.now())
    if item is None or item.section != pages.section or not web.is_shown(item):
        abort(404)
    found = next((t for t in tables_of(item) if t.file.id == file_id), None)
    if found is None:
        abort(404)
    response = Response(as_csv(found.header, found.rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=bang-{file_id}.csv"
    return response
