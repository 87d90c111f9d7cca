"""Words in the values of an entry: where they stand, and the values with others in their place.

Only words that are read are touched: never tags, addresses or numbers of documents. Words are found
within one run of text; a word half of which is bold is two runs.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from hoitu.core import text
from hoitu.core.content import (
    Citation,
    ContentType,
    Email,
    Field,
    Kind,
    Line,
    Paragraphs,
    RichText,
    Rows,
    Url,
)
from hoitu.core.content.markup import TEXT, pieces, run, written

_WORD = re.compile(r"[^\W_]+")
_PLAIN = re.compile("[a-z0-9]+")
#: Signs that stand in HTML as they are.
_SIGNS = re.compile(r"[!#-%(-/:;=?@\[-`{-~]+")
#: What may stand between two words: spaces and other signs, some of which HTML escapes.
_GAP = r"(?:&#?\w+;|[\W_])+"
#: Letters of Viet Nam and of most other places have lower code points than this.
_LAST = 0xFFFF
#: Characters shown on each side of what was found.
AROUND = 40


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for and what takes its place."""

    wanted: str
    instead: str
    #: Not inside longer words.
    whole_words: bool = False
    #: Without regard to capitals and marks.
    fold: bool = False

    def spans(self, said: str) -> Iterator[tuple[int, int]]:
        """Yield where the words stand in a text; spaces match any run of spaces."""
        folded, places = _folded(said) if self.fold else (said, range(len(said) + 1))
        for match in self._pattern().finditer(folded):
            yield places[match.start()], places[match.end()]

    def may_be_in(self, said: str) -> bool:
        """Say, at little cost, whether the words may stand in a text or HTML; no is certain."""
        if not self.fold:
            parts = _WORD.findall(self.wanted) or _SIGNS.findall(self.wanted)
            return all(part in said for part in parts)
        sieve = _sieve(text.fold(self.wanted))
        return sieve is None or bool(sieve.search(said) or _spelled().unequal.search(said))

    def _pattern(self) -> re.Pattern[str]:
        wanted = text.fold(self.wanted) if self.fold else self.wanted
        inner = r"\s+".join(map(re.escape, wanted.split()))
        return re.compile(rf"(?<!\w){inner}(?!\w)" if self.whole_words else inner)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where the words stand; ``number`` counts them within the entry, from 0."""

    number: int
    label: Any
    before: str
    found: str
    after: str


#: Turns the text of one run, which stands in a field with this label.
_Turn = Callable[[Any, str], str]


def occurrences(kind: ContentType, values: Mapping[str, Any], search: Search) -> list[Occurrence]:
    """Return where the words stand in the values of an entry, in the order of its form."""
    found: list[Occurrence] = []

    def note(label: Any, said: str) -> str:
        for start, end in search.spans(said):
            around = _before(said[:start]), said[start:end], _after(said[end:])
            found.append(Occurrence(len(found), label, *around))
        return said

    _turned(kind, values, search, note)
    return found


def _before(said: str) -> str:
    """Return the end of a text, cut between words."""
    if len(said) <= AROUND:
        return said
    _, space, kept = said[-AROUND:].partition(" ")
    return f"…{kept}" if space else f"…{said[-AROUND:]}"


def _after(said: str) -> str:
    """Return the beginning of a text, cut between words."""
    if len(said) <= AROUND:
        return said
    kept, space, _ = said[:AROUND].rpartition(" ")
    return f"{kept}…" if space else f"{said[:AROUND]}…"


def replaced(
    kind: ContentType, values: Mapping[str, Any], search: Search, chosen: frozenset[int]
) -> dict[str, Any]:
    """Return the new values of the fields in which the chosen occurrences are replaced."""
    number = -1

    def replace(_label: Any, said: str) -> str:
        nonlocal number
        parts, last = [], 0
        for start, end in search.spans(said):
            number += 1
            if number in chosen:
                parts += [said[last:start], search.instead]
                last = end
        return "".join([*parts, said[last:]])

    turned = _turned(kind, values, search, replace)
    return {name: value for name, value in turned.items() if value != values.get(name)}


def _turned(
    kind: ContentType, values: Mapping[str, Any], search: Search, turn: _Turn
) -> dict[str, Any]:
    return {
        name: _turn_value(declared.kind, declared.label, values[name], search, turn)
        for name, declared in fields_with_words(kind).items()
        if values.get(name)
    }


def _turn_value(kind: Kind, label: Any, value: Any, search: Search, turn: _Turn) -> Any:
    if isinstance(kind, Rows):
        return [
            {
                column.name: _turn_value(
                    column.kind, column.label, row.get(column.name), search, turn
                )
                if _has_words(column.kind) and row.get(column.name)
                else row.get(column.name)
                for column in kind.columns
            }
            for row in value
        ]
    # Most texts do not have the words; taking each apart to learn it would take seconds.
    if not search.may_be_in(value):
        return value
    if not isinstance(kind, RichText):
        return turn(label, value)
    read, changed = pieces(value), False
    for position, piece in enumerate(read):
        if piece.kind == TEXT and (said := turn(label, piece.text)) != piece.text:
            read[position], changed = run(said), True
    return written(read) if changed else value


def _has_words(kind: Kind) -> bool:
    """Say whether a kind holds words that are read, not an address or a number."""
    if isinstance(kind, Rows):
        return bool(columns_with_words(kind))
    return isinstance(kind, Line | Paragraphs) and not isinstance(kind, Citation | Url | Email)


@dataclass(frozen=True, slots=True)
class _Spelled:
    """How texts may write what a search without marks looks for."""

    #: For each sign of ASCII those that fold to it, for a class of a pattern.
    signs: Mapping[str, str]
    #: Finds signs that fold to none or to several, such as a soft hyphen or a German ß.
    unequal: re.Pattern[str]


@cache
def _spelled() -> _Spelled:
    signs: dict[str, str] = defaultdict(str)
    unequal = ""
    for sign in map(chr, (*range(0xD800), *range(0xE000, _LAST + 1))):
        folded = text.fold(sign)
        if len(folded) != 1:
            unequal += sign
        elif folded.isascii() and folded.isprintable():
            signs[folded] += sign
    rare = f"{chr(_LAST + 1)}-{chr(sys.maxunicode)}"
    return _Spelled(signs, re.compile(f"[{re.escape(unequal)}{rare}]"))


@lru_cache(64)
def _sieve(folded: str) -> re.Pattern[str] | None:
    """Return what finds folded words in a text or HTML with marks, and maybe more than them."""
    words = _PLAIN.findall(folded) or _SIGNS.findall(folded)
    if words != _WORD.findall(folded):
        # Other alphabets: one word of ours is enough, and none sifts nothing.
        words = sorted(words, key=len)[-1:]
    signs = _spelled().signs
    spelled = ("".join(f"[{re.escape(signs[letter])}]" for letter in word) for word in words)
    return re.compile(_GAP.join(spelled)) if words else None


@lru_cache(4096)
def _fold_sign(sign: str) -> str:
    """Return one sign without its marks; a search asks for the same few millions of times."""
    return text.fold(sign)


def _folded(said: str) -> tuple[str, Sequence[int]]:
    """Return the folded text, and for each of its places the place in the text itself."""
    folded, places = [], []
    for position, sign in enumerate(said):
        part = _fold_sign(sign)
        folded.append(part)
        places += [position] * len(part)
    return "".join(folded), [*places, len(said)]


def fields_with_words(kind: ContentType) -> dict[str, Field]:
    """Return the fields of a type in which words may be replaced.

    None with personal data, and none that is found as a whole, such as the number of a document.
    """
    return {
        name: declared
        for name, declared in kind.fields.items()
        if not declared.personal and declared.search != "exact" and _has_words(declared.kind)
    }


def columns_with_words(kind: Kind) -> list[Field]:
    """Return the columns of a table in which words may be replaced."""
    return [c for c in kind.columns if _has_words(c.kind)] if isinstance(kind, Rows) else []
