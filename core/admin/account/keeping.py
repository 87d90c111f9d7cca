"""Keeping accounts in order, once a day: what is over is forgotten, what nobody uses is locked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import delete, select

from hoitu.core import mail
from hoitu.core.access import SYSTEM, Account, accounts, audit, invitations, sessions
from hoitu.core.admin.account.mails import greeting, in_mails
from hoitu.core.clock import format_date, local
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext
from hoitu.core.jobs.queue import LeaseRow

#: How long before it is locked the owner of an account is told.
TOLD_BEFORE: Final = timedelta(days=7)


def keep(context: JobContext) -> None:
    """Forget old sessions and links, warn the owners of unused accounts, and lock what stays so."""
    now = context.clock.now()
    sessions.forget_old(context.session, now)
    invitations.forget_old(context.session, now)
    asked = LeaseRow.name.startswith("forgotten ")
    context.session.execute(delete(LeaseRow).where(asked, LeaseRow.until < now))
    if days := platform.config.idle_account_days:
        _look_for_unused(context, now, timedelta(days=days))


def _look_for_unused(context: JobContext, now: datetime, limit: timedelta) -> None:
    active = context.session.scalars(select(Account).where(Account.active.is_(True))).all()
    administrators = [a for a in active if _is_platform_admin(a, context)]
    for account in active:
        if account.idle_since is None:
            account.idle_since = now
        used_at = max(filter(None, (account.idle_since, account.last_login_at)))
        if now - used_at < limit - TOLD_BEFORE or administrators == [account]:
            # Nobody could open the last administrator's account again.
            continue
        told_at = account.idle_told_at
        if told_at is None or told_at < used_at:
            account.idle_told_at = now
            _warn(context, account, max(used_at + limit, now + TOLD_BEFORE))
        elif now - used_at >= limit and now - told_at >= TOLD_BEFORE:
            _lock(context, account, now)


def _warn(context: JobContext, account: Account, until: datetime) -> None:
    unit = next((platform.units.by_id(g.unit_id) for g in account.grants if g.unit_id), None)
    at = unit or platform.units.province()
    with in_mails():
        day = format_date(local(until).date())
        told = _(
            "Nobody has used your account for a long time. It will be locked on %(day)s.", day=day
        )
        hint = _("To keep it, sign in before:")
        subject = _("Your account will be locked on %(day)s", day=day)
        address = f"\n\n{mail.link(at, 'desk.index')}" if at is not None else ""
        text = f"{greeting(account)}\n\n{told} {hint}{address}"
        mail.post(context.session, account, subject, text, context.clock.now(), why=mail.ACCOUNT)


def _lock(context: JobContext, account: Account, now: datetime) -> None:
    account.active = False
    sessions.end(context.session, account.id)
    audit.record(
        context.session, SYSTEM, "account.idle", object_type="account", object_id=account.id,
        unit_id=accounts.home(account), now=now, detail={"email": account.email},
    )  # fmt: skip


def _is_platform_admin(account: Account, context: JobContext) -> bool:
    grants = accounts.actor(account, context.clock.today()).grants
    return any(grant.role == "platform_admin" for grant in grants)


JOBS: Final = (Job("keep_accounts", keep, every=timedelta(days=1)),)
