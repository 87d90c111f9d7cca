"""The plugin at a glance: a control below the heading of what is long enough to be listened to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import Item
    from hoitu.core.web import Panel


class ReadAloud:
    """Plugin object of the service."""

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return no page, only where the template of the control lies."""
        from flask import Blueprint

        return [Blueprint("read_aloud", __name__, template_folder="templates")]

    @hookimpl
    def slot_panels(self, slot: str, item: Item | None) -> list[Panel]:
        """Return the control, for items with a text of some length; a line of the statement."""
        from hoitu.plugins.read_aloud.control import control, offer

        if slot == "accessibility":
            return offer()
        return control(item) if slot == "after_title" and item is not None else []


service = ReadAloud()
