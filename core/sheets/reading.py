"""One way in for all kinds of table files."""

from __future__ import annotations

from contextlib import closing
from pathlib import PurePath
from typing import IO

from flask_babel import gettext as _

from hoitu.core.sheets import delimited, workbook
from hoitu.core.sheets.table import Sheet, SheetError, tidy

READERS = {".xlsx": workbook.rows_of, ".csv": delimited.rows_of}


def read(name: str, source: IO[bytes]) -> Sheet:
    """Return the table of an uploaded file, its kind told by its name; the file is rewound.

    Of a workbook the first visible sheet is read. A title above the headings is left out if each
    of its rows has one cell only. Cells of .xlsx are text, numbers or days as they were entered;
    cells of .csv are text, as only the caller knows whether 001 is a number: :func:`number` and
    :func:`day` read both.

    :raises SheetError: it cannot be read, is too large or has no clear headings.
    """
    reader = READERS.get(PurePath(name).suffix.lower())
    if reader is None:
        raise SheetError(
            _("Only tables as .xlsx or .csv can be read. Save the table as one of them.")
        )
    source.seek(0)
    with closing(reader(source)) as rows:
        return tidy(rows)
