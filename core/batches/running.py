"""Running batches: row by row, each committed for itself, as the account that asked.

A row and what was done to it are saved in one transaction: after a crash the rows that wait are
those that were not done. One bad row undoes nothing but itself. Short batches run within the
request; longer ones by a job, some rows at a time, so that other work has its turn in between.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hoitu.core.access import Account, Actor, PermissionDenied, accounts, audit
from hoitu.core.batches.kinds import Do
from hoitu.core.batches.models import (
    DONE,
    OK,
    READY,
    REFUSED,
    RUNNING,
    STOPPED,
    WAITING,
    Batch,
    BatchRow,
)
from hoitu.core.content import ActionContext, Conflict, Refused
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext, Postponed, enqueue
from hoitu.core.units import all_units

log = logging.getLogger(__name__)

#: Most rows of one batch.
MAX_ROWS = 5_000
#: So many rows are done while the browser waits; more are done by the job.
AT_ONCE = 50
#: Rows the job does before other work has its turn.
SLICE = 50
#: When a job looks whether the request that does a short batch got to its end.
GUARD = timedelta(minutes=1)
#: How long batches are kept: their rows repeat what was in a table, personal data maybe included.
KEPT = timedelta(days=90)
#: Under this key ``params`` keep the language of whoever asked.
LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row of a batch that is being made."""

    item_id: int | None = None
    label: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    state: str = WAITING
    message: str = ""


def start(
    context: ActionContext,
    kind: str,
    rows: Iterable[NewRow],
    params: Mapping[str, Any] | None = None,
    *,
    title: str,
    type: str = "",
) -> Batch:
    """Add a batch that is ready to be looked at and begun; the caller commits.

    :raises LookupError: the platform has no such kind.
    """
    if kind not in platform.batch_kinds:
        raise LookupError(f"no kind of batch is called {kind}")
    batch = Batch(
        kind=kind,
        type=type,
        title=title[:200],
        params={**(params or {}), LANGUAGE: str(get_locale() or "vi")},
        state=READY,
        account_id=context.actor.account_id,
        account_name=context.actor.name,
        created_at=context.now(),
    )
    context.session.add(batch)
    context.session.flush()
    add_rows(context.session, batch, rows)
    return batch


def add_rows(session: Session, batch: Batch, rows: Iterable[NewRow]) -> None:
    """Append rows to a batch that has none yet."""
    session.add_all(
        BatchRow(
            batch_id=batch.id,
            position=position,
            item_id=row.item_id,
            label=row.label[:300],
            values=dict(row.values),
            state=row.state,
            message=row.message,
        )
        for position, row in enumerate(rows, 1)
    )
    session.flush()


def begin(context: ActionContext, batch: Batch) -> bool:
    """Do the rows that wait, or go on with them; False when that is going on already.

    Commits. A short batch is done when this returns.
    """
    session = context.session
    session.refresh(batch, with_for_update=True)
    if batch.state == RUNNING:
        return False
    waiting = count(session, batch.id, WAITING)
    batch.state, batch.finished_at = RUNNING, None
    _record(context, batch, "begin", waiting)
    at_once = waiting <= AT_ONCE
    enqueue(
        session,
        "core.batch",
        {"unit_id": batch.unit_id, "batch_id": batch.id},
        run_at=context.now() + (GUARD if at_once else timedelta()),
        dedupe=f"batch#{batch.id}",
    )
    session.commit()
    if at_once:
        run(context, batch, AT_ONCE + 1)
    return True


def stop(context: ActionContext, batch: Batch) -> bool:
    """Leave the rows that wait undone; False when the batch does not run. The caller commits."""
    session = context.session
    session.refresh(batch, with_for_update=True)
    if batch.state != RUNNING:
        return False
    batch.state = STOPPED
    _record(context, batch, "stop", count(session, batch.id, WAITING))
    return True


def _record(context: ActionContext, batch: Batch, action: str, waiting: int) -> None:
    audit.record(
        context.session,
        context.actor,
        f"batch.{action}",
        object_type=batch.type or "batch",
        object_id=batch.id,
        unit_id=batch.unit_id,
        now=context.now(),
        detail={"kind": batch.kind, "title": batch.title, "rows": waiting},
    )


def count(session: Session, batch_id: int, state: str) -> int:
    """Return how many rows of a batch are in a state."""
    rows = select(func.count(BatchRow.id)).where(
        BatchRow.batch_id == batch_id, BatchRow.state == state
    )
    return session.scalar(rows) or 0


def run(context: ActionContext, batch: Batch, at_most: int) -> bool:
    """Do the next rows, committing after each; say whether there may be more to do."""
    do = platform.batch_kinds.get(batch.kind)
    if do is None:
        log.error("batch %s: nobody does %s any more", batch.id, batch.kind)
        batch.state = STOPPED
        context.session.commit()
        return False
    return all(_do_next(context, batch, do) for _number in range(at_most))


def _do_next(context: ActionContext, batch: Batch, do: Do) -> bool:
    """Do the first row that waits and commit; False when there is none, or it was stopped."""
    session = context.session
    # Asked each time: somebody may have stopped it.
    if session.scalar(select(Batch.state).where(Batch.id == batch.id)) != RUNNING:
        return False
    waiting = select(BatchRow).where(BatchRow.batch_id == batch.id, BatchRow.state == WAITING)
    first = waiting.order_by(BatchRow.position).limit(1).with_for_update(skip_locked=True)
    row = session.scalar(first.execution_options(populate_existing=True))
    if row is None:
        # A row that another worker has at hand waits still; that worker ends the batch.
        if not count(session, batch.id, WAITING):
            batch.state, batch.finished_at = DONE, context.now()
        session.commit()
        return False
    state, message = _result(context, batch, row, do)
    row.state, row.message = state, message
    session.commit()
    return True


def _result(context: ActionContext, batch: Batch, row: BatchRow, do: Do) -> tuple[str, str]:
    """Do one row in a savepoint; return its state and what is told of it.

    :raises OperationalError: the database is out of reach; the row waits for another attempt.
    """
    try:
        with context.session.begin_nested():
            message = do(context, row, batch.params)
            context.session.flush()
    except Refused as refused:
        return REFUSED, " ".join(str(problem) for problem in refused.problems)
    except Conflict:
        told = _("Somebody else changed this entry since you saw it. Nothing was done to it.")
        return REFUSED, told
    except PermissionDenied:
        return REFUSED, _("You may not do this.")
    except OperationalError:
        raise
    except Exception:
        log.exception("row %s of batch %s", row.position, batch.id)
        return REFUSED, _("It failed for a reason that is in the server's log.")
    return OK, message or _("Done.")


def _run_job(job: JobContext) -> None:
    """Do some rows of a batch; come back at once for more."""
    batch = job.session.get(Batch, job.payload["batch_id"])
    if batch is None or batch.state != RUNNING:
        return
    unit = platform.units.by_id(batch.unit_id)
    if unit is None:
        return
    actor = _actor_of(job, batch)
    context = ActionContext.of(platform, job.session, actor, unit)
    with force_locale(batch.params.get(LANGUAGE, "vi")):
        more = run(replace(context, clock=job.clock), batch, SLICE)
    if more:
        raise Postponed(timedelta())


def _actor_of(job: JobContext, batch: Batch) -> Actor:
    """Return who asked, with the rights of today; somebody who may nothing when they are gone."""
    account = job.session.get(Account, batch.account_id) if batch.account_id else None
    if account is None or not account.active:
        return Actor(batch.account_id, batch.account_name)
    return accounts.actor(account, job.clock.today())


def _tidy(job: JobContext) -> None:
    """Forget batches that were made long ago."""
    old = select(Batch.id).where(Batch.created_at < job.clock.now() - KEPT)
    with all_units("tidying of batches"):
        job.session.execute(
            delete(BatchRow).where(BatchRow.batch_id.in_(old)),
            execution_options={"synchronize_session": False},
        )
        job.session.execute(
            delete(Batch).where(Batch.created_at < job.clock.now() - KEPT),
            execution_options={"synchronize_session": False},
        )


JOBS = (Job("batch", _run_job), Job("tidy-batches", _tidy, every=timedelta(days=1)))
