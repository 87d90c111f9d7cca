"""Lapsing: planned publications whose approval holds no longer; they wait for another one.

The plan stays with its time and with what is asked for, so that an approver can give it anew.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hoitu.core.access import SYSTEM, Account, Actor, accounts
from hoitu.core.content import scheduling
from hoitu.core.content.actions import rules
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.recording import flush, record
from hoitu.core.content.editorial import Editorial
from hoitu.core.content.item import Item
from hoitu.core.content.scheduling import FAILED, START, WAITING, ScheduledStep
from hoitu.core.events import ItemChanged, StepTaken, append
from hoitu.core.units import all_units, unit_scope

if TYPE_CHECKING:
    from hoitu.core.extensions import Platform

#: What the log and whoever writes mails call it.
LAPSE = "lapse"
#: A planned publication, and what it publishes.
Plan = tuple[ScheduledStep, Item]


def overruled(context: ActionContext, editorial: Editorial) -> list[Plan]:
    """Return the planned publications of the unit that rules of approval do not allow.

    The soonest comes first.
    """
    return _overruled(replace(context, editorial=editorial), _planned(context))


def let_lapse(context: ActionContext) -> list[Plan]:
    """Let planned publications that the rules do not allow wait for another approval; return them.

    Whoever takes or drops one of them at this moment comes first.
    """
    locked = _planned(context).with_for_update(of=ScheduledStep)
    found = _overruled(context, locked.execution_options(populate_existing=True))
    message = _(
        "The rules of approval were changed after it was approved. Somebody has to approve it anew."
    )
    for step, item in found:
        lapse(context, item, step, message)
    return found


def let_lapse_everywhere(platform: Platform, session: Session) -> int:
    """Do so in every unit, by the rules of each as they are now; return how many plans lapsed."""
    units = select(ScheduledStep.unit_id).where(*_WAITS).distinct()
    with all_units("units with planned publications, the rules having changed"):
        ids = session.scalars(units.order_by(ScheduledStep.unit_id)).all()
    lapsed = 0
    for unit in filter(None, map(platform.units.by_id, ids)):
        with unit_scope(unit.id):
            lapsed += len(let_lapse(ActionContext.of(platform, session, SYSTEM, unit)))
    return lapsed


def lapse_of_text(context: ActionContext, item: Item) -> None:
    """Let the planned publication of a text wait for another approval: the text was changed."""
    for step in scheduling.unsettled(context.session, item.id):
        if step.step == START and step.state == WAITING:
            message = _(
                "The text was changed after it was planned. Look at it, then plan it again."
            )
            lapse(context, item, step, message)


def lapse(context: ActionContext, item: Item, step: ScheduledStep, message: str) -> None:
    """Let one planned publication wait for another approval; ``message`` says why."""
    step.state, step.message = FAILED, message
    flush(context)
    event = ItemChanged(item.unit_id, item.id, item.type)
    record(context, item, LAPSE, event, message)
    taken = StepTaken(item.unit_id, item.id, item.type, LAPSE, context.actor.account_id)
    append(context.session, taken, context.now())


_WAITS = (ScheduledStep.state == WAITING, ScheduledStep.step == START)


def _planned(context: ActionContext) -> Select[ScheduledStep, Item]:
    known = sorted(kind.name for kind in context.types)
    return (
        select(ScheduledStep, Item)
        .join(Item, Item.id == ScheduledStep.item_id)
        .where(*_WAITS, Item.type.in_(known))
        .order_by(ScheduledStep.run_at, ScheduledStep.id)
    )


def _overruled(context: ActionContext, planned: Select[ScheduledStep, Item]) -> list[Plan]:
    """Return what is planned that the rules do not let its planner publish."""

    @cache
    def planner(account_id: int | None) -> Actor:
        account = context.session.get(Account, account_id) if account_id is not None else None
        return accounts.actor(account, context.clock.today()) if account is not None else SYSTEM

    return [
        (step, item)
        for step, item in context.session.execute(planned)
        if not _allows(replace(context, actor=planner(step.account_id)), item)
    ]


def _allows(context: ActionContext, item: Item) -> bool:
    """Say whether the rules, not the rights, let the actor publish the text as it stands."""
    found = context.workflow_of(context.type_of(item)).transition(START)
    state = item.draft_state or item.state
    return state in found.sources and not rules.hindrance(context, item, found)
