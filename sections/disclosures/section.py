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


class Disclosures:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return finance, statistics and their releases, research, anti-corruption."""
        from hoitu.sections.disclosures.types import TYPES

        return list(TYPES)

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/cong-khai``."""
        from hoitu.sections.disclosures.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with its pages below it."""
        from hoitu.sections.disclosures.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the newest disclosures and this year's finance."""
        from hoitu.sections.disclosures.panels import newest

        return newest(unit)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with periods, days, forms and attached tables."""
        from hoitu.core.extensions import platform
        from hoitu.sections.disclosures.attached import read_file
        from hoitu.sections.disclosures.finance import regimes_of
        from hoitu.sections.disclosures.rules import problems

        owner = platform.units.by_id(item.unit_id)
        regimes = {regime.key for regime in regimes_of(owner.type if owner else "")}
        return problems(item, platform.clock.today(), regimes, read_file)

    @hookimpl
    def freshness(self, unit: Unit, requirement: Requirement) -> list[date]:
        """Return the day that figures tell of; elsewhere, when the newest page was published."""
        from hoitu.core.content import queries
        from hoitu.sections.disclosures.finance import REQUIREMENT, told_of
        from hoitu.sections.disclosures.types import PAGES

        if requirement.id == REQUIREMENT:
            return told_of()
        serving = (kind for kind in PAGES if requirement.id in kind.requirements)
        return [day for kind in serving for day in queries.newest_day(kind.model, requirement.id)]


section = Disclosures()
