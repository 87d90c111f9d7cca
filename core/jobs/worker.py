"""The worker: delivers the outbox, starts periodic jobs, runs queued ones.

In the embedded profile it is a thread of the server; scaled out it is ``hoitu worker``. Any number
may run: leases see to it that each task is done by one at a time.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from uuid import uuid4

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from hoitu.core.extensions import KEY, Platform, session_of_call
from hoitu.core.jobs import queue
from hoitu.core.jobs.delivery import Delivery
from hoitu.core.jobs.queue import Job, JobContext, JobRow, Postponed
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import ScopedSession, all_units, unit_scope

log = logging.getLogger(__name__)

#: Set after each commit in this process, so that delivery starts at once.
committed = Event()
#: Seconds between looks when nothing happens in this process.
IDLE = 0.5
#: How long the worker, or a part of its round, rests after an error.
REST = timedelta(seconds=5)
#: Under this name core registers jobs of its own.
_CORE = "core"


@event.listens_for(ScopedSession, "after_commit")
def _wake(_session: Session) -> None:
    committed.set()


class Worker:
    """One worker of an application."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._platform: Platform = app.extensions[KEY]
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._delivery = Delivery(self._platform, self._owner)
        self._stop = Event()
        #: Until when a part of the round is left out.
        self._rests: dict[str, datetime] = {}
        #: Periods this worker has seen begin; spares the database a question each round.
        self._slots: dict[str, int] = {}

    def start_thread(self) -> Thread:
        """Run in a daemon thread of this process and return it."""
        thread = Thread(target=self.run, name="hoitu-worker", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Work until :meth:`stop`; errors of the database are logged and waited out."""
        while not self._stop.is_set():
            # Before the step: what is committed while it runs must not be slept through.
            committed.clear()
            try:
                busy = self.step()
            except (OperationalError, ProgrammingError):
                log.exception("the worker waits for the database; see: hoitu doctor")
                busy = self._stop.wait(REST.total_seconds())
            except Exception:
                log.exception("the worker failed and goes on")
                busy = self._stop.wait(REST.total_seconds())
            if not busy:
                committed.wait(IDLE)

    def stop(self) -> None:
        """End :meth:`run` after the present step."""
        self._stop.set()
        committed.set()

    def drain(self) -> None:
        """Work until nothing is left to do now."""
        while self.step():
            pass

    def step(self) -> bool:
        """Do one round of everything; return whether anything was done."""
        with self._app.app_context():
            with self._platform.open_session(False) as session:
                refresh(self._platform, session)
            parts = (self._delivery.run, self._schedule, self._run_one)
            done = [self._attempt(part) for part in parts]
            return any(done)

    def _attempt(self, part: Callable[[], bool]) -> bool:
        """Do one part of a round; after an error it rests, and the others go on."""
        name, now = part.__qualname__, self._platform.clock.now()
        if name in self._rests and now < self._rests[name]:
            return False
        try:
            return part()
        except (Exception, SystemExit):
            log.exception("%s failed; the worker comes back to it", name)
            self._rests[name] = now + REST
            return False

    def _schedule(self) -> bool:
        now = self._platform.clock.now()
        for name, plugin, job in self._platform.jobs.periodic():
            assert job.every is not None
            slot = int(now.timestamp() // job.every.total_seconds())
            if self._slots.get(name) == slot or not self._is_in_use(plugin):
                continue
            with self._platform.open_session(True) as session:
                if queue.begin_slot(session, name, slot):
                    self._enqueue(session, name, plugin, job, now, slot)
                    session.commit()
            self._slots[name] = slot
        return False

    def _is_in_use(self, plugin: str) -> bool:
        return plugin == _CORE or self._platform.plugins.is_active(plugin)

    def _enqueue(
        self, session: Session, name: str, plugin: str, job: Job, now: datetime, slot: int
    ) -> None:
        if not job.per_unit:
            queue.enqueue(session, name, {}, run_at=now, dedupe=f"{name}#{slot}")
            return
        for unit in self._platform.units.sites():
            if self._platform.switchboard.section_on(unit, plugin):
                payload = {"unit_id": unit.id}
                queue.enqueue(session, name, payload, run_at=now, dedupe=f"{name}#{slot}#{unit.id}")

    def _run_one(self) -> bool:
        now = self._platform.clock.now()
        due = select(JobRow.id).where(*queue.due(now))
        with self._platform.open_session(False) as session:
            if session.scalar(due.limit(1)) is None:
                return False
        with self._platform.open_session(True) as session:
            row = queue.claim(session, self._owner, now, self._platform.jobs)
            if row is None:
                return False
            session.commit()
        if row.state == queue.READY:
            self._execute(row)
        else:
            log.error("job %s is dead: %s", row.name, row.error)
        return True

    def _execute(self, row: JobRow) -> None:
        known = self._platform.jobs.get(row.name)
        try:
            if known is None or not self._is_in_use(known[0]):
                raise LookupError(f"no active plugin has the job {row.name}")
            self._run_job(known[1], row)
        except Postponed as wish:
            with self._platform.open_session(True) as session:
                queue.postpone(session, row.id, row.fence, self._platform.clock.now() + wish.delay)
                session.commit()
        except (Exception, SystemExit) as error:
            log.exception("job %s failed", row.name)
            with self._platform.open_session(True) as session:
                message = f"{type(error).__name__}: {error}"
                queue.fail(session, row.id, row.fence, message, self._platform.clock.now())
                session.commit()

    def _run_job(self, job: Job, row: JobRow) -> None:
        unit_id = row.payload.get("unit_id")
        scope = unit_scope(unit_id) if unit_id else all_units(f"job {row.name}")
        with session_of_call(write=True) as session, scope:
            job.run(JobContext(session, dict(row.payload), self._platform.clock))
            if queue.finish(session, row.id, row.fence):
                session.commit()
