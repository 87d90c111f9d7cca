"""Sessions of people: each holds in one browser on one site, and ends by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, joinedload

from hoitu.core.people.models import Person, PersonSession
from hoitu.core.tokens import hash_of, new_token

#: Without a request, and altogether: a computer of a post office or a library is shared.
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=8)
#: A session notes at most once in this time that it is in use.
NOTED_EVERY: Final = timedelta(minutes=1)


def begin(
    session: Session, person: Person, unit_id: int, level: int, now: datetime, way_out: str = ""
) -> str:
    """Begin a session on the site of a unit; return the word for the cookie. The caller commits."""
    word = new_token()
    session.add(
        PersonSession(
            token_hash=hash_of(word), person_id=person.id, unit_id=unit_id, level=level,
            begun_at=now, seen_at=now, way_out_sealed=way_out,
        )
    )  # fmt: skip
    return word


def find(session: Session, word: str, unit_id: int, now: datetime) -> PersonSession | None:
    """Return the session of a cookie on the site of a unit; None when it is over or elsewhere."""
    chosen = select(PersonSession).where(
        PersonSession.token_hash == hash_of(word),
        PersonSession.unit_id == unit_id,
        PersonSession.seen_at > now - IDLE,
        PersonSession.begun_at > now - LONGEST,
    )
    return session.scalar(chosen.options(joinedload(PersonSession.person)))


def note_use(session: Session, found: PersonSession, now: datetime) -> bool:
    """Put off the end of a session; whether there was something to note. The caller commits."""
    if now - found.seen_at < NOTED_EVERY:
        return False
    found.seen_at = now
    return True


def end(session: Session, word: str, unit_id: int) -> PersonSession | None:
    """End the session of a cookie; return what it was. The caller commits."""
    chosen = select(PersonSession).where(
        PersonSession.token_hash == hash_of(word), PersonSession.unit_id == unit_id
    )
    found = session.scalar(chosen)
    if found is not None:
        session.delete(found)
    return found


def end_all(session: Session, person_id: int) -> None:
    """End the sessions of a person at every site. The caller commits."""
    session.execute(delete(PersonSession).where(PersonSession.person_id == person_id))


def forget_old(session: Session, now: datetime) -> None:
    """Delete sessions that are over. The caller commits."""
    over = or_(PersonSession.seen_at < now - IDLE, PersonSession.begun_at < now - LONGEST)
    session.execute(delete(PersonSession).where(over))
