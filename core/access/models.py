"""Accounts of staff and what they may do, per unit."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hoitu.core.db import Base


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
    #: Changes whenever the password does; sessions that carry another are over.
    session_key: Mapped[str] = mapped_column(String(32))
    #: The password was given by an administrator: it opens nothing but the page to change it.
    must_change_password: Mapped[bool] = mapped_column(default=False)
    #: Mails about work: `each` as it comes, `daily` in one, or `none`.
    notices: Mapped[str] = mapped_column(String(10), default="each")

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="account", lazy="selectin")
    #: For whom this account stands in, now, before or later.
    deputises: Mapped[list[Deputy]] = relationship(
        primaryjoin="Account.id == Deputy.deputy_id", viewonly=True, lazy="selectin"
    )


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
