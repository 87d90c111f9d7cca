"""Files in words: what kind a file is, and how large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import format_decimal, lazy_gettext
from flask_babel import gettext as _

_UNITS: Final = ("B", "kB", "MB", "GB")
#: What people call the kinds of files that may be uploaded.
KINDS: Final[Mapping[str, Any]] = {
    "application/pdf": lazy_gettext("PDF document"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": lazy_gettext(
        "Word document"
    ),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": lazy_gettext(
        "Excel table"
    ),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": lazy_gettext(
        "PowerPoint slides"
    ),
    "application/msword": lazy_gettext("Word document (old form)"),
    "application/vnd.ms-excel": lazy_gettext("Excel table (old form)"),
    "application/vnd.oasis.opendocument.text": lazy_gettext("OpenDocument text"),
    "application/vnd.oasis.opendocument.spreadsheet": lazy_gettext("OpenDocument table"),
    "text/csv": lazy_gettext("CSV table"),
    "text/plain": lazy_gettext("Plain text"),
    "application/geo+json": lazy_gettext("Map layer (GeoJSON)"),
    "application/zip": lazy_gettext("ZIP archive"),
    "image/png": lazy_gettext("PNG picture"),
    "image/jpeg": lazy_gettext("JPEG picture"),
    "image/webp": lazy_gettext("WebP picture"),
    "image/gif": lazy_gettext("GIF picture"),
}


def kind_of(media_type: str) -> str:
    """Return what people call a kind of file."""
    return str(KINDS.get(media_type) or _("File"))


def size_of(size: int) -> str:
    """Return a number of bytes as people write it in the language of the page: ``17,3 kB``."""
    amount, unit = float(size), 0
    while round(amount, 1) >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    digits = 1 if unit and amount < 100 else 0
    return f"{format_decimal(round(amount, digits))} {_UNITS[unit]}"
