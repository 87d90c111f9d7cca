"""Office packages: what a zip file really holds, told without unpacking it.

Office Open XML (ECMA-376 part 2) lists the types of its parts in ``[Content_Types].xml``;
OpenDocument (part 2, 3.3) names its own in the entry ``mimetype``. Nothing here trusts a size that
the file states of itself.
"""

from __future__ import annotations

import zipfile
from pathlib import PurePath
from typing import IO
from xml.parsers import expat

from hoitu.core import archives

#: Type of the main part of each package; one with macros has another and is refused.
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
MAIN = {
    ".docx": _OPEN_XML + "wordprocessingml.document.main+xml",
    ".xlsx": _OPEN_XML + "spreadsheetml.sheet.main+xml",
    ".pptx": _OPEN_XML + "presentationml.presentation.main+xml",
}
MIMETYPES = {
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
#: Most bytes that are read of a list of parts.
LIMIT = 1 << 20

_BROKEN = (*archives.BROKEN, expat.ExpatError)


def is_package(source: IO[bytes], extension: str) -> bool:
    """Say whether a seekable file is the office package its extension names; it is rewound."""
    try:
        if not archives.has_small_directory(source):
            return False
        with zipfile.ZipFile(source) as archive:
            if extension in MIMETYPES:
                return _read(archive, "mimetype").strip() == MIMETYPES[extension].encode()
            parts = _parts(_read(archive, "[Content_Types].xml"), MAIN[extension])
            names = archive.namelist()
            return any(f"/{n}" in parts or PurePath(n).suffix in parts for n in names)
    except _BROKEN:
        return False
    finally:
        source.seek(0)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the bytes of an entry; raise ValueError when it unpacks to more than the limit."""
    entry = archive.getinfo(name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} is packed in a way that documents are not")
    with archive.open(entry) as part:
        found = part.read(LIMIT + 1)
    if len(found) > LIMIT:
        raise ValueError(f"{name} is too large")
    return found


def _parts(content_types: bytes, wanted: str) -> set[str]:
    """Return the names or endings of the parts of a type; no entities may be declared."""
    found: set[str] = set()

    def refuse(*_arguments: object) -> None:
        raise ValueError("a document type declaration")

    def note(tag: str, attributes: dict[str, str]) -> None:
        if attributes.get("ContentType") == wanted:
            # Of one part, or of all with an extension.
            name, ending = attributes.get("PartName", ""), attributes.get("Extension", "")
            found.add(name if tag.endswith("Override") else f".{ending}")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = note
    parser.Parse(content_types, True)
    return found
