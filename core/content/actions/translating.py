"""Translating: a draft of its own says in another language what an item says."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select, update

from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.recording import flush
from hoitu.core.content.actions.saving import create, waiting_values
from hoitu.core.content.item import TRASHED, Item
from hoitu.core.content.problems import Problem, Refused
from hoitu.core.content.types import ContentType
from hoitu.core.i18n import LANGUAGES


def translate(context: ActionContext, original: Item, language: str) -> Item:
    """Begin the translation of an item: return a draft with its values, linked to it.

    From then on it goes the way of every draft: edited, approved and published by itself.

    :raises PermissionDenied: the actor may not create here.
    :raises Refused: the item is itself a translation or in the trash, is in that language or has a
        translation into it already, or its type has none.
    """
    kind = context.type_of(original)
    # Locked: of two who begin at the same moment, the second sees what the first began.
    context.session.execute(select(Item.id).where(Item.id == original.id).with_for_update())
    if language not in _wanting(context, original):
        raise Refused([Problem("", _("This entry cannot be translated into that language."))])
    stored = waiting_values(context, original)
    values = {name: f.kind.load(stored.get(name)) for name, f in kind.fields.items()}
    draft = create(context, kind.name, values)
    draft.language, draft.original_id = language, original.id
    flush(context)
    # Marked without a new version of the item: whoever is writing in it is not disturbed.
    mark = update(Item).where(Item.id == original.id, Item.original_id.is_(None))
    context.session.execute(mark.values(original_id=original.id))
    return draft


def _wanting(context: ActionContext, item: Item) -> list[str]:
    """Return the languages into which an item can be translated and is not yet: one statement."""
    kind = context.type_of(item)
    if item.is_translation or item.state == TRASHED or not is_translatable(kind):
        return []
    held = {item.language, *kind.languages(item), *context.session.scalars(
        select(Item.language).where(
            Item.original_id == item.id, Item.unit_id == item.unit_id, Item.state != TRASHED
        )
    )}  # fmt: skip
    return [tongue for tongue in LANGUAGES if tongue not in held]


def is_translatable(kind: ContentType) -> bool:
    """Say whether a type is of the unit's own words: what visitors wrote is left as it is."""
    return kind.workflow.editorial and not kind.receivable
