"""The topics of a unit by the day: which run, which are over, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import is_shown, now, today
from hoitu.sections.topics.models import Topic

#: Topics that are looked at for panel and list; a unit runs a handful at a time.
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a topic and why it belongs there."""

    item: Item
    note: str


def topics(*states: str) -> list[Topic]:
    """Return the public topics in some states today, the newest first: one statement."""
    day = today()
    found = queries.newest(Topic, size=LIMIT, now=now())
    return [topic for topic in found if topic.state_on(day) in states]


def entries(topic: Topic) -> Sequence[Entry]:
    """Return the entries that visitors may read, in the editor's order: one statement."""
    notes = {row["item"]: row["note"] for row in topic.entries}
    types = [kind.name for kind in platform.types]
    found = queries.by_ids(session(), list(notes), now(), types)
    return [Entry(item, notes[item.id]) for item in found if is_shown(item)]
