"""Parts of every action: saving at once, keeping a version, the event and the audit entry."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from hoitu.core.access import audit
from hoitu.core.content import redaction
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.item import PUBLISHED, Item, ItemVersion
from hoitu.core.content.problems import Conflict
from hoitu.core.content.types import ContentType
from hoitu.core.events import Event, ItemChanged, ItemPublished, ItemUnpublished, append


def values_of(kind: ContentType, item: Item) -> dict[str, Any]:
    """Return the values of an item as JSON, by field name."""
    return {name: f.kind.dump(getattr(item, name)) for name, f in kind.fields.items()}


def flush(context: ActionContext) -> None:
    """Write what changed.

    :raises Conflict: somebody else saved the item since it was read.
    """
    try:
        context.session.flush()
    except StaleDataError as error:
        raise Conflict("the item was saved by somebody else") from error


def keep_version(
    context: ActionContext, item: Item, note: str, values: dict[str, Any] | None = None
) -> ItemVersion:
    """Keep the values of an item, or those given, as its newest version."""
    version = ItemVersion(
        item_id=item.id,
        unit_id=item.unit_id,
        number=_next_number(context, item),
        values=values if values is not None else values_of(context.type_of(item), item),
        note=note,
        author=context.actor.name,
        created_at=context.now(),
    )
    context.session.add(version)
    flush(context)
    return version


def _next_number(context: ActionContext, item: Item) -> int:
    newest = select(func.max(ItemVersion.number)).where(ItemVersion.item_id == item.id)
    return (context.session.scalar(newest) or 0) + 1


def event_of(item: Item, before: str) -> Event:
    """Return what a step meant to visitors, who saw the state ``before``."""
    if item.state == PUBLISHED and not item.draft_state:
        return ItemPublished(item.unit_id, item.id, item.type)
    if before == PUBLISHED and item.state != PUBLISHED:
        return ItemUnpublished(item.unit_id, item.id, item.type)
    return ItemChanged(item.unit_id, item.id, item.type)


def _sender(kind: ContentType, item: Item) -> list[str]:
    """Return the short personal values of an item, which no note in the log may repeat."""
    personal = (name for name, field in kind.model.fields().items() if field.personal)
    values = (getattr(item, name) for name in personal)
    return [value for value in values if isinstance(value, str) and 2 < len(value) <= 120]


def record(
    context: ActionContext,
    item: Item,
    action: str,
    event: Event,
    note: str = "",
    **told: Any,
) -> None:
    """Append the event and the audit entry of an action that was done; ``told`` goes into it."""
    now = context.now()
    # The log is kept for ever and read by many: it must not repeat what a visitor wrote.
    kind = context.type_of(item)
    title = {} if kind.receivable else {"title": item.title}
    if kind.receivable and note:
        note, _places = redaction.blacked(note, redaction.telling(note, _sender(kind, item)))
    append(context.session, event, now)
    audit.record(
        context.session,
        context.actor,
        f"item.{action}",
        object_type=item.type,
        object_id=item.id,
        unit_id=item.unit_id,
        now=now,
        detail={**title, "version": item.version, **told, **({"note": note} if note else {})},
    )
