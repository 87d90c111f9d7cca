"""``/quy-hoach-ke-hoach``: overview, plans with results, master plans with maps, projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from hoitu.core.access import public
from hoitu.core.content import File, Item
from hoitu.core.extensions import platform
from hoitu.core.forms import shown
from hoitu.core.web import Listing, SectionPages, Series, bars, today
from hoitu.sections.plans import totals
from hoitu.sections.plans.deadlines import publication
from hoitu.sections.plans.models import MasterPlan, Plan, Project
from hoitu.sections.plans.vocabularies import PROJECT_STATUSES

pages = SectionPages("plans", __name__, path="/quy-hoach-ke-hoach")


@dataclass(frozen=True, slots=True)
class Map:
    """An attached map and what it shows."""

    file: File
    caption: str

    @property
    def is_picture(self) -> bool:
        """Say whether a browser draws it."""
        return self.file.media_type.startswith("image/")


def told(item: Item, name: str) -> str:
    """Return the value of a field as text."""
    return shown(platform.types[item.type].fields[name], getattr(item, name))


def period(item: Plan | MasterPlan) -> str:
    """Return the years that a plan covers."""
    years = (year for year in (item.year_from, item.year_to) if year)
    return "–".join(map(str, dict.fromkeys(years)))


def of_lists(_listing: Listing) -> dict[str, Any]:
    """Return what lines of lists show."""
    return {"told": told, "period": period, "day": today(), "tone": tone}


def tone(project: Project) -> str:
    """Return the tone of the badge of a project's status."""
    status = PROJECT_STATUSES.terms.get(project.status)
    return status.tone if status else ""


def of_plan(plan: Plan) -> dict[str, Any]:
    """Return the results by year, as rows of a table and as a chart."""
    rows = sorted(plan.results, key=lambda row: row["year"] or 0)
    return {
        "told": told,
        "period": period(plan),
        "results": [
            (str(row["year"]), row["method"], row["result"], row["percent"], row["note"])
            for row in rows
        ],
        "chart": _percentages(rows),
    }


def of_master_plan(plan: MasterPlan) -> dict[str, Any]:
    """Return the maps with their captions, the other files, and how the deadline was kept."""
    files = [row.file for row in plan.attachment_rows]
    captions = {row["file_no"]: row["caption"] for row in plan.maps}
    numbered = list(enumerate(files, start=1))
    return {
        "period": period(plan),
        "day": today(),
        "publication": publication(plan),
        "maps": [Map(file, captions[n]) for n, file in numbered if n in captions],
        "files": [file for n, file in numbered if n not in captions],
    }


def of_projects(listing: Listing) -> dict[str, Any]:
    """Return the sums of all projects by year, on the first page of the whole list."""
    is_whole = not (listing.parameters or listing.newer_path)
    years = totals.by_year() if is_whole else []
    return {**of_lists(listing), "years": totals.table(years), "chart": totals.chart(years)}


def of_project(project: Project) -> dict[str, Any]:
    """Return the figures by year, as rows of a table and as a chart."""
    years = totals.of_project(project)
    return {
        "told": told,
        "tone": tone(project),
        "years": [
            (*cells, row.note) for cells, row in zip(totals.table(years), years, strict=True)
        ],
        "chart": totals.chart(years),
    }


def _percentages(rows: list[dict[str, Any]]) -> Markup:
    values = [row["percent"] for row in rows]
    series = [Series(_("Done, in percent"), values)]
    return bars([row["year"] for row in rows], series, title=_("Done, by year"), unit="%")


pages.add("plan", path="/ke-hoach", extend_list=of_lists, extend_detail=of_plan)
pages.add("master_plan", path="/quy-hoach", extend_list=of_lists, extend_detail=of_master_plan)
pages.add("project", path="/du-an", extend_list=of_projects, extend_detail=of_project)


@pages.blueprint.get("", strict_slashes=False)
@public
def index() -> str:
    """Show what the section holds."""
    return pages.overview()
