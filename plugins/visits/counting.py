"""Counting: which answers are a page that somebody reads, and what is noted of it.

Nothing here asks the database or waits for anything. The layout of every page asks for the blocks
above it; so it is known that a page of the site is drawn, and once its answer is made it is known
whether it became one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask import Response, after_this_request, current_app, g, has_request_context, request
from flask import session as browser_session

from hoitu.core.content import Item
from hoitu.core.web import active_unit, client_address, now, today
from hoitu.plugins.visits.buffer import buffer_of
from hoitu.plugins.visits.models import PATH

log = logging.getLogger(__name__)

#: Addresses below which pages are drawn that are not published: the desk and links to previews.
_UNPUBLISHED: Final = ("/quan-tri/", "/xem-truoc/")
#: Headers by which a browser says that it loads what nobody asked for yet.
_AHEAD: Final = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
#: Where Flask-Login keeps who is signed in.
_ACCOUNT: Final = "_user_id"
#: Longest name of a browser that is looked at.
_AGENT: Final = 400


@dataclass(frozen=True, slots=True)
class Hit:
    """One page that was sent; ``visitor`` is the address it went to, '' where that is not asked."""

    unit_id: int
    day: date
    at: datetime
    item_id: int
    path: str
    agent: str
    visitor: str


def note_page(slot: str, item: Item | None) -> None:
    """Take note of the page that is being drawn, and of the item it shows."""
    if not has_request_context():
        return
    if item is not None:
        g.visits_item_id = item.id
    if slot == "header" and "visits_noted" not in g:
        g.visits_noted = True
        after_this_request(_count)


def _count(response: Response) -> Response:
    try:
        if is_read(response):
            buffer_of(current_app).add(_hit())
    except Exception:
        # A page must never fail because it could not be counted.
        log.exception("a page was not counted")
    return response


def is_read(response: Response) -> bool:
    """Say whether an answer is a public page that was asked for to be read."""
    return (
        request.method == "GET"
        and response.status_code == 200
        and response.mimetype == "text/html"
        and not request.path.startswith(_UNPUBLISHED)
        and not any("pre" in request.headers.get(name, "").lower() for name in _AHEAD)
        and not _is_staff()
    )


def _is_staff() -> bool:
    # Whoever has no cookie is not signed in; opening their session would mark the answer as theirs.
    name = current_app.config["SESSION_COOKIE_NAME"]
    return name in request.cookies and _ACCOUNT in browser_session


def _hit() -> Hit:
    item_id = g.get("visits_item_id", 0)
    asks_not = request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1"
    return Hit(
        unit_id=active_unit().id,
        day=today(),
        at=now(),
        item_id=item_id,
        path="" if item_id else page_path(),
        agent=request.headers.get("User-Agent", "")[:_AGENT],
        visitor="" if asks_not else client_address(),
    )


def page_path() -> str:
    """Return the address of a page as far as it is the same for everybody.

    What varies in an address may be a code that only its owner knows.
    """
    if request.url_rule is None or not request.view_args:
        return request.path[:PATH]
    return request.url_rule.rule.partition("<")[0][:PATH]
