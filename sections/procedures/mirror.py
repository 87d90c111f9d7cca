"""The mirror: records of the national database of procedures become items of a unit.

A record has the shape of the national portal (catalogue: procedure_fields). What the unit wrote
itself, the local note and its files, is never touched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from hoitu.core import text
from hoitu.core.content import ActionContext, Item, actions
from hoitu.sections.procedures.models import Procedure, ProcedureSource
from hoitu.sections.procedures.records import values_of

#: What belongs to the unit; no record has a word in it.
LOCAL = ("local_note", "attachments")


class Outcome(StrEnum):
    """What a refresh did."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"


def refresh(context: ActionContext, record: Mapping[str, Any], source: str) -> Outcome:
    """Create or change the procedure of a record; say what was done. The caller commits.

    A new procedure is published. One that people took off the site gets the new text and stays off;
    one in the archive stays as it is. ``source`` is where the record was read.

    :raises Refused: the record lacks what a procedure needs, or the section is off for the unit;
        nothing is left behind of it, and the next record can be tried.
    """
    values = values_of(record)
    key = text.number_key(values["code"])
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    known = context.session.get(ProcedureSource, (context.unit.id, key))
    item = _held(context, key)
    if item is not None and item.state == "archived":
        return Outcome.SAME
    outcome = Outcome.SAME
    with context.session.begin_nested():
        if item is None:
            actions.publish(context, actions.create(context, "procedure", values))
            outcome = Outcome.CREATED
        elif known is None or known.source_hash != digest:
            _change(context, item, values)
            outcome = Outcome.CHANGED
        row = known or ProcedureSource(unit_id=context.unit.id, code_key=key)
        row.source, row.source_hash, row.fetched_at = source, digest, context.now()
        context.session.add(row)
    return outcome


def _held(context: ActionContext, key: str) -> Procedure | None:
    held = select(Procedure).where(Procedure.code_key == key, Item.state != "trashed")
    return context.session.scalars(held.order_by(Item.id)).first()


def _change(context: ActionContext, item: Procedure, values: Mapping[str, Any]) -> None:
    """Save the record's values, and publish them where the procedure is public."""
    if item.state != "published":
        actions.edit(context, item, values)
        return
    # What an editor is still working on must not become public with the record.
    step, waiting = item.draft_state, actions.waiting_values(context, item)
    if item.draft_id is not None:
        actions.discard_draft(context, item)
    actions.edit(context, item, values)
    actions.publish(context, item)
    mine = {name: waiting[name] for name in LOCAL if waiting[name] != getattr(item, name)}
    if mine:
        actions.edit(context, item, mine)
        if step == actions.SUBMITTED:
            actions.submit(context, item)
