"""Imports: a table and its files in, looked at, corrected, and made into drafts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import delete, select

from hoitu.core import batches, sheets
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.batches.reports import batch_of
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.admin.flashes import PROBLEM, flash_some
from hoitu.core.batches import Batch, BatchRow, imports, uploads
from hoitu.core.batches.imports import (
    ANOTHER,
    CELLS,
    IGNORED,
    IMPORT,
    PLACE,
    PROBLEMS,
    UNSTORED,
    UPLOADS,
)
from hoitu.core.batches.sheet_columns import FILES, options_of, value_of
from hoitu.core.content import ContentType, Field, Flag, Invalid, Line, Paragraphs, RichText
from hoitu.core.content import Rows as RowsKind
from hoitu.core.content.duplicates import number_field
from hoitu.core.extensions import platform, session
from hoitu.core.forms import EntryForm, form_of
from hoitu.core.text import nfc

#: Names of the form's fields: the table, and the files it names.
TABLE, SENT = "bang", "tep"


@blueprint.get("/<type_name>/nhap")
@requires("core.desk")
def import_page(type_name: str) -> ResponseReturnValue:
    """Explain the import of a type and offer its template."""
    return _start_page(_creatable(type_name))


@blueprint.get("/<type_name>/nhap/mau.xlsx")
@requires("core.desk")
def import_template(type_name: str) -> ResponseReturnValue:
    """Give a workbook with the headings of a type and the options of its columns."""
    kind = _creatable(type_name)
    columns = imports.columns(work.context(), kind)
    context = work.context()
    options = [
        sheets.Options(c.heading, [label for _key, label in options_of(context, c.field)])
        for c in columns
    ]
    return send_table(
        "xlsx",
        f"mau-{kind.name}",
        [column.heading for column in columns],
        (),
        _("Data"),
        options=[o for o in options if o.values],
        options_title=_("Options"),
    )


@blueprint.post("/<type_name>/nhap")
@requires("core.desk")
def import_new(type_name: str) -> ResponseReturnValue:
    """Read a table, store the files that came with it, and show what is in them."""
    kind = _creatable(type_name)
    try:
        sheet = _sent_table()
        table = imports.read(work.context(), kind, sheet)
    except sheets.SheetError as wrong:
        return _start_page(kind, str(wrong)), 422
    batch = batches.start(
        work.context(),
        IMPORT,
        table.rows,
        {"type": kind.name, UPLOADS: {}, IGNORED: table.ignored},
        title=_("Import: %(type)s", type=kind.label_plural),
        type=kind.name,
    )
    # It is in the database with what is wrong with it, or not at all: files may take their time.
    _check(batch)
    session().commit()
    if not _take_files(batch):
        return redirect(url_for("desk.batch", batch_id=batch.id), 303)
    return _looked_at(batch)


@blueprint.post(f"/hang-loat/<{work.ID}:batch_id>/tep")
@requires("core.desk")
def import_files(batch_id: int) -> ResponseReturnValue:
    """Store more files for an import."""
    batch = _import_of(batch_id)
    _creatable(batch.type)
    if not _take_files(batch):
        flash(_("Choose files first."), PROBLEM)
    return _looked_at(batch)


@blueprint.post(f"/hang-loat/<{work.ID}:batch_id>/bang")
@requires("core.desk")
def import_again(batch_id: int) -> ResponseReturnValue:
    """Read a corrected table in the place of the first; the files stay."""
    _creatable(_import_of(batch_id).type)
    try:
        sheet = _sent_table()
    except sheets.SheetError as wrong:
        flash(str(wrong), PROBLEM)
        return redirect(url_for("desk.batch", batch_id=batch_id), 303)
    batch = _import_of(batch_id)
    if batches.count(session(), batch.id, batches.OK):
        told = _("Some rows are done. Correct the others on this page, or begin a new import.")
        flash(told, PROBLEM)
        return redirect(url_for("desk.batch", batch_id=batch.id), 303)
    kind = _creatable(batch.type)
    try:
        table = imports.read(work.context(), kind, sheet)
    except sheets.SheetError as wrong:
        flash(str(wrong), PROBLEM)
        return redirect(url_for("desk.batch", batch_id=batch.id), 303)
    session().execute(delete(BatchRow).where(BatchRow.batch_id == batch.id))
    batches.add_rows(session(), batch, table.rows)
    batch.params = {**batch.params, IGNORED: table.ignored}
    return _looked_at(batch)


@blueprint.route(
    f"/hang-loat/<{work.ID}:batch_id>/dong/<{work.ID}:row_id>", methods=["GET", "POST"]
)
@requires("core.desk")
def import_row(batch_id: int, row_id: int) -> ResponseReturnValue:
    """Show the cells of a row; keep what they are corrected to, and look at it again."""
    batch = batch_of(batch_id, own=True) if request.method == "GET" else _import_of(batch_id)
    row = session().get(BatchRow, row_id)
    if batch.kind != IMPORT or row is None or row.batch_id != batch.id or row.item_id is not None:
        abort(404)
    kind = _creatable(batch.type)
    if request.method == "GET":
        return _row_page(batch, row, _row_form(kind, row))
    before = row.values[CELLS]
    if "leave-out" in request.form:
        row.state, row.message = batches.LEFT_OUT, _("Left out.")
        _check_again(batch, row, before)
        session().commit()
        return redirect(url_for("desk.batch", batch_id=batch.id), 303)
    cells = {name: text for name, text in _typed(kind).items() if text}
    row.values = {**row.values, CELLS: cells, ANOTHER: ANOTHER in request.form}
    row.state, row.message = batches.WAITING, ""
    _check_again(batch, row, before)
    session().commit()
    if row.state == batches.REFUSED:
        return _row_page(batch, row, _row_form(kind, row)), 422
    flash(_("Row %(row)d is ready now.", row=row.values[PLACE]))
    return redirect(_next_wrong(batch) or url_for("desk.batch", batch_id=batch.id), 303)


def _creatable(type_name: str) -> ContentType:
    kind = work.kind_named(type_name)
    if not work.may(kind, "create"):
        abort(403)
    return kind


def _import_of(batch_id: int) -> Batch:
    """Return an own import that does not run, locked against beginning meanwhile."""
    batch = batch_of(batch_id, own=True)
    if batch.kind != IMPORT:
        abort(404)
    session().refresh(batch, with_for_update=True)
    if batch.state == batches.RUNNING:
        abort(409)
    return batch


def _sent_table() -> sheets.Sheet:
    """Return the table that was sent; commits, for nobody shall wait while it is read.

    :raises SheetError: none was, or it cannot be read.
    """
    sent = request.files.get(TABLE)
    if sent is None or not sent.filename:
        raise sheets.SheetError(_("Choose the table first."))
    session().commit()
    return sheets.read(nfc(sent.filename), sent.stream)


def _take_files(batch: Batch) -> int:
    """Store the files that were sent, each at once; return how many were."""
    number, told = 0, list[str]()
    for sent in request.files.getlist(SENT):
        if not sent.filename:
            continue
        number += 1
        # Whoever looks into the bytes may take its time: nobody shall wait for our transaction.
        session().commit()
        stored, refused = uploads.take(work.context(), platform.files, sent.filename, sent.stream)
        told += refused
        # Other files may have been sent meanwhile.
        session().refresh(batch, with_for_update=True)
        kept = uploads.merged(batch.params[UPLOADS], stored)
        batch.params = {**batch.params, UPLOADS: kept, UNSTORED: list(told)}
        session().commit()
    flash_some(told, PROBLEM)
    return number


def _looked_at(batch: Batch) -> ResponseReturnValue:
    """Look at every row that is still to be made, and lead to the page that tells."""
    # It may have been begun while its files were taken: then its rows are the runner's.
    session().refresh(batch, with_for_update=True)
    if batch.state != batches.RUNNING:
        _check(batch)
    session().commit()
    return redirect(url_for("desk.batch", batch_id=batch.id), 303)


def _check(batch: Batch) -> None:
    chosen = select(BatchRow).where(BatchRow.batch_id == batch.id).order_by(BatchRow.position)
    # As they are in the database now: files may have been taken since they were read.
    rows = session().scalars(chosen, execution_options={"populate_existing": True}).all()
    imports.check_all(work.context(), batch, rows)
    _open_again(batch, rows)


def _check_again(batch: Batch, row: BatchRow, before: Mapping[str, str]) -> None:
    _open_again(batch, imports.check_again(work.context(), batch, row, before))


def _open_again(batch: Batch, rows: Iterable[BatchRow]) -> None:
    """Let an import that was done be begun again when a row of it is ready now."""
    if batch.state == batches.DONE and any(row.state == batches.WAITING for row in rows):
        batch.state, batch.finished_at = batches.READY, None


def _next_wrong(batch: Batch) -> str:
    """Return the address of the next row that is to be corrected; '' = there is none."""
    wrong = select(BatchRow.id).where(
        BatchRow.batch_id == batch.id, BatchRow.state == batches.REFUSED
    )
    row_id = session().scalar(wrong.order_by(BatchRow.position).limit(1))
    return url_for("desk.import_row", batch_id=batch.id, row_id=row_id) if row_id else ""


def _start_page(kind: ContentType, problem: str = "") -> str:
    fields = kind.fields.values()
    return render_template(
        "desk/batches/import.html",
        kind=kind,
        columns=imports.columns(work.context(), kind),
        elsewhere=[f.label for f in fields if isinstance(f.kind, RowsKind)],
        problem=problem,
        limit=platform.config.upload_limit_mb,
    )


def _row_page(batch: Batch, row: BatchRow, form: EntryForm) -> str:
    names = _file_names(batch)
    return render_template(
        "desk/batches/row.html",
        batch=batch,
        row=row,
        place=row.values[PLACE],
        form=form,
        kind=platform.types[batch.type],
        ANOTHER=ANOTHER,
        another=bool(row.values.get(ANOTHER)),
        asks_another=_is_taken(batch, row),
        file_names=names,
    )


def _is_taken(batch: Batch, row: BatchRow) -> bool:
    """Say whether the number of a row is what is wrong with it, or was."""
    declared = number_field(platform.types[batch.type])
    return bool(row.values.get(ANOTHER)) or bool(
        declared and declared.name in row.values[PROBLEMS] and row.values[CELLS].get(declared.name)
    )


def _file_names(batch: Batch) -> Sequence[str]:
    return sorted(batch.params.get(UPLOADS, {}))


def _fields(kind: ContentType) -> list[Field]:
    """Return the fields of a row's form: what is typed in each cell, with lists to choose from."""
    return [_as_cell(column.field) for column in imports.columns(work.context(), kind)]


def _as_cell(declared: Field) -> Field:
    if declared.name == FILES:
        told = _("Names of uploaded files, with ; between them.")
        return replace(declared, kind=Line(4000), label=_("File"), help=told)
    if isinstance(declared.kind, RichText):
        return replace(declared, kind=Paragraphs())
    return declared


def _row_form(kind: ContentType, row: BatchRow) -> EntryForm:
    """Return the form of a row as it stands, each cell with what is wrong with it."""
    context, cells = work.context(), row.values[CELLS]
    values: dict[str, Any] = {}
    fields = _fields(kind)
    for declared in fields:
        typed = cells.get(declared.name, "")
        try:
            values[declared.name] = value_of(context, declared, typed) if typed else ""
        except Invalid:
            values[declared.name] = typed
        if isinstance(declared.kind, Flag) and not typed:
            values[declared.name] = False
    form = form_of(fields)(None, values)
    for name, told in row.values[PROBLEMS].items():
        if name in form:
            form.entry(name).refuse(told)
        else:
            form.form_errors.append(told)
    if not row.values[PROBLEMS] and row.state == batches.REFUSED:
        form.form_errors.append(row.message)
    return form


def _typed(kind: ContentType) -> dict[str, str]:
    """Return what the form of a row says, as the text of cells."""
    found = {}
    for declared in _fields(kind):
        if isinstance(declared.kind, Flag):
            found[declared.name] = "1" if declared.name in request.form else "0"
        else:
            found[declared.name] = nfc(request.form.get(declared.name, "")).strip()
    return found
