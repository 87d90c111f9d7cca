"""The unit's rules of approval: who may take a step, and what must be told along with it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from hoitu.core import clock
from hoitu.core.access import Account, Actor, accounts
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.item import PUBLISHED, Item
from hoitu.core.content.problems import Problem
from hoitu.core.content.types import ContentType
from hoitu.core.content.workflow import REVIEWED, SUBMITTED, Transition

if TYPE_CHECKING:
    from hoitu.core.content.actions.stepping import StepDetails

#: Why an item leaves the public, which decides what its address answers then.
WITHDRAWALS = {
    "mistake": lazy_gettext("Published by mistake"),
    "merged": lazy_gettext("Merged into another entry"),
    "outdated": lazy_gettext("No longer in force or no longer true"),
}


def hindrance(context: ActionContext, item: Item, transition: Transition) -> Any:
    """Return why the rules of the unit leave a step to somebody else; '' when they do not."""
    actor = context.actor
    if transition.own and item.submitter_id != actor.account_id:
        return _("Only whoever submitted the text may take it back.")
    if actor.is_system or not demands_four_eyes(context, context.type_of(item)):
        return ""
    if transition.name == "publish" and (item.draft_state or item.state) not in _HANDED_IN:
        return _("Submit the text first; somebody else approves it then.")
    if item.submitter_id == actor.account_id:
        return _OWN.get(transition.name, "")
    if transition.name in _OWN and item.submitter_id in only_through(
        context, item, transition.verb
    ):
        return _LENT
    return ""


def only_through(context: ActionContext, item: Item, verb: str) -> frozenset[int]:
    """Return those without whom the actor, as their deputy, could not take a step with an item."""
    return context.actor.only_through(context.type_of(item).permission(verb), item.unit_id)


#: Where somebody else has the text, and what is told to whoever takes it further all the same.
_HANDED_IN = frozenset({SUBMITTED, REVIEWED})
_OWN = {
    "forward": lazy_gettext("You submitted this text yourself, so somebody else checks it."),
    "publish": lazy_gettext(
        "You submitted this text yourself, so somebody else approves it. If it cannot wait, "
        "publish it urgently."
    ),
}

_LENT = lazy_gettext(
    "You stand in for the person who submitted this text, so somebody else approves it."
)

#: What is asked for where a step needs a reason and none was given.
_WHY = {
    "publish_urgently": lazy_gettext("Say why it cannot wait; whoever approves it later reads it."),
    "unpublish": lazy_gettext("Say why it leaves the site; it is kept in the log."),
    "archive": lazy_gettext("Say why it is closed; it is kept in the log."),
}


def why(transition: Transition) -> Any:
    """Return the request for the reason that a step needs."""
    default = _("Say why, so that the author knows what to do.")
    return _WHY.get(transition.name, default)


def demands_four_eyes(context: ActionContext, kind: ContentType) -> bool:
    """Say whether whoever submits a text of a type may neither check nor approve it."""
    return context.workflow_of(kind).editorial and context.editorial.four_eyes


def of_details(
    context: ActionContext, item: Item, transition: Transition, details: StepDetails
) -> list[Problem]:
    """Return what is wrong with what was told along with a step."""
    problems = []
    if details.reviewer_id is not None and not _may_look(context, item, transition, details):
        problems.append(
            Problem("", _("The person you chose may not take the next step with this text."))
        )
    if details.due_on is not None and details.due_on < context.clock.today():
        problems.append(Problem("", _("The day by which it is needed has passed.")))
    if details.withdrawn_for and details.withdrawn_for not in WITHDRAWALS:
        problems.append(Problem("", _("Choose one of the reasons of the list.")))
    if details.withdrawn_for == "merged" and details.withdrawn_to is None:
        problems.append(Problem("", _("Choose the entry it was merged into.")))
    if details.withdrawn_to is not None:
        target = context.session.get(Item, details.withdrawn_to)
        own = target is not None and item.id in (target.id, target.original_id)
        if target is None or own or target.state != PUBLISHED:
            problems.append(
                Problem("", _("Choose another public entry of your unit to lead visitors to."))
            )
    return problems


def _may_look(
    context: ActionContext, item: Item, transition: Transition, details: StepDetails
) -> bool:
    """Say whether the account named along with a step may take the one that follows."""
    account = context.session.get(Account, details.reviewer_id)
    if account is None or not account.active:
        return False
    kind, actor = context.type_of(item), accounts.actor(account, context.clock.today())
    return may_take_next(context, kind, item.submitter_id, transition, actor)


def may_take_next(
    context: ActionContext,
    kind: ContentType,
    submitter_id: int | None,
    transition: Transition,
    actor: Actor,
) -> bool:
    """Say whether somebody may take the step that follows one the context's actor takes.

    ``submitter_id`` is who handed in the text that is handed on.
    """
    if transition.verb == "edit":
        submitter_id = context.actor.account_id
    if demands_four_eyes(context, kind) and actor.account_id == submitter_id:
        return False
    verb = onward_verb(context, kind, transition.target)
    if not verb or not actor.can(kind.permission(verb), context.unit.id):
        return False
    lenders = actor.only_through(kind.permission(verb), context.unit.id)
    return not (demands_four_eyes(context, kind) and submitter_id in lenders)


def onward_verb(context: ActionContext, kind: ContentType, state: str) -> str:
    """Return the right that takes a text further from a state; '' where nobody else waits for it.

    What a visitor sent is taken further by whoever may edit.
    """
    if state not in _HANDED_IN:
        return ""
    onward = context.workflow_of(kind).available(state)
    verbs = {step.verb for step in onward if step.completes and not step.urgent}
    return next((verb for verb in ("edit", "review", "publish") if verb in verbs), "")


def next_review(context: ActionContext, item: Item) -> date | None:
    """Return the day by which what is published now is looked at again; one yet to come stays."""
    today = clock.local(context.now()).date()
    if item.review_by is not None and item.review_by > today:
        return item.review_by
    months = context.editorial.review_months
    return clock.add_months(today, months) if months > 0 else None
