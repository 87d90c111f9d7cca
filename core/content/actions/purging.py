"""Purging: what has lain in the trash long enough is gone for good. Only time does it, nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Mapper, Session

from hoitu.core.access import audit
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.recording import flush
from hoitu.core.content.item import TRASHED, Item, ItemPlacement, Redirect
from hoitu.core.content.open_forms import OpenForm
from hoitu.core.content.problems import Problem, Refused
from hoitu.core.db import Base
from hoitu.core.units import UnitScoped, all_units

#: How long what is thrown away can be had back.
KEPT: Final = timedelta(days=30)

#: Forgets, within the unit, what a package keeps of an item without pointing to it by a key.
Forget = Callable[[Session, int], None]
_forgets: list[Forget] = []


def also(forget: Forget) -> None:
    """Have ``forget`` called with the session and the id of each item that is purged."""
    _forgets.append(forget)


def purge(context: ActionContext, item: Item, path: str = "") -> None:
    """Remove an item with everything that is only its own; its files stay in the library.

    ``path`` is where visitors read it, if they ever did: from now on that address tells them that
    the page was removed. What other entries say of it, and the log, stay. Its translations lie in
    the trash as well and go on pointing to it: so they can be neither restored nor published.

    :raises Refused: somebody asks for it, it is not in the trash, or not for long enough yet.
    """
    if not context.actor.is_system:
        raise Refused([Problem("", _("Only time empties the trash."))])
    if not is_ripe(item, context.now()):
        raise Refused([Problem("", _("It has not been in the trash for long enough."))])
    session, item_id = context.session, item.id
    was_public = item.published_from is not None
    receivable = context.type_of(item).receivable
    detail: dict[str, Any] = {} if receivable else {"title": item.title}
    session.execute(update(Item).where(Item.withdrawn_to == item_id).values(withdrawn_to=None))
    _forget_placements(context, item)
    for mapper, column in _dependents():
        session.execute(delete(mapper.class_).where(column == item_id))
    session.execute(delete(OpenForm).where(OpenForm.item_id == item_id))
    for forget in _forgets:
        forget(session, item_id)
    # What was loaded of its files and tables is gone already.
    session.expire(item)
    session.delete(item)
    flush(context)
    if path and was_public:
        _close_path(context, path)
    audit.record(
        session, context.actor, "item.purge", object_type=item.type, object_id=item_id,
        unit_id=context.unit.id, now=context.now(), detail=detail,
    )  # fmt: skip


def is_ripe(item: Item, now: datetime) -> bool:
    """Say whether an item has been in the trash for long enough."""
    return item.state == TRASHED and item.trashed_at is not None and item.trashed_at + KEPT <= now


def _forget_placements(context: ActionContext, item: Item) -> None:
    """Take an item off the units that show it; their rows tell of it and belong to them."""
    shown = delete(ItemPlacement).where(
        ItemPlacement.item_id == item.id, ItemPlacement.owner_id == item.unit_id
    )
    with all_units("placements of an item that is purged"):
        context.session.execute(shown)


def _close_path(context: ActionContext, path: str) -> None:
    """Let the former address of an item say that it is gone."""
    known = context.session.scalar(select(Redirect).where(Redirect.path == path))
    if known is None:
        context.session.add(Redirect(unit_id=context.unit.id, path=path, target=""))
    else:
        known.target = ""
    flush(context)


def _dependents() -> list[tuple[Mapper[Any], Any]]:
    """Return the classes whose rows are part of an item, core's and plugins', with their key."""
    items = {mapper.local_table for mapper in Item.__mapper__.self_and_descendants}
    found = []
    for mapper in Base.registry.mappers:
        if not issubclass(mapper.class_, UnitScoped) or issubclass(mapper.class_, Item):
            continue
        if mapper.class_ is ItemPlacement:
            continue
        table = mapper.local_table
        assert isinstance(table, Table)
        for key in table.foreign_key_constraints:
            pointed = {element.column.name: element.parent for element in key.elements}
            if key.referred_table in items and "id" in pointed:
                found.append((mapper, pointed["id"]))
    return found
