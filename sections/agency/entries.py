"""Entries of a unit as its pages show them: contacts, and leaders by day and position."""

from __future__ import annotations

from typing import Any

from hoitu.core.content import ContentType, Item, queries
from hoitu.core.extensions import platform, session
from hoitu.core.text import person_sort_key
from hoitu.core.units import holds
from hoitu.core.web import active_unit, in_language, now, today
from hoitu.sections.agency.models import LeadershipAssignment
from hoitu.sections.agency.types import contact_point, hotline, social_link
from hoitu.sections.agency.vocabularies import POSITIONS

#: What the contact page shows, by requirement, in this order.
CONTACT = {key: kind for kind in (contact_point, hotline, social_link) for key in kind.requirements}


def entries(kind: ContentType, limit: int = 100) -> list[Any]:
    """Return the public entries of a type in the order they were made, in the page's language."""
    chosen = queries.public(kind.model, now()).order_by(Item.id).limit(limit)
    return in_language(list(session().scalars(chosen)))


def leaders() -> dict[str, list[LeadershipAssignment]]:
    """Return the assignments of the unit, ``present``, ``coming`` and ``past``: one statement."""
    found, day = assignments(), active_unit().living_day(today())
    past = (a for a in found if a.period[1] < day)
    return {
        "present": [a for a in found if holds(a, day)],
        "coming": [a for a in found if a.period[0] > day],
        "past": sorted(past, key=lambda a: a.period[1], reverse=True),
    }


def assignments(limit: int = 300) -> list[LeadershipAssignment]:
    """Return the public assignments of the unit, the highest position first: one statement."""
    # Rules ask, too, outside of any request: the clock knows the time everywhere.
    chosen = queries.public(LeadershipAssignment, platform.clock.now())
    newest = chosen.order_by(LeadershipAssignment.valid_from.desc(), Item.id).limit(limit)
    ranks = {key: rank for rank, key in enumerate(POSITIONS.terms)}
    return sorted(
        session().scalars(newest),
        key=lambda a: (ranks.get(a.position, len(ranks)), person_sort_key(a.full_name)),
    )
