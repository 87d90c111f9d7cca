"""One person of the unit: roles, what they may do here, and the work that is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select

from hoitu.core import batches
from hoitu.core.access import (
    Account,
    Actor,
    Deputy,
    accounts,
    invitations,
    requires,
    sessions,
)
from hoitu.core.admin import work
from hoitu.core.admin.account.mails import can_be_sent
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.narrowing import state_is
from hoitu.core.admin.people.rights import VERBS, rights_of, staff_here
from hoitu.core.admin.people.roles import held_by
from hoitu.core.admin.people.telling import is_platform
from hoitu.core.content import Item
from hoitu.core.content.item import TRASHED
from hoitu.core.content.workflow import PENDING
from hoitu.core.extensions import platform, session
from hoitu.core.web import now
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import today


@dataclass(frozen=True, slots=True)
class Workload:
    """How many entries are somebody's here: all of them, and those still to be finished."""

    all: int
    pending: int


@blueprint.get(f"/nguoi-dung/<{work.ID}:account_id>")
@requires("core.accounts")
def person(account_id: int) -> str:
    """Show one person of the unit."""
    account = account_here(account_id)
    actor = accounts.actor(account, today())
    return render_template(
        "desk/person.html",
        account=account,
        roles=held_by(account),
        rights=rights_of(account, actor),
        verbs=VERBS,
        workload=_workload(account),
        heirs=_heirs(account),
        deputies=_deputies(account),
        is_platform=is_platform(),
        is_self=account.id == current_actor().account_id,
        sessions=_sessions(account),
        invited_until=invitations.invited_until(session(), account, now()),
        sends_mail=can_be_sent(),
    )


@blueprint.post(f"/nguoi-dung/<{work.ID}:account_id>/ban-giao")
@requires("core.accounts")
def hand_over(account_id: int) -> ResponseReturnValue:
    """Make somebody else responsible for everything that is this person's here."""
    account = account_here(account_id)
    chosen = request.form.get("heir", "")
    heir = next((a for a, _actor in _heirs(account) if str(a.id) == chosen), None)
    if heir is None:
        flash(_("Choose the person who takes the work over."), PROBLEM)
        return redirect(url_for("desk.person", account_id=account.id), 303)
    theirs = _can_be_given(account)
    found = select(Item.id, Item.type, Item.title).where(theirs).order_by(Item.id)
    rows = [
        batches.NewRow(item.id, platform.types[item.type].name_of(item))
        for item in session().execute(found.limit(batches.MAX_ROWS))
    ]
    if not rows:
        flash(_("Nothing is this person's here."))
        return redirect(url_for("desk.person", account_id=account.id), 303)
    rest = (session().scalar(select(func.count(Item.id)).where(theirs)) or 0) - len(rows)
    title = _("Work of %(name)s given to %(heir)s", name=account.name, heir=heir.name)
    context = work.context()
    batch = batches.start(context, "entrust", rows, {"account_id": heir.id}, title=title)
    session().commit()
    batches.begin(context, batch)
    if rest:
        told = ngettext(
            "%(num)d entry stays with this person for now: so many do not go over at once. "
            "Hand the work over again when this is done.",
            "%(num)d entries stay with this person for now: so many do not go over at once. "
            "Hand the work over again when this is done.",
            rest,
        )
        flash(told, PROBLEM)
    return redirect(url_for("desk.batch", batch_id=batch.id), 303)


def account_here(account_id: int) -> Account:
    """Return an account that has to do with this unit; 404 for all others."""
    account = session().get(Account, account_id)
    if account is None or not (
        is_platform()
        or any(grant.unit_id == g.unit.id for grant in account.grants)
        or any(deputy.unit_id == g.unit.id for deputy in account.deputises)
        or session().scalar(select(Item.id).where(_is_of(account)).limit(1)) is not None
    ):
        abort(404)
    return account


def _is_of(account: Account) -> ColumnElement[bool]:
    """Return the condition that an entry is somebody's and not thrown away."""
    return (Item.responsible_id == account.id) & (Item.state != TRASHED)


def _can_be_given(account: Account) -> ColumnElement[bool]:
    """Return the condition that an entry is somebody's, of a type that is worked with here."""
    return _is_of(account) & Item.type.in_([kind.name for kind in work.kinds()])


def _workload(account: Account) -> Workload:
    unfinished: ColumnElement[bool] = state_is(next(iter(PENDING)))
    for state in PENDING:
        unfinished |= state_is(state)
    counted = select(func.count(), func.count().filter(unfinished)).select_from(Item)
    row = session().execute(counted.where(_can_be_given(account))).one()
    return Workload(row[0], row[1])


def _heirs(account: Account) -> Sequence[tuple[Account, Actor]]:
    """Return the others of the unit who write here."""
    editable = [kind.permission("edit") for kind in platform.types]
    return [
        (other, actor)
        for other, actor in staff_here()
        if other.id != account.id and any(actor.can(right, g.unit.id) for right in editable)
    ]


def _sessions(account: Account) -> int:
    """Return how many sessions of somebody may be ended from here."""
    grants = accounts.actor(account, today()).grants
    return sum(
        (is_platform() or row.unit_id == g.unit.id) and not sessions.is_over(row, grants, now())
        for row in sessions.of_account(session(), account.id, now())
    )


def _deputies(account: Account) -> Sequence[Deputy]:
    """Return who stands in for somebody here, today or later."""
    chosen = select(Deputy).where(
        Deputy.unit_id == g.unit.id,
        Deputy.account_id == account.id,
        Deputy.valid_until >= today(),
    )
    return list(session().scalars(chosen.order_by(Deputy.valid_from)))
