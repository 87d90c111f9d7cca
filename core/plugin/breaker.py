"""The circuit breaker of hooks: a plugin that keeps failing is left out for a while."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from threading import Lock

#: This many errors within WINDOW seconds open the breaker of a (plugin, hook) for PAUSE seconds.
ERRORS, WINDOW, PAUSE = 5, 60.0, 300.0
#: This many openings quarantine the plugin.
OPENINGS = 3


class Breaker:
    """Counts errors per (plugin, hook); safe to share between threads."""

    def __init__(
        self,
        quarantine: Callable[[str, str], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quarantine = quarantine
        self._now = now
        self._lock = Lock()
        self._errors: dict[tuple[str, str], deque[float]] = defaultdict(
            lambda: deque(maxlen=ERRORS)
        )
        self._open_until: dict[tuple[str, str], float] = {}
        self._openings: dict[str, int] = defaultdict(int)

    def is_open(self, plugin: str, hook: str) -> bool:
        """Say whether this hook of this plugin is being left out now."""
        until = self._open_until.get((plugin, hook))
        return until is not None and self._now() < until

    def record(self, plugin: str, hook: str, error: BaseException) -> None:
        """Count one error; open the breaker, and quarantine the plugin, when it is one too many."""
        key, now = (plugin, hook), self._now()
        with self._lock:
            errors = self._errors[key]
            errors.append(now)
            if len(errors) < ERRORS or now - errors[0] > WINDOW:
                return
            errors.clear()
            self._open_until[key] = now + PAUSE
            self._openings[plugin] += 1
            worn_out = self._openings[plugin] >= OPENINGS
        if worn_out:
            self._quarantine(plugin, f"{hook}: {type(error).__name__}: {error}")
