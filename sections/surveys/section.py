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


class Surveys:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return the unit's own surveys and remarks; the plan's survey is no content."""
        from hoitu.sections.surveys.types import TYPES

        return list(TYPES)

    @hookimpl
    def register_settings(self) -> list[type]:
        """Return how long a period is."""
        from hoitu.sections.surveys.settings import SurveySettings

        return [SurveySettings]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/khao-sat``."""
        from hoitu.sections.surveys.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with the results below it."""
        from hoitu.sections.surveys.panels import menu

        return menu(unit)

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the block that leads to the survey."""
        from hoitu.sections.surveys.panels import invitation

        return invitation(unit)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with a survey or with what is said of a remark."""
        from hoitu.sections.surveys.results import voted_wording
        from hoitu.sections.surveys.rules import problems

        return problems(item, voted_wording(item))

    @hookimpl
    def freshness(self, unit: Unit, requirement: Requirement) -> list[date]:
        """Return today: a question that is asked is asked all the time."""
        from hoitu.sections.surveys.panels import fulfilled_on

        return fulfilled_on(unit, requirement)


section = Surveys()
