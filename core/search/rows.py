"""What is written into the index for a document, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hoitu.core import text
from hoitu.core.clock import local
from hoitu.core.search.protocol import SearchDocument
from hoitu.core.search.wording import pairs, read_words

#: A longer body (about 100,000 syllables) is indexed as far as this, and shown as far as that.
_INDEXED_BODY, _SHOWN = 500_000, 1_000
#: What hits are counted by, in the order of the field ``counted``.
COUNTED = ("type", "section", "unit", "year")
#: Stands between the parts of a document, so that no phrase goes over it: it is not a word.
_BORDER = "|"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def row_of(document: SearchDocument) -> dict[str, Any]:
    """Return the value of every field; a ``sort_at`` without a time zone raises ValueError."""
    head = [read_words(part) for part in (document.title, document.number, document.summary)]
    title, number, _summary = head
    zones = [[word.folded for word in part] for part in head]
    zones.append(text.words(document.body[:_INDEXED_BODY]))
    places = [word for zone in zones for word in (*zone, _BORDER)]
    key = text.number_key(document.number)
    year = local(document.sort_at).year
    counted = document.type, document.section, document.unit_id, year
    return {
        "id": str(document.id),
        "words": [*places, key],
        "title": [word.folded for word in (*title, *number)],
        "marked": [word.exact for part in head for word in part if word.exact != word.folded],
        "pairs": [pair for part in head for pair in pairs(part)],
        "number": [key],
        "places": places,
        "labels": list(_labels(document)),
        "sort_at": microseconds(document.sort_at),
        "counted": "\t".join(map(str, counted)).encode(),
        "card": _card(document),
    }


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


def _card(document: SearchDocument) -> dict[str, Any]:
    """Return what a hit shows."""
    return {
        "id": document.id,
        "unit_id": document.unit_id,
        "type": document.type,
        "title": _line(document.title),
        "summary": _line(document.summary),
        "body": _line(document.body),
    }


def _line(value: str) -> str:
    """Return the start of a text on one line."""
    return " ".join(text.nfc(value[: 2 * _SHOWN]).split())[:_SHOWN]
