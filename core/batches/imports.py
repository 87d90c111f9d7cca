"""Many entries from one table and a folder of files: read, looked at, corrected, then made.

A row waits when nothing is wrong with it and is refused while something is; what was made keeps
its entry, so that no row is made twice however often the batch is begun.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core import clock, sheets, text
from hoitu.core.batches.kinds import Do
from hoitu.core.batches.models import LEFT_OUT, OK, REFUSED, WAITING, Batch, BatchRow
from hoitu.core.batches.running import MAX_ROWS, NewRow
from hoitu.core.batches.sheet_columns import (
    FILE_SEPARATOR,
    FILES,
    Column,
    cell_text,
    columns_of,
    recognised,
    value_of,
)
from hoitu.core.content import (
    ActionContext,
    ContentType,
    Day,
    Field,
    Invalid,
    Item,
    Problem,
    Refused,
    actions,
)
from hoitu.core.content.duplicates import number_field
from hoitu.core.content.item import TRASHED
from hoitu.core.numbers import write as number

IMPORT = "import"
#: Keys of a batch's ``params`` and of its rows' ``values``.
SUBMIT, UPLOADS, IGNORED, UNSTORED = "submit", "files", "ignored", "refused_files"
PLACE, CELLS, PROBLEMS, ANOTHER = "row", "cells", "problems", "another"
#: Numbers that are looked up in one statement.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read: its rows, and headings that fill no field."""

    rows: list[NewRow]
    ignored: list[str]


@dataclass(slots=True)
class Checked:
    """A row that was looked at: its values, and what is wrong, by field ('' = the row)."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def columns(context: ActionContext, kind: ContentType) -> list[Column]:
    """Return the columns of a type's table at the context's unit."""
    on = context.switchboard.requirements_on(context.unit, kind.section)
    return columns_of(kind, frozenset(kind.requirements) - on)


def read(context: ActionContext, kind: ContentType, sheet: sheets.Sheet) -> Table:
    """Return the rows of a table for a type, not checked yet.

    :raises SheetError: it has no column of the type, lacks one that is needed, or too many rows.
    """
    wanted = columns(context, kind)
    found = recognised(wanted, sheet.header)
    if not found:
        raise sheets.SheetError(
            _("No column of the table is one of this type. Use the template of this page.")
        )
    missing = [c.heading for c in wanted if c.field.required and c not in found.values()]
    if missing:
        raise sheets.SheetError(
            _("The table lacks what is needed: %(columns)s.", columns=", ".join(missing))
        )
    rows = [
        NewRow(values={PLACE: place, CELLS: _cells(found, cells), PROBLEMS: {}})
        for place, cells in sheet.numbered()
    ]
    if not rows:
        raise sheets.SheetError(_("The table has headings, but no row below them."))
    if len(rows) > MAX_ROWS:
        raise sheets.SheetError(
            _(
                "The table has more than %(limit)s rows. Split it over several files.",
                limit=number(MAX_ROWS),
            )
        )
    return Table(rows, [h for i, h in enumerate(sheet.header) if i not in found])


def check_all(context: ActionContext, batch: Batch, rows: Iterable[BatchRow]) -> None:
    """Look at all rows that are still to be made and note what is wrong with each.

    Done rows only take part as what must not be made again. A row that was refused when it was to
    be made keeps that refusal until it is corrected.
    """
    kind = context.types[batch.type]
    wanted, files = columns(context, kind), _by_name(batch.params.get(UPLOADS, {}))
    rows = [row for row in rows if row.state != LEFT_OUT]
    keys = {row.id: _numbers(kind, row.values[CELLS]) for row in rows}
    twice = Counter(key for key in keys.values() if key)
    first: dict[tuple[str, str], Any] = {}
    for row in rows:
        first.setdefault(keys[row.id] or ("", ""), row.values[PLACE])
    held = _held(context, kind, {key for key in keys.values() if key})
    for row in rows:
        if row.state == OK or (row.state == REFUSED and not row.values[PROBLEMS] and row.message):
            continue
        found = check(context, wanted, files, row.values[CELLS])
        key = keys[row.id]
        if key and not row.values.get(ANOTHER):
            _note_duplicate(kind, found, key, row, twice, first, held)
        _note(row, found, wanted)


def check_again(
    context: ActionContext, batch: Batch, row: BatchRow, before: Mapping[str, str]
) -> Sequence[BatchRow]:
    """Look at a corrected row, whose cells were ``before``, and at those it has to do with.

    Those are the rows that share its old number or its new one. Returns all that were looked at.
    """
    kind = context.types[batch.type]
    keys = {_numbers(kind, before), _numbers(kind, row.values[CELLS])} - {None}
    ids = [row.id]
    if keys:
        others = select(BatchRow.id, BatchRow.values).where(
            BatchRow.batch_id == batch.id, BatchRow.id != row.id, BatchRow.state != LEFT_OUT
        )
        found = context.session.execute(others)
        ids += [other for other, values in found if _numbers(kind, values[CELLS]) in keys]
    chosen = select(BatchRow).where(BatchRow.id.in_(ids)).order_by(BatchRow.position)
    rows = context.session.scalars(chosen).all()
    check_all(context, batch, rows)
    return rows


def check(
    context: ActionContext,
    wanted: Iterable[Column],
    files: Mapping[str, list[int]],
    cells: Mapping[str, str],
) -> Checked:
    """Return the values of a row's cells and what is wrong with them."""
    found = Checked()
    for column in wanted:
        declared, typed = column.field, cells.get(column.field.name, "")
        try:
            if declared.name == FILES:
                found.values[FILES] = _named_files(files, typed)
            elif typed:
                found.values[declared.name] = value_of(context, declared, typed)
            if declared.required and declared.is_empty(found.values.get(declared.name)):
                raise Invalid(_("%(field)s is missing.", field=declared.label))
        except Invalid as error:
            found.problems[declared.name] = str(error.message)
    return found


def unnamed(batch: Batch, rows: Iterable[BatchRow]) -> list[str]:
    """Return the files that came with a batch and that no row names."""
    uploads: Mapping[str, int] = batch.params.get(UPLOADS, {})
    files = _by_name(uploads)
    named: set[int] = set()
    for row in rows:
        for name in _names(row.values.get(CELLS, {}).get(FILES, "")):
            named.update(files.get(_file_key(name), ()))
    return [name for name, file_id in uploads.items() if file_id not in named]


def _create(context: ActionContext, row: BatchRow, params: Mapping[str, Any]) -> str:
    """Make the entry of a row, and hand it in if that was asked for."""
    if row.item_id is not None:
        return str(_("It was made already."))
    kind = context.types.get(params["type"])
    if kind is None:
        raise Refused([Problem("", _("This section is switched off for your unit."))])
    files = _by_name(params.get(UPLOADS, {}))
    found = check(context, columns(context, kind), files, row.values[CELLS])
    if found.problems:
        raise Refused([Problem(name, told) for name, told in found.problems.items()])
    if not row.values.get(ANOTHER):
        _refuse_held(context, kind, row.values[CELLS])
    item = actions.create(context, kind.name, found.values)
    row.item_id, row.label = item.id, kind.name_of(item)[:300]
    if not params.get(SUBMIT):
        return str(_("Draft made."))
    try:
        actions.submit(context, item)
    except Refused as refused:
        reasons = " ".join(str(problem) for problem in refused.problems)
        return str(_("Draft made; it could not be submitted: %(reasons)s", reasons=reasons))
    return str(_("Made and submitted."))


def _cells(found: Mapping[int, Column], cells: tuple[sheets.Cell, ...]) -> dict[str, str]:
    texts = {column.field.name: cell_text(cells[index]) for index, column in found.items()}
    return {name: typed for name, typed in texts.items() if typed}


def _note(row: BatchRow, found: Checked, wanted: Iterable[Column]) -> None:
    labels = {column.field.name: str(column.field.label) for column in wanted}
    row.values = {**row.values, PROBLEMS: found.problems}
    row.state = REFUSED if found.problems else WAITING
    row.message = " ".join(
        told if not labels.get(name) or labels[name] in told else f"{labels[name]}: {told}"
        for name, told in found.problems.items()
    )
    row.label = _label(row.values[CELLS])


def _label(cells: Mapping[str, str]) -> str:
    """Return what a row is called before there is an entry: its number or title, and its text."""
    names = ("number", "code", "title", "summary")
    words = [cells[name] for name in names if cells.get(name)] or list(cells.values())
    return text.excerpt(" \N{MIDDLE DOT} ".join(words[:2]), 200)


# -- numbers -----------------------------------------------------------------------------------


def _numbers(kind: ContentType, cells: Mapping[str, str]) -> tuple[str, str] | None:
    """Return by what a row is the same as another: its number, and the year where one counts.

    Offices begin to count anew each year.
    """
    declared = number_field(kind)
    key = text.number_key(cells.get(declared.name, "")) if declared else ""
    return (key, _year(kind, cells)) if key else None


def _year(kind: ContentType, cells: Mapping[str, str]) -> str:
    sorted_by = kind.fields.get(kind.sort_field)
    if sorted_by is None or not isinstance(sorted_by.kind, Day):
        return ""
    try:
        day = sorted_by.kind.clean(cells.get(kind.sort_field, ""))
    except Invalid:
        return ""
    return str(day.year) if isinstance(day, date) else ""


def _held(
    context: ActionContext, kind: ContentType, keys: set[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, str]]:
    """Return the (id, title) of the unit's entries that have these numbers."""
    declared = number_field(kind)
    if declared is None or not keys:
        return {}
    years = any(year for _number, year in keys)
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for same in _same_number(kind, declared, sorted({key for key, _year in keys})):
        column = getattr(kind.model, declared.name)
        chosen = select(Item.id, Item.title, Item.sort_at, column.label("number")).where(
            kind.model.id == Item.id, Item.type == kind.name, Item.state != TRASHED, same
        )
        for row in context.session.execute(chosen):
            year = str(clock.local(row.sort_at).year) if years else ""
            found.setdefault((text.number_key(row.number), year), (row.id, row.title))
    return found


def _same_number(kind: ContentType, declared: Field, keys: list[str]) -> Iterator[Any]:
    """Yield conditions that together find the entries with these numbers."""
    if not kind.cited_by:
        # No column keeps the folded number: all that have one are compared.
        yield getattr(kind.model, declared.name) != ""
        return
    column = getattr(kind.model, kind.cited_by)
    for start in range(0, len(keys), _CHUNK):
        yield column.in_(keys[start : start + _CHUNK])


def _refuse_held(context: ActionContext, kind: ContentType, cells: Mapping[str, str]) -> None:
    """Ask once more, now that the entry is made: the same table may have been sent twice.

    :raises Refused: the unit has an entry of this number meanwhile.
    """
    key, declared = _numbers(kind, cells), number_field(kind)
    if key and declared and (same := _held(context, kind, {key}).get(key)):
        raise Refused([Problem(declared.name, _is_held(*same))])


def _is_held(item_id: int, title: str) -> str:
    told = _("There is such an entry already: %(title)s (%(id)d).", title=title, id=item_id)
    return str(told)


def _note_duplicate(
    kind: ContentType,
    found: Checked,
    key: tuple[str, str],
    row: BatchRow,
    twice: Counter[tuple[str, str]],
    first: Mapping[tuple[str, str], Any],
    held: Mapping[tuple[str, str], tuple[int, str]],
) -> None:
    declared = number_field(kind)
    assert declared is not None
    if key in held:
        found.problems.setdefault(declared.name, _is_held(*held[key]))
    elif twice[key] > 1 and first[key] != row.values[PLACE]:
        told = _("Row %(row)d of the table has the same number.", row=first[key])
        found.problems.setdefault(declared.name, told)


# -- files -------------------------------------------------------------------------------------


def _names(typed: str) -> list[str]:
    return [name for part in typed.split(FILE_SEPARATOR) if (name := part.strip())]


def _file_key(name: str) -> str:
    """Return under which key all spellings of a file's name are one, wherever it lay."""
    return " ".join(text.fold(PurePosixPath(name.replace("\\", "/")).name).split())


def _by_name(uploads: Mapping[str, int]) -> dict[str, list[int]]:
    """Return the ids of files by the key of their name, and of their name without its ending."""
    found: dict[str, list[int]] = defaultdict(list)
    for name, file_id in uploads.items():
        key = _file_key(name)
        for known in {key, key.rpartition(".")[0] or key}:
            if file_id not in found[known]:
                found[known].append(file_id)
    return found


def _named_files(files: Mapping[str, list[int]], typed: str) -> list[int]:
    """Return the ids of the files that a cell names.

    :raises Invalid: one was not uploaded, or several are called so.
    """
    ids: list[int] = []
    lost: list[str] = []
    unclear: list[str] = []
    for name in _names(typed):
        found = files.get(_file_key(name), [])
        if len(found) == 1:
            ids += found
        else:
            (unclear if found else lost).append(name)
    if lost:
        raise Invalid(_("These files were not uploaded: %(names)s.", names=", ".join(lost)))
    if unclear:
        told = _("Several files are called so: %(names)s.", names=", ".join(unclear))
        raise Invalid(told)
    return ids


#: What is done to the rows of an import.
KINDS: Mapping[str, Do] = {IMPORT: _create}
