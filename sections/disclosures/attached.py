"""Attached tables: read when they are checked, and shown beside the file they come from.

A stored file never changes: what was read of one is kept. Of a large one only the file is offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePath

from hoitu.core.content import File, Item
from hoitu.core.extensions import platform
from hoitu.core.sheets import Cell, Sheet, SheetError, label, number, read

#: Endings of the files that are read, and of all that a program can read.
READ = frozenset({".xlsx", ".csv"})
MACHINE_READABLE = READ | {".ods"}
SIGNED = ".pdf"
#: Larger files, and larger tables, are offered as files only.
SHOWN_BYTES, SHOWN_CELLS = 150_000, 5_000
#: Tables on one page, and tables kept in a process.
SHOWN_TABLES, KEPT = 3, 32


@dataclass(frozen=True, slots=True)
class AttachedTable:
    """A table as a page shows it: text in the first column, figures as numbers."""

    file: File
    header: Sequence[str]
    columns: Sequence[Sequence[Cell]]

    @property
    def rows(self) -> list[tuple[Cell, ...]]:
        """The cells row by row."""
        return list(zip(*self.columns, strict=True))

    def figures(self) -> dict[str, list[Decimal | None]]:
        """Return the columns of figures by heading."""
        named = zip(self.header[1:], self.columns[1:], strict=True)
        return {
            heading: [cell if isinstance(cell, Decimal) else None for cell in column]
            for heading, column in named
            if any(isinstance(cell, Decimal) for cell in column)
        }


def ending(name: str) -> str:
    """Return what a file's name ends with, such as ``.xlsx``."""
    return PurePath(name).suffix.lower()


def read_file(file: File) -> Sheet:
    """Return the table of a file, or raise SheetError, whose text says what to do."""
    with platform.files.open(file.sha256) as source:
        return read(file.name, source)


def tables_of(item: Item) -> list[AttachedTable]:
    """Return the tables of the attached files that are small enough for a page."""
    sheets = ((row.file, _small(row.file)) for row in item.attachment_rows)
    return [_table(file, sheet) for file, sheet in sheets if sheet is not None][:SHOWN_TABLES]


def _small(file: File) -> Sheet | None:
    if ending(file.name) not in READ or file.size > SHOWN_BYTES:
        return None
    try:
        return _kept(file.sha256, ending(file.name))
    except OSError:  # the bytes are gone: the page stands, the link tells
        return None


@lru_cache(maxsize=KEPT)
def _kept(sha256: str, suffix: str) -> Sheet | None:
    with platform.files.open(sha256) as source:
        try:
            sheet = read(f"table{suffix}", source)
        except SheetError:
            return None
    return sheet if len(sheet.rows) * len(sheet.header) <= SHOWN_CELLS else None


def _table(file: File, sheet: Sheet) -> AttachedTable:
    rows = [row for _place, row in sheet.numbered()]
    columns = list(zip(*rows, strict=True)) or [()] * len(sheet.header)
    return AttachedTable(file, sheet.header, [_typed(c, n) for n, c in enumerate(columns)])


def _typed(column: Sequence[Cell], place: int) -> Sequence[Cell]:
    """Return figures as numbers; as text what names rows, is mixed with text, or counts years."""
    figures = [number(cell) for cell in column]
    mixed = any(cell is not None and n is None for cell, n in zip(column, figures, strict=True))
    if place == 0 or mixed:
        return [label(cell) or None if isinstance(cell, Decimal) else cell for cell in column]
    return [label(n) or None for n in figures] if _are_years(figures) else figures


def _are_years(figures: Sequence[Decimal | None]) -> bool:
    """Say whether numbers are years in their order: they have no points between the thousands."""
    found = [n for n in figures if n is not None]
    ordered = all(a < b for a, b in pairwise(found))
    return ordered and all(n == int(n) and 1900 <= n <= 2100 for n in found)
