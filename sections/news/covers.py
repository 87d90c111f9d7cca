"""Cover pictures of articles."""

from __future__ import annotations

from collections.abc import Iterable

from hoitu.core import web
from hoitu.core.content import Item
from hoitu.core.web import Cover
from hoitu.sections.news.models import NewsArticle


def covers(items: Iterable[Item]) -> dict[int, Cover]:
    """Return the covers of this unit's articles by item id, in one statement at most."""
    return web.covers({i.id: i.cover_alt for i in items if isinstance(i, NewsArticle)})
