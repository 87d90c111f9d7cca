"""The buffer: what one process counted and has not written yet.

A request adds to a list in memory and goes on. The first one after a pause sets a timer of its
process; when it rings, one short transaction writes everything at once. It does not need the
worker, which may be another process that cannot see this memory. At the end of a process the rest
is written; one that is killed loses some seconds.
"""

from __future__ import annotations

import atexit
import logging
from collections import deque
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from hoitu.core.extensions import KEY, Platform
from hoitu.plugins.visits.writing import write

if TYPE_CHECKING:
    from hoitu.plugins.visits.counting import Hit

log = logging.getLogger(__name__)

#: Seconds between two writings of one process.
PAUSE: Final = 10.0
#: Pages that are held at most; beyond, the oldest are forgotten.
MOST: Final = 50_000
_KEY: Final = "hoitu_visits"
_making = Lock()


class Buffer:
    """The counts of one application in this process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._hits: deque[Hit] = deque(maxlen=MOST)
        self._setting, self._writing = Lock(), Lock()
        self._timer: Timer | None = None

    def add(self, hit: Hit) -> None:
        """Count a page; it is written soon."""
        self._hits.append(hit)
        if self._timer is None and not self._app.testing:
            self._set_timer()

    def flush(self) -> None:
        """Write what was counted; what cannot be written now is kept for the next time."""
        with self._writing:
            hits = [self._hits.popleft() for _ in range(len(self._hits))]
            if not hits:
                return
            try:
                self._write(hits)
            except SQLAlchemyError:
                log.exception("visits wait to be counted; see: hoitu doctor")
                self._hits.extendleft(reversed(hits))

    def _write(self, hits: list[Hit]) -> None:
        with self._app.app_context():
            platform: Platform = self._app.extensions[KEY]
            with platform.open_session(True) as session:
                write(session, hits, platform.clock.today())
                session.commit()

    def _set_timer(self) -> None:
        with self._setting:
            if self._timer is None:
                self._timer = Timer(PAUSE, self._ring)
                self._timer.daemon = True
                self._timer.start()

    def _ring(self) -> None:
        self._timer = None
        self.flush()


def buffer_of(app: Any) -> Buffer:
    """Return the buffer of an application, made on first use: after a server has forked."""
    found = app.extensions.get(_KEY)
    if found is None:
        with _making:
            found = app.extensions.get(_KEY)
            if found is None:
                own = app._get_current_object() if hasattr(app, "_get_current_object") else app
                found = app.extensions[_KEY] = Buffer(own)
                if not own.testing:
                    atexit.register(found.flush)
    return cast("Buffer", found)
