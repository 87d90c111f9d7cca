"""The content types: form layouts, and the page on which each entry is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup, Item, path_below
from hoitu.sections.agency import metadata, models
from hoitu.sections.agency.layers import prepare
from hoitu.sections.agency.vocabularies import POSITIONS


def titled_by(name: str) -> Callable[[Any], None]:
    """Return a function that gives an entry the value of a field as its title."""

    def derive(item: Any) -> None:
        item.title = getattr(item, name) or ""

    return derive


def name_leader(item: Any) -> None:
    """Give an assignment the position and the name as its title, in Vietnamese."""
    position = POSITIONS.terms.get(item.position)
    item.title = " ".join(filter(None, (position.vi if position else "", item.full_name)))


def anchor(item: Item) -> str:
    """Return the name of an entry on the page that shows it."""
    return f"{item.type.replace('_', '-')}-{item.id}"


def on_page(endpoint: str) -> Callable[[Item], str]:
    """Return a function that gives entries their place on a page they share."""
    return lambda item: url_for(endpoint, _anchor=anchor(item))


agency_page = ContentType(
    name="agency_page",
    label=_("Page about the agency"),
    label_plural=_("Pages about the agency"),
    model=models.AgencyPage,
    requirements={
        "functions_duties": _("Functions, duties and powers"),
        "organisational_structure": _("Organisational structure"),
        "natural_conditions": _("Natural conditions"),
        "history_culture": _("History and culture"),
    },
    columns=("title", "requirement"),
    layout=(
        FieldGroup(_("Page"), ("requirement", "title", "body")),
        FieldGroup(_("English"), ("body_en",)),
        FieldGroup(_("Figures"), ("figures",), collapsed=True),
        FieldGroup(_("Files"), ("attachments",)),
    ),
    describe=metadata.describe_page,
    languages=metadata.languages,
)

department = ContentType(
    name="department",
    label=_("Department"),
    label_plural=_("Organisation chart"),
    model=models.Department,
    requirements={"organisation_chart": _("Organisation chart")},
    labels={"title": _("Name")},
    columns=("title", "kind", "position_no"),
    layout=(
        FieldGroup(_("Department"), ("title", "kind", "parent", "position_no", "duties")),
        FieldGroup(_("Contact"), ("phone", "email")),
    ),
    path=path_below("agency.department_index"),
    describe=metadata.describe_department,
)

staff_member = ContentType(
    name="staff_member",
    label=_("Staff member"),
    label_plural=_("Staff"),
    model=models.StaffMember,
    requirements={"staff_directory": _("Staff directory")},
    derive=titled_by("full_name"),
    columns=("full_name", "post", "position_no"),
    layout=(
        FieldGroup(_("Person"), ("full_name", "post", "department", "position_no")),
        FieldGroup(_("Contact"), ("phone", "email")),
    ),
    path=on_page("agency.directory"),
    is_page=False,
)

contact_point = ContentType(
    name="contact_point",
    label=_("Contact point"),
    label_plural=_("Contact points"),
    model=models.ContactPoint,
    requirements={"contact_information": _("Address, telephone, e-mail")},
    derive=titled_by("address"),
    columns=("address", "phone"),
    layout=(
        FieldGroup(_("Contact"), ("address", "place", "phone", "fax", "email", "working_hours")),
    ),
    path=on_page("agency.contact"),
    is_page=False,
    describe_unit=metadata.contact,
)

hotline = ContentType(
    name="hotline",
    label=_("Hotline"),
    label_plural=_("Hotlines"),
    model=models.Hotline,
    requirements={"hotlines": _("Hotlines")},
    derive=titled_by("purpose"),
    columns=("purpose", "phone"),
    layout=(FieldGroup(_("Hotline"), ("purpose", "phone", "hours")),),
    path=on_page("agency.contact"),
    is_page=False,
)

social_link = ContentType(
    name="social_link",
    label=_("Social network"),
    label_plural=_("Social networks"),
    model=models.SocialLink,
    requirements={"social_media": _("Social networks")},
    derive=titled_by("network"),
    columns=("network", "url"),
    layout=(FieldGroup(_("Social network"), ("network", "url")),),
    path=on_page("agency.contact"),
    is_page=False,
    describe_unit=metadata.profile,
)

map_layer = ContentType(
    name="map_layer",
    label=_("Layer of the administrative map"),
    label_plural=_("Administrative map"),
    model=models.MapLayer,
    requirements={"administrative_map": _("Administrative map")},
    sort_field="valid_from",
    derive=prepare,
    columns=("title", "level", "valid_from", "valid_until"),
    layout=(
        FieldGroup(_("Layer"), ("title", "level", "valid_from", "valid_until", "source")),
        FieldGroup(_("Map"), ("attachments", "places", "body")),
    ),
    path=path_below("agency.map_layer_index"),
)

heritage_site = ContentType(
    name="heritage_site",
    label=_("Relic or landscape"),
    label_plural=_("Relics and landscapes"),
    model=models.HeritageSite,
    requirements={"heritage_sites": _("Relics and landscapes")},
    labels={"title": _("Name")},
    columns=("title", "rank", "address"),
    layout=(
        FieldGroup(_("Place"), ("title", "rank", "decision", "address", "place")),
        FieldGroup(_("Visit"), ("opening_times", "ticket")),
        FieldGroup(_("Description"), ("summary", "body", "attachments", "captions")),
    ),
    path=path_below("agency.heritage_site_index"),
    describe=metadata.describe_site,
)

leadership_assignment = ContentType(
    name="leadership_assignment",
    label=_("Assignment of a leader"),
    label_plural=_("Assignment of duties"),
    model=models.LeadershipAssignment,
    requirements={"leadership_assignments": _("Assignment of duties")},
    sort_field="valid_from",
    derive=name_leader,
    columns=("full_name", "position", "valid_from", "valid_until"),
    layout=(
        FieldGroup(_("Leader"), ("full_name", "position", "person")),
        FieldGroup(_("Duties"), ("areas", "units_in_charge")),
        FieldGroup(_("Decision"), ("decision", "valid_from", "valid_until")),
    ),
    path=path_below("agency.leadership_assignment_index"),
    describe=metadata.describe_assignment,
)

TYPES = (
    agency_page, department, staff_member, contact_point, hotline, social_link,
    map_layer, heritage_site, leadership_assignment,
)  # fmt: skip
