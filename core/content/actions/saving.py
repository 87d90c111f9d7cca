"""Saving: new items, changed ones, and what visitors send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from hoitu.core.content import own_addresses
from hoitu.core.content.actions import planned, rules
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.lapsing import lapse_of_text
from hoitu.core.content.actions.linking import index_text, index_waiting
from hoitu.core.content.actions.recording import flush, keep_version, record, values_of
from hoitu.core.content.fields import Rows
from hoitu.core.content.item import DRAFT, PUBLISHED, TRASHED, File, Item, ItemVersion
from hoitu.core.content.kinds import Files, Invalid, Kind, Reference
from hoitu.core.content.problems import Conflict, Problem, Refused
from hoitu.core.content.types import ContentType
from hoitu.core.content.workflow import RESTING, REVIEWED, SUBMITTED
from hoitu.core.events import ItemChanged


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
    apply(context, item, _clean(context, kind, values))
    context.session.add(item)
    flush(context)
    keep_version(context, item, "")
    index_text(context, item)
    record(context, item, "create", ItemChanged(context.unit.id, item.id, item.type))
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
        flush(context)
        record(context, known, "receive", ItemChanged(context.unit.id, known.id, known.type))
        return known, False
    item = _new(context, kind, SUBMITTED, key)
    for name, value in (stamped or {}).items():
        setattr(item, name, value)
    apply(context, item, _clean(context, kind, values))
    context.session.add(item)
    flush(context)
    keep_version(context, item, "")
    index_text(context, item)
    record(context, item, "receive", ItemChanged(context.unit.id, item.id, item.type))
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
        version = keep_version(context, item, note, complete)
        item.draft_id, item.draft_state = version.id, item.draft_state or DRAFT
    else:
        apply(context, item, cleaned)
    item.updated_at, item.updated_by = context.now(), context.actor.name
    # Rows of a table or attachments alone move the version, too: whoever has the old one is told.
    flag_modified(item, "updated_at")
    if item.responsible_id is None:
        item.responsible_id = context.actor.account_id
    _begin_approval_anew(context, item)
    flush(context)
    if item.state != PUBLISHED:
        keep_version(context, item, note)
        index_text(context, item)
    else:
        index_waiting(context, item, waiting_values(context, item))
    # The log comes last: whoever has it keeps everybody else from writing.
    lapse_of_text(context, item)
    record(context, item, "edit", ItemChanged(item.unit_id, item.id, item.type))
    return item


def _begin_approval_anew(context: ActionContext, item: Item) -> None:
    """Let a text that is changed while others have it be approved as it is now.

    Where four eyes are demanded, whoever changes it hands it in anew: they cannot approve their own
    words, and what was checked before is checked again.
    """
    demanded = rules.demands_four_eyes(context, context.type_of(item))
    if context.actor.is_system or not demanded:
        return
    if (item.draft_state or item.state) not in (SUBMITTED, REVIEWED):
        return
    item.submitter_id = context.actor.account_id
    if item.reviewer_id == context.actor.account_id:
        item.reviewer_id = None
    if item.draft_state:
        item.draft_state = SUBMITTED
    else:
        item.state = SUBMITTED


def check_editable(item: Item) -> None:
    """Refuse to change what is archived or in the trash; restoring it is a step of its own.

    :raises Refused: the item rests there.
    """
    if item.state in RESTING:
        message = _("This entry is archived or in the trash. Restore it before you change it.")
        raise Refused([Problem("", message)])


def discard_draft(context: ActionContext, item: Item) -> Item:
    """Forget the waiting version of a published item; the public text stays as it is.

    :raises PermissionDenied: the actor may not edit here.
    :raises Refused: no version waits.
    """
    context.actor.demand(context.type_of(item).permission("edit"), item.unit_id)
    if item.draft_id is None:
        raise Refused([Problem("", _("No new version waits behind this entry."))])
    planned.forget_publication(context, item)
    item.draft_id, item.draft_state = None, ""
    item.submitter_id = item.reviewer_id = item.approve_by = None
    flush(context)
    index_waiting(context, item)
    record(context, item, "discard", ItemChanged(item.unit_id, item.id, item.type))
    return item


def restore_version(
    context: ActionContext, item: Item, version: ItemVersion, *, expected_version: int | None = None
) -> Item:
    """Save the values of an old version as a new one; publishing it is a step of its own.

    Fields that the version knows nothing of, since they are newer, stay.
    """
    kind, stored = context.type_of(item), version.values
    values = {n: f.kind.load(stored[n]) for n, f in kind.fields.items() if n in stored}
    note = _("Restored version %(number)d", number=version.number)
    return edit(context, item, values, expected_version=expected_version, note=note)


def waiting_values(context: ActionContext, item: Item) -> dict[str, Any]:
    """Return the values an editor works on, as JSON: the waiting version's, or the item's own."""
    if item.draft_id is not None:
        version = context.session.get(ItemVersion, item.draft_id)
        if version is not None:
            return dict(version.values)
    return values_of(context.type_of(item), item)


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
        author_id=context.actor.account_id,
        responsible_id=context.actor.account_id,
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
            kind_of_value = fields[name].kind
            cleaned[name] = own_addresses.by_id(
                kind_of_value, kind_of_value.clean(value), context.stored
            )
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


def apply(context: ActionContext, item: Item, cleaned: Mapping[str, Any]) -> None:
    """Set cleaned values, and what follows from them."""
    # One change is one version: reading a value half way must not save the other half.
    with context.session.no_autoflush:
        for name, value in cleaned.items():
            setattr(item, name, value)
        context.type_of(item).complete(item, context.now())


def _dump(kind: ContentType, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {name: kind.fields[name].kind.dump(value) for name, value in cleaned.items()}
