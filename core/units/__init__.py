"""Units: the directory of agencies, unit scope, and the switchboard of their sections."""

from __future__ import annotations

from hoitu.core.units import importing
from hoitu.core.units.directory import Name, Succession, Unit, UnitDirectory, holds
from hoitu.core.units.scope import (
    ScopedSession,
    UnitScoped,
    UnitScopeError,
    all_units,
    unit_scope,
)
from hoitu.core.units.switchboard import Decision, Source, Switchboard

__all__ = [
    "Decision",
    "Name",
    "ScopedSession",
    "Source",
    "Succession",
    "Switchboard",
    "Unit",
    "UnitDirectory",
    "UnitScopeError",
    "UnitScoped",
    "all_units",
    "holds",
    "importing",
    "unit_scope",
]
