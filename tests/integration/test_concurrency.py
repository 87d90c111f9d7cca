"""Eight editors and two workers at once: no write, no index update, no audit entry is lost."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.access import SYSTEM, audit
from hoitu.core.app import create_app
from hoitu.core.content import ActionContext, Conflict, Item, ItemVersion, actions
from hoitu.core.events import OutboxEntry
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs.queue import DONE, JobRow
from hoitu.core.search import SearchQuery
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import all_units, unit_scope

pytestmark = pytest.mark.both_databases

PROCESSES, ROUNDS = 8, 3
WRITES = PROCESSES * ROUNDS
TYPE = "legal_document"


class Editor:
    """One process: publishes documents of its own and counts up in two that all of them share.

    The numbers are read as a form does: in a session that is over before the next one saves.
    """

    def __init__(self, instance: Path, url: str, name: int, shared: list[int]) -> None:
        self.app = create_app(instance=instance, database_url=url)
        self.parts: Platform = self.app.extensions[KEY]
        self.name = name
        self.shared = shared
        self.outcomes: Counter[str] = Counter()
        with self.parts.open_session(False) as session:
            refresh(self.parts, session)

    def run(self, all_have_read: Any) -> Counter[str]:
        for number in range(ROUNDS):
            self.act(lambda work, n=number: self.publish(work, n))  # type: ignore[misc]
            for shared in self.shared:
                forms = [self.read(shared)]
                # Everybody has the same version before them; so all but one of them are refused.
                all_have_read.wait(60)
                while not self.save(shared, *forms[-1]):
                    forms.append(self.read(shared))
        return self.outcomes

    def read(self, shared: int) -> tuple[int, int]:
        """Return the version and the number an editor would see."""
        with self.parts.open_session(False) as session, all_units("a test"):
            item: Any = session.get_one(Item, shared)
            return item.version, int(item.summary.split()[-1])

    def save(self, shared: int, version: int, number: int) -> bool:
        """Save the number after the one that was read; False when somebody was faster."""

        def change(work: ActionContext) -> None:
            item = work.session.get_one(Item, shared)
            more = {"summary": f"cùng lúc {number + 1}"}
            actions.edit(work, item, more, expected_version=version)
            if item.state == "published":
                actions.publish(work, item)

        try:
            self.act(change)
        except Conflict:
            self.outcomes["refused"] += 1
            return False
        self.outcomes["saved"] += 1
        return True

    def publish(self, work: ActionContext, number: int) -> None:
        actions.publish(work, actions.create(work, TYPE, values(f"{self.name}{number}", "riêng 1")))

    def act(self, change: Callable[[ActionContext], object]) -> None:
        parts, unit = self.parts, self.parts.units.by_slug("phuong-mot")
        assert unit is not None
        with (
            self.app.test_request_context(base_url="http://mot.test"),
            unit_scope(unit.id),
            parts.open_session(True) as session,
        ):
            change(
                ActionContext(
                    session, SYSTEM, unit, parts.types, parts.hooks, parts.switchboard, parts.clock
                )
            )
            session.commit()


def values(number: str, summary: str) -> dict[str, object]:
    return {
        "requirement": "administrative_documents",
        "kind": "KH",
        "number": f"{number}/KH-UBND",
        "issuer": "UBND",
        "issued_on": "27/11/2023",
        "summary": summary,
    }


def edit(all_have_read: Any, outcomes: Any, *arguments: Any) -> None:
    outcomes.put(Editor(*arguments).run(all_have_read))


@contextmanager
def workers(number: int) -> Iterator[None]:
    """Run real workers; they must end in peace when they are asked to."""
    command = [sys.executable, "-P", "-c", "from hoitu.core.cli import main; main()", "worker"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen(command, **pipes, text=True) for _ in range(number)]
    try:
        for process in running:
            assert process.stdout is not None
            assert "runs" in process.stdout.readline()
        yield
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            _, errors = process.communicate(timeout=30)
            assert process.returncode == 0, errors
            assert "Traceback" not in errors, errors
    finally:
        for process in running:
            process.kill()
            process.communicate()


def test_eight_editors_and_two_workers_lose_nothing(
    desk: Any,
    platform: Platform,
    instance: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOITU_INSTANCE", str(instance))
    monkeypatch.setenv("HOITU_DATABASE_URL", database_url)
    with desk() as work:
        draft = actions.create(work, TYPE, values("98", "cùng lúc 0")).id
        public = actions.publish(work, actions.create(work, TYPE, values("99", "cùng lúc 0"))).id
    platform.engine.dispose()
    with workers(2):
        outcomes = run_editors(instance, database_url, [draft, public])
        until_all_is_done(platform)

    assert outcomes["saved"] == 2 * WRITES
    # In each round, all but the first had read a version that was no longer there.
    assert outcomes["refused"] >= 2 * ROUNDS * (PROCESSES - 1)
    with platform.open_session(False) as session, all_units("a test"):
        for item_id in (draft, public):
            of_item = select(ItemVersion).where(ItemVersion.item_id == item_id)
            versions = session.scalars(of_item.order_by(ItemVersion.number)).all()
            assert [(v.number, v.values["summary"]) for v in versions] == [
                (1 + n, f"cùng lúc {n}") for n in range(WRITES + 1)
            ]
            assert session.get_one(Item, item_id).summary == f"cùng lúc {WRITES}"
        verdict = audit.verify(session)
        assert (verdict.broken_id, verdict.entries) == (None, 3 + 5 * WRITES)
        own = select(Item.id).where(Item.state == "published", Item.id != public)
        assert indexed(platform, "riêng") == dict.fromkeys(session.scalars(own), "riêng 1")
    assert indexed(platform, "cùng lúc") == {public: f"cùng lúc {WRITES}"}
    assert platform.search.health().documents == WRITES + 1


def indexed(platform: Platform, words: str) -> dict[int, str]:
    """Return what the index has for these words: the beginning of each document by its id."""
    hits = platform.search.search(SearchQuery(words, limit=100)).hits
    return {hit.id: hit.snippet.striptags() for hit in hits}


def run_editors(instance: Path, url: str, shared: list[int]) -> Counter[str]:
    """Let all editors work at once, and return how many of their writes had which outcome."""
    fork = multiprocessing.get_context("fork")
    all_have_read, outcomes = fork.Barrier(PROCESSES), fork.SimpleQueue()
    running = [
        fork.Process(target=edit, args=(all_have_read, outcomes, instance, url, name, shared))
        for name in range(1, PROCESSES + 1)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(120)
    assert [process.exitcode for process in running] == [0] * PROCESSES
    return sum((outcomes.get() for _ in running), Counter())


def until_all_is_done(platform: Platform) -> None:
    """Wait until the workers have delivered every event and done every job."""
    waiting = (
        select(func.count()).where(OutboxEntry.delivered_at.is_(None)),
        # Links are asked at night: by day that job waits for its hour.
        select(func.count()).where(JobRow.state != DONE, JobRow.name != "core.check_links"),
    )
    deadline = time.monotonic() + 60
    while True:
        with platform.open_session(False) as session:
            left = [session.scalar(count) for count in waiting]
        if not any(left):
            return
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
