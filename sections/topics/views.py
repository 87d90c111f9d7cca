"""``/chuyen-de``: the topics that run, those that are over, and the entries of each."""

from __future__ import annotations

from typing import Any

from hoitu.core.web import Listing, SectionPages, covers, today
from hoitu.sections.topics.channels import entries
from hoitu.sections.topics.models import Topic


def list_values(listing: Listing) -> dict[str, Any]:
    """Return the topics of the page by their state, without those that have not begun."""
    day = today()
    by_state: dict[str, list[Topic]] = {"running": [], "ended": [], "upcoming": []}
    for topic in listing.items:
        by_state[topic.state_on(day)].append(topic)
    shown = [*by_state["running"], *by_state["ended"]]
    return {**by_state, "covers": covers({topic.id: topic.banner_alt for topic in shown})}


def detail_values(topic: Topic) -> dict[str, Any]:
    """Return banner, state and entries."""
    return {
        "cover": covers({topic.id: topic.banner_alt}).get(topic.id),
        "state": topic.state_on(today()),
        "entries": entries(topic),
        "facts": list,
        "tables": list,
    }


pages = SectionPages(
    "topics",
    __name__,
    path="/chuyen-de",
    content_type="topic",
    extend_list=list_values,
    extend_detail=detail_values,
)
