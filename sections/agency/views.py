"""``/gioi-thieu``: pages, organisation chart, departments, directory, contact."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.content import queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import Listing, SectionPages, active_unit, crumbs, is_shown, language, now
from hoitu.sections.agency import chart as charts
from hoitu.sections.agency import directory as directories
from hoitu.sections.agency import types
from hoitu.sections.agency.entries import CONTACT, beside, entries, text_in
from hoitu.sections.agency.models import AgencyPage, Department, kinds
from hoitu.sections.agency.rules import dial

LONGEST_SEARCH = 200


def list_values(listing: Listing) -> dict[str, Any]:
    """Return the texts in the order of the plan, and the pages beside them."""
    order = {key: n for n, key in enumerate(types.agency_page.requirements)}
    texts = sorted(listing.items, key=lambda page: order.get(page.requirement, len(order)))
    return {"texts": texts, "beside": beside(active_unit())}


def page_values(page: AgencyPage) -> dict[str, Any]:
    """Return the text in the language of the visitor, and the attached files."""
    shown, tongue = text_in(page, language())
    files = [row.file for row in page.attachment_rows]
    return {"text": shown, "tongue": tongue, "files": files}


pages = SectionPages(
    "agency",
    __name__,
    path="/gioi-thieu",
    content_type="agency_page",
    extend_list=list_values,
    extend_detail=page_values,
)


@pages.blueprint.get("/so-do-to-chuc")
@public
def chart() -> str:
    """Show the organisation chart; every box leads to the page of its department."""
    demand("organisation_chart")
    return render_template(
        "agency/chart.html",
        nodes=charts.tree(charts.departments()),
        kind_label=dict(kinds()).get,
        crumbs=trail((_("Organisation chart"), url_for("agency.chart"))),
    )


@pages.blueprint.get("/phong-ban/<int:item_id>-<slug>")
@public
def department(item_id: int, slug: str) -> ResponseReturnValue:
    """Show a department with its parts and its people."""
    demand("organisation_chart")
    found = queries.find(session(), Department, item_id, now())
    if found is None or not is_shown(found):
        abort(404)
    if slug != found.slug:
        return redirect(types.department_path(found), 301)
    return render_template("agency/department.html", **department_values(found))


@pages.blueprint.get("/danh-ba")
@public
def directory() -> str:
    """Show the directory, or what ``?q=`` finds in it."""
    demand("staff_directory")
    return render_template(
        "agency/directory.html",
        groups=directories.search(wanted()),
        wanted=wanted(),
        has_chart=is_on("organisation_chart"),
        dial=dial,
        anchor=types.anchor,
        crumbs=trail((_("Staff directory"), url_for("agency.directory"))),
    )


@pages.blueprint.get("/danh-ba.csv")
@public
def directory_csv() -> Response:
    """Return the directory, or what ``?q=`` finds in it, as a table for spreadsheets."""
    demand("staff_directory")
    response = Response(directories.as_csv(directories.search(wanted())), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=danh-ba.csv"
    return response


@pages.blueprint.get("/lien-he")
@public
def contact() -> str:
    """Show address, hotlines and social networks, as far as they are on."""
    demand(*CONTACT)
    return render_template(
        "agency/contact.html",
        blocks=[(kind, entries(kind)) for key, kind in CONTACT.items() if is_on(key)],
        dial=dial,
        anchor=types.anchor,
        crumbs=trail((_("Contact"), url_for("agency.contact"))),
    )


def department_values(found: Department) -> dict[str, Any]:
    """Return what the page of a department shows: two statements."""
    every = charts.departments()
    path = (_("Organisation chart"), url_for("agency.chart"))
    return {
        "item": found,
        "kind_label": dict(kinds()).get,
        "superior": next((d for d in every if d.id == found.parent), None),
        "below": [d for d in every if d.parent == found.id],
        "members": directories.members_of(found) if is_on("staff_directory") else [],
        "dial": dial,
        "anchor": types.anchor,
        "crumbs": trail(path, (found.title, types.department_path(found))),
    }


def is_on(requirement: str) -> bool:
    """Say whether a requirement of this section is on for the unit."""
    return platform.switchboard.section_on(active_unit(), "agency", requirement)


def demand(*requirements: str) -> None:
    """Answer 404 unless one of the requirements is on for the unit."""
    if not any(map(is_on, requirements)):
        abort(404)


def wanted() -> str:
    """Return what the visitor searches the directory for."""
    return text.nfc(request.args.get("q", ""))[:LONGEST_SEARCH].strip()


def trail(*links: tuple[str, str]) -> list[Any]:
    """Return a breadcrumb that starts at the section."""
    return crumbs((pages.title, url_for("agency.index")), *links)
