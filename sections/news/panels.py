"""What the section contributes to menu and home page."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, in_language, now
from hoitu.sections.news.covers import covers
from hoitu.sections.news.models import NewsArticle
from hoitu.sections.news.types import news_article

#: Articles of the first panel, the first of them large, and of each channel below it.
HOT, BRIEF = 6, 4
#: Channels with a panel of their own; the rest of the news is in the first.
CHANNELS = ("leader_activities", "digital_transformation")


def menu() -> list[MenuEntry]:
    """Return "News and events" with its channels; what leaders do stands under another, too."""
    channels = tuple(
        MenuEntry(label, "news.index", requirement=key, arguments={"nhom": key})
        for key, label in news_article.requirements.items()
    )
    title = _("News and events")
    leaders = [
        replace(channel, weight=20, under="direction")
        for channel in channels
        if channel.requirement == CHANNELS[0]
    ]
    return [MenuEntry(title, "news.index", 20, children=channels, under="news"), *leaders]


def home(unit: Unit) -> list[Panel]:
    """Return the newest articles and the channels with a panel of their own; none when empty."""
    on = platform.switchboard.requirements_on(unit, "news")
    hot = newest(on, HOT)
    if not hot:
        return []
    shown = [article.id for article in hot]
    hot = in_language(hot)
    values = {"articles": hot, "covers": covers(hot[:1])}
    more = url_for("news.index")
    panels = [_panel("hot", _("News"), "news/hot.html", values, more, size="large")]
    for key in CHANNELS:
        if key in on and (brief := newest([key], BRIEF, shown)):
            values = {"articles": in_language(brief)}
            label, more = news_article.requirements[key], url_for("news.index", nhom=key)
            panels.append(_panel(key, label, "news/brief.html", values, more))
    return panels


def newest(channels: Iterable[str], size: int, without: Collection[int] = ()) -> list[Item]:
    """Return the newest public articles of some channels: one statement."""
    chosen = queries.public(NewsArticle, now(), channels).where(Item.id.not_in(without))
    return list(queries.page(session(), chosen, size=size).items)


def _panel(
    name: str, title: Any, template: str, values: dict[str, Any], more: str, size: str = "half"
) -> Panel:
    return Panel(f"news_{name}", title, template, values, weight=20, more=more, size=size)
