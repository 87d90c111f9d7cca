"""Rules of what the section publishes: pure functions, tested as tables of cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from hoitu.core.clock import local
from hoitu.core.content import Item, Problem, leaks
from hoitu.sections.transparency.deadlines import is_late
from hoitu.sections.transparency.models import (
    ContactOfficer,
    DisclosedDocument,
    EmergencyNotice,
    InformationList,
    InformationRequest,
    ReceptionDay,
    RecruitmentNotice,
)
from hoitu.sections.transparency.vocabularies import DELIVERIES, DISCLOSURE_KINDS


def problems(item: Item, day: date) -> list[Problem]:
    """Return everything that is wrong with an entry that is published on ``day`` or before."""
    check = _CHECKS.get(type(item))
    return check(item, day) if check else []


def unreachable(sent: Mapping[str, Any]) -> list[Problem]:
    """Return what keeps a person who asks for information from getting it."""
    if not any(sent[name] for name in ("address", "phone", "email")):
        message = _("Give an address, a telephone number or an e-mail address.")
        return [Problem("email", message)]
    delivery = DELIVERIES.terms.get(sent["delivery"] or "")
    if delivery and delivery.needs and not sent[delivery.needs]:
        return [Problem(delivery.needs, _("It is needed for the way you chose to receive it."))]
    return []


def _request(request: InformationRequest, _day: date) -> list[Problem]:
    found = []
    if not request.body:
        message = _("Write the answer, or close the request without publishing it.")
        found.append(Problem("body", message))
    if request.title == request.code:
        found.append(Problem("title", _("Say in a few words what was asked for.")))
    for name in ("title", "body"):
        if _names_person(getattr(request, name) or "", request):
            message = _("Leave out name, address, telephone and e-mail of the person who asked.")
            found.append(Problem(name, message))
    return found


def _names_person(published: str, request: InformationRequest) -> bool:
    return leaks.tells_of(
        published,
        name=request.requester,
        phone=request.phone,
        email=request.email,
        address=request.address,
    )


def _officer(officer: ContactOfficer, _day: date) -> list[Problem]:
    found = []
    if not (officer.phone or officer.email):
        found.append(Problem("phone", _("Give a telephone number or an e-mail address.")))
    if officer.since and officer.until and officer.until < officer.since:
        found.append(Problem("until", _("The last day lies before the first.")))
    return found


def _reception(reception: ReceptionDay, day: date) -> list[Problem]:
    starts_at, ends_at = reception.starts_at, reception.ends_at
    if starts_at is None or ends_at is None:
        return []
    held_on = local(starts_at).date()
    if ends_at <= starts_at or local(ends_at).date() != held_on:
        return [Problem("ends_at", _("It must end after it begins, on the same day."))]
    first = reception.published_from
    if is_late(local(first).date() if first else day, held_on) and not reception.late_reason:
        message = _("It is announced later than the law allows. Choose a later day, or say why.")
        return [Problem("late_reason", message)]
    return []


def _document(document: DisclosedDocument, _day: date) -> list[Problem]:
    kind = DISCLOSURE_KINDS.terms.get(document.kind or "")
    if kind and kind.requirement != document.requirement:
        return [Problem("kind", _("This kind of content belongs to another group."))]
    fields = document.fields()
    found = [
        Problem(name, _("%(field)s is missing.", field=fields[name].label))
        for name in (kind.needs if kind else ())
        if fields[name].is_empty(getattr(document, name))
    ]
    return [*found, *_content(document, _day)]


def _content(item: Item, _day: date) -> list[Problem]:
    if item.body or item.attachments:
        return []
    return [Problem("body", _("Write the text, or attach the file that holds it."))]


def _emergency(notice: EmergencyNotice, _day: date) -> list[Problem]:
    if notice.starts_at and notice.ends_at and notice.ends_at <= notice.starts_at:
        return [Problem("ends_at", _("The notice must end after it begins."))]
    return []


_CHECKS: Mapping[type[Item], Callable[[Any, date], list[Problem]]] = {
    InformationRequest: _request,
    InformationList: _content,
    ContactOfficer: _officer,
    ReceptionDay: _reception,
    DisclosedDocument: _document,
    RecruitmentNotice: _content,
    EmergencyNotice: _emergency,
}
