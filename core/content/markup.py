"""HTML fragments of rich text: read as pieces that keep how they are written, or as a tree.

What is stored was cleaned (:class:`hoitu.core.content.kinds.RichText`), so that it is well formed.
What is not, such as a text that is still being typed, is read as far as it goes and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser

START, END, TEXT = "start", "end", "text"
#: Elements that hold nothing and have no end.
VOID = frozenset({"br", "hr", "img", "wbr", "input", "col", "source"})
_INLINE = frozenset({"a", "strong", "em", "u", "s", "sub", "sup", "abbr", "span", "b", "i"})
# The standard parser would look for the end of such a tag from each following "<" again.
_UNFINISHED_TAG = re.compile("<[a-zA-Z/!?]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A tag or a run of text of a fragment; ``source`` is what stands there, entities and all."""

    kind: str
    source: str
    tag: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text of a run, entities resolved."""
        return unescape(self.source)

    def rewritten(self, **attributes: str | None) -> Piece:
        """Return the start tag with other values; None takes an attribute away."""
        kept = {**self.attributes, **attributes}
        told = {name: value for name, value in kept.items() if value is not None}
        return start(self.tag, told)


def start(tag: str, attributes: Mapping[str, str]) -> Piece:
    """Return a start tag."""
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return Piece(START, f"<{tag}{written}>", tag, attributes)


def run(text: str) -> Piece:
    """Return text as a piece, what would be markup escaped."""
    return Piece(TEXT, escape(text, quote=False))


def written(pieces: Iterable[Piece]) -> str:
    """Return the fragment that pieces make up."""
    return "".join(piece.source for piece in pieces)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[Piece] = []
        self._run: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.end_run()
        named = {name: value or "" for name, value in attrs}
        self.pieces.append(Piece(START, self.get_starttag_text() or "", tag, named))

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        self.end_run()
        self.pieces.append(Piece(END, f"</{tag}>", tag))

    def handle_data(self, data: str) -> None:
        self._run.append(data)

    def handle_entityref(self, name: str) -> None:
        # The sign after the name is not told; all that is stored has its semicolon.
        self._run.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._run.append(f"&#{name};")

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        # The standard parser raises AssertionError on <![x y]>, which word processors write.
        return self.parse_bogus_comment(i)

    def end_run(self) -> None:
        """Keep the text since the last tag, as one run."""
        if self._run:
            self.pieces.append(Piece(TEXT, "".join(self._run)))
            self._run = []


def pieces(html: str) -> list[Piece]:
    """Return the tags and runs of text of a fragment, in order; comments are left out.

    Runs are as long as can be: an entity does not part them, a tag does.
    """
    reader = _Reader()
    reader.feed(html)
    if not _UNFINISHED_TAG.match(reader.rawdata):
        reader.close()
    reader.end_run()
    return reader.pieces


@dataclass(slots=True)
class Element:
    """An element with what it holds; the fragment itself is one without a tag."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The visible text on one line; pictures count with their alternative text."""
        return " ".join("".join(self._words()).split())

    @property
    def text(self) -> str:
        """The visible text on one line, without pictures."""
        return " ".join("".join(self._words(pictures=False)).split())

    def every(self, *tags: str) -> Iterator[Element]:
        """Yield the elements below with one of these tags, in the order of the text."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                yield from child.every(*tags)

    def _words(self, *, pictures: bool = True) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag == "img":
                yield f" {child.attributes.get('alt', '')} " if pictures else ""
            elif child.tag in ("br", "hr"):
                yield " "
            else:
                inline = child.tag in _INLINE
                yield "" if inline else " "
                yield from child._words(pictures=pictures)
                yield "" if inline else " "


def tree(html: str) -> Element:
    """Return a fragment as a tree; what was never closed ends with what holds it."""
    root = Element("")
    opened = [root]
    for piece in pieces(html):
        if piece.kind == TEXT:
            opened[-1].children.append(piece.text)
        elif piece.kind == START:
            element = Element(piece.tag, piece.attributes)
            opened[-1].children.append(element)
            if piece.tag not in VOID:
                opened.append(element)
        elif any(element.tag == piece.tag for element in opened[1:]):
            while opened.pop().tag != piece.tag:
                pass
    return root
