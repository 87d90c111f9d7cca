"""The content types: form layouts, and the page on which each entry is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup, Item
from hoitu.sections.agency.models import (
    AgencyPage,
    ContactPoint,
    Department,
    Hotline,
    SocialLink,
    StaffMember,
)


def titled_by(name: str) -> Callable[[Any], None]:
    """Return a function that gives an entry the value of a field as its title."""

    def derive(item: Any) -> None:
        item.title = getattr(item, name) or ""

    return derive


def anchor(item: Item) -> str:
    """Return the name of an entry on the page that shows it."""
    return f"{item.type.replace('_', '-')}-{item.id}"


def department_path(item: Item) -> str:
    """Return the path of a department's page."""
    return url_for("agency.department", item_id=item.id, slug=item.slug)


def directory_path(item: Item) -> str:
    """Return the place of a person in the directory."""
    return url_for("agency.directory", _anchor=anchor(item))


def contact_path(item: Item) -> str:
    """Return the place of an entry on the contact page."""
    return url_for("agency.contact", _anchor=anchor(item))


agency_page = ContentType(
    name="agency_page",
    label=_("Page about the agency"),
    label_plural=_("Pages about the agency"),
    model=AgencyPage,
    requirements={
        "functions_duties": _("Functions, duties and powers"),
        "organisational_structure": _("Organisational structure"),
    },
    columns=("title", "requirement"),
    layout=(
        FieldGroup(_("Page"), ("requirement", "title", "body")),
        FieldGroup(_("English"), ("body_en",)),
        FieldGroup(_("Files"), ("attachments",)),
    ),
)

department = ContentType(
    name="department",
    label=_("Department"),
    label_plural=_("Departments"),
    model=Department,
    requirements={"organisation_chart": _("Organisation chart")},
    labels={"title": _("Name")},
    columns=("title", "kind", "position_no"),
    layout=(
        FieldGroup(_("Department"), ("title", "kind", "parent", "position_no", "duties")),
        FieldGroup(_("Contact"), ("phone", "email")),
    ),
    path=department_path,
)

staff_member = ContentType(
    name="staff_member",
    label=_("Staff member"),
    label_plural=_("Staff"),
    model=StaffMember,
    requirements={"staff_directory": _("Staff directory")},
    derive=titled_by("full_name"),
    columns=("full_name", "post", "position_no"),
    layout=(
        FieldGroup(_("Person"), ("full_name", "post", "department", "position_no")),
        FieldGroup(_("Contact"), ("phone", "email")),
    ),
    path=directory_path,
    is_page=False,
)

contact_point = ContentType(
    name="contact_point",
    label=_("Contact point"),
    label_plural=_("Contact points"),
    model=ContactPoint,
    requirements={"contact_information": _("Address, telephone, e-mail")},
    derive=titled_by("address"),
    columns=("address", "phone"),
    layout=(FieldGroup(_("Contact"), ("address", "phone", "fax", "email", "working_hours")),),
    path=contact_path,
    is_page=False,
)

hotline = ContentType(
    name="hotline",
    label=_("Hotline"),
    label_plural=_("Hotlines"),
    model=Hotline,
    requirements={"hotlines": _("Hotlines")},
    derive=titled_by("purpose"),
    columns=("purpose", "phone"),
    layout=(FieldGroup(_("Hotline"), ("purpose", "phone", "hours")),),
    path=contact_path,
    is_page=False,
)

social_link = ContentType(
    name="social_link",
    label=_("Social network"),
    label_plural=_("Social networks"),
    model=SocialLink,
    requirements={"social_media": _("Social networks")},
    derive=titled_by("network"),
    columns=("network", "url"),
    layout=(FieldGroup(_("Social network"), ("network", "url")),),
    path=contact_path,
    is_page=False,
)

TYPES = (agency_page, department, staff_member, contact_point, hotline, social_link)
