"""The mail of the morning: what happened since the one before, for those who want one a day.

The job of the morning notes until when people are told: what happened while no worker ran is told
when one is back. It does no more than to queue one job for each person; each of these reads only
what concerns the units its person works in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoitu.core.access import Account, accounts, staff_of
from hoitu.core.events import Event, OutboxEntry, StepFailed, StepTaken, restore
from hoitu.core.jobs import Job, JobContext, enqueue
from hoitu.core.mail import told_until
from hoitu.plugins.work_notices.notices import Notice, notices_of
from hoitu.plugins.work_notices.telling import write

#: A period of the queue begins at midnight in universal time: seven in the morning in Viet Nam.
_DAY: Final = timedelta(days=1)
_ONE: Final = "work_notices.digest_of"
_KINDS: Final = (StepTaken.__name__, StepFailed.__name__)


def _queue_digests(context: JobContext) -> None:
    """Queue a digest for everybody who wants one, of all that happened since the last morning."""
    until = _beginning(context.clock.now())
    since = told_until(context.session, "digest", until) or until - _DAY
    chosen = select(func.min(OutboxEntry.id), func.max(OutboxEntry.id)).where(
        OutboxEntry.kind.in_(_KINDS),
        OutboxEntry.created_at >= since,
        OutboxEntry.created_at < until,
    )
    first, last = context.session.execute(chosen).one()
    if not first:
        return
    daily = select(Account.id).where(Account.active.is_(True), Account.notices == "daily")
    for account_id in context.session.scalars(daily.order_by(Account.id)):
        payload = {
            "account_id": account_id,
            "first": first,
            "last": last,
            "since": since.isoformat(),
            "until": until.isoformat(),
        }
        key = f"{_ONE}#{until:%Y%m%d}#{account_id}"
        enqueue(context.session, _ONE, payload, run_at=context.clock.now(), dedupe=key)


def _write_digest(context: JobContext) -> None:
    """Collect one person's notices and write one mail, if there are any."""
    payload, session = context.payload, context.session
    account = session.get(Account, payload["account_id"])
    if account is None or not account.active or account.notices != "daily":
        return
    today = context.clock.today()
    # Asked once for each unit, not once for each step taken there.
    staff = cache(lambda unit_id: staff_of(session, unit_id, today))
    units = {grant.unit_id for grant in accounts.actor(account, today).grants} - {None}
    collected: dict[tuple[int, str], Notice] = {}
    for event in _steps(session, payload, units):
        for notice in notices_of(event, staff):
            if notice.account.id == account.id:
                # What went back and forth is told once, as it stands now.
                collected[notice.item_id, notice.line] = notice
    if collected:
        subject = _("Notices of the day: %(n)d", n=len(collected))
        until = datetime.fromisoformat(payload["until"])
        write(list(collected.values()), subject, f"digest#{until:%Y%m%d}")


def _beginning(now: datetime) -> datetime:
    """Return when the present period began."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _steps(session: Session, payload: dict[str, Any], units: set[int | None]) -> Iterator[Event]:
    """Yield the steps taken, or missed, in some units in the time of a digest, in order.

    Of a step that was taken with an entry several times, only the last.
    """
    chosen = select(OutboxEntry).where(
        OutboxEntry.id.between(payload["first"], payload["last"]),
        OutboxEntry.kind.in_(_KINDS),
        OutboxEntry.payload["unit_id"].as_integer().in_(units),
        OutboxEntry.created_at >= datetime.fromisoformat(payload["since"]),
        OutboxEntry.created_at < datetime.fromisoformat(payload["until"]),
    )
    last: dict[tuple[str, object, object], Event] = {}
    for entry in session.scalars(chosen.order_by(OutboxEntry.id)).all():
        event = restore(entry)
        if event is not None:
            taken = entry.kind, entry.payload["item_id"], entry.payload.get("step")
            last.pop(taken, None)
            last[taken] = event
    yield from last.values()


JOBS: Final = (Job("digest", _queue_digests, every=_DAY), Job("digest_of", _write_digest))
