"""Handing on: who is responsible for an entry, and the approval after an urgent publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from hoitu.core.access import Account, Actor, requires
from hoitu.core.access.audit import AuditEntry
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.colleagues import names_of
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.item_page import open_page
from hoitu.core.admin.piles import TITLES
from hoitu.core.admin.steps import CHANGED, LOOK_AGAIN, NOTE, colleagues, sent_version
from hoitu.core.content import Conflict, ContentType, Invalid, Item, Paragraphs, Refused, actions
from hoitu.core.content.problems import Problem
from hoitu.core.extensions import session
from hoitu.core.web.access import current_actor

#: Name of the select of whom an entry is given to, and of the pile to go back to.
TO, BACK = "give-to", "back"
#: What is told of an entry's past, by action of the log; saving alone is told by its versions.
HAPPENED = {
    "item.create": lazy_gettext("Written"),
    "item.receive": lazy_gettext("Received"),
    "item.submit": lazy_gettext("Submitted"),
    "item.forward": lazy_gettext("Handed on for approval"),
    "item.return": lazy_gettext("Returned"),
    "item.take_back": lazy_gettext("Taken back by its author"),
    "item.publish": lazy_gettext("Published"),
    "item.publish_urgently": lazy_gettext("Published urgently"),
    "item.approve": lazy_gettext("Approved afterwards"),
    "item.unpublish": lazy_gettext("Taken off the site"),
    "item.archive": lazy_gettext("Archived"),
    "item.trash": lazy_gettext("Moved to the trash"),
    "item.restore": lazy_gettext("Restored"),
    "item.discard": lazy_gettext("New version discarded"),
    "item.entrust": lazy_gettext("Given to somebody"),
    "item.confirm": lazy_gettext("Looked at again: still right"),
    "item.schedule": lazy_gettext("Planned for later"),
    "item.lapse": lazy_gettext("Planned publication needs approval anew"),
}
#: Lines of an entry's past that are shown; the log of the unit has all of them.
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Handing:
    """What the page of an item says about whose it is."""

    #: Published urgently: when and by whom, and whether the account may approve it now.
    urgent_at: datetime | None
    urgent_by: str
    may_approve: bool
    #: Those it can be given to; none without the right to give it.
    people: Sequence[Actor]
    responsible_id: int | None


@dataclass(frozen=True, slots=True)
class Event:
    """A line of an entry's past."""

    label: Any
    who: str
    at: datetime
    note: str
    #: To whom it was given; the log keeps the name as the note.
    whom: str


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give the page of an item its parts about people and its past."""
    if request.blueprint != blueprint.name:
        return {}
    return {"handing": handing, "happened": happened, "GIVE_TO": TO}


def handing(kind: ContentType, item: Item) -> Handing:
    """Return whose an item is and what the account can do about it."""
    waits = item.urgent_at is not None
    may_publish = work.may(kind, "publish")
    return Handing(
        urgent_at=item.urgent_at,
        urgent_by=names_of([item.urgent_by_id]).get(item.urgent_by_id or 0, "") if waits else "",
        may_approve=waits and may_publish and item.urgent_by_id != current_actor().account_id,
        people=colleagues().editors(kind) if work.may(kind, "edit") else (),
        responsible_id=item.responsible_id,
    )


def happened(item: Item) -> list[Event]:
    """Return what happened to an item, the last first: one statement."""
    entries = session().scalars(
        select(AuditEntry)
        .where(
            AuditEntry.unit_id == item.unit_id,
            AuditEntry.object_type == item.type,
            AuditEntry.object_id == str(item.id),
            AuditEntry.action.in_(HAPPENED),
        )
        .order_by(AuditEntry.id.desc())
        .limit(SHOWN)
    )
    found = []
    for entry in entries:
        said, given = str(entry.detail.get("note", "")), entry.action == "item.entrust"
        note, whom = ("", said) if given else (said, "")
        found.append(Event(HAPPENED[entry.action], entry.actor, entry.at, note, whom))
    return found


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/giao")
@requires("core.desk")
def entrust(type_name: str, item_id: int) -> ResponseReturnValue:
    """Make somebody responsible for an item; without a name, the account itself."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if not work.may(kind, "edit"):
        abort(403)

    def hand_over() -> Any:
        account_id = _chosen()
        actions.entrust(work.context(), item, account_id)
        account = session().get(Account, account_id)
        return _("%(name)s is responsible for it now.", name=account.name if account else "")

    return _act(kind, item, hand_over)


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/duyet-sau")
@requires("core.desk")
def approve(type_name: str, item_id: int) -> ResponseReturnValue:
    """Approve what somebody else published urgently."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if not work.may(kind, "publish"):
        abort(403)

    def agree() -> Any:
        try:
            note = Paragraphs(2000).clean(request.form.get(NOTE, ""))
        except Invalid as error:
            raise Refused([Problem("", error.message)]) from error
        actions.approve_afterwards(work.context(), item, note)
        return _("Approved.")

    return _act(kind, item, agree)


def _act(kind: ContentType, item: Item, act: Any) -> ResponseReturnValue:
    """Do something to an item as the account saw it, and commit; a refusal shows its page."""
    try:
        if item.version != sent_version():
            raise Conflict(f"item {item.id} is at version {item.version}")
        done = act()
        session().commit()
        flash(str(done))
    except Refused as refused:
        session().rollback()
        page = open_page(kind, item)
        page.form.refuse(refused.problems)
        return page.answer(422)
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
    if (pile := request.form.get(BACK, "")) in TITLES:
        return redirect(url_for("desk.pile", name=pile), 303)
    return redirect(url_for("desk.edit", type_name=kind.name, item_id=item.id), 303)


def _chosen() -> int:
    sent = request.form.get(TO, "")
    if not sent:
        return current_actor().account_id or 0
    # No account has the number 0: it may not edit here, and that is what is told.
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0
