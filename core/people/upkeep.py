"""Periodic work: what is over is forgotten."""

from __future__ import annotations

from datetime import timedelta

from hoitu.core.jobs import Job, JobContext
from hoitu.core.oidc import steps
from hoitu.core.people import answers, sessions


def tidy(context: JobContext) -> None:
    """Delete sessions that are over and sign-ins that nobody finished."""
    sessions.forget_old(context.session, context.clock.now())
    steps.forget_old(context.session, context.clock.now())


JOBS = (Job("forget_sessions", tidy, every=timedelta(hours=1)), *answers.JOBS)
