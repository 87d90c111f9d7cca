"""``/gioi-thieu``: pages, organisation chart, directory, contact, maps, relics, assignments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from hoitu.core import text
from hoitu.core.access import public
from hoitu.core.content import Point, queries
from hoitu.core.extensions import session
from hoitu.core.web import Listing, SectionPages, address_of, facts, is_shown, language, now
from hoitu.sections.agency import chart, directory, layers, types
from hoitu.sections.agency.entries import CONTACT, entries, leaders
from hoitu.sections.agency.models import AgencyPage, Department, HeritageSite, MapLayer
from hoitu.sections.agency.panels import menu
from hoitu.sections.agency.rules import dial, pictures

LONGEST_SEARCH = 200


def list_values(listing: Listing) -> dict[str, Any]:
    """Return the texts in the order of the plan, and the pages beside them."""
    order = {key: n for n, key in enumerate(types.agency_page.requirements)}
    texts = sorted(listing.items, key=lambda page: order.get(page.requirement, len(order)))
    beside = {
        e.endpoint: (_("Contact") if e.requirement in CONTACT else e.label, url_for(e.endpoint))
        for e in menu()[0].children
        if e.endpoint != "agency.index" and pages.is_on(str(e.requirement))
    }
    return {"texts": texts, "beside": beside.values()}


def page_values(page: AgencyPage) -> dict[str, Any]:
    """Return the text, in English where asked for and written, and its language."""
    english = page.body_en if language() == "en" else ""
    return {"text": english or page.body, "tongue": "en" if english else "vi"}


def department_values(found: Department) -> dict[str, Any]:
    """Return what the page of a department shows: two statements."""
    every = chart.departments()
    return {
        "superior": next((d for d in every if d.id == found.parent), None),
        "below": [d for d in every if d.parent == found.id],
        "members": directory.members_of(found) if pages.is_on("staff_directory") else [],
        "dial": dial,
        "anchor": types.anchor,
    }


def map_values(_listing: Listing) -> dict[str, Any]:
    """Return the newest layer of today, and the layers by whether they are valid: one statement."""
    every = layers.layers()
    present = layers.valid(every)
    past = [layer for layer in every if layer not in present]
    shown = layer_values(present[0]) if present else {}
    return {"others": [(_("Also valid today"), present[1:]), (_("At other times"), past)], **shown}


def layer_values(layer: MapLayer) -> dict[str, Any]:
    """Return a layer, its map and its places in words."""
    return {
        "layer": layer,
        "is_valid": bool(layers.valid([layer])),
        "facts": lambda: facts(types.map_layer, layer),
        "outline": layers.outline_path(layer),
        "places": layers.places(layer),
    }


def site_values(site: HeritageSite) -> dict[str, Any]:
    """Return pictures with captions, the other files, and the map of the place: one statement."""
    shown = pictures(site)
    captions = (row["caption"] for row in site.captions)
    others = [row.file for row in site.attachment_rows if row.file not in shown]
    return {"gallery": [*zip(shown, captions, strict=False)], "files": others, **on_map([site])}


def on_map(found: Iterable[Any]) -> dict[str, Any]:
    """Return the places of entries (latitude, longitude, name, address) and the map below them."""
    placed = ((Point.coordinates(entry.place), entry) for entry in found)
    marks = [(*place, entry.title, address_of(entry)) for place, entry in placed if place]
    return {"marks": marks, "ground": layers.ground() if marks else ""}


pages = SectionPages(
    "agency", __name__, path="/gioi-thieu", content_type="agency_page",
    extend_list=list_values, extend_detail=page_values,
)  # fmt: skip
pages.add(
    "department",
    path="/so-do-to-chuc",
    extend_list=lambda _listing: {"nodes": chart.tree(chart.departments())},
    extend_detail=department_values,
)
pages.add("map_layer", path="/ban-do", extend_list=map_values, extend_detail=layer_values)
pages.add(
    "heritage_site",
    path="/di-tich-danh-thang",
    extend_list=lambda listing: on_map(listing.items),
    extend_detail=site_values,
)
pages.add(
    "leadership_assignment",
    path="/phan-cong-nhiem-vu",
    extend_list=lambda _listing: leaders() | {"in_directory": pages.is_on("staff_directory")},
)


@pages.blueprint.get("/ban-do/<int:item_id>.geojson")
@public
def outline(item_id: int) -> Response:
    """Return the map of a layer, ready to draw."""
    found = queries.find(session(), MapLayer, item_id, now())
    if found is None or not found.outline or not is_shown(found):
        abort(404)
    response = Response(found.outline, mimetype=layers.MEDIA_TYPE)
    response.add_etag()
    response.make_conditional(request)
    return response


@pages.blueprint.get("/danh-ba", endpoint="directory")
@public
def directory_page() -> str:
    """Show the directory, or what ``?q=`` finds in it."""
    pages.demand("staff_directory")
    return render_template(
        "agency/directory.html",
        groups=directory.search(wanted()),
        wanted=wanted(),
        has_chart=pages.is_on("organisation_chart"),
        dial=dial,
        anchor=types.anchor,
        crumbs=pages.crumbs((_("Staff directory"), url_for("agency.directory"))),
    )


@pages.blueprint.get("/danh-ba.csv")
@public
def directory_csv() -> Response:
    """Return the directory, or what ``?q=`` finds in it, as a table for spreadsheets."""
    pages.demand("staff_directory")
    response = Response(directory.as_csv(directory.search(wanted())), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=danh-ba.csv"
    return response


@pages.blueprint.get("/lien-he")
@public
def contact() -> str:
    """Show address, hotlines and social networks, as far as they are on."""
    pages.demand(*CONTACT)
    blocks = [(key, kind, entries(kind)) for key, kind in CONTACT.items() if pages.is_on(key)]
    placed = (e for key, _kind, found in blocks if key == "contact_information" for e in found)
    return render_template(
        "agency/contact.html",
        blocks=blocks,
        who=pages.is_on("staff_directory"),
        **on_map(placed),
        dial=dial,
        anchor=types.anchor,
        crumbs=pages.crumbs((_("Contact"), url_for("agency.contact"))),
    )


def wanted() -> str:
    """Return what the visitor searches the directory for."""
    return text.nfc(request.args.get("q", ""))[:LONGEST_SEARCH].strip()
