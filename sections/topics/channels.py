"""The topics of a unit by the day: which run, which are over, and what they hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import or_

from hoitu.core import text
from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.search import SearchQuery, SearchUnavailable
from hoitu.core.web import active_unit, is_shown, now, today
from hoitu.sections.topics.models import Topic

#: Running topics that are named; a unit runs a handful at a time.
LIMIT = 50
#: Keywords that are searched for, entries found by them that are looked at and that are shown.
KEYWORDS, LOOKED_AT, SHOWN = 5, 30, 8


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a topic and why it belongs there."""

    item: Item
    note: str


def running(size: int = LIMIT) -> list[Topic]:
    """Return the topics that run today, the newest first: one statement."""
    # A topic that has not begun is not public yet: see Topic.open.
    chosen = queries.public(Topic, now()).where(
        or_(Topic.ends_on.is_(None), Topic.ends_on >= today())
    )
    return list(queries.page(session(), chosen, size=size).items)


def entries(topic: Topic) -> Sequence[Entry]:
    """Return the entries that visitors may read, in the editor's order: one statement."""
    notes = {row["item"]: row["note"] for row in topic.entries}
    return [Entry(item, notes[item.id]) for item in _readable(list(notes))]


def found(topic: Topic, without: Collection[int]) -> list[Item]:
    """Return the newest public items whose title or summary names a keyword: one statement.

    ``without`` are ids of what stands in the topic already. None while search is out of order.
    """
    words = [word for part in topic.keywords.split(",") if (word := _phrase(part)).strip()]
    ids: list[int] = []
    for word in words[:KEYWORDS]:
        wanted = SearchQuery(
            text=word,
            unit_ids=frozenset({active_unit().id}),
            types=frozenset(kind.name for kind in platform.types if kind.is_page),
            order="newest",
            limit=LOOKED_AT,
        )
        try:
            ids += [hit.id for hit in platform.search.search(wanted).hits]
        except SearchUnavailable:
            return []
    items = [item for item in _readable(ids) if item.id not in without and _names(item, words)]
    return sorted(items, key=lambda item: (item.sort_at, item.id), reverse=True)[:SHOWN]


def _readable(ids: Sequence[int]) -> list[Item]:
    types = [kind.name for kind in platform.types]
    unique = list(dict.fromkeys(ids))
    return [i for i in queries.by_ids(session(), unique, now(), types) if is_shown(i)]


def _names(item: Item, words: Sequence[str]) -> bool:
    """Say whether an item names one of the words; search also knows items that only come near."""
    told = _phrase(f"{item.title} {item.summary}")
    return item.type != Topic.type_name and any(word in told for word in words)


def _phrase(told: str) -> str:
    return f" {' '.join(text.words(told))} "
