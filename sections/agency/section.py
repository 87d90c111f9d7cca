"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class Agency:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return pages, departments, staff, contacts, maps, relics and assignments."""
        from hoitu.sections.agency.types import TYPES

        return list(TYPES)

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/gioi-thieu``."""
        from hoitu.sections.agency.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with its pages below it."""
        from hoitu.sections.agency.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the leaders and the hotlines."""
        from hoitu.sections.agency.panels import hotlines, leadership

        return leadership(unit) + hotlines(unit)

    @hookimpl
    def slot_panels(self, slot: str, unit: Unit) -> list[Panel]:
        """Return address, telephone and e-mail in the footer."""
        from hoitu.sections.agency.panels import footer

        return footer(unit) if slot == "footer" else []

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong: a circle in the chart, a broken map, two chairmen at a time."""
        from hoitu.sections.agency.chart import superiors
        from hoitu.sections.agency.entries import assignments
        from hoitu.sections.agency.layers import layer_of
        from hoitu.sections.agency.rules import problems

        return problems(item, superiors, assignments, layer_of)


section = Agency()
