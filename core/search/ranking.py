"""Which documents answer a query, and in which order: the same for every index of words.

All words must occur; only when nothing has them all, most of them are enough. A word with its
marks counts more than the same letters without, a document's own number more than anything else.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from heapq import nlargest
from itertools import pairwise
from time import monotonic
from typing import Protocol

from hoitu.core.clock import ZONE
from hoitu.core.search.protocol import SearchQuery
from hoitu.core.search.terms import demanded_labels, number_label, refused_labels
from hoitu.core.search.wording import Wording

_EXACT = 0.5
_OWN_NUMBER = 1000.0
#: So many of the best hits are put in their final order by the neighbourhood of their words.
_RERANKED = 200
#: How many times a document with the whole query in one piece counts more than one without.
_TOGETHER = 8.0
_Numbers = Mapping[int, float] | Sequence[int]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Postings(Protocol):
    """What ranking reads from an index; documents are numbered from 0."""

    def document_count(self) -> int:
        """Return the number of documents, with a few deleted ones perhaps."""
        ...

    def deleted(self) -> AbstractSet[int]:
        """Return the documents that are no longer there."""
        ...

    def frequency(self, word: str) -> int:
        """Return in how many documents the word occurs."""
        ...

    def weights(self, word: str) -> Iterator[tuple[Sequence[int], Iterable[float]]]:
        """Yield blocks of documents with the word and its weight in each."""
        ...

    def positions(self, word: str) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        """Yield blocks of documents with the word and its packed positions in each."""
        ...

    def labelled(self, label: str) -> AbstractSet[int]:
        """Return the documents with this label."""
        ...

    def instants(self) -> Sequence[int]:
        """Return ``sort_at`` of every document in microseconds since 1970."""
        ...

    def lead(self, document: int) -> str:
        """Return the folded words before the body, each between single blanks."""
        ...


class Deadline:
    """A moment after which a search returns what it has."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self.missed = False

    def over(self) -> bool:
        """Tell whether time is up, and remember it."""
        self.missed = self.missed or monotonic() >= self._end
        return self.missed


class Matching:
    """The documents of one index that answer one query."""

    def __init__(
        self, postings: Postings, query: SearchQuery, wording: Wording, deadline: Deadline
    ) -> None:
        self._postings = postings
        self._query = query
        self._wording = wording
        self._deadline = deadline
        self._words = wording.distinct
        self._frequency = {word.folded: postings.frequency(word.folded) for word in self._words}
        self._read: dict[str, dict[int, float]] = {}
        self.permitted = Permission(postings, query)

    def scores(self) -> dict[int, float]:
        """Return the score of every document found, those of the time limit's first part only."""
        found = self._selected(self._with_all_words())
        if not found and len(self._words) > 1 and not self._deadline.over():
            found = self._selected(self._with_most_words())
        self._add_marks(found)
        self._add_numbers(found)
        return found

    def best(self, scores: dict[int, float], count: int) -> list[int]:
        """Return the first ``count`` documents in the order of the query."""
        instants = self._postings.instants()
        if self._query.order == "newest":
            return best_first(scores, instants, scores, count)
        first = best_first(scores, scores, instants, max(count, _RERANKED))
        words = [word.folded for word in self._wording.words]
        for document in first[:_RERANKED] if len(words) > 1 else ():
            together = _together(words, self._postings.lead(document))
            scores[document] *= 1 + _TOGETHER * together
        head = best_first(first[:_RERANKED], scores, instants, _RERANKED)
        return (head + first[_RERANKED:])[:count]

    def _with_all_words(self) -> dict[int, float]:
        documents: AbstractSet[int] | None = None
        words = []
        for word in sorted(self._words, key=lambda w: self._frequency[w.folded]):
            if self._deadline.over():
                break
            found = self._weights(word.folded).keys()
            documents = self.permitted(found) if documents is None else documents & found
            words.append(word.folded)
            if not documents:
                break
        own = self._postings.labelled(number_label(self._wording.number))
        scores = dict.fromkeys(self.permitted(own), 0.0)
        return scores | self._sums(list(documents or ()), words)

    def _sums(self, documents: list[int], words: list[str]) -> dict[int, float]:
        """Return the score of documents that have all these words."""
        # One list per word: a dictionary updated document by document takes several times as long.
        sums = [0.0] * len(documents)
        for word in words:
            rarity = self._rarity(word)
            weights = map(self._weights(word).__getitem__, documents)
            sums = [total + rarity * weight for total, weight in zip(sums, weights, strict=True)]
        return dict(zip(documents, sums, strict=True))

    def _with_most_words(self) -> dict[int, float]:
        scores: dict[int, float] = defaultdict(float)
        hits: Counter[int] = Counter()
        for word in self._words:
            found, rarity = self._weights(word.folded), self._rarity(word.folded)
            for document in self.permitted(found.keys()):
                scores[document] += rarity * found[document]
                hits[document] += 1
        count = len(self._words)
        return {
            d: scores[d] * (n / count) ** 2 for d, n in hits.items() if n >= max(1, count * 2 // 3)
        }

    def _weights(self, word: str) -> dict[int, float]:
        if word not in self._read:
            found: dict[int, float] = {}
            for documents, weights in self._postings.weights(word):
                if self._deadline.over():
                    break
                found.update(zip(documents, weights, strict=False))
            self._read[word] = found
        return self._read[word]

    def _rarity(self, word: str) -> float:
        return math.log(1 + self._postings.document_count() / (1 + self._frequency[word]))

    def _selected(self, scores: dict[int, float]) -> dict[int, float]:
        documents = self._in_time(scores.keys())
        for phrase in self._wording.phrases:
            documents = self._with_phrase(phrase, documents)
        return {document: scores[document] for document in documents}

    def _in_time(self, documents: AbstractSet[int]) -> AbstractSet[int]:
        since, until = self._query.since, self._query.until
        if since is None and until is None:
            return documents
        first = -math.inf if since is None else _instant(since, time.min)
        last = math.inf if until is None else _instant(until, time.max)
        instants = self._postings.instants()
        return {document for document in documents if first <= instants[document] <= last}

    def _with_phrase(self, phrase: Sequence[str], documents: AbstractSet[int]) -> AbstractSet[int]:
        starts: dict[int, set[int]] = {}
        for offset, word in enumerate(phrase):
            left: dict[int, set[int]] = {}
            for ids, packed in self._postings.positions(word):
                if self._deadline.over():
                    break
                for document, positions in zip(ids, packed, strict=True):
                    if document in documents:
                        places = {place - offset for place in array("I", positions)}
                        if places := places & starts[document] if offset else places:
                            left[document] = places
            starts, documents = left, left.keys()
        return documents

    def _add_marks(self, scores: dict[int, float]) -> None:
        for word in self._words:
            if word.marked and not self._deadline.over():
                found = self._weights(word.exact)
                rarity = _EXACT * self._rarity(word.folded)
                for document in scores.keys() & found.keys():
                    scores[document] += rarity * found[document]

    def _add_numbers(self, scores: dict[int, float]) -> None:
        for key in {self._wording.number} | self._wording.numbers:
            for document in scores.keys() & self._postings.labelled(number_label(key)):
                scores[document] += _OWN_NUMBER


class Permission:
    """The documents that a query may return whatever its words are."""

    def __init__(self, postings: Postings, query: SearchQuery) -> None:
        self._groups = [_union(postings, labels) for labels in demanded_labels(query)]
        self._refused = postings.deleted() | _union(postings, refused_labels(query))

    def __call__(self, documents: AbstractSet[int]) -> AbstractSet[int]:
        """Return those of the documents that may be shown."""
        for group in self._groups:
            documents = documents & group
        return documents - self._refused if self._refused else documents


def best_first(
    documents: Iterable[int],
    first: _Numbers,
    then: _Numbers,
    count: int,
) -> list[int]:
    """Return the ``count`` documents with the highest values, by ``first``, then by ``then``."""
    documents = list(documents)
    values = map(first.__getitem__, documents), map(then.__getitem__, documents)
    return [
        document for *_values, document in nlargest(count, zip(*values, documents, strict=True))
    ]


def _together(words: list[str], text: str) -> float:
    """Return 1 when all words follow each other in the text, 0 when no two of them do.

    Most Vietnamese words are written as two or more syllables: neighbours are half the meaning.
    """
    runs = [0]
    for pair in pairwise(words):
        if f" {' '.join(pair)} " in text:
            runs[-1] += 1
        else:
            runs.append(0)
    return sum(run**2 for run in runs) / (len(words) - 1) ** 2


def microseconds(instant: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _union(postings: Postings, labels: Iterable[str]) -> AbstractSet[int]:
    sets = [postings.labelled(label) for label in labels]
    return sets[0] if len(sets) == 1 else frozenset().union(*sets)


def _instant(day: date, moment: time) -> int:
    return microseconds(datetime.combine(day, moment, ZONE))
