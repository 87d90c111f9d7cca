"""Taking down what was not found: in memory while the page is made, in the table after it is sent.

A page that is only read must not wait for a writer. So words are collected in the process and
written in one go after an answer has left, once a minute at most. What a process has collected
since is lost when it ends; a log of what visitors miss can bear that.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, Final, cast

from flask import Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import SQLAlchemyError

from hoitu.core.care.unfound import Unfound, key_of, write
from hoitu.core.extensions import Platform, platform
from hoitu.core.web.client import is_robot
from hoitu.core.web.searching.blueprint import blueprint
from hoitu.core.web.site import now, today

log = logging.getLogger(__name__)

#: A process writes no more often than this, and so many different words at a time.
EVERY: Final = timedelta(minutes=1)
AT_A_TIME: Final = 100
_KEY: Final = "hoitu_unfound"


@dataclass(slots=True)
class Collected:
    """What this process has not written yet; safe to share between threads."""

    _waiting: dict[tuple[int, str], Unfound] = field(default_factory=dict)
    _written_at: datetime | None = None
    _lock: Any = field(default_factory=Lock)

    def add(self, one: Unfound) -> None:
        """Collect words; beyond ``AT_A_TIME`` different ones they are let go."""
        with self._lock:
            known = self._waiting.get((one.unit_id, one.key))
            if known is not None:
                known.words, known.day, known.times = one.words, one.day, known.times + 1
            elif len(self._waiting) < AT_A_TIME:
                self._waiting[one.unit_id, one.key] = one

    def take(self, now: datetime) -> list[Unfound]:
        """Return what is to be written now, if it is time; another thread gets nothing then."""
        with self._lock:
            if self._written_at is not None and now - self._written_at < EVERY:
                return []
            taken, self._waiting = list(self._waiting.values()), {}
            if taken:
                self._written_at = now
            return taken


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[_KEY] = Collected()


def note(answer: Response, words: str) -> None:
    """Take down that words found nothing here, unless they are a robot's or may be personal."""
    by_person = request.method == "GET" and not is_robot(request.user_agent.string)
    if not by_person or not (key := key_of(words)):
        return
    collected = cast("Collected", current_app.extensions[_KEY])
    collected.add(Unfound(g.unit.id, key, words, today()))
    # The platform itself: nothing of the request is left when the answer has been sent.
    parts: Platform = platform._get_current_object()  # type: ignore[attr-defined]
    answer.call_on_close(partial(_write_due, parts, collected, now()))


def _write_due(parts: Platform, collected: Collected, now: datetime) -> None:
    if not (found := collected.take(now)):
        return
    try:
        with parts.open_session(True) as session:
            write(session, found)
            session.commit()
    except SQLAlchemyError:
        # The visitor has the answer; the words are not worth another try.
        log.exception("what visitors did not find is not written down; see: hoitu doctor")
