"""Actions: the only way content changes.

Each action checks the permission, applies the change, keeps a version, writes the audit entry and
appends the event, all in the caller's transaction; the caller commits. Admin, API, importer,
commands and jobs call the same functions, so they cannot differ. Nothing here knows of a request.
"""

from __future__ import annotations

from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.forgetting import (
    forget_sender,
    holds_sender,
    personal_fields,
    redact,
    words_of_sender,
)
from hoitu.core.content.actions.handing import approve_afterwards, confirm_review, entrust
from hoitu.core.content.actions.lapsing import let_lapse, let_lapse_everywhere, overruled
from hoitu.core.content.actions.proposing import proposal
from hoitu.core.content.actions.recording import values_of
from hoitu.core.content.actions.rules import (
    WITHDRAWALS,
    demands_four_eyes,
    may_take_next,
    onward_verb,
)
from hoitu.core.content.actions.saving import (
    check_editable,
    create,
    discard_draft,
    edit,
    receive,
    restore_version,
    waiting_values,
)
from hoitu.core.content.actions.scheduling import cancel, plannable, run_due, schedule
from hoitu.core.content.actions.sharing import share, unshare
from hoitu.core.content.actions.stepping import (
    StepDetails,
    advance,
    gaps,
    has_right,
    publish,
    reach,
    steps,
    submit,
    trash,
    unpublish,
    work_state,
    working_copy,
)
from hoitu.core.content.actions.translating import is_translatable, translate
from hoitu.core.content.workflow import SUBMITTED

__all__ = [
    "SUBMITTED",
    "WITHDRAWALS",
    "ActionContext",
    "StepDetails",
    "advance",
    "approve_afterwards",
    "cancel",
    "check_editable",
    "confirm_review",
    "create",
    "demands_four_eyes",
    "discard_draft",
    "edit",
    "entrust",
    "forget_sender",
    "gaps",
    "has_right",
    "holds_sender",
    "is_translatable",
    "let_lapse",
    "let_lapse_everywhere",
    "may_take_next",
    "onward_verb",
    "overruled",
    "personal_fields",
    "plannable",
    "proposal",
    "publish",
    "reach",
    "receive",
    "redact",
    "restore_version",
    "run_due",
    "schedule",
    "share",
    "steps",
    "submit",
    "translate",
    "trash",
    "unpublish",
    "unshare",
    "values_of",
    "waiting_values",
    "words_of_sender",
    "work_state",
    "working_copy",
]
