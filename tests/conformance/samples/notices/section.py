"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class Notices:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return notices and what citizens reply to them."""
        from notices.types import notice, notice_reply

        return [notice, notice_reply]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/thong-bao``."""
        from notices.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading."""
        from notices.views import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the newest notices."""
        from notices.views import newest

        return newest(unit)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with the number of a notice."""
        from notices.models import problems

        return problems(item)


section = Notices()
