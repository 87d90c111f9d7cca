"""Delivery of the outbox: first to search, in one batch, then each event to every plugin.

A failure holds up nobody else: whoever missed an event gets it again from a job of its own, with
growing delays, until that job is among the dead. One owner at a time delivers; it renews its lease
in the transaction of each event, and stops, without a trace, at the first it can no longer renew.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hoitu.core.clock import Clock
from hoitu.core.events import ItemPublished, ItemUnpublished, OutboxEntry, restore
from hoitu.core.extensions import Platform, platform, session_of_call
from hoitu.core.jobs import queue
from hoitu.core.jobs.indexing import LeaseLost, Touched, Turn, feed, feed_later
from hoitu.core.jobs.queue import Job, JobContext, Postponed
from hoitu.core.plugin import PluginState
from hoitu.core.units import all_units

log = logging.getLogger(__name__)

#: Events delivered at a time: one commit of the index costs as much for sixty as for one.
BATCH = 200
#: A batch that no worker could finish this often holds something deadly: each goes by a job.
DEATHS = 2
#: How long an event waits while its plugin's hook is being left out.
_PAUSE = timedelta(minutes=1)
#: How long an event waits for a plugin that is out of use.
_REST = timedelta(hours=1)
#: Plugins in these states are told when an operator has brought them back.
_OUT_OF_USE = (PluginState.QUARANTINED, PluginState.BLOCKED)
#: Plugins in these states will not ask for what they missed.
_NEVER_AGAIN = (PluginState.MISSING, PluginState.RETIRED)


class Missed(RuntimeError):
    """A plugin raised when it was told of an event; the message names it and its error."""


def pending(session: Session, limit: int = BATCH) -> list[OutboxEntry]:
    """Return the oldest undelivered entries, in order."""
    waiting = select(OutboxEntry).where(OutboxEntry.delivered_at.is_(None))
    return list(session.scalars(waiting.order_by(OutboxEntry.id).limit(limit)))


class Delivery:
    """What one worker does about the outbox, whenever it is its turn."""

    def __init__(self, parts: Platform, owner: str) -> None:
        self._platform = parts
        self._turn = Turn(parts, owner)

    def run(self) -> bool:
        """Deliver a batch; False when nothing waits or it is another worker's turn."""
        entries = self._begin()
        if not entries:
            return False
        try:
            self._update_search([e for e in entries if e.attempts <= DEATHS])
            for entry in entries:
                self._deliver(entry)
        except LeaseLost as lost:
            log.warning("%s", lost)
        finally:
            self._turn.end()
        return True

    def _begin(self) -> list[OutboxEntry]:
        """Begin a turn and take a batch; when there is none to have, nothing is written."""
        with self._platform.open_session(False) as session:
            if not pending(session, limit=1):
                return []
        with self._platform.open_session(True) as session:
            if not self._turn.begin(session):
                return []
            # Read in the turn: an entry seen before may have been delivered since.
            entries = pending(session)
            for entry in entries:
                entry.attempts += 1
            if entries:
                session.commit()
            return entries

    def _update_search(self, entries: list[OutboxEntry]) -> None:
        touched = _touched(entries)
        if not touched:
            return
        late: Touched = touched
        try:
            failed = feed(self._platform, self._turn, touched)
            late = {name: ids & failed.keys() for name, ids in touched.items()}
        finally:
            # All of them when the turn was lost: the next owner may have written before us.
            if any(late.values()):
                with self._platform.open_session(True) as session:
                    feed_later(session, late, self._platform.clock.now())
                    session.commit()

    def _deliver(self, entry: OutboxEntry) -> None:
        """Tell the plugins of an event, or leave that to a job when it cannot be done here."""
        if entry.attempts <= DEATHS:
            try:
                self._settle(entry, self._tell)
            except LeaseLost:
                raise
            except Exception:
                log.exception("event %s is left to a job", entry.id)
            else:
                return
        self._settle(entry, self._leave_to_jobs)

    def _settle(self, entry: OutboxEntry, work: Callable[[Session, OutboxEntry], None]) -> None:
        """Do the work and mark the entry, both or neither, and only while the lease holds."""
        with session_of_call(write=True) as session, all_units("delivery of an event"):
            work(session, entry)
            mark = update(OutboxEntry).where(OutboxEntry.id == entry.id)
            session.execute(mark.values(delivered_at=self._platform.clock.now()))
            self._turn.prolong(session)
            session.commit()

    def _tell(self, session: Session, entry: OutboxEntry) -> None:
        event = restore(entry)
        if event is None:
            log.warning("event %s: this release knows no such %s", entry.id, entry.kind)
            return
        missed = self._platform.hooks.handle_event(event, session.begin_nested)
        waiting = [p.name for p in self._platform.plugins.all() if p.state in _OUT_OF_USE]
        _tell_later(session, entry, {*missed, *waiting}, self._platform.clock)

    def _leave_to_jobs(self, session: Session, entry: OutboxEntry) -> None:
        if entry.attempts > DEATHS:
            feed_later(session, _touched([entry]), self._platform.clock.now())
        _tell_later(session, entry, [""], self._platform.clock)


def _touched(entries: Iterable[OutboxEntry]) -> dict[str, set[int]]:
    """Return the items whose public text some events changed."""
    touched: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        event = restore(entry)
        if isinstance(event, ItemPublished | ItemUnpublished):
            touched[event.type].add(event.item_id)
    return touched


def _tell_later(session: Session, entry: OutboxEntry, plugins: Iterable[str], clock: Clock) -> None:
    """Queue an event for each of these plugins ('' = all of them); the caller commits."""
    for plugin in plugins:
        payload = {"id": entry.id, "kind": entry.kind, "event": entry.payload, "plugin": plugin}
        dedupe = f"tell#{entry.id}#{plugin}"
        queue.enqueue(session, "core.tell", payload, run_at=clock.now(), dedupe=dedupe)


def _tell_again(context: JobContext) -> None:
    """Tell one plugin of an event it missed; or all of them, each of which may miss it."""
    payload, plugin = context.payload, context.payload["plugin"]
    entry = OutboxEntry(id=payload["id"], kind=payload["kind"], payload=payload["event"])
    event = restore(entry)
    if event is None or (plugin and not _is_waiting(plugin)):
        return
    missed = platform.hooks.handle_event(event, context.session.begin_nested, plugin)
    if not plugin:
        _tell_later(context.session, entry, missed, context.clock)
    elif plugin in missed:
        error = missed[plugin]
        raise Postponed(_PAUSE) if error is None else Missed(f"{plugin}: {error!r}")


def _is_waiting(plugin: str) -> bool:
    """Say whether a plugin is there to be told; it never will be when it is gone.

    :raises Postponed: it is out of use, and may come back.
    """
    found = platform.plugins.get(plugin)
    if found is None or found.state in _NEVER_AGAIN:
        return False
    if not found.is_active:
        raise Postponed(_REST)
    return True


JOBS: Final = (Job("tell", _tell_again),)
