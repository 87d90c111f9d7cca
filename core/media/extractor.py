"""The program that reads the text of a document nobody vouches for, run as a process of its own.

The document comes on the standard input, which can be rewound, the text goes to the standard
output; the exit code is one of those below. It imports nothing of the platform: it starts fast, and
gets no environment and no open file of the process that started it. Its limits are set before a
byte is read, and can only be lowered afterwards. It is no sandbox: it runs as the same user, and
whatever breaks into it can read what that user can.

>>> python -I extractor.py .pdf < document > text
"""

from __future__ import annotations

import os
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: Exit codes; any other means that the document cannot be read.
DONE, SCAN, LOCKED = 0, 10, 11
#: Most pages, slides or sheets that are read, and most characters that are told.
PAGES, CHARACTERS = 300, 400_000
#: Most bytes that one part of an office document may unpack to.
PART = 64 << 20
#: Fewer letters on a page than this, one page with another, are no text: a stamp on a scan.
LETTERS = 5
#: Seconds of the processor, bytes of memory, of the text, and open files.
_LIMITS = {
    resource.RLIMIT_CPU: 30,
    resource.RLIMIT_AS: 1 << 30,
    resource.RLIMIT_FSIZE: 8 << 20,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 32,
}
#: Error of PDFium for a document that wants a password.
_PASSWORD = 4
#: What an office document with a password is instead of a zip file.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
#: What is not for readers: notes of reviewers, and what was deleted but is kept.
_UNREAD = frozenset({f"{_OFFICE}annotation", f"{_TEXT}tracked-changes"})

_LETTER = re.compile(r"[^\W\d_]")


class Locked(Exception):
    """The document wants a password."""


class Scan(Exception):
    """The document has pages, and no text worth the name on them."""


def pdf(source: IO[bytes]) -> Iterator[str]:
    """Yield the text of the pages of a PDF.

    :raises Locked: it wants a password.
    :raises Scan: its pages are pictures.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise Locked from error
        raise
    pages = min(len(document), PAGES)
    letters = 0
    for number in range(pages):
        page = document[number]
        told = page.get_textpage().get_text_range()
        page.close()
        letters += len(_LETTER.findall(told))
        yield told
    if letters < LETTERS * pages:
        raise Scan


def word(source: IO[bytes]) -> Iterator[str]:
    """Yield the text of a Word document and its notes, without comments and deleted text."""
    with zipfile.ZipFile(source) as package:
        for name in ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml"):
            if name in package.namelist():
                yield from _runs(package, name, f"{_WORD}t", f"{_WORD}p")


def slides(source: IO[bytes]) -> Iterator[str]:
    """Yield the text of the slides of a presentation, without the notes of the speaker."""
    with zipfile.ZipFile(source) as package:
        for name in _numbered(package, r"ppt/slides/slide(\d+)\.xml"):
            yield from _runs(package, name, f"{_DRAWING}t", f"{_DRAWING}p")


def sheets(source: IO[bytes]) -> Iterator[str]:
    """Yield the words in the cells of a workbook; figures are not looked for."""
    with zipfile.ZipFile(source) as package:
        names = _numbered(package, r"xl/worksheets/sheet(\d+)\.xml")
        for name in [n for n in ("xl/sharedStrings.xml",) if n in package.namelist()] + names:
            yield from _runs(package, name, f"{_SHEET}t", f"{_SHEET}si", f"{_SHEET}c")


def open_document(source: IO[bytes]) -> Iterator[str]:
    """Yield the paragraphs of an OpenDocument text or the cells of a sheet, without remarks."""
    ends = frozenset({f"{_TEXT}p", f"{_TEXT}h"})
    spaces = frozenset({f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"})
    with zipfile.ZipFile(source) as package:
        unread = paragraphs = 0
        for event, element in _parse(package, "content.xml"):
            began, tag = event == "start", element.tag
            if tag in _UNREAD:
                unread += 1 if began else -1
            if tag in ends:
                paragraphs += 1 if began else -1
            # The text of an element is there at its end; what follows it, at the end of its parent.
            if not began and tag in ends and not paragraphs and not unread:
                yield "".join(_pieces(element, spaces))
                element.clear()


READERS: dict[str, Callable[[IO[bytes]], Iterator[str]]] = {
    ".pdf": pdf,
    ".docx": word,
    ".pptx": slides,
    ".xlsx": sheets,
    ".odt": open_document,
    ".ods": open_document,
}


def tell(extension: str, source: IO[bytes], target: IO[bytes]) -> int:
    """Write the text of a document, line by line, and return the exit code."""
    told: list[str] = []
    left = CHARACTERS
    try:
        head = source.read(len(_OLE))
        source.seek(0)
        if head == _OLE:
            raise Locked
        for line in READERS[extension](source):
            words = " ".join(line.split())[:left]
            told.append(words)
            left -= len(words) + 1
            if left <= 0:
                break
    except Locked:
        return LOCKED
    except Scan:
        return SCAN
    except RuntimeError as error:
        # So the standard library says that a member of a zip file is encrypted.
        if "password" in str(error):
            return LOCKED
        raise
    target.write("\n".join(filter(None, told)).encode("utf-8", "replace"))
    target.flush()
    return DONE


def _runs(package: zipfile.ZipFile, name: str, run: str, *ends: str) -> Iterator[str]:
    """Yield the text of the runs of a part of an Office Open XML document, block by block."""
    block: list[str] = []
    for event, element in _parse(package, name):
        if event == "start":
            continue
        if element.tag == run:
            block.append(element.text or "")
        elif element.tag in ends:
            yield "".join(block)
            block.clear()
            element.clear()
        elif element.tag.endswith(("}tab", "}br")):
            block.append(" ")


def _pieces(element: Element, spaces: frozenset[str]) -> Iterator[str]:
    """Yield the text of an element of an OpenDocument with all that is inside, in its order."""
    if element.tag in _UNREAD:
        return
    if element.tag in spaces:
        yield " "
    yield element.text or ""
    for child in element:
        yield from _pieces(child, spaces)
        yield child.tail or ""


def _parse(package: zipfile.ZipFile, name: str) -> Iterator[tuple[str, Element]]:
    from defusedxml.ElementTree import iterparse

    member = package.getinfo(name)
    if member.file_size > PART:
        raise ValueError(f"{name} is too large")
    with package.open(member) as part:
        yield from iterparse(part, events=("start", "end"), forbid_dtd=True)


def _numbered(package: zipfile.ZipFile, pattern: str) -> list[str]:
    """Return the parts whose names match, by the number in them."""
    found = {int(m[1]): m[0] for m in map(re.compile(pattern).fullmatch, package.namelist()) if m}
    return [found[number] for number in sorted(found)][:PAGES]


def main() -> int:
    """Set the limits and read the standard input."""
    for limit, most in _LIMITS.items():
        _soft, hard = resource.getrlimit(limit)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (allowed, allowed))
    os.nice(10)
    return tell(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    sys.exit(main())
