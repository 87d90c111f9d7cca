"""Office packages: what is one, and what only calls itself so."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

import pytest

from hoitu.core import archives
from hoitu.core.content import packages
from hoitu.core.content.packages import MAIN, MIMETYPES, is_package

NAMESPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
BOMB = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>"


def packed(entries: dict[str, str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def types(
    media_type: str, name: str = 'Override PartName="/word/document.xml"', before: str = ""
) -> str:
    entry = f'<{name} ContentType="{media_type}"/>'
    return f'<?xml version="1.0"?>{before}<Types xmlns="{NAMESPACE}">{entry}</Types>'


def docx(list_of_parts: str, **more: str) -> dict[str, str]:
    return {"[Content_Types].xml": list_of_parts, "word/document.xml": "<x/>", **more}


def large_form(content: bytes) -> bytes:
    """Return a zip file that states the size of its directory a second time, as zip64 does."""
    at = content.rindex(b"PK\x05\x06")
    count, size, offset = struct.unpack_from("<HLL", content, at + 10)
    record = struct.pack(
        "<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    return content[:at] + record + locator + content[at:]


WORD = packed(docx(types(MAIN[".docx"])))


@pytest.mark.parametrize(
    ("extension", "content"),
    [
        (".docx", WORD),
        (".docx", packed(docx(types(MAIN[".docx"])), zipfile.ZIP_STORED)),
        (".docx", packed(docx(types(MAIN[".docx"], 'Default Extension="xml"')))),
        (".docx", packed(docx(types(MAIN[".docx"]), **{f"media/{n}.png": "" for n in range(500)}))),
        (".xlsx", packed(docx(types(MAIN[".xlsx"])))),
        (".pptx", packed(docx(types(MAIN[".pptx"])))),
        (".odt", packed({"mimetype": MIMETYPES[".odt"]}, zipfile.ZIP_STORED)),
        (".ods", packed({"mimetype": MIMETYPES[".ods"] + "\n"})),
    ],
)
def test_a_package(extension: str, content: bytes) -> None:
    source = BytesIO(content)
    source.seek(3)
    assert is_package(source, extension)
    assert source.tell() == 0


@pytest.mark.parametrize(
    ("extension", "content"),
    [
        (".docx", b""),
        (".docx", b"PK\x05\x06"),
        (".docx", b"%PDF-1.7\n"),
        (".docx", packed({})),
        (".docx", packed({"word/document.xml": "<x/>"})),
        (".docx", packed({"[Content_Types].xml": types(MAIN[".docx"])})),
        (".docx", packed(docx(types(MAIN[".xlsx"])))),
        (".docx", packed(docx(types(MACROS)))),
        (".docx", packed(docx("<Types"))),
        (".docx", packed(docx("\0"))),
        (".docx", packed(docx(types(MAIN[".docx"], before=BOMB)))),
        (".docx", packed(docx(types(MAIN[".docx"])), zipfile.ZIP_BZIP2)),
        (".docx", WORD[:-30]),
        (".docx", large_form(WORD)),
        (".xlsx", WORD),
        (".odt", WORD),
        (".odt", packed({"mimetype": MIMETYPES[".ods"]})),
        (".ods", packed({"content.xml": "<x/>"})),
    ],
)
def test_no_package(extension: str, content: bytes) -> None:
    source = BytesIO(content)
    assert not is_package(source, extension)
    assert source.tell() == 0


def test_a_list_of_parts_is_not_unpacked_without_end() -> None:
    listed = types(MAIN[".docx"])
    fits = packed(docx(listed + " " * (packages.LIMIT - len(listed))))
    bomb = packed(docx(listed + " " * (packages.LIMIT - len(listed) + 1)))
    assert is_package(BytesIO(fits), ".docx")
    assert len(bomb) < 5000
    assert not is_package(BytesIO(bomb), ".docx")


def test_a_directory_is_not_read_whatever_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    (size,) = struct.unpack_from("<L", WORD, len(WORD) - 10)
    monkeypatch.setattr(archives, "DIRECTORY_LIMIT", size)
    assert is_package(BytesIO(WORD), ".docx")
    monkeypatch.setattr(archives, "DIRECTORY_LIMIT", size - 1)
    # Not even opened.
    monkeypatch.setattr(packages.zipfile, "ZipFile", None)
    assert not is_package(BytesIO(WORD), ".docx")
