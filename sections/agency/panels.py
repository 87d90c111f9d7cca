"""What the section contributes to menu, home page and footer."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel
from hoitu.sections.agency.entries import CONTACT, entries
from hoitu.sections.agency.rules import dial
from hoitu.sections.agency.types import agency_page, contact_point, hotline


def menu(unit: Unit) -> list[MenuEntry]:
    """Return the heading "About us" with what is on for the unit below it."""
    on = platform.switchboard.requirements_on(unit, "agency")
    texts = [
        MenuEntry(label, "agency.index", requirement=key, arguments={"nhom": key})
        for key, label in agency_page.requirements.items()
    ]
    others = [
        MenuEntry(_("Organisation chart"), "agency.chart", requirement="organisation_chart"),
        MenuEntry(_("Staff directory"), "agency.directory", requirement="staff_directory"),
    ]
    contact = [] if on.isdisjoint(CONTACT) else [MenuEntry(_("Contact"), "agency.contact")]
    children = (*texts, *others, *contact)
    return [MenuEntry(_("About us"), "agency.index", weight=10, children=children)]


def hotlines(unit: Unit) -> list[Panel]:
    """Return the block of the hotlines; none while there are none."""
    on = platform.switchboard.section_on(unit, "agency", "hotlines")
    found = entries(hotline) if on else []
    if not found:
        return []
    values = {"hotlines": found, "dial": dial}
    more = url_for("agency.contact")
    template = "agency/hotlines.html"
    return [Panel("hotlines", _("Hotlines"), template, values, 10, more=more, place="side")]


def footer(unit: Unit) -> list[Panel]:
    """Return the block of the first contact point; none while there is none."""
    on = platform.switchboard.section_on(unit, "agency", "contact_information")
    found = entries(contact_point, limit=1) if on else []
    return [
        Panel("contact", _("Contact"), "agency/footer.html", {"contact": contact, "dial": dial}, 10)
        for contact in found
    ]
