"""Fonts of a theme as a PDF needs them.

A theme ships a font as files for some letters each, told apart by ``unicode-range`` under one name.
Browsers put them together; WeasyPrint 68 does not read the ranges and takes all files of a name and
weight for one font, so that letters come out as others, or in another weight (seen in the text that
is read back from the file). So the files of one font are made one file before they are used.
"""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from functools import lru_cache
from io import BytesIO
from typing import Any, Final
from urllib.parse import urldefrag, urljoin

#: Begins the part of an address behind ``#`` that names the other files of a font.
_WITH: Final = "with="
_FACE: Final = re.compile(r"@font-face\s*\{[^}]*\}")
_NAMED: Final = re.compile(r"(font-family|font-weight|font-style)\s*:\s*([^;}]+)")
_RANGE: Final = re.compile(r"unicode-range\s*:[^;}]*;?")
_SOURCE: Final = re.compile(r"url\(\s*[\"']?([^\"')]+)[\"']?\s*\)")
#: Tables that cannot be put together, or say nothing to a printer; kerning goes with them.
_LEFT_OUT: Final = ("GSUB", "GPOS", "GDEF", "DSIG", "STAT")


def together(sheet: str) -> str:
    """Return a style sheet in which the files of one font are one source.

    >>> together('@font-face { font-family: A; src: url("x"); unicode-range: U+1EA0 }'
    ...          '@font-face { font-family: A; src: url("y"); unicode-range: U+00-FF }')
    '@font-face { font-family: A; src: url("x#with=y");  }'
    """
    files: dict[frozenset[tuple[str, str]], list[str]] = defaultdict(list)
    for face in _FACE.findall(sheet):
        if source := _SOURCE.search(face):
            files[_key(face)].append(source[1])
    told: set[frozenset[tuple[str, str]]] = set()

    def join(face: re.Match[str]) -> str:
        found = files[_key(face[0])]
        if len(found) < 2:
            return face[0]
        if _key(face[0]) in told:
            return ""
        told.add(_key(face[0]))
        first, *others = found
        source = f'url("{first}#{_WITH}{"|".join(others)}")'
        return _SOURCE.sub(lambda _url: source, _RANGE.sub("", face[0]), count=1)

    return _FACE.sub(join, sheet)


def parts_of(address: str) -> list[str]:
    """Return the addresses of the files that one source stands for."""
    first, fragment = urldefrag(address)
    others = fragment.removeprefix(_WITH).split("|") if fragment.startswith(_WITH) else []
    return [first, *(urljoin(first, other) for other in others)]


@lru_cache(maxsize=16)
def joined(files: tuple[bytes, ...]) -> bytes:
    """Return the files of one font as one; of a letter that several have, the first counts."""
    library: Any = importlib.import_module("fontTools.ttLib")
    merging: Any = importlib.import_module("fontTools.merge")
    plain = []
    for content in files:
        font = library.TTFont(BytesIO(content))
        # Packed for the web; the merging wants it unpacked.
        font.flavor = None
        unpacked = BytesIO()
        font.save(unpacked)
        unpacked.seek(0)
        plain.append(unpacked)
    options = merging.Options(drop_tables=list(_LEFT_OUT))
    made = BytesIO()
    merging.Merger(options=options).merge(plain).save(made)
    return made.getvalue()


def _key(face: str) -> frozenset[tuple[str, str]]:
    return frozenset((name, value.strip()) for name, value in _NAMED.findall(face))
