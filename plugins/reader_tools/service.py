"""The plugin at a glance: the tools it adds to the pages of items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import Item
    from hoitu.core.jobs import Job
    from hoitu.core.units import Unit
    from hoitu.core.web import Panel


class ReaderTools:
    """Plugin object of the service."""

    @hookimpl
    def register_settings(self) -> list[type]:
        """Return to which networks pages offer to be passed on."""
        from hoitu.plugins.reader_tools.settings import ReaderToolSettings

        return [ReaderToolSettings]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/luu-pdf``."""
        from hoitu.plugins.reader_tools.views import blueprint

        return [blueprint]

    @hookimpl
    def register_jobs(self) -> list[Job]:
        """Return the job that deletes old files."""
        from hoitu.plugins.reader_tools.printing import JOBS

        return list(JOBS)

    @hookimpl
    def slot_panels(self, slot: str, unit: Unit, item: Item | None) -> list[Panel]:
        """Return the tools of an item's page."""
        from hoitu.plugins.reader_tools.sharing import tools

        return tools(unit, item) if slot == "tools" and item is not None else []


service = ReaderTools()
