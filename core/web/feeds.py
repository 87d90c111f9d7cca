"""Atom feeds (RFC 4287) of lists and of the whole site."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

from flask import Blueprint, Response, g, make_response, render_template, request

from hoitu.core.access import public
from hoitu.core.content import Item, queries
from hoitu.core.extensions import session
from hoitu.core.web.site import address_of, language, now, today
from hoitu.core.web.visibility import every_page

blueprint = Blueprint("feeds", __name__, template_folder="templates")
SIZE = 30


@blueprint.get("/feed.atom")
@public
def site() -> Response:
    """Return the newest items of every section that is on."""
    found = queries.page(session(), every_page(), size=SIZE).items
    return atom(g.unit.name(today(), language()), request.url, found)


def atom(title: str, address: str, items: Sequence[Item]) -> Response:
    """Return a feed document."""
    updated = max((i.revised_at or i.sort_at for i in items), default=now())
    entries = [(item, urljoin(request.url_root, address_of(item))) for item in items]
    response = make_response(
        render_template(
            "web/feed.xml", title=title, address=address, updated=updated, entries=entries
        )
    )
    response.content_type = "application/atom+xml; charset=utf-8"
    return response
