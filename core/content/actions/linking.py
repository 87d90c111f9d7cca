"""Part of every action that changes a text: the index of what it leads to follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hoitu.core.content import linked
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.recording import flush, values_of
from hoitu.core.content.item import Item


def index_text(context: ActionContext, item: Item) -> None:
    """Note what the item's own text leads to; call it after the text was written."""
    kind = context.type_of(item)
    if linked.refresh(context.session, kind, item, values_of(kind, item), waiting=False):
        flush(context)


def index_waiting(
    context: ActionContext, item: Item, values: Mapping[str, Any] | None = None
) -> None:
    """Note what the version waiting behind an item leads to; without values, none waits."""
    kind = context.type_of(item)
    if linked.refresh(context.session, kind, item, values or {}, waiting=True):
        flush(context)
