"""Accounts: creating them, checking passwords, and the actor an account is today."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from hoitu.core import text
from hoitu.core.access import audit, passwords, sessions
from hoitu.core.access.models import Account, Deputy, RoleGrant
from hoitu.core.access.permissions import ROLES, SYSTEM, Actor, Grant
from hoitu.core.units.directory import holds

MINIMUM_LENGTH = passwords.MINIMUM_LENGTH
#: Failed attempts in a row before an account is locked, for how long, and for how long at most:
#: each further one doubles the time.
ATTEMPTS, LOCKED_FOR, LOCKED_AT_MOST = 5, timedelta(minutes=1), timedelta(hours=1)


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
    """Give an account a new password; all its sessions end.

    :raises AccountError: shorter than ``MINIMUM_LENGTH`` characters.
    """
    if len(password) < MINIMUM_LENGTH:
        raise AccountError(f"a password needs at least {MINIMUM_LENGTH} characters")
    account.password_hash = passwords.hashed(password)
    account.session_key = secrets.token_hex(16)
    account.must_change_password = False
    if (session := object_session(account)) is not None and account.id is not None:
        # The change is written first: a sign-in with the old password has committed by then, or
        # sees that it is too late.
        session.flush()
        sessions.end(session, account.id)


def give_one_time_password(account: Account) -> str:
    """Give an account a random password that has to be changed at the first sign-in; return it."""
    password = secrets.token_urlsafe(12)
    set_password(account, password)
    account.must_change_password = True
    account.failed_logins, account.locked_until = 0, None
    return password


def grant(
    session: Session,
    account: Account,
    role: str,
    unit_id: int | None,
    section: str = "",
    *,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> bool:
    """Give an account a role in a unit (None: on the whole platform) for a range of days.

    Both days are included; without them it holds from now on and without end. With a ``section``
    the role holds for the content of that section only. A role the account has already gets these
    days; False when it has them. The caller commits.

    :raises AccountError: there is no such role, or it does not go with a unit or with a section, or
        needs a unit; or the days are in the wrong order.
    """
    if role not in ROLES:
        raise AccountError(f"unknown role {role}; choose one of {', '.join(ROLES)}")
    if (role == "platform_admin") != (unit_id is None):
        raise AccountError("platform_admin holds everywhere; every other role needs a unit")
    if section and ROLES[role].core != {"core.desk"}:
        raise AccountError(f"{role} holds in the whole unit, not in one section")
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        raise AccountError("the last day of a role is not before its first")
    # Whoever else changes the roles of this account now, waits until we have committed.
    session.refresh(account, with_for_update=True)
    wanted = (role, unit_id, section)
    held = next((g for g in account.grants if (g.role, g.unit_id, g.section) == wanted), None)
    if held is not None and (held.valid_from, held.valid_until) == (valid_from, valid_until):
        return False
    if held is None:
        held = RoleGrant(role=role, unit_id=unit_id, section=section)
        account.grants.append(held)
    held.valid_from, held.valid_until = valid_from, valid_until
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


def authenticate(
    session: Session, email: str, password: str, now: datetime, *, waits: bool = True
) -> Account | None:
    """Return the account if address and password are right and it is not locked.

    Without ``waits`` it need not wait because others failed. Failures are counted; the caller
    commits, and not before the session of the account has begun: a password that is changed
    meanwhile ends that one, too. An unknown address takes as long as a known one.
    """
    found = of_address(session, email)
    if found is None:
        passwords.matches_nobody(password)
        return None
    return found if is_password(session, found, password, now, waits=waits) else None


def of_address(session: Session, email: str) -> Account | None:
    """Return the account that has an address, however that is typed."""
    return session.scalar(select(Account).where(Account.email == text.nfc(email).strip().lower()))


def home(account: Account) -> int | None:
    """Return the unit whose administrators look after an account; None: those of the platform."""
    return next((held.unit_id for held in account.grants if held.unit_id is not None), None)


def is_password(
    session: Session, account: Account, password: str, now: datetime, *, waits: bool = True
) -> bool:
    """Say whether this is the password of an account that may be used and is not locked.

    That is no sign-in; but wrong ones are counted as those of the sign-in page are, and lock the
    account like them, which the log tells. ``waits`` as for :func:`authenticate`. The caller
    commits.
    """
    checked = account.password_hash
    right = passwords.matches(checked, password)
    # The slow part is over. Attempts made at the same time are counted one after the other.
    session.refresh(account, with_for_update=True)
    if not account.active or (waits and is_locked_out(account, now)):
        return False
    if not right or account.password_hash != checked:
        count_failure(session, account, now)
        return False
    if passwords.is_outdated(checked):
        account.password_hash = passwords.hashed(password)
    if not account.has_second_factor:
        # Else whoever knows the password had as many guesses at the code as they like.
        account.failed_logins, account.locked_until = 0, None
    return True


def may_try(account: Account, now: datetime) -> bool:
    """Say whether an account may be used, and is not locked after too many failures."""
    return account.active and not is_locked_out(account, now)


def is_locked_out(account: Account, now: datetime) -> bool:
    """Say whether an account waits after too many failures."""
    return account.locked_until is not None and now < account.locked_until


def count_failure(session: Session, account: Account, now: datetime) -> None:
    """Count a wrong password or code, and lock the account for a while when there were many.

    The caller holds the row of the account, and commits.
    """
    account.failed_logins += 1
    beyond = account.failed_logins - ATTEMPTS
    if beyond < 0:
        return
    # The exponent is bounded: thousands of failures must not make a number of thousands of digits.
    locked_for = min(LOCKED_FOR * 2 ** min(beyond, 16), LOCKED_AT_MOST)
    account.locked_until = now + locked_for
    audit.record(
        session, SYSTEM, "account.locked_out", object_type="account",
        object_id=account.id, unit_id=home(account), now=now,
        detail={"email": account.email, "minutes": locked_for // timedelta(minutes=1)},
    )  # fmt: skip


class Origin(NamedTuple):
    """A role somebody holds: their own, or that of whom they stand in for."""

    grant: Grant
    until: date | None
    #: Account and name of whom they stand in for; None and '' for a role of their own.
    instead_of: int | None = None
    name: str = ""


def actor(account: Account, day: date) -> Actor:
    """Return who the account is on ``day``: its name, the grants that hold, and whose deputy."""
    held = origins(account, day)
    deputises = {one.instead_of: one.name for one in held if one.instead_of is not None}
    grants = frozenset(one.grant for one in held)
    own = {one.grant for one in held if one.instead_of is None}
    lent = {
        grant: frozenset(
            o.instead_of for o in held if o.grant == grant and o.instead_of is not None
        )
        for grant in grants - own
    }
    return Actor(account.id, account.name, grants, deputises=deputises, lent=lent)


def origins(account: Account, day: date) -> list[Origin]:
    """Return the roles that an account holds on ``day``, each with its origin."""
    own = [g for g in account.grants if holds(g, day)]
    found = [Origin(Grant(g.role, g.unit_id, g.section), g.valid_until) for g in own]
    at_home = {g.unit_id for g in own}
    for deputy in account.deputises:
        # Whoever no longer works in the unit stands in for nobody there.
        works_there = bool(at_home & {deputy.unit_id, None})
        if works_there and holds(deputy, day) and deputy.account.active:
            found += [
                Origin(lent, deputy.valid_until, deputy.account_id, deputy.account.name)
                for lent in sorted(_lent(deputy, day))
            ]
    return found


#: What a deputy becomes where the one they stand in for has a role.
LENT = {"reviewer": "reviewer", "approver": "approver", "unit_admin": "approver"}


def _lent(deputy: Deputy, day: date) -> set[Grant]:
    """Return the roles that the one a deputy stands in for has in that unit on ``day``."""
    return {
        Grant(LENT[g.role], g.unit_id, g.section)
        for g in deputy.account.grants
        if g.unit_id == deputy.unit_id and g.role in LENT and holds(g, day)
    }
