"""How text becomes words: one reading for documents and for what people type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hoitu.core.text import fold, nfc

#: A query is a line, perhaps a whole title pasted; what is longer is cut before any work is done.
MAX_QUERY_LENGTH = 512
MAX_QUERY_WORDS = 40
#: The parts of the longest document numbers, such as 12/2023/TTLT-BTTTT-BNV.
_MAX_NUMBER_WORDS = 6

WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile('["“”«»]([^"“”«»]*)["“”«»]')


class Word(NamedTuple):
    """A word without and with its marks, both in lower case."""

    folded: str
    exact: str

    @property
    def marked(self) -> bool:
        """Whether the word was written with marks."""
        return self.folded != self.exact


@dataclass(frozen=True, slots=True)
class Wording:
    """A query as typed: its words in order, folded phrases, and possible document numbers.

    ``number`` is the key of the whole query; ``numbers`` are keys of parts of it.
    """

    words: tuple[Word, ...]
    phrases: tuple[tuple[str, ...], ...]
    number: str
    numbers: frozenset[str]

    @property
    def distinct(self) -> tuple[Word, ...]:
        """The words without repetition."""
        return tuple({word.folded: word for word in reversed(self.words)}.values())[::-1]


def aligned_fold(text: str) -> str:
    """Return the folded text with as many characters as ``text``, so that positions agree."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded
    return "".join((fold(character) or " ")[0] for character in text)


def aligned_lower(text: str) -> str:
    """Return the text in lower case with as many characters as ``text``."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(character.lower()[0] for character in text)


def read_words(text: str) -> list[Word]:
    """Return the words of a text in order."""
    text = nfc(text)
    lower = aligned_lower(text)
    return [
        Word(match.group(), lower[match.start() : match.end()])
        for match in WORD.finditer(aligned_fold(text))
    ]


def read_query(text: str) -> Wording:
    """Return the words, phrases and numbers of what a person typed; any text is accepted."""
    if len(text) > MAX_QUERY_LENGTH:
        text = text[:MAX_QUERY_LENGTH].rpartition(" ")[0]
    words = read_words(text)[:MAX_QUERY_WORDS]
    folded = [word.folded for word in words]
    quoted = (tuple(word.folded for word in read_words(part)) for part in _QUOTED.findall(text))
    return Wording(
        words=tuple(words),
        phrases=tuple(phrase for phrase in quoted if len(phrase) > 1),
        number="".join(folded),
        numbers=frozenset(_number_keys(folded)),
    )


def _number_keys(words: list[str]) -> Iterator[str]:
    for start, word in enumerate(words):
        if word[0].isdigit():
            for length in range(2, _MAX_NUMBER_WORDS + 1):
                if start + length <= len(words):
                    yield "".join(words[start : start + length])
