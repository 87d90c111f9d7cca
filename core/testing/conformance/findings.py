"""How a check tells what it found: what to do first, then each place."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

#: What is told of one check; who has more to mend runs it again.
SHOWN = 25


def demand(found: Iterable[object], advice: str) -> None:
    """Fail unless nothing was found; ``advice`` says what to do about it."""
    lines = [str(finding) for finding in found]
    if not lines:
        return
    shown = [f"  - {line}" for line in lines[:SHOWN]]
    if len(lines) > SHOWN:
        shown.append(f"  and {len(lines) - SHOWN} more")
    pytest.fail("\n".join([advice, *shown]), pytrace=False)
