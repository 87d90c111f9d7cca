"""Accounts: creating them, checking passwords, and the actor an account is today."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoitu.core import text
from hoitu.core.access.models import Account, RoleGrant
from hoitu.core.access.permissions import ROLES, Actor
from hoitu.core.units.directory import holds

#: 19 MiB, two passes, one lane: the OWASP minimum, about 30 ms on a small server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Verified when the account does not exist, so that both answers take the same time.
_NOBODY = _hasher.hash(secrets.token_hex(16))

MINIMUM_LENGTH = 14
#: Failed attempts before an account is locked, and for how long.
ATTEMPTS, LOCKED_FOR = 5, timedelta(minutes=15)


class AccountError(ValueError):
    """An account cannot be made or changed as asked; the message says why."""


def create(session: Session, *, email: str, name: str, password: str) -> Account:
    """Add an account.

    :raises AccountError: the password is too short or the address is taken.
    """
    email = text.nfc(email).strip().lower()
    if session.scalar(select(Account.id).where(Account.email == email)):
        raise AccountError(f"an account with {email} exists already")
    account = Account(email=email, name=text.nfc(name).strip())
    set_password(account, password)
    session.add(account)
    session.flush()
    return account


def set_password(account: Account, password: str) -> None:
    """Give an account a new password; its other sessions end.

    :raises AccountError: shorter than ``MINIMUM_LENGTH`` characters.
    """
    if len(password) < MINIMUM_LENGTH:
        raise AccountError(f"a password needs at least {MINIMUM_LENGTH} characters")
    account.password_hash = _hasher.hash(password)
    account.session_key = secrets.token_hex(16)
    account.must_change_password = False


def give_one_time_password(account: Account) -> str:
    """Give an account a random password that has to be changed at the first sign-in; return it."""
    password = secrets.token_urlsafe(12)
    set_password(account, password)
    account.must_change_password = True
    account.failed_logins, account.locked_until = 0, None
    return password


def grant(session: Session, account: Account, role: str, unit_id: int | None) -> bool:
    """Give an account a role in a unit (None: on the whole platform), from now on and without end.

    False when it has it already. The caller commits.

    :raises AccountError: there is no such role, or it does not go with a unit, or needs one.
    """
    if role not in ROLES:
        raise AccountError(f"unknown role {role}; choose one of {', '.join(ROLES)}")
    if (role == "platform_admin") != (unit_id is None):
        raise AccountError("platform_admin holds everywhere; every other role needs a unit")
    # Whoever else changes the roles of this account now, waits until we have committed.
    session.refresh(account, with_for_update=True)
    held = next((g for g in account.grants if (g.role, g.unit_id) == (role, unit_id)), None)
    if held is not None and held.valid_from is None and held.valid_until is None:
        return False
    if held is None:
        account.grants.append(RoleGrant(role=role, unit_id=unit_id))
    else:
        held.valid_from = held.valid_until = None
    session.flush()
    return True


def revoke(session: Session, grant: RoleGrant) -> bool:
    """Take this one role away; False when somebody else just did. The caller commits."""
    account = grant.account
    session.refresh(account, with_for_update=True)
    if grant not in account.grants:
        return False
    account.grants.remove(grant)
    session.delete(grant)
    session.flush()
    return True


def authenticate(session: Session, email: str, password: str, now: datetime) -> Account | None:
    """Return the account if address and password are right and it is not locked.

    Failures are counted; the caller commits. An unknown address takes as long as a known one.
    """
    found = session.scalar(select(Account).where(Account.email == text.nfc(email).strip().lower()))
    checked = found.password_hash if found else _NOBODY
    right = _matches(checked, password)
    if found is None:
        return None
    # The slow part is over. Attempts made at the same time are counted one after the other.
    session.refresh(found, with_for_update=True)
    if not found.active or (found.locked_until and now < found.locked_until):
        return None
    if not right or found.password_hash != checked:
        found.failed_logins += 1
        if found.failed_logins >= ATTEMPTS:
            found.locked_until, found.failed_logins = now + LOCKED_FOR, 0
        return None
    found.failed_logins, found.locked_until, found.last_login_at = 0, None, now
    return found


def actor(account: Account, day: date) -> Actor:
    """Return who the account is on ``day``: its name and the grants that hold."""
    grants = frozenset((g.role, g.unit_id) for g in account.grants if holds(g, day))
    return Actor(account.id, account.name, grants)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
