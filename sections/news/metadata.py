"""What articles are to machines: schema.org's NewsArticle."""

from __future__ import annotations

from typing import Any

from hoitu.core.web import file_path
from hoitu.sections.news.models import EXTERNAL, NewsArticle
from hoitu.sections.news.vocabularies import GENRES


def describe(article: NewsArticle) -> dict[str, Any]:
    """Return headline, genre, author, picture, and where it was taken from."""
    source = {"@type": "CreativeWork", "name": article.source_name, "url": article.source_url}
    taken = article.origin == EXTERNAL and (article.source_name or article.source_url)
    return {
        "@type": "NewsArticle",
        "headline": article.title,
        "genre": dict(GENRES.options()).get(article.genre),
        "author": {"@type": "Person", "name": article.author_name} if article.author_name else None,
        "image": _picture(article),
        "isBasedOn": source if taken else None,
    }


def _picture(article: NewsArticle) -> dict[str, Any] | None:
    """Return the cover: the first picture among the attachments, once it is described."""
    pictures = (r.file for r in article.attachment_rows if r.file.media_type.startswith("image/"))
    cover = next(pictures, None)
    if cover is None or not article.cover_alt:
        return None
    return {
        "@type": "ImageObject",
        "contentUrl": file_path(cover),
        "caption": article.cover_alt,
        "width": cover.width,
        "height": cover.height,
    }
