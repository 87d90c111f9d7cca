"""How text becomes words: one reading for documents and for what people type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from hoitu.core import text

#: A query is a line, perhaps a whole title pasted; what is longer is cut before any work is done.
_MAX_QUERY_LENGTH = 512
_MAX_QUERY_WORDS = 40
#: The parts of the longest document numbers, such as 12/2023/TTLT-BTTTT-BNV.
_MAX_NUMBER_WORDS = 6

_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile('["“”«»]([^"“”«»]*)["“”«»]')


class Word(NamedTuple):
    """A word without and with its marks, both in lower case."""

    folded: str
    exact: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A query as typed: its words in order, folded phrases, and keys of possible numbers."""

    words: Sequence[Word]
    phrases: Sequence[list[str]]
    numbers: frozenset[str]


def read_words(value: str) -> list[Word]:
    """Return the words of a text in order."""
    folded, exact = text.words(value), _WORD.findall(text.nfc(value).lower())
    # Invisible characters inside words make a difference; marks cannot be told then.
    return list(map(Word, folded, exact if len(exact) == len(folded) else folded))


def pairs(words: Sequence[Word]) -> list[str]:
    """Return each two neighbours as one term: most Vietnamese words have two syllables."""
    return [f"{first.folded} {second.folded}" for first, second in pairwise(words)]


def read_query(value: str) -> Wording:
    """Return what a person typed; any text is accepted."""
    if len(value) > _MAX_QUERY_LENGTH:
        value = value[:_MAX_QUERY_LENGTH].rpartition(" ")[0]
    words = read_words(value)[:_MAX_QUERY_WORDS]
    quoted = map(text.words, _QUOTED.findall(value))
    return Wording(words, [phrase for phrase in quoted if len(phrase) > 1], _numbers(words))


def _numbers(words: Sequence[Word]) -> frozenset[str]:
    """Return the keys of all runs of words that start with a digit, and of the whole."""
    parts = [word.folded for word in words]
    runs = {
        "".join(parts[start:end])
        for start, first in enumerate(parts)
        if first[0].isdigit()
        for end in range(start + 1, start + 1 + _MAX_NUMBER_WORDS)
    }
    return frozenset(runs | {"".join(parts)})
