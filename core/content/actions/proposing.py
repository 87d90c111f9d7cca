"""Proposals: an item as it would be with values that are not saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect

from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.saving import apply
from hoitu.core.content.item import DRAFT, File, Item
from hoitu.core.content.kinds import Invalid
from hoitu.core.content.types import ContentType


def proposal(
    context: ActionContext, kind: ContentType, item: Item | None, values: Mapping[str, Any]
) -> Item:
    """Return an item, or a new one, with other values; what a field refuses is left out.

    It belongs to no session: it is to be checked or shown, never saved.
    """
    now = context.now()
    columns = {"id": 0, "sort_at": now, "created_at": now, "updated_at": now}
    if item is not None:
        names = (attribute.key for attribute in inspect(type(item)).column_attrs)
        columns = {name: getattr(item, name) for name in names}
    new = {"type": kind.name, "section": kind.section, "unit_id": context.unit.id, "state": DRAFT}
    copy = kind.model(**{**new, "draft_state": "", "requirement": "", **columns})
    with context.session.no_autoflush:
        apply(context, copy, _acceptable(kind, values))
        for row in copy.attachment_rows:
            # What was typed may name a file that is not there; the action that saves it says so.
            if (file := context.session.get(File, row.file_id)) is not None:
                row.file = file
    return copy


def _acceptable(kind: ContentType, values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        try:
            found[name] = kind.fields[name].kind.clean(value)
        except Invalid:
            continue
    return found
