"""The worker: delivers the outbox, starts periodic jobs, runs queued ones.

In the embedded profile it is a thread of the server; scaled out it is ``hoitu worker``. Any number
may run: leases see to it that each task is done by one at a time.
"""

from __future__ import annotations

import logging
import os
import socket
from datetime import datetime, timedelta
from threading import Event, Thread
from uuid import uuid4

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from hoitu.core.extensions import KEY, Platform, session_of_call
from hoitu.core.jobs import delivery, queue
from hoitu.core.jobs.queue import Job, JobContext, JobRow
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import ScopedSession, all_units, unit_scope

log = logging.getLogger(__name__)

#: Set after each commit in this process, so that delivery starts at once.
_committed = Event()
#: Seconds between looks when nothing happens in this process.
IDLE = 0.5
_DELIVERY = "delivery"
#: Under this name core registers jobs of its own.
_CORE = "core"


@event.listens_for(ScopedSession, "after_commit")
def _wake(_session: Session) -> None:
    _committed.set()


class Worker:
    """One worker of an application."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._platform: Platform = app.extensions[KEY]
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._stop = Event()
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
            try:
                busy = self.step()
            except (OperationalError, ProgrammingError):
                log.exception("the worker waits for the database; see: hoitu doctor")
                busy = False
                self._stop.wait(5)
            except Exception:
                log.exception("the worker failed and goes on")
                busy = False
                self._stop.wait(5)
            if not busy:
                _committed.wait(IDLE)
                _committed.clear()

    def stop(self) -> None:
        """End :meth:`run` after the present step."""
        self._stop.set()
        _committed.set()

    def drain(self) -> None:
        """Work until nothing is left to do now."""
        while self.step():
            pass

    def step(self) -> bool:
        """Do one round of everything; return whether anything was done."""
        with self._app.app_context():
            with self._platform.open_session(False) as session:
                refresh(self._platform, session)
            delivered = self._deliver()
            self._schedule()
            return self._run_one() or delivered

    def _deliver(self) -> bool:
        with self._platform.open_session(False) as session:
            if not delivery.pending(session, limit=1):
                return False
        now = self._platform.clock.now()
        with self._platform.open_session(True) as session:
            held = queue.hold_lease(session, _DELIVERY, self._owner, now, timedelta(minutes=2))
            session.commit()
        if not held:
            return False
        # Read after the lease was won: an entry seen before may have been delivered since.
        with self._platform.open_session(False) as session:
            entries = delivery.pending(session)
        if entries:
            delivery.deliver(self._platform, entries)
        with self._platform.open_session(True) as session:
            queue.release_lease(session, _DELIVERY, self._owner)
            session.commit()
        return bool(entries)

    def _schedule(self) -> None:
        now = self._platform.clock.now()
        for name, plugin, job in self._platform.jobs.periodic():
            assert job.every is not None
            slot = int(now.timestamp() // job.every.total_seconds())
            if self._slots.get(name) == slot or not self._is_in_use(plugin):
                continue
            self._slots[name] = slot
            with self._platform.open_session(True) as session:
                if queue.begin_slot(session, name, slot):
                    self._enqueue(session, name, plugin, job, now, slot)
                session.commit()

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
        due = select(JobRow.id).where(JobRow.state == queue.READY, JobRow.run_at <= now)
        with self._platform.open_session(False) as session:
            if session.scalar(due.limit(1)) is None:
                return False
        with self._platform.open_session(True) as session:
            row = queue.claim(session, self._owner, now, self._platform.jobs)
            session.commit()
            if row is None:
                return False
        self._execute(row)
        return True

    def _execute(self, row: JobRow) -> None:
        known = self._platform.jobs.get(row.name)
        try:
            if known is None or not self._is_in_use(known[0]):
                raise LookupError(f"no active plugin has the job {row.name}")
            self._run_job(known[1], row)
        except Exception as error:
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
