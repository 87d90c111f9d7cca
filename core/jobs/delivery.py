"""Delivery of the outbox: first to search, in one batch, then to every plugin."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from hoitu.core.content import ContentTypes, Item, queries
from hoitu.core.events import (
    Event,
    ItemPublished,
    ItemUnpublished,
    OutboxEntry,
    restore,
)
from hoitu.core.extensions import Platform, session_of_call
from hoitu.core.search import SearchDocument, SearchUnavailable
from hoitu.core.units import all_units

log = logging.getLogger(__name__)

#: Events delivered at a time: one commit of the index costs as much for sixty as for one.
BATCH = 200


def pending(session: Session, limit: int = BATCH) -> list[OutboxEntry]:
    """Return the oldest undelivered entries, in order."""
    waiting = select(OutboxEntry).where(OutboxEntry.delivered_at.is_(None))
    return list(session.scalars(waiting.order_by(OutboxEntry.id).limit(limit)))


def deliver(platform: Platform, entries: list[OutboxEntry]) -> None:
    """Deliver entries and mark them; on an error nothing is marked and all come again.

    The index is written outside any transaction: writers of content never wait for it.
    """
    events = [(entry.id, event) for entry in entries if (event := restore(entry)) is not None]
    _update_search(platform, [event for _, event in events])
    for _, event in events:
        with session_of_call(write=True) as session, all_units("delivery of an event"):
            platform.hooks.handle_event(event, session.begin_nested)
            session.commit()
    session = platform.open_session(True)
    with session:
        done = update(OutboxEntry).where(OutboxEntry.id.in_([e.id for e in entries]))
        session.execute(done.values(delivered_at=platform.clock.now()))
        session.commit()


def documents(
    session: Session, types: ContentTypes, now: datetime, ids: Iterable[int] | None = None
) -> Iterator[SearchDocument]:
    """Yield the search documents of public items: those with ``ids``, or all of them."""
    wanted = None if ids is None else sorted(ids)
    for kind in (t for t in types if t.is_page):
        chosen = queries.public(kind.model, now).options(undefer(Item.body))
        if wanted is not None:
            chosen = chosen.where(Item.id.in_(wanted))
        stream = session.scalars(chosen.execution_options(yield_per=200))
        yield from (kind.search_document(item) for item in stream)


def _update_search(platform: Platform, events: list[Event]) -> None:
    touched = {e.item_id for e in events if isinstance(e, ItemPublished | ItemUnpublished)}
    if not touched:
        return
    session = platform.open_session(False)
    with session, all_units("update of the search index"):
        now = platform.clock.now()
        found = list(documents(session, platform.types, now, touched))
    gone = touched - {document.id for document in found}
    try:
        if gone:
            platform.search.remove(gone)
        if found:
            platform.search.index(found)
    except SearchUnavailable as error:
        # The rebuild it asks for will read these items too; nothing else need wait for it.
        log.error("the search index is not updated: %s", error)
