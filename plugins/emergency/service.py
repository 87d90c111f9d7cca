"""The plugin at a glance: where banners are shown, who puts them up, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.access import Actor
    from hoitu.core.jobs import Job
    from hoitu.core.units import Unit
    from hoitu.core.web import HeadTag, Panel


class Emergency:
    """Plugin object of the service."""

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return the page at the desk, and what machines read."""
        from hoitu.plugins.emergency.pages import blueprint

        return [blueprint]

    @hookimpl
    def register_jobs(self) -> list[Job]:
        """Return the job that tells the administrators."""
        from hoitu.plugins.emergency.telling import JOBS

        return list(JOBS)

    @hookimpl
    def slot_panels(self, slot: str, unit: Unit) -> list[Panel]:
        """Return the banners of this moment, above every page of the site."""
        from hoitu.plugins.emergency.panels import above_pages

        return above_pages(slot, unit)

    @hookimpl
    def head_tags(self, unit: Unit) -> list[HeadTag]:
        """Return the link to the feed of banners, which is empty on good days."""
        from hoitu.plugins.emergency.panels import feed_links

        return feed_links(unit)

    @hookimpl
    def dashboard_panels(self, unit: Unit, actor: Actor) -> list[Panel]:
        """Return what the site shows, on the first page of its desk."""
        from hoitu.plugins.emergency.panels import at_the_desk

        return at_the_desk(unit, actor)


service = Emergency()
