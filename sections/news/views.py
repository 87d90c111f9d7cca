"""``/tin-tuc``: list by channel, article with its source and what else is new."""

from __future__ import annotations

from typing import Any

from hoitu.core.content import Item, queries
from hoitu.core.extensions import session
from hoitu.core.web import Listing, SectionPages, now
from hoitu.sections.news.covers import covers
from hoitu.sections.news.models import NewsArticle
from hoitu.sections.news.types import news_article
from hoitu.sections.news.vocabularies import GENRES

#: Other articles of the channel, named below an article.
OTHERS = 5


def labels() -> dict[str, Any]:
    """Return what lists and articles call channels and genres."""
    return {
        "channel_label": dict(news_article.requirements).get,
        "genre_label": dict(GENRES.options()).get,
    }


def list_values(listing: Listing) -> dict[str, Any]:
    """Return labels and cover pictures of a page of the list."""
    return {**labels(), "covers": covers(listing.items)}


def detail_values(article: NewsArticle) -> dict[str, Any]:
    """Return labels, cover, the other files and the other articles of the channel."""
    cover = covers([article]).get(article.id)
    shown = {cover.file.id} if cover else set()
    return {
        **labels(),
        "cover": cover,
        "files": [r.file for r in article.attachment_rows if r.file.id not in shown],
        "others": others(article),
    }


def others(article: NewsArticle) -> list[Item]:
    """Return the newest articles of the same channel, without this one: one statement."""
    chosen = queries.public(NewsArticle, now(), [article.requirement])
    return list(queries.page(session(), chosen.where(Item.id != article.id), size=OTHERS).items)


pages = SectionPages(
    "news",
    __name__,
    path="/tin-tuc",
    content_type="news_article",
    extend_list=list_values,
    extend_detail=detail_values,
)
