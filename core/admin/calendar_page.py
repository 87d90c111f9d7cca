"""The calendar of the unit: what is published and taken down when, what is to be looked at by then.

A month as a grid on wide screens, and the same days as a list, which is all that phones show. Each
account sees the types it works with.
"""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, select

from hoitu.core import clock
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.narrowing import stands_in
from hoitu.core.content import Item, ScheduledStep
from hoitu.core.content.item import PUBLISHED
from hoitu.core.content.scheduling import DONE, ENDS, FAILED, START, WAITING
from hoitu.core.content.workflow import REVIEWED, SUBMITTED
from hoitu.core.extensions import platform, session
from hoitu.core.web.site import today

#: Parameters: the month as yyyy-mm, and the only kind of dates to show.
MONTH, KIND = "thang", "loai"
#: Kinds of dates: their value in the address, and what they are called.
PUBLICATION, END, REVIEW, APPROVAL = "xuat-ban", "go", "ra-soat", "han-duyet"
KINDS = {
    PUBLICATION: _("Published as planned"),
    END: _("Taken down as planned"),
    REVIEW: _("To be looked at again"),
    APPROVAL: _("Approval needed by"),
}
#: Dates of one kind on one page, and entries in one field of the grid.
LIMIT, IN_FIELD = 300, 3
#: The years that can be asked for.
YEARS = range(2000, 2101)
_MONDAY = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A date of an item."""

    day: date
    #: The time of day; '' for a whole day.
    time: str
    kind: str
    title: str
    type: Any
    path: str
    #: State of a planned step; '' for anything else.
    state: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A field of the grid."""

    date: date
    entries: Sequence[Entry]
    in_month: bool
    is_today: bool

    @property
    def anchor(self) -> str:
        """Where the list below has this day."""
        return f"ngay-{self.date.isoformat()}"


@blueprint.get("/lich")
@requires("core.desk")
def calendar() -> str:
    """Show a month."""
    first = _month(request.args.get(MONTH, ""))
    chosen = request.args.get(KIND, "")
    chosen = chosen if chosen in KINDS else ""
    weeks = Calendar(_MONDAY).monthdatescalendar(first.year, first.month)
    entries, cut = _entries(weeks[0][0], weeks[-1][-1], chosen)
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda e: (e.time or "24:00", e.kind, e.title)):
        by_day[entry.day].append(entry)
    fields = [
        [Day(d, by_day.get(d, ()), d.month == first.month, d == today()) for d in week]
        for week in weeks
    ]
    return render_template(
        "desk/calendar.html",
        first=first,
        weeks=fields,
        days=[day for week in fields for day in week if day.entries],
        kinds=KINDS,
        chosen=chosen,
        cut=cut,
        LIMIT=LIMIT,
        IN_FIELD=IN_FIELD,
        before=_path(clock.add_months(first, -1), chosen),
        after=_path(clock.add_months(first, 1), chosen),
        now=_path(today().replace(day=1), chosen),
    )


def _month(asked: str) -> date:
    """Return the first day of the month asked for; of the present one when it is none."""
    try:
        found = date.fromisoformat(f"{asked}-01")
    except ValueError:
        return today().replace(day=1)
    return found if found.year in YEARS else today().replace(day=1)


def _path(first: date, chosen: str) -> str:
    if first.year not in YEARS:
        return ""
    named: dict[str, Any] = {MONTH: f"{first:%Y-%m}", **({KIND: chosen} if chosen else {})}
    return url_for("desk.calendar", **named)


def _entries(first: date, last: date, chosen: str) -> tuple[list[Entry], bool]:
    """Return the dates of a range of days, and whether there are more than are shown."""
    mine = work.within(work.kinds())
    found: list[Entry] = []
    cut = False
    for kind in [chosen] if chosen else KINDS:
        if kind in (PUBLICATION, END):
            some = _planned(mine, first, last, kind)
        else:
            some = _due(mine, first, last, kind)
        cut = cut or len(some) > LIMIT
        found += some[:LIMIT]
    return found, cut


def _planned(mine: ColumnElement[bool], first: date, last: date, kind: str) -> list[Entry]:
    names = (START,) if kind == PUBLICATION else ENDS
    chosen = (
        select(Item.id, Item.type, Item.title, ScheduledStep.run_at, ScheduledStep.state)
        .join(
            ScheduledStep,
            and_(ScheduledStep.item_id == Item.id, ScheduledStep.unit_id == Item.unit_id),
        )
        .where(
            mine,
            ScheduledStep.step.in_(names),
            ScheduledStep.state.in_((WAITING, DONE, FAILED)),
            ScheduledStep.run_at >= _midnight(first),
            ScheduledStep.run_at < _midnight(last + timedelta(days=1)),
        )
        .order_by(ScheduledStep.run_at, ScheduledStep.id)
        .limit(LIMIT + 1)
    )
    return [
        _entry(row, clock.local(row.run_at).date(), kind, f"{clock.local(row.run_at):%H:%M}")
        for row in session().execute(chosen)
    ]


def _due(mine: ColumnElement[bool], first: date, last: date, kind: str) -> list[Entry]:
    if kind == REVIEW:
        day, open_ = Item.review_by, Item.state == PUBLISHED
    else:
        day, open_ = Item.approve_by, stands_in(SUBMITTED, REVIEWED)
    chosen = (
        select(Item.id, Item.type, Item.title, day.label("day"))
        .where(mine, open_, day.between(first, last))
        .order_by(day, Item.id)
        .limit(LIMIT + 1)
    )
    return [_entry(row, row.day, kind) for row in session().execute(chosen)]


def _entry(row: Any, day: date, kind: str, at: str = "") -> Entry:
    return Entry(
        day=day,
        time=at,
        kind=kind,
        title=row.title,
        type=platform.types[row.type].label,
        path=url_for("desk.edit", type_name=row.type, item_id=row.id),
        state=row.state if kind in (PUBLICATION, END) else "",
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.ZONE)
