"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from datetime import date

    from flask import Blueprint

    from hoitu.core.access import Actor
    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.jobs import Job
    from hoitu.core.requirements import Requirement
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class Links:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return the link that is not generated from the directory of units."""
        from hoitu.sections.links.types import portal_link

        return [portal_link]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/lien-ket``."""
        from hoitu.sections.links.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading."""
        from hoitu.sections.links.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return banners and groups of links, folded."""
        from hoitu.sections.links.panels import links

        return links(unit)

    @hookimpl
    def dashboard_panels(self, unit: Unit, actor: Actor) -> list[Panel]:
        """Return the links that do not answer."""
        from hoitu.sections.links.panels import broken

        return broken(unit, actor)

    @hookimpl
    def register_jobs(self) -> list[Job]:
        """Return the job that asks whether kept addresses answer."""
        from hoitu.sections.links.jobs import JOBS

        return JOBS

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with the days of a link."""
        from hoitu.sections.links.models import PortalLink
        from hoitu.sections.links.rules import problems

        return problems(item) if isinstance(item, PortalLink) else []

    @hookimpl
    def freshness(self, unit: Unit, requirement: Requirement) -> list[date]:
        """Return today for what follows the directory of units, else the day of the newest link."""
        from hoitu.sections.links.groups import fresh_days

        return fresh_days(unit, requirement.id)


section = Links()
