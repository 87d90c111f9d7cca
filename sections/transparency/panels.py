"""What the section contributes to menu, home page, every page and the desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from hoitu.core.access import Actor
from hoitu.core.content import queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, address_of, in_language, kept, now, today
from hoitu.sections.transparency.calendar import upcoming
from hoitu.sections.transparency.models import EmergencyNotice, InformationRequest
from hoitu.sections.transparency.types import ACCESS, TYPES
from hoitu.sections.transparency.vocabularies import SEVERITIES

WEIGHT = 65
#: Requirements that stand under another heading of the menu than that of disclosures, with weights.
UNDER = {"emergency_information": ("direction", WEIGHT), "citizen_reception": ("contact", 97)}


@dataclass(frozen=True, slots=True)
class Running:
    """An emergency notice as the banner shows it."""

    title: str
    path: str
    severity: str
    area: str
    starts_at: datetime
    ends_at: datetime

    @property
    def tone(self) -> str:
        """The tone of the banner."""
        return SEVERITIES.terms[self.severity].tone


def menu() -> list[MenuEntry]:
    """Return the entry "Transparency" and a page per requirement, under the headings they fit."""
    entries = [MenuEntry(_("Access to information"), "transparency.access", requirement=ACCESS)]
    for kind in TYPES:
        for key, label in kind.requirements.items():
            arguments = {"nhom": key} if len(kind.requirements) > 1 else {}
            if key != ACCESS:
                endpoint = f"transparency.{kind.name}_index"
                entries.append(MenuEntry(label, endpoint, requirement=key, arguments=arguments))
    first = MenuEntry(_("Transparency"), "transparency.index")
    found = [
        (e, *UNDER.get(e.requirement or "", ("disclosures", WEIGHT))) for e in (first, *entries)
    ]
    return [replace(entry, under=under, weight=weight) for entry, under, weight in found]


def receptions(unit: Unit) -> list[Panel]:
    """Return the block of the next reception days; none while there are none."""
    found = in_language(upcoming(3)) if _is_on(unit, "citizen_reception") else []
    if not found:
        return []
    return [
        Panel(
            "reception_day",
            _("Reception of citizens"),
            "transparency/receptions.html",
            {"days": found},
            weight=WEIGHT,
            more=url_for("transparency.reception_day_index"),
            place="side",
        )
    ]


def banner(unit: Unit) -> list[Panel]:
    """Return the notices that hold now; what is looked up is kept, so most pages ask nothing."""
    if not _is_on(unit, "emergency_information"):
        return []
    found = [
        notice
        for notice in kept("transparency.emergency", _not_over)
        if notice.starts_at <= now() < notice.ends_at
    ]
    if not found:
        return []
    values = {"notices": found, "label": dict(SEVERITIES.options()).get}
    return [Panel("emergency", _("Warning"), "transparency/banner.html", values)]


def waiting(unit: Unit, actor: Actor) -> list[Panel]:
    """Return the requests for information that wait, those due first, for who answers them."""
    kind = platform.types["information_request"]
    if not _is_on(unit, ACCESS) or not actor.can(kind.permission("edit"), unit.id):
        return []
    chosen = (
        select(InformationRequest)
        .where(InformationRequest.state == "submitted")
        .order_by(InformationRequest.due_on, InformationRequest.id)
        .limit(10)
    )
    found = list(session().scalars(chosen))
    values: dict[str, Any] = {"requests": found, "day": today()}
    return [Panel(kind.name, _("Requests for information"), "transparency/waiting.html", values)]


def _not_over() -> list[Running]:
    """Return the public notices that are not over, the gravest first: one statement."""
    chosen = queries.public(EmergencyNotice, now()).where(EmergencyNotice.ends_at > now())
    rows = session().scalars(chosen.order_by(EmergencyNotice.starts_at.desc()).limit(20))
    found = [
        Running(row.title, address_of(row), row.severity, row.area, row.starts_at, row.ends_at)
        for row in in_language(rows.all())
        if row.starts_at and row.ends_at
    ]
    order = list(SEVERITIES.terms)
    return sorted(found, key=lambda notice: -order.index(notice.severity))


def _is_on(unit: Unit, requirement: str) -> bool:
    return platform.switchboard.section_on(unit, "transparency", requirement)
