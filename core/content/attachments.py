"""Files as a visitor may read them: where they are attached or pictured, here or at their owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from hoitu.core.content.item import File, Item, ItemFile, ItemPlacement
from hoitu.core.content.linked import FILE, ItemLink
from hoitu.core.content.queries import is_public
from hoitu.core.units import unit_scope


@dataclass(frozen=True, slots=True)
class Attached:
    """A file and the (section, requirement) of every public item that has it; maybe of none.

    An item has what is attached to it and what its text shows or leads to.
    """

    file: File
    places: Sequence[tuple[str, str]]


def find(session: Session, file_id: int, here: int, now: datetime) -> Attached | None:
    """Return a file of the unit ``here``, or one of an item placed there, or None.

    Whether the places are on is for the caller to ask: here, and at the unit that owns the file.
    """
    having = _places_of(file_id, now)
    file = session.get(File, file_id)
    if file is not None:
        return Attached(file, _pairs(session, having))
    owners = session.scalars(select(ItemPlacement.owner_id).distinct()).all()
    if not owners:
        return None
    placed = and_(
        ItemPlacement.item_id == Item.id,
        ItemPlacement.owner_id == Item.unit_id,
        ItemPlacement.unit_id == here,
    )
    with unit_scope(here, *owners):
        file = session.get(File, file_id)
        places = _pairs(session, having.join(ItemPlacement, placed)) if file else []
    return Attached(file, places) if file and places else None


def _places_of(file_id: int, now: datetime) -> Any:
    """Return a select of where a file is public. A version that waits makes nothing public."""
    attached = select(ItemFile.item_id).where(ItemFile.file_id == file_id)
    in_text = select(ItemLink.item_id).where(
        ItemLink.kind == FILE, ItemLink.target == file_id, ItemLink.waiting.is_(False)
    )
    return (
        select(Item.section, Item.requirement)
        .where(or_(Item.id.in_(attached), Item.id.in_(in_text)), is_public(now))
        .distinct()
    )


def _pairs(session: Session, chosen: Any) -> list[tuple[str, str]]:
    return [(row.section, row.requirement) for row in session.execute(chosen)]
