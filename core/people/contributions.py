"""What people sent in while they were signed in, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hoitu.core.content import Item
from hoitu.core.people.models import Contribution, Person
from hoitu.core.units import all_units

#: Most that a person's page shows; the oldest are left out.
MOST = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """A thing somebody sent, as it stands now."""

    item: Item
    at: datetime


def note(session: Session, person: Person, item: Item, level: int, now: datetime) -> None:
    """Note that a person sent an item. The caller commits."""
    session.add(
        Contribution(
            person_id=person.id, unit_id=item.unit_id, item_id=item.id, level=level, at=now
        )
    )


def sent_by(session: Session, person: Person) -> list[Sent]:
    """Return what a person sent to any unit, the newest first."""
    chosen = select(Contribution).where(Contribution.person_id == person.id)
    rows = session.scalars(chosen.order_by(Contribution.id.desc()).limit(MOST)).all()
    with all_units("a person sees what they sent, to whatever unit"):
        wanted = select(Item).where(Item.id.in_([row.item_id for row in rows]))
        items = {item.id: item for item in session.scalars(wanted)}
    return [Sent(items[row.item_id], row.at) for row in rows if row.item_id in items]


def verified(session: Session, item_ids: Select[int]) -> int:
    """Return how many of the items with these ids were sent by people who were signed in.

    One statement; nobody learns which, or who.
    """
    counted = select(func.count(Contribution.id)).where(Contribution.item_id.in_(item_ids))
    return session.scalar(counted) or 0


def of_item(session: Session, item: Item) -> Contribution | None:
    """Return who sent an item while signed in; None when nobody did."""
    return session.scalar(select(Contribution).where(Contribution.item_id == item.id))
