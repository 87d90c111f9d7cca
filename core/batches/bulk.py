"""What the lists of the desk do to many entries: a step, a move, a person, a day to look again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from hoitu.core.batches.kinds import Do, entry_of
from hoitu.core.batches.models import BatchRow
from hoitu.core.content import ActionContext, Problem, Refused, actions
from hoitu.core.content.actions import StepDetails
from hoitu.core.content.item import PUBLISHED

#: Names of the kinds.
STEP, MOVE, ENTRUST, REVIEW = "step", "move", "entrust", "review"


def _step(context: ActionContext, row: BatchRow, params: Mapping[str, Any]) -> str:
    """Take the step ``params`` name."""
    item = entry_of(context, row)
    workflow = context.workflow_of(context.type_of(item))
    if params["step"] not in {step.name for step in workflow.transitions}:
        # The unit changed its rules of approval since the batch was made.
        raise Refused([Problem("", _("This step is not possible in the present state."))])
    details = StepDetails(withdrawn_for=params.get("withdrawn_for", ""))
    actions.advance(context, item, params["step"], params.get("note", ""), details)
    return str(_("It is now: %(state)s.", state=workflow.label(actions.work_state(item))))


def _move(context: ActionContext, row: BatchRow, params: Mapping[str, Any]) -> str:
    """Set the fields ``params`` give values for."""
    item = entry_of(context, row)
    kinds = {name: declared.kind for name, declared in context.type_of(item).fields.items()}
    values = {name: value for name, value in params["values"].items() if name in kinds}
    # Whether the account may edit at all is told before whether there is anything to change.
    context.actor.demand(context.type_of(item).permission("edit"), item.unit_id)
    wanted = {name: kinds[name].dump(kinds[name].clean(v)) for name, v in values.items()}
    if wanted.items() <= actions.waiting_values(context, item).items():
        return str(_("It was so already."))
    actions.edit(context, item, values, expected_version=item.version)
    if item.state == PUBLISHED:
        return str(_("Saved as a new version; visitors see it once it is published."))
    return ""


def _entrust(context: ActionContext, row: BatchRow, params: Mapping[str, Any]) -> str:
    """Make the account of ``params`` responsible."""
    actions.entrust(context, entry_of(context, row), params["account_id"])
    return ""


def _review(context: ActionContext, row: BatchRow, params: Mapping[str, Any]) -> str:
    """Note that the entry is still right, and when it is due again."""
    item = entry_of(context, row)
    if item.state != PUBLISHED:
        raise Refused([Problem("", _("Only what is published is looked at again."))])
    actions.confirm_review(context, item, date.fromisoformat(params["next_by"]))
    return ""


#: What is done to a row, by the name of the kind.
KINDS: Mapping[str, Do] = {STEP: _step, MOVE: _move, ENTRUST: _entrust, REVIEW: _review}
