"""``/minh-bach``: access to information, reception of citizens, and what else is disclosed."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core.access import public
from hoitu.core.clock import local
from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform
from hoitu.core.forms import shown
from hoitu.core.web import (
    Listing,
    Receipts,
    SectionPages,
    active_unit,
    language,
    now,
    today,
)
from hoitu.sections.transparency.calendar import Month, as_icalendar, of_month, upcoming
from hoitu.sections.transparency.deadlines import working_days
from hoitu.sections.transparency.models import (
    ContactOfficer,
    InformationList,
    InformationRequest,
)
from hoitu.sections.transparency.requests import RequestForm
from hoitu.sections.transparency.types import ACCESS
from hoitu.sections.transparency.vocabularies import CONSENTS, SEVERITIES

pages = SectionPages("transparency", __name__, path="/minh-bach")


def told(item: Item, name: str) -> str:
    """Return the value of a field as text."""
    return shown(platform.types[item.type].fields[name], getattr(item, name))


def tone(severity: str) -> str:
    """Return the tone of a severity."""
    term = SEVERITIES.terms.get(severity)
    return term.tone if term else ""


def common(_subject: Any) -> dict[str, Any]:
    """Return what lines of lists and heads of pages show."""
    return {"told": told, "tone": tone, "day": today(), "instant": now()}


def of_receptions(listing: Listing) -> dict[str, Any]:
    """Return the next reception days and the month that is looked at."""
    ahead = upcoming(10)
    first = local(ahead[0].starts_at).date() if ahead and ahead[0].starts_at else today()
    month = Month.of(request.args.get("thang", ""), first)
    return {
        **common(listing),
        "upcoming": ahead,
        "month": month,
        "of_month": of_month(month),
    }


pages.add("information_request", path="/da-tra-loi", extend_list=common, extend_detail=common)
pages.add("information_list", path="/danh-muc", extend_list=common)
pages.add("contact_officer", path="/dau-moi", extend_list=common, extend_detail=common)
pages.add("reception_day", path="/tiep-cong-dan", extend_list=of_receptions, extend_detail=common)
pages.add("disclosed_document", path="/cong-khai", extend_list=common, extend_detail=common)
pages.add("recruitment_notice", path="/tuyen-dung", extend_list=common, extend_detail=common)
pages.add("emergency_notice", path="/canh-bao", extend_list=common, extend_detail=common)


@pages.blueprint.get("", strict_slashes=False)
@public
def index() -> str:
    """Show what the section holds."""
    return pages.overview(has_form=pages.is_on(ACCESS))


@pages.blueprint.get("/tiep-can-thong-tin")
@public
def access() -> str:
    """Show whom to ask, what is public, and the ways to ask for the rest: three statements."""
    pages.demand(ACCESS)
    officers = queries.newest(ContactOfficer, [ACCESS], size=20, now=now())
    return render_template(
        "transparency/access.html",
        officers=[officer for officer in officers if officer.holds_on(today())],
        lists=queries.newest(InformationList, [ACCESS], size=20, now=now()),
        answered=queries.newest(InformationRequest, [ACCESS], size=5, now=now()),
        is_open=takes_requests(),
        crumbs=pages.crumbs((_("Access to information"), url_for("transparency.access"))),
    )


@pages.blueprint.route("/yeu-cau", methods=["GET", "POST"])
@public
def ask() -> ResponseReturnValue:
    """Show the form; take in a request for information."""
    pages.demand(ACCESS)
    form, is_open = RequestForm(platform.types["information_request"]), takes_requests()
    if is_open and form.accepts() and (sent := form.take_in()):
        return redirect(url_for("transparency.follow", ma=sent.code), 303)
    body = render_template(
        "transparency/ask.html",
        form=form,
        is_open=is_open,
        simple=working_days("information_request", "simple", today()),
        complex=working_days("information_request", "complex", today()),
        crumbs=_below_access(_("Ask for information"), "transparency.ask"),
    )
    return body, (422 if is_open else 410) if form.sent else 200


def _trail(*below: tuple[Any, str]) -> Any:
    above = _("Access to information"), url_for("transparency.access")
    return pages.crumbs(above, (_("Look up a request"), url_for("transparency.follow")), *below)


receipts = Receipts(pages, InformationRequest, "transparency.follow", ACCESS, CONSENTS, _trail)
receipts.add_withdrawal("/yeu-cau/tra-cuu")


@pages.blueprint.get("/yeu-cau/tra-cuu")
@public
def follow() -> ResponseReturnValue:
    """Show how far a request is, to whoever has its code. Nothing personal."""
    return receipts.show("transparency/follow.html", receipts.asked(), day=today())


@pages.blueprint.get("/tiep-cong-dan/lich.ics")
@public
def icalendar() -> Response:
    """Return the next reception days for calendar programs."""
    pages.demand("citizen_reception")
    unit = active_unit()
    name = f"{_('Reception of citizens')} - {unit.name(today(), language())}"
    response = Response(as_icalendar(upcoming(100), name, request.host.partition(":")[0]))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = "attachment; filename=tiep-cong-dan.ics"
    return response


def takes_requests() -> bool:
    """Say whether the unit still exists; the site of a dissolved one is an archive."""
    return active_unit().exists_on(today())


def _below_access(label: str, endpoint: str) -> list[Any]:
    above = (_("Access to information"), url_for("transparency.access"))
    return pages.crumbs(above, (label, url_for(endpoint)))
