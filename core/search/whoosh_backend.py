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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any, TypeVar

from flask_babel import gettext as _
from whoosh import columns, fields, index
from whoosh.query import Or, Term
from whoosh.reading import SegmentReader
from whoosh.util.filelock import FileLock, try_for
from whoosh.writing import CLEAR

from hoitu.core.search.protocol import (
    REBUILD_COMMAND,
    Health,
    SearchDocument,
    SearchQuery,
    SearchResults,
    SearchUnavailable,
    Suggestion,
)
from hoitu.core.search.ranking import results, suggestions
from hoitu.core.search.rows import row_of
from hoitu.core.search.shelf import Shelf
from hoitu.core.search.vocabulary import Vocabulary
from hoitu.core.search.wording import read_query
from hoitu.core.text import fold

#: The folder of the index; another name with every change of what is written into it.
_FORM = "form-7"


def _terms() -> fields.IDLIST:
    """Return a field of terms as they are given."""
    field = fields.IDLIST()
    # Without lengths the library asks the file system for them at every single posting.
    field.scorable = True
    return field


_SCHEMA = fields.Schema(
    id=fields.ID(unique=True),
    words=_terms(),
    title=_terms(),
    summary=_terms(),
    attached=_terms(),
    pairs=_terms(),
    inner=_terms(),
    number=_terms(),
    places=fields.TEXT(),
    labels=_terms(),
    titled=fields.NUMERIC(int, bits=32, sortable=True),
    sort_at=fields.NUMERIC(int, bits=64, sortable=True),
    counted=fields.COLUMN(columns.RefBytesColumn()),
    card=fields.STORED(),
)
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
        self._words = Vocabulary()

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
        wording = read_query(query.text, query.place)
        if not wording.words:
            return SearchResults()
        return self._reading(lambda shelf: results(shelf, query, wording, self._time_limit))

    def suggest(
        self, prefix: str, query: SearchQuery | None = None, limit: int = 8
    ) -> list[Suggestion]:
        """Return documents with the typed words in their titles, best first."""
        typed = read_query(prefix)
        if not typed.words:
            return []
        different: dict[str, Suggestion] = {}
        for suggestion in self._reading(lambda shelf: suggestions(shelf, typed, query, limit)):
            different.setdefault(fold(suggestion.title), suggestion)
        return list(different.values())[:limit]

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
            shelf = self._shelf = Shelf(self._folder, built_at, self._words)
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
