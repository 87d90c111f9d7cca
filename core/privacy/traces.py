"""Traces: what files still hold of texts that were taken out of the database."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from hoitu.core.content import redaction
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext, enqueue, indexing
from hoitu.core.mail.sending import OUTBOX
from hoitu.core.units import all_units

#: Name of the job that rewrites the files of the search index.
JOB: Final = "core.clear_traces"


def clear_later(session: Session, now: datetime) -> None:
    """Have the files of the search index written anew; the caller commits.

    An index marks a text that was changed or removed and keeps its words until it is merged; only
    an index that is built anew has none of them.
    """
    enqueue(session, JOB, {}, run_at=now, dedupe=JOB)


def clear_outbox(instance: Path, words: Sequence[str]) -> int:
    """Remove written mails that go to somebody or tell of them; return how many there were."""
    gone = 0
    for path in (instance / OUTBOX).glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        said = [str(value) for value in message.values()]
        for part in message.walk():
            if part.get_content_maintype() == "text":
                said.append(str(part.get_content()))
        if redaction.blacked("\n".join(said), words)[1]:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _clear(context: JobContext) -> None:
    """Build the search index anew, and let SQLite write what it keeps beside its file into it."""
    with platform.open_session(False) as reading, all_units("rebuild of the search index"):
        found = indexing.documents(reading, platform.types, context.clock.now())
        platform.search.rebuild(found)
    if platform.engine.dialect.name == "sqlite":
        with platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as opened:
            opened.exec_driver_sql("pragma wal_checkpoint(truncate)")


JOBS: Final = (Job("clear_traces", _clear),)
