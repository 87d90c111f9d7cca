"""Writing: new items and changes to old ones, one view for all types.

A draft may be incomplete; what is missing is told when it is submitted or published, and whenever
it is asked for. A form that cannot be saved comes back with everything that was entered, uploaded
files included. Where somebody else was faster, both texts are shown and the editor chooses, field
by field.
"""

from __future__ import annotations

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from hoitu.core.access import requires
from hoitu.core.admin import autosave, work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.comparison import comparisons
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.item_page import (
    CHECK,
    CHOOSE,
    NOTE,
    THEIRS,
    THEN,
    ItemPage,
    form_for,
    open_page,
    values_at_work,
)
from hoitu.core.admin.steps import LOOK_AGAIN, perform, permitted, sent_version
from hoitu.core.content import Conflict, Invalid, Line, Refused, actions, open_forms
from hoitu.core.content.files import upload
from hoitu.core.content.item import PUBLISHED
from hoitu.core.extensions import platform, session
from hoitu.core.forms import Entry, FilesEntry, RowsEntry
from hoitu.core.web.access import current_actor

#: The note to a version: one line.
_NOTE = Line(500)


@blueprint.route("/<type_name>/moi", methods=["GET", "POST"])
@requires("core.desk")
def new(type_name: str) -> ResponseReturnValue:
    """Show an empty form; save what it sends as a draft."""
    kind = work.kind_named(type_name)
    if not work.may(kind, "create"):
        abort(403)
    if request.method == "GET":
        return autosave.page_of_new(kind, request.args.get("form", "")).answer()
    return _save(ItemPage(kind, None, form_for(kind, {}, request.form)))


@blueprint.route(f"/<type_name>/<{work.ID}:item_id>", methods=["GET", "POST"])
@requires("core.desk")
def edit(type_name: str, item_id: int) -> ResponseReturnValue:
    """Show an item; save what its form sends."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if request.method == "GET":
        return autosave.page_of(kind, item).answer()
    if not work.may(kind, "edit"):
        abort(403)
    page = open_page(kind, item, _chosen())
    page.seen_version = sent_version()
    return _save(page)


def _save(page: ItemPage) -> ResponseReturnValue:
    """Save the form and take the step its button names; on any problem show it again, whole."""
    wanted = request.form.get(THEN, "")
    if wanted:
        permitted(page.kind, wanted)
    page.unsaved, page.key = True, autosave.sent_key()
    page.note = request.form.get(NOTE, "")
    if any(map(_is_arranged, page.form.entries())):
        return page.answer()
    fits = all([page.form.validate(), _note_fits(page), _take_uploads(page)])
    if CHECK in request.form:
        return _check(page)
    code = 422 if not fits else _try_to_store(page)
    if code:
        return page.answer(code)
    if wanted and _nothing_waits(page):
        flash(_("Nothing was changed, so there is no new version to hand on."), PROBLEM)
        return redirect(page.path, 303)
    if wanted:
        return _advance(page, wanted)
    return redirect(page.path, 303)


def _is_arranged(entry: Entry) -> bool:
    """Say whether the button pressed only arranges the form: more rows, or a file moved."""
    if isinstance(entry, RowsEntry):
        return entry.more in request.form
    moves = (f"{entry.name}-up", f"{entry.name}-down")
    return isinstance(entry, FilesEntry) and any(move in request.form for move in moves)


def _try_to_store(page: ItemPage) -> int:
    """Save what was entered and forget what was kept of it; return why it was not, or 0."""
    try:
        changed = _store(page)
        open_forms.forget(session(), page.key, current_actor().account_id or 0)
    except Refused as refused:
        session().rollback()
        page.form.refuse(refused.problems)
        return 422
    except Conflict:
        session().rollback()
        _compare(page)
        return 409
    session().commit()
    page.unsaved, page.key, page.note = False, open_forms.new_key(), ""
    if THEN not in request.form:
        flash(_("Saved.") if changed else _("Nothing was changed."))
    return 0


def _nothing_waits(page: ItemPage) -> bool:
    """Say whether the text is public as it is: no step follows from saving it unchanged."""
    item = page.item
    return item is not None and item.state == PUBLISHED and not item.draft_state


def _store(page: ItemPage) -> bool:
    """Create or change the item; say whether there was anything to save."""
    context, entered = work.context(), page.form.values()
    if page.item is None:
        page.item = actions.create(context, page.kind.name, entered)
        return True
    actions.check_editable(page.item)
    if page.seen_version != page.item.version:
        raise Conflict(f"item {page.item.id} is at version {page.item.version}")
    kinds = {name: declared.kind for name, declared in page.kind.fields.items()}
    wanted = {name: kinds[name].dump(kinds[name].clean(value)) for name, value in entered.items()}
    if wanted.items() <= actions.waiting_values(context, page.item).items():
        return False
    actions.edit(
        context,
        page.item,
        entered,
        expected_version=page.seen_version,
        note=_NOTE.clean(page.note),
    )
    return True


def _check(page: ItemPage) -> ResponseReturnValue:
    """Tell what keeps the text as it is entered from being published; nothing is saved."""
    context = work.context()
    entered = actions.proposal(context, page.kind, page.item, page.form.values())
    wrong = {entry.short_name for entry in page.form.entries() if entry.errors}
    missing = [gap for gap in actions.gaps(context, entered) if gap.field not in wrong]
    session().rollback()
    page.form.refuse(missing)
    page.checked = True
    return page.answer()


def _chosen() -> MultiDict[str, str]:
    """Return what was entered, without the fields for which the saved text was chosen.

    A field that the form does not send keeps its stored value.
    """
    taken = {
        name.removeprefix(CHOOSE)
        for name, choice in request.form.items()
        if name.startswith(CHOOSE) and choice == THEIRS
    }
    return MultiDict(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name.partition("-")[0] not in taken
    )


def _note_fits(page: ItemPage) -> bool:
    try:
        _NOTE.clean(page.note)
    except Invalid as error:
        page.note_error = str(error.message)
    return not page.note_error


def _advance(page: ItemPage, wanted: str) -> ResponseReturnValue:
    """Take a step after saving; what keeps it back is told beside the saved text."""
    assert page.item is not None
    try:
        perform(page.kind, page.item, wanted)
    except Refused as refused:
        session().rollback()
        page.seen_version, page.saved = page.item.version, True
        page.form = form_for(page.kind, values_at_work(page.kind, page.item))
        page.form.refuse(refused.problems)
        return page.answer(422)
    except Conflict:
        session().rollback()
        message = _("Your text is saved, but somebody else changed the entry since.")
        flash(f"{message} {LOOK_AGAIN}", PROBLEM)
    return redirect(page.path, 303)


def _take_uploads(page: ItemPage) -> bool:
    """Store new files at once, so that none has to be chosen again when the form comes back."""
    fits = True
    for entry in page.form.entries():
        if not isinstance(entry, FilesEntry):
            continue
        for sent in request.files.getlist(entry.name):
            if not sent.filename or request.form.get(CHOOSE + entry.short_name) == THEIRS:
                continue
            # What is scanned may take its time: nobody shall wait for our transaction meanwhile.
            session().commit()
            try:
                row = upload(work.context(), platform.files, sent.filename, sent.stream)
            except Refused as refused:
                session().rollback()
                entry.errors = [*entry.errors, *map(str, refused.problems)]
                fits = False
            else:
                session().commit()
                entry.add([row.id])
    return fits


def _compare(page: ItemPage) -> None:
    """Put both texts side by side; saving once more is the editor's decision, field by field."""
    assert page.item is not None
    kinds = {name: declared.kind for name, declared in page.kind.fields.items()}
    entered = {name: kinds[name].clean(value) for name, value in page.form.values().items()}
    saved = values_at_work(page.kind, page.item)
    page.seen_version, page.conflict = page.item.version, True
    compared = comparisons(page.kind, saved, entered)
    page.differences = [field for field in compared if field.differs]
