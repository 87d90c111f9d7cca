"""Scheduling: steps that are planned now and taken later, as whoever planned them.

Whoever plans a publication must be able to publish at that moment: the approval is given then, for
the text as it stands then; a change of the text or of the rules of approval takes it away. When the
time comes the rights are asked for once more. What could not be done is kept with the reason.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, selectinload, undefer

from hoitu.core import clock
from hoitu.core.access import SYSTEM, Account, Actor, PermissionDenied, accounts
from hoitu.core.content import scheduling
from hoitu.core.content.actions import planned, rules
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.recording import flush, record
from hoitu.core.content.actions.stepping import StepDetails, advance, steps
from hoitu.core.content.item import PUBLISHED, Item, ItemVersion
from hoitu.core.content.problems import Conflict, Problem, Refused
from hoitu.core.content.scheduling import (
    CANCELLED,
    DONE,
    ENDS,
    FAILED,
    START,
    TEXT,
    WAITING,
    ScheduledStep,
)
from hoitu.core.content.types import ContentType
from hoitu.core.content.workflow import RESTING, Transition
from hoitu.core.events import ItemChanged, StepFailed, StepTaken, append
from hoitu.core.units import unit_scope

if TYPE_CHECKING:
    from hoitu.core.extensions import Platform

log = logging.getLogger(__name__)

_UNTOLD = StepDetails()
#: Steps taken in one transaction; more of one instant follow in the next.
BATCH = 50


class NotTaken(Exception):
    """A planned step cannot be taken; the message says why, in the words of the desk."""


class _Rehearsed(Exception):
    """Raised to undo a step that could have been taken."""


def plannable(context: ActionContext, item: Item) -> list[Transition]:
    """Return the steps that the actor may plan for an item: to publish it, and to take it down.

    It is taken down by the first step of the workflow that does so.
    """
    kind = context.type_of(item)
    may_now = [t for t in steps(context, item) if t.name == START]
    known = context.workflow_of(kind).transitions
    ends = [t for name in ENDS for t in known if t.name == name][:1]
    return may_now + [
        t
        for t in ends
        if _can_end(item, t.name) and context.actor.can(kind.permission(t.verb), item.unit_id)
    ]


def schedule(
    context: ActionContext,
    item: Item,
    step: str,
    at: datetime,
    note: str = "",
    details: StepDetails = _UNTOLD,
) -> ScheduledStep:
    """Plan a step for a time to come; one planned before for the same purpose is replaced.

    What would keep the step back now is told now: publishing needs the approval, and a complete
    text. An item may be planned to be taken down before it is public.

    :raises PermissionDenied: the actor may not take the step.
    :raises Refused: the step cannot be planned, the time is not to come, or what keeps the step
        back now; every reason is listed.
    :raises Conflict: somebody else saved the item since it was read.
    """
    kind = context.type_of(item)
    transition = _to_plan(context, kind, item, step)
    note = note.strip()
    if transition.needs_note and not note:
        note = _("It was planned to be shown until then.")
    unsettled = scheduling.unsettled(context.session, item.id)
    if problems := _of_time(context, item, transition, at, unsettled):
        raise Refused(problems)
    if step == START or item.state == PUBLISHED:
        _rehearse(context, item, step, note, details)
    elif problems := rules.of_details(context, item, transition, details):
        raise Refused(problems)
    for old in unsettled:
        if old.is_end == (step in ENDS):
            old.state = CANCELLED
    found = ScheduledStep(
        item_id=item.id,
        unit_id=item.unit_id,
        step=step,
        run_at=at,
        note=note,
        details={
            "withdrawn_for": details.withdrawn_for,
            "withdrawn_to": details.withdrawn_to,
            TEXT: _newest_text(context.session, item),
        },
        account_id=context.actor.account_id,
        account_name=context.actor.name,
        created_at=context.now(),
        state=WAITING,
        message="",
    )
    context.session.add(found)
    _settle(context, item, "schedule", _named(transition, at))
    if step == START:
        taken = StepTaken(item.unit_id, item.id, item.type, "schedule", context.actor.account_id)
        append(context.session, taken, context.now())
    return found


def cancel(context: ActionContext, step: ScheduledStep) -> None:
    """Drop what is planned, or put away what could not be done; anything else is left as it is.

    :raises PermissionDenied: the actor may not edit such content, or neither planned the step nor
        may publish.
    :raises Conflict: somebody else saved the item since it was read.
    """
    item = context.session.get_one(Item, step.item_id)
    kind = context.type_of(item)
    own = step.account_id is not None and step.account_id == context.actor.account_id
    # Whoever planned it may have lost their rights since.
    context.actor.demand(kind.permission("edit" if own else "publish"), item.unit_id)
    if step.state not in (WAITING, FAILED):
        return
    was_waiting, step.state = step.state == WAITING, CANCELLED
    # What was to leave the public and could not stays hidden: putting the message away must not
    # show the page again.
    _settle(context, item, "unschedule", _label(context, kind, step), show=was_waiting)


def run_due(platform: Platform, session: Session) -> int:
    """Take the steps whose time has come, at most ``BATCH``; return how many were tried.

    The scope must be that of all units. Each step is committed with what it did before the next is
    taken: what goes wrong with one undoes no other. Steps of types that no plugin provides at
    present wait until one does.

    :raises OperationalError: the database is out of reach; what is left waits for another run.
    """
    tried: list[int] = []
    while len(tried) < BATCH and (step := _next_due(platform, session, tried)) is not None:
        tried.append(step.id)
        with unit_scope(step.unit_id):
            _take(platform, session, step)
        session.commit()
    return len(tried)


def _next_due(platform: Platform, session: Session, tried: list[int]) -> ScheduledStep | None:
    """Return the next step whose time has come, locked with its item: at once, or not now.

    None that another worker holds, and none whose item somebody is saving: whoever waited for the
    item with the step in hand would stand in the way of a change that lets the step lapse.
    """
    known = sorted(kind.name for kind in platform.types)
    due = (
        select(ScheduledStep)
        .join(Item, Item.id == ScheduledStep.item_id)
        .where(
            ScheduledStep.state == WAITING,
            ScheduledStep.run_at <= platform.clock.now(),
            Item.type.in_(known),
            ScheduledStep.id.not_in(tried),
        )
        .order_by(ScheduledStep.run_at, ScheduledStep.id)
        .limit(1)
        .with_for_update(of=(ScheduledStep, Item), skip_locked=True)
        # Somebody may have dropped it since the last one was taken.
        .execution_options(populate_existing=True)
    )
    return session.scalar(due)


def _to_plan(context: ActionContext, kind: ContentType, item: Item, step: str) -> Transition:
    """Return the transition of a step that can be planned, once the actor may take it."""
    known = {t.name: t for t in context.workflow_of(kind).transitions}
    if step not in (START, *ENDS) or step not in known:
        raise Refused([Problem("", _("This step cannot be planned."))])
    transition = known[step]
    context.actor.demand(kind.permission(transition.verb), item.unit_id)
    if step in ENDS and not _can_end(item, step):
        raise Refused([Problem("", _("This step is not possible in the present state."))])
    return transition


def _can_end(item: Item, step: str) -> bool:
    """Say whether it makes sense to plan that an item leaves the public.

    Archiving what is not public closes it without publishing: nothing to be done by the clock.
    """
    return item.state == PUBLISHED or (step == "unpublish" and item.state not in RESTING)


def _of_time(
    context: ActionContext,
    item: Item,
    transition: Transition,
    at: datetime,
    unsettled: list[ScheduledStep],
) -> list[Problem]:
    if at <= context.now():
        return [Problem("at", _("Choose a time that is yet to come."))]
    waiting = [step for step in unsettled if step.state == WAITING]
    starts = [step.run_at for step in waiting if step.step == START and item.state != PUBLISHED]
    ends = [step.run_at for step in waiting if step.is_end]
    if transition.name == START and ends and at >= min(ends):
        told = clock.format_instant(min(ends))
        return [Problem("at", _("It is planned to be taken down before that, at %(at)s.", at=told))]
    if transition.name in ENDS and starts and at <= max(starts):
        told = clock.format_instant(max(starts))
        return [Problem("at", _("It is planned to be published after that, at %(at)s.", at=told))]
    return []


def _rehearse(
    context: ActionContext, item: Item, step: str, note: str, details: StepDetails
) -> None:
    """Take the step and undo it, so that what would keep it back is known before its day."""
    flush(context)
    try:
        with context.session.begin_nested():
            advance(context, item, step, note, details)
            raise _Rehearsed
    except _Rehearsed:
        pass


def _settle(
    context: ActionContext, item: Item, action: str, told: str, *, show: bool = True
) -> None:
    """Bring the item into line with what is planned now, and record the change."""
    flush(context)
    if show and item.state == PUBLISHED:
        unsettled = scheduling.unsettled(context.session, item.id)
        waiting = [step for step in unsettled if step.state == WAITING]
        with context.session.no_autoflush:
            planned.set_end(context, item, waiting)
    # Two who plan at the same time must not both succeed: the version sees to it.
    item.updated_at, item.updated_by = context.now(), context.actor.name
    flush(context)
    record(context, item, action, ItemChanged(item.unit_id, item.id, item.type), told)


def _take(platform: Platform, session: Session, step: ScheduledStep) -> None:
    """Take one planned step, or keep why it could not be taken."""
    now = platform.clock.now()
    kind, item = _item_of(platform, session, step)
    actor = _actor_of(session, step, clock.local(now).date())
    unit = platform.units.by_id(step.unit_id)
    if unit is None:
        step.state, step.message = FAILED, _("The unit of this entry is not known any more.")
        return
    context = ActionContext.of(platform, session, actor or SYSTEM, unit)
    told = _label(context, kind, step)
    try:
        with session.begin_nested():
            step.state = DONE
            flush(context)
            if actor is None:
                who = step.account_name
                raise NotTaken(_("The account of %(who)s is not in use any more.", who=who))
            _perform(context, item, step)
            record(context, item, "scheduled", ItemChanged(item.unit_id, item.id, item.type), told)
    except Conflict:
        # Somebody saves it at this moment: it is looked at again in the next round.
        return
    except PermissionDenied:
        who = step.account_name
        _fail(context, item, step, told, _("%(who)s may no longer take this step.", who=who))
    except (NotTaken, Refused) as reason:
        _fail(context, item, step, told, _reasons(reason))
    except OperationalError:
        raise
    except Exception:
        log.exception("step %s, planned for item %s, failed", step.step, step.item_id)
        message = _("An error kept the step back. It was recorded; tell the operator.")
        _fail(context, item, step, told, message)


def _perform(context: ActionContext, item: Item, step: ScheduledStep) -> None:
    if step.step == START:
        if step.details.get(TEXT) != _newest_text(context.session, item):
            raise NotTaken(
                _("The text was changed after it was planned. Look at it, then plan it again.")
            )
        item.published_from = item.published_from or step.run_at
    details = StepDetails(
        withdrawn_for=step.details.get("withdrawn_for") or "",
        withdrawn_to=step.details.get("withdrawn_to"),
    )
    advance(context, item, step.step, step.note, details)


def _fail(context: ActionContext, item: Item, step: ScheduledStep, told: str, message: str) -> None:
    step.state, step.message = FAILED, message[:1000]
    flush(context)
    event = ItemChanged(item.unit_id, item.id, item.type)
    record(context, item, "unscheduled", event, f"{told}. {message}")
    failed = StepFailed(item.unit_id, item.id, item.type, step.step)
    append(context.session, failed, context.now())


def _item_of(platform: Platform, session: Session, step: ScheduledStep) -> tuple[ContentType, Item]:
    name = session.scalars(select(Item.type).where(Item.id == step.item_id)).one()
    kind = platform.types[name]
    one = select(kind.model).where(Item.id == step.item_id)
    options = (undefer(Item.body), selectinload(Item.attachment_rows))
    # Another step of this round may have left the item half read.
    item: Item = session.scalars(
        one.options(*options).execution_options(populate_existing=True)
    ).one()
    return kind, item


def _actor_of(session: Session, step: ScheduledStep, day: Any) -> Actor | None:
    """Return who planned the step with the rights of today; None when they are gone."""
    if step.account_id is None:
        return SYSTEM
    account = session.get(Account, step.account_id)
    return accounts.actor(account, day) if account is not None and account.active else None


def _newest_text(session: Session, item: Item) -> int | None:
    newest = select(func.max(ItemVersion.id)).where(ItemVersion.item_id == item.id)
    return session.scalar(newest)


def _label(context: ActionContext, kind: ContentType, step: ScheduledStep) -> str:
    known = {t.name: t for t in context.workflow_of(kind).transitions}
    named = known.get(step.step)
    return _named(named, step.run_at) if named else step.step


def _named(transition: Transition, at: datetime) -> str:
    return f"{transition.label}: {clock.format_instant(at)}"


def _reasons(error: Exception) -> str:
    if isinstance(error, Refused):
        return "; ".join(str(problem.message) for problem in error.problems)
    return str(error)
