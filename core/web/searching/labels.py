"""The facets a type of content has of its own, with the words for their values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hoitu.core.content import Choice, ContentType


@dataclass(frozen=True, slots=True)
class OwnFacet:
    """A facet of one type of content."""

    #: What the search engine calls it.
    name: str
    #: What addresses call it.
    filter: str
    label: Any
    _options: Callable[[], Any]

    def knows(self, value: str) -> bool:
        """Say whether it has a value."""
        return value in dict(self._options())

    def word_for(self, value: str) -> Any:
        """Return what visitors call a value; the value itself when the vocabulary lost it."""
        return dict(self._options()).get(value, value)


def own_facets(kind: ContentType) -> list[OwnFacet]:
    """Return the facets of a type: its filters in the order of its form, then what follows."""
    fields = [
        OwnFacet(name, declared.filter, declared.label, declared.kind.options)
        for name, declared in kind.filters.items()
        if isinstance(declared.kind, Choice)
    ]
    derived = [OwnFacet(n, f.filter, f.label, f.options) for n, f in kind.search_facets.items()]
    return fields + derived
