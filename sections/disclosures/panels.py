"""What the section contributes to menu and home page."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, in_language, now
from hoitu.sections.disclosures import finance
from hoitu.sections.disclosures.types import PAGES

SHOWN = 4
WEIGHT = 60


def menu() -> list[MenuEntry]:
    """Return the heading "Disclosures" with a page for each requirement."""
    children = tuple(
        MenuEntry(label, f"disclosures.{kind.name}_index", requirement=key)
        for kind in PAGES
        for key, label in kind.requirements.items()
    )
    title, under = _("Disclosures"), "disclosures"
    return [MenuEntry(title, "disclosures.index", WEIGHT, children=children, under=under)]


def newest(unit: Unit) -> list[Panel]:
    """Return the newest disclosures and this year's finance; none while nothing is disclosed."""
    on = platform.switchboard.requirements_on(unit, "disclosures")
    chosen = queries.public(Item, now(), on).where(Item.type.in_([kind.name for kind in PAGES]))
    chosen = chosen.order_by(Item.published_from.desc(), Item.id.desc()).limit(SHOWN)
    found = in_language(session().scalars(chosen).all()) if on else []
    if not found:
        return []
    values = {"found": found, "grid": finance.grid() if finance.REQUIREMENT in on else None}
    template, more = "disclosures/panel.html", url_for("disclosures.index")
    return [Panel("disclosures", _("Disclosures"), template, values, WEIGHT, more=more)]
