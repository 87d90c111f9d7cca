"""What a site shows: items whose requirement is on here and, if placed here, at their owner.

The owner of an item decides first: what it switched off is off wherever it is placed, as the page
that switches it off announces. The unit that shows it decides for its own site only.
"""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import ColumnElement, Select, and_, false

from hoitu.core.content import Item, queries
from hoitu.core.extensions import platform
from hoitu.core.web.site import now


def is_shown(item: Item) -> bool:
    """Say whether the addressed site shows a public item, its own or one placed here."""
    return is_on(item.unit_id, item.section, item.requirement)


def is_on(owner_id: int, section: str, requirement: str) -> bool:
    """Say whether a requirement is on here and at the unit that owns an item."""
    owner = platform.units.by_id(owner_id)
    on = platform.switchboard.section_on
    return owner is not None and all(on(u, section, requirement) for u in {g.unit, owner})


def on_at(owner_id: int, section: str) -> frozenset[str]:
    """Return the requirements of a section that are on at a unit; none at an unknown one."""
    owner = platform.units.by_id(owner_id)
    return platform.switchboard.requirements_on(owner, section) if owner else frozenset()


def every_page() -> Select[Any]:
    """Return a select of the addressed unit's public pages, of all types that are on.

    What is off is left out by the database, so that a limit or a count is of what is shown.
    """
    chosen: ColumnElement[bool] = false()
    for kind in platform.types:
        if kind.is_page and (on := platform.switchboard.requirements_on(g.unit, kind.section)):
            chosen |= and_(Item.type == kind.name, Item.requirement.in_(sorted(on)))
    return queries.public(Item, now()).where(chosen)
