"""Pages of the desk's lists, by keyset: page 500 costs what page 1 costs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Session

from hoitu.core.content import Cursor, Item, Page


def last_changed_first(
    session: Session, chosen: Select[Any], *, cursor: Cursor | None, size: int
) -> Page[Any]:
    """Return one page of items, the last changed first; the cursor's instant is ``updated_at``."""
    backwards = cursor is not None and cursor.backwards
    key = tuple_(Item.updated_at, Item.id)
    if cursor is not None:
        place = (cursor.sort_at, cursor.id)
        chosen = chosen.where(key > place if backwards else key < place)
    columns = (Item.updated_at, Item.id)
    order = [c.asc() if backwards else c.desc() for c in columns]
    found = list(session.scalars(chosen.order_by(*order).limit(size + 1)))
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page(())
    return Page(
        found,
        older=_place(found[-1]) if more or backwards else None,
        newer=_place(found[0], backwards=True) if cursor and (more or not backwards) else None,
    )


def _place(item: Item, *, backwards: bool = False) -> Cursor:
    return Cursor(item.updated_at, item.id, backwards)
