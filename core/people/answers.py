"""Telling people by mail that something they sent is answered; the answer itself stays here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from hoitu.core.content import Item
from hoitu.core.extensions import platform
from hoitu.core.jobs import Job, JobContext
from hoitu.core.mail import Composed, link, post_composed
from hoitu.core.people.models import Contribution, Person
from hoitu.core.units import all_units

#: States in which something is answered.
ANSWERED: Final = ("published", "archived")
#: What was sent longer ago is not told of any more, such as when somebody gives an address late.
RECENT: Final = timedelta(days=180)
#: Most that are told of in one run; the next one goes on.
MOST: Final = 200


def tell(context: JobContext) -> None:
    """Write to everybody whose message was answered, once; without what it is about."""
    session, now = context.session, context.clock.now()
    with all_units("people are told that a unit answered them"):
        for contribution, item in _answered(session, now - RECENT):
            unit = platform.units.by_id(item.unit_id)
            if unit is not None and unit.has_site:
                person = contribution.person
                post_composed(session, person.email, _letter(person, item), now)
            contribution.told_state = item.state


def _answered(session: Session, since: object) -> Sequence[tuple[Contribution, Item]]:
    chosen = (
        select(Contribution, Item)
        .join(Item, Item.id == Contribution.item_id)
        .join(Contribution.person)
        .where(
            Item.state.in_(ANSWERED),
            Contribution.told_state != Item.state,
            Contribution.at > since,
            Person.email_confirmed_at.is_not(None),
        )
        .options(joinedload(Contribution.person))
        .order_by(Contribution.id)
        .limit(MOST)
        .with_for_update(skip_locked=True, of=Contribution)
    )
    return [(row[0], row[1]) for row in session.execute(chosen)]


def _letter(person: Person, item: Item) -> Composed:
    unit = platform.units.by_id(item.unit_id)
    assert unit is not None
    with force_locale(person.language):
        name = unit.name(platform.clock.today(), person.language)
        return Composed(
            subject=_("What you sent to %(unit)s is answered", unit=name),
            text=_(
                "%(unit)s has answered something you sent there. Sign in to read it:\n\n%(link)s",
                unit=name,
                link=link(unit, "people.mine", tongue=person.language),
            ),
            fleeting=True,
        )


JOBS = (Job("tell_people", tell, every=timedelta(minutes=5)),)
