"""Noting what older texts lead to: texts that were saved before this was noted are read once.

Every save keeps the index true since. Until all older texts were read, files that are only in a
text are not public, and what leads to an item is not known: an upgrade sees to it by a job, slice
by slice, and ``hoitu doctor`` tells until it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from hoitu.core.content import Item, ItemVersion, linked
from hoitu.core.content.actions import values_of
from hoitu.core.extensions import Platform, platform
from hoitu.core.jobs import Job, JobContext, enqueue
from hoitu.core.jobs.queue import READY, JobRow, ScheduleRow

#: Full name of the job, and of the row that says up to which edition of the index all was read.
NAME: Final = "core.index_links"
#: Raise it when texts must be read anew because more is noted of them.
EDITION: Final = 1
#: Items that are read and written in one transaction.
SLICE = 100


def begin(session: Session, now: datetime) -> bool:
    """Queue the reading of older texts where it is needed; say so. The caller commits.

    Where nothing was written yet there is nothing to read.
    """
    if is_done(session):
        return False
    if session.scalar(select(Item.id).limit(1)) is None:
        finish(session)
        return False
    waiting = select(JobRow.id).where(JobRow.name == NAME, JobRow.state == READY).limit(1)
    if session.scalar(waiting) is None:
        enqueue(session, NAME, {"after": 0}, run_at=now, dedupe=f"{NAME}#0")
    return True


def is_done(session: Session) -> bool:
    """Say whether all older texts were read."""
    row = session.get(ScheduleRow, NAME)
    return row is not None and row.slot >= EDITION


def is_needed(session: Session) -> bool:
    """Say whether there are texts that may not have been read."""
    return not is_done(session) and session.scalar(select(Item.id).limit(1)) is not None


def finish(session: Session) -> None:
    """Note that all older texts were read; the caller commits."""
    session.merge(ScheduleRow(name=NAME, slot=EDITION))


def part(parts: Platform, session: Session, after: int) -> Sequence[Item]:
    """Return the next items of the scope, at most ``SLICE``, locked until the caller commits."""
    types = sorted(kind.name for kind in parts.types)
    chosen = select(Item).where(Item.id > after, Item.type.in_(types)).order_by(Item.id)
    # Nobody may save one between reading and noting: the links of the older text would stay.
    locked = chosen.options(undefer(Item.body)).limit(SLICE).with_for_update(of=Item)
    return session.scalars(locked).all()


def note(parts: Platform, session: Session, item: Item) -> bool:
    """Make the index say what an item leads to; say whether it did not. The caller commits."""
    kind = parts.types[item.type]
    version = session.get(ItemVersion, item.draft_id) if item.draft_id is not None else None
    waiting = dict(version.values) if version is not None else {}
    live = linked.refresh(session, kind, item, values_of(kind, item), waiting=False)
    behind = linked.refresh(session, kind, item, waiting, waiting=True)
    return live or behind


def _index_links(context: JobContext) -> None:
    """Read one slice and queue the next, in one transaction: what is cut short goes on there."""
    items = part(platform, context.session, context.payload["after"])
    for item in items:
        note(platform, context.session, item)
    if len(items) < SLICE:
        finish(context.session)
        return
    last = items[-1].id
    now = context.clock.now()
    enqueue(context.session, NAME, {"after": last}, run_at=now, dedupe=f"{NAME}#{last}")


JOBS = (Job("index_links", _index_links),)
