"""What is written into the index for a document, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hoitu.core import text
from hoitu.core.clock import local
from hoitu.core.search.protocol import SearchDocument
from hoitu.core.search.wording import (
    Word,
    marked_pairs,
    number_keys,
    pairs,
    read_words,
    short_forms,
    shortened,
)

#: A longer text (about 100,000 syllables) is indexed as far as this, and shown as far as that.
_INDEXED, _SHOWN, _SHOWN_ATTACHED = 500_000, 1_000, 4_000
#: Words of a text whose neighbours are kept.
_PAIRED = 5_000
#: Stands between the parts of a document, so that no phrase goes over it: it is not a word.
_BORDER = "|"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def row_of(document: SearchDocument) -> dict[str, Any]:
    """Return the value of every field; a ``sort_at`` without a time zone raises ValueError.

    A word stands in a field twice: without its marks, and with them behind ``=``. A number by which
    the document is called stands there once more behind ``@``.
    """
    title, number, summary, body, attached = zones = [
        read_words(part[:_INDEXED])
        for part in (
            document.title,
            document.number,
            document.summary,
            document.body,
            document.attachments,
        )
    ]
    keys = number_keys(document.number)
    named = {*title, *number, *short_forms(title)}
    summed = {*summary, *short_forms(summary)}
    own = named | summed | {*body, *short_forms(body)}
    short = [shortened(title), shortened(summary)]
    return {
        "id": str(document.id),
        "words": [
            *_both(own | {*attached, *short_forms(attached)}),
            *(k.lstrip("^") for k in keys),
        ],
        "title": _both(named),
        "summary": _both(summed),
        "attached": [word.folded for word in {*attached, *short_forms(attached)} - own],
        "pairs": _neighbours(title, number, summary, *short),
        "inner": _neighbours(body[:_PAIRED], attached[:_PAIRED]),
        "number": [*keys, *(f"@{key}" for key in keys & number_keys(document.title))],
        "places": [part for zone in zones for part in (*(w.folded for w in zone), _BORDER)],
        "titled": len(title),
        "labels": list(_labels(document)),
        "sort_at": microseconds(document.sort_at),
        "counted": _counted(document),
        "card": _card(document),
    }


def _neighbours(*zones: Sequence[Word]) -> list[str]:
    return [pair for zone in zones for pair in (*pairs(zone), *marked_pairs(zone))]


def _both(words: Iterable[Word]) -> list[str]:
    return [term for word in words for term in (word.folded, f"={word.exact}")]


def microseconds(instant: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970."""
    return (local(instant) - _EPOCH) // timedelta(microseconds=1)


def _labels(document: SearchDocument) -> Iterator[str]:
    """Yield what queries restrict by."""
    yield f"unit:{document.unit_id}"
    yield f"section:{document.section}"
    yield f"type:{document.type}"
    yield f"language:{document.language}"
    yield f"requirement:{document.unit_id}:{document.requirement}"
    for name, value in document.facets.items():
        yield f"facet:{name}:{value}"


def _counted(document: SearchDocument) -> bytes:
    """Return what hits are counted by; empty facets do not count."""
    values = {name: value for name, value in document.facets.items() if value} | {
        "type": document.type,
        "section": document.section,
        "unit": str(document.unit_id),
        "year": str(local(document.sort_at).year),
    }
    return json.dumps(values, sort_keys=True).encode()


def _card(document: SearchDocument) -> dict[str, Any]:
    """Return what a hit shows."""
    return {
        "id": document.id,
        "unit_id": document.unit_id,
        "type": document.type,
        "title": _line(document.title),
        "summary": _line(document.summary),
        "body": _line(document.body),
        "attachments": _line(document.attachments, _SHOWN_ATTACHED),
    }


def _line(value: str, length: int = _SHOWN) -> str:
    """Return the start of a text on one line."""
    return text.one_line(value[: 2 * length])[:length]
