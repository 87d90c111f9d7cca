"""The page at the desk: how much the site is read, day by day and page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from flask import Blueprint, Response, abort, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from hoitu.core import clock, sheets
from hoitu.core.access import requires
from hoitu.core.admin import desk_pages, send_table
from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.core.web import Series, active_unit, address_of, lines, now, today
from hoitu.plugins.visits.figures import (
    Day,
    Read,
    days,
    figures,
    most_read_pages,
    titles,
)
from hoitu.plugins.visits.retention import DAYS
from hoitu.plugins.visits.settings import VisitSettings

PERMISSION: Final = "core.modules"
pages = desk_pages(
    "visits",
    __name__,
    path="/truy-cap",
    label=lazy_gettext("Visits"),
    first="index",
    permission=PERMISSION,
)
blueprint = Blueprint("visits", __name__, template_folder="templates")

#: Days of the course, days over which pages are ranked, and pages that are named.
COURSE: Final = 90
RANKED: Final = timedelta(days=30)
NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is named; ``path`` is where it is read, '' where it is no more."""

    title: str
    path: str
    views: int


@pages.get("")
@requires(PERMISSION)
def index() -> str:
    """Show the course of the last days and what was read most."""
    unit = active_unit()
    course = days(unit, today(), COURSE)
    chosen = platform.settings.of(VisitSettings, unit)
    return render_template(
        "visits/desk.html",
        figures=figures(unit, now(), today()),
        initial=chosen.initial_total,
        # Today is not over yet: beside whole days it would look like a fall.
        chart=_chart(course[:-1]),
        course=list(reversed(course)),
        pages=_pages(unit, most_read_pages(unit, today() - RANKED, NAMED)),
        span=COURSE,
        ranked=RANKED.days,
        forms=sheets.MEDIA_TYPES,
    )


@pages.get("/ngay.<form>")
@requires(PERMISSION)
def days_table(form: str) -> Response:
    """Return the days as a table to take away."""
    _check(form)
    rows: Iterator[list[sheets.Cell]]
    rows = (
        [d.day, Decimal(d.views), Decimal(d.visitors)] for d in days(active_unit(), today(), DAYS)
    )
    return send_table(form, "truy-cap-theo-ngay", _header(), rows, title=_("Visits"))


@pages.get("/trang.<form>")
@requires(PERMISSION)
def pages_table(form: str) -> Response:
    """Return all pages of the last days as a table to take away."""
    _check(form)
    unit = active_unit()
    found = most_read_pages(unit, today() - RANKED, sheets.MAX_ROWS - 1)
    rows: Iterator[list[sheets.Cell]]
    rows = ([page.title, page.path or None, Decimal(page.views)] for page in _pages(unit, found))
    header = [_("Page"), _("Address"), _("Page views")]
    return send_table(form, "truy-cap-theo-trang", header, rows, title=_("Visits"))


blueprint.register_blueprint(pages)


def _check(form: str) -> None:
    if form not in sheets.MEDIA_TYPES:
        abort(404)


def _header() -> list[str]:
    return [_("Day"), _("Page views"), _("Visitors")]


def _chart(course: Sequence[Day]) -> str:
    if not any(one.views for one in course):
        return ""
    labels = [clock.format_date(one.day)[:5] for one in course]
    series = [
        Series(_("Page views"), [one.views for one in course]),
        Series(_("Visitors"), [one.visitors for one in course]),
    ]
    return lines(labels, series, title=_("Page views and visitors of each day"))


def _pages(unit: Unit, found: Sequence[Read]) -> list[Page]:
    items = titles(read.item_id for read in found)
    named = []
    for read in found:
        item = items.get(read.item_id)
        if item is not None:
            named.append(Page(item.title, address_of(item), read.views))
        elif read.item_id:
            title = _("An entry of another unit, or one that is gone, no. %(n)d", n=read.item_id)
            named.append(Page(title, "", read.views))
        else:
            title = _("Home page") if read.path == "/" else read.path
            named.append(Page(title, read.path, read.views))
    return named
