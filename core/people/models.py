"""Tables: people who signed in, how they are known, their sessions, and what they sent.

None of them belongs to a unit: a person is one person at every site of the installation. They see
their own rows only, through a session that holds on one site.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hoitu.core.db import Base, BigId

#: Kinds of account, by the numbers of the national account (Decree 69/2024): who somebody is.
CITIZEN, BUSINESS, ORGANISATION = 1, 2, 3


class Person(Base):
    """Somebody who signed in: a citizen, a business or an organisation.

    Nothing else of what the provider tells is kept: no birthday, no address, no sex.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: In NFC, never split.
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[int] = mapped_column(default=CITIZEN)
    #: Their number (citizen, or of the business), sealed; and its mark, by which it is found.
    number_sealed: Mapped[str] = mapped_column(
        Text, default="", info={"sealed": "person.number", "marks": ["number_mark"]}
    )
    number_mark: Mapped[str | None] = mapped_column(String(64), unique=True)
    #: Where answers are told, in lower case, once they confirmed it; '' while they gave none.
    email: Mapped[str] = mapped_column(String(254), default="")
    email_confirmed_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(5), default="vi")
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime]

    identities: Mapped[list[Identity]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="Identity.id"
    )
    sessions: Mapped[list[PersonSession]] = relationship(
        cascade="all, delete-orphan", order_by="PersonSession.id"
    )
    contributions: Mapped[list[Contribution]] = relationship(
        cascade="all, delete-orphan", order_by="Contribution.id.desc()"
    )


class Identity(Base):
    """How a provider knows a person: keyed by its issuer and its subject, by nothing else."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    #: Level of the account (1 or 2), as the provider told it last, and when.
    level: Mapped[int]
    assured_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="identities")


class PersonSession(Base):
    """That a person is signed in, in one browser on one site."""

    __tablename__ = "person_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    #: SHA-256 of the random word in the browser's cookie.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    #: What the provider said of this very sign-in.
    level: Mapped[int]
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    #: What the provider wants back when the person signs out, sealed; '' for nothing.
    way_out_sealed: Mapped[str] = mapped_column(Text, default="", info={"sealed": "person.way_out"})

    person: Mapped[Person] = relationship(overlaps="sessions")


class Contribution(Base):
    """That a person sent an item in while signed in; who asked without is in no such row."""

    __tablename__ = "contribution"
    __table_args__ = (
        UniqueConstraint("item_id"),
        Index("ix_contribution_person", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    #: Level of the account when it was sent.
    level: Mapped[int]
    at: Mapped[datetime]
    #: What was told to the person by mail last: the state of the item; '' for nothing.
    told_state: Mapped[str] = mapped_column(String(20), default="")

    person: Mapped[Person] = relationship(overlaps="contributions")
