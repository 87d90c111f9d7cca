"""Documents entered twice: others of the unit that bear the same number.

It is told and never forbidden: two agencies number their documents alike, and a correction may
rightly be entered beside what it corrects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.fields import Field
from hoitu.core.content.item import TRASHED, Item
from hoitu.core.content.kinds import Invalid
from hoitu.core.content.types import ContentType

#: More of the same number are not told apart by reading them.
LIMIT: Final = 5


def same_number(
    context: ActionContext,
    kind: ContentType,
    given: Item | Mapping[str, Any],
    *,
    of: Item | None = None,
) -> list[Item]:
    """Return the unit's other items with the number of ``given``, the oldest first.

    ``given`` is an item, the copy of one as it is worked on, or the values of a form as they were
    typed; ``of`` is the item that these are of. What lies in the trash or says the same in another
    language is left out; types whose items are not cited have no numbers.
    """
    key = number_of(kind, given)
    if not key:
        return []
    own = given if isinstance(given, Item) else of
    found: list[Item] = []
    for other in context.types:
        if not other.cited_by:
            continue
        bearing = select(other.model).where(
            Item.type == other.name,
            Item.state != TRASHED,
            getattr(other.model, other.cited_by) == key,
        )
        if own is not None:
            bearing = bearing.where(Item.id != own.id)
            if own.original_id is not None:
                bearing = bearing.where(Item.original_id.is_distinct_from(own.original_id))
        found += context.session.scalars(bearing.order_by(Item.id).limit(LIMIT))
    return found[:LIMIT]


def number_field(kind: ContentType) -> Field | None:
    """Return the field by whose number two entries of a type are the same; None for most types."""
    exact = [f for f in kind.fields.values() if f.search == "exact"]
    return next((f for f in exact if kind.cited_by or f.required), None)


def number_of(kind: ContentType, given: Item | Mapping[str, Any]) -> str:
    """Return the folded number of an item or of a form's values; '' when there is none."""
    if not kind.cited_by:
        return ""
    item = given if isinstance(given, Item) else _sketch(kind, given)
    return str(getattr(item, kind.cited_by) or "")


def _sketch(kind: ContentType, values: Mapping[str, Any]) -> Item:
    """Return an item of what can be read of a form; it belongs to no session."""
    item = kind.model()
    for name, declared in kind.fields.items():
        # Tables and files have no part in a number.
        if name in values and name in item.__mapper__.columns:
            try:
                setattr(item, name, declared.kind.clean(values[name]))
            except Invalid:
                continue
    if kind.derive is not None:
        kind.derive(item)
    return item
