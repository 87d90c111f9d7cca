"""What the section contributes to menu and home page."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import queries
from hoitu.core.extensions import platform
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, in_language, now
from hoitu.sections.procedures.models import Procedure

#: Procedures named beside the look-up box.
SHOWN = 6


def menu(unit: Unit) -> list[MenuEntry]:
    """Return the heading "Procedures and services" with its two lists; it leads to the first on."""
    children = (
        MenuEntry(
            _("Administrative procedures"),
            "procedures.index",
            requirement="administrative_procedures",
        ),
        MenuEntry(
            _("Online services"), "procedures.online_service_index", requirement="online_services"
        ),
    )
    on = platform.switchboard.requirements_on(unit, "procedures")
    first = next((entry for entry in children if entry.requirement in on), children[0])
    title, under = _("Procedures and services"), "procedures"
    return [MenuEntry(title, first.endpoint, weight=40, children=children, under=under)]


def look_up(unit: Unit) -> list[Panel]:
    """Return the look-up box with the newest procedures; none while there are none."""
    key = "administrative_procedures"
    if not platform.switchboard.section_on(unit, "procedures", key):
        return []
    found = in_language(queries.newest(Procedure, size=SHOWN, now=now()))
    if not found:
        return []
    template, more = "procedures/panel.html", url_for("procedures.index")
    title, values = _("Procedures and services"), {"found": found}
    return [Panel("procedures", title, template, values, weight=40, more=more, size="wide")]
