"""One committed state of the Whoosh index, read as sets of documents.

A set is an integer with one byte for each document, 1 if it is a member: the operators ``&``, ``|``
and ``& ~`` then work on thousands of documents at once. Sets that were read are kept, because the
labels of a unit and the common syllables come with almost every query.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache, reduce
from itertools import compress, islice, pairwise
from math import log
from operator import and_, or_
from pathlib import Path
from sys import byteorder
from time import monotonic
from typing import Any

from whoosh import index
from whoosh.reading import TermNotFound

from hoitu.core.search.vocabulary import Forms, Vocabulary

#: Sets kept, and those of words that were only tried; with 20,000 documents each takes 20 kB.
_KEPT_SETS, _TRIED_SETS = 600, 200
#: Words that the unfinished last word of a suggestion may stand for.
_COMPLETIONS = 100


class Shelf:
    """One state of the index, open for reading by one thread at a time."""

    def __init__(self, folder: Path, built_at: int, words: Vocabulary) -> None:
        self.searcher = index.open_dir(str(folder)).searcher()
        self.built_at = built_at
        self._words = words
        self._reader = self.searcher.reader()
        self._size: int = self._reader.doc_count_all()
        #: Return the set of documents with a term in a field.
        self.having = lru_cache(maxsize=_KEPT_SETS)(self._having)
        #: Return the same for what nobody typed: it must not push out what is asked for.
        self.trying = lru_cache(maxsize=_TRIED_SETS)(self._having)

    def _having(self, field: str, term: str) -> int:
        return self.set_of(self._postings(field, term))

    def _postings(self, field: str, term: str) -> Iterator[int]:
        for leaf, first in self._reader.leaf_readers():
            # What cannot be encoded stands in no document.
            with suppress(TermNotFound, UnicodeEncodeError):
                yield from (first + document for document in leaf.postings(field, term).all_ids())

    def having_any(self, field: str, terms: Iterable[str]) -> int:
        """Return the set of documents with at least one of the terms."""
        return reduce(or_, (self.having(field, term) for term in terms), 0)

    def counts(self, sets: Sequence[int]) -> bytes:
        """Return in how many of at most 255 sets every document is."""
        # Each document has a byte of its own, so that sums do not flow over.
        return sum(sets).to_bytes(self._size, "little")

    def frequency(self, field: str, term: str) -> int:
        """Return how many documents have a term in a field, deleted ones too."""
        with suppress(UnicodeEncodeError):
            return int(self._reader.doc_frequency(field, term))
        return 0

    @cached_property
    def vocabulary(self) -> Forms:
        """The words of all documents, deleted ones too."""
        return self._words.of(leaf for leaf, _first in self._reader.leaf_readers())

    def beginning(self, field: str, prefix: str) -> int:
        """Return the set of documents with a term that begins so."""
        terms = islice(self._reader.expand_prefix(field, prefix), _COMPLETIONS)
        return self.having_any(field, [term.decode() for term in terms])

    def between(self, first: int, last: int) -> int:
        """Return the set of documents whose ``sort_at`` lies in between, both included."""
        if not self._size:
            return 0
        return int.from_bytes(bytes(first <= i <= last for i in self.instants), "little")

    def set_of(self, documents: Iterable[int]) -> int:
        """Return the set of some documents."""
        flags = bytearray(self._size)
        for document in documents:
            flags[document] = 1
        return int.from_bytes(flags, "little")

    def totals(self, worths: Iterable[tuple[int, int]]) -> Sequence[int]:
        """Return the sum of what every document gains from (set, worth of its members).

        All sums at once: each document has four bytes of one long number.
        """
        lanes, wide = 0, bytearray(4 * self._size)
        for chosen, worth in worths:
            wide[::4] = chosen.to_bytes(self._size, "little")
            lanes += int.from_bytes(wide, "little") * worth
        found = array("I", lanes.to_bytes(4 * self._size, "little"))
        if byteorder == "big":
            found.byteswap()
        return found

    @cached_property
    def everything(self) -> int:
        """The set of all documents."""
        return self.set_of(self._reader.all_doc_ids())

    def members(self, chosen: int) -> Iterator[int]:
        """Yield the documents of a set in the order of the index."""
        return compress(range(self._size), chosen.to_bytes(self._size, "little"))

    def rarity(self, chosen: int) -> float:
        """Return what a term is worth that stands in these documents: the rarer, the more."""
        return log((self._size + 1) / (chosen.bit_count() + 1)) + 1

    def with_phrases(
        self, chosen: int, phrases: Sequence[Sequence[str]], deadline: float
    ) -> tuple[int, bool]:
        """Return those of a set where the words of each phrase follow each other.

        Also say whether time was enough until ``deadline``, an instant of the monotonic clock.
        """
        found: list[int] = []
        having = (self.having("places", word) for phrase in phrases for word in phrase)
        candidates = self.members(reduce(and_, having, chosen))
        leaves = [*self._reader.leaf_readers(), (None, self._size)]
        document = next(candidates, None)
        for (leaf, first), (_next, end) in pairwise(leaves):
            matchers: list[list[Any]] = []
            while document is not None and document < end:
                if monotonic() > deadline:
                    return self.set_of(found), False
                matchers = matchers or [
                    [leaf.postings("places", word) for word in phrase] for phrase in phrases
                ]
                if all(_follow(words, document - first) for words in matchers):
                    found.append(document)
                document = next(candidates, None)
        return self.set_of(found), True

    def close(self) -> None:
        """Release the files, and the sets: the garbage collector finds a shelf late."""
        self.having.cache_clear()
        self.trying.cache_clear()
        self.__dict__.pop("instants", None)
        self.__dict__.pop("counted", None)
        self.__dict__.pop("shares", None)
        self.__dict__.pop("vocabulary", None)
        self.__dict__.pop("everything", None)
        self.searcher.close()

    def card(self, document: int) -> dict[str, Any]:
        """Return what is shown of a document."""
        return dict(self.searcher.stored_fields(document)["card"])

    @cached_property
    def instants(self) -> list[int]:
        """``sort_at`` of every document in microseconds since 1970."""
        return list(self._reader.column_reader("sort_at"))

    @cached_property
    def shares(self) -> list[float]:
        """What part of the title of every document one word is."""
        return [1 / (words or 1) for words in self._reader.column_reader("titled")]

    @cached_property
    def counted(self) -> list[bytes]:
        """The values by which every document is counted."""
        return list(self._reader.column_reader("counted"))


def _follow(matchers: Sequence[Any], document: int) -> bool:
    """Say whether the words of the matchers stand one after the other in a document."""
    starts: set[int] | None = None
    for place, matcher in enumerate(matchers):
        matcher.skip_to(document)
        here = {position - place for position in matcher.value_as("positions")}
        starts = here if starts is None else starts & here
    return bool(starts)
