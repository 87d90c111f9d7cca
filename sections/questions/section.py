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


class Questions:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return questions."""
        from hoitu.sections.questions.types import TYPES

        return list(TYPES)

    @hookimpl
    def register_settings(self) -> list[type]:
        """Return within how many days the unit answers."""
        from hoitu.sections.questions.settings import QuestionSettings

        return [QuestionSettings]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/hoi-dap``."""
        from hoitu.sections.questions.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with the form, the look-up and the figures below it."""
        from hoitu.sections.questions.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the newest answers and the way to ask."""
        from hoitu.sections.questions.panels import newest

        return newest(unit)

    @hookimpl
    def dashboard_panels(self, unit: Unit, actor: Actor) -> list[Panel]:
        """Return the questions that wait, by urgency."""
        from hoitu.sections.questions.panels import waiting

        return waiting(unit, actor)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what keeps a question from being published, personal data above all."""
        from hoitu.core.extensions import platform
        from hoitu.sections.questions.rules import problems

        return problems(item, platform.clock.today())


section = Questions()
