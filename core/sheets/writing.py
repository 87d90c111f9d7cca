"""Tables to take away, written row by row: a long one is never held in memory as a whole."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import escape

from hoitu.core import text
from hoitu.core.sheets.delimited import FORMULA, harmless, written
from hoitu.core.sheets.table import MAX_CELL, Cell, column_name

#: Media types, by what the name of the file ends with.
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Widest and narrowest column that is made to fit its heading, in characters.
_WIDEST, _NARROWEST = 48, 12
#: Rows of a template that offer the options of their column.
_OFFERED_ROWS = 2_000
#: A day and a text like a formula, in the row that shows how cells of either are styled.
_PATTERN: Sequence[Cell] = (date(2000, 1, 1), "=")
_FIRST_SHEET = "xl/worksheets/sheet1.xml"
_ROW_OF_PATTERN = re.compile('(<row r="2">.*?</row>)', re.DOTALL)
_STYLE = re.compile(r'<c [^>]*\bs="(\d+)"')
#: Spreadsheets count days from here.
_DAY_NOUGHT = date(1899, 12, 30).toordinal()


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand in a column of a table that is to be filled in."""

    heading: str
    values: Sequence[str]


def write_csv(target: IO[bytes], header: Iterable[object], rows: Iterable[Iterable[Cell]]) -> None:
    """Write a table as :func:`as_csv` does, row by row."""
    out = io.TextIOWrapper(target, "utf-8", newline="", write_through=True)
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(harmless(str(name)) for name in header)
    for row in rows:
        writer.writerow(map(written, row))
    # The file is the caller's to close.
    out.detach()


def write_xlsx(
    target: IO[bytes],
    header: Sequence[object],
    rows: Iterable[Iterable[Cell]],
    *,
    title: str = "",
    options: Sequence[Options] = (),
    options_title: str = "",
) -> None:
    """Write a table as a workbook: headings that stay in sight, real numbers and days.

    Text that looks like a formula is text, and stays so when somebody edits its cell. ``options``
    become a second sheet, and lists to choose from below the headings of the same name.
    """
    # A process that only serves pages does not load it.
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    headings = [text.nfc(str(name)) for name in header]
    for index, heading in enumerate(headings):
        width = max(_NARROWEST, min(_WIDEST, len(heading) + 4))
        sheet.column_dimensions[column_name(index)].width = width
    sheet.append([_heading(sheet, heading) for heading in headings])
    # A pattern of the cells that need a style; the rows take its place.
    sheet.append([_cell(sheet, value) for value in _PATTERN])
    if options:
        _offer(book, sheet, headings, options, _sheet_title(options_title))
    pattern = io.BytesIO()
    book.save(pattern)
    _fill(pattern, target, rows)


def _fill(pattern: IO[bytes], target: IO[bytes], rows: Iterable[Iterable[Cell]]) -> None:
    """Write a workbook whose first sheet has rows in the place of its pattern.

    The library takes three times as long for a cell as its XML does.
    """
    with (
        zipfile.ZipFile(pattern) as made,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as filled,
    ):
        for part in made.namelist():
            if part != _FIRST_SHEET:
                filled.writestr(part, made.read(part))
        before, row, after = _ROW_OF_PATTERN.split(made.read(_FIRST_SHEET).decode(), maxsplit=1)
        day, quoted = _STYLE.findall(row)
        with filled.open(_FIRST_SHEET, "w") as sheet:
            sheet.write(before.encode())
            for number, values in enumerate(rows, 2):
                cells = (
                    _xml(f"{column_name(index)}{number}", value, day, quoted)
                    for index, value in enumerate(values)
                )
                sheet.write(f'<row r="{number}">{"".join(cells)}</row>'.encode())
            sheet.write(after.encode())


def _xml(place: str, value: Cell, day: str, quoted: str) -> str:
    """Return a cell; ``day`` and ``quoted`` are the styles of days and of text like a formula."""
    if isinstance(value, Decimal):
        return f'<c r="{place}"><v>{value}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="{day}"><v>{value.toordinal() - _DAY_NOUGHT}</v></c>'
    if not isinstance(value, str) or not value:
        return ""
    kept = _text(value)
    style = f' s="{quoted}"' if kept.startswith(FORMULA) else ""
    said = escape(kept)
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'


def _offer(
    book: Any, sheet: Any, headings: Sequence[str], options: Sequence[Options], title: str
) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    second = book.create_sheet(title)
    second.freeze_panes = "A2"
    for index, offered in enumerate(options):
        second.column_dimensions[column_name(index)].width = _WIDEST
        if not offered.values or offered.heading not in headings:
            continue
        letters, below = column_name(index), column_name(headings.index(offered.heading))
        quoted = title.replace("'", "''")
        choice = DataValidation(
            type="list",
            formula1=f"'{quoted}'!${letters}$2:${letters}${len(offered.values) + 1}",
            allow_blank=True,
            sqref=f"{below}2:{below}{_OFFERED_ROWS}",
        )
        # An old name or a key is understood as well: what is typed is warned of, not refused.
        choice.showErrorMessage = False
        sheet.data_validations.append(choice)
    second.append([_heading(second, offered.heading) for offered in options])
    for number in range(max((len(offered.values) for offered in options), default=0)):
        second.append(
            [_cell(second, o.values[number] if number < len(o.values) else None) for o in options]
        )


def _heading(sheet: Any, value: str) -> Any:
    from openpyxl.styles import Font

    cell = _cell(sheet, value)
    cell = cell if hasattr(cell, "font") else _bare(sheet, cell)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Cell) -> Any:
    """Return a value as the library takes it: text is text, whatever it begins with."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else value
    if isinstance(value, date):
        cell = _bare(sheet, value)
        cell.number_format = "dd/mm/yyyy"
        return cell
    if not isinstance(value, str):
        return None
    value = _text(value)
    if not value.startswith(FORMULA):
        return value
    cell = _bare(sheet, value)
    # Of text that begins with an equals sign the library makes a formula by itself.
    cell.data_type, cell.quotePrefix = "s", True
    return cell


def _text(value: str) -> str:
    """Return a text as a cell holds it."""
    value = text.nfc(value)
    if len(value) > MAX_CELL:
        value = value[: MAX_CELL - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return value


def _bare(sheet: Any, value: object) -> Any:
    from openpyxl.cell import WriteOnlyCell

    return WriteOnlyCell(sheet, value)


def _sheet_title(title: str) -> str:
    """Return a title as spreadsheets accept it: 31 characters, without some signs."""
    kept = "".join(" " if sign in "[]:*?/\\'" else sign for sign in text.nfc(title))
    return kept.strip()[:31] or "1"
