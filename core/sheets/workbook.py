"""Tables as Excel workbooks (.xlsx): the values as they were saved, never calculated here."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Generator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import PurePosixPath
from typing import IO, Any
from xml.parsers import expat

from flask_babel import gettext as _

from hoitu.core import archives, clock, numbers
from hoitu.core.sheets.table import MAX_ROWS, Cell, SheetError, clean, column_name

MAX_PACKED = 20 << 20
LIMITS = archives.Limits(members=2_000, unpacked=200 << 20, ratio=200)
#: Most tags in one part and in all that are read: what they cost is time and memory, not bytes.
MAX_TAGS_OF_TABLE = 3_000_000
MAX_TAGS_OF_PART = 300_000
#: Most cells of a row, as in the spreadsheets themselves.
MAX_ROW_CELLS = 16_384

_TABLES = re.compile(r"xl/(worksheets/|sharedStrings)")
_XML = (".xml", ".rels")
_LEGACY = b"\xd0\xcf\x11\xe0"
_PIECE = 1 << 16


def rows_of(source: IO[bytes]) -> Generator[Sequence[Cell], None, None]:
    """Yield the rows of the first visible sheet; the file is rewound.

    :raises SheetError: no workbook, one with macros or links to others, damaged, too large, or
        with a cell whose value is not known.
    """
    _examine(source)
    # A process that only serves pages does not load it.
    import openpyxl

    try:
        # The library warns of all it does not support (printing, styles): nothing we read.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(source, read_only=True, data_only=True, keep_links=False)
            yield from _first_sheet(book, source)
    except SheetError:
        raise
    # What is damaged, or made to harm, meets the library as any exception there is.
    except Exception as wrong:
        raise SheetError(_damaged()) from wrong
    finally:
        source.seek(0)


def _examine(source: IO[bytes]) -> None:
    """Look at everything the file unpacks to, before anything is parsed."""
    if source.read(4) == _LEGACY:
        raise SheetError(
            _(
                "The table is locked by a password or in the old form .xls. Save it as .xlsx "
                "without a password."
            )
        )
    if source.seek(0, 2) > MAX_PACKED:
        raise SheetError(
            _("The file is larger than %(limit)s MB. Split it.", limit=MAX_PACKED >> 20)
        )
    tags: Counter[str] = Counter()
    names: set[str] = set()
    try:
        for name, piece in archives.pieces(source, LIMITS):
            if name not in names:
                names.add(name)
                _refuse_active(name)
            if name.lower().endswith(_XML):
                part = "" if _TABLES.match(name) else name
                tags[part] += piece.count(b"<")
                if tags[part] > (MAX_TAGS_OF_PART if part else MAX_TAGS_OF_TABLE):
                    raise SheetError(
                        _(
                            "The workbook is too large: a table may have %(limit)s rows. Copy what "
                            "is needed into a new one.",
                            limit=numbers.write(MAX_ROWS),
                        )
                    )
            if name == "[Content_Types].xml" and b"macroEnabled" in piece:
                raise SheetError(_macros())
    except archives.ArchiveError as wrong:
        raise SheetError(str(wrong)) from wrong


def _refuse_active(name: str) -> None:
    lower = name.lower()
    if PurePosixPath(lower).name.startswith("vbaproject") or "macrosheets/" in lower:
        raise SheetError(_macros())
    if lower.startswith(("xl/externallinks/", "xl/connections.xml", "xl/querytables/")):
        raise SheetError(
            _("The workbook takes values from other files. Break the links, or copy the values.")
        )
    if lower.startswith(("xl/embeddings/", "xl/activex/")):
        raise SheetError(_("The workbook holds other files inside. Copy the table into a new one."))


def _first_sheet(book: Any, source: IO[bytes]) -> Generator[Sequence[Cell], None, None]:
    sheet = next((s for s in book.worksheets if s.sheet_state == "visible"), None)
    if sheet is None:
        raise SheetError(_("The workbook has no sheet that is shown. Show the one with the table."))
    # The library keeps of a formula its value or its text; whether it has a value we look up.
    with zipfile.ZipFile(source) as archive, archive.open(sheet._worksheet_path) as part:
        _survey(part)
    # What the sheet states of its size may be wrong.
    sheet.reset_dimensions()
    for row_number, row in enumerate(sheet.iter_rows(), 1):
        yield [
            _value(c.value, c.data_type, f"{column_name(i)}{row_number}") if c.value is not None
            else None
            for i, c in enumerate(row)
        ]  # fmt: skip


def _value(value: object, kind: str, place: str) -> Cell:
    # A number that no computer holds is an error as well.
    if kind == "e" or (isinstance(value, float) and not isfinite(value)):
        raise SheetError(
            _(
                "Cell %(cell)s holds the error %(error)s. Mend the formula or empty the cell.",
                cell=place,
                error=str(value)[:20],
            )
        )
    found: Cell
    match value:
        case bool():
            found = "TRUE" if value else "FALSE"
        case int():
            found = Decimal(value)
        case float():
            # As many digits as a spreadsheet shows: 0.1 + 0.2 is 0.3.
            found = Decimal(f"{value:.15g}")
        case datetime():
            found = value.date() if value.time() == time() else _with_time(value)
        case date():
            found = value
        case time():
            found = f"{value:%H:%M}"
        case timedelta():
            minutes = round(value.total_seconds() / 60)
            found = f"{minutes // 60}:{minutes % 60:02}"
        case _:
            found = clean(str(value))
    return found


def _with_time(value: datetime) -> str:
    return f"{value:%H:%M} {clock.format_date(value.date())}"


def _survey(part: IO[bytes]) -> None:
    """Read the sheet once as plain XML: no entities, no endless row, no formula without value."""
    reader = _Survey()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    while piece := part.read(_PIECE):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


class _Survey:
    """Handlers of the XML parser."""

    def __init__(self) -> None:
        self._cells = 0
        self._place = ""
        self._is_formula = self._is_text = self._has_value = self._in_value = False

    def refuse(self, *_arguments: object) -> None:
        raise SheetError(_damaged())

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(" ")[2]:
            case "row":
                self._cells = 0
            case "c":
                self._cells += 1
                if self._cells > MAX_ROW_CELLS:
                    raise SheetError(_damaged())
                self._place = attributes.get("r", "")
                self._is_formula = self._has_value = False
                self._is_text = attributes.get("t") == "str"
            case "f":
                self._is_formula = True
            case "v":
                self._in_value = True
                # Text that a formula gave may be empty.
                self._has_value = self._is_text

    def text(self, _text: str) -> None:
        if self._in_value:
            self._has_value = True

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name == "v":
            self._in_value = False
        elif name == "c" and self._is_formula and not self._has_value:
            raise SheetError(
                _(
                    "Cell %(cell)s is a formula without a saved value. Open the file in a "
                    "spreadsheet program, save it there and send it again.",
                    cell=self._place,
                )
            )


def _macros() -> str:
    return str(_("The workbook holds macros. Save it as .xlsx, without macros."))


def _damaged() -> str:
    return str(_("The workbook is damaged and cannot be read. Save it again as .xlsx."))
