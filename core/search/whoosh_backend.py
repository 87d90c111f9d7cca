"""The embedded engine: Whoosh, for up to some twenty thousand documents.

A document is found when it has all words of the query, wherever they stand. What stands in its
title and summary decides the order; among equals the newer document comes first.

Two habits of whoosh-reloaded 2.7.5 shape this module. ``Searcher.refresh()`` brings deleted and
superseded documents back, so an index that has changed is opened anew, never refreshed. Readers
share one file position between threads, so one thread reads at a time; as Whoosh is pure Python,
threads would not run side by side anyway.

The index files contain pickles: never bring them back from a backup that someone else could have
changed, rebuild instead. File locks do not hold over NFS: several machines need another engine.
"""

from __future__ import annotations

import errno
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime, time
from functools import cached_property
from heapq import nlargest
from pathlib import Path
from threading import Lock
from time import perf_counter, sleep
from typing import Any, TypeVar

from flask_babel import gettext as _
from whoosh import columns, fields, index
from whoosh.collectors import TimeLimitCollector
from whoosh.query import (
    And,
    AndNot,
    ConstantScoreQuery,
    Every,
    NumericRange,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
)
from whoosh.searching import TimeLimit
from whoosh.util.filelock import FileLock, try_for
from whoosh.writing import CLEAR

from hoitu.core.clock import ZONE
from hoitu.core.search.protocol import (
    REBUILD_COMMAND,
    Health,
    SearchDocument,
    SearchHit,
    SearchQuery,
    SearchResults,
    SearchUnavailable,
)
from hoitu.core.search.rows import COUNTED, microseconds, row_of
from hoitu.core.search.snippet import Snippets
from hoitu.core.search.wording import Wording, pairs, read_query
from hoitu.core.text import fold

#: The folder of the index; another name with every change of what is written into it.
_FORM = "form-2"
#: A boost is what a term counts in its field: as no lengths are kept, BM25F takes just that.
_SCHEMA = fields.Schema(
    id=fields.ID(unique=True),
    words=fields.IDLIST(),
    title=fields.IDLIST(field_boost=2.0),
    marked=fields.IDLIST(field_boost=1.0),
    pairs=fields.IDLIST(field_boost=10.0),
    number=fields.IDLIST(field_boost=1000.0),
    places=fields.TEXT(),
    labels=fields.IDLIST(),
    sort_at=fields.NUMERIC(int, bits=64, sortable=True),
    counted=fields.COLUMN(columns.RefBytesColumn()),
    card=fields.STORED(),
)
_COUNTED_HITS = 2_000
_MAX_PAGE = 200
_REOPENINGS = 10
#: Errors of the operating system that come from what is in the files; others are its own.
_DAMAGE = frozenset({errno.ENOENT, errno.EINVAL})

T = TypeVar("T")
_Rows = Mapping[int, Mapping[str, Any] | None]


class _Any(Or):  # type: ignore[misc]
    """Any of the queries, read one after the other: the library's own choice takes far longer."""

    matcher_type = Or.ARRAY_MATCHER


class _Shelf:
    """One committed state of the index, open for reading by one thread at a time."""

    def __init__(self, folder: Path, built_at: int, time_limit: float) -> None:
        self.searcher = index.open_dir(str(folder)).searcher()
        self.built_at = built_at
        self.partial = False
        self._time_limit = time_limit

    def find(self, query: Query, *, scored: bool = False) -> dict[int, float]:
        """Return the score of every document found; set ``partial`` when time is up before."""
        collector = self.searcher.collector(limit=None, scored=scored)
        limited = TimeLimitCollector(collector, self._time_limit, use_alarm=False)
        try:
            self.searcher.search_with_collector(query, limited)
        except TimeLimit:
            self.partial = True
        return dict(collector.results().items())

    def card(self, document: int) -> dict[str, Any]:
        """Return what is shown of a document."""
        return dict(self.searcher.stored_fields(document)["card"])

    @cached_property
    def instants(self) -> list[int]:
        """``sort_at`` of every document in microseconds since 1970."""
        return list(self.searcher.reader().column_reader("sort_at"))

    @cached_property
    def counted(self) -> list[bytes]:
        """The values by which every document is counted."""
        return list(self.searcher.reader().column_reader("counted"))


class WhooshBackend:
    """A full-text index in the folder ``search`` of an instance.

    ``time_limit`` is in seconds per search; ``writer_timeout`` is how many seconds a writer waits
    for another one.
    """

    def __init__(
        self, instance: Path, *, time_limit: float = 0.3, writer_timeout: float = 60.0
    ) -> None:
        self._root = instance / "search"
        self._folder = self._root / _FORM
        self._complete = self._folder / "complete"
        self._time_limit = time_limit
        self._writer_timeout = writer_timeout
        self._lock = Lock()
        self._shelf: _Shelf | None = None

    def index(self, documents: Iterable[SearchDocument]) -> int:
        """Add the documents in one commit, in place of those with the same ids."""
        rows = {document.id: row_of(document) for document in documents}
        if rows:
            with self._locked():
                if not self._exists():
                    _create(self._folder)
                self._replace(rows)
        return len(rows)

    def remove(self, ids: Iterable[int]) -> int:
        """Remove the documents in one commit and return how many there were."""
        with self._locked():
            return self._replace(dict.fromkeys(ids)) if self._exists() else 0

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Replace the whole index; the old one answers until the new one is complete."""
        seen: set[int] = set()
        fresh = self._root / "fresh"
        with self._locked():
            shutil.rmtree(fresh, ignore_errors=True)
            try:
                shelf = index.open_dir(str(self._folder))
            except Exception:
                # There is none, or it is damaged, which makes the library raise anything.
                shelf = _create(fresh)
            with shelf.writer(limitmb=64) as writer:
                writer.mergetype = CLEAR
                for document in documents:
                    if document.id not in seen:
                        writer.add_document(**row_of(document))
                        seen.add(document.id)
            if fresh.is_dir():
                shutil.rmtree(self._folder, ignore_errors=True)
                fresh.rename(self._folder)
            self._complete.touch()
            for other in self._other_forms():
                shutil.rmtree(other, ignore_errors=True)
        return len(seen)

    def search(self, query: SearchQuery) -> SearchResults:
        """Return the documents with all words of the query, else those with most of them."""
        wording = read_query(query.text)
        if not wording.words:
            return SearchResults()
        return self._reading(lambda shelf: _results(shelf, query, wording))

    def suggest(self, prefix: str, query: SearchQuery | None = None, limit: int = 8) -> list[str]:
        """Return different titles with the typed words, the last of which may be unfinished."""
        typed = [word.folded for word in read_query(prefix).words]
        if not typed:
            return []
        words = [*(Term("title", word) for word in typed[:-1]), Prefix("title", typed[-1])]
        wanted = _permitted(query or SearchQuery(""), words)

        def titles(shelf: _Shelf) -> list[str]:
            # The same title may stand at many units.
            newest = nlargest(limit * 4, shelf.find(wanted), key=lambda d: shelf.instants[d])
            return [shelf.card(document)["title"] for document in newest]

        return list({fold(title): title for title in self._reading(titles)}.values())[:limit]

    def health(self) -> Health:
        """Return the state of the index."""
        try:
            documents = self._reading(lambda shelf: int(shelf.searcher.doc_count()))
        except SearchUnavailable as error:
            return Health(ok=False, documents=0, detail=error.reason, remedy=REBUILD_COMMAND)
        if not self._built_at():
            detail = _("The search index was never built as a whole; older items may be missing.")
            return Health(ok=False, documents=documents, detail=detail, remedy=REBUILD_COMMAND)
        return Health(ok=True, documents=documents, detail=_("The search index is complete."))

    def close(self) -> None:
        """Release all files. A later call opens them again."""
        with self._lock:
            self._drop()

    # -- reading ------------------------------------------------------------------------------

    def _reading(self, work: Callable[[_Shelf], T]) -> T:
        with self._lock:
            if not self._exists():
                raise SearchUnavailable(_("There is no search index yet."))
            for attempt in range(_REOPENINGS):
                try:
                    return work(self._current())
                except (FileNotFoundError, index.EmptyIndexError) as error:
                    # A writer swept the files away between two looks at the folder.
                    self._drop()
                    swept = error
                    sleep(0.01 * attempt)
                except Exception as error:
                    self._drop()
                    raise _unreadable(error) from error
            raise _unreadable(swept)

    def _current(self) -> _Shelf:
        shelf, built_at = self._shelf, self._built_at()
        if shelf is None or shelf.built_at != built_at or not shelf.searcher.up_to_date():
            self._drop()
            shelf = self._shelf = _Shelf(self._folder, built_at, self._time_limit)
        return shelf

    def _built_at(self) -> int:
        """Return when the index was last built as a whole, 0 if it never was."""
        return self._complete.stat().st_mtime_ns if self._complete.exists() else 0

    def _drop(self) -> None:
        if self._shelf is not None:
            with suppress(Exception):
                self._shelf.searcher.close()
            self._shelf = None

    # -- writing ------------------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep all other writers out, those of other processes too."""
        self._root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self._root / "writer.lock"))
        if not try_for(lock.acquire, timeout=self._writer_timeout, delay=0.05):
            raise TimeoutError("another process is writing the search index")
        try:
            yield
        finally:
            lock.release()

    def _exists(self) -> bool:
        """Tell whether there is an index of this form; one of another form must be rebuilt."""
        if self._folder.is_dir():
            return True
        if self._other_forms():
            raise SearchUnavailable(_("The search index was made by another version."))
        return False

    def _other_forms(self) -> list[Path]:
        return [folder for folder in self._root.glob("form-*") if folder != self._folder]

    def _replace(self, rows: _Rows) -> int:
        """Delete the documents with these ids, return how many there were, and add the rows."""
        try:
            with index.open_dir(str(self._folder)).writer() as writer:
                old = Or([Term("id", str(id_)) for id_ in rows])
                deleted = int(writer.delete_by_query(old))
                for row in filter(None, rows.values()):
                    writer.add_document(**row)
        except Exception as error:
            if isinstance(error, OSError) and error.errno not in _DAMAGE:
                raise
            raise _unreadable(error) from error
        return deleted


def _create(folder: Path) -> index.Index:
    folder.mkdir()
    return index.create_in(str(folder), _SCHEMA)


def _unreadable(error: Exception) -> SearchUnavailable:
    return SearchUnavailable(_("The search index cannot be read: %(why)s.", why=error))


def _results(shelf: _Shelf, query: SearchQuery, wording: Wording) -> SearchResults:
    started = perf_counter()
    shelf.partial = False
    scores = _scores(shelf, query, wording)
    instants = shelf.instants if scores else []
    first, then = (instants, scores) if query.order == "newest" else (scores, instants)
    offset, limit = max(query.offset, 0), min(max(query.limit, 0), _MAX_PAGE)
    best = nlargest(offset + limit, scores, key=lambda d: (first[d], then[d], d))
    snippets = Snippets(wording.words)
    hits = []
    for document in best[offset:]:
        card = shelf.card(document)
        snippet = snippets.build(card.pop("summary"), card.pop("body"))
        hits.append(SearchHit(**card, snippet=snippet, score=scores[document]))
    countable = scores and not shelf.partial and len(scores) <= _COUNTED_HITS
    return SearchResults(
        hits=tuple(hits),
        total=len(scores),
        partial=shelf.partial,
        facets=_counts(shelf, scores) if countable else {},
        took_ms=(perf_counter() - started) * 1000,
    )


def _scores(shelf: _Shelf, query: SearchQuery, wording: Wording) -> dict[int, float]:
    """Return the score of every document with all the words, else of those with most of them."""
    words = [Term("words", word) for word in dict.fromkeys(w.folded for w in wording.words)]
    phrases = [Phrase("places", phrase) for phrase in wording.phrases]

    def find_permitted(required: list[Query]) -> dict[int, float]:
        # Phrases are slow: a scored search takes one document at a time and gives a part in time.
        return shelf.find(And([_permitted(query, required), *phrases]), scored=bool(phrases))

    scores = dict.fromkeys(find_permitted(words), 1.0)
    if not scores and not shelf.partial:
        enough = max(1, len(words) * 2 // 3)
        counts = Counter(document for word in words for document in shelf.find(word))
        permitted = find_permitted([Every()])
        scores = {d: float(n) for d, n in counts.items() if n >= enough and d in permitted}
    better = shelf.find(_better(wording), scored=True) if scores else {}
    for document in scores.keys() & better.keys():
        scores[document] += better[document]
    return scores


def _permitted(query: SearchQuery, required: list[Query]) -> Query:
    """Return the query for documents that meet all requirements and may be shown."""
    allowed = {
        "unit": query.unit_ids,
        "section": query.sections,
        "type": query.types,
        "language": None if query.language is None else {query.language},
        **{f"facet:{name}": {value} for name, value in query.facets.items()},
    }
    limits = [
        _Any([Term("labels", f"{name}:{value}") for value in values])
        for name, values in allowed.items()
        if values is not None
    ]
    if query.since or query.until:
        first = datetime.combine(query.since or date.min, time.min, ZONE)
        last = datetime.combine(query.until or date.max, time.max, ZONE)
        limits.append(NumericRange("sort_at", microseconds(first), microseconds(last)))
    found = ConstantScoreQuery(And([*required, *limits]))
    hidden = [Term("labels", f"requirement:{unit}:{name}") for unit, name in query.hidden]
    return AndNot(found, _Any(hidden)) if hidden else found


def _better(wording: Wording) -> Query:
    """Return the query whose score tells which of the documents found are better than others."""
    return _Any(
        [
            *(Term("title", word.folded) for word in wording.words),
            *(Term("marked", word.exact) for word in wording.words),
            *(Term("pairs", pair) for pair in pairs(wording.words)),
            *(Term("number", key) for key in wording.numbers),
        ]
    )


def _counts(shelf: _Shelf, documents: Iterable[int]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for values, times in Counter(map(shelf.counted.__getitem__, documents)).items():
        for name, value in zip(COUNTED, values.decode().split("\t"), strict=True):
            counts[name][value] += times
    return {name: dict(counter.most_common()) for name, counter in counts.items()}
