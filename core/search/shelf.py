"""One committed state of the Whoosh index, read as sets of documents.

A set is an integer with one byte for each document, 1 if it is a member: the operators ``&``, ``|``
and ``& ~`` then work on thousands of documents at once. Sets that were read are kept, because the
labels of a unit and the common syllables come with almost every query.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache, reduce
from itertools import compress, islice, pairwise
from math import log
from operator import and_, or_
from pathlib import Path
from time import monotonic
from typing import Any

from whoosh import index
from whoosh.reading import TermNotFound

#: Sets kept; with 20,000 documents each takes 20 kB.
_KEPT_SETS = 600
#: Words that the unfinished last word of a suggestion may stand for.
_COMPLETIONS = 100


class Shelf:
    """One state of the index, open for reading by one thread at a time."""

    def __init__(self, folder: Path, built_at: int, time_limit: float) -> None:
        self.searcher = index.open_dir(str(folder)).searcher()
        self.built_at = built_at
        self._time_limit = time_limit
        self._reader = self.searcher.reader()
        self._size: int = self._reader.doc_count_all()
        #: Return the set of documents with a term in a field.
        self.having = lru_cache(maxsize=_KEPT_SETS)(self._having)

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

    def members(self, chosen: int) -> Iterator[int]:
        """Yield the documents of a set in the order of the index."""
        return compress(range(self._size), chosen.to_bytes(self._size, "little"))

    def rarity(self, chosen: int) -> float:
        """Return what a term is worth that stands in these documents: the rarer, the more."""
        return log((self._size + 1) / (chosen.bit_count() + 1)) + 1

    def with_phrase(self, chosen: int, phrase: Sequence[str]) -> tuple[int, bool]:
        """Return those of a set where the words follow each other, and whether time was enough."""
        found: list[int] = []
        deadline = monotonic() + self._time_limit
        candidates = self.members(reduce(and_, (self.having("places", w) for w in phrase), chosen))
        leaves = [*self._reader.leaf_readers(), (None, self._size)]
        document = next(candidates, None)
        for (leaf, first), (_next, end) in pairwise(leaves):
            matchers = None
            while document is not None and document < end:
                if monotonic() > deadline:
                    return self.set_of(found), False
                matchers = matchers or [leaf.postings("places", word) for word in phrase]
                if _follow(matchers, document - first):
                    found.append(document)
                document = next(candidates, None)
        return self.set_of(found), True

    def close(self) -> None:
        """Release the files, and the sets: the garbage collector finds a shelf late."""
        self.having.cache_clear()
        self.__dict__.pop("instants", None)
        self.__dict__.pop("counted", None)
        self.searcher.close()

    def card(self, document: int) -> dict[str, Any]:
        """Return what is shown of a document."""
        return dict(self.searcher.stored_fields(document)["card"])

    @cached_property
    def instants(self) -> list[int]:
        """``sort_at`` of every document in microseconds since 1970."""
        return list(self._reader.column_reader("sort_at"))

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
