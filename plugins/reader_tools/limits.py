"""How many PDFs one network has made in a while: each costs as much as a hundred pages."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

#: So many within this time; those made already are served without being counted.
MOST, WITHIN = 12, timedelta(minutes=10)
#: Networks that are remembered at most, by each process; the oldest are forgotten first.
_REMEMBERED: Final = 2000
_lock = Lock()
_made: dict[str, deque[datetime]] = {}


def may_make(network: str, now: datetime) -> bool:
    """Note that a network wants one made; False when it had too many."""
    with _lock:
        times = _made.pop(network, deque())
        while times and times[0] <= now - WITHIN:
            times.popleft()
        allowed = len(times) < MOST
        if allowed:
            times.append(now)
        _made[network] = times
        while len(_made) > _REMEMBERED:
            del _made[next(iter(_made))]
        return allowed


def forget() -> None:
    """Forget all networks."""
    with _lock:
        _made.clear()
