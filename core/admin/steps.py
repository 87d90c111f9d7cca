"""Steps of the workflow: submit, return, publish, unpublish, archive, trash, restore."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from hoitu.core.access import Actor, requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.colleagues import Colleagues
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.item_page import VERSION, open_page
from hoitu.core.admin.outcomes import outcome
from hoitu.core.content import (
    Conflict,
    ContentType,
    Day,
    Invalid,
    Item,
    Paragraphs,
    Problem,
    Refused,
    Transition,
    actions,
)
from hoitu.core.content.actions import WITHDRAWALS, StepDetails
from hoitu.core.content.workflow import REVIEWED, SUBMITTED
from hoitu.core.extensions import session

NOTE = "note"
#: What follows from a step, told before it is taken.
FOLLOWS = {
    "publish_urgently": _(
        "The text is public at once, without the approval your unit asks for. It is marked so, and "
        "somebody else has to approve it afterwards."
    ),
    "return": _("The author reads the reason; it is kept in the log."),
    "unpublish": _("The reason is kept in the log; visitors do not see it."),
}
_DIGITS = re.compile(r"(\d\d)(\d\d)(\d{4})", re.ASCII)
#: The number of an entry at the beginning of the last part of its address.
_ENTRY = re.compile(r"(?:.*/)?(\d{1,18})(?:-[^/?#]*)?/?(?:[?#].*)?", re.ASCII)
CHANGED = _("Somebody else changed this entry since you opened it. Nothing was done.")
LOOK_AGAIN = _("This is how it stands now; please look again.")


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/buoc/<name>")
@requires("core.desk")
def step(type_name: str, item_id: int, name: str) -> ResponseReturnValue:
    """Take one step with an item as the account saw it."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    permitted(kind, name, item)
    try:
        _expect(item)
        perform(kind, item, name, request.form.get(NOTE, ""))
    except Refused as refused:
        session().rollback()
        page = open_page(kind, item)
        page.form.refuse(refused.problems)
        page.notes = {name: request.form.get(NOTE, "")}
        return page.answer(422)
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
    return redirect(_path(kind, item), 303)


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/bo-ban-cho")
@requires("core.desk")
def discard(type_name: str, item_id: int) -> ResponseReturnValue:
    """Forget the waiting version of a published item."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if not work.may(kind, "edit"):
        abort(403)
    try:
        _expect(item)
        actions.discard_draft(work.context(), item)
        session().commit()
        flash(str(_("The waiting version was discarded. It stays in the list of versions.")))
    except Refused as refused:
        session().rollback()
        flash(" ".join(map(str, refused.problems)), PROBLEM)
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
    return redirect(_path(kind, item), 303)


def perform(kind: ContentType, item: Item, name: str, note: str = "") -> None:
    """Take a step with what the form tells along with it, and commit it.

    :raises Refused: the step is not possible, or something is missing; every reason is listed.
    :raises Conflict: somebody else was faster.
    """
    step = permitted(kind, name, item)
    try:
        note = Paragraphs(2000).clean(note)
    except Invalid as error:
        raise Refused([Problem("", error.message)]) from error
    try:
        actions.advance(work.context(), item, name, note, sent_details(name))
    except Refused as refused:
        # The action's problem names a field `note`, which the type may have, too.
        raise Refused(
            [
                Problem("", p.message) if p.field == NOTE and not note else p
                for p in refused.problems
            ]
        ) from refused
    session().commit()
    flash(outcome(kind, item, step, colleagues()))


def field(step: str, part: str) -> str:
    """Return the name of an input that tells something along with a step."""
    return f"step-{step}-{part}"


def sent_details(step: str) -> StepDetails:
    """Return what the form tells along with a step.

    :raises Refused: a day, a person or an entry cannot be read; every reason is listed.
    """
    problems: list[Problem] = []

    def read(part: str, reader: Any) -> Any:
        typed = request.form.get(field(step, part), "").strip()
        try:
            return reader(typed) if typed else None
        except Invalid as error:
            problems.append(Problem("", error.message))
            return None

    details = StepDetails(
        reviewer_id=read("reviewer", _person),
        due_on=read("due", _day),
        withdrawn_for=request.form.get(field(step, "why"), ""),
        withdrawn_to=read("to", _entry),
    )
    if problems:
        raise Refused(problems)
    return details


def _person(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid(_("Choose somebody of the list."))
    return int(typed)


def _day(typed: str) -> date | None:
    match = _DIGITS.fullmatch(typed)
    return Day().clean("/".join(match.groups()) if match else typed)


def _entry(typed: str) -> int:
    """Return the id in the address of an entry, or the id itself."""
    match = _ENTRY.fullmatch(typed)
    if match is None:
        raise Invalid(_("Give the address of the other entry on this site, or its number."))
    return int(match[1])


def permitted(kind: ContentType, name: str, item: Item | None = None) -> Transition:
    """Return a step of a type's workflow; 404 when it has none, 403 without the right to it."""
    context = work.context()
    found = next((t for t in context.workflow_of(kind).transitions if t.name == name), None)
    if found is None:
        abort(404)
    # Whoever writes a text may throw it away while nobody else has it.
    right = work.may(kind, found.verb) or (
        item is not None and actions.has_right(context, item, found)
    )
    if not right:
        abort(403)
    return found


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give the forms of steps what they offer."""
    if request.blueprint != blueprint.name:
        return {}
    return {
        "step_button": button,
        "step_field": field,
        "step_follows": FOLLOWS,
        "step_people": people_after,
        "WITHDRAWALS": WITHDRAWALS,
    }


def button(kind: ContentType, item: Item | None, step: Transition, *, saves: bool = False) -> Any:
    """Return what the button of a step says; ``saves``: it saves what was entered first."""
    handed_in = item is not None and actions.work_state(item) in (SUBMITTED, REVIEWED)
    if handed_in and step.name == "publish" and kind.workflow.editorial:
        return _("Approve and publish")
    return (saves and not handed_in and step.saving) or step.label


def people_after(kind: ContentType, item: Item | None, step: Transition) -> Sequence[Actor] | None:
    """Return who may take the step that follows, by name; None where the next is not others'."""
    if not step.completes or not actions.onward_verb(work.context(), kind, step.target):
        return None
    return colleagues().after(kind, item, step)


def colleagues() -> Colleagues:
    """Return the people of the unit, read once for a page."""
    if "hoitu_colleagues" not in g:
        g.hoitu_colleagues = Colleagues(work.context())
    found: Colleagues = g.hoitu_colleagues
    return found


def sent_version() -> int:
    """Return the version the form's author saw; -1, which is none, when the form does not say."""
    sent = request.form.get(VERSION, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else -1


def _expect(item: Item) -> None:
    if item.version != sent_version():
        raise Conflict(f"item {item.id} is at version {item.version}")


def _path(kind: ContentType, item: Item) -> str:
    return url_for("desk.edit", type_name=kind.name, item_id=item.id)
