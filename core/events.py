"""Facts that have happened, delivered after the commit that made them true.

An action appends its events to the outbox in its own transaction; a worker hands them to search and
to every plugin's ``handle_event``, at least once and in order. Nothing slow or external happens
inside a request.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hoitu.core.db import Base, BigId, Json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = [
    "Event",
    "ItemChanged",
    "ItemPublished",
    "ItemUnpublished",
    "OutboxEntry",
    "SectionSwitched",
    "SettingChanged",
    "StepFailed",
    "StepTaken",
    "append",
    "restore",
]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in one unit; ``unit_id`` 0 means the whole platform."""

    unit_id: int
    kinds: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        # super() without arguments fails in a slotted dataclass, which is built twice.
        Event.kinds[cls.__name__] = cls


@dataclass(frozen=True, slots=True)
class ItemChanged(Event):
    """An item was saved and is not public; nothing a citizen sees has changed."""

    item_id: int
    type: str


@dataclass(frozen=True, slots=True)
class ItemPublished(Event):
    """An item became public, or its public text changed."""

    item_id: int
    type: str


@dataclass(frozen=True, slots=True)
class ItemUnpublished(Event):
    """An item is no longer public: unpublished, archived or put in the trash."""

    item_id: int
    type: str


@dataclass(frozen=True, slots=True)
class StepTaken(Event):
    """Somebody took a step of the workflow with an item, named as in the workflow.

    ``account_id`` is None when the platform itself did. The note stays in the audit log.
    """

    item_id: int
    type: str
    step: str
    account_id: int | None


@dataclass(frozen=True, slots=True)
class StepFailed(Event):
    """A step that was planned for a time could not be taken; the log says why."""

    item_id: int
    type: str
    step: str


@dataclass(frozen=True, slots=True)
class SectionSwitched(Event):
    """A section, or one requirement of it, was switched on or off for a unit."""

    section: str
    requirement: str
    on: bool


@dataclass(frozen=True, slots=True)
class SettingChanged(Event):
    """A setting of the registry has a new value."""

    plugin: str
    key: str


class OutboxEntry(Base):
    """An event waiting for delivery, or delivered at ``delivered_at``.

    ``attempts`` counts how often a worker began to deliver it; each time but the last, it died.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)


def append(session: Session, event: Event, now: datetime) -> None:
    """Put ``event`` into the outbox of the current transaction."""
    session.add(OutboxEntry(kind=type(event).__name__, payload=asdict(event), created_at=now))


def restore(entry: OutboxEntry) -> Event | None:
    """Return the event of an outbox entry; None when this release has no such kind or form."""
    kind = Event.kinds.get(entry.kind)
    try:
        return kind(**entry.payload) if kind else None
    except TypeError:
        return None
