"""Limits: how often something may be done within a while, by whom or to whom.

Of what is counted, only a hash with the key of this installation and the day is kept, a day long,
until the next daily job: nobody can tell an address from it, nor that two days were the same one's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Index, String, and_, delete, func, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hoitu.core.clock import local
from hoitu.core.db import Base, BigId
from hoitu.core.extensions import platform, session
from hoitu.core.web.site import now

#: No limit counts for longer.
LONGEST: Final = timedelta(hours=24)
#: Key of the advisory lock under which PostgreSQL counts; SQLite has one writer anyway.
_LOCK: Final = 389_7


class Sending(Base):
    """That something was done, as a hash, and when."""

    __tablename__ = "sending"
    __table_args__ = (Index("ix_sending_mark_at", "mark", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` times ``within`` a while, 24 hours at the longest; ``purpose`` names it."""

    purpose: str
    most: int
    within: timedelta = timedelta(hours=1)


def spare(limit: Limit, subject: str) -> bool:
    """Say whether something may be done once more, and count it: two or three statements.

    ``subject`` is whoever or whatever is counted, such as an e-mail address; it is not kept. The
    count becomes true with the caller's commit. Until then others who count wait, on PostgreSQL
    behind a lock: ask before anything else is written.
    """
    return admit({limit: subject}) is None


def admit(wanted: Mapping[Limit, str], same: Mapping[Limit, str] | None = None) -> Limit | None:
    """Count one more of each subject; where there is no room, none of them: return that limit.

    What was counted as ``same`` before is let through and not counted again. Otherwise as
    :func:`spare`.
    """
    again = same or {}
    marks = {limit: _marks(limit, subject) for limit, subject in {**again, **wanted}.items()}
    _wait_for_turn()
    found = _counts(marks)
    if any(found[limit] for limit in again):
        return None
    for limit in wanted:
        if found[limit] >= limit.most:
            return limit
    rows = [{"mark": kept[0], "at": now()} for kept in marks.values()]
    session().execute(insert(Sending), rows)
    return None


def is_full(limit: Limit, subject: str) -> bool:
    """Say whether something may not be done any more, and count nothing: one statement."""
    return _counts({limit: _marks(limit, subject)})[limit] >= limit.most


def forget(opened: Session, moment: datetime) -> None:
    """Delete what no limit counts any more."""
    opened.execute(delete(Sending).where(Sending.at <= moment - LONGEST))


def _wait_for_turn() -> None:
    """Wait until nobody else counts; they wait until this transaction ends."""
    opened = session()
    if opened.get_bind().dialect.name == "postgresql":
        opened.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _counts(marks: Mapping[Limit, list[str]]) -> dict[Limit, int]:
    """Return how often each was counted lately."""
    recent = [
        and_(Sending.mark.in_(kept), Sending.at > now() - limit.within)
        for limit, kept in marks.items()
    ]
    counted = select(Sending.mark, func.count()).where(or_(*recent)).group_by(Sending.mark)
    times = dict(session().execute(counted).all())
    return {limit: sum(times.get(mark, 0) for mark in kept) for limit, kept in marks.items()}


def _marks(limit: Limit, subject: str) -> list[str]:
    """Return what is kept of a subject today, and on the day before if that counts still."""
    days = dict.fromkeys(local(at).date() for at in (now(), now() - limit.within))
    return [platform.seal.mark(f"{day}|{subject}", f"sending-{limit.purpose}") for day in days]
