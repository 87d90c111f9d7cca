"""Asking to follow something, and saying so again by the link in the mail.

Whoever sends the form learns nothing of the address: the answer is the same whether it is known,
has just been written to, or never existed.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hoitu.core import text
from hoitu.core.content import Choice, Email, Field, Flag
from hoitu.core.extensions import platform, session
from hoitu.core.mail import post_composed
from hoitu.core.tokens import hash_of
from hoitu.core.units import Unit
from hoitu.core.web import Limit, VisitorForm, active_unit, language, now, spare
from hoitu.plugins.subscriptions import letters, tokens
from hoitu.plugins.subscriptions.models import (
    DAILY,
    FREQUENCIES,
    Reader,
    Subscription,
)
from hoitu.plugins.subscriptions.news import SETTLED
from hoitu.plugins.subscriptions.settings import SubscriptionSettings
from hoitu.plugins.subscriptions.targets import SECTION, Target, sections_on

#: How long the link that confirms holds.
VALID: Final = timedelta(hours=48)
#: So many mails that ask to confirm an address gets within a day.
TO_ADDRESS: Final = Limit("subscriptions-address", 3, timedelta(hours=24))
#: An address follows so much at most.
MOST: Final = 50
#: Stands for the whole site in the form, where an empty value is none.
EVERYTHING: Final = "moi-tin"


class FollowForm(VisitorForm):
    """The form: what, unless the address says it, how often, and to which address."""

    def __init__(self, unit: Unit, target: Target) -> None:
        self.target = target
        hour = platform.settings.of(SubscriptionSettings, unit).hour
        fields = [_frequency_field(hour), _ADDRESS, _AGREES]
        if not target.is_narrow:
            fields.insert(0, _section_field(unit))
        super().__init__(fields, [f.name for f in fields])
        if not self.sent:
            self.entries.entry("frequency").data = DAILY
            if not target.is_narrow:
                self.entries.entry("what").data = EVERYTHING

    def wanted(self) -> Target:
        """Return what was chosen."""
        if self.target.is_narrow:
            return self.target
        section = self.values()["what"]
        return Target.asked(active_unit(), {SECTION: "" if section == EVERYTHING else section})


def _section_field(unit: Unit) -> Field:
    options = [
        (EVERYTHING, _("Everything new on this site")),
        *sections_on(unit, language()).items(),
    ]
    return Field(Choice(lambda: options), _("What do you want to follow?"), name="what")


def _frequency_field(hour: int) -> Field:
    options = [(name, letters.frequency_label(name, hour)) for name in FREQUENCIES]
    return Field(Choice(lambda: options), _("How often?"), name="frequency")


_ADDRESS = Field(
    Email(254),
    lazy_gettext("Your e-mail address"),
    name="address",
    help=lazy_gettext("We send a mail there; you follow only once you have confirmed in it."),
)
_AGREES = Field(Flag(), lazy_gettext("I agree to this use of my address"), name="agrees")


def ask(target: Target, typed: str, frequency: str) -> None:
    """Write to an address whether it wants to follow something, and commit.

    Where it got enough of these mails today it gets no more; nobody can tell from the answer.
    """
    address = text.nfc(typed).strip().lower()
    if spare(TO_ADDRESS, address):
        _write(_reader(address), active_unit(), target, frequency)
    session().commit()


def confirm(word: str) -> Subscription | None:
    """Take the word of whoever has the link of a mail, and commit; None when it holds no longer."""
    found = waiting(word)
    if found is None:
        return None
    reader = found.reader
    if same := _same(found, reader):
        same.frequency = found.frequency
        session().delete(found)
        found = same
    else:
        found.confirm_hash = found.confirm_until = None
        found.confirmed_at = now()
        # What was published before is left out by its own day; what is just now must not be missed.
        found.told_until = now() - SETTLED
    reader.language = language()
    reader.paused_at, reader.refusals = None, 0
    session().commit()
    return found


def waiting(word: str) -> Subscription | None:
    """Return what a link confirms; None when it was used, ran out, or never was one."""
    chosen = select(Subscription).where(Subscription.confirm_hash == hash_of(word))
    found: Subscription | None = session().scalar(chosen)
    return found if found and found.confirm_until and found.confirm_until > now() else None


def _same(asked: Subscription, reader: Reader) -> Subscription | None:
    """Return the subscription, confirmed already, of the same on the same site."""
    target = Target.of(asked)
    for other in reader.subscriptions:
        if other.confirmed_at and (other.unit_id, Target.of(other)) == (asked.unit_id, target):
            return other
    return None


def _write(reader: Reader, unit: Unit, target: Target, frequency: str) -> None:
    """Keep what somebody may want to follow, and write them a mail with the link that confirms."""
    if len(reader.subscriptions) >= MOST:
        return
    word, kept = tokens.one_time()
    reader.subscriptions.append(
        Subscription(
            unit_id=unit.id,
            wide=target.wide,
            section=target.section,
            type=target.type,
            words=target.words,
            filters=dict(target.filters),
            frequency=frequency,
            confirm_hash=kept,
            confirm_until=now() + VALID,
            told_until=now(),
        )
    )
    composed = letters.asking(unit, target, word, language())
    post_composed(session(), reader.address, composed, now())


def _reader(address: str) -> Reader:
    # Held until the end: whoever follows nothing any more may be forgotten at this instant.
    chosen = select(Reader).where(Reader.address == address).with_for_update()
    found: Reader | None = session().scalar(chosen)
    if found is not None:
        return found
    values: dict[str, Any] = {"language": language(), "created_at": now()}
    made = Reader(address=address, seed=secrets.token_urlsafe(18), **values)
    try:
        with session().begin_nested():
            session().add(made)
    except IntegrityError:
        # Sent twice at the same instant: the other one was faster.
        return session().scalars(chosen).one()
    return made
