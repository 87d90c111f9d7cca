"""What pages need again and again, kept in memory for as long as it is sure to be true."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

#: Publications that begin or end by the clock show on kept parts of pages after this at the latest.
LIFE: Final = timedelta(minutes=1)
#: Entries of one state; beyond, values are computed and not kept.
LIMIT: Final = 20_000


@dataclass(frozen=True, slots=True)
class State:
    """Which state of the database values were computed from: the two stamps and the day."""

    configuration: int
    content: int
    day: date


@dataclass(frozen=True, slots=True)
class Kept:
    """Values of one state; a process puts a new one in place when the state has moved.

    A request holds on to the one it began with: what it stores late lands where nobody looks.
    """

    state: State | None = None
    until: datetime | None = None
    _values: dict[Hashable, Any] = field(default_factory=dict)

    def holds(self, state: State, now: datetime) -> bool:
        """Say whether the values are those of a state, and not too old."""
        return self.state == state and self.until is not None and now < self.until

    def find(self, key: Hashable) -> Any:
        """Return a value, or None."""
        return self._values.get(key)

    def store(self, key: Hashable, value: Any) -> None:
        """Keep a value."""
        if len(self._values) < LIMIT:
            self._values[key] = value
