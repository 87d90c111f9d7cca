"""Accounts of staff and what they may do, per unit."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hoitu.core.db import Base, BigId


class Account(Base):
    """A member of staff who signs in. Personal data: official e-mail and name only."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    #: Changes whenever the password does; a sign-in begun with another is not finished.
    session_key: Mapped[str] = mapped_column(String(32))
    #: The password was given by an administrator: it opens nothing but the page to change it.
    must_change_password: Mapped[bool] = mapped_column(default=False)
    #: Mails about work: `each` as it comes, `daily` in one, or `none`.
    notices: Mapped[str] = mapped_column(String(10), default="each")
    #: Secret of the codes of a second factor, sealed; '' without.
    totp_secret: Mapped[str] = mapped_column(
        String(200), default="", info={"sealed": "second factor"}
    )
    #: Half minute, counted from 1970, of the last code that was taken.
    totp_step: Mapped[int] = mapped_column(BigId, default=0)
    #: What a passkey has to sign next and for what, and until when.
    challenge: Mapped[str] = mapped_column(String(120), default="")
    challenge_until: Mapped[datetime | None]
    #: From when on it counts as unused, unless somebody signed in later.
    idle_since: Mapped[datetime | None]
    #: When its owner was told that it will be disabled.
    idle_told_at: Mapped[datetime | None]

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="account", lazy="selectin")
    identities: Mapped[list[AccountIdentity]] = relationship(
        back_populates="account", cascade="all, delete-orphan"
    )
    #: For whom this account stands in, now, before or later.
    deputises: Mapped[list[Deputy]] = relationship(
        primaryjoin="Account.id == Deputy.deputy_id", viewonly=True, lazy="selectin"
    )
    passkeys: Mapped[list[Passkey]] = relationship(
        order_by="Passkey.id", cascade="all, delete-orphan"
    )

    @property
    def has_second_factor(self) -> bool:
        """Whether a password alone does not open it."""
        return bool(self.totp_secret or self.passkeys)


class RoleGrant(Base):
    """A role of an account in one unit; without a unit, on the whole platform. One of each.

    With a ``section`` it holds for the content of that section only.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "unit_id", "section"),
        # To a constraint, two rows without a unit are two different ones.
        Index(
            "uq_role_grant_everywhere",
            "account_id",
            "role",
            unique=True,
            sqlite_where=text("unit_id is null"),
            postgresql_where=text("unit_id is null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[str] = mapped_column(String(30))
    section: Mapped[str] = mapped_column(String(60), default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    account: Mapped[Account] = relationship(back_populates="grants")


class Deputy(Base):
    """Somebody who checks and approves in a unit in the place of another, for a range of days.

    A deputy is a reviewer or approver there as far as the one they stand in for is on that day.
    """

    __tablename__ = "deputy"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    created_at: Mapped[datetime]

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    deputy: Mapped[Account] = relationship(foreign_keys=[deputy_id])


class AccountSession(Base):
    """A session of an account at the site of one unit; only the hash of its word is kept."""

    __tablename__ = "account_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    begun_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    #: Where it began: the network, as the log tells it, and the browser in a few words.
    network: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(80))
    second_factor_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in for a lost second factor, once; only its keyed hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    mark: Mapped[str] = mapped_column(String(64))


class Passkey(Base):
    """A key on a device of somebody's, which signs them in on one host."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("credential_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    host: Mapped[str] = mapped_column(String(253))
    name: Mapped[str] = mapped_column(String(60))
    #: Both in base64url.
    credential_id: Mapped[str] = mapped_column(String(1400))
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(BigId)
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AccountIdentity(Base):
    """How the province's provider of sign-ins knows an account: by issuer and subject."""

    __tablename__ = "account_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    added_at: Mapped[datetime]

    account: Mapped[Account] = relationship(back_populates="identities")


class AccountLink(Base):
    """A link by mail on which somebody chooses a password; only the hash of its word is kept."""

    __tablename__ = "account_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: One for each account: a new one takes the place of the last.
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    word_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
