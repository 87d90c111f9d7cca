"""Steps of the workflow: submit, return, publish, unpublish, archive, trash, restore."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.item_page import VERSION, open_page
from hoitu.core.content import (
    Conflict,
    ContentType,
    Invalid,
    Item,
    Paragraphs,
    Problem,
    Refused,
    Transition,
    actions,
)
from hoitu.core.extensions import session

NOTE = "note"
#: Category of a flashed message that something was not done.
PROBLEM = "problem"
#: What is told after a step was taken.
DONE = {
    "submit": _("Submitted for approval."),
    "return": _("Returned to its author."),
    "publish": _("Published."),
    "unpublish": _("Taken off the site."),
    "archive": _("Archived."),
    "trash": _("Moved to the trash."),
    "restore": _("Restored as a draft."),
}
CHANGED = _("Somebody else changed this entry since you opened it. Nothing was done.")
LOOK_AGAIN = _("This is how it stands now; please look again.")


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/buoc/<name>")
@requires("core.desk")
def step(type_name: str, item_id: int, name: str) -> ResponseReturnValue:
    """Take one step with an item as the account saw it."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    permitted(kind, name)
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
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
    return redirect(_path(kind, item), 303)


def perform(kind: ContentType, item: Item, name: str, note: str = "") -> None:
    """Take a step and commit it.

    :raises Refused: the step is not possible, or something is missing; every reason is listed.
    :raises Conflict: somebody else was faster.
    """
    transition = permitted(kind, name)
    try:
        note = Paragraphs(2000).clean(note)
    except Invalid as error:
        raise Refused([Problem("", error.message)]) from error
    if transition.needs_note and not note:
        # Not left to the action, whose problem names a field `note` that the type may have, too.
        raise Refused([Problem("", _("Say why, so that the author knows what to do."))])
    actions.advance(work.context(), item, name, note)
    session().commit()
    flash(str(DONE.get(name, _("Done."))))


def permitted(kind: ContentType, name: str) -> Transition:
    """Return a step of a type's workflow; 404 when it has none, 403 without the right to it."""
    found = next((known for known in kind.workflow.transitions if known.name == name), None)
    if found is None:
        abort(404)
    if not work.may(kind, found.verb):
        abort(403)
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
