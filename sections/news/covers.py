"""Cover pictures: the first attached picture of an article whose editor described it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from hoitu.core.content import File, Item, ItemFile
from hoitu.core.extensions import session
from hoitu.core.web import active_unit
from hoitu.sections.news.models import NewsArticle


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture and what it shows, for those who cannot see it."""

    file: File
    alt: str


def covers(items: Iterable[Item]) -> dict[int, Cover]:
    """Return the covers of this unit's articles by item id, in one statement at most.

    Articles placed here by other units have none: lists lead to their owners' sites.
    """
    here = active_unit().id
    described = {
        item.id: item.cover_alt
        for item in items
        if isinstance(item, NewsArticle) and item.unit_id == here and item.cover_alt
    }
    if not described:
        return {}
    attached = (
        select(ItemFile)
        .where(ItemFile.item_id.in_(described))
        .order_by(ItemFile.item_id, ItemFile.position)
    )
    found: dict[int, Cover] = {}
    for row in session().scalars(attached):
        if row.file.media_type.startswith("image/"):
            found.setdefault(row.item_id, Cover(row.file, described[row.item_id]))
    return found
