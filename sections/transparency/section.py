"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.access import Actor
    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class Transparency:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return requests, contacts, reception days, disclosed documents and notices."""
        from hoitu.sections.transparency.types import TYPES

        return list(TYPES)

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/minh-bach``."""
        from hoitu.sections.transparency.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with a page per requirement below it."""
        from hoitu.sections.transparency.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the next reception days."""
        from hoitu.sections.transparency.panels import receptions

        return receptions(unit)

    @hookimpl
    def slot_panels(self, slot: str, unit: Unit) -> list[Panel]:
        """Return the emergency notices that hold now, above every page."""
        from hoitu.sections.transparency.panels import banner

        return banner(unit) if slot == "header" else []

    @hookimpl
    def dashboard_panels(self, unit: Unit, actor: Actor) -> list[Panel]:
        """Return the requests for information that wait for an answer."""
        from hoitu.sections.transparency.panels import waiting

        return waiting(unit, actor)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with an entry."""
        from hoitu.core.extensions import platform
        from hoitu.sections.transparency.rules import problems

        return problems(item, platform.clock.today())


section = Transparency()
