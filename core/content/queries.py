"""Queries of public content: what a visitor of a unit's site may read, page by page.

Everything here is filtered by the ambient unit scope. Two functions widen it, read-only and to
published items only: :func:`placed` to the owners of items placed at this unit, :func:`of_units` to
units that are named.
"""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload, undefer

from hoitu.core import clock
from hoitu.core.content.item import PUBLISHED, Item, ItemPlacement
from hoitu.core.extensions import platform
from hoitu.core.extensions import session as current_session
from hoitu.core.units import unit_scope

T = TypeVar("T", bound=Item)

#: Counts stop here: "more than 1,000" is what a reader needs to know.
COUNT_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list sorted by (`sort_at`, `id`), newest first."""

    sort_at: datetime
    id: int
    #: True = the page before this place, False = the page after it.
    backwards: bool = False

    def encode(self) -> str:
        """Return the cursor for an address."""
        raw = f"{'<' if self.backwards else '>'}{self.sort_at.timestamp():.6f}~{self.id}"
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, value: str | None) -> Cursor | None:
        """Return the cursor in an address; None when there is none or it was tampered with."""
        if not value:
            return None
        try:
            raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
            stamp, _, item_id = raw[1:].partition("~")
            if len(item_id) > 18:  # no database key is that long
                return None
            return cls(_instant(float(stamp)), int(item_id), raw[0] == "<")
        except (ValueError, binascii.Error, OverflowError, OSError, IndexError):
            return None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list and the cursors of its neighbours."""

    items: Sequence[T]
    older: Cursor | None = None
    newer: Cursor | None = None


@lru_cache(maxsize=64)
def is_public(now: datetime) -> ColumnElement[bool]:
    """Return the condition under which a visitor may see an item.

    It is kept for a while: all statements of one page ask for the same instant.
    """
    # A literal, not a parameter: only so do the databases see that the partial indexes fit.
    return and_(
        Item.state == literal_column(f"'{PUBLISHED}'"),
        Item.published_from <= now,
        or_(Item.published_until.is_(None), Item.published_until > now),
    )


def is_loadable() -> ColumnElement[bool]:
    """Return the condition that an item is of a type that the platform has now.

    Those of a plugin that is gone stay in the database; nothing can load them. A select of items
    of all types that loads them needs it.
    """
    return Item.type.in_(sorted(kind.name for kind in platform.types))


def is_original() -> ColumnElement[bool]:
    """Return the condition that an item is not the translation of another."""
    return or_(Item.original_id.is_(None), Item.original_id == Item.id)


def public(
    model: type[T],
    now: datetime,
    requirements: Iterable[str] | None = None,
    *,
    translations: bool = False,
) -> Select[Any]:
    """Return a select of the public items of a model, optionally of certain requirements only.

    What is said in two languages is one item, the original; :func:`translated` gives the other.
    With ``translations`` they are items as well.
    """
    found = select(model).where(is_public(now))
    if not translations:
        found = found.where(is_original())
    if model is not Item:
        found = found.where(Item.type == model.type_name)
    if requirements is not None:
        found = found.where(Item.requirement.in_(sorted(requirements)))
    return found


def page(
    session: Session,
    chosen: Select[Any],
    *,
    cursor: Cursor | None = None,
    size: int = 20,
    placed_here: Sequence[Item] = (),
) -> Page[Any]:
    """Return one page of ``chosen``, newest first, by keyset: page 500 costs what page 1 costs.

    ``placed_here`` are items of other units to merge in, from :func:`placed`.
    """
    backwards = cursor is not None and cursor.backwards
    if cursor is not None:
        chosen = chosen.where(_beyond(cursor))
    order = (Item.sort_at.asc(), Item.id.asc()) if backwards else _newest_first()
    own = list(session.scalars(chosen.order_by(*order).limit(size + 1)))
    found = sorted([*own, *placed_here], key=_key, reverse=not backwards)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page(())
    first, last = found[0], found[-1]
    return Page(
        found,
        older=Cursor(last.sort_at, last.id) if (more or backwards) else None,
        newer=Cursor(first.sort_at, first.id, backwards=True)
        if cursor is not None and (not backwards or more)
        else None,
    )


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """The public items of other units, of one model, that are placed in a section of the unit."""

    chosen: Select[Any]
    #: Units whose rows tell of them: where they are shown and who owns them.
    units: frozenset[int]

    def count(self, session: Session) -> int:
        """Return how many there are, at most one more than ``COUNT_LIMIT``."""
        with unit_scope(*self.units):
            return capped_count(session, self.chosen)

    def around(self, session: Session, cursor: Cursor | None, size: int) -> list[T]:
        """Return those that may stand on the page of a list at ``cursor``: one statement."""
        chosen = self.chosen if cursor is None else self.chosen.where(_beyond(cursor))
        backwards = cursor is not None and cursor.backwards
        order = (Item.sort_at.asc(), Item.id.asc()) if backwards else _newest_first()
        with unit_scope(*self.units):
            return list(session.scalars(chosen.order_by(*order).limit(size + 1)))


def placed(
    session: Session,
    model: type[T],
    section: str,
    now: datetime,
    *,
    requirements: Iterable[str] | None,
    on_at: Callable[[int], frozenset[str]],
) -> Placed[T] | None:
    """Return the items of other units that are placed in a section, or None: one statement.

    ``on_at`` tells which requirements of the section are on at an owner: what the owner switched
    off is not shown elsewhere.
    """
    here = [ItemPlacement.section == section, ItemPlacement.type == model.type_name]
    if requirements is not None:
        here.append(ItemPlacement.requirement.in_(sorted(requirements)))
    sides = select(ItemPlacement.unit_id, ItemPlacement.owner_id).where(*here).distinct()
    rows = session.execute(sides).all()
    if not rows:
        return None
    owners: dict[frozenset[str], set[int]] = defaultdict(set)
    for row in rows:
        owners[on_at(row.owner_id)].add(row.owner_id)
    # Limits and counts are of what is public: what an owner withdrew must not hide what is older.
    shown = public(model, now).join(
        ItemPlacement,
        and_(ItemPlacement.item_id == Item.id, ItemPlacement.owner_id == Item.unit_id),
    )
    shown = shown.where(
        *here,
        ItemPlacement.unit_id.in_({row.unit_id for row in rows}),
        or_(*(and_(Item.unit_id.in_(u), Item.requirement.in_(on)) for on, u in owners.items())),
    )
    return Placed(shown, frozenset(unit_id for row in rows for unit_id in row))


def of_units(
    session: Session,
    model: type[T],
    unit_ids: Iterable[int],
    now: datetime,
    *where: ColumnElement[bool],
    limit: int = 200,
) -> list[T]:
    """Return the newest public items of a model at the units named, whatever unit is scoped.

    For what one unit keeps for the sites of others, e.g. the province's links. One statement.
    Whether the section is on at the owners is for the caller to ask.
    """
    with unit_scope(*unit_ids):
        chosen = public(model, now).where(*where).order_by(*_newest_first()).limit(limit)
        return list(session.scalars(chosen))


def find(session: Session, model: type[T], item_id: int, now: datetime) -> T | None:
    """Return one public item with its text, or None; also one placed at the scoped unit."""
    one = (
        select(model)
        .where(is_public(now), Item.id == item_id)
        .options(undefer(Item.body), joinedload(Item.attachment_rows))
    )
    one = one.where(is_loadable() if model is Item else Item.type == model.type_name)
    own = session.scalars(one).unique().one_or_none()
    if own is not None:
        return own
    owner = session.scalar(select(ItemPlacement.owner_id).where(ItemPlacement.item_id == item_id))
    if owner is None:
        return None
    with unit_scope(owner):
        return session.scalars(one).unique().one_or_none()


def versions_of(session: Session, item: Item, now: datetime, *, types: Iterable[str]) -> list[Item]:
    """Return the public items that say the same in other languages, at the item's own unit.

    ``item`` is the original or a translation. One statement, if any is linked.
    """
    if item.original_id is None:
        return []
    linked = and_(Item.original_id == item.original_id, Item.id != item.id)
    chosen = select(Item).where(is_public(now), linked, Item.type.in_(sorted(types)))
    with unit_scope(item.unit_id):
        return list(session.scalars(chosen.order_by(Item.language, Item.id)))


def translated(
    session: Session,
    items: Sequence[T],
    language: str,
    now: datetime,
    *,
    shown: Callable[[Item], bool],
) -> list[T]:
    """Return items, each in its version of a language where that is public and ``shown``.

    One statement, if any of them has a translation; none is asked for of other units' items, which
    are read at their owners.
    """
    originals = {i.id: type(i) for i in items if i.original_id == i.id and i.language != language}
    if not originals:
        return list(items)
    chosen = select(_common(originals.values())).where(
        is_public(now),
        Item.language == language,
        Item.original_id.in_(originals),
        Item.id != Item.original_id,
    )
    found = {item.original_id: item for item in session.scalars(chosen) if shown(item)}
    return [found.get(item.id, item) for item in items]


def _common(models: Iterable[type[Item]]) -> type[Any]:
    """Return the one model of items, or the base of all: its columns alone are read then."""
    different = set(models)
    return different.pop() if len(different) == 1 else Item


def capped_count(session: Session, chosen: Select[Any], limit: int = COUNT_LIMIT) -> int:
    """Return how many rows ``chosen`` has, or ``limit`` + 1 when there are more."""
    # The tables of `chosen` stay joined: a filter on a subtype column would multiply the rows.
    ids = chosen.with_only_columns(Item.id, maintain_column_froms=True)
    some = ids.order_by(None).limit(limit + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def by_ids(
    session: Session, ids: Sequence[int], now: datetime, types: Iterable[str] | None = None
) -> list[Item]:
    """Return the public items with these ids that the scope may see, in the order of ``ids``."""
    if not ids:
        return []
    chosen = select(Item).where(is_public(now), Item.id.in_(ids))
    if types is not None:
        # See `is_loadable`.
        chosen = chosen.where(Item.type.in_(sorted(types)))
    rows = session.scalars(chosen)
    found = {item.id: item for item in rows}
    return [found[i] for i in ids if i in found]


def newest(
    model: type[T], requirements: Iterable[str] | None = None, *, size: int, now: datetime
) -> list[T]:
    """Return the newest public items of a model, for a panel: one statement."""
    return list(page(current_session(), public(model, now, requirements), size=size).items)


def newest_day(model: type[Item], requirement: str) -> list[date]:
    """Return the day on which the scoped unit last published for a requirement, in a list."""
    newest = select(func.max(Item.revised_at)).where(
        Item.type == model.type_name,
        Item.requirement == requirement,
        Item.state == PUBLISHED,
    )
    found = current_session().scalar(newest)
    return [clock.local(found).date()] if found else []


def _newest_first() -> tuple[Any, Any]:
    return Item.sort_at.desc(), Item.id.desc()


def _beyond(cursor: Cursor) -> ColumnElement[bool]:
    key = tuple_(Item.sort_at, Item.id)
    place = (cursor.sort_at, cursor.id)
    return key > place if cursor.backwards else key < place


def _key(item: Item) -> tuple[datetime, int]:
    return item.sort_at, item.id


def _instant(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
