"""What a table is, whatever file it came in: one row of headings, then rows of clean cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from hoitu.core import clock, numbers, text

MAX_ROWS = 10_000
MAX_COLUMNS = 200
#: Most characters of a cell, as in the spreadsheets themselves.
MAX_CELL = 32_767
#: Rows that are looked at; empty ones after the table count here and nowhere else.
MAX_SCANNED = 100_000
#: A title above the table has few lines; more rows of one cell are a table of one column.
MAX_TITLES = 20

Cell = str | Decimal | date | None
"""Text (never empty, in NFC), a number, a day, or nothing."""


class SheetError(Exception):
    """A table that cannot be read; the text is translated and says what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: every row has as many cells as there are headings.

    Empty rows between others are kept, so that ``rows[i]`` is row ``first_row + i`` of the file,
    counted from 1 as spreadsheets do; empty rows at the end are not.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    first_row: int = 2

    def numbered(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Yield the rows that hold anything, each with its number in the file."""
        for place, row in enumerate(self.rows, self.first_row):
            if any(cell is not None for cell in row):
                yield place, row


def number(cell: Cell) -> Decimal | None:
    """Return the number in a cell, be it one or text that is one (:func:`numbers.read`)."""
    if isinstance(cell, Decimal):
        return cell
    return numbers.read(cell) if isinstance(cell, str) else None


def day(cell: Cell) -> date | None:
    """Return the day in a cell, be it one or text that is one (:func:`clock.parse_date`)."""
    if isinstance(cell, date):
        return cell
    try:
        return clock.parse_date(cell) if isinstance(cell, str) else None
    except ValueError:
        return None


def label(cell: Cell) -> str:
    """Return a cell as text: a code that was typed as a number keeps its digits, no groups."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return clock.format_date(cell) if isinstance(cell, date) else cell or ""


def clean(value: str) -> str | None:
    """Return the text of a cell in NFC without blanks around it; None when nothing is left."""
    return text.nfc(value).strip() or None


def column_name(index: int) -> str:
    """Return the letters by which spreadsheets call the column at an index from 0."""
    name, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def tidy(rows: Iterable[Sequence[Cell]]) -> Sheet:
    """Find the headings and return the table; ``rows`` are all of the file, from its first.

    :raises SheetError: nothing there, too large, a heading missing or given twice.
    """
    kept: list[tuple[Cell, ...]] = []
    last = filled = 0
    for place, row in enumerate(rows, 1):
        if place > MAX_SCANNED:
            raise SheetError(
                _(
                    "The table goes on after row %(row)s. Delete the empty rows below it.",
                    row=MAX_SCANNED,
                )
            )
        kept.append(_trimmed(row, place))
        if kept[-1]:
            last, filled = place, filled + 1
            # Title and headings are not counted.
            if filled > MAX_ROWS + MAX_TITLES + 1:
                raise _too_many_rows()
    del kept[last:]
    at = _header_index(kept)
    header = _header(kept[at], at + 1)
    body = kept[at + 1 :]
    if len(body) > MAX_ROWS:
        raise _too_many_rows()
    for place, cells in enumerate(body, at + 2):
        if len(cells) > len(header):
            cell_name = f"{column_name(len(cells) - 1)}{place}"
            raise SheetError(
                _(
                    "Cell %(cell)s has no heading above it. Write one in row %(row)s or empty it.",
                    cell=cell_name,
                    row=at + 1,
                )
            )
    width = len(header)
    return Sheet(header, tuple(r + (None,) * (width - len(r)) for r in body), at + 2)


def _trimmed(row: Sequence[Cell], place: int) -> tuple[Cell, ...]:
    """Return a row without the empty cells at its end, within the limits."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    if end > MAX_COLUMNS:
        raise SheetError(
            _(
                "Row %(row)s has more than %(limit)s columns. Leave out what is not needed.",
                row=place,
                limit=MAX_COLUMNS,
            )
        )
    for index, cell in enumerate(row[:end]):
        if isinstance(cell, str) and len(cell) > MAX_CELL:
            cell_name = f"{column_name(index)}{place}"
            raise SheetError(
                _(
                    "Cell %(cell)s holds more than %(limit)s characters. Shorten it.",
                    cell=cell_name,
                    limit=numbers.write(MAX_CELL),
                )
            )
    return tuple(row[:end])


def _header_index(rows: Sequence[tuple[Cell, ...]]) -> int:
    """Return the index of the row of headings: the first one that is no title over the table."""
    filled = [i for i, row in enumerate(rows) if row]
    if not filled:
        raise SheetError(_("The file holds no table. Write the headings in its first row."))
    wide = (i for i in filled[: MAX_TITLES + 1] if sum(c is not None for c in rows[i]) > 1)
    # One cell in each row: a table of one column, not titles of nothing.
    return next(wide, filled[0])


def _header(row: tuple[Cell, ...], place: int) -> tuple[str, ...]:
    names = [" ".join(label(cell).split()) for cell in row]
    seen: dict[str, str] = {}
    for index, name in enumerate(names):
        column = column_name(index)
        if not name:
            raise SheetError(
                _(
                    "Column %(column)s has no heading in row %(row)s. Write one, or delete the "
                    "column.",
                    column=column,
                    row=place,
                )
            )
        before = seen.setdefault(name.casefold(), column)
        if before != column:
            raise SheetError(
                _(
                    "Columns %(one)s and %(other)s have the same heading “%(name)s”. Give each "
                    "its own.",
                    one=before,
                    other=column,
                    name=text.excerpt(name, 80),
                )
            )
    return tuple(names)


def _too_many_rows() -> SheetError:
    return SheetError(
        _(
            "The table has more than %(limit)s rows. Split it over several files.",
            limit=numbers.write(MAX_ROWS),
        )
    )
