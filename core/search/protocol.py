"""What the platform asks of a search engine, whichever one runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

from markupsafe import Markup

REBUILD_COMMAND = "hoitu search rebuild"


class SearchUnavailable(RuntimeError):
    """The index is missing, damaged or of an older form; the message names the way out.

    ``reason`` is a sentence for the operator, without the command.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Run: {REBUILD_COMMAND}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """A public item as search sees it; all text is plain text, not HTML.

    ``sort_at`` is the aware instant that orders "newest first". ``attachments`` is what attached
    files say. ``facets`` are further values a query may ask for exactly, such as the kind of a
    legal document.
    """

    id: int
    unit_id: int
    type: str
    section: str
    requirement: str
    language: str
    title: str
    summary: str
    body: str
    _: KW_ONLY
    number: str = ""
    attachments: str = ""
    sort_at: datetime
    facets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a person typed, and what they may see.

    ``None`` in ``unit_ids``, ``sections``, ``types`` and ``language`` means no restriction; an
    empty set allows nothing. ``hidden`` names pairs of unit id and requirement to leave out.
    ``since`` and ``until`` are days in Vietnam, both included. ``facets`` must all match. ``place``
    is the name of the unit where the person asks: its words need not stand in what is found.
    ``correct`` is false where no correction is wanted, which makes the search cheaper.
    """

    text: str
    _: KW_ONLY
    unit_ids: frozenset[int] | None = None
    sections: frozenset[str] | None = None
    types: frozenset[str] | None = None
    hidden: frozenset[tuple[int, str]] = frozenset()
    language: str | None = None
    since: date | None = None
    until: date | None = None
    facets: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    correct: bool = True
    order: Literal["relevance", "newest"] = "relevance"
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One found document.

    ``snippet`` is safe HTML: escaped text with the words in <mark>. ``in_attachment`` says that it
    comes from an attached file, because nothing else of the document has the words.
    """

    id: int
    unit_id: int
    type: str
    title: str
    snippet: Markup
    score: float
    in_attachment: bool = False


@dataclass(frozen=True, slots=True)
class SearchResults:
    """One page of hits, best first.

    ``total`` counts all hits; when ``partial`` is true the time limit ended the search and there
    may be more, or a better spelling. ``facets`` counts all hits by ``type``, ``section``, ``unit``
    (its id), ``year`` and each facet of the documents; it is empty when there are too many hits to
    count quickly.

    ``correction`` is the query in words that the index knows, empty when it has nothing better.
    When ``corrected`` is true, nothing was found as typed and the hits are those of the correction.
    """

    hits: tuple[SearchHit, ...] = ()
    total: int = 0
    partial: bool = False
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    took_ms: float = 0.0
    correction: str = ""
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A document whose title holds the words typed so far."""

    id: int
    unit_id: int
    type: str
    title: str


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the index; when ``ok`` is false, ``remedy`` is the command that mends it."""

    ok: bool
    documents: int
    detail: str
    remedy: str = ""


@runtime_checkable
class SearchBackend(Protocol):
    """A full-text index of public items, shared by all threads and processes of the platform."""

    def index(self, documents: Iterable[SearchDocument]) -> int:
        """Add the documents in one commit, in place of those with the same ids.

        Returns how many ids were written; of two documents with one id the later counts.

        :raises TimeoutError: another process has been writing for too long; try again later.
        :raises SearchUnavailable: the index cannot be written until it is rebuilt.
        :raises ValueError: a ``sort_at`` without a time zone; nothing is written.
        """
        ...

    def remove(self, ids: Iterable[int]) -> int:
        """Remove the documents in one commit and return how many there were.

        Raises what :meth:`index` raises.
        """
        ...

    def search(self, query: SearchQuery) -> SearchResults:
        """Return the documents with all words of the query, else those with most of them.

        Words of asking and of ``query.place`` need not be found. No text that a person can type
        raises.

        :raises SearchUnavailable: the index is missing, damaged or of an older form.
        """
        ...

    def suggest(
        self, prefix: str, query: SearchQuery | None = None, limit: int = 8
    ) -> list[Suggestion]:
        """Return documents with the typed words in their titles, best first.

        The last word may be unfinished; each title comes once. ``query`` restricts what may be
        suggested; its own text does not count.

        :raises SearchUnavailable: the index is missing, damaged or of an older form.
        """
        ...

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Replace the whole index and return how many ids it holds; search stays up meanwhile.

        The documents are read only after all other writers have been locked out: give an iterable
        that reads the database lazily, and no change made in between is lost.

        :raises TimeoutError: another process has been writing for too long; try again later.
        """
        ...

    def health(self) -> Health:
        """Return the state of the index; never raises."""
        ...

    def close(self) -> None:
        """Release all files. A later call opens them again."""
        ...
