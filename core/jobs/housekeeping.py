"""Core's own periodic work: what is done is forgotten, what the tables hold is counted.

Their list also has the jobs by which events reach those that missed them.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, delete

from hoitu.core.content import open_forms
from hoitu.core.events import OutboxEntry
from hoitu.core.jobs import delivery, indexing, scheduled
from hoitu.core.jobs.queue import DONE, Job, JobContext, JobRow
from hoitu.core.units import all_units

#: How long delivered events and finished jobs are kept for the operator to look at.
KEPT = timedelta(days=30)


def tidy(context: JobContext) -> None:
    """Delete what was delivered or done long ago; dead jobs stay."""
    before = context.clock.now() - KEPT
    context.session.execute(delete(OutboxEntry).where(OutboxEntry.delivered_at < before))
    old = (JobRow.state == DONE, JobRow.run_at < before)
    context.session.execute(delete(JobRow).where(*old))
    with all_units("unsaved text that nobody came back for is forgotten everywhere"):
        open_forms.forget_old(context.session, context.clock.now())
    _analyse(context.session.connection())


def _analyse(connection: Connection) -> None:
    """Tell SQLite's planner what the tables hold; PostgreSQL sees to it by itself.

    Without it SQLite takes the index on the unit, which all rows of a unit share, for a good one.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("pragma analysis_limit = 1000")
        connection.exec_driver_sql("analyze")


JOBS = (Job("tidy", tidy, every=timedelta(days=1)), *delivery.JOBS, *indexing.JOBS, *scheduled.JOBS)
