"""Figures of one unit: what was counted, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select

from hoitu.core.content import Item, queries
from hoitu.core.extensions import session
from hoitu.core.units import Unit
from hoitu.plugins.visits.models import DayCount, PageViews, Trace
from hoitu.plugins.visits.writing import estimate

#: How long after their last page somebody counts as being here.
HERE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Figures:
    """Visitors now and today, and visits: one for each visitor and day."""

    online: int
    today: int
    month: int
    total: int


@dataclass(frozen=True, slots=True)
class Day:
    """Pages read and visitors of one day."""

    day: date
    views: int
    visitors: int


@dataclass(frozen=True, slots=True)
class Read:
    """A page and how often it was read: an item of the unit, or an address."""

    item_id: int
    path: str
    views: int


def figures(unit: Unit, now: datetime, today: date) -> Figures:
    """Return the figures of a unit: one statement."""
    here = (Trace.unit_id == unit.id, Trace.day == today)
    past = (DayCount.unit_id == unit.id, DayCount.day < today)
    counted = session().execute(
        select(
            _places(*here, Trace.seen_at > now - HERE).label("online"),
            _places(*here).label("today"),
            _visitors(*past, DayCount.day >= today.replace(day=1)).label("month"),
            _visitors(*past).label("total"),
        )
    ).one()  # fmt: skip
    visitors = estimate(counted.today)
    return Figures(
        online=estimate(counted.online),
        today=visitors,
        month=(counted.month or 0) + visitors,
        total=(counted.total or 0) + visitors,
    )


def days(unit: Unit, today: date, count: int) -> list[Day]:
    """Return the last ``count`` days, today the last, those without visits among them."""
    first = today - timedelta(days=count - 1)
    chosen = select(DayCount).where(DayCount.unit_id == unit.id, DayCount.day >= first)
    found = {row.day: row for row in session().scalars(chosen)}
    places = session().scalar(
        select(func.count()).where(Trace.unit_id == unit.id, Trace.day == today)
    )
    every = []
    for number in range(count):
        day = first + timedelta(days=number)
        row = found.get(day)
        visitors = row.visitors if row else 0
        if day == today:
            visitors += estimate(places or 0)
        every.append(Day(day, row.views if row else 0, visitors))
    return every


def most_read_pages(unit: Unit, since: date, size: int) -> list[Read]:
    """Return the pages of a unit that were read most since a day."""
    rows = session().execute(_ranked(unit, since).limit(size))
    return [Read(row.item_id, row.path, row.views) for row in rows]


def most_read_items(unit: Unit, public: Select[Any], since: date, size: int) -> Sequence[Item]:
    """Return the items of ``public`` that were read most since a day: one statement."""
    counted = _ranked(unit, since, PageViews.item_id > 0).subquery()
    chosen = public.join(counted, counted.c.item_id == Item.id)
    return (
        session().scalars(chosen.order_by(counted.c.views.desc(), Item.id.desc()).limit(size)).all()
    )


def titles(item_ids: Iterable[int]) -> Mapping[int, Item]:
    """Return the unit's items with these numbers, published or not: one statement."""
    wanted = [item_id for item_id in item_ids if item_id]
    if not wanted:
        return {}
    found = session().scalars(select(Item).where(Item.id.in_(wanted), queries.is_loadable()))
    return {item.id: item for item in found}


def _ranked(unit: Unit, since: date, *conditions: ColumnElement[bool]) -> Select[Any]:
    views = func.sum(PageViews.views).label("views")
    ranked: Any = (
        select(PageViews.item_id, PageViews.path, views)
        .where(PageViews.unit_id == unit.id, PageViews.day >= since, *conditions)
        .group_by(PageViews.item_id, PageViews.path)
        .order_by(views.desc(), PageViews.item_id, PageViews.path)
    )
    return cast("Select[Any]", ranked)


def _places(*conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.count()).select_from(Trace).where(*conditions).scalar_subquery()


def _visitors(*conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.sum(DayCount.visitors)).where(*conditions).scalar_subquery()
