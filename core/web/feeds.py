"""Atom feeds (RFC 4287) of lists and of the whole site."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, abort, g, make_response, render_template, request

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.search import SearchQuery, SearchUnavailable
from hoitu.core.web import translations
from hoitu.core.web.addresses import full
from hoitu.core.web.listing import hit
from hoitu.core.web.site import address_of, language, now, today
from hoitu.core.web.visibility import every_page

blueprint = Blueprint("feeds", __name__, template_folder="templates")
SIZE = 30


@blueprint.get("/feed.atom")
@public
def site() -> Response:
    """Return the newest items of every section that is on; with ``?q=``, those with the words."""
    chosen, title = every_page(), g.unit.name(today(), language())
    if words := text.nfc(request.args.get("q", ""))[:200].strip():
        chosen, title = chosen.where(hit(_newest_with(words))), f"{words} - {title}"
    found = queries.page(session(), chosen, size=SIZE).items
    return atom(title, request.url, translations.in_language(found))


def _newest_with(words: str) -> list[int]:
    """Return the ids of what search finds on this site; 503 while it is out of order."""
    here = frozenset({g.unit.id})
    wanted = SearchQuery(text=words, unit_ids=here, order="newest", limit=SIZE * 4)
    try:
        found = platform.search.search(wanted)
    except SearchUnavailable:
        abort(503)
    # Whoever follows words does not want what others were meant.
    return [] if found.corrected else [one.id for one in found.hits]


def atom(title: str, address: str, items: Sequence[Item]) -> Response:
    """Return a feed document."""
    updated = max((i.revised_at or i.sort_at for i in items), default=now())
    entries = [(item, full(address_of(item))) for item in items]
    response = make_response(
        render_template(
            "web/feed.xml", title=title, address=address, updated=updated, entries=entries
        )
    )
    response.content_type = "application/atom+xml; charset=utf-8"
    return response
