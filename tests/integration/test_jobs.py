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
from sqlalchemy import select, update

from hoitu.core.clock import FrozenClock
from hoitu.core.content import Item
from hoitu.core.events import SettingChanged, append
from hoitu.core.extensions import KEY, Platform
from hoitu.core.jobs import Job, JobContext, Postponed, Worker, enqueue, queue, worker
from hoitu.core.jobs.delivery import Delivery
from hoitu.core.jobs.queue import ATTEMPTS, JobRow
from hoitu.core.units import UnitScopeError
from hoitu.core.units.models import UnitRow
from hoitu.core.units.scope import scope

pytestmark = pytest.mark.both_databases

#: A worker whose job writes something, says so in a file, and then hangs; or dies.
HANGING_WORKER = """
import os, sys, time
from datetime import datetime
from pathlib import Path
from sqlalchemy import update
from hoitu.core.app import create_app
from hoitu.core.clock import FrozenClock
from hoitu.core.jobs import Job, Worker
from hoitu.core.units.models import UnitRow

def hang(context):
    context.session.execute(update(UnitRow).values(code="half"))
    if len(sys.argv) < 5:
        os.kill(os.getpid(), 9)
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
        #: Jobs that run by the clock, whatever a test puts, and those that they queue per unit.
        self.usual = {name for name, _plugin, _job in platform.jobs.periodic()}
        self.usual |= {"core.remind_of_reviews", "core.empty_trash", "core.forget_senders_at"}
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
        """Return (name, state, attempts, error) of every job but those of core and sections."""
        with self.platform.open_session(False) as session:
            rows = session.scalars(select(JobRow).order_by(JobRow.id)).all()
        return [(r.name, r.state, r.attempts, r.error) for r in rows if r.name not in self.usual]

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


def test_patient_jobs_let_all_others_go_first(bench: Bench, drain: Any, clock: FrozenClock) -> None:
    bench.add("read", lambda _: bench.log.append("read"), patient=True)
    bench.add("mail", lambda _: bench.log.append("mail"))
    for name in ("core.read", "core.read", "core.mail", "core.mail"):
        bench.put(name)
        clock.move(timedelta(seconds=1))
    drain()
    assert bench.log == ["mail", "mail", "read", "read"]


def test_reading_files_holds_up_nothing_else(platform: Platform) -> None:
    assert set(platform.jobs.patient()) == {"core.media_texts", "core.media_variants"}


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


def test_a_job_that_kills_its_workers_is_dead_in_the_end(
    bench: Bench, drain: Any, instance: Path, database_url: str, clock: FrozenClock
) -> None:
    bench.put(dedupe="one")
    with bench.platform.open_session(True) as session:
        session.execute(update(JobRow).values(attempts=ATTEMPTS - 1, error="the last word"))
        session.commit()
    arguments = [str(instance), database_url, clock.now().isoformat()]
    command = [sys.executable, "-P", "-c", HANGING_WORKER, *arguments]
    assert subprocess.run(command, timeout=60, check=False).returncode == -signal.SIGKILL
    bench.add("work", bench.log.append)
    drain()
    assert bench.rows() == [("core.work", "ready", ATTEMPTS, "the last word")]
    clock.move(timedelta(minutes=11))
    drain()
    assert bench.log == [], "it is not begun once more"
    ((_, state, attempts, error),) = bench.rows()
    assert (state, attempts) == ("dead", ATTEMPTS)
    assert error.startswith(f"begun {ATTEMPTS} times, and each time its worker died or took too")
    assert error.endswith("the last word")
    assert bench.put(dedupe="one"), "a dead job keeps no new one out"
    with bench.platform.open_session(True) as session:
        queue.revive(session, clock.now())
        session.commit()
    drain()
    assert [row[1:] for row in bench.rows()] == [("done", 1, "")] * 2


def test_a_postponed_job_uses_up_no_attempt(bench: Bench, drain: Any, clock: FrozenClock) -> None:
    def wait(context: JobContext) -> None:
        context.session.execute(_rename("half"))
        bench.log.append(clock.now())
        if len(bench.log) <= ATTEMPTS:
            raise Postponed(timedelta(minutes=1))

    bench.add("work", wait)
    bench.put()
    for times in range(1, ATTEMPTS + 1):
        drain()
        assert len(bench.log) == times
        assert bench.rows() == [("core.work", "ready", 0, "")]
        assert bench.codes() == {""}
        clock.move(timedelta(minutes=1))
    drain()
    assert bench.rows() == [("core.work", "done", 1, "")]


@pytest.mark.parametrize("error", [SystemExit(1), KeyError("x")])
def test_no_job_ends_the_worker(bench: Bench, drain: Any, error: BaseException) -> None:
    def leave(_context: JobContext) -> None:
        raise error

    bench.add("leave", leave)
    bench.add("work", bench.log.append)
    bench.put("core.leave")
    bench.put()
    drain()
    assert len(bench.log) == 1
    assert bench.rows()[0] == ("core.leave", "ready", 1, f"{type(error).__name__}: {error}")


def test_a_worker_with_nothing_to_take_writes_nothing_and_sleeps(
    bench: Bench, app: Any, clock: FrozenClock
) -> None:
    """Two workers must not keep each other awake: each commit wakes them."""
    Worker(app).drain()
    bench.put()
    with bench.platform.open_session(True) as session:
        assert queue.claim(session, "another", clock.now(), bench.platform.jobs) is not None
        assert queue.hold_lease(session, "delivery", "another", clock.now(), timedelta(minutes=2))
        append(session, SettingChanged(0, "core", "x"), clock.now())
        session.commit()
    worker.committed.clear()
    assert not Worker(app).step()
    assert not worker.committed.is_set()


@pytest.mark.parametrize("part", ["Delivery.run", "Worker._schedule"])
def test_one_part_of_a_round_that_fails_stops_no_other(
    bench: Bench, app: Any, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    tried = []

    def fail(_self: object) -> bool:
        tried.append(clock.now())
        raise RuntimeError("no")

    fail.__qualname__ = part
    bench.add("work", bench.log.append)
    owner, name = part.split(".")
    with monkeypatch.context() as patch:
        patch.setattr({"Delivery": Delivery, "Worker": Worker}[owner], name, fail)
        one = Worker(app)
        for _ in range(3):
            bench.put()
        one.drain()
        assert len(bench.log) == 3
        assert len(tried) == 1, "it rests"
        clock.move(worker.REST)
        one.drain()
        assert len(tried) == 2


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
        assert not queue.renew_lease(session, "x", "a", clock.now(), timedelta(minutes=2))
        session.commit()
    assert not hold("a")
    with bench.platform.open_session(True) as session:
        queue.release_lease(session, "x", "b")
        session.commit()
    assert hold("a")
