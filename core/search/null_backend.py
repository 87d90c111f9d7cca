"""Search switched off: nothing is kept and nothing is found."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from hoitu.core.search.protocol import (
    Health,
    SearchDocument,
    SearchQuery,
    SearchResults,
    Suggestion,
)


class NullBackend:
    """The engine of an installation whose search is switched off."""

    def index(self, documents: Iterable[SearchDocument]) -> int:
        """Keep nothing."""
        return 0

    def remove(self, ids: Iterable[int]) -> int:
        """Find nothing to remove."""
        return 0

    def search(self, query: SearchQuery) -> SearchResults:
        """Return no hits."""
        return SearchResults()

    def suggest(
        self, prefix: str, query: SearchQuery | None = None, limit: int = 8
    ) -> list[Suggestion]:
        """Return no titles."""
        return []

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Keep nothing; the documents are not even read."""
        return 0

    def health(self) -> Health:
        """Return that search is off, which is a choice and not a fault."""
        return Health(ok=True, documents=0, detail=_("Search is switched off."))

    def close(self) -> None:
        """Have nothing to release."""
