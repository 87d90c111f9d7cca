"""The job table: enqueued in the transaction of the change, run at least once, fenced.

A worker holds a job by a lease. When it dies, the lease runs out and another worker takes the job;
a worker that lost its lease cannot report the result. A job that was begun ``ATTEMPTS`` times and
never ended well is dead, whether it failed or took its worker with it; it stays in the table with
its error, for the operator to look at and start again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Index, String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.clock import Clock
from hoitu.core.db import Base, BigId, Json

READY, DONE, DEAD = "ready", "done", "dead"
ATTEMPTS: Final = 8


class Postponed(Exception):
    """Raised by a job that cannot run now through no fault of its own.

    It is put back for ``delay``, and the attempt does not count.
    """

    def __init__(self, delay: timedelta) -> None:
        super().__init__(f"postponed for {delay}")
        self.delay = delay


class JobRow(Base):
    """One run of a job, waiting, leased, done or dead."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "state", "run_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    #: A second job with the same key is not accepted while the first waits or runs.
    dedupe: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=READY)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    owner: Mapped[str] = mapped_column(String(80), default="")
    fence: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")


class LeaseRow(Base):
    """Who holds a task that only one worker may do at a time, such as writing the index."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]


class ScheduleRow(Base):
    """The last period for which a periodic job was queued."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    slot: Mapped[int] = mapped_column(BigId)


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job is given: its session (committed after it returns), payload and clock."""

    session: Session
    payload: dict[str, Any]
    clock: Clock


@dataclass(frozen=True, slots=True)
class Job:
    """A named piece of work. Must be idempotent: it may run twice.

    With ``every`` it runs periodically; with ``per_unit`` once for each unit that has its section
    on, inside that unit's scope. One that is ``patient`` comes after all others that are due:
    thousands of documents to be read hold up no mail.
    """

    name: str
    run: Callable[[JobContext], None]
    every: timedelta | None = None
    per_unit: bool = False
    lease: timedelta = timedelta(minutes=10)
    patient: bool = False


class Jobs:
    """Every registered job, by ``<plugin>.<name>``."""

    def __init__(self) -> None:
        self._jobs: dict[str, tuple[str, Job]] = {}

    def register(self, plugin: str, jobs: Iterable[Job]) -> None:
        """Add the jobs of a plugin."""
        for job in jobs:
            self._jobs[f"{plugin}.{job.name}"] = (plugin, job)

    def drop(self, plugin: str) -> None:
        """Forget the jobs of a plugin that was withdrawn while starting."""
        self._jobs = {n: (p, job) for n, (p, job) in self._jobs.items() if p != plugin}

    def get(self, name: str) -> tuple[str, Job] | None:
        """Return (plugin, job)."""
        return self._jobs.get(name)

    def periodic(self) -> list[tuple[str, str, Job]]:
        """Return (full name, plugin, job) of the jobs that run by the clock."""
        return [(n, plugin, j) for n, (plugin, j) in self._jobs.items() if j.every]

    def patient(self) -> list[str]:
        """Return the full names of the jobs that let all others go first."""
        return [name for name, (_plugin, job) in self._jobs.items() if job.patient]


def enqueue(
    session: Session,
    name: str,
    payload: dict[str, Any],
    *,
    run_at: datetime,
    dedupe: str | None = None,
) -> bool:
    """Add a job in the caller's transaction; False when one with the same key waits already."""
    row = JobRow(name=name, payload=payload, run_at=run_at, dedupe=dedupe)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of a job that can be taken now: it is time, and no worker holds it."""
    free = JobRow.lease_until.is_(None) | (JobRow.lease_until < now)
    return JobRow.state == READY, JobRow.run_at <= now, free


def claim(session: Session, owner: str, now: datetime, jobs: Jobs) -> JobRow | None:
    """Take the next due job under a lease and return it, or None; the caller commits.

    The longest due is next, but patient ones come last. A job whose last permitted attempt ended
    without a report is returned dead: not to be run.
    """
    # By name, not by a column: `ix_job_due` finds what is due, and to look through a backlog of
    # documents costs less than to read one of them.
    order = JobRow.name.in_(jobs.patient()), JobRow.run_at, JobRow.id
    first = select(JobRow).where(*due(now)).order_by(*order).limit(1)
    row = session.scalar(first.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.fence += 1
    if row.attempts >= ATTEMPTS:
        error = f"begun {row.attempts} times, and each time its worker died or took too long"
        _bury(row, f"{error}; the last error was: {row.error}" if row.error else error)
    else:
        known = jobs.get(row.name)
        row.lease_until = now + (known[1].lease if known else timedelta(minutes=1))
        row.owner, row.attempts = owner, row.attempts + 1
    session.flush()
    return row


def finish(session: Session, job_id: int, fence: int) -> bool:
    """Mark a job done, unless its lease was lost; the caller commits."""
    held = (JobRow.id == job_id, JobRow.fence == fence, JobRow.state == READY)
    done = update(JobRow).where(*held).values(state=DONE, dedupe=None, lease_until=None, error="")
    return bool(session.execute(done).rowcount)  # type: ignore[attr-defined]


def fail(session: Session, job_id: int, fence: int, error: str, now: datetime) -> None:
    """Put a job back with a growing delay, or among the dead; the caller commits."""
    row = _held(session, job_id, fence)
    if row is None:
        return
    row.error, row.lease_until = error[:4000], None
    row.run_at = now + timedelta(seconds=min(3600, 2**row.attempts))
    if row.attempts >= ATTEMPTS:
        _bury(row, row.error)


def postpone(session: Session, job_id: int, fence: int, until: datetime) -> None:
    """Put a job back until then as if it had not been begun; the caller commits."""
    row = _held(session, job_id, fence)
    if row is not None:
        row.lease_until, row.run_at, row.attempts = None, until, row.attempts - 1


def revive(session: Session, now: datetime) -> None:
    """Give every dead job its attempts back; the caller commits."""
    dead = update(JobRow).where(JobRow.state == DEAD)
    session.execute(dead.values(state=READY, attempts=0, run_at=now))


def _held(session: Session, job_id: int, fence: int) -> JobRow | None:
    row = session.get(JobRow, job_id, with_for_update=True)
    return row if row is not None and row.fence == fence and row.state == READY else None


def _bury(row: JobRow, error: str) -> None:
    row.state, row.dedupe, row.lease_until, row.error = DEAD, None, None, error[:4000]


def hold_lease(session: Session, name: str, owner: str, now: datetime, duration: timedelta) -> bool:
    """Take or renew a named lease; False while another owner holds it. The caller commits."""
    free = (LeaseRow.owner == owner) | (LeaseRow.until < now)
    take = update(LeaseRow).where(LeaseRow.name == name, free)
    if session.execute(take.values(owner=owner, until=now + duration)).rowcount:  # type: ignore[attr-defined]
        return True
    if session.get(LeaseRow, name) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(LeaseRow(name=name, owner=owner, until=now + duration))
    except IntegrityError:
        return False
    return True


def renew_lease(
    session: Session, name: str, owner: str, now: datetime, duration: timedelta
) -> bool:
    """Prolong a named lease; False when another owner has taken it meanwhile. Caller commits."""
    mine = update(LeaseRow).where(LeaseRow.name == name, LeaseRow.owner == owner)
    return bool(session.execute(mine.values(until=now + duration)).rowcount)  # type: ignore[attr-defined]


def release_lease(session: Session, name: str, owner: str) -> None:
    """Give a named lease back, so that the next owner need not wait for its end. Caller commits."""
    session.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.owner == owner))


def begin_slot(session: Session, name: str, slot: int) -> bool:
    """Claim a period of a periodic job; True for the first who asks. The caller commits."""
    later = (ScheduleRow.name == name, ScheduleRow.slot < slot)
    if session.execute(update(ScheduleRow).where(*later).values(slot=slot)).rowcount:  # type: ignore[attr-defined]
        return True
    if session.get(ScheduleRow, name) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(ScheduleRow(name=name, slot=slot))
    except IntegrityError:
        return False
    return True
