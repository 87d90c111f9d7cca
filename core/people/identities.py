"""Identities: who a provider proved, and whether that is somebody known."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoitu.core import text
from hoitu.core.people.login import Known
from hoitu.core.people.models import CITIZEN, Identity, Person
from hoitu.core.sealing import Seal

#: What numbers are sealed and marked for.
NUMBER: Final = "person.number"
#: From this level on two identities with the same number are the same person.
PROVED: Final = 2


def recognise(session: Session, seal: Seal, known: Known, now: datetime) -> Person:
    """Return the person behind an identity, with what the provider says of them now.

    An identity that is new belongs to a person who has the same number only when both have proved
    it (level 2); otherwise it is somebody new. The caller commits.
    """
    identity = session.scalar(_of(known))
    if identity is None:
        try:
            with session.begin_nested():
                identity = _new(session, seal, known, now)
                session.add(identity)
        except IntegrityError:
            # Signed in twice at the same instant: the other was faster.
            identity = session.scalars(_of(known)).one()
    person = identity.person
    identity.level, identity.assured_at = known.level, now
    person.name, person.kind, person.last_login_at = _name(known), known.kind, now
    _keep_number(session, seal, person, known)
    session.flush()
    return person


def _of(known: Known) -> Select[Identity]:
    return select(Identity).where(
        Identity.issuer == known.issuer, Identity.subject == known.subject
    )


def _new(session: Session, seal: Seal, known: Known, now: datetime) -> Identity:
    same = _with_number(session, seal, known)
    proved = known.level >= PROVED and same is not None and any(
        one.level >= PROVED for one in same.identities
    )  # fmt: skip
    person = same if proved and same is not None else Person(
        name=_name(known), kind=known.kind, created_at=now, last_login_at=now
    )  # fmt: skip
    return Identity(
        person=person, issuer=known.issuer, subject=known.subject, level=known.level,
        assured_at=now,
    )  # fmt: skip


def _keep_number(session: Session, seal: Seal, person: Person, known: Known) -> None:
    """Keep a number that was proved, sealed; nobody else's, and none that is only told."""
    if not known.number or known.level < PROVED:
        return
    holder = _with_number(session, seal, known)
    if holder is not None and holder is not person:
        return
    mark = _mark(seal, known)
    if person.number_mark == mark:
        return
    try:
        with session.begin_nested():
            person.number_mark = mark
            person.number_sealed = seal.lock(known.number, NUMBER)
    except IntegrityError:
        # Another identity with this number signed in at the same instant: it was faster.
        session.refresh(person)


def _with_number(session: Session, seal: Seal, known: Known) -> Person | None:
    if not known.number:
        return None
    return session.scalar(select(Person).where(Person.number_mark == _mark(seal, known)))


def _mark(seal: Seal, known: Known) -> str:
    # Numbers of citizens and of businesses may be equal and are not the same.
    whose = "citizen" if known.kind == CITIZEN else "business"
    return seal.mark(f"{whose}:{known.number}", NUMBER)


def _name(known: Known) -> str:
    return " ".join(text.nfc(known.name).split())[:200]
