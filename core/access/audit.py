"""The audit log: append-only, each entry sealed with the hash of the one before it.

A changed, removed or inserted row breaks the chain from there on; ``hoitu audit verify`` names the
first broken entry. A chain cannot stop someone who rewrites all of it, so its head is printed by
the command for safe keeping elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.access.permissions import Actor
from hoitu.core.db import Base, BigId, Json

#: Key of the advisory lock that makes writers of the chain queue on PostgreSQL.
_LOCK = 389_2023


class AuditEntry(Base):
    """Who did what, when, to which object. Never updated, never deleted."""

    __tablename__ = "audit_entry"
    # What happened to one thing is told on its page.
    __table_args__ = (Index("ix_audit_entry_object", "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a check: entries read, the head of the chain, the first broken entry."""

    entries: int
    head: str
    broken_id: int | None


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    object_type: str,
    object_id: int | str,
    unit_id: int | None,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append an entry in the transaction of the change it records."""
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        at=now.astimezone(UTC).replace(microsecond=0),
        account_id=actor.account_id,
        actor=actor.name,
        unit_id=unit_id,
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        detail=detail or {},
        previous=last or "",
    )
    entry.hash = _seal(entry)
    session.add(entry)
    session.flush()


def verify(session: Session) -> Verdict:
    """Re-compute the whole chain."""
    previous, entries = "", 0
    in_order = select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=500)
    with session.scalars(in_order) as chain:
        for entry in chain:
            if entry.previous != previous or entry.hash != _seal(entry):
                return Verdict(entries, previous, entry.id)
            previous, entries = entry.hash, entries + 1
    return Verdict(entries, previous, None)


def _seal(entry: AuditEntry) -> str:
    sealed = {
        "at": entry.at.astimezone(UTC).isoformat(),
        "account_id": entry.account_id,
        "actor": entry.actor,
        "unit_id": entry.unit_id,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    text = json.dumps(sealed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
