"""Tables as files to take away: written to a temporary file row by row, then sent in pieces.

So a table is never held in memory as a whole, and an error on the way is an error page, not a file
that ends in its middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Response, send_file

from hoitu.core import sheets

#: A file up to this size stays in memory.
_IN_MEMORY = 2 << 20


def send_table(
    form: str,
    name: str,
    header: Sequence[object],
    rows: Iterable[Iterable[sheets.Cell]],
    title: str = "",
    **more: Any,
) -> Response:
    """Return a table as a file of a form, `csv` or `xlsx`; ``more`` as `sheets.write_xlsx` has."""
    content = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 (the answer closes it)
    try:
        if form == "csv":
            sheets.write_csv(content, header, rows)
        else:
            sheets.write_xlsx(content, header, rows, title=title, **more)
        content.seek(0)
    except BaseException:
        content.close()
        raise
    return send_file(
        content,
        mimetype=sheets.MEDIA_TYPES[form],
        as_attachment=True,
        download_name=f"{name}.{form}",
        max_age=0,
    )
