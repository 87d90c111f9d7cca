"""What every change to an account leaves: an entry in the log, and a mail to whom it concerns."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import force_locale
from flask_babel import gettext as _

from hoitu.core import mail
from hoitu.core.access import Account, audit
from hoitu.core.extensions import session
from hoitu.core.i18n import DEFAULT
from hoitu.core.web import now
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import today


def is_platform() -> bool:
    """Say whether the signed-in account administers people on the whole platform."""
    return current_actor().can("core.accounts", None)


def record(action: str, account: Account, detail: dict[str, Any]) -> None:
    """Write down what was done to an account; the caller commits."""
    audit.record(
        session(), current_actor(), action, object_type="account", object_id=account.id,
        unit_id=g.unit.id, now=now(), detail={"email": account.email, **detail},
    )  # fmt: skip


def inform(account: Account, change: str, *, though_locked: bool = False) -> None:
    """Write to somebody whose account was changed by another; the caller commits.

    To a locked account nothing is sent, unless it is to learn that it is locked.
    """
    if account.id == current_actor().account_id:
        return
    with force_locale(DEFAULT):
        name, unit = current_actor().name, g.unit.name(today())
        greeting = _("Hello %(name)s,", name=account.name)
        told = _("%(who)s changed your account at %(unit)s:", who=name, unit=unit)
        subject = _("Your account at %(unit)s was changed", unit=g.unit.short_name(today()))
        text = f"{greeting}\n\n{told}\n\n{change}\n\n{mail.link(g.unit, 'desk.index')}"
        to = account.email if though_locked else account
        mail.post(session(), to, subject, text, now(), why=mail.ACCOUNT)
