"""Full-text search: what the platform asks of an engine, and the engines it ships."""

from __future__ import annotations

from hoitu.core.search.null_backend import NullBackend
from hoitu.core.search.protocol import (
    Health,
    SearchBackend,
    SearchDocument,
    SearchHit,
    SearchQuery,
    SearchResults,
    SearchUnavailable,
    Suggestion,
)
from hoitu.core.search.whoosh_backend import WhooshBackend

__all__ = [
    "Health",
    "NullBackend",
    "SearchBackend",
    "SearchDocument",
    "SearchHit",
    "SearchQuery",
    "SearchResults",
    "SearchUnavailable",
    "Suggestion",
    "WhooshBackend",
]
