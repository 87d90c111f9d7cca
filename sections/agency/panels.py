"""What the section contributes to menu, home page and footer."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, in_language
from hoitu.sections.agency.entries import entries, leaders
from hoitu.sections.agency.rules import dial
from hoitu.sections.agency.types import TYPES, contact_point, hotline
from hoitu.sections.agency.vocabularies import POSITIONS

#: Pages of types without a list of their own, and how their addresses name the part asked for.
PLACES = {
    "agency_page": ("index", "nhom"), "staff_member": ("directory", ""),
    "contact_point": ("contact", ""), "hotline": ("contact", "_anchor"),
    "social_link": ("contact", "_anchor"),
}  # fmt: skip


def menu() -> list[MenuEntry]:
    """Return "About us" with the page of each requirement below it, and "Contact"."""
    found = []
    for kind in TYPES:
        place, part = PLACES.get(kind.name, (f"{kind.name}_index", ""))
        for key, label in kind.requirements.items():
            named = {part: key} if part else {}
            found.append(MenuEntry(label, f"agency.{place}", requirement=key, arguments=named))
    about = MenuEntry(_("About us"), "agency.index", 10, children=tuple(found), under="about")
    where, key = "agency.contact", "contact_information"
    return [about, MenuEntry(_("Contact"), where, 95, key, under="contact")]


def leadership(unit: Unit) -> list[Panel]:
    """Return the block of the present leaders; none while there are none."""
    on = platform.switchboard.section_on(unit, "agency", "leadership_assignments")
    found = in_language(leaders()["present"]) if on else []
    values = {"leaders": found, "label": dict(POSITIONS.options()).get}
    more = url_for("agency.leadership_assignment_index")
    panel = Panel("leaders", _("Leadership"), "agency/leaders.html", values, 8, more, "side")
    return [panel] if found else []


def hotlines(unit: Unit) -> list[Panel]:
    """Return the block of the hotlines; none while there are none."""
    on = platform.switchboard.section_on(unit, "agency", "hotlines")
    values = {"hotlines": entries(hotline) if on else [], "dial": dial}
    more = url_for("agency.contact")
    panel = Panel("hotlines", _("Hotlines"), "agency/hotlines.html", values, 10, more, "side")
    return [panel] if values["hotlines"] else []


def footer(unit: Unit) -> list[Panel]:
    """Return the block of the first contact point; none while there is none."""
    on = platform.switchboard.section_on(unit, "agency", "contact_information")
    found = entries(contact_point, limit=1) if on else []
    return [
        Panel("contact", _("Contact"), "agency/footer.html", {"contact": contact, "dial": dial}, 10)
        for contact in found
    ]
