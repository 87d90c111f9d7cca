"""What the mail address of a person who signed in follows: told, and forgotten."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core.extensions import session
from hoitu.core.people import Person
from hoitu.core.privacy import PersonRecord
from hoitu.plugins.subscriptions.models import Reader


def records_of(person: Person) -> list[PersonRecord]:
    """Return what the confirmed mail address of a person follows."""
    reader = _reader(person)
    if reader is None:
        return []
    service, what = str(_("Subscriptions by mail")), str(_("E-mail"))
    return [
        PersonRecord(
            service,
            str(_("Subscription")),
            one.confirmed_at,
            {what: reader.address, str(_("Words")): one.words},
        )
        for one in reader.subscriptions
    ]


def forget(person: Person) -> None:
    """Delete the reader behind the confirmed mail address of a person."""
    reader = _reader(person)
    if reader is not None:
        session().delete(reader)
        session().flush()


def _reader(person: Person) -> Reader | None:
    """Return the reader; an address that was never confirmed may be somebody else's."""
    if not person.email or person.email_confirmed_at is None:
        return None
    return session().scalar(select(Reader).where(Reader.address == person.email.lower()))
