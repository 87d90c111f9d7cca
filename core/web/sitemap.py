"""Site maps: for people at ``/so-do-cong``, for crawlers at ``/sitemap.xml``."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, func

from hoitu.core import clock
from hoitu.core.access import public
from hoitu.core.content import Item, queries
from hoitu.core.extensions import session
from hoitu.core.web.chrome import crumbs, menu
from hoitu.core.web.site import address_of
from hoitu.core.web.visibility import every_page

blueprint = Blueprint("sitemap", __name__, template_folder="templates")
#: A site with more pages gets one file per year, named by an index.
LIMIT = 20_000


@blueprint.get("/so-do-cong")
@public
def page() -> str:
    """Show every heading of the site."""
    return render_template(
        "web/sitemap.html",
        entries=menu(),
        crumbs=crumbs((_("Site map"), url_for("sitemap.page"))),
    )


@blueprint.get("/sitemap.xml")
@public
def xml() -> Response:
    """Return all pages, or an index of yearly files for a very large site."""
    everything = every_page()
    if queries.capped_count(session(), everything, LIMIT) <= LIMIT:
        return _answer("web/sitemap.xml", entries=_entries(everything), menu=menu())
    span = everything.with_only_columns(func.min(Item.sort_at), func.max(Item.sort_at))
    first, last = session().execute(span.order_by(None)).one()
    years = range(clock.local(first).year, clock.local(last).year + 1)
    parts = [urljoin(request.url_root, url_for("sitemap.year", number=y)) for y in years]
    return _answer("web/sitemap_index.xml", parts=parts)


@blueprint.get("/sitemap-<int:number>.xml")
@public
def year(number: int) -> Response:
    """Return the pages of one year."""
    if not 1800 <= number <= 2200:
        abort(404)
    start, end = (datetime(y, 1, 1, tzinfo=clock.ZONE) for y in (number, number + 1))
    part = every_page().where(Item.sort_at >= start, Item.sort_at < end)
    return _answer("web/sitemap.xml", entries=_entries(part), menu=[])


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Tell crawlers where the site map is and what is not for them."""
    lines = [
        "User-agent: *",
        "Disallow: /quan-tri/",
        "Disallow: /tim-kiem",
        f"Sitemap: {urljoin(request.url_root, url_for('sitemap.xml'))}",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _entries(chosen: Select[Any]) -> list[tuple[str, datetime]]:
    rows = session().scalars(chosen.order_by(Item.sort_at.desc(), Item.id.desc()))
    return [
        (urljoin(request.url_root, address_of(item)), item.revised_at or item.sort_at)
        for item in rows
    ]


def _answer(template: str, **values: Any) -> Response:
    return Response(render_template(template, **values), content_type="application/xml")
