"""Where the files of a unit are used: attached, in a text, by a setting or an import that waits.

The version that waits behind a public item counts as much as the item itself: a file it names must
be there on the day it is published. So does what lies in the trash, which can be restored. Versions
of the past do not count.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from hoitu.core.content import File, Item, ItemFile, ItemLink
from hoitu.core.content.linked import FILE
from hoitu.core.db import Json
from hoitu.core.extensions import platform
from hoitu.core.settings import SettingRow

#: The field of attached files.
ATTACHED = "attachments"
#: Most uses that are shown of one file.
SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Use:
    """An item that uses a file; at least one of the four is true."""

    item: Item
    attached: bool
    in_text: bool
    #: The same of the version that waits behind it.
    attached_waiting: bool
    in_text_waiting: bool


@dataclass(frozen=True, slots=True)
class Uses:
    """The items that use a file, the last changed first, and how many more there are."""

    shown: list[Use]
    others: int = 0

    @property
    def count(self) -> int:
        """How many items use the file."""
        return len(self.shown) + self.others


def uses(session: Session, file_id: int, types: frozenset[str], limit: int = SHOWN) -> Uses:
    """Return the items that use a file, at most ``limit``; four statements at most.

    ``types`` are the content types whose plugins are there; nothing else can be loaded.
    """
    # Joined, not looked up for each: only so does a database begin with the few that use the file.
    linking = select(ItemLink.item_id).where(_linked(file_id))
    having = union(_attached(file_id), linking).subquery()
    using = (
        select(Item).join(having, having.c.item_id == Item.id).where(Item.type.in_(sorted(types)))
    )
    newest = using.order_by(Item.updated_at.desc(), Item.id.desc()).limit(limit + 1)
    items = session.scalars(newest).all()
    if not items:
        return Uses([])
    others = 0
    if len(items) > limit:
        items = items[:limit]
        count = using.with_only_columns(func.count(Item.id), maintain_column_froms=True)
        others = (session.scalar(count) or 0) - limit
    ids = [item.id for item in items]
    attached = set(session.scalars(_attached(file_id).where(ItemFile.item_id.in_(ids))))
    links = select(ItemLink.item_id, ItemLink.field, ItemLink.waiting).where(
        _linked(file_id), ItemLink.item_id.in_(ids)
    )
    found = {(row.item_id, row.field == ATTACHED, row.waiting) for row in session.execute(links)}
    shown = [
        Use(
            item,
            attached=item.id in attached,
            in_text=(item.id, False, False) in found,
            attached_waiting=(item.id, True, True) in found,
            in_text_waiting=(item.id, False, True) in found,
        )
        for item in items
    ]
    return Uses(shown, others)


def is_used(session: Session, file_id: int) -> bool:
    """Say whether any item uses a file, be it of a plugin that is gone."""
    attached = session.scalar(_attached(file_id).limit(1))
    if attached is not None:
        return True
    return session.scalar(select(ItemLink.id).where(_linked(file_id)).limit(1)) is not None


def of_settings(session: Session, unit_id: int) -> dict[tuple[str, str], frozenset[int]]:
    """Return the ids of the files that settings name, by owner and key: one statement.

    They are those of the unit and, since these hold for it too, of its type and the platform.
    """
    naming, of_units = platform.settings.naming_files(), SettingRow.scope.startswith("unit:")
    chosen = select(SettingRow.plugin, SettingRow.key, SettingRow.value).where(
        or_(SettingRow.scope == f"unit:{unit_id}", not_(of_units)),
        SettingRow.key.in_({key for _owner, key in naming}),
    )
    found: dict[tuple[str, str], frozenset[int]] = {}
    for owner, key, value in session.execute(chosen):
        if (owner, key) in naming and value:
            found[owner, key] = found.get((owner, key), frozenset()) | {value}
    return found


def is_set(session: Session, unit_id: int, file_id: int) -> bool:
    """Say whether a setting names a file of a unit."""
    return any(file_id in ids for ids in of_settings(session, unit_id).values())


def unused(session: Session, unit_id: int, held: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that nothing uses a file of a unit: no item and no setting.

    ``held`` are the ids that something else has use for, however many.
    """
    attached = select(ItemFile.file_id).where(ItemFile.file_id == File.id)
    linked = select(ItemLink.id).where(
        ItemLink.unit_id == File.unit_id, ItemLink.kind == FILE, ItemLink.target == File.id
    )
    named = frozenset(held).union(*of_settings(session, unit_id).values())
    return and_(
        not_(attached.exists()),
        not_(linked.exists()),
        not_(_is_among(session, named)) if named else true(),
    )


def _attached(file_id: int) -> Select[int]:
    return select(ItemFile.item_id).where(ItemFile.file_id == file_id)


def _linked(file_id: int) -> ColumnElement[bool]:
    return and_(ItemLink.kind == FILE, ItemLink.target == file_id)


def _is_among(session: Session, ids: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that a file is one of many, all in one parameter: there is a limit."""
    listed = sorted(ids)
    if session.get_bind().dialect.name == "postgresql":
        return File.id == any_(literal(listed, ARRAY(BigInteger)))
    each: Any = func.json_each(literal(listed, Json)).table_valued("value")
    return File.id.in_(select(each.c.value))
