"""What the section contributes to menu and home page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, newest_panel
from hoitu.sections.plans.types import TYPES


def menu() -> list[MenuEntry]:
    """Return the heading "Plans" with a list per requirement."""
    children = tuple(
        MenuEntry(
            label,
            f"plans.{kind.name}_index",
            requirement=key,
            arguments={"nhom": key} if len(kind.requirements) > 1 else {},
        )
        for kind in TYPES
        for key, label in kind.requirements.items()
    )
    title = _("Master plans and plans")
    return [MenuEntry(title, "plans.index", weight=50, children=children, under="plans")]


def newest(unit: Unit) -> list[Panel]:
    """Return the block of the newest plans; none while there are none."""
    title = _("Strategies and plans")
    return newest_panel(unit, "plan", title, endpoint="plans.plan_index", weight=50, size=4)
