"""The log of the unit: who did what, when. Administrators see all, everybody what they did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from hoitu.core import clock, sheets, text
from hoitu.core.access import audit, requires
from hoitu.core.access.audit import AuditEntry
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.downloads import send_table
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.log_lines import ACTIONS, THINGS, LogLine, lines
from hoitu.core.extensions import platform, session
from hoitu.core.web import now
from hoitu.core.web.access import current_actor

SIZE = 30
#: Parameters: only entries before this one; of whom, by name or by account; what; of what; when.
BEFORE = "truoc"
WHO, ACCOUNT, WHAT, TYPE, SINCE, UNTIL = "ai", "tai-khoan", "viec", "loai", "tu-ngay", "den-ngay"


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What of the log is asked for; a date that is none is told, and narrows nothing."""

    who: str = ""
    account: str = ""
    what: str = ""
    type: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def sent(cls) -> LogFilter:
        """Return the filter of the request."""
        sent = (request.args.get(name, "") for name in (WHO, ACCOUNT, WHAT, TYPE, SINCE, UNTIL))
        return cls(*(text.nfc(value).strip()[:200] for value in sent))

    @property
    def parameters(self) -> dict[str, Any]:
        """The same for an address."""
        names = (WHO, ACCOUNT, WHAT, TYPE, SINCE, UNTIL)
        values = (self.who, self.account, self.what, self.type, self.since, self.until)
        return {name: value for name, value in zip(names, values, strict=True) if value}

    @property
    def wrong_days(self) -> list[str]:
        """What was typed for a day and is none."""
        return [typed for typed in (self.since, self.until) if typed and _day(typed) is None]

    def narrow(self, chosen: Select[Any]) -> Select[Any]:
        """Return a select of the entries that fit."""
        if self.who:
            chosen = chosen.where(AuditEntry.actor.icontains(self.who, autoescape=True))
        if (account := _number(self.account)) is not None:
            chosen = chosen.where(AuditEntry.account_id == account)
        if self.what in ACTIONS:
            chosen = chosen.where(AuditEntry.action == self.what)
        if self.type:
            chosen = chosen.where(AuditEntry.object_type == self.type)
        if (first := _day(self.since)) is not None:
            chosen = chosen.where(AuditEntry.at >= _begins(first))
        if (last := _day(self.until)) is not None:
            chosen = chosen.where(AuditEntry.at < _begins(last + timedelta(days=1)))
        return chosen


@blueprint.get("/nhat-ky")
@requires("core.audit")
def audit_log() -> str:
    """Show the entries of this unit, newest first."""
    return _page(_of_unit(), "desk.audit_log", everybody=True)


@blueprint.get("/nhat-ky/cua-toi")
@requires("core.desk")
def own_log() -> str:
    """Show what the account itself did in this unit, newest first."""
    own = _of_unit().where(AuditEntry.account_id == current_actor().account_id)
    return _page(own, "desk.own_log", everybody=False)


@blueprint.post("/nhat-ky/tai-ve")
@requires("core.audit")
def export_log() -> ResponseReturnValue:
    """Give the entries that fit as a table; that somebody took them away is an entry, too."""
    narrowed = LogFilter.sent()
    form = request.form.get("form", "")
    if form not in sheets.MEDIA_TYPES:
        flash(_("Choose one of the forms of the list."), PROBLEM)
        return redirect(url_for("desk.audit_log", **narrowed.parameters), 303)
    chosen = _newest_first(narrowed.narrow(_of_unit())).limit(sheets.MAX_ROWS)
    # The table of a long log takes its time: nobody shall wait for our transaction meanwhile.
    session().commit()
    with platform.open_session(False) as reading:
        found = list(reading.scalars(chosen))
        answer = _table(found, form, reading)
    audit.record(
        session(), current_actor(), "audit.export", object_type="audit", object_id=g.unit.id,
        unit_id=g.unit.id, now=now(), detail={"entries": len(found), **narrowed.parameters},
    )  # fmt: skip
    session().commit()
    return answer


def _of_unit() -> Select[Any]:
    return select(AuditEntry).where(AuditEntry.unit_id == g.unit.id)


def _newest_first(chosen: Select[Any]) -> Select[Any]:
    # Not in the order they were written: what is imported is dated as it happened.
    return chosen.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def _before(chosen: Select[Any], place: str) -> Select[Any]:
    """Return what of a selection is older than the entry with a number."""
    last = session().scalar(_of_unit().where(AuditEntry.id == _number(place)))
    if last is None:
        return chosen
    return chosen.where(tuple_(AuditEntry.at, AuditEntry.id) < (last.at, last.id))


def _page(chosen: Select[Any], endpoint: str, *, everybody: bool) -> str:
    narrowed = LogFilter.sent()
    chosen = _before(narrowed.narrow(chosen), request.args.get(BEFORE, ""))
    found = list(session().scalars(_newest_first(chosen).limit(SIZE + 1)))
    place: dict[str, Any] = {BEFORE: found[SIZE - 1].id} if len(found) > SIZE else {}
    shown = lines(found[:SIZE], session())
    return render_template(
        "desk/audit_log.html",
        days=[(day, list(of)) for day, of in groupby(shown, key=_day_of)],
        older=url_for(endpoint, **narrowed.parameters, **place) if place else "",
        filter=narrowed,
        endpoint=endpoint,
        everybody=everybody,
        actions=ACTIONS,
        types={**{kind.name: kind.label for kind in work.kinds()}, **THINGS},
        forms=sheets.MEDIA_TYPES,
        most=sheets.MAX_ROWS,
    )


def _day_of(line: LogLine) -> date:
    return clock.local(line.at).date()


def _table(entries: Sequence[AuditEntry], form: str, reading: Session) -> Response:
    header = [
        _("When"), _("Who"), _("What"), _("Type"), _("Concerning"), _("Details"),
        _("Code of the act"), _("Code of the type"), _("Number or key"), _("Number of the account"),
    ]  # fmt: skip
    return send_table(form, "nhat-ky", header, _rows(entries, reading))


def _rows(entries: Sequence[AuditEntry], reading: Session) -> Iterator[list[sheets.Cell]]:
    for line in lines(entries, reading, live=False):
        entry = line.entry
        yield [
            clock.format_instant(line.at), line.actor, line.action, line.type, line.subject,
            "; ".join(line.told) or None, entry.action, entry.object_type, entry.object_id,
            str(entry.account_id or "") or None,
        ]  # fmt: skip


def _number(typed: str) -> int | None:
    """Return a number that may be a key of the database."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


def _day(typed: str) -> date | None:
    """Return the day that was typed; None for what is none, or one no log reaches."""
    try:
        day = clock.parse_date(typed) if typed else None
    except ValueError:
        return None
    return day if day is not None and 1900 < day.year < 3000 else None


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.ZONE)
