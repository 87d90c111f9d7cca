"""Feeding search: the documents of public items, and the index kept equal to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy.orm import Session, undefer

from hoitu.core.clock import local
from hoitu.core.content import ContentType, Item, file_texts, queries
from hoitu.core.extensions import Platform, platform
from hoitu.core.jobs import queue
from hoitu.core.jobs.queue import Job, JobContext, Postponed
from hoitu.core.search import SearchDocument, SearchUnavailable
from hoitu.core.units import all_units

log = logging.getLogger(__name__)

#: How long a turn lasts unless it is prolonged: so long a dead worker holds up the others.
LEASE = timedelta(minutes=2)
#: How long an item waits for another writer, and for an index that is out of reach.
_NEXT_TURN, _OUTAGE = timedelta(seconds=5), timedelta(minutes=1)

#: Ids of items by the name of their type.
Touched = Mapping[str, set[int]]
#: Why the documents of some items are not what they should be, by id.
Failures = dict[int, Exception]


class LeaseLost(RuntimeError):
    """Another owner has the turn now; what this one has not committed must not be."""


class Turn:
    """The right to deliver events and to write the index; one owner has it at a time.

    So what is written into the index later was read later.
    """

    NAME: Final = "delivery"

    def __init__(self, parts: Platform, owner: str) -> None:
        self._platform = parts
        self._owner = owner

    def begin(self, session: Session) -> bool:
        """Take the turn; False while another owner has it. The caller commits."""
        now = self._platform.clock.now()
        return queue.hold_lease(session, self.NAME, self._owner, now, LEASE)

    def prolong(self, session: Session) -> None:
        """Begin the lease anew, in the transaction that may only be committed under it.

        :raises LeaseLost: it ran out, and another owner has taken the turn.
        """
        now = self._platform.clock.now()
        if not queue.renew_lease(session, self.NAME, self._owner, now, LEASE):
            raise LeaseLost(f"{self._owner} was too slow; another worker delivers now")

    def check(self) -> None:
        """As :meth:`prolong`, in a transaction of its own."""
        with self._platform.open_session(True) as session:
            self.prolong(session)
            session.commit()

    def end(self) -> None:
        """Let the next owner begin at once."""
        with self._platform.open_session(True) as session:
            queue.release_lease(session, self.NAME, self._owner)
            session.commit()


def documents(
    session: Session,
    types: Iterable[ContentType],
    now: datetime,
    ids: Iterable[int] | None = None,
    failed: Failures | None = None,
) -> Iterator[SearchDocument]:
    """Yield the search documents of public items: those with ``ids``, or all of them.

    The texts of their attachments come with them, one more statement for each 200 items.

    An item that cannot be made into one is left out, logged, and noted in ``failed``.
    """
    wanted = None if ids is None else sorted(ids)
    for kind in (t for t in types if t.is_page):
        chosen = queries.public(kind.model, now, translations=True).options(undefer(Item.body))
        if wanted is not None:
            chosen = chosen.where(Item.id.in_(wanted))
        for items in session.scalars(chosen.execution_options(yield_per=200)).partitions():
            attached = file_texts.of_items(session, [item.id for item in items])
            for item in items:
                try:
                    document = kind.search_document(item)
                    if kind.search_facets:
                        facets = {**document.facets, **kind.facets_on(item, local(now).date())}
                        document = replace(document, facets=facets)
                    if item.id in attached:
                        document = replace(document, attachments=attached[item.id])
                except Exception as error:
                    log.exception("%s %s cannot be made into a search document", kind.name, item.id)
                    (failed if failed is not None else {})[item.id] = error
                else:
                    yield document


def feed(parts: Platform, turn: Turn, touched: Touched) -> Failures:
    """Bring the index up to date with these items, and return those that could not be.

    What has no document any more, or none that can be written, is removed: better not found than
    found with an old text. The index is written outside any transaction: writers of content never
    wait for it.

    :raises LeaseLost: the turn ended meanwhile; what was written may be out of date.
    """
    found: dict[int, SearchDocument] = {}
    gone: set[int] = set()
    failed: Failures = {}
    for name, ids in touched.items():
        kind = parts.types.get(name)
        try:
            read = _read(parts, kind, ids, failed) if kind else {}
        except Exception as error:
            log.exception("the items of type %s cannot be read", name)
            failed.update(dict.fromkeys(ids, error))
        else:
            found |= read
            gone |= ids - read.keys()
    turn.check()
    unwritten = _write(lambda ids: parts.search.index(found[i] for i in ids), sorted(found))
    gone |= {i for i, error in unwritten.items() if not isinstance(error, OSError)}
    failed |= unwritten | _write(parts.search.remove, sorted(gone))
    turn.check()
    return failed


def _read(
    parts: Platform, kind: ContentType, ids: set[int], failed: Failures
) -> dict[int, SearchDocument]:
    # A session for each type: a failed query spoils its own transaction only.
    with parts.open_session(False) as session, all_units("update of the search index"):
        found = documents(session, [kind], parts.clock.now(), ids, failed)
        return {document.id: document for document in found}


def _write(write: Callable[[list[int]], object], ids: list[int]) -> Failures:
    """Write all in one commit; if that fails, find those that cannot be written at all."""
    if not ids:
        return {}
    try:
        write(ids)
    except SearchUnavailable as error:
        # The rebuild it asks for will read these items too; nothing else need wait for it.
        log.error("the search index is not updated: %s", error)
    except OSError as error:
        log.error("the search index is out of reach: %s", error)
        return dict.fromkeys(ids, error)
    except Exception as error:
        if len(ids) == 1:
            log.exception("the search document of item %s cannot be written", ids[0])
            return {ids[0]: error}
        middle = len(ids) // 2
        return _write(write, ids[:middle]) | _write(write, ids[middle:])
    return {}


def feed_later(session: Session, touched: Touched, now: datetime) -> None:
    """Queue the update of each of these items; the caller commits."""
    for name, ids in touched.items():
        for item_id in sorted(ids):
            payload = {"type": name, "item_id": item_id}
            queue.enqueue(session, "core.index", payload, run_at=now, dedupe=f"index#{item_id}")


def _index(context: JobContext) -> None:
    """Bring the search document of one item up to date."""
    name, item_id = context.payload["type"], context.payload["item_id"]
    turn = Turn(platform, uuid4().hex)
    with platform.open_session(True) as session:
        if not turn.begin(session):
            raise Postponed(_NEXT_TURN)
        session.commit()
    try:
        error = feed(platform, turn, {name: {item_id}}).get(item_id)
    except LeaseLost as lost:
        raise Postponed(_NEXT_TURN) from lost
    finally:
        turn.end()
    if isinstance(error, OSError):
        raise Postponed(_OUTAGE) from error
    if error is not None:
        raise error


JOBS: Final = (Job("index", _index),)
