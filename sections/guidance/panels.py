"""What the section contributes to menu and home page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, newest_panel
from hoitu.sections.guidance.types import TYPES


def menu() -> list[MenuEntry]:
    """Return the heading "Guidance" with its two lists."""
    children = tuple(
        MenuEntry(label, f"guidance.{kind.name}_index", requirement=key)
        for kind in TYPES
        for key, label in kind.requirements.items()
    )
    title = _("Guidance")
    return [MenuEntry(title, "guidance.index", weight=45, children=children, under="outreach")]


def newest(unit: Unit) -> list[Panel]:
    """Return the block of the newest guidance; none while there is none."""
    return newest_panel(
        unit,
        "guidance_article",
        _("Guidance on the law"),
        endpoint="guidance.guidance_article_index",
        weight=45,
        size=4,
    )
