"""The states of a plugin and the table that remembers them across restarts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.db import Base


class PluginState(StrEnum):
    """Where a plugin stands; ``docs/explanation/architecture.md`` draws the transitions."""

    DISCOVERED = "discovered"
    BLOCKED = "blocked"
    ACTIVE = "active"
    QUARANTINED = "quarantined"
    RETIRED = "retired"
    MISSING = "missing"


class PluginRow(Base):
    """What is remembered of a plugin: the version last migrated, a state that outlives a boot."""

    __tablename__ = "plugin"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
