"""Eight processes at once: no write, no index update and no audit entry is lost."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hoitu.core.access import SYSTEM, audit
from hoitu.core.app import create_app
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Conflict, Item, ItemVersion, actions
from hoitu.core.events import OutboxEntry
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs import Worker
from hoitu.core.search import SearchQuery
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import all_units, unit_scope

PROCESSES, ROUNDS = 8, 3
TYPE = "legal_document"


class Editor:
    """One process: publishes documents, counts up in a shared one, and delivers events."""

    def __init__(self, instance: Path, url: str, name: int) -> None:
        self.app = create_app(instance=instance, database_url=url)
        self.parts: Platform = self.app.extensions[KEY]
        self.name = name
        with self.parts.open_session(False) as session:
            refresh(self.parts, session)

    def run(self, shared: int) -> None:
        for number in range(ROUNDS):
            self.act(lambda work, n=number: self.publish(work, n))  # type: ignore[misc]
            while not self.count_up(shared):
                pass
            Worker(self.app).step()

    def act(self, change: Callable[[ActionContext], object]) -> None:
        unit = self.parts.units.by_slug("phuong-mot")
        assert unit is not None
        with (
            self.app.test_request_context(base_url="http://mot.test"),
            unit_scope(unit.id),
            self.parts.open_session(True) as session,
        ):
            parts = self.parts
            change(
                ActionContext(
                    session, SYSTEM, unit, parts.types, parts.hooks, parts.switchboard, parts.clock
                )
            )
            session.commit()

    def publish(self, work: ActionContext, number: int) -> None:
        values = {
            "requirement": "administrative_documents",
            "kind": "KH",
            "number": f"{self.name}{number}/KH-UBND",
            "issuer": "UBND",
            "issued_on": "27/11/2023",
            "summary": "cùng lúc",
        }
        actions.publish(work, actions.create(work, TYPE, values))

    def count_up(self, shared: int) -> bool:
        """Add one to the number in the shared item; False when somebody else was faster."""

        def change(work: ActionContext) -> None:
            item: Any = work.session.get_one(Item, shared)
            more = {"summary": str(int(item.summary) + 1)}
            actions.edit(work, item, more, expected_version=item.version)

        try:
            self.act(change)
        except Conflict:
            return False
        return True


def edit(instance: Path, url: str, name: int, shared: int) -> None:
    Editor(instance, url, name).run(shared)


def test_eight_processes_lose_nothing(
    desk: Any,
    document: Callable[..., dict[str, object]],
    platform: Platform,
    instance: Path,
    database_url: str,
    drain: Any,
    clock: FrozenClock,
) -> None:
    with desk() as work:
        shared = actions.create(work, TYPE, document(summary="0")).id
    platform.engine.dispose()
    start = multiprocessing.get_context("fork").Process
    running = [
        start(target=edit, args=(instance, database_url, name, shared))
        for name in range(1, PROCESSES + 1)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(180)
    assert [process.exitcode for process in running] == [0] * PROCESSES
    # What was committed after the last worker had looked is delivered now; our clock is behind
    # theirs, and a lease must not stand in the way.
    clock.move(timedelta(days=3650))
    drain()

    total = PROCESSES * ROUNDS
    with platform.open_session(False) as session, all_units("a test"):
        published = set(session.scalars(select(Item.id).where(Item.state == "published")))
        item: Any = session.get_one(Item, shared)
        versions = select(ItemVersion.number).where(ItemVersion.item_id == shared)
        verdict = audit.verify(session)
        assert len(published) == total
        assert (item.summary, item.version) == (str(total), total + 1)
        assert sorted(session.scalars(versions)) == list(range(1, total + 2))
        assert (verdict.broken_id, verdict.entries) == (None, 1 + 3 * total)
        undelivered = select(OutboxEntry.id).where(OutboxEntry.delivered_at.is_(None))
        assert session.scalars(undelivered).all() == []
    hits = platform.search.search(SearchQuery("cùng lúc", limit=200)).hits
    assert {hit.id for hit in hits} == published
    assert platform.search.health().documents == total
