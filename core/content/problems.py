"""Problems: what is wrong with content, said to the person who can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. ``message`` is translated; ``field`` is empty for the item as a whole."""

    field: str
    message: Any

    def __str__(self) -> str:
        return str(self.message)


class Refused(Exception):
    """A change was refused; nothing was saved. ``problems`` says everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(p) for p in problems))
        self.problems = tuple(problems)


class Conflict(Exception):
    """Somebody else saved the item since it was opened; nothing was saved."""
