"""The search page: own unit first, one click to the whole province."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.search import SearchHit, SearchQuery, SearchResults, SearchUnavailable
from hoitu.core.units import unit_scope
from hoitu.core.web.chrome import crumbs
from hoitu.core.web.site import address_of, language, now, today

blueprint = Blueprint("search", __name__, template_folder="templates")
SIZE = 20
PROVINCE = "toan-tinh"
NOTHING = SearchResults(hits=(), total=0, partial=False, facets={}, took_ms=0.0)


@dataclass(frozen=True, slots=True)
class Found:
    """A hit that the visitor may see, with its address and origin."""

    item: Item
    address: str
    snippet: Markup
    section: str
    unit_name: str


@blueprint.get("/tim-kiem")
@public
def results() -> tuple[str, int]:
    """Show the search form and, for ``?q=``, what was found."""
    words = text.nfc(request.args.get("q", ""))[:200].strip()
    wide = request.args.get("pham-vi") == PROVINCE
    place = request.args.get("trang", "1")
    page = max(1, min(int(place), 50)) if place.isascii() and place.isdigit() else 1
    unavailable, found = "", NOTHING
    if words:
        try:
            found = platform.search.search(_query(words, wide, page))
        except SearchUnavailable:
            unavailable = _("Search is not available at the moment. Please browse the sections.")
    body = render_template(
        "web/search.html",
        words=words,
        wide=wide,
        page=page,
        results=found,
        hits=_visible(found.hits, wide),
        more=found.total > page * SIZE,
        unavailable=unavailable,
        crumbs=crumbs((_("Search"), url_for("search.results"))),
        PROVINCE=PROVINCE,
    )
    return body, 503 if unavailable else 200


def _query(words: str, wide: bool, page: int) -> SearchQuery:
    on = frozenset(m.name for m in platform.switchboard.sections_on(g.unit))
    types = request.args.get("loai")
    known = platform.types.get(types or "")
    return SearchQuery(
        text=words,
        unit_ids=None if wide else frozenset({g.unit.id}),
        sections=None if wide else on,
        types=frozenset({known.name}) if known else None,
        hidden=frozenset() if wide else _hidden(on),
        limit=SIZE,
        offset=(page - 1) * SIZE,
    )


def _hidden(sections: frozenset[str]) -> frozenset[tuple[int, str]]:
    """Return the requirements of this unit that are off inside sections that are on."""
    served = {r for t in platform.types if t.section in sections for r in t.requirements}
    on = {r for s in sections for r in platform.switchboard.requirements_on(g.unit, s)}
    return frozenset((g.unit.id, r) for r in served - on)


def _visible(hits: tuple[SearchHit, ...], wide: bool) -> list[Found]:
    """Read the hits from the database: an index that lags behind can never show what is hidden."""
    units = {hit.unit_id for hit in hits} if wide else {g.unit.id}
    with unit_scope(*units):
        known = [kind.name for kind in platform.types]
        found_items = queries.by_ids(session(), [hit.id for hit in hits], now(), known)
        items = {item.id: item for item in found_items}
    found = []
    for hit in hits:
        item = items.get(hit.id)
        unit = platform.units.by_id(item.unit_id) if item else None
        if item is None or unit is None:
            continue
        if platform.switchboard.section_on(unit, item.section, item.requirement):
            found.append(_present(item, hit, unit.name(today(), language())))
    return found


def _present(item: Item, hit: SearchHit, unit_name: str) -> Found:
    kind: Any = platform.types[item.type]
    return Found(item, address_of(item), Markup(hit.snippet), str(kind.label), unit_name)  # noqa: S704 (escaped by the backend)
