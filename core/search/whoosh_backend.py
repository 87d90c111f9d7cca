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
from functools import reduce
from heapq import nlargest
from itertools import chain
from operator import and_
from pathlib import Path
from threading import Lock
from time import perf_counter, sleep
from typing import Any, TypeVar

from flask_babel import gettext as _
from whoosh import columns, fields, index
from whoosh.query import Or, Term
from whoosh.reading import SegmentReader
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
from hoitu.core.search.shelf import Shelf
from hoitu.core.search.snippet import Snippets
from hoitu.core.search.wording import Wording, pairs, read_query
from hoitu.core.text import fold

#: The folder of the index; another name with every change of what is written into it.
_FORM = "form-2"
_SCHEMA = fields.Schema(
    id=fields.ID(unique=True),
    words=fields.IDLIST(),
    title=fields.IDLIST(),
    marked=fields.IDLIST(),
    pairs=fields.IDLIST(),
    number=fields.IDLIST(),
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
        self._shelf: Shelf | None = None

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

        def titles(shelf: Shelf) -> list[str]:
            complete = [shelf.having("title", word) for word in typed[:-1]]
            found = reduce(and_, complete, shelf.beginning("title", typed[-1]))
            found, _in_time = _permitted(shelf, query or SearchQuery(""), None, found)
            # The same title may stand at many units.
            newest = nlargest(limit * 4, shelf.members(found), key=lambda d: shelf.instants[d])
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

    def _reading(self, work: Callable[[Shelf], T]) -> T:
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

    def _current(self) -> Shelf:
        shelf, built_at = self._shelf, self._built_at()
        if shelf is None or shelf.built_at != built_at or not shelf.searcher.up_to_date():
            self._drop()
            shelf = self._shelf = Shelf(self._folder, built_at, self._time_limit)
        return shelf

    def _built_at(self) -> int:
        """Return when the index was last built as a whole, 0 if it never was."""
        return self._complete.stat().st_mtime_ns if self._complete.exists() else 0

    def _drop(self) -> None:
        if self._shelf is not None:
            with suppress(Exception):
                self._shelf.close()
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
                writer.mergetype = _merge_like_sizes
                old = Or([Term("id", str(id_)) for id_ in rows])
                deleted = int(writer.delete_by_query(old))
                for row in filter(None, rows.values()):
                    writer.add_document(**row)
        except Exception as error:
            if isinstance(error, OSError) and error.errno not in _DAMAGE:
                raise
            # What was to be written may be missing from now on: only a rebuild makes it whole.
            self._complete.unlink(missing_ok=True)
            raise _unreadable(error) from error
        return deleted


def _create(folder: Path) -> index.Index:
    folder.mkdir()
    return index.create_in(str(folder), _SCHEMA)


def _merge_like_sizes(writer: Any, segments: list[Any]) -> list[Any]:
    """Take small segments into the one being written, so that few stay: each costs every search.

    A segment is kept when it has more than three times what is written anew. So a document is
    written again a few times in all, and a handful of segments hold a whole index.
    """
    kept: list[Any] = []
    written = writer.docnum
    for segment in sorted(segments, key=lambda s: s.doc_count_all()):
        if kept or segment.doc_count_all() > 3 * written:
            kept.append(segment)
        else:
            with SegmentReader(writer.storage, writer.schema, segment) as reader:
                writer.add_reader(reader)
            written += segment.doc_count()
    return kept


def _unreadable(error: Exception) -> SearchUnavailable:
    return SearchUnavailable(_("The search index cannot be read: %(why)s.", why=error))


def _results(shelf: Shelf, query: SearchQuery, wording: Wording) -> SearchResults:
    started = perf_counter()
    scores, complete = _scores(shelf, query, wording)
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
    countable = scores and complete and len(scores) <= _COUNTED_HITS
    return SearchResults(
        hits=tuple(hits),
        total=len(scores),
        partial=not complete,
        facets=_counts(shelf, scores) if countable else {},
        took_ms=(perf_counter() - started) * 1000,
    )


def _scores(shelf: Shelf, query: SearchQuery, wording: Wording) -> tuple[dict[int, float], bool]:
    """Return the score of every document found, and whether there was time to find all."""
    words = dict.fromkeys(word.folded for word in wording.words)
    with_word = [shelf.having("words", word) for word in words]
    found, complete = _permitted(shelf, query, wording, reduce(and_, with_word))
    scores = dict.fromkeys(shelf.members(found), 1.0)
    if not scores and complete:
        counts = Counter(chain.from_iterable(map(shelf.members, with_word)))
        enough = max(1, len(words) * 2 // 3)
        most_words = shelf.set_of(d for d, number in counts.items() if number >= enough)
        found, complete = _permitted(shelf, query, wording, most_words)
        scores = {document: float(counts[document]) for document in shelf.members(found)}
    for field, weight, terms in _better(wording):
        for term in terms:
            better = shelf.having(field, term)
            worth = weight * shelf.rarity(better)
            for document in shelf.members(better & found):
                scores[document] += worth
    return scores, complete


def _permitted(
    shelf: Shelf, query: SearchQuery, wording: Wording | None, found: int
) -> tuple[int, bool]:
    """Return those of a set that may be shown and have all phrases, and whether time was enough."""
    allowed = {
        "unit": query.unit_ids,
        "section": query.sections,
        "type": query.types,
        "language": None if query.language is None else {query.language},
        **{f"facet:{name}": {value} for name, value in query.facets.items()},
    }
    for name, values in allowed.items():
        if values is not None:
            found &= shelf.having_any("labels", (f"{name}:{value}" for value in values))
    hidden = (f"requirement:{unit}:{name}" for unit, name in query.hidden)
    found &= ~shelf.having_any("labels", hidden)
    if query.since or query.until:
        first = datetime.combine(query.since or date.min, time.min, ZONE)
        last = datetime.combine(query.until or date.max, time.max, ZONE)
        found &= shelf.between(microseconds(first), microseconds(last))
    complete = True
    for phrase in wording.phrases if wording else ():
        found, in_time = shelf.with_phrase(found, phrase)
        complete = complete and in_time
    return found, complete


def _better(wording: Wording) -> list[tuple[str, float, Iterable[str]]]:
    """Return (field, weight, terms): what makes some of the documents found better than others."""
    return [
        ("title", 2.0, [word.folded for word in wording.words]),
        ("marked", 1.0, [word.exact for word in wording.words]),
        ("pairs", 10.0, pairs(wording.words)),
        ("number", 1000.0, wording.numbers),
    ]


def _counts(shelf: Shelf, documents: Iterable[int]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for values, times in Counter(map(shelf.counted.__getitem__, documents)).items():
        for name, value in zip(COUNTED, values.decode().split("\t"), strict=True):
            counts[name][value] += times
    return {name: dict(counter.most_common()) for name, counter in counts.items()}
