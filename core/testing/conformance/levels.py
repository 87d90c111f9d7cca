"""The levels of conformance; each asks for everything the one below it asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

Check = TypeVar("Check", bound=Callable[..., Any])

#: Level -> its name in the interface and what it says of a plugin.
LEVELS = {
    "bronze": "Đồng: it cannot do harm, to its unit or to any other",
    "silver": "Bạc: it also does what visitors and editors rely on",
    "gold": "Vàng: it also proves it; every section of the platform is held to this",
}


def bronze(check: Check) -> Check:
    """Mark a check that every plugin must pass."""
    return _asked_by(check, "bronze", "silver", "gold")


def silver(check: Check) -> Check:
    """Mark a check for silver and gold."""
    return _asked_by(check, "silver", "gold")


def gold(check: Check) -> Check:
    """Mark a check for gold alone."""
    return _asked_by(check, "gold")


def _asked_by(check: Check, *levels: str) -> Check:
    for level in levels:
        check = getattr(pytest.mark, level)(check)
    return check
