"""Mails about an account to its owner, in the language of all mails of the desk."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, cast

from flask import g
from flask_babel import force_locale
from flask_babel import gettext as _

from hoitu.core import mail
from hoitu.core.access import Account, invitations
from hoitu.core.clock import format_instant
from hoitu.core.extensions import platform, session
from hoitu.core.i18n import DEFAULT
from hoitu.core.web import now
from hoitu.core.web.access import current_actor


def in_mails() -> AbstractContextManager[Any]:
    """Write in the language of mails inside the block."""
    return cast("AbstractContextManager[Any]", force_locale(DEFAULT))


def greeting(account: Account) -> str:
    """Return how a mail begins."""
    return str(_("Hello %(name)s,", name=account.name))


def can_be_sent() -> bool:
    """Say whether mails reach anybody here: without a server they stay in the instance.

    There those who try a demonstration read them.
    """
    return bool(platform.config.mail_url) or platform.config.demo_hosts


def invite(account: Account, day: date) -> None:
    """Send an account the link on which its owner chooses a password; the caller commits."""
    word = invitations.make(session(), account, invitations.INVITATION, now())
    with in_mails():
        told = _(
            "%(who)s made an account for you at %(unit)s. Choose a password for it on this page:",
            who=current_actor().name, unit=g.unit.name(day),
        )  # fmt: skip
        subject = _("Your account at %(unit)s", unit=g.unit.short_name(day))
        _send(account, subject, told, word, invitations.INVITATION)


def send_password_link(account: Account, day: date, kind: str = invitations.FORGOTTEN) -> None:
    """Send an account the link on which a lost password is replaced; the caller commits."""
    word = invitations.make(session(), account, kind, now())
    with in_mails():
        told = _(
            "A new password was asked for your account at %(unit)s. Choose one on this page:",
            unit=g.unit.name(day),
        )
        subject = _("A new password for %(unit)s", unit=g.unit.short_name(day))
        _send(account, subject, told, word, kind)


def tell_of_dropped_factor(account: Account, moment: datetime) -> None:
    """Tell the owner of an account that an operator took the second factor away; caller commits."""
    with in_mails():
        told = _("Its second factor was taken away, and its sessions have ended.")
        _tell_of_change(account, told, moment)


def tell_of_dropped_identity(account: Account, moment: datetime) -> None:
    """Tell the owner that an operator parted the account from single sign-on; caller commits."""
    with in_mails():
        told = _("It was parted from the single sign-on, and its sessions have ended.")
        _tell_of_change(account, told, moment)


def _tell_of_change(account: Account, told: str, moment: datetime) -> None:
    hint = _("If you did not ask for that, tell the administrators at once.")
    text = f"{greeting(account)}\n\n{told}\n\n{hint}"
    mail.post(session(), account, _("Your account was changed"), text, moment, why=mail.ACCOUNT)


def _send(account: Account, subject: str, told: str, word: str, kind: str) -> None:
    address = mail.link(g.unit, "desk.choose_password", word=word)
    until = format_instant(now() + invitations.LASTS[kind])
    lasts = _("The link works once, until %(until)s. Hand it on to nobody.", until=until)
    reason = mail.REASONS[mail.ACCOUNT]
    text = f"{greeting(account)}\n\n{told}\n\n{address}\n\n{lasts}\n\n-- \n{reason}"
    # Whoever reads the queue later finds no link in it.
    composed = mail.Composed(subject, text, fleeting=True)
    mail.post_composed(session(), account.email, composed, now())
