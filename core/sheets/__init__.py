"""Tables that people bring as files and take away: .xlsx and .csv, read with distrust.

Nothing of an upload is believed: sizes are counted while unpacking, a table ends at fixed limits,
formulas are never evaluated, and what is written runs as a formula nowhere.
"""

from __future__ import annotations

from hoitu.core.sheets.delimited import as_csv, harmless
from hoitu.core.sheets.reading import read
from hoitu.core.sheets.table import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Sheet,
    SheetError,
    day,
    label,
    number,
)
from hoitu.core.sheets.writing import MEDIA_TYPES, Options, write_csv, write_xlsx

__all__ = [
    "MAX_CELL",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "MEDIA_TYPES",
    "Cell",
    "Options",
    "Sheet",
    "SheetError",
    "as_csv",
    "day",
    "harmless",
    "label",
    "number",
    "read",
    "write_csv",
    "write_xlsx",
]
