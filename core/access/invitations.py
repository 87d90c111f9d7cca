"""Links by mail on which somebody chooses a password: the first one, or another for a lost one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hoitu.core.access.models import Account, AccountLink
from hoitu.core.tokens import hash_of, new_token

#: What a link is for: the invitation of an administrator, or a password that was forgotten.
INVITATION, FORGOTTEN = "invitation", "forgotten"
#: How long each lasts.
LASTS: Final = {INVITATION: timedelta(days=7), FORGOTTEN: timedelta(hours=1)}


def make(session: Session, account: Account, kind: str, now: datetime) -> str:
    """Make a link of a kind; return its word, of which only the hash is kept. The caller commits.

    Earlier links of the account open nothing any more.
    """
    withdraw(session, account)
    word = new_token()
    session.add(
        AccountLink(
            account_id=account.id, kind=kind, word_hash=hash_of(word), made_at=now,
            expires_at=now + LASTS[kind],
        )
    )  # fmt: skip
    session.flush()
    return word


def withdraw(session: Session, account: Account) -> bool:
    """Have the links of an account open nothing any more; False when it had none."""
    own = delete(AccountLink).where(AccountLink.account_id == account.id)
    return bool(session.execute(own).rowcount)  # type: ignore[attr-defined]


def owner(session: Session, word: str, now: datetime) -> tuple[Account, str] | None:
    """Return the account and kind of the link with this word, as long as it holds."""
    chosen = (
        select(Account, AccountLink.kind)
        .join(AccountLink, AccountLink.account_id == Account.id)
        .where(AccountLink.word_hash == hash_of(word), AccountLink.expires_at > now)
    )
    found = session.execute(chosen).one_or_none()
    return (found[0], found[1]) if found is not None and found[0].active else None


def use_up(session: Session, account: Account, word: str) -> bool:
    """Use a link; False when somebody just did. The caller commits."""
    own = AccountLink.account_id == account.id, AccountLink.word_hash == hash_of(word)
    return bool(session.execute(delete(AccountLink).where(*own)).rowcount)  # type: ignore[attr-defined]


def invited_until(session: Session, account: Account, now: datetime) -> datetime | None:
    """Return until when an invitation of the account can be followed; None without one."""
    found = select(AccountLink.expires_at).where(
        AccountLink.account_id == account.id, AccountLink.kind == INVITATION
    )
    until = session.scalar(found)
    return until if until is not None and until > now else None


def forget_old(session: Session, now: datetime) -> None:
    """Delete the links that are over; the caller commits."""
    session.execute(delete(AccountLink).where(AccountLink.expires_at < now))
