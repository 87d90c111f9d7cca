"""The content type: groups, form layout and what follows from the dates."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.clock import ZONE
from hoitu.core.content import ContentType, FieldGroup, Item
from hoitu.sections.links.models import PortalLink


def derive(link: PortalLink) -> None:
    """End publication with the last day of validity: lists, feeds and the API then agree."""
    last = link.valid_until
    end = datetime(last.year, last.month, last.day, tzinfo=ZONE) if last else None
    link.published_until = end + timedelta(days=1) if end else None


def group_path(item: Item) -> str:
    """Return the place of a link's group on the page of all links."""
    return url_for("links.index", _anchor=item.requirement)


portal_link = ContentType(
    name="portal_link",
    label=_("Link"),
    label_plural=_("Links"),
    model=PortalLink,
    requirements={
        "link_open_data": _("Open data portal"),
        "link_digital_transformation": _("Digital transformation portal"),
        "link_party_committee": _("Party committee"),
        "link_people_council": _("People's Council"),
        "link_people_committee": _("People's Committee"),
        "link_fatherland_front": _("Fatherland Front"),
        "link_provincial_agencies": _("Departments and agencies of the province"),
        "link_commune_committees": _("People's Committees of communes and wards"),
        "link_district_committees": _("People's Committees of districts"),
    },
    labels={"title": _("Name")},
    columns=("title", "requirement", "url"),
    derive=derive,
    layout=(FieldGroup(_("Link"), ("requirement", "title", "url", "valid_from", "valid_until")),),
    path=group_path,
    is_page=False,
)
