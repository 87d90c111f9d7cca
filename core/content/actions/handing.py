"""Handing work on: to whom it falls, and the approval that follows an urgent publication."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _

from hoitu.core.access import Account, accounts
from hoitu.core.content.actions import rules
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.recording import flush, record
from hoitu.core.content.item import PUBLISHED, Item
from hoitu.core.content.problems import Problem, Refused
from hoitu.core.events import ItemChanged


def entrust(context: ActionContext, item: Item, account_id: int) -> Item:
    """Make an account responsible for an item: its drafts and reviews fall to it from now on.

    :raises PermissionDenied: the actor may not edit here.
    :raises Refused: the account may not edit here.
    """
    kind = context.type_of(item)
    context.actor.demand(kind.permission("edit"), item.unit_id)
    account = context.session.get(Account, account_id)
    today = context.clock.today()
    if (
        account is None
        or not account.active
        or not accounts.actor(account, today).can(kind.permission("edit"), item.unit_id)
    ):
        raise Refused([Problem("", _("This person may not edit such entries in your unit."))])
    item.responsible_id = account.id
    return _kept(context, item, "entrust", account.name)


def approve_afterwards(context: ActionContext, item: Item, note: str = "") -> Item:
    """Approve what was published urgently; whoever published it cannot.

    :raises PermissionDenied: the actor may not publish here.
    :raises Refused: it waits for no approval, or the actor published it.
    """
    context.actor.demand(context.type_of(item).permission("publish"), item.unit_id)
    if item.urgent_at is None:
        raise Refused([Problem("", _("This entry does not wait for an approval."))])
    if item.urgent_by_id == context.actor.account_id and not context.actor.is_system:
        raise Refused([Problem("", _("You published it yourself, so somebody else approves it."))])
    if item.urgent_by_id in rules.only_through(context, item, "publish"):
        message = _("You stand in for the person who published it, so somebody else approves it.")
        raise Refused([Problem("", message)])
    item.urgent_at = item.urgent_by_id = None
    return _kept(context, item, "approve", note)


def confirm_review(context: ActionContext, item: Item, next_by: date | None) -> Item:
    """Note that a published item was looked at and is still right, and when it is due again.

    :raises PermissionDenied: the actor may not edit here.
    :raises Refused: it is not public, or the next day is not in the future.
    """
    context.actor.demand(context.type_of(item).permission("edit"), item.unit_id)
    if item.state != PUBLISHED:
        raise Refused([Problem("", _("Only what is published is looked at again."))])
    today = context.clock.today()
    if next_by is not None and next_by <= today:
        raise Refused([Problem("", _("Choose a day that is yet to come."))])
    days = {
        name: day and day.isoformat()
        for name, day in (("before", item.review_by), ("next", next_by))
    }
    item.review_by, item.reviewed_on = next_by, today
    return _kept(context, item, "confirm", "", **days)


def _kept(context: ActionContext, item: Item, action: str, note: str, **told: Any) -> Item:
    flush(context)
    record(context, item, action, ItemChanged(item.unit_id, item.id, item.type), note, **told)
    return item
