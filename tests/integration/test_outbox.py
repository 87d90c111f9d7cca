"""The outbox: what happened is told after the commit, in order, at least once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.events import Event, ItemPublished, OutboxEntry, append, restore
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs import Worker
from hoitu.core.jobs.delivery import DEATHS, Delivery
from hoitu.core.search import SearchQuery
from hoitu.core.units import Unit
from hoitu.core.units.models import UnitRow

pytestmark = pytest.mark.both_databases

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]
TYPE = "legal_document"

#: A worker that dies when the index is written and nothing is marked as delivered yet.
KILLED_WORKER = """
import os, sys
from datetime import datetime
from pathlib import Path
from hoitu.core.app import create_app
from hoitu.core.clock import FrozenClock
from hoitu.core.jobs import Worker

app = create_app(
    instance=Path(sys.argv[1]), database_url=sys.argv[2],
    clock=FrozenClock(datetime.fromisoformat(sys.argv[3])),
)
app.extensions["hoitu"].hooks.handle_event = lambda *_: os._exit(9)
Worker(app).drain()
"""

HEARD = """
    heard = []

    @hookimpl
    def handle_event(self, event):
        Section.heard.append(event)
"""


def undelivered(platform: Platform) -> list[str]:
    waiting = select(OutboxEntry.kind).where(OutboxEntry.delivered_at.is_(None))
    with platform.open_session(False) as session:
        return list(session.scalars(waiting.order_by(OutboxEntry.id)))


def found(platform: Platform, words: str) -> list[int]:
    return [hit.id for hit in platform.search.search(SearchQuery(words)).hits]


@pytest.fixture
def heard(plant: Callable[..., str]) -> Iterator[list[Event]]:
    """Install a plugin that hears every event, before the application is built."""
    plant("listener", HEARD)
    import listener.section  # type: ignore[import-not-found]

    yield listener.section.Section.heard


def test_a_refused_change_tells_nobody(heard: list[Event], desk: Desk, drain: Any) -> None:
    with pytest.raises(ValueError, match="second thoughts"), desk() as work:
        actions.create(work, TYPE, {"number": "1/KH-UBND"})
        raise ValueError("second thoughts")
    drain()
    assert heard == []


def test_every_change_is_told_once_and_in_order(
    heard: list[Event], desk: Desk, document: Values, drain: Any, unit: Unit
) -> None:
    with desk() as work:
        item = actions.create(work, TYPE, document())
        actions.publish(work, item)
        actions.unpublish(work, item, "Sai")
    assert heard == []
    drain()
    drain()
    assert [type(event).__name__ for event in heard] == [
        "ItemChanged",
        "ItemPublished",
        "StepTaken",
        "ItemUnpublished",
        "StepTaken",
    ]
    assert heard[1] == ItemPublished(unit.id, item.id, TYPE)


def test_search_follows_the_public_text(
    desk: Desk, document: Values, drain: Any, platform: Platform
) -> None:
    with desk() as work:
        item_id = actions.create(work, TYPE, document()).id
    drain()
    assert found(platform, "hội tụ") == []
    steps: tuple[tuple[Callable[[ActionContext, Item], object], str, bool], ...] = (
        (actions.publish, "hoi tu", True),
        (
            lambda work, item: actions.edit(work, item, {"summary": "Cầu Trường Tiền"}),
            "hội tụ",
            True,
        ),
        (actions.publish, "hội tụ", False),
        (lambda work, item: None, "truong tien", True),
        (lambda work, item: actions.unpublish(work, item, "Sai"), "truong tien", False),
    )
    for change, words, hits in steps:
        with desk() as work:
            change(work, work.session.get_one(Item, item_id))
        drain()
        assert (found(platform, words) == [item_id]) is hits, words


@pytest.fixture
def killed_worker(instance: Path, database_url: str, clock: FrozenClock) -> Callable[[], None]:
    """Return a function that runs a worker until the first plugin it asks kills the process."""

    def run() -> None:
        command = [sys.executable, "-P", "-c", KILLED_WORKER, str(instance), database_url]
        command.append(clock.now().isoformat())
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 9, done.stderr

    return run


def test_a_worker_killed_between_index_and_mark_loses_nothing(
    heard: list[Event],
    publish: Callable[..., int],
    document: Values,
    platform: Platform,
    clock: FrozenClock,
    drain: Any,
    killed_worker: Callable[[], None],
) -> None:
    item_id = publish(TYPE, **document())
    killed_worker()
    # The index has it, nobody was told, and the dead worker's lease still holds.
    assert found(platform, "hội tụ") == [item_id]
    drain()
    assert len(undelivered(platform)) == 3
    clock.move(timedelta(minutes=3))
    drain()
    assert undelivered(platform) == []
    assert [type(event).__name__ for event in heard] == [
        "ItemChanged",
        "ItemPublished",
        "StepTaken",
    ]
    assert found(platform, "hội tụ") == [item_id]
    assert platform.search.health().documents == 1


def test_an_event_that_kills_every_worker_lets_the_others_pass(
    heard: list[Event],
    publish: Callable[..., int],
    document: Values,
    platform: Platform,
    clock: FrozenClock,
    drain: Any,
    killed_worker: Callable[[], None],
) -> None:
    item_id = publish(TYPE, **document())
    for _ in range(DEATHS + 1):
        killed_worker()
        clock.move(timedelta(minutes=3))
    # The last of them had left each event to a job of its own, and died of the first job.
    assert undelivered(platform) == []
    drain()
    assert [type(event).__name__ for event in heard] == ["ItemPublished", "StepTaken"]
    clock.move(timedelta(minutes=10))
    drain()
    assert [type(event).__name__ for event in heard] == [
        "ItemPublished",
        "StepTaken",
        "ItemChanged",
    ]
    assert found(platform, "hội tụ") == [item_id]


def test_a_worker_that_ends_well_leaves_no_lease(
    make_app: Callable[..., Any], publish: Callable[..., int], document: Values, drain: Any
) -> None:
    publish(TYPE, **document())
    drain()
    publish(TYPE, **document("390/KH-UBND"))
    # Another process, at the same instant, need not wait.
    other = make_app()
    Worker(other).drain()
    assert undelivered(other.extensions[KEY]) == []


# Whoosh leaves the files it could not read to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broken_index_stops_neither_listeners_nor_jobs(
    heard: list[Event], desk: Desk, document: Values, instance: Path, platform: Platform, drain: Any
) -> None:
    for path in (instance / "search").rglob("*"):
        if path.is_file():
            path.write_bytes(b"\0 not an index")
    with desk() as work:
        item = actions.create(work, TYPE, document())
        actions.publish(work, item)
    drain()
    assert [type(event).__name__ for event in heard] == [
        "ItemChanged",
        "ItemPublished",
        "StepTaken",
    ]
    assert undelivered(platform) == []
    assert not platform.search.health().ok


def test_the_rebuild_that_mends_it_reads_what_was_missed(
    desk: Desk, document: Values, instance: Path, platform: Platform, drain: Any, hoitu: Any
) -> None:
    shutil.rmtree(instance / "search")
    with desk() as work:
        item = actions.publish(work, actions.create(work, TYPE, document()))
    drain()
    result = hoitu("search", "rebuild")
    assert result.exit_code == 0, result.output
    assert "1 documents" in result.output
    assert found(platform, "hội tụ") == [item.id]
    assert platform.search.health().ok


def test_an_event_of_a_later_release_is_passed_over(
    platform: Platform, drain: Any, clock: FrozenClock
) -> None:
    with platform.open_session(True) as session:
        append(session, ItemPublished(1, 5, TYPE), clock.now())
        session.flush()
        session.scalars(select(OutboxEntry)).one().kind = "ItemTeleported"
        session.commit()
        assert restore(session.scalars(select(OutboxEntry)).one()) is None
    drain()
    assert undelivered(platform) == []


def test_an_event_of_another_form_lets_the_others_pass(
    heard: list[Event], platform: Platform, drain: Any, clock: FrozenClock
) -> None:
    with platform.open_session(True) as session:
        append(session, ItemPublished(1, 5, TYPE), clock.now())
        append(session, ItemPublished(1, 6, TYPE), clock.now())
        session.flush()
        session.scalars(select(OutboxEntry).order_by(OutboxEntry.id)).first().payload = {"a": 1}  # type: ignore[union-attr]
        session.commit()
    drain()
    assert heard == [ItemPublished(1, 6, TYPE)]
    assert undelivered(platform) == []


# -- turns -------------------------------------------------------------------------------------


@pytest.fixture
def three_events(desk: Desk, document: Values) -> None:
    with desk() as work:
        for number in range(1, 4):
            actions.create(work, TYPE, document(f"{number}/KH-UBND"))


class Slow:
    """Makes the first worker lose time whenever it is about to tell of an event."""

    def __init__(self, app: Any, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
        hooks = app.extensions[KEY].hooks
        self.tell = hooks.handle_event
        self.drain = Worker(app).drain
        self.second = Delivery(app.extensions[KEY], "second")
        self.clock = clock
        self.delays: list[timedelta] = []
        #: Whether the second worker delivered meanwhile.
        self.meanwhile: list[bool] = []
        monkeypatch.setattr(hooks, "handle_event", self.handle_event)

    def handle_event(self, *arguments: Any) -> Any:
        if self.delays:
            self.clock.move(self.delays.pop(0))
            self.meanwhile.append(self.second.run())
        return self.tell(*arguments)


@pytest.fixture
def slow(app: Any, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(app, clock, monkeypatch)


def test_a_turn_lasts_while_its_worker_gets_on(
    heard: list[Event], slow: Slow, three_events: None
) -> None:
    slow.delays = [timedelta(seconds=100)] * 3
    slow.drain()
    assert slow.meanwhile == [False] * 3
    assert len(heard) == 3


def test_who_lost_the_turn_stops_and_leaves_no_trace(
    plant: Any, make_app: Any, clock: FrozenClock, monkeypatch: Any, desk: Desk, document: Values
) -> None:
    plant("counter", COUNTER)
    app = make_app()
    with desk() as work:
        for number in range(1, 4):
            actions.create(work, TYPE, document(f"{number}/KH-UBND"))
    slow = Slow(app, clock, monkeypatch)
    slow.delays = [timedelta(seconds=121)]
    slow.drain()
    parts = app.extensions[KEY]
    assert slow.meanwhile == [True]
    assert undelivered(parts) == []
    import counter.section  # type: ignore[import-not-found]

    # Told four times, as the first worker had begun with one; what that call wrote is undone.
    assert len(counter.section.Section.heard) == 4
    with parts.open_session(False) as session:
        assert session.get_one(UnitRow, 1).code == "xxx"


COUNTER = """
    heard = []

    @hookimpl
    def handle_event(self, event):
        from hoitu.core.extensions import session
        from hoitu.core.units.models import UnitRow
        Section.heard.append(event)
        session().get_one(UnitRow, 1).code += "x"
"""


def test_an_index_written_out_of_turn_is_written_again(
    app: Any,
    desk: Desk,
    document: Values,
    platform: Platform,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first worker writes what it had read before the second one wrote what came after."""
    with desk() as work:
        item_id = actions.publish(work, actions.create(work, TYPE, document())).id
    workers, write = [Worker(app), Worker(app)], platform.search.index

    def slow(documents: Any) -> int:
        read = list(documents)
        monkeypatch.setattr(platform.search, "index", write)
        clock.move(timedelta(seconds=121))
        with desk() as work:
            item = work.session.get_one(Item, item_id)
            actions.publish(work, actions.edit(work, item, {"summary": "Cầu Trường Tiền"}))
        workers[1].drain()
        assert found(platform, "truong tien") == [item_id]
        return write(read)

    monkeypatch.setattr(platform.search, "index", slow)
    workers[0].drain()
    assert found(platform, "truong tien") == [item_id]
    assert undelivered(platform) == []
