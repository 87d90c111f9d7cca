"""How text becomes words: one reading for documents and for what people type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from unicodedata import normalize

from hoitu.core import text
from hoitu.core.search import language

#: A query is a line, perhaps a whole title pasted; what is longer is cut before any work is done.
_MAX_QUERY_LENGTH = 512
_MAX_QUERY_WORDS = 40
#: The words of further phrases are looked for wherever they stand.
_MAX_PHRASES = 4
#: The parts of the longest document numbers; codes of procedures have seven.
_MAX_NUMBER_WORDS = 7

_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile('["“”«»]([^"“”«»]*)["“”«»]')
#: Syllables that are written with i as well as with y: kí, ký.
_I_OR_Y = frozenset({"hi", "ki", "li", "mi", "si", "ti", "qui"})


class Word(NamedTuple):
    """A word without and with its marks, both in lower case and in one of several spellings."""

    folded: str
    exact: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A query as typed.

    ``places`` are where the ``words`` stand in ``text``. ``needed`` are the words that must be
    found: those of asking left out, long forms replaced by their short ones; ``in_full`` has the
    words that each of these stands for. ``numbers`` are keys of possible document numbers.
    ``marked`` says whether any word has marks, so that those without do not mean words with some.
    """

    text: str
    words: Sequence[Word]
    places: Sequence[tuple[int, int]]
    needed: Sequence[Word]
    in_full: Mapping[str, Sequence[str]]
    phrases: Sequence[tuple[str, ...]]
    numbers: frozenset[str]
    marked: bool


def read_words(value: str) -> list[Word]:
    """Return the words of a text in order."""
    folded, exact = text.words(value), _WORD.findall(text.nfc(value).lower())
    # Invisible characters inside words make a difference; marks cannot be told then.
    return list(map(_spelt, folded, exact if len(exact) == len(folded) else folded))


@lru_cache(maxsize=20_000)
def _spelt(folded: str, exact: str) -> Word:
    """Return a word in the spelling that stands for all: hòa for hoà, ký for kí, 5 for 05."""
    if len(folded) == 2 and folded.isdigit():
        folded = folded.lstrip("0") or folded
        return Word(folded, folded)
    exact = text.tone_placed(exact)
    if folded in _I_OR_Y:
        last = normalize("NFD", exact[-1]).replace("i", "y", 1)
        return Word(f"{folded[:-1]}y", exact[:-1] + normalize("NFC", last))
    return Word(folded, exact)


def spellings(folded: str) -> str:
    """Return a regular expression for all spellings of a folded word."""
    if len(folded) == 1 and folded.isdigit():
        return f"0?{folded}"
    if folded[:-1] + "i" in _I_OR_Y and folded.endswith("y"):
        return f"{re.escape(folded[:-1])}[iy]"
    return re.escape(folded)


def pairs(words: Sequence[Word]) -> list[str]:
    """Return each two neighbours as one term: most Vietnamese words have two syllables."""
    return [f"{first.folded} {second.folded}" for first, second in pairwise(words)]


def marked_pairs(words: Sequence[Word]) -> list[str]:
    """Return each two neighbours with their marks as one term."""
    return [f"={first.exact} {second.exact}" for first, second in pairwise(words)]


def shortened(words: Sequence[Word]) -> list[Word]:
    """Return the words with every long form replaced by its short one."""
    phrases = language.abbreviations()
    found: list[Word] = []
    place = 0
    while place < len(words):
        length, short = _phrase_at(words, place, phrases)
        found.append(Word(text.fold(short), short) if length else words[place])
        place += length or 1
    return found


def short_forms(words: Sequence[Word]) -> list[Word]:
    """Return the short forms of what stands among the words in full."""
    phrases, found, free = language.abbreviations(), {}, 0
    for place, word in enumerate(words):
        if place >= free and word.folded in phrases:
            length, short = _phrase_at(words, place, phrases)
            if length:
                found[short], free = Word(text.fold(short), short), place + length
    return list(found.values())


def _phrase_at(words: Sequence[Word], place: int, phrases: language.Phrases) -> tuple[int, str]:
    """Return the length of the longest phrase that begins at a place, 0 if none, and its value."""
    for phrase, value in phrases.get(words[place].folded, ()):
        if all(
            place + n < len(words) and words[place + n].folded == part
            for n, part in enumerate(phrase)
        ):
            return len(phrase), value
    return 0, ""


def read_query(value: str, place: str = "") -> Wording:
    """Return what a person typed at a place; any text is accepted."""
    value = text.nfc(value)
    if len(value) > _MAX_QUERY_LENGTH:
        value = value[:_MAX_QUERY_LENGTH].rpartition(" ")[0]
    words = read_words(value)[:_MAX_QUERY_WORDS]
    places = [match.span() for match in _WORD.finditer(value)][: len(words)]
    marked = any(word.exact != word.folded for word in words)
    telling = [words[place] for place in _telling(words, marked)] or words
    needed = _elsewhere(telling, read_words(place)) or telling
    short = shortened(needed)
    typed = {word.folded for word in words}
    quoted = (tuple(word.folded for word in read_words(q)) for q in _QUOTED.findall(value))
    phrases = dict.fromkeys(phrase for phrase in quoted if len(phrase) > 1)
    return Wording(
        text=value,
        words=words,
        places=places if len(places) == len(words) else (),
        needed=list(dict.fromkeys(short)),
        in_full={
            word.folded: form
            for word in short
            for form in language.long_forms().get(word.folded, ())
            if typed.issuperset(form) and word.folded not in typed
        },
        phrases=list(phrases)[:_MAX_PHRASES],
        numbers=_numbers(words),
        marked=marked,
    )


def _telling(words: Sequence[Word], marked: bool) -> Iterator[int]:
    """Yield the places of the words that say what is looked for, not that somebody asks."""
    phrases, free = language.asking_phrases(), 0
    for place, word in enumerate(words):
        if place < free:
            continue
        length, _value = _phrase_at(words, place, phrases)
        number = word.folded == "so" and place + 1 < len(words)
        if length:
            free = place + length
        elif number and words[place + 1].folded[0].isdigit():
            continue  # The word before a number: it need not be part of what has the number.
        elif not (marked and word.exact in language.asking_words()):
            yield place


def _elsewhere(words: Sequence[Word], place: Sequence[Word]) -> list[Word]:
    """Return the words without the name of the place, or the last words of it, two at least."""
    folded, name = [word.folded for word in words], [word.folded for word in place]
    for first in range(len(name) - 1):
        part = name[first:]
        for start in range(len(folded) - len(part) + 1):
            if folded[start : start + len(part)] == part:
                return [*words[:start], *words[start + len(part) :]]
    return list(words)


def number_keys(value: str) -> set[str]:
    """Return what the numbers in a text are found by: whole, and ^ before a beginning."""
    found: set[str] = set()
    for part in {value, *value.split()}:
        words = [word.folded for word in read_words(part)]
        found.add("".join(words))
        found |= {f"^{''.join(words[:end])}" for end in range(1, len(words))}
    return found - {"", "^"}


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
