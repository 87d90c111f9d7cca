"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class Plans:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return plans, master plans and projects."""
        from hoitu.sections.plans.types import TYPES

        return list(TYPES)

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/quy-hoach-ke-hoach``."""
        from hoitu.sections.plans.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with a list per requirement below it."""
        from hoitu.sections.plans.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the newest plans."""
        from hoitu.sections.plans.panels import newest

        return newest(unit)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with periods, figures and maps."""
        from hoitu.sections.plans.rules import problems

        return problems(item)


section = Plans()
