"""Durable jobs: a table, leases, and one worker; no broker."""

from __future__ import annotations

from hoitu.core.jobs.indexing import feed_later
from hoitu.core.jobs.queue import Job, JobContext, Jobs, Postponed, enqueue
from hoitu.core.jobs.worker import Worker

__all__ = ["Job", "JobContext", "Jobs", "Postponed", "Worker", "enqueue", "feed_later"]
