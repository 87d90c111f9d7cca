"""Actions: the only way content changes.

Each action checks the permission, applies the change, keeps a version, writes the audit entry and
appends the event, all in the caller's transaction; the caller commits. Admin, API, importer,
commands and jobs call the same functions, so they cannot differ. Nothing here knows of a request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask_babel import gettext as _
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from hoitu.core.access import Actor, audit
from hoitu.core.clock import Clock
from hoitu.core.content.fields import Rows
from hoitu.core.content.item import DRAFT, PUBLISHED, TRASHED, File, Item, ItemVersion
from hoitu.core.content.kinds import Files, Invalid, Kind, Reference
from hoitu.core.content.problems import Conflict, Problem, Refused
from hoitu.core.content.types import ContentType, ContentTypes
from hoitu.core.content.workflow import RESTING, SUBMITTED, Transition
from hoitu.core.events import Event, ItemChanged, ItemPublished, ItemUnpublished, append
from hoitu.core.plugin import Dispatcher
from hoitu.core.units import Switchboard, Unit


@dataclass(frozen=True, slots=True)
class ActionContext:
    """Who changes what where: everything an action needs, and nothing of the web."""

    session: Session
    actor: Actor
    unit: Unit
    types: ContentTypes
    hooks: Dispatcher
    switchboard: Switchboard
    clock: Clock

    def now(self) -> datetime:
        """Return the present instant (UTC)."""
        return self.clock.now()

    def type_of(self, item: Item) -> ContentType:
        """Return the content type of an item."""
        return self.types[item.type]


def create(context: ActionContext, type_name: str, values: Mapping[str, Any]) -> Item:
    """Add a draft of a content type and return it.

    :raises PermissionDenied: the actor may not create here.
    :raises Refused: a value is not valid, or the section is off for this unit.
    """
    kind = context.types[type_name]
    context.actor.demand(kind.permission("create"), context.unit.id)
    if not context.switchboard.section_on(context.unit, kind.section):
        raise Refused([Problem("", _("This section is switched off for your unit."))])
    item = _new(context, kind, DRAFT, uuid4().hex)
    _apply(context, item, _clean(context, kind, values))
    context.session.add(item)
    _flush(context)
    _keep_version(context, item, "")
    _record(context, item, "create", ItemChanged(context.unit.id, item.id, item.type))
    return item


def receive(
    context: ActionContext,
    type_name: str,
    values: Mapping[str, Any],
    *,
    key: str,
    stamped: Mapping[str, Any] | None = None,
) -> tuple[Item, bool]:
    """Take in what a visitor sent, to wait for the unit's answer; say whether it is new.

    The same ``key`` (32 hexadecimal digits) is the same message: sent twice, it is kept once.
    ``stamped`` sets columns that are no fields, such as a receipt code.

    :raises Refused: the type takes nothing from visitors, a value is not valid, or it is off here.
    """
    kind = context.types[type_name]
    if not kind.receivable:
        raise Refused([Problem("", _("Nothing can be sent here."))])
    known = context.session.scalar(select(kind.model).where(Item.uid == key))
    if known is not None and known.state != TRASHED:
        return known, False
    requirement = values.get("requirement") or next(iter(kind.requirements), None)
    if not context.switchboard.section_on(context.unit, kind.section, requirement):
        raise Refused([Problem("", _("This section is switched off for your unit."))])
    if known is not None:
        # Sent again after it was thrown away: it waits once more, under the code already given.
        known.state, known.trashed_at = SUBMITTED, None
        _flush(context)
        _record(context, known, "receive", ItemChanged(context.unit.id, known.id, known.type))
        return known, False
    item = _new(context, kind, SUBMITTED, key)
    for name, value in (stamped or {}).items():
        setattr(item, name, value)
    _apply(context, item, _clean(context, kind, values))
    context.session.add(item)
    _flush(context)
    _keep_version(context, item, "")
    _record(context, item, "receive", ItemChanged(context.unit.id, item.id, item.type))
    return item, True


def edit(
    context: ActionContext,
    item: Item,
    values: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    note: str = "",
) -> Item:
    """Save new values; fields left out stay.

    Of a published item a waiting version is saved and the public text stays until ``publish``.

    :raises PermissionDenied: the actor may not edit here.
    :raises Conflict: the item is no longer at ``expected_version``.
    :raises Refused: a value is not valid, or the item rests; see :func:`check_editable`.
    """
    kind = context.type_of(item)
    context.actor.demand(kind.permission("edit"), item.unit_id)
    check_editable(item)
    if expected_version is not None and item.version != expected_version:
        raise Conflict(f"item {item.id} is at version {item.version}, not {expected_version}")
    cleaned = _clean(context, kind, values)
    if item.state == PUBLISHED:
        complete = {**waiting_values(context, item), **_dump(kind, cleaned)}
        version = _keep_version(context, item, note, complete)
        item.draft_id, item.draft_state = version.id, item.draft_state or DRAFT
    else:
        _apply(context, item, cleaned)
    item.updated_at, item.updated_by = context.now(), context.actor.name
    _flush(context)
    if item.state != PUBLISHED:
        _keep_version(context, item, note)
    _record(context, item, "edit", ItemChanged(item.unit_id, item.id, item.type))
    return item


def check_editable(item: Item) -> None:
    """Refuse to change what is archived or in the trash; restoring it is a step of its own.

    :raises Refused: the item rests there.
    """
    if item.state in RESTING:
        message = _("This entry is archived or in the trash. Restore it before you change it.")
        raise Refused([Problem("", message)])


def advance(context: ActionContext, item: Item, name: str, note: str = "") -> Item:
    """Take one step of the workflow, by the name of its transition.

    :raises PermissionDenied: the actor may not take the step.
    :raises Refused: the step does not lead from the present state, the item is incomplete, a note
        is missing, or a plugin objects; every reason is listed.
    """
    kind = context.type_of(item)
    transition = kind.workflow.transition(name)
    context.actor.demand(kind.permission(transition.verb), item.unit_id)
    state = _standing(item, transition)
    if state not in transition.sources:
        raise Refused([Problem("", _("This step is not possible in the present state."))])
    if transition.needs_note and not note.strip():
        raise Refused([Problem("note", _("Say why, so that the author knows what to do."))])
    with context.session.begin_nested():
        # A refusal undoes the step alone; what the caller saved before stays.
        with context.session.no_autoflush:
            _STEPS.get(name, _move)(context, item, transition)
            item.updated_at, item.updated_by = context.now(), context.actor.name
        _flush(context)
        if problems := _objections(context, item, transition):
            raise Refused(problems)
    _record(context, item, name, _event_of(item, state), note)
    return item


def _objections(context: ActionContext, item: Item, transition: Transition) -> list[Problem]:
    if not (transition.completes or transition.asks):
        return []
    savepoint, proposed = context.session.begin_nested, working_copy(context, item)
    missing = gaps(context, proposed) if transition.completes else []
    return missing + context.hooks.check_transition(
        proposed, transition, context.actor, context.unit, savepoint
    )


def publish(context: ActionContext, item: Item, note: str = "") -> Item:
    """Make an item, or its waiting version, public; see :func:`advance`."""
    return advance(context, item, "publish", note)


def submit(context: ActionContext, item: Item, note: str = "") -> Item:
    """Hand an item to the approver; see :func:`advance`."""
    return advance(context, item, "submit", note)


def unpublish(context: ActionContext, item: Item, note: str) -> Item:
    """Take an item off the site; see :func:`advance`."""
    return advance(context, item, "unpublish", note)


def trash(context: ActionContext, item: Item) -> Item:
    """Put an item in the trash; see :func:`advance`."""
    return advance(context, item, "trash")


def discard_draft(context: ActionContext, item: Item) -> Item:
    """Forget the waiting version of a published item; the public text stays as it is."""
    context.actor.demand(context.type_of(item).permission("edit"), item.unit_id)
    item.draft_id, item.draft_state = None, ""
    _flush(context)
    _record(context, item, "discard", ItemChanged(item.unit_id, item.id, item.type))
    return item


def restore_version(
    context: ActionContext, item: Item, version: ItemVersion, *, expected_version: int | None = None
) -> Item:
    """Save the values of an old version as a new one; publishing it is a step of its own."""
    kind = context.type_of(item)
    values = {n: f.kind.load(version.values.get(n)) for n, f in kind.fields.items()}
    note = _("Restored version %(number)d", number=version.number)
    return edit(context, item, values, expected_version=expected_version, note=note)


def gaps(context: ActionContext, item: Item) -> list[Problem]:
    """Return everything that keeps an item from being published."""
    kind = context.type_of(item)
    missing = [
        Problem(name, _("%(field)s is missing.", field=f.label))
        for name, f in kind.fields.items()
        if f.required and f.is_empty(getattr(item, name))
    ]
    if not context.switchboard.section_on(context.unit, item.section, item.requirement or None):
        missing.append(Problem("", _("This section is switched off for your unit.")))
    savepoint = context.session.begin_nested
    return missing + context.hooks.check_item(item, context.unit, savepoint)


def steps(context: ActionContext, item: Item) -> list[Transition]:
    """Return the steps of the workflow that the actor may take with an item now."""
    kind = context.type_of(item)
    return [
        transition
        for transition in kind.workflow.transitions
        if _standing(item, transition) in transition.sources
        and context.actor.can(kind.permission(transition.verb), item.unit_id)
    ]


def work_state(item: Item) -> str:
    """Return where the work on an item stands: its waiting version's state, or its own."""
    return item.draft_state or item.state


def values_of(kind: ContentType, item: Item) -> dict[str, Any]:
    """Return the values of an item as JSON, by field name."""
    return {name: f.kind.dump(getattr(item, name)) for name, f in kind.fields.items()}


def waiting_values(context: ActionContext, item: Item) -> dict[str, Any]:
    """Return the values an editor works on, as JSON: the waiting version's, or the item's own."""
    if item.draft_id is not None:
        version = context.session.get(ItemVersion, item.draft_id)
        if version is not None:
            return dict(version.values)
    return values_of(context.type_of(item), item)


def working_copy(context: ActionContext, item: Item) -> Item:
    """Return the item as it will be once its waiting version is published; itself if none waits.

    The copy belongs to no session: it is to be checked or shown, never saved.
    """
    if item.draft_id is None:
        return item
    columns = (attribute.key for attribute in inspect(type(item)).column_attrs)
    copy = type(item)(**{name: getattr(item, name) for name in columns})
    _apply_waiting(context, item, copy)
    for row in copy.attachment_rows:
        row.file = context.session.get_one(File, row.file_id)
    return copy


# -- steps -------------------------------------------------------------------------------------


def _standing(item: Item, transition: Transition) -> str:
    """Return the state a step starts from."""
    # What leaves the public or the trash is the item itself, not the version waiting behind it.
    return item.state if _STEPS.get(transition.name) is _withdraw else work_state(item)


def _move(context: ActionContext, item: Item, transition: Transition) -> None:
    """Put the work, or the item itself, into the target state."""
    if item.draft_state:
        item.draft_state = transition.target
    else:
        item.state = transition.target


def _publish(context: ActionContext, item: Item, transition: Transition) -> None:
    kind = context.type_of(item)
    _end_waiting(context, item)
    item.state = transition.target
    item.revised_at = context.now()
    item.published_from = item.published_from or item.revised_at
    kind.complete(item, context.now())


def _withdraw(context: ActionContext, item: Item, transition: Transition) -> None:
    """Leave the public; a waiting version becomes the draft."""
    _end_waiting(context, item)
    item.state = transition.target
    item.trashed_at = context.now() if transition.target == TRASHED else None


def _end_waiting(context: ActionContext, item: Item) -> None:
    """Make the waiting version, if any, the item's own text."""
    if item.draft_id is not None:
        _apply_waiting(context, item, item)
        item.draft_id, item.draft_state = None, ""


def _apply_waiting(context: ActionContext, item: Item, target: Item) -> None:
    fields, stored = context.type_of(item).fields, waiting_values(context, item)
    _apply(context, target, {n: fields[n].kind.load(v) for n, v in stored.items() if n in fields})


_STEPS: dict[str, Callable[[ActionContext, Item, Transition], None]] = {
    "publish": _publish,
    "unpublish": _withdraw,
    "archive": _withdraw,
    "trash": _withdraw,
    "restore": _withdraw,
}


# -- parts of every action ---------------------------------------------------------------------


def _new(context: ActionContext, kind: ContentType, state: str, uid: str) -> Item:
    now = context.now()
    return kind.model(
        uid=uid,
        unit_id=context.unit.id,
        section=kind.section,
        type=kind.name,
        state=state,
        language="vi",
        sort_at=now,
        created_at=now,
        updated_at=now,
        created_by=context.actor.name,
        updated_by=context.actor.name,
    )


def _clean(context: ActionContext, kind: ContentType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values to store; raise :class:`Refused` with everything that is not valid."""
    fields = kind.fields
    if strangers := sorted(set(values) - set(fields)):
        raise Refused([Problem(strangers[0], _("%(type)s has no such field.", type=kind.label))])
    cleaned: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in values.items():
        try:
            cleaned[name] = fields[name].kind.clean(value)
            _check_named(context, fields[name].kind, cleaned[name])
        except Invalid as error:
            problems.append(Problem(name, error.message))
    if problems:
        raise Refused(problems)
    return cleaned


def _check_named(context: ActionContext, kind: Kind, value: Any) -> None:
    """Refuse a value that names an item or a file the unit does not have; in tables, too."""
    unit_id = context.unit.id
    if isinstance(kind, Rows):
        for position, row in enumerate(value, start=1):
            for column in kind.columns:
                try:
                    _check_named(context, column.kind, row[column.name])
                except Invalid as error:
                    text = _("Row %(n)d: %(problem)s", n=position, problem=error.message)
                    raise Invalid(text) from error
    elif isinstance(kind, Files) and value:
        held = select(File.id).where(File.id.in_(value), File.unit_id == unit_id)
        if set(value) - set(context.session.scalars(held)):
            raise Invalid(_("A file of the list does not exist; upload it again."))
    elif isinstance(kind, Reference) and value is not None:
        named = select(Item.type).where(Item.id == value, Item.unit_id == unit_id)
        found = context.session.scalar(named)
        if found is None or kind.type not in ("", found):
            raise Invalid(_("Choose an entry of the list."))


def _apply(context: ActionContext, item: Item, cleaned: Mapping[str, Any]) -> None:
    # One change is one version: reading a value half way must not save the other half.
    with context.session.no_autoflush:
        for name, value in cleaned.items():
            setattr(item, name, value)
        context.type_of(item).complete(item, context.now())


def _dump(kind: ContentType, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {name: kind.fields[name].kind.dump(value) for name, value in cleaned.items()}


def _flush(context: ActionContext) -> None:
    try:
        context.session.flush()
    except StaleDataError as error:
        raise Conflict("the item was saved by somebody else") from error


def _keep_version(
    context: ActionContext, item: Item, note: str, values: dict[str, Any] | None = None
) -> ItemVersion:
    version = ItemVersion(
        item_id=item.id,
        unit_id=item.unit_id,
        number=item.version + (values is not None),
        values=values if values is not None else values_of(context.type_of(item), item),
        note=note,
        author=context.actor.name,
        created_at=context.now(),
    )
    context.session.add(version)
    _flush(context)
    return version


def _event_of(item: Item, before: str) -> Event:
    if item.state == PUBLISHED and not item.draft_state:
        return ItemPublished(item.unit_id, item.id, item.type)
    if before == PUBLISHED and item.state != PUBLISHED:
        return ItemUnpublished(item.unit_id, item.id, item.type)
    return ItemChanged(item.unit_id, item.id, item.type)


def _record(
    context: ActionContext,
    item: Item,
    action: str,
    event: Event,
    note: str = "",
) -> None:
    now = context.now()
    # The log is kept for ever and read by many: it must not repeat what a visitor wrote.
    title = {} if context.type_of(item).receivable else {"title": item.title}
    append(context.session, event, now)
    audit.record(
        context.session,
        context.actor,
        f"item.{action}",
        object_type=item.type,
        object_id=item.id,
        unit_id=item.unit_id,
        now=now,
        detail={**title, "version": item.version, **({"note": note} if note else {})},
    )


__all__ = [
    "SUBMITTED",
    "ActionContext",
    "advance",
    "check_editable",
    "create",
    "discard_draft",
    "edit",
    "gaps",
    "publish",
    "receive",
    "restore_version",
    "steps",
    "submit",
    "trash",
    "unpublish",
    "values_of",
    "waiting_values",
    "work_state",
    "working_copy",
]
