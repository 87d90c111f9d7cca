"""Site maps: for people at ``/so-do-cong``, for crawlers at ``/sitemap.xml``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import undefer

from hoitu.core import clock
from hoitu.core.access import public
from hoitu.core.content import ContentType, Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.i18n import LANGUAGES, prefix
from hoitu.core.web.addresses import full, item_address
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.menus import Link, every_heading
from hoitu.core.web.site import now, today
from hoitu.core.web.visibility import every_page, is_shown

blueprint = Blueprint("sitemap", __name__, template_folder="templates")
#: A site with more pages gets one file per year, named by an index.
LIMIT = 20_000
#: What begins with these paths is for people, in every language.
NOT_FOR_CRAWLERS = ("/quan-tri/", "/tim-kiem", "/goi-y", "/hien-thi")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page as crawlers are told of it."""

    address: str
    updated: datetime | None
    #: (language, address) of the versions of the page, itself included; none where there is one.
    alternates: Sequence[tuple[str, str]]


@blueprint.get("/so-do-cong")
@public
def page() -> str:
    """Show every heading of the site."""
    return render_template(
        "web/sitemap.html",
        entries=_headings(),
        crumbs=crumbs((_("Site map"), url_for("sitemap.page"))),
    )


@blueprint.get("/sitemap.xml")
@public
def xml() -> Response:
    """Return all pages, or an index of yearly files for a very large site."""
    everything = every_page()
    if queries.capped_count(session(), everything, LIMIT) <= LIMIT:
        return _answer("web/sitemap.xml", entries=[*_menu(), *_entries(everything)])
    span = everything.with_only_columns(func.min(Item.sort_at), func.max(Item.sort_at))
    first, last = session().execute(span.order_by(None)).one()
    years = range(clock.local(first).year, max(clock.local(last).year, today().year) + 1)
    parts = [full(_plain(url_for("sitemap.year", number=y))) for y in years]
    return _answer("web/sitemap_index.xml", parts=parts)


@blueprint.get("/sitemap-<int:number>.xml")
@public
def year(number: int) -> Response:
    """Return the pages of one year."""
    if not 1800 <= number <= 2200:
        abort(404)
    start, end = (datetime(y, 1, 1, tzinfo=clock.ZONE) for y in (number, number + 1))
    part = every_page().where(Item.sort_at >= start, Item.sort_at < end)
    # The pages of the menu have no year of their own: they stand in the file of the present one.
    menu = _menu() if number == today().year else ()
    return _answer("web/sitemap.xml", entries=[*menu, *_entries(part)])


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Tell crawlers where the site map is and what is not for them."""
    closed = [
        f"Disallow: {prefix(tongue)}{path}" for tongue in LANGUAGES for path in NOT_FOR_CRAWLERS
    ]
    site_map = full(_plain(url_for("sitemap.xml")))
    lines = ["User-agent: *", *closed, f"Sitemap: {site_map}"]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _headings() -> list[Link]:
    """Return every heading, and the pages that the foot of each page leads to."""
    return [
        *every_heading(),
        Link(_("Accessibility statement"), url_for("statement.page")),
        Link(_("Privacy"), url_for("privacy.page")),
    ]


def _entries(chosen: Select[Any]) -> list[Entry]:
    """Return the entries of pages, each with its versions in other languages.

    Two statements, and one for each type whose items tell their languages themselves.
    """
    originals = list(session().scalars(chosen.order_by(Item.sort_at.desc(), Item.id.desc())))
    linked: dict[int | None, list[Item]] = defaultdict(list)
    versions = _translations({item.id for item in originals if item.original_id == item.id})
    for item in versions:
        linked[item.original_id].append(item)
    _read_languages([*originals, *versions])
    return [entry for item in originals for entry in _versions([item, *linked[item.id]])]


def _translations(original_ids: set[int]) -> Sequence[Item]:
    if not original_ids:
        return ()
    chosen = queries.public(Item, now(), translations=True)
    translated = chosen.where(Item.original_id.in_(original_ids), Item.id != Item.original_id)
    known = [kind.name for kind in platform.types]
    found = session().scalars(translated.where(Item.type.in_(known)).order_by(Item.id))
    return [item for item in found if is_shown(item)]


def _read_languages(items: Sequence[Item]) -> None:
    """Read at once what items tell their languages by; each would be asked for by itself."""
    for kind in platform.types:
        ids = [item.id for item in items if item.type == kind.name]
        if ids and kind.languages is not ContentType.languages:
            whole = select(kind.model).where(Item.id.in_(ids)).options(undefer("*"))
            session().scalars(whole).all()


def _versions(items: Sequence[Item]) -> list[Entry]:
    """Return the entries of one page in all its languages."""
    written = {
        tongue: item
        for item in reversed(items)
        for tongue in platform.types[item.type].languages(item)
    }
    addresses = [(t, item_address(written[t], t)) for t in LANGUAGES if t in written]
    alternates = addresses if len(addresses) > 1 else []
    return [
        Entry(address, written[t].revised_at or written[t].published_from, alternates)
        for t, address in addresses
    ]


def _menu() -> list[Entry]:
    """Return the entries of what the menu leads to; each is there in every language."""
    links = [found for link in _headings() for found in (link, *link.children)]
    paths = dict.fromkeys(_plain(link.path) for link in links if "#" not in link.path)
    return [
        Entry(full(prefix(tongue) + path), None, [(t, full(prefix(t) + path)) for t in LANGUAGES])
        for path in paths
        for tongue in LANGUAGES
    ]


def _plain(path: str) -> str:
    """Return a path of the site without its language."""
    return path.removeprefix(request.script_root)


def _answer(template: str, **values: Any) -> Response:
    return Response(render_template(template, **values), content_type="application/xml")
