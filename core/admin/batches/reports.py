"""The page of a batch: what will happen, how far it is, what became of each row; and its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flask import abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import case, delete, func, select

from hoitu.core import batches, sheets
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.batches import offers
from hoitu.core.admin.batches.bulk import BACK, hindrances, outlook
from hoitu.core.admin.batches.saved_views import parameters
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.batches import Batch, BatchRow, imports
from hoitu.core.batches.imports import IMPORT
from hoitu.core.batches.sheet_columns import Column, value_of
from hoitu.core.content import Amount, Choice, ContentType, Day, Flag, Invalid, Item
from hoitu.core.extensions import platform, session
from hoitu.core.forms import shown
from hoitu.core.text import excerpt
from hoitu.core.web.access import current_actor

#: Rows on one page of a report, and batches in the list of an account's own.
SIZE, LATEST = 100, 50
#: Parameters: rows in a state only, rows after a position.
ONLY, AFTER = "trang-thai", "sau"
STATES: Mapping[str, Any] = {
    batches.REFUSED: lazy_gettext("Not done"),
    batches.WAITING: lazy_gettext("Waiting"),
    batches.OK: lazy_gettext("Done"),
    batches.LEFT_OUT: lazy_gettext("Left out"),
}
#: Before it has begun, an import tells what is wrong and what is ready.
BEFORE = {
    batches.REFUSED: lazy_gettext("To be corrected"),
    batches.WAITING: lazy_gettext("Ready"),
}
BATCH_STATES = {
    batches.READY: lazy_gettext("Not begun"),
    batches.RUNNING: lazy_gettext("Running"),
    batches.DONE: lazy_gettext("Finished"),
    batches.STOPPED: lazy_gettext("Stopped"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of an import as it was understood, or as it was typed and what is wrong with it."""

    heading: str
    text: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the page shows it, with the address of its entry; '' = there is none."""

    row: BatchRow
    path: str
    cells: Sequence[Cell] = ()


@blueprint.get("/hang-loat")
@requires("core.desk")
def own_batches() -> str:
    """List what the account did to many entries, the last first."""
    latest = (
        select(Batch)
        .where(Batch.account_id == current_actor().account_id)
        .order_by(Batch.id.desc())
        .limit(LATEST)
    )
    return render_template(
        "desk/batches/own.html",
        batches=session().scalars(latest).all(),
        states=BATCH_STATES,
    )


@blueprint.get(f"/hang-loat/<{work.ID}:batch_id>")
@requires("core.desk")
def batch(batch_id: int) -> ResponseReturnValue:
    """Show a batch: before it begins what will happen, afterwards the result of each row."""
    return page_of(batch_of(batch_id))


@blueprint.post(f"/hang-loat/<{work.ID}:batch_id>/chay")
@requires("core.desk")
def run_batch(batch_id: int) -> ResponseReturnValue:
    """Begin a batch with what its form tells, or go on with one that was stopped."""
    found = batch_of(batch_id, own=True)
    if found.state == batches.DONE:
        return redirect(url_for("desk.batch", batch_id=batch_id), 303)
    if found.state == batches.READY and found.kind != IMPORT:
        form = offers.question(found, request.form)
        told = offers.answer(found, form)
        if told is None:
            session().rollback()
            return page_of(found, form), 422
        found.params = {**found.params, **told}
    elif found.kind == IMPORT and (then := request.form.get("then")):
        found.params = {**found.params, imports.SUBMIT: then == "submit"}
    session().flush()
    if not batches.begin(work.context(), found):
        flash(_("It is running already."), PROBLEM)
    return redirect(url_for("desk.batch", batch_id=batch_id), 303)


@blueprint.post(f"/hang-loat/<{work.ID}:batch_id>/dung")
@requires("core.desk")
def stop_batch(batch_id: int) -> ResponseReturnValue:
    """Stop a batch; what is done stays done."""
    if batches.stop(work.context(), batch_of(batch_id)):
        session().commit()
        flash(_("Stopped. What was done stays done."))
    return redirect(url_for("desk.batch", batch_id=batch_id), 303)


@blueprint.post(f"/hang-loat/<{work.ID}:batch_id>/bo")
@requires("core.desk")
def drop_batch(batch_id: int) -> ResponseReturnValue:
    """Throw away a batch that never began."""
    found = batch_of(batch_id, own=True)
    session().refresh(found, with_for_update=True)
    if found.state != batches.READY or batches.count(session(), batch_id, batches.OK):
        flash(_("It has begun already."), PROBLEM)
        return redirect(url_for("desk.batch", batch_id=batch_id), 303)
    back = _back(found)
    session().execute(delete(BatchRow).where(BatchRow.batch_id == batch_id))
    session().execute(delete(Batch).where(Batch.id == batch_id))
    session().commit()
    flash(_("Nothing was done."))
    return redirect(back, 303)


@blueprint.get(f"/hang-loat/<{work.ID}:batch_id>/tien-do.json")
@requires("core.desk")
def batch_progress(batch_id: int) -> ResponseReturnValue:
    """Tell how far a batch is, for the script of its page."""
    found, numbers = batch_of(batch_id), _numbers(batch_id)
    total = sum(numbers.values())
    done = total - numbers.get(batches.WAITING, 0)
    return jsonify(running=found.state == batches.RUNNING, done=done, total=total)


@blueprint.get(f"/hang-loat/<{work.ID}:batch_id>/ket-qua.<any(csv, xlsx):form>")
@requires("core.desk")
def batch_report(batch_id: int, form: str) -> ResponseReturnValue:
    """Give the result of each row as a table."""
    found = batch_of(batch_id)
    header = [_("Row"), _("Entry"), _("Result"), _("Message"), _("Address")]
    return send_table(form, f"ket-qua-{batch_id}", header, _cells(found), _("Result"))


def batch_of(batch_id: int, *, own: bool = False) -> Batch:
    """Return a batch of the unit that the account may see, or answer 404.

    It sees its own; whoever keeps the unit's people sees those of others. ``own``: only its own.
    Its type is one the account works with here, today.
    """
    found = session().get(Batch, batch_id)
    actor = current_actor()
    if found is None:
        abort(404)
    mine = found.account_id is not None and found.account_id == actor.account_id
    if not mine and (own or not actor.can("core.accounts", g.unit.id)):
        abort(404)
    if found.type:
        work.kind_named(found.type)
    return found


def page_of(found: Batch, form: Any = None) -> str:
    """Return the page of a batch; ``form``: what is asked, with what is wrong with the answer."""
    numbers, waits = _numbers(found.id), found.state == batches.READY
    names = {**STATES, **BEFORE} if waits and found.kind == IMPORT else STATES
    only = request.args.get(ONLY, "")
    lines, following = _page(found, only if only in STATES else "")
    kind = platform.types.get(found.type)
    is_bulk = found.kind != IMPORT
    if kind is not None and not is_bulk:
        lines = _with_cells(kind, lines)
    possible, impossible = outlook(found) if waits and is_bulk else (0, 0)
    ids = [line.row.item_id for line in lines if line.row.item_id is not None]
    return render_template(
        "desk/batches/batch.html",
        batch=found,
        kind=kind,
        mine=found.account_id == current_actor().account_id,
        numbers=[(state, names[state], numbers[state]) for state in STATES if numbers.get(state)],
        counted=numbers,
        total=sum(numbers.values()),
        states=names,
        batch_states=BATCH_STATES,
        only=only,
        lines=lines,
        following=following,
        form=(form or offers.question(found)) if waits and is_bulk else None,
        is_import=not is_bulk,
        step=offers.transition_of(found) if is_bulk else None,
        possible=possible,
        impossible=impossible,
        hindrances=hindrances(found, ids) if waits and is_bulk else {},
        back=_back(found),
        **(_import_values(found, kind) if not is_bulk and kind else {}),
    )


def _import_values(found: Batch, kind: ContentType) -> dict[str, Any]:
    """Return what the page of an import shows besides: files nobody names, columns ignored."""
    rows = session().scalars(select(BatchRow).where(BatchRow.batch_id == found.id)).all()
    return {
        "unnamed": imports.unnamed(found, rows),
        "uploads": len(found.params.get(imports.UPLOADS, {})),
        "ignored": found.params.get(imports.IGNORED, []),
        "unstored": found.params.get(imports.UNSTORED, []),
        "may_submit": work.may(kind, "edit")
        and any(s.name == "submit" for s in work.context().workflow_of(kind).transitions),
    }


def _numbers(batch_id: int) -> dict[str, int]:
    """Return how many rows of a batch are in each state."""
    grouped = (
        select(BatchRow.state, func.count(BatchRow.id))
        .where(BatchRow.batch_id == batch_id)
        .group_by(BatchRow.state)
    )
    return {row[0]: row[1] for row in session().execute(grouped)}


def _page(found: Batch, only: str) -> tuple[list[Line], str]:
    """Return the rows of a page, those that were refused first, and the address of the next."""
    rank = case((BatchRow.state == batches.REFUSED, 0), else_=1)
    chosen = select(BatchRow).where(BatchRow.batch_id == found.id)
    if only:
        chosen = chosen.where(BatchRow.state == only)
    start = request.args.get(AFTER, "")
    skipped = int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 0
    ordered = chosen.order_by(rank, BatchRow.position).offset(skipped).limit(SIZE + 1)
    rows = session().scalars(ordered).all()
    following = ""
    if len(rows) > SIZE:
        place: dict[str, Any] = {AFTER: skipped + SIZE} | ({ONLY: only} if only else {})
        following = url_for("desk.batch", batch_id=found.id, **place)
    return _lines(rows[:SIZE]), following


def _lines(rows: Sequence[BatchRow]) -> list[Line]:
    ids = [row.item_id for row in rows if row.item_id is not None]
    types: dict[int, str] = {}
    if ids:
        known = session().execute(select(Item.id, Item.type).where(Item.id.in_(ids)))
        types = {row.id: row.type for row in known}
    return [Line(row, _path(row.item_id, types)) for row in rows]


def _with_cells(kind: ContentType, lines: Sequence[Line]) -> list[Line]:
    """Return the rows of an import with what was read in each; of those that are made, nothing."""
    context = work.context()
    columns = imports.columns(context, kind)

    def cell(column: Column, typed: str, wrong: str) -> Cell:
        declared = column.field
        understood = typed
        # A reference or a file is a question to the database; what was typed says as much.
        if typed and not wrong and isinstance(declared.kind, Choice | Day | Flag | Amount):
            try:
                understood = shown(declared, value_of(context, declared, typed))
            except Invalid:
                # Not looked at yet, or what may be chosen was changed since.
                understood = typed
        return Cell(str(declared.label), excerpt(understood, 120), wrong)

    def cells(row: BatchRow) -> list[Cell]:
        if row.item_id is not None:
            return []
        typed, wrong = row.values.get("cells", {}), row.values.get("problems", {})
        names = ((c, c.field.name) for c in columns)
        return [
            cell(c, typed.get(name, ""), wrong.get(name, ""))
            for c, name in names
            if name in typed or name in wrong
        ]

    return [replace(line, cells=cells(line.row)) for line in lines]


def _path(item_id: int | None, types: Mapping[int, str]) -> str:
    if item_id is None or item_id not in types or types[item_id] not in _served():
        return ""
    return url_for("desk.edit", type_name=types[item_id], item_id=item_id)


def _served() -> set[str]:
    return {kind.name for kind in platform.types}


def _cells(found: Batch) -> Iterator[list[sheets.Cell]]:
    rows = select(BatchRow).where(BatchRow.batch_id == found.id).order_by(BatchRow.position)
    everything = session().scalars(rows).all()
    host = request.host_url.rstrip("/")
    for start in range(0, len(everything), SIZE):
        for line in _lines(everything[start : start + SIZE]):
            row = line.row
            place = row.values.get("row", row.position)
            state = str(STATES[row.state])
            path = host + line.path if line.path else ""
            yield [_whole(place), row.label, state, row.message, path]


def _whole(value: Any) -> sheets.Cell:
    return Decimal(value) if isinstance(value, int) else str(value)


def _back(found: Batch) -> str:
    if platform.types.get(found.type) is None:
        return url_for("desk.own_batches")
    query: dict[str, Any] = dict(parameters(found.params.get(BACK, "")))
    query.pop("type_name", None)
    return url_for("desk.items", type_name=found.type, **query)
