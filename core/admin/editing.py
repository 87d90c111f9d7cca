"""Writing: new items and changes to old ones, one view for all types.

A draft may be incomplete; what is missing is told when it is submitted or published. A form that
cannot be saved comes back with everything that was entered, uploaded files included.
"""

from __future__ import annotations

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.item_page import (
    THEN,
    Difference,
    ItemPage,
    form_for,
    open_page,
    values_at_work,
)
from hoitu.core.admin.steps import LOOK_AGAIN, PROBLEM, perform, permitted, sent_version
from hoitu.core.content import Conflict, Refused, actions
from hoitu.core.content.files import upload
from hoitu.core.extensions import platform, session
from hoitu.core.forms import FilesEntry, RowsEntry, shown


@blueprint.route("/<type_name>/moi", methods=["GET", "POST"])
@requires("core.desk")
def new(type_name: str) -> ResponseReturnValue:
    """Show an empty form; save what it sends as a draft."""
    kind = work.kind_named(type_name)
    if not work.may(kind, "create"):
        abort(403)
    sent = request.form if request.method == "POST" else None
    page = ItemPage(kind, None, form_for(kind, {}, sent))
    return page.answer() if sent is None else _save(page)


@blueprint.route(f"/<type_name>/<{work.ID}:item_id>", methods=["GET", "POST"])
@requires("core.desk")
def edit(type_name: str, item_id: int) -> ResponseReturnValue:
    """Show an item; save what its form sends."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if request.method == "GET":
        return open_page(kind, item).answer()
    if not work.may(kind, "edit"):
        abort(403)
    page = open_page(kind, item, request.form)
    page.seen_version = sent_version()
    return _save(page)


def _save(page: ItemPage) -> ResponseReturnValue:
    """Save the form and take the step its button names; on any problem show it again, whole."""
    wanted = request.form.get(THEN, "")
    if wanted:
        permitted(page.kind, wanted)
    page.unsaved = True
    if any(isinstance(e, RowsEntry) and e.more in request.form for e in page.form.entries()):
        return page.answer()
    fits = page.form.validate()
    if not _take_uploads(page) or not fits:
        return page.answer(422)
    try:
        changed = _store(page)
    except Refused as refused:
        session().rollback()
        page.form.refuse(refused.problems)
        return page.answer(422)
    except Conflict:
        session().rollback()
        _compare(page)
        return page.answer(409)
    session().commit()
    page.unsaved = False
    if wanted:
        return _advance(page, wanted)
    flash(_("Saved.") if changed else _("Nothing was changed."))
    return redirect(page.path, 303)


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
    actions.edit(context, page.item, entered, expected_version=page.seen_version)
    return True


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
            if not sent.filename:
                continue
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
    """Put both texts side by side; saving once more is the editor's decision for the own one."""
    assert page.item is not None
    saved = values_at_work(page.kind, page.item)
    page.seen_version, page.conflict = page.item.version, True
    for entry in page.form.entries():
        theirs = shown(entry.declared, saved.get(entry.short_name))
        mine = shown(entry.declared, entry.declared.kind.clean(entry.data))
        if theirs != mine:
            page.differences.append(Difference(str(entry.label.text), theirs, mine))
