"""The demonstration: the plan's pilot units, today's city, and content from every section."""

from __future__ import annotations

from hoitu.core.demo.companions import Companion, CompanionError, running
from hoitu.core.demo.loading import load

__all__ = ["Companion", "CompanionError", "load", "running"]
