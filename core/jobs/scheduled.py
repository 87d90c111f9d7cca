"""Taking the steps that editors planned, when their time has come.

Once a minute, as people plan to the minute. What became due while no worker ran is taken when one
is back. Another run begins at once while there is more to do than one transaction should hold.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from hoitu.core.content import actions
from hoitu.core.content.actions.scheduling import BATCH
from hoitu.core.extensions import platform
from hoitu.core.jobs import queue
from hoitu.core.jobs.queue import Job, JobContext

NAME: Final = "scheduled"


def _take_due(context: JobContext) -> None:
    """Take what is due; what cannot be taken is kept with the reason."""
    if actions.run_due(platform, context.session) == BATCH:
        queue.enqueue(context.session, f"core.{NAME}", {}, run_at=context.clock.now())


JOBS: Final = (Job(NAME, _take_due, every=timedelta(minutes=1)),)
