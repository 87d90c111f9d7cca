"""The work at hand: who is signed in, and the types and items that are theirs to work on.

Everything outside that answers 404, be it of another unit, of a section or requirement that is off,
or not there at all; a missing right answers 403.
"""

from __future__ import annotations

from typing import Any

from flask import abort, g
from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import selectinload, undefer

from hoitu.core.access import VERBS
from hoitu.core.content import ActionContext, ContentType, Item
from hoitu.core.extensions import platform, session
from hoitu.core.requirements import Requirement
from hoitu.core.web.access import current_actor

#: Converter of the ids in addresses; a longer number fits no database.
ID = "int(max=9223372036854775807)"


def context() -> ActionContext:
    """Return the context in which the signed-in account acts on the addressed unit."""
    return ActionContext.of(platform, session(), current_actor(), g.unit)


def may(kind: ContentType, verb: str) -> bool:
    """Say whether the account may do ``verb`` with content of a type in this unit.

    What visitors send is never begun at the desk: a draft would have no step to take.
    """
    if verb == "create" and kind.receivable:
        return False
    return current_actor().can(kind.permission(verb), g.unit.id)


def kinds() -> list[ContentType]:
    """Return the types the account works with here, in the order of their sections."""
    return [
        kind
        for manifest in platform.switchboard.sections_on(g.unit)
        for kind in platform.types.of_section(manifest.name)
        if any(may(kind, verb) for verb in VERBS)
    ]


def kind_named(name: str) -> ContentType:
    """Return a type by name; 404 when its section is off here, 403 without a right to it."""
    kind = platform.types.get(name)
    if kind is None or not platform.switchboard.section_on(g.unit, kind.section):
        abort(404)
    if not any(may(kind, verb) for verb in VERBS):
        abort(403)
    return kind


def item_of(kind: ContentType, item_id: int) -> Any:
    """Return an item of a type with its text and files, or answer 404."""
    one = (
        select(kind.model)
        .where(Item.id == item_id, Item.type == kind.name, requirement_on(kind))
        .options(undefer(Item.body), selectinload(Item.attachment_rows))
    )
    found = session().scalar(one)
    if found is None:
        abort(404)
    return found


def hidden_requirements(kind: ContentType) -> frozenset[str]:
    """Return the requirements of a type that are off here."""
    on = platform.switchboard.requirements_on(g.unit, kind.section)
    return frozenset(kind.requirements) - on


def duties(kind: ContentType) -> list[Requirement]:
    """Return the requirements that items of a type serve here, with their legal bases."""
    hidden = hidden_requirements(kind)
    found = (platform.switchboard.requirement(key) for key in kind.requirements)
    return [duty for duty in found if duty is not None and duty.id not in hidden]


def requirement_on(kind: ContentType) -> ColumnElement[bool]:
    """Return the condition that an item serves no requirement that is off here."""
    hidden = hidden_requirements(kind)
    return Item.requirement.not_in(sorted(hidden)) if hidden else true()


def within(chosen: list[ContentType]) -> ColumnElement[bool]:
    """Return the condition that an item is of one of the types, and on."""
    condition: ColumnElement[bool] = false()
    for kind in chosen:
        condition |= (Item.type == kind.name) & requirement_on(kind)
    return condition
