"""Rules of a topic: pure functions, tested as tables of cases."""

from __future__ import annotations

from flask_babel import gettext as _

from hoitu.core.content import Problem
from hoitu.sections.topics.models import Topic


def problems(topic: Topic) -> list[Problem]:
    """Return everything that is wrong with a topic."""
    return [*_days(topic), *_entries(topic), *_banner(topic)]


def _days(topic: Topic) -> list[Problem]:
    if topic.starts_on and topic.ends_on and topic.ends_on < topic.starts_on:
        return [Problem("ends_on", _("The last day lies before the first."))]
    return []


def _entries(topic: Topic) -> list[Problem]:
    named = [row["item"] for row in topic.entries]
    if None in named:
        return [Problem("entries", _("Choose the entry that each remark belongs to."))]
    if len(set(named)) < len(named):
        return [Problem("entries", _("An entry stands in the list twice. Take one of them out."))]
    if topic.id in named:
        return [Problem("entries", _("A topic cannot be an entry of itself."))]
    return []


def _banner(topic: Topic) -> list[Problem]:
    if topic.pictures and not topic.banner_alt:
        text = _("Say what the banner shows, for those who cannot see it.")
        return [Problem("banner_alt", text)]
    return []
