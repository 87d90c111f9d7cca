"""The plugin at a glance: what it counts, where it tells of it, and what it forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import Item
    from hoitu.core.jobs import Job
    from hoitu.core.units import Unit
    from hoitu.core.web import Panel


class Visits:
    """Plugin object of the service."""

    @hookimpl
    def register_settings(self) -> list[type]:
        """Return what a unit shows of its figures."""
        from hoitu.plugins.visits.settings import VisitSettings

        return [VisitSettings]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return the page at the desk."""
        from hoitu.plugins.visits.desk import blueprint

        return [blueprint]

    @hookimpl
    def register_jobs(self) -> list[Job]:
        """Return the jobs that end a day and shorten what is old."""
        from hoitu.plugins.visits.retention import JOBS

        return list(JOBS)

    @hookimpl
    def slot_panels(self, slot: str, unit: Unit, item: Item | None) -> list[Panel]:
        """Return the figures for the footer; take note that a page of the site is being drawn."""
        from hoitu.plugins.visits.counting import note_page
        from hoitu.plugins.visits.panels import counters

        note_page(slot, item)
        return counters(unit) if slot == "footer" else []

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the block of what is read most."""
        from hoitu.plugins.visits.panels import most_read

        return most_read(unit)


service = Visits()
