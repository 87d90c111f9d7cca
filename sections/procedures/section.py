"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from datetime import date

    from flask import Blueprint

    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.requirements import Requirement
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class Procedures:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return procedures and online services."""
        from hoitu.sections.procedures.types import TYPES

        return list(TYPES)

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/thu-tuc-hanh-chinh``."""
        from hoitu.sections.procedures.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with the two lists below it."""
        from hoitu.sections.procedures.panels import menu

        return menu(unit)

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the look-up box."""
        from hoitu.sections.procedures.panels import look_up

        return look_up(unit)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with codes and tables."""
        from hoitu.core.extensions import platform
        from hoitu.sections.procedures.rules import problems
        from hoitu.sections.procedures.services import is_taken

        catalogue = platform.catalogues.on(platform.clock.today())
        return problems(item, catalogue.data["procedure_fields"]["code_pattern"], is_taken)

    @hookimpl
    def freshness(self, unit: Unit, requirement: Requirement) -> list[date]:
        """Return the days of the newest item and of the last comparison with the source."""
        from hoitu.sections.procedures.services import fresh_days

        return fresh_days(requirement)


section = Procedures()
