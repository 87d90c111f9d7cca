"""Tables as text with separators (CSV), as spreadsheets of all languages and ages write it."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import IO
from unicodedata import normalize

from flask_babel import gettext as _

from hoitu.core.sheets.table import Cell, SheetError, clean

MAX_BYTES = 20 << 20

#: What separates cells, the likeliest first; a comma is in Viet Nam the sign of fractions.
DELIMITERS = (";", "\t", ",")
#: Rows that are looked at to tell the separator.
_SAMPLE = 50
#: The code pages of Windows in Viet Nam, and of Windows that cannot do better.
_CODE_PAGES = ("cp1258", "cp1252")
_VOWELS = frozenset("aeiouyAEIOUY")
#: Breve, circumflex, horn, and the five tones.
_MARKS = frozenset("\u0306\u0302\u031b\u0300\u0301\u0303\u0309\u0323")
_D_WITH_STROKE = "\u0110\u0111"
#: Signs that offices write; others in a text of a code page tell that it was another one.
_SIGNS = frozenset(
    "\u00a0\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2022\u00ab\u00bb\u00a7\u00b0\u00b1\u00b2"
    "\u00b3\u00d7\u20ab\u20ac"
)
#: A cell that begins like this is a formula to a spreadsheet; the wide forms are to some.
_OPERATORS = "=+-@\uff1d\uff0b\uff0d\uff20"
FORMULA = (*_OPERATORS, "\t", "\r", "\n")
#: The same where a spreadsheet that expects another separator begins a cell within one of ours.
_FORMULA_WITHIN = re.compile(f'(?<=[;\t])(?="*[{re.escape(_OPERATORS)}])')


def as_csv(header: Iterable[object], rows: Iterable[Iterable[Cell]]) -> str:
    """Return a table as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8.

    Numbers have a point before their fraction and days are ISO 8601, for programs in any country;
    text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(harmless(str(name)) for name in header)
    for row in rows:
        writer.writerow(map(written, row))
    return out.getvalue()


def harmless(value: str) -> str:
    """Return a cell that no spreadsheet runs as a formula, wherever it cuts it."""
    value = _FORMULA_WITHIN.sub("'", value)
    return "'" + value if value.startswith(FORMULA) else value


def rows_of(source: IO[bytes]) -> Generator[Sequence[Cell], None, None]:
    """Yield the rows of a CSV file; every cell is text or None, what it means its reader knows.

    :raises SheetError: too large, of an unknown encoding, or its quotation marks do not match.
    """
    content = source.read(MAX_BYTES + 1)
    source.seek(0)
    if len(content) > MAX_BYTES:
        raise SheetError(
            _("The file is larger than %(limit)s MB. Split it.", limit=MAX_BYTES >> 20)
        )
    text = decoded(content)
    first, _line, rest = text.partition("\n")
    # Excel writes and obeys a first line that names the separator.
    if first.rstrip("\r").lower() in {f"sep={d}" for d in DELIMITERS}:
        delimiter, text = first[4], rest
    else:
        delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield [clean(cell) for cell in row]
    except csv.Error as wrong:
        raise SheetError(
            _(
                "Line %(line)s cannot be read: its quotation marks do not match. Mend it, or save "
                "the table as .xlsx.",
                line=reader.line_num,
            )
        ) from wrong


def decoded(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or a Windows code page.

    A code page is guessed, and only believed when the text is Vietnamese to the last letter: the
    old fonts of before Unicode (TCVN3, VNI) would come out as nonsense.

    :raises SheetError: it is none of these.
    """
    try:
        if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            text = content.decode("utf-16")
        else:
            text = content.removeprefix(BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        text = next(filter(None, (_guessed(content, page) for page in _CODE_PAGES)), "\0")
    if "\0" in text:
        raise SheetError(
            _(
                "The letters of the table cannot be read. Save it as “CSV UTF-8” or as .xlsx and "
                "send it again."
            )
        )
    return text


def _guessed(content: bytes, page: str) -> str | None:
    try:
        text = normalize("NFC", content.decode(page))
    except UnicodeDecodeError:
        return None
    return text if all(c.isascii() or c in _SIGNS or _is_vietnamese(c) for c in set(text)) else None


def _is_vietnamese(char: str) -> bool:
    letter, *marks = list(normalize("NFD", char))
    return char in _D_WITH_STROKE or (
        letter in _VOWELS and bool(marks) and _MARKS.issuperset(marks)
    )


def _delimiter(text: str) -> str:
    """Return the separator that cuts most rows into the same number of cells."""
    best, found = 0, ","
    for delimiter in DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
            for _number, row in zip(range(_SAMPLE), reader, strict=False):
                widths[len(row)] += len(row) > 1
        except csv.Error:
            continue
        if (most := max(widths.values(), default=0)) > best:
            best, found = most, delimiter
    return found


def written(cell: Cell) -> str:
    """Return a cell as CSV has it: a number with a point, a day as ISO 8601, harmless text."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat() if isinstance(cell, date) else harmless(cell or "")
