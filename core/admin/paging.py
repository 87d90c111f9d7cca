"""Pages of the desk's lists, by keyset: page 500 costs what page 1 costs.

A list can be sorted only by what an index has in that order for each unit and type; for anything
else the database would read and sort all of a hundred thousand entries to show twenty-five. Titles
are sorted by the slug, which is the title without marks and capitals: plain letters, in the same
order in every database, where the alphabet of a title would need a collation that SQLite lacks.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import Session

from hoitu.core import text
from hoitu.core.content import Item

_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Order:
    """An order of a list: the attribute it goes by, with the id where that is equal."""

    #: What the address calls it; '' = the order of a list that was asked for none.
    name: str
    label: Any
    attribute: str
    descending: bool
    is_text: bool = False

    def columns(self, *, backwards: bool = False) -> list[ColumnElement[Any]]:
        """Return what a statement is ordered by."""
        found = (getattr(Item, self.attribute), Item.id)
        return [c.desc() if self.descending != backwards else c.asc() for c in found]


LAST_CHANGED = Order("", _("Last changed first"), "updated_at", descending=True)
#: Indexes: `ix_item_desk`, `ix_item_desk_title`, `ix_item_desk_sort`.
ORDERS = {
    order.name: order
    for order in (
        LAST_CHANGED,
        Order("ten", _("By title"), "slug", descending=False, is_text=True),
        Order("ngay", _("Newest date first"), "sort_at", descending=True),
    )
}


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, and the places of its neighbours as addresses have them; '' = none."""

    items: Sequence[Any]
    following: str = ""
    previous: str = ""


def page(
    session: Session, chosen: Select[Any], order: Order, place: str | None, size: int
) -> ListPage:
    """Return the page of a list at a place; the first when the place is none of this order."""
    column = getattr(Item, order.attribute)
    value, item_id, backwards = _decoded(place, order) or (None, 0, False)
    if item_id:
        key, at = tuple_(column, Item.id), (value, item_id)
        chosen = chosen.where(key < at if order.descending != backwards else key > at)
    ordered = chosen.order_by(*order.columns(backwards=backwards))
    found = list(session.scalars(ordered.limit(size + 1)))
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return ListPage(())
    return ListPage(
        found,
        following=_encoded(found[-1], order) if more or backwards else "",
        previous=_encoded(found[0], order, True) if item_id and (more or not backwards) else "",
    )


def _encoded(item: Item, order: Order, backwards: bool = False) -> str:
    value = getattr(item, order.attribute)
    if isinstance(value, datetime):
        value = (value - _EPOCH) // _TICK
    raw = json.dumps([value, item.id, int(backwards)], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _decoded(place: str | None, order: Order) -> tuple[Any, int, bool] | None:
    """Return value, id and direction of a place; None for none, or one that was tampered with."""
    if not place:
        return None
    try:
        value, item_id, backwards = json.loads(
            base64.urlsafe_b64decode(place + "=" * (-len(place) % 4))
        )
        if type(item_id) is not int or not 0 < item_id < 2**63 or type(backwards) is not int:
            return None
        if order.is_text:
            return (text.nfc(value), item_id, bool(backwards)) if isinstance(value, str) else None
        return (_EPOCH + _TICK * value, item_id, bool(backwards)) if type(value) is int else None
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        return None
