"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.jobs import Job
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class Topics:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return the topic."""
        from hoitu.sections.topics.types import topic

        return [topic]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/chuyen-de``."""
        from hoitu.sections.topics.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading."""
        from hoitu.sections.topics.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the topics that run today."""
        from hoitu.sections.topics.panels import of_today

        return of_today(unit)

    @hookimpl
    def register_jobs(self) -> list[Job]:
        """Return the job that tells search of topics that begin."""
        from hoitu.sections.topics.jobs import JOBS

        return JOBS

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with the days and entries of a topic."""
        from hoitu.sections.topics.models import Topic
        from hoitu.sections.topics.rules import problems

        return problems(item) if isinstance(item, Topic) else []


section = Topics()
