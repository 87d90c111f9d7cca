"""Entries of a unit as its pages show them: contacts, hotlines, networks, texts by language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from hoitu.core.content import ContentType, Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit
from hoitu.core.web import now
from hoitu.sections.agency.models import AgencyPage
from hoitu.sections.agency.types import contact_point, hotline, social_link

#: What the contact page shows, by requirement, in this order.
CONTACT: Mapping[str, ContentType] = {
    "contact_information": contact_point,
    "hotlines": hotline,
    "social_media": social_link,
}


def entries(kind: ContentType, limit: int = 100) -> list[Any]:
    """Return the public entries of a type in the order they were made: one statement."""
    chosen = queries.public(kind.model, now()).order_by(Item.id).limit(limit)
    return list(session().scalars(chosen))


def beside(unit: Unit) -> list[tuple[str, str]]:
    """Return (label, path) of the pages beside the texts that are on for a unit."""
    on = platform.switchboard.requirements_on(unit, "agency")
    found = []
    if "organisation_chart" in on:
        found.append((_("Organisation chart"), url_for("agency.chart")))
    if "staff_directory" in on:
        found.append((_("Staff directory"), url_for("agency.directory")))
    if not on.isdisjoint(CONTACT):
        found.append((_("Contact"), url_for("agency.contact")))
    return found


def text_in(page: AgencyPage, language: str) -> tuple[str, str]:
    """Return (text, its language): English where asked for and written, else Vietnamese."""
    if language == "en" and page.body_en:
        return page.body_en, "en"
    return page.body or "", "vi"
