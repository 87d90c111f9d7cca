"""What is written into the index for a document, and which of it a query demands."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from hoitu.core.clock import local
from hoitu.core.search.protocol import SearchDocument, SearchQuery
from hoitu.core.search.wording import Word, read_words
from hoitu.core.text import number_key

#: A body longer than this (about 100,000 syllables) is indexed as far as this.
MAX_BODY_LENGTH = 500_000
#: No phrase goes over the border of two zones.
_GAP = 100
_TITLE, _NUMBER, _SUMMARY, _BODY, _BODY_MOST = 6.0, 5.0, 3.0, 1.0, 2.0


class Term(NamedTuple):
    """A word or label of a document: its weight there, and its positions packed by `array('I')`."""

    text: str
    weight: float = 1.0
    positions: bytes = b""


class _Zone(NamedTuple):
    words: list[Word]
    weight: float


def word_terms(document: SearchDocument) -> list[Term]:
    """Return every word without marks and, where it has some, the same word with its marks.

    The best place of a word decides its weight: many agencies repeat the title in the summary.
    """
    body = Counter(form for word in _body(document) for form in set(word))
    weights = {form: min(_BODY_MOST, _BODY + math.log(n) / 4) for form, n in body.items()}
    for zone in _head(document):
        for form in {form for word in zone.words for form in word}:
            weights[form] = max(weights.get(form, 0.0), zone.weight)
    # Few different weights keep the compressed index small.
    return [Term(form, round(weight, 1)) for form, weight in weights.items()]


def place_terms(document: SearchDocument) -> list[Term]:
    """Return the words without marks and where each stands, for phrases."""
    places: dict[str, array[int]] = defaultdict(lambda: array("I"))
    start = 0
    for words in (*(zone.words for zone in _head(document)), _body(document)):
        for position, word in enumerate(words, start):
            places[word.folded].append(position)
        start += len(words) + _GAP
    return [Term(word, positions=positions.tobytes()) for word, positions in places.items()]


def title_terms(document: SearchDocument) -> list[Term]:
    """Return the words of the title without marks, for suggestions."""
    zone = _title(document)
    return [Term(word, zone.weight) for word in {word.folded for word in zone.words}]


def lead(document: SearchDocument) -> str:
    """Return the folded words of everything before the body, each between single blanks."""
    zones = (" ".join(word.folded for word in zone.words) for zone in _head(document))
    return f" {' | '.join(zones)} "


def labels(document: SearchDocument) -> Iterator[str]:
    """Yield the labels by which queries select this document."""
    yield f"unit:{document.unit_id}"
    yield f"section:{document.section}"
    yield f"type:{document.type}"
    yield f"language:{document.language}"
    yield _requirement_label(document.unit_id, document.requirement)
    for name, value in document.facets.items():
        yield _facet_label(name, value)
    if key := number_key(document.number):
        yield number_label(key)


def demanded_labels(query: SearchQuery) -> Iterator[list[str]]:
    """Yield groups of labels; a document must have at least one label of each group."""
    if query.unit_ids is not None:
        yield [f"unit:{unit_id}" for unit_id in query.unit_ids]
    if query.sections is not None:
        yield [f"section:{section}" for section in query.sections]
    if query.types is not None:
        yield [f"type:{type_}" for type_ in query.types]
    if query.language is not None:
        yield [f"language:{query.language}"]
    for name, value in query.facets.items():
        yield [_facet_label(name, value)]


def refused_labels(query: SearchQuery) -> Iterator[str]:
    """Yield the labels that keep a document out."""
    for unit_id, requirement in query.hidden:
        if query.unit_ids is None or unit_id in query.unit_ids:
            yield _requirement_label(unit_id, requirement)


def number_label(key: str) -> str:
    """Return the label of documents whose number has this key."""
    return f"number:{key}"


def counted(document: SearchDocument) -> dict[str, str]:
    """Return the values by which hits are counted."""
    return {
        "type": document.type,
        "section": document.section,
        "unit": str(document.unit_id),
        "year": str(local(document.sort_at).year),
    }


def _requirement_label(unit_id: int, requirement: str) -> str:
    return f"requirement:{unit_id}:{requirement}"


def _facet_label(name: str, value: str) -> str:
    return f"facet:{name}={value}"


def _head(document: SearchDocument) -> tuple[_Zone, _Zone, _Zone]:
    summary = read_words(document.summary)
    return (
        _title(document),
        _Zone(read_words(document.number), _NUMBER),
        _Zone(summary, _SUMMARY * _brevity(summary, 25)),
    )


def _body(document: SearchDocument) -> list[Word]:
    return read_words(document.body[:MAX_BODY_LENGTH])


def _title(document: SearchDocument) -> _Zone:
    words = read_words(document.title)
    return _Zone(words, _TITLE * _brevity(words, 10))


def _brevity(words: list[Word], usual: int) -> float:
    """Return a factor that values a word in a short text more than in a long one."""
    return 1 / (0.6 + 0.4 * len(words) / usual)
