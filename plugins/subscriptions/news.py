"""What is new: each item once, when it became public for the first time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session, undefer

from hoitu.core.content import Item, queries
from hoitu.core.events import Event, ItemPublished, ItemUnpublished
from hoitu.core.extensions import platform, session
from hoitu.core.units import unit_scope
from hoitu.plugins.subscriptions.models import Announcement

#: What was announced just now may not be committed yet everywhere: it is told with the next mail.
SETTLED: Final = timedelta(minutes=2)
#: Most items that are looked at for one mail; whoever wants all of them has the site's lists.
LOOKED_AT: Final = 400


def announce(event: Event) -> None:
    """Take note of an item that is public for the first time; of a changed one, of nothing."""
    if not isinstance(event, ItemPublished):
        return
    kind = platform.types.get(event.type)
    if kind is None or not kind.is_page or _is_known(event.item_id):
        return
    with unit_scope(event.unit_id):
        item = session().get(kind.model, event.item_id)
        if item is None or item.published_from is None:
            return
        due_at = max(platform.clock.now(), item.published_from)
        note = Announcement(
            item_id=item.id,
            unit_id=item.unit_id,
            section=item.section,
            type=item.type,
            due_at=due_at,
        )
    session().add(note)
    session().flush()


def recall(event: Event) -> None:
    """Forget the announcement of an item that is withdrawn before anybody was told of it."""
    if isinstance(event, ItemUnpublished):
        of_item = Announcement.item_id == event.item_id
        untold = Announcement.due_at > platform.clock.now() - SETTLED
        session().execute(delete(Announcement).where(of_item, untold))


def _is_known(item_id: int) -> bool:
    known = select(Announcement.item_id).where(Announcement.item_id == item_id)
    return session().scalar(known) is not None


def between(since: Any, until: datetime) -> ColumnElement[bool]:
    """Return the condition that something was announced after ``since`` and by ``until``.

    ``since`` is an instant, or a column with one.
    """
    return and_(Announcement.due_at > since, Announcement.due_at <= until)


def announced(
    opened: Session,
    unit_ids: Iterable[int],
    since: datetime,
    until: datetime,
    *,
    with_text: bool = False,
) -> list[tuple[Item, datetime]]:
    """Return what was announced on some sites in a time and visitors may see now, newest first.

    With each item, when it was announced; ``with_text`` for whoever looks into their texts. What
    its unit has switched off, or withdrew, is left out.
    """
    chosen = select(Announcement).where(between(since, until))
    chosen = chosen.where(Announcement.unit_id.in_(sorted(unit_ids)))
    newest = chosen.order_by(Announcement.due_at.desc(), Announcement.item_id.desc())
    by_type: dict[str, list[Announcement]] = defaultdict(list)
    for note in opened.scalars(newest.limit(LOOKED_AT)):
        by_type[note.type].append(note)
    found = [pair for notes in by_type.values() for pair in _public(opened, notes, with_text)]
    return sorted(found, key=lambda pair: (pair[1], pair[0].id), reverse=True)


def _public(
    opened: Session, notes: list[Announcement], with_text: bool
) -> list[tuple[Item, datetime]]:
    """Return which items of one type are public, with one statement."""
    kind = platform.types.get(notes[0].type)
    if kind is None:
        return []
    due = {note.item_id: note.due_at for note in notes}
    chosen = queries.public(kind.model, platform.clock.now()).where(Item.id.in_(sorted(due)))
    if with_text:
        chosen = chosen.options(undefer(Item.body))
    with unit_scope(*{note.unit_id for note in notes}):
        items = opened.scalars(chosen).all()
    return [(item, due[item.id]) for item in items if _is_shown(item)]


def _is_shown(item: Item) -> bool:
    owner = platform.units.by_id(item.unit_id)
    on = platform.switchboard.section_on
    return owner is not None and on(owner, item.section, item.requirement)
