"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class Guidance:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return guidance articles and policies."""
        from hoitu.sections.guidance.types import TYPES

        return list(TYPES)

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/pho-bien-huong-dan``."""
        from hoitu.sections.guidance.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with the two lists below it."""
        from hoitu.sections.guidance.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the newest guidance."""
        from hoitu.sections.guidance.panels import newest

        return newest(unit)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with texts, documents and days."""
        from hoitu.sections.guidance.rules import problems

        return problems(item)


section = Guidance()
