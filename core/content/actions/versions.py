"""Versions: what steps with an original mean for its translations, and the other way round.

A translation is public only while its original is; it never outlives it.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.item import PUBLISHED, TRASHED, Item
from hoitu.core.content.problems import Problem
from hoitu.core.content.workflow import ARCHIVED, UNPUBLISHED, Transition

#: What leaves for one of these leaves in every language.
_LEAVING = frozenset({UNPUBLISHED, ARCHIVED, TRASHED})


def translations(context: ActionContext, item: Item) -> list[Item]:
    """Return the translations of an item, in any state: one statement, if it ever had one."""
    if item.original_id != item.id:
        return []
    chosen = select(context.type_of(item).model).where(
        Item.original_id == item.id, Item.id != item.id
    )
    return list(context.session.scalars(chosen.order_by(Item.id)))


def following(context: ActionContext, item: Item, transition: Transition) -> list[Item]:
    """Return the translations with which a step is taken that was just taken with their original.

    Whoever may take an original off the site may do so with what says the same.
    """
    if transition.target not in _LEAVING:
        return []
    return [t for t in translations(context, item) if t.state in transition.sources]


def end_of_original(context: ActionContext, item: Item) -> datetime | None:
    """Return when what an item translates leaves the public; None when that is not planned."""
    if not item.is_translation:
        return None
    original = context.session.get(Item, item.original_id)
    return original.published_until if original is not None else None


def problems(context: ActionContext, item: Item, transition: Transition) -> list[Problem]:
    """Return what keeps a translation from a step because of the original or its translations."""
    if not item.is_translation:
        return []
    with context.session.no_autoflush:
        if transition.target == PUBLISHED:
            return _of_publication(context, item)
        return _of_return(context, item) if transition.name == "restore" else []


def _of_publication(context: ActionContext, item: Item) -> list[Problem]:
    # Locked: nobody takes the original off the site at this very moment.
    chosen = select(Item.state, Item.published_until).where(Item.id == item.original_id)
    original = context.session.execute(chosen.with_for_update(read=True)).one_or_none()
    end = original.published_until if original is not None else None
    is_over = end is not None and end <= context.now()
    if original is not None and original.state == PUBLISHED and not is_over:
        return []
    return [Problem("", _("The original is not public. Publish it first, then its translation."))]


def _of_return(context: ActionContext, item: Item) -> list[Problem]:
    linked = select(Item.id, Item.language).where(
        Item.original_id == item.original_id, Item.id != item.id, Item.state != TRASHED
    )
    languages = {row.id: row.language for row in context.session.execute(linked)}
    if item.original_id not in languages:
        message = _("The original is in the trash or gone. Restore it before its translation.")
        return [Problem("", message)]
    if item.language in languages.values():
        message = _(
            "There is another translation into this language by now. Work on that one, or move it "
            "to the trash first."
        )
        return [Problem("", message)]
    return []
