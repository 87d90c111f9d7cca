"""Quarantine: where plugins go that fail again and again."""

from __future__ import annotations

import logging
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hoitu.core import stamp
from hoitu.core.clock import Clock
from hoitu.core.db import WRITE
from hoitu.core.plugin.manager import Plugins
from hoitu.core.plugin.state import PluginRow, PluginState

log = logging.getLogger(__name__)


class Quarantine:
    """Takes plugins out of use: at once in this process, in all others at their next request.

    The hook that failed may hold the only write lock of the database. What it did is therefore
    written down when its request, job or command has ended (:meth:`remember`).
    """

    def __init__(self, engine: Engine, plugins: Plugins, clock: Clock) -> None:
        self._engine = engine
        self._plugins = plugins
        self._clock = clock
        self._lock = Lock()
        self._waiting: dict[str, str] = {}

    def add(self, name: str, reason: str) -> None:
        """Take a plugin out of use in this process."""
        self._plugins.withdraw(name, PluginState.QUARANTINED, reason)
        with self._lock:
            self._waiting[name] = reason

    def remember(self, _error: BaseException | None = None) -> None:
        """Write down what :meth:`add` did; what cannot be written now is tried again later."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            self._store(waiting)
        except SQLAlchemyError:
            log.exception("the quarantine of %s cannot be stored", ", ".join(waiting))
            with self._lock:
                self._waiting = {**waiting, **self._waiting}

    def _store(self, waiting: dict[str, str]) -> None:
        with Session(self._engine.execution_options(**{WRITE: True})) as session:
            for name, reason in waiting.items():
                plugin = self._plugins.get(name)
                row = session.get(PluginRow, name) or PluginRow(name=name)
                row.version = plugin.manifest.version if plugin and plugin.manifest else ""
                row.state, row.reason = PluginState.QUARANTINED, reason
                row.changed_at = self._clock.now()
                session.add(row)
            stamp.bump(session)
            session.commit()
