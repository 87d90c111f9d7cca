"""The plugin at a glance: what it listens to and when it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from hoitu.core.events import Event
    from hoitu.core.jobs import Job


class WorkNotices:
    """Plugin object of the service."""

    @hookimpl
    def handle_event(self, event: Event) -> None:
        """Write to those who want each notice as it comes."""
        from hoitu.plugins.work_notices.telling import tell_at_once

        tell_at_once(event)

    @hookimpl
    def register_jobs(self) -> list[Job]:
        """Return the jobs of the morning, for those who want one mail a day."""
        from hoitu.plugins.work_notices.digest import JOBS

        return list(JOBS)


service = WorkNotices()
