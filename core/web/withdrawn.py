"""What the address of a withdrawn item answers: nothing, another entry, or a notice.

Whoever takes an item off the site says why. A mistake leaves nothing behind, unless visitors are
led elsewhere; what was merged leads to where it went; what is out of date is told of, so that those
who come by an old link learn that it existed and does not hold any more. The text itself is never
shown. All this is asked only before a 404.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Row, select
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from hoitu.core import clock
from hoitu.core.content import Item, queries, scheduling
from hoitu.core.content.actions.planned import LAST_TITLE
from hoitu.core.content.item import PUBLISHED
from hoitu.core.content.workflow import RETURNED, REVIEWED, SUBMITTED, UNPUBLISHED
from hoitu.core.extensions import platform, session
from hoitu.core.web.site import active_unit, address_of, now
from hoitu.core.web.visibility import is_on, is_shown

#: Withdrawn, and perhaps on the way back; a restored draft or what rests answers 404.
_STATES = frozenset({UNPUBLISHED, SUBMITTED, REVIEWED, RETURNED})
#: Reasons (`content.actions.rules`): it holds no longer, or is part of another.
OUTDATED, MERGED = "outdated", "merged"
#: The way is short and may change: browsers keep it for five minutes.
KEPT = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What visitors may know of an item that left the site."""

    title: str
    at: datetime
    reason: str
    #: Id of the item they are led to instead.
    target: int | None


def tell(item_id: int, type_name: str = "") -> None:
    """Answer the request if an item of this unit was withdrawn from the site; return otherwise.

    :raises HTTPException: the answer: a redirect, or a notice with status 410.
    """
    found = find(item_id, type_name)
    if found is None:
        return
    other = public_target(found.target)
    if found.reason == OUTDATED:
        abort(_notice(found, other))
    if other is not None:
        answer = redirect(other[1], 301)
        # Steps can be taken back: browsers would keep the way for ever otherwise.
        answer.headers["Cache-Control"] = KEPT
        abort(answer)


def find(item_id: int, type_name: str = "") -> Withdrawn | None:
    """Return what may be known of an item that left the site: two statements at most."""
    chosen = select(
        Item.id, Item.type, Item.section, Item.requirement, Item.state, Item.title, Item.extra,
        Item.withdrawn_for, Item.withdrawn_to, Item.published_until,
    ).where(Item.id == item_id)  # fmt: skip
    if type_name:
        chosen = chosen.where(Item.type == type_name)
    row = session().execute(chosen).one_or_none()
    if row is None or row.published_until is None or row.published_until > now():
        return None
    if not is_on(active_unit().id, row.section, row.requirement):
        return None
    if row.state == PUBLISHED:
        return _ended(row)
    if row.state not in _STATES or not row.withdrawn_for:
        return None
    title = (row.extra or {}).get(LAST_TITLE) or row.title
    return Withdrawn(title, row.published_until, row.withdrawn_for, row.withdrawn_to)


def _ended(row: Row[Any]) -> Withdrawn | None:
    """Return what was planned for an item whose time is over, and which no worker took yet."""
    ends = [step for step in scheduling.unsettled(session(), row.id) if step.is_end]
    for step in ends:
        if step.run_at <= now() and (reason := step.details.get("withdrawn_for")):
            target = step.details.get("withdrawn_to")
            return Withdrawn(row.title, row.published_until, reason, target)
    return None


def public_target(item_id: int | None) -> tuple[str, str] | None:
    """Return title and path of the entry visitors are led to, if they may see it."""
    if item_id is None:
        return None
    names = [kind.name for kind in platform.types]
    for item in queries.by_ids(session(), [item_id], now(), names):
        if is_shown(item):
            try:
                return item.title, address_of(item)
            except BuildError:
                # Of a type without pages of its own.
                return None
    return None


def _notice(found: Withdrawn, other: tuple[str, str] | None) -> Response:
    day = clock.format_date(clock.local(found.at).date())
    if request.path.endswith(".json"):
        detail = _("%(title)s was withdrawn on %(day)s.", title=found.title, day=day)
        response = make_response(jsonify(error=_("No longer in force"), detail=detail), 410)
    else:
        body = render_template("web/withdrawn.html", title=found.title, day=day, other=other)
        response = make_response(body, 410)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
