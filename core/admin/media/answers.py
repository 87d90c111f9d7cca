"""Files as pages and scripts of the desk show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from hoitu.core.content import File
from hoitu.core.content.files import download_name
from hoitu.core.extensions import session
from hoitu.core.media import library
from hoitu.core.media.shared import Offered

Thumbnails = Mapping[int, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Card:
    """A file with the address of a small picture of it; '' when there is none to show."""

    file: File | Offered
    thumb: str
    #: Somebody has yet to say what the picture shows.
    undescribed: bool


def cards(files: Sequence[File]) -> list[Card]:
    """Return files of this unit as its library shows them: one statement."""
    small = library.thumbnails(session(), files)
    return [Card(f, thumbnail(f, small) or "", library.is_undescribed(f)) for f in files]


def told(file: File, small: Thumbnails) -> dict[str, Any]:
    """Return what a script needs of a file of this unit; ``url`` is what a text stores."""
    return {
        **facts(file),
        "url": f"/tep/{file.id}/{download_name(file)}",
        "thumb": thumbnail(file, small),
        "page": url_for("desk.media_file", file_id=file.id),
        "describe": url_for("desk.media_describe", file_id=file.id),
    }


def facts(file: File | Offered) -> dict[str, Any]:
    """Return what a script needs of a file wherever it is."""
    names = ("id", "name", "media_type", "size", "alt", "decorative", "width", "height")
    return {name: getattr(file, name) for name in names}


def thumbnail(file: File, small: Thumbnails) -> str | None:
    """Return the address of a small copy of a picture, or of itself while it has none."""
    if file.width is None:
        return None
    if file.id not in small:
        return url_for("files.download", file_id=file.id, name=download_name(file))
    width, extension = small[file.id]
    return url_for("files.variant", file_id=file.id, width=width, extension=extension)
