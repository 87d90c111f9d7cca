"""``/chuyen-de``: the topics that run, those that are over, and the entries of each."""

from __future__ import annotations

from typing import Any

from hoitu.core.web import Listing, SectionPages, covers, today
from hoitu.sections.topics.channels import entries, found, running
from hoitu.sections.topics.models import Topic


def list_values(listing: Listing) -> dict[str, Any]:
    """Return all running topics before the others; a search shows them where it finds them."""
    day = today()
    begins = not listing.parameters and not listing.newer_path
    run = [topic for topic in listing.items if topic.state_on(day) == "running"]
    if not listing.parameters:
        run = running() if begins else []
    ended = [topic for topic in listing.items if topic.state_on(day) == "ended"]
    described = {topic.id: topic.banner_alt for topic in [*run, *ended]}
    return {"running": run, "ended": ended, "covers": covers(described)}


def detail_values(topic: Topic) -> dict[str, Any]:
    """Return banner, state, the chosen entries and those its keywords find."""
    chosen = entries(topic)
    return {
        "cover": covers({topic.id: topic.banner_alt}).get(topic.id),
        "state": topic.state_on(today()),
        "entries": chosen,
        "found": found(topic, {entry.item.id for entry in chosen}),
    }


pages = SectionPages(
    "topics",
    __name__,
    path="/chuyen-de",
    content_type="topic",
    extend_list=list_values,
    extend_detail=detail_values,
)
