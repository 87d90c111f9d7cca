"""Cover pictures: the first attached picture of an item, once somebody described it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from hoitu.core.content import File, ItemFile
from hoitu.core.extensions import session


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture and what it shows, for those who cannot see it."""

    file: File
    alt: str


def covers(described: Mapping[int, str]) -> dict[int, Cover]:
    """Return the covers of this unit's items by item id: one statement at most.

    ``described`` gives the description of the picture by item id; an item without one has no cover,
    nor has one of another unit.
    """
    described = {item_id: alt for item_id, alt in described.items() if alt}
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
