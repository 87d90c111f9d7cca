"""What keeps the forms of visitors for people: limits, a proof of work, and what was refused.

Nobody has to solve anything, nobody else is asked, and no address of a visitor is kept.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from hoitu.core.jobs import Job, JobContext
from hoitu.core.web.defence import limits, refusals
from hoitu.core.web.defence.limits import Limit, admit, is_full, spare
from hoitu.core.web.defence.proof import proves
from hoitu.core.web.defence.refusals import note, refused_today

__all__ = ["JOBS", "Limit", "admit", "is_full", "note", "proves", "refused_today", "spare"]


def _forget(context: JobContext) -> None:
    """Forget what limits count no longer, and how much was refused long ago."""
    limits.forget(context.session, context.clock.now())
    refusals.forget(context.session, context.clock.today())


JOBS: Final = (Job("forget_sendings", _forget, every=timedelta(days=1)),)
