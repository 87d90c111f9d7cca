"""The trash: what lies there can be had back for thirty days, then it is removed for good."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import ColumnElement, and_, select
from werkzeug.routing import BuildError

from hoitu.core import clock
from hoitu.core.access import SYSTEM
from hoitu.core.content import ActionContext, Item
from hoitu.core.content.actions.purging import KEPT, purge
from hoitu.core.content.item import TRASHED
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext, enqueue
from hoitu.core.units import Unit

log = logging.getLogger(__name__)

#: Items removed in one go: so short others wait for the database.
SLICE: Final = 50


def is_ripe(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an item has been in the trash for long enough."""
    return and_(Item.state == TRASHED, Item.trashed_at <= now - KEPT)


def days_left(item: Item, now: datetime) -> int:
    """Return on how many days from today an item can still be had back."""
    if item.trashed_at is None:
        return 0
    last = clock.local(item.trashed_at + KEPT).date()
    return max(0, (last - clock.local(now).date()).days)


def path_of(unit: Unit, item: Item) -> str:
    """Return where an item is, or was, read on the site of its unit; '' when nowhere."""
    kind = platform.types[item.type]
    if not kind.is_page:
        return ""
    host = unit.host(platform.clock.today()) or "localhost"
    # Paths are built for a host; a job has no request that would name one.
    with current_app.app_context() as place:
        place.url_adapter = current_app.url_map.bind(host)
        try:
            return urlsplit(kind.path(item)).path
        except BuildError:
            return ""


def _empty_all(context: JobContext) -> None:
    """Queue the emptying of each unit's trash."""
    for unit in platform.units.sites():
        _queue(context, unit.id, 0)


def _queue(context: JobContext, unit_id: int, after: int) -> None:
    enqueue(
        context.session, "core.empty_trash", {"unit_id": unit_id, "after": after},
        run_at=context.clock.now(), dedupe=f"core.empty_trash#{unit_id}#{after}",
    )  # fmt: skip


def _empty(context: JobContext) -> None:
    """Remove a slice of what one unit threw away long ago, and queue the next one."""
    unit, after = platform.units.by_id(context.payload["unit_id"]), context.payload["after"]
    if unit is None:
        return
    # Items of a plugin that is gone stay until it is back: nothing can load them.
    types = [kind.name for kind in platform.types]
    chosen = select(Item).where(is_ripe(context.clock.now()), Item.type.in_(types), Item.id > after)
    found = list(context.session.scalars(chosen.order_by(Item.id).limit(SLICE)))
    acting = ActionContext.of(platform, context.session, SYSTEM, unit)
    for item in found:
        item_id = item.id
        try:
            with context.session.begin_nested():
                purge(acting, item, path_of(unit, item))
        except Exception:
            # One that cannot be removed must not keep all the others; the log says which.
            log.exception("item %s of unit %s stays in the trash", item_id, unit.id)
    if len(found) == SLICE:
        _queue(context, unit.id, found[-1].id)


JOBS: Final = (
    Job("empty_every_trash", _empty_all, every=timedelta(days=1)),
    Job("empty_trash", _empty),
)
