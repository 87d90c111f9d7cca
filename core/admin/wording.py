"""Two texts side by side: which words were taken out, which were put in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, zip_longest

from flask_babel import gettext as _
from markupsafe import Markup

from hoitu.core.content import markup

#: Runs of at least so many equal lines are folded.
FOLDED = 4
#: Largest product of lengths that is compared piece by piece; longer ones are told as a whole.
_EFFORT = 4_000_000
#: Largest product of numbers of lines that are matched by what they have in common.
_MATCHED = 2_500
#: Share of their words that two lines must have in common to be versions of each other.
_ALIKE = 0.5
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_HEADINGS = {"h2": 2, "h3": 3, "h4": 4}
_BLOCKS = frozenset(
    {"p", "li", "blockquote", "figure", "figcaption", "caption", "table", "tr", "ul", "ol"}
).union(_HEADINGS)


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of either text, beside the one that stands for it in the other."""

    left: Markup
    right: Markup
    same: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that follow each other and are all equal, or all not; long equal ones are folded."""

    pairs: Sequence[Pair]
    folded: bool


def passages(left: Sequence[str], right: Sequence[str]) -> list[Passage]:
    """Return two texts, as lines, side by side."""
    found = []
    for same, run in groupby(_pairs(left, right), key=lambda pair: pair.same):
        pairs = list(run)
        found.append(Passage(pairs, same and len(pairs) >= FOLDED))
    return found


def lines_of(html: str) -> list[str]:
    """Return a rich text as lines to be read beside others; what is not text is told in words."""
    written = _Lines()
    for piece in markup.pieces(html):
        written.take(piece)
    return written.done()


def words(left: str, right: str) -> tuple[Markup, Markup]:
    """Return two lines with what the right one lacks marked in the left one, and the reverse."""
    old, new = _WORD.findall(left), _WORD.findall(right)
    if len(old) * len(new) > _EFFORT:
        return _taken_out(left), _put_in(right)
    marked: tuple[list[Markup], list[Markup]] = ([], [])
    for same, before, after in _runs(old, new):
        if same:
            marked[0].append(Markup.escape(before))
            marked[1].append(Markup.escape(after))
        else:
            marked[0].append(_taken_out(before))
            marked[1].append(_put_in(after))
    return Markup().join(marked[0]), Markup().join(marked[1])


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Yield runs of equal and of different words; a space between two changes belongs to them."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    last = len(codes) - 1
    told = []
    for number, (tag, start, end, begin, stop) in enumerate(codes):
        before, after = "".join(old[start:end]), "".join(new[begin:stop])
        between = 0 < number < last and not before.strip()
        told.append((tag == "equal" and not between, before, after))
    for same, run in groupby(told, key=lambda part: part[0]):
        parts = list(run)
        yield same, "".join(part[1] for part in parts), "".join(part[2] for part in parts)


def _pairs(left: Sequence[str], right: Sequence[str]) -> Iterator[Pair]:
    matcher = SequenceMatcher(None, left, right, autojunk=len(left) + len(right) > 4000)
    for tag, start, end, begin, stop in matcher.get_opcodes():
        if tag == "equal":
            for line in left[start:end]:
                yield Pair(Markup.escape(line), Markup.escape(line), True)
            continue
        for old, new, alike in _matched(left[start:end], right[begin:stop]):
            yield Pair(*(words(old, new) if alike else (_taken_out(old), _put_in(new))), False)


def _matched(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Put lines that are versions of each other side by side, and between them what is left."""
    i = j = 0
    for at, to in (*_versions(left, right), (len(left), len(right))):
        for old, new in zip_longest(left[i:at], right[j:to], fillvalue=""):
            yield old, new, False
        if at < len(left):
            yield left[at], right[to], True
        i, j = at + 1, to + 1


def _versions(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the positions of lines that are versions of each other, in their order."""
    if len(left) * len(right) > _MATCHED:
        yield from zip(range(len(left)), range(len(right)), strict=False)
        return
    alike = [[_likeness(old, new) for new in right] for old in left]
    # best[i][j]: the most that the lines from i and from j on can have in common.
    best = [[0.0] * (len(right) + 1) for _row in range(len(left) + 1)]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            together = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= _ALIKE else 0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(left) and j < len(right):
        if alike[i][j] >= _ALIKE and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _likeness(left: str, right: str) -> float:
    old, new = (
        {word for word in _WORD.findall(line) if word[0].isalnum()} for line in (left, right)
    )
    return 2 * len(old & new) / (len(old) + len(new) or 1)


def _taken_out(passage: str) -> Markup:
    return _marked("del", _("removed:"), passage)


def _put_in(passage: str) -> Markup:
    return _marked("ins", _("added:"), passage)


def _marked(tag: str, told: str, passage: str) -> Markup:
    if not passage:
        return Markup()
    spoken = Markup('<span class="visually-hidden">{} </span>').format(told)
    return Markup("<{0}>{1}{2}</{0}>").format(Markup(tag), spoken, passage)  # noqa: S704 (ours)


class _Lines:
    """Writes the lines of a rich text."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._parts: list[str] = []
        self._links: list[str] = []

    def take(self, piece: markup.Piece) -> None:
        """Write a piece."""
        if piece.kind == markup.TEXT:
            self._parts.append(piece.text)
        elif piece.kind == markup.START:
            self._open(piece)
        else:
            self._close(piece.tag)

    def done(self) -> list[str]:
        """Return the lines."""
        self._end_line()
        return self._lines

    def _open(self, piece: markup.Piece) -> None:
        tag, told = piece.tag, piece.attributes
        if tag in _BLOCKS or tag in ("br", "hr"):
            self._end_line()
        if tag in _HEADINGS:
            self._parts.append(_("[Heading %(level)d]", level=_HEADINGS[tag]) + " ")
        elif tag == "li":
            self._parts.append("• ")
        elif tag in ("td", "th") and self._parts:
            self._parts.append(" | ")
        elif tag == "img":
            picture = _("[Picture: %(alt)s]", alt=told.get("alt", "") or told.get("src", ""))
            self._parts.append(f" {picture} ")
        elif tag == "a":
            self._links.append(told.get("href", ""))

    def _close(self, tag: str) -> None:
        if tag == "a" and self._links and (address := self._links.pop()):
            self._parts.append(f" ({address})")
        elif tag in _BLOCKS:
            self._end_line()

    def _end_line(self) -> None:
        line = " ".join("".join(self._parts).split())
        if line.strip("•| "):
            self._lines.append(line)
        self._parts = []
