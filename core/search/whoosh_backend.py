"""The embedded engine: Whoosh as the store of words, for up to some twenty thousand documents.

Two habits of whoosh-reloaded 2.7.5 shape this module. ``Searcher.refresh()`` brings deleted and
superseded documents back, so an index that has changed is opened anew, never refreshed. Readers
share one file position between threads, so one thread reads at a time; as Whoosh is pure Python,
threads would not run side by side anyway.

The index files contain pickles: never bring them back from a backup that someone else could have
changed, rebuild instead. File locks do not hold over NFS: several machines need another engine.
"""

from __future__ import annotations

import errno
import json
import shutil
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from itertools import accumulate, chain, islice, repeat
from pathlib import Path
from threading import Lock
from time import perf_counter, sleep
from typing import Any, TypeVar

from flask_babel import gettext as _
from whoosh import columns, fields, formats, index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.reading import TermNotFound
from whoosh.util.filelock import FileLock, try_for

from hoitu.core.search.generations import Generation, Generations, damaged
from hoitu.core.search.protocol import (
    REBUILD_COMMAND,
    Health,
    SearchDocument,
    SearchHit,
    SearchQuery,
    SearchResults,
    SearchUnavailable,
)
from hoitu.core.search.ranking import Deadline, Matching, Permission, best_first, microseconds
from hoitu.core.search.snippet import Snippets
from hoitu.core.search.terms import (
    Term,
    counted,
    labels,
    lead,
    place_terms,
    title_terms,
    word_terms,
)
from hoitu.core.search.wording import Wording, read_query
from hoitu.core.text import fold, nfc

#: Raise it with every change of the schema or of what is written into a field.
SCHEMA_VERSION = 1
#: The part of a body that snippets are taken from.
_SHOWN_BODY = 2_000
_COUNTED_HITS = 2_000
_MAX_PAGE = 200
#: Words that an unfinished word may become.
_COMPLETIONS = 200
_REOPENINGS = 10
_FACETS = ("type", "section", "unit", "year")

#: Errors of the operating system that come from what is in the files; others are its own.
_DAMAGE = frozenset({errno.ENOENT, errno.EINVAL})

T = TypeVar("T")


class _Terms(fields.FieldType):  # type: ignore[misc]
    """A field whose terms, weights and positions come ready from :mod:`hoitu.core.search.terms`."""

    def __init__(self, format_: formats.Format) -> None:
        super().__init__(format_, analyzer=None)

    def index(self, value: Iterable[Term], **_options: Any) -> Iterator[tuple[Any, ...]]:
        """Yield what Whoosh writes: the term, its frequency, weight and payload."""
        for text, weight, positions in value:
            yield self.to_bytes(text), 1, weight, positions

    def to_bytes(self, value: str | bytes) -> bytes:
        """Return the form of a term in the index; no text is refused."""
        return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


class _Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's file format without lengths of fields, which our ranking has in the weights.

    To look for them takes Whoosh a call of the file system for every word of every document.
    """

    length_stats = False


def _schema() -> fields.Schema:
    return fields.Schema(
        id=_Terms(formats.Existence()),
        words=_Terms(formats.Existence()),
        places=_Terms(formats.Format()),
        title=_Terms(formats.Existence()),
        labels=_Terms(formats.Existence()),
        instant=fields.COLUMN(columns.NumericColumn("q")),
        counted=fields.COLUMN(columns.VarBytesColumn()),
        lead=fields.COLUMN(columns.VarBytesColumn()),
        card=fields.COLUMN(columns.VarBytesColumn()),
    )


@dataclass(frozen=True, slots=True)
class _Card:
    """What a hit shows."""

    id: int
    unit_id: int
    type: str
    title: str
    summary: str
    body: str

    @classmethod
    def of(cls, document: SearchDocument) -> _Card:
        title, summary, body = (
            " ".join(nfc(text).split())
            for text in (document.title, document.summary, document.body[: 2 * _SHOWN_BODY])
        )
        return cls(document.id, document.unit_id, document.type, title, summary, body[:_SHOWN_BODY])


def _row(document: SearchDocument) -> dict[str, Any]:
    return {
        "id": [Term(str(document.id))],
        "words": word_terms(document),
        "places": place_terms(document),
        "title": title_terms(document),
        "labels": [Term(label) for label in set(labels(document))],
        "instant": microseconds(document.sort_at),
        "counted": _packed([counted(document)[name] for name in _FACETS]),
        "lead": lead(document).encode(),
        "card": _packed(list(asdict(_Card.of(document)).values())),
    }


def _packed(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8")


class _Snapshot:
    """One committed state of the index, open for reading by one thread at a time.

    Documents are numbered through all segments. Nothing here changes after it was opened, so what
    was read once is kept.
    """

    def __init__(self, live: Generation) -> None:
        self.folder = live.folder
        self.complete = live.complete
        self._index = index.open_dir(str(live.folder))
        self._generation = self._index.latest_generation()
        self._reader = self._index.reader()
        self._leaves = [
            leaf for leaf, _start in self._reader.leaf_readers() if leaf.doc_count_all()
        ]
        self._starts = [0, *accumulate(leaf.doc_count_all() for leaf in self._leaves)]
        self._columns: dict[str, list[Sequence[Any]]] = {}
        self._labelled: dict[str, frozenset[int]] = {}

    def is_current(self) -> bool:
        """Tell whether no writer has committed since."""
        return bool(self._index.latest_generation() == self._generation)

    def close(self) -> None:
        """Release the files."""
        self._reader.close()

    def live_count(self) -> int:
        """Return the number of documents that can be found."""
        return self.document_count() - len(self.deleted())

    def document_count(self) -> int:
        """Return the number of documents with the deleted ones not yet swept away."""
        return int(self._starts[-1])

    def deleted(self) -> AbstractSet[int]:
        """Return the documents that are no longer there."""
        return self._deleted

    @cached_property
    def _deleted(self) -> frozenset[int]:
        return frozenset(
            start + document
            for start, leaf in zip(self._starts, self._leaves, strict=False)
            for document in leaf.deleted_docs_set
        )

    def frequency(self, word: str) -> int:
        """Return in how many documents the word occurs."""
        return sum(leaf.doc_frequency("words", word) for leaf in self._leaves)

    def weights(self, word: str) -> Iterator[tuple[Sequence[int], Iterable[float]]]:
        """Yield blocks of documents with the word and its weight in each."""
        return self._weights("words", word)

    def positions(self, word: str) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        """Yield blocks of documents with the word and its packed positions in each."""
        for documents, _weight, positions in self._blocks("places", word):
            yield documents, positions

    def title_weights(self, word: str | bytes) -> Iterator[tuple[Sequence[int], Iterable[float]]]:
        """Yield blocks of documents with the word in their title and its weight in each."""
        return self._weights("title", word)

    def completions(self, prefix: str) -> set[bytes]:
        """Return words of titles that start with ``prefix``, itself included."""
        return {
            word
            for leaf in self._leaves
            for word in islice(leaf.expand_prefix("title", prefix), _COMPLETIONS)
        }

    def labelled(self, label: str) -> AbstractSet[int]:
        """Return the documents with this label."""
        known = self._labelled.get(label)
        if known is None:
            known = frozenset(
                chain.from_iterable(
                    documents for documents, *_rest in self._blocks("labels", label)
                )
            )
            # Labels nobody has can come from outside in any number.
            if known:
                self._labelled[label] = known
        return known

    def instants(self) -> Sequence[int]:
        """Return ``sort_at`` of every document in microseconds since 1970."""
        return self._instants

    @cached_property
    def _instants(self) -> list[int]:
        return list(chain.from_iterable(self._column("instant")))

    @cached_property
    def counted(self) -> list[tuple[str, ...]]:
        """The values by which each document is counted; equal ones are one object."""
        unpack = cache(lambda packed: tuple(json.loads(packed)))
        return [unpack(packed) for packed in chain.from_iterable(self._column("counted"))]

    def lead(self, document: int) -> str:
        """Return the folded words before the body, each between single blanks."""
        return self._value("lead", document).decode("utf-8")

    def card(self, document: int) -> _Card:
        """Return what a hit shows."""
        return _Card(*json.loads(self._value("card", document)))

    def _weights(
        self, field: str, word: str | bytes
    ) -> Iterator[tuple[Sequence[int], Iterable[float]]]:
        for documents, weights, _payloads in self._blocks(field, word):
            # Whoosh packs a block of equal weights into one number, and of ones into none.
            yield documents, weights if isinstance(weights, tuple) else repeat(weights or 1.0)

    def _blocks(self, field: str, term: str | bytes) -> Iterator[tuple[list[int], Any, Any]]:
        """Yield documents, weights and payloads of each block of postings.

        The blocks are taken as Whoosh's decoder leaves them; to ask posting by posting through
        its public methods takes ten times as long. Deleted documents are among them.
        """
        for start, leaf in zip(self._starts, self._leaves, strict=False):
            try:
                matcher = leaf.postings(field, term)
            except TermNotFound:
                continue
            matcher = getattr(matcher, "child", matcher)
            while matcher.is_active():
                matcher._read_data()
                steps, weights, payloads = matcher._data
                yield list(accumulate(steps, initial=start))[1:], weights, payloads
                matcher._next_block()

    def _value(self, name: str, document: int) -> bytes:
        leaf = bisect_right(self._starts, document) - 1
        value: bytes = self._column(name)[leaf][document - self._starts[leaf]]
        return value

    def _column(self, name: str) -> list[Sequence[Any]]:
        if name not in self._columns:
            self._columns[name] = [
                leaf.column_reader(name, translate=False) for leaf in self._leaves
            ]
        return self._columns[name]


class WhooshBackend:
    """A full-text index in the folder ``search`` of an instance.

    ``time_limit`` is in seconds per search; ``writer_timeout`` is how many seconds a writer waits
    for another one.
    """

    def __init__(
        self, instance: Path, *, time_limit: float = 0.3, writer_timeout: float = 60.0
    ) -> None:
        self._root = instance / "search"
        self._generations = Generations(self._root, SCHEMA_VERSION)
        self._time_limit = time_limit
        self._writer_timeout = writer_timeout
        self._lock = Lock()
        self._snapshot: _Snapshot | None = None

    def index(self, documents: Iterable[SearchDocument]) -> int:
        """Add the documents in one commit, in place of those with the same ids."""
        latest = {document.id: document for document in documents}
        if latest:
            with self._writing():
                live = self._generations.live() or self._start()
                with _writer(live.folder) as writer:
                    _replace(writer, latest)
        return len(latest)

    def remove(self, ids: Iterable[int]) -> int:
        """Remove the documents in one commit and return how many there were."""
        with self._writing():
            if not (live := self._generations.live()):
                return 0
            with _writer(live.folder) as writer:
                return _delete(writer, ids)

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Replace the whole index; the old one answers until the new one is complete."""
        with self._writing():
            folder = self._generations.add_folder()
            try:
                count = _fill(folder, documents)
                self._generations.make_live(folder, complete=True)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            self._generations.sweep(folder)
        return count

    def search(self, query: SearchQuery) -> SearchResults:
        """Return the documents with all words of the query, else those with most of them."""
        started = perf_counter()
        wording = read_query(query.text)
        if not wording.words:
            return SearchResults()
        found = self._reading(lambda snapshot: self._find(snapshot, query, wording))
        snippets = Snippets(wording.words)
        hits = tuple(
            SearchHit(
                id=card.id,
                unit_id=card.unit_id,
                type=card.type,
                title=card.title,
                snippet=snippets.build(card.summary, card.body),
                score=score,
            )
            for card, score in found.page
        )
        took_ms = (perf_counter() - started) * 1000
        return SearchResults(hits, found.total, found.partial, found.facets, took_ms)

    def suggest(self, prefix: str, query: SearchQuery | None = None, limit: int = 8) -> list[str]:
        """Return different titles with the typed words, the last of which may be unfinished."""
        words = [word.folded for word in read_query(prefix).words]
        if not words:
            return []
        permitted = query or SearchQuery(prefix)
        return self._reading(lambda snapshot: self._titles(snapshot, words, permitted, limit))

    def health(self) -> Health:
        """Return the state of the index."""
        try:
            documents, complete = self._reading(lambda live: (live.live_count(), live.complete))
        except SearchUnavailable as error:
            return Health(ok=False, documents=0, detail=error.reason, remedy=REBUILD_COMMAND)
        if not complete:
            detail = _("The search index was never built as a whole; older items may be missing.")
            return Health(ok=False, documents=documents, detail=detail, remedy=REBUILD_COMMAND)
        return Health(ok=True, documents=documents, detail=_("The search index is complete."))

    def close(self) -> None:
        """Release all files. A later call opens them again."""
        with self._lock:
            self._drop()

    # -- reading ------------------------------------------------------------------------------

    def _reading(self, work: Callable[[_Snapshot], T]) -> T:
        with self._lock:
            for attempt in range(_REOPENINGS):
                try:
                    return work(self._current())
                except (FileNotFoundError, index.EmptyIndexError):
                    # A writer swept the files away between two looks at the folder.
                    self._drop()
                    sleep(0.01 * attempt)
                except (SearchUnavailable, MemoryError):
                    raise
                except Exception as error:
                    self._drop()
                    raise _trouble(error) from error
            raise damaged()

    def _current(self) -> _Snapshot:
        live = self._generations.live()
        if live is None:
            raise SearchUnavailable(_("There is no search index yet."))
        snapshot = self._snapshot
        if snapshot is None or snapshot.folder != live.folder or not snapshot.is_current():
            self._drop()
            snapshot = self._snapshot = _Snapshot(live)
        return snapshot

    def _drop(self) -> None:
        if self._snapshot is not None:
            with suppress(Exception):
                self._snapshot.close()
            self._snapshot = None

    def _find(self, snapshot: _Snapshot, query: SearchQuery, wording: Wording) -> _Found:
        deadline = Deadline(self._time_limit)
        matching = Matching(snapshot, query, wording, deadline)
        scores = matching.scores()
        offset, limit = max(query.offset, 0), min(max(query.limit, 0), _MAX_PAGE)
        best = matching.best(scores, offset + limit)[offset:]
        counts: Mapping[str, Mapping[str, int]] = {}
        if len(scores) <= _COUNTED_HITS and not deadline.missed:
            counts = _counts(snapshot, scores)
        page = [(snapshot.card(document), scores[document]) for document in best]
        return _Found(page, len(scores), deadline.missed, counts)

    def _titles(
        self, snapshot: _Snapshot, words: list[str], query: SearchQuery, limit: int
    ) -> list[str]:
        deadline = Deadline(self._time_limit)
        *whole, unfinished = words
        scores: dict[int, float] = {}
        for completion in snapshot.completions(unfinished):
            for documents, weights in snapshot.title_weights(completion):
                scores.update(zip(documents, weights, strict=False))
            if deadline.over():
                break
        for word in whole:
            found: dict[int, float] = {}
            for documents, weights in snapshot.title_weights(word):
                found.update(zip(documents, weights, strict=False))
            scores = {d: score + found[d] for d, score in scores.items() if d in found}
        permitted = Permission(snapshot, query)(scores.keys())
        # The same title may stand at many units.
        best = best_first(permitted, scores, snapshot.instants(), limit * 4)
        titles = (snapshot.card(document).title for document in best)
        return list({fold(title): title for title in titles}.values())[:limit]

    # -- writing ------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep all other writers out, those of other processes too."""
        self._root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self._root / "writer.lock"))
        if not try_for(lock.acquire, timeout=self._writer_timeout, delay=0.05):
            raise TimeoutError("another process is writing the search index")
        try:
            yield
        finally:
            lock.release()

    def _start(self) -> Generation:
        """Begin an index with nothing in it: it is not known whether there are older items."""
        folder = self._generations.add_folder()
        _create(folder)
        return self._generations.make_live(folder, complete=False)


@dataclass(frozen=True, slots=True)
class _Found:
    page: list[tuple[_Card, float]]
    total: int
    partial: bool
    facets: Mapping[str, Mapping[str, int]]


def _counts(snapshot: _Snapshot, documents: Iterable[int]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in _FACETS}
    for values, count in Counter(map(snapshot.counted.__getitem__, documents)).items():
        for name, value in zip(_FACETS, values, strict=True):
            counts[name][value] += count
    return {name: dict(counter.most_common()) for name, counter in counts.items()}


def _trouble(error: Exception) -> SearchUnavailable:
    """Return what an error of the library means: damaged files make it raise anything."""
    if isinstance(error, OSError) and error.errno not in _DAMAGE:
        return SearchUnavailable(_("The search index cannot be read: %(why)s.", why=error.strerror))
    return damaged()


def _create(folder: Path) -> Any:
    return index.create_in(str(folder), _schema())


@contextmanager
def _writer(folder: Path) -> Iterator[Any]:
    try:
        # Our own lock is held: the library's is free, or another program writes here.
        with index.open_dir(str(folder)).writer(timeout=1.0, codec=_Codec()) as writer:
            yield writer
    except MemoryError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in _DAMAGE:
            raise
        raise damaged() from error


def _delete(writer: Any, ids: Iterable[int]) -> int:
    return sum(writer.delete_by_term("id", str(id_)) for id_ in set(ids))


def _replace(writer: Any, documents: Mapping[int, SearchDocument]) -> None:
    _delete(writer, documents)
    for document in documents.values():
        writer.add_document(**_row(document))


def _fill(folder: Path, documents: Iterable[SearchDocument]) -> int:
    """Write the documents into a new index and return the number of their ids."""
    seen: set[int] = set()
    # A writer cannot replace what it has not committed yet.
    again: dict[int, SearchDocument] = {}
    with _create(folder).writer(limitmb=64, codec=_Codec()) as writer:
        for document in documents:
            if document.id in seen:
                again[document.id] = document
            else:
                seen.add(document.id)
                writer.add_document(**_row(document))
    if again:
        with _writer(folder) as writer:
            _replace(writer, again)
    return len(seen)
