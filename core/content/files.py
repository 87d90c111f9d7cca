"""Files: bytes in a store under their SHA-256, rows in the database, types told by content."""

from __future__ import annotations

import hashlib
import json
import os
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, runtime_checkable

import puremagic
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.utils import secure_filename

from hoitu.core import archives, imaging, text
from hoitu.core.access import audit
from hoitu.core.content import packages
from hoitu.core.content.actions import ActionContext
from hoitu.core.content.item import File
from hoitu.core.content.problems import Problem, Refused

#: What may be uploaded, by extension. Everything is served with `nosniff`; what is not in SHOWN is
#: served as a download.
ALLOWED = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".geojson": "application/geo+json",
    ".zip": "application/zip",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif"})
#: Formats that are zip files inside.
PACKED = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".zip"})
#: Most bytes of a map layer: it is read as a whole, here and by every browser that draws it.
GEOJSON_LIMIT = 10 << 20
#: RFC 7946, section 1.4.
_GEOJSON_TYPES = frozenset({
    "FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint", "LineString",
    "MultiLineString", "Polygon", "MultiPolygon",
})  # fmt: skip
_CHUNK = 1 << 20


@runtime_checkable
class FileStore(Protocol):
    """Where bytes are kept; put once, never changed."""

    def put(self, source: IO[bytes]) -> tuple[str, int]:
        """Store the bytes; return their SHA-256 and length."""
        ...

    def open(self, sha256: str) -> IO[bytes]:
        """Open stored bytes; FileNotFoundError when they are gone."""
        ...


class LocalFiles:
    """The embedded store: files below ``instance/files``, two levels of folders."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, source: IO[bytes]) -> tuple[str, int]:
        """Store the bytes under their hash; a second copy costs nothing."""
        self._root.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        partial = self._root / f".partial-{os.getpid()}-{os.urandom(6).hex()}"
        try:
            with partial.open("wb") as target:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            final = self._path(digest.hexdigest())
            final.parent.mkdir(parents=True, exist_ok=True)
            partial.replace(final)
        finally:
            partial.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def open(self, sha256: str) -> IO[bytes]:
        """Open stored bytes."""
        return self._path(sha256).open("rb")

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / sha256


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken in, and whether the unit had the same bytes before."""

    file: File
    known: bool


def upload(context: ActionContext, store: FileStore, name: str, source: IO[bytes]) -> File:
    """Store an upload for the context's unit and return its row; see :func:`take`."""
    return take(context, store, name, source).file


def take(context: ActionContext, store: FileStore, name: str, source: IO[bytes]) -> Taken:
    """Store an upload for the context's unit.

    Bytes the unit has already, under whatever name, are not stored again: their row is returned. Of
    a picture only its pixels are kept, not where and with what it was taken. The caller commits at
    once: until then everybody else who writes to the log waits.

    :raises Refused: not an allowed kind of file, empty, its content is not what its name says, it
        unpacks to more than a document does, a picture is damaged, or a plugin objects.
    """
    name = kept_name(name)
    extension = Path(name).suffix.lower()
    _check_content(name, extension, source)
    media_type = ALLOWED[extension]
    size: imaging.Size | None = None
    _consult(context, name, media_type, source)
    if media_type in imaging.FORMATS:
        try:
            size = imaging.examine(source, media_type)
            source = imaging.bare(source, media_type)
        except imaging.ImageError as wrong:
            raise _refusal(f"{name}: {wrong}") from wrong
    sha256, length = store.put(source)
    same = select(File).where(File.sha256 == sha256, File.unit_id == context.unit.id)
    found = context.session.scalar(same.order_by(File.id).limit(1))
    if found is not None:
        return Taken(found, known=True)
    row = File(
        sha256=sha256,
        name=_shortened(name, extension),
        media_type=media_type,
        size=length,
        uploaded_at=context.now(),
        uploaded_by=context.actor.name,
        unit_id=context.unit.id,
        width=size.width if size else None,
        height=size.height if size else None,
    )
    refold(row)
    context.session.add(row)
    context.session.flush()
    audit.record(
        context.session, context.actor, "file.upload", object_type="file", object_id=row.id,
        unit_id=context.unit.id, now=context.now(),
        detail={"name": row.name, "sha256": sha256},
    )  # fmt: skip
    return Taken(row, known=False)


def kept_name(name: str) -> str:
    """Return a file's name as it is kept: one line, which headers and PostgreSQL take."""
    return text.one_line(name)


def refold(file: File) -> None:
    """Renew what the search of the library looks in, after a name or description changed."""
    file.folded = text.fold(f"{file.name} {file.alt or ''}")[:600]


def _shortened(name: str, extension: str) -> str:
    """Return a name that fits its column, with its extension."""
    return name if len(name) <= 200 else name[: 200 - len(extension)] + extension


def _check_content(name: str, extension: str, source: IO[bytes]) -> None:
    if extension not in ALLOWED:
        allowed = ", ".join(sorted(e.lstrip(".") for e in ALLOWED))
        raise _refusal(
            _(
                "%(name)s: this kind of file is not accepted. Accepted: %(kinds)s.",
                name=name,
                kinds=allowed,
            )
        )
    head = source.read(8192)
    source.seek(0)
    if not head:
        raise _refusal(_("%(name)s is empty.", name=name))
    if not _is_what_it_says(head, extension) or not _holds_what_it_says(name, source, extension):
        raise _refusal(_("%(name)s: the content is not what the name says.", name=name))
    if extension in PACKED:
        try:
            archives.check(source)
        except archives.ArchiveError as wrong:
            raise _refusal(f"{name}: {wrong}") from wrong


def _consult(context: ActionContext, name: str, media_type: str, source: IO[bytes]) -> None:
    """Ask the plugins about the very bytes that were sent, each from their start."""

    @contextmanager
    def from_the_start() -> Iterator[None]:
        source.seek(0)
        yield

    problems = context.hooks.check_upload(context.unit, name, media_type, source, from_the_start)
    source.seek(0)
    if problems:
        raise Refused([Problem("attachments", f"{name}: {problem}") for problem in problems])


def download_name(file: File) -> str:
    """Return an ASCII file name for addresses."""
    return secure_filename(text.fold(file.name)) or "tep"


def _holds_what_it_says(name: str, source: IO[bytes], extension: str) -> bool:
    """Look into formats whose first bytes say only that they are zip files, or text."""
    if extension == ".geojson":
        return _is_geojson(name, source)
    packed = extension in packages.MAIN or extension in packages.MIMETYPES
    return packages.is_package(source, extension) if packed else True


def _is_geojson(name: str, source: IO[bytes]) -> bool:
    """Say whether a file is a map layer as RFC 7946 has it; it is rewound."""
    content = source.read(GEOJSON_LIMIT + 1)
    source.seek(0)
    if len(content) > GEOJSON_LIMIT:
        raise _refusal(
            _(
                "%(name)s is larger than the %(limit)s MB a map layer may have. Simplify it.",
                name=name,
                limit=GEOJSON_LIMIT >> 20,
            )
        )
    try:
        layer = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return False
    return isinstance(layer, dict) and str(layer.get("type")) in _GEOJSON_TYPES


def _no_number(name: str) -> float:
    # Python writes and reads NaN and Infinity; JSON has neither.
    raise ValueError(name)


def _is_text(head: bytes) -> bool:
    """Say whether the first bytes are text: UTF-16 with its mark, as Excel writes it, or 8-bit."""
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        try:
            # A character may be cut at the end of what was read.
            head = getincrementaldecoder("utf-16")().decode(head).encode()
        except UnicodeError:
            return False
    start = head.removeprefix(BOM_UTF8).lstrip().lower()
    return b"\0" not in head and not start.startswith((b"<!doctype", b"<html", b"<script"))


def _is_what_it_says(head: bytes, extension: str) -> bool:
    """Compare the first bytes with the extension; text formats must not hold binary or markup."""
    if extension in (".txt", ".csv", ".geojson"):
        return _is_text(head)
    try:
        candidates = {match.extension.lower() for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return False
    same = {
        ".jpg": {".jpg", ".jpeg", ".jfif"},
        ".docx": {".docx", ".zip"},
        ".xlsx": {".xlsx", ".zip"},
        ".pptx": {".pptx", ".zip"},
        ".odt": {".odt", ".zip"},
        ".ods": {".ods", ".zip"},
        ".doc": {".doc", ".ole"},
        ".xls": {".xls", ".ole"},
    }
    same[".jpeg"] = same[".jpg"]
    return not candidates.isdisjoint(same.get(extension, {extension}))


def _refusal(message: str) -> Refused:
    return Refused([Problem("attachments", message)])
