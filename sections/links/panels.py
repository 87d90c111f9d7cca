"""What the section contributes to menu and home page."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel
from hoitu.sections.links.groups import shown


def menu() -> list[MenuEntry]:
    """Return the heading "Links"."""
    return [MenuEntry(_("Links"), "links.index", weight=90)]


def links(unit: Unit) -> list[Panel]:
    """Return the block of links; none while there are none."""
    groups = shown(unit)
    if not groups:
        return []
    template, more = "links/panel.html", url_for("links.index")
    values = {"groups": groups}
    return [Panel("links", _("Links"), template, values, weight=90, more=more, place="side")]
