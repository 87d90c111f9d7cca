"""What is forgotten: the traces of a day once it is over, and single days once they are old."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hoitu.core.jobs import Job, JobContext
from hoitu.plugins.visits.models import DayCount, DayKey, PageMonth, PageViews, Trace
from hoitu.plugins.visits.writing import add, estimate, insert

#: Days for which pages are kept day by day; then by month.
DAYS: Final = 400
#: Old days that are summed up in one run.
_AT_ONCE: Final = 31


def end_days(context: JobContext) -> None:
    """Note how many visitors each past day had, and delete its traces and its key."""
    session, today = context.session, context.clock.today()
    taken = (
        select(Trace.unit_id, Trace.day, func.count())
        .where(Trace.day < today)
        .group_by(Trace.unit_id, Trace.day)
        .order_by(Trace.unit_id, Trace.day)
    )
    for unit_id, day, places in session.execute(taken).all():
        _note_visitors(session, unit_id, day, estimate(places))
    session.execute(delete(Trace).where(Trace.day < today))
    session.execute(delete(DayKey).where(DayKey.day < today))


def _note_visitors(session: Session, unit_id: int, day: date, visitors: int) -> None:
    row = {"unit_id": unit_id, "day": day, "views": 0, "visitors": visitors}
    made = insert(session, DayCount).values(row)
    session.execute(
        made.on_conflict_do_update(
            index_elements=list(DayCount.__mapper__.primary_key),
            # A run that came before some late traces must not be undone by the next.
            set_={"visitors": DayCount.visitors + made.excluded.visitors},
        )
    )


def sum_up(context: JobContext) -> None:
    """Add what is older than ``DAYS`` to the counts of its month, and delete the days."""
    session = context.session
    before = context.clock.today() - timedelta(days=DAYS)
    days = select(PageViews.day).where(PageViews.day < before).distinct().order_by(PageViews.day)
    for day in session.scalars(days.limit(_AT_ONCE)).all():
        _sum_up_day(session, day)


def _sum_up_day(session: Session, day: date) -> None:
    rows = session.execute(
        select(PageViews.unit_id, PageViews.item_id, PageViews.path, PageViews.views).where(
            PageViews.day == day
        )
    )
    counts: Counter[tuple[int, int, str]] = Counter()
    for row in rows:
        counts[row.unit_id, row.item_id, row.path] += row.views
    month = day.replace(day=1)
    named = [
        {"unit_id": unit_id, "month": month, "item_id": item_id, "path": path, "views": views}
        for (unit_id, item_id, path), views in sorted(counts.items())
    ]
    add(session, PageMonth, named)
    session.execute(delete(PageViews).where(PageViews.day == day))


JOBS: Final = (
    Job("end_days", end_days, every=timedelta(hours=1)),
    Job("sum_up", sum_up, every=timedelta(days=1)),
)
