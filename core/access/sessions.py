"""Sessions of staff: kept in the database, so that each can be seen and ended.

The browser holds a word of 256 random bits, the table its hash and the unit on whose site it began:
a stolen cookie opens nothing on another unit's site, and a copy of the table opens nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from hoitu.core.access.models import Account, AccountSession
from hoitu.core.access.permissions import Grant
from hoitu.core.package_data import package_data
from hoitu.core.tokens import hash_of, new_token

_LIMITS: Final = package_data("hoitu.core.access", "sessions")
LONGEST: Final = timedelta(hours=_LIMITS["longest_hours"])
_OTHER: Final = "other"
_IDLE: Final = {
    role: timedelta(minutes=minutes) for role, minutes in _LIMITS["idle_minutes"].items()
}
#: A session notes at most once in this time that it is in use.
NOTED_EVERY: Final = timedelta(minutes=1)
#: Characters that are kept of the name of a browser.
_AGENT: Final = 80


def begin(
    session: Session,
    account: Account,
    unit_id: int,
    now: datetime,
    *,
    network: str = "",
    agent: str = "",
    second_factor: bool = False,
) -> str:
    """Begin a session of an account at a unit; return its word. The caller commits.

    ``network`` and ``agent`` say where: they are shown to the person and to nobody else.
    """
    word = new_token()
    account.failed_logins, account.locked_until = 0, None
    session.add(
        AccountSession(
            account_id=account.id, unit_id=unit_id, token_hash=hash_of(word), begun_at=now,
            seen_at=now, network=network[:45], agent=agent[:_AGENT],
            second_factor_at=now if second_factor else None,
        )
    )  # fmt: skip
    session.flush()
    return word


def of_word(session: Session, word: str, unit_id: int) -> tuple[Account, AccountSession] | None:
    """Return the account and session of a word, while the account may be used.

    None for a word of another unit's site. Whether the session has lasted too long is told by
    :func:`is_over`.
    """
    chosen = (
        select(Account, AccountSession)
        .join(AccountSession, AccountSession.account_id == Account.id)
        .where(AccountSession.token_hash == hash_of(word), AccountSession.unit_id == unit_id)
    )
    found = session.execute(chosen).one_or_none()
    return (found[0], found[1]) if found is not None and found[0].active else None


def is_over(row: AccountSession, grants: Iterable[Grant], now: datetime) -> bool:
    """Say whether a session has lasted too long, or too long without being used."""
    here = (grant for grant in grants if grant.unit_id in (None, row.unit_id))
    limits = [_IDLE.get(grant.role, _IDLE[_OTHER]) for grant in here]
    return now - row.seen_at > min(limits, default=_IDLE[_OTHER]) or now - row.begun_at > LONGEST


def note_use(session: Session, row: AccountSession, now: datetime) -> None:
    """Put off the end of a session that is in use; the caller commits."""
    session.execute(
        update(AccountSession).where(AccountSession.id == row.id).values(seen_at=now)
    )  # fmt: skip


def renew(session: Session, row: AccountSession, now: datetime) -> str:
    """Give a session another word, and note that its owner gave a second factor; return it."""
    word = new_token()
    values = {"token_hash": hash_of(word), "second_factor_at": now}
    session.execute(update(AccountSession).where(AccountSession.id == row.id).values(values))
    return word


def of_account(session: Session, account_id: int, now: datetime) -> Sequence[AccountSession]:
    """Return the sessions of an account that may still be open, the last used first."""
    chosen = select(AccountSession).where(
        AccountSession.account_id == account_id, AccountSession.begun_at > now - LONGEST
    )
    return session.scalars(chosen.order_by(AccountSession.seen_at.desc())).all()


def end(
    session: Session,
    account_id: int,
    *,
    only: int | None = None,
    but: int | None = None,
    unit_id: int | None = None,
) -> int:
    """End sessions of an account; return how many. The caller commits.

    All of them, ``only`` one, all ``but`` one, or those at one unit.
    """
    ended = delete(AccountSession).where(AccountSession.account_id == account_id)
    if only is not None:
        ended = ended.where(AccountSession.id == only)
    if but is not None:
        ended = ended.where(AccountSession.id != but)
    if unit_id is not None:
        ended = ended.where(AccountSession.unit_id == unit_id)
    return cast("CursorResult[Any]", session.execute(ended)).rowcount


def forget_old(session: Session, now: datetime) -> None:
    """Delete the sessions that are over; the caller commits."""
    unused = AccountSession.seen_at < now - max(_IDLE.values())
    old = AccountSession.begun_at < now - LONGEST
    session.execute(delete(AccountSession).where(unused | old))
