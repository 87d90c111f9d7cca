"""Jobs: run at least once, by one worker at a time, whatever happens to the workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import Item
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs import Job, JobContext, Worker, enqueue, queue
from hoitu.core.jobs.queue import ATTEMPTS, JobRow
from hoitu.core.units import UnitScopeError
from hoitu.core.units.models import UnitRow
from hoitu.core.units.scope import scope

#: A worker whose job writes something, says so in a file, and then hangs.
HANGING_WORKER = """
import sys, time
from datetime import datetime
from pathlib import Path
from sqlalchemy import update
from hoitu.core.app import create_app
from hoitu.core.clock import FrozenClock
from hoitu.core.jobs import Job, Worker
from hoitu.core.units.models import UnitRow

def hang(context):
    context.session.execute(update(UnitRow).values(code="half"))
    Path(sys.argv[4]).touch()
    time.sleep(600)

app = create_app(
    instance=Path(sys.argv[1]), database_url=sys.argv[2],
    clock=FrozenClock(datetime.fromisoformat(sys.argv[3])),
)
app.extensions["hoitu"].jobs.register("core", [Job("work", hang)])
Worker(app).drain()
"""


class Bench:
    """Puts jobs into the queue of a platform and looks at their rows."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        #: What jobs noted.
        self.log: list[Any] = []

    def add(self, name: str, run: Callable[[JobContext], Any], **options: Any) -> None:
        self.platform.jobs.register("core", [Job(name, run, **options)])

    def put(self, name: str = "core.work", **options: Any) -> bool:
        payload = options.pop("payload", {})
        with self.platform.open_session(True) as session:
            accepted = enqueue(session, name, payload, run_at=self.platform.clock.now(), **options)
            session.commit()
        return accepted

    def rows(self) -> list[tuple[str, str, int, str]]:
        """Return (name, state, attempts, error) of every job but core's own."""
        with self.platform.open_session(False) as session:
            rows = session.scalars(select(JobRow).order_by(JobRow.id)).all()
        return [(r.name, r.state, r.attempts, r.error) for r in rows if r.name != "core.tidy"]

    def codes(self) -> set[str]:
        with self.platform.open_session(False) as session:
            return set(session.scalars(select(UnitRow.code)))


@pytest.fixture
def bench(platform: Platform) -> Bench:
    return Bench(platform)


def _mark(context: JobContext) -> None:
    for unit in context.session.scalars(select(UnitRow)):
        unit.code = "done"


def test_what_a_job_writes_is_committed_with_its_end(bench: Bench, drain: Any) -> None:
    bench.add("work", _mark)
    bench.put()
    assert bench.codes() == {""}
    drain()
    assert bench.rows() == [("core.work", "done", 1, "")]
    assert bench.codes() == {"done"}


def test_a_job_in_the_future_waits(bench: Bench, drain: Any, clock: FrozenClock) -> None:
    bench.add("work", bench.log.append)
    with bench.platform.open_session(True) as session:
        enqueue(session, "core.work", {}, run_at=clock.now() + timedelta(hours=1))
        session.commit()
    drain()
    assert bench.log == []
    clock.move(timedelta(hours=1))
    drain()
    assert len(bench.log) == 1


def test_the_same_job_does_not_wait_twice(bench: Bench, drain: Any) -> None:
    bench.add("work", bench.log.append)
    assert bench.put(dedupe="one")
    assert not bench.put(dedupe="one")
    drain()
    assert bench.put(dedupe="one")
    drain()
    assert len(bench.log) == 2


def test_a_failing_job_comes_back_later_and_later_and_is_dead_in_the_end(
    bench: Bench, drain: Any, clock: FrozenClock, hoitu: Any
) -> None:
    def fail(context: JobContext) -> None:
        context.session.scalars(select(UnitRow)).first().code = "half"  # type: ignore[union-attr]
        context.session.flush()
        bench.log.append(clock.now())
        raise RuntimeError("the other side is down")

    bench.add("work", fail)
    bench.put()
    for attempt in range(1, ATTEMPTS + 1):
        drain()
        assert len(bench.log) == attempt
        clock.move(timedelta(seconds=2**attempt - 1))
        drain()
        assert len(bench.log) == attempt
        clock.move(timedelta(seconds=1))
    drain()
    dead = ("core.work", "dead", ATTEMPTS, "RuntimeError: the other side is down")
    assert bench.rows() == [dead]
    assert bench.codes() == {""}
    assert "jobs: 1 dead" in hoitu("doctor").output
    hoitu("worker", "--once", "--retry-dead")
    assert [row[1] for row in bench.rows()] == ["ready"]


def test_a_job_nobody_knows_any_more_does_not_block_the_queue(bench: Bench, drain: Any) -> None:
    bench.add("work", bench.log.append)
    bench.put("gone.work")
    bench.put()
    drain()
    assert [row[:2] for row in bench.rows()] == [("gone.work", "ready"), ("core.work", "done")]
    assert "no active plugin has the job gone.work" in bench.rows()[0][3]


def test_a_job_sees_its_unit_or_all_of_them_as_its_payload_says(
    bench: Bench, drain: Any, unit: Any
) -> None:
    bench.add("work", lambda context: bench.log.append(scope()))
    bench.put(payload={"unit_id": unit.id})
    bench.put()
    drain()
    assert bench.log[0] == {unit.id}
    assert 987_654 in bench.log[1]
    with bench.platform.open_session(False) as session, pytest.raises(UnitScopeError):
        session.scalars(select(Item)).all()


# -- periodic ----------------------------------------------------------------------------------


def test_a_periodic_job_runs_once_per_period_however_many_workers_there_are(
    bench: Bench, make_app: Callable[..., Any], clock: FrozenClock
) -> None:
    apps = [make_app(), make_app()]
    for app in apps:
        jobs = app.extensions[KEY].jobs
        jobs.register("core", [Job("hourly", bench.log.append, every=timedelta(hours=1))])
    for _ in range(4):
        for app in apps:
            Worker(app).drain()
        clock.move(timedelta(minutes=30))
    assert len(bench.log) == 2


def test_a_periodic_job_per_unit_runs_where_its_section_is_on(
    make_app: Callable[..., Any], plant: Callable[..., str], clock: FrozenClock, units: Any
) -> None:
    plant(
        "watch",
        """
        seen = []

        @hookimpl
        def register_jobs(self):
            from datetime import timedelta
            from hoitu.core.jobs import Job
            run = lambda context: Section.seen.append(context.payload["unit_id"])
            return [Job("look", run, every=timedelta(days=1), per_unit=True)]
        """,
        extra='allowed_unit_types = ["ward"]',
    )
    app = make_app()
    Worker(app).drain()
    import watch.section  # type: ignore[import-not-found]

    seen = watch.section.Section.seen
    assert sorted(seen) == sorted(units(slug).id for slug in ("phuong-mot", "phuong-hai"))
    app.extensions[KEY].plugins.withdraw("watch", "quarantined", "in a test")
    clock.move(timedelta(days=1))
    Worker(app).drain()
    assert len(seen) == 2


# -- what happens to workers -------------------------------------------------------------------


def test_a_job_survives_the_death_of_its_worker(
    bench: Bench,
    drain: Any,
    instance: Path,
    database_url: str,
    clock: FrozenClock,
    tmp_path: Path,
) -> None:
    started = tmp_path / "started"
    bench.put()
    arguments = [str(instance), database_url, clock.now().isoformat(), str(started)]
    with subprocess.Popen([sys.executable, "-P", "-c", HANGING_WORKER, *arguments]) as process:
        deadline = time.monotonic() + 60
        while not started.exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    bench.add("work", _mark)
    drain()
    assert bench.rows() == [("core.work", "ready", 1, "")]
    assert bench.codes() == {""}
    clock.move(timedelta(minutes=11))
    drain()
    assert bench.rows() == [("core.work", "done", 2, "")]
    assert bench.codes() == {"done"}


def test_a_worker_that_lost_its_lease_cannot_report(
    bench: Bench, app: Any, clock: FrozenClock
) -> None:
    """The first worker is so slow that a second one takes over and finishes before it."""
    workers = [Worker(app), Worker(app)]

    def work(context: JobContext) -> None:
        bench.log.append("start")
        if len(bench.log) == 1:
            clock.move(timedelta(minutes=11))
            workers[1].step()
            bench.log.append("late")
            context.session.execute(_rename("late"))
        else:
            context.session.execute(_rename("in time"))

    bench.add("work", work)
    bench.put()
    workers[0].step()
    assert bench.log == ["start", "start", "late"]
    assert bench.rows() == [("core.work", "done", 2, "")]
    assert bench.codes() == {"in time"}


def _rename(code: str) -> Any:
    from sqlalchemy import update

    return update(UnitRow).values(code=code)


def test_two_workers_never_hold_the_same_job(bench: Bench, clock: FrozenClock) -> None:
    bench.add("work", bench.log.append)
    for _ in range(3):
        bench.put()
    taken = []
    for owner in "abcd":
        with bench.platform.open_session(True) as session:
            row = queue.claim(session, owner, clock.now(), bench.platform.jobs)
            taken.append(row and row.id)
            session.commit()
    assert taken[3] is None
    assert len(set(taken[:3])) == 3


def test_a_lease_is_held_by_one_and_renewed_by_its_owner_only(
    bench: Bench, clock: FrozenClock
) -> None:
    def hold(owner: str) -> bool:
        with bench.platform.open_session(True) as session:
            held = queue.hold_lease(session, "x", owner, clock.now(), timedelta(minutes=2))
            session.commit()
        return held

    assert [hold("a"), hold("b"), hold("a")] == [True, False, True]
    clock.move(timedelta(minutes=2, seconds=1))
    assert [hold("b"), hold("a")] == [True, False]
    with bench.platform.open_session(True) as session:
        queue.release_lease(session, "x", "a")
        session.commit()
    assert not hold("a")
    with bench.platform.open_session(True) as session:
        queue.release_lease(session, "x", "b")
        session.commit()
    assert hold("a")
