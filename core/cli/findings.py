"""What ``hoitu doctor`` tells of one examined thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One examined thing. A warning is told with its remedy and is no failure."""

    subject: str
    ok: bool
    detail: str
    remedy: str = ""
    warning: bool = False
