"""Workflows: the steps content takes, as data; one engine reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import lazy_gettext as _

from hoitu.core.content.item import DRAFT, PUBLISHED, TRASHED

SUBMITTED, REVIEWED, RETURNED = "submitted", "reviewed", "returned"
UNPUBLISHED, ARCHIVED = "unpublished", "archived"

#: Where content rests: it is read there, and edited again once it is restored.
RESTING = frozenset({ARCHIVED, TRASHED})

STATES = {
    DRAFT: _("Draft"),
    SUBMITTED: _("Waiting for approval"),
    REVIEWED: _("Checked, waiting for approval"),
    RETURNED: _("Returned"),
    PUBLISHED: _("Published"),
    UNPUBLISHED: _("Unpublished"),
    ARCHIVED: _("Archived"),
    TRASHED: _("In the trash"),
}


#: Where somebody has yet to do something.
PENDING = frozenset({DRAFT, SUBMITTED, REVIEWED, RETURNED})


@dataclass(frozen=True, slots=True)
class Transition:
    """A step from one of ``sources`` to ``target``; ``verb`` is the permission it needs."""

    name: str
    label: Any
    sources: frozenset[str]
    target: str
    verb: str
    #: Right with which an author takes the step, too, with a text of their own that was never
    #: public and that nobody else has at the moment; '' = nobody does.
    author_verb: str = ""
    needs_note: bool = False
    #: Whether the item must be complete before this step.
    completes: bool = False
    #: Whether plugins are asked though nothing is completed: see ``check_transition``.
    asks: bool = False
    #: Only whoever handed the text in may take the step: it is theirs to take back.
    own: bool = False
    #: Passes by the approval, which has to be given afterwards.
    urgent: bool = False
    #: What the button is called that saves what was written and takes the step at once.
    saving: Any = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A named set of transitions; ``labels`` are its own names for states."""

    name: str
    transitions: tuple[Transition, ...]
    labels: Mapping[str, Any] = field(default_factory=dict)
    #: Whether texts are written by one person and approved by another.
    editorial: bool = True

    def transition(self, name: str) -> Transition:
        """Return a transition by name; KeyError when the workflow has none."""
        return {t.name: t for t in self.transitions}[name]

    def available(self, state: str) -> list[Transition]:
        """Return the steps that lead out of ``state``."""
        return [t for t in self.transitions if state in t.sources]

    def label(self, state: str) -> Any:
        """Return what a state is called."""
        return self.labels.get(state, STATES[state])

    @property
    def states(self) -> list[str]:
        """The states its items can be in, in the order of ``STATES``."""
        used = {t.target for t in self.transitions}.union(*(t.sources for t in self.transitions))
        return [state for state in STATES if state in used]


_EDITABLE = frozenset({DRAFT, RETURNED})
#: At a reviewer or an approver; all of them in each workflow, so that a unit that changes from
#: three steps to two leaves no text behind that nobody can take further.
_AT_DESK = frozenset({SUBMITTED, REVIEWED})

_HAND_IN = Transition(
    "submit",
    _("Submit for approval"),
    _EDITABLE | {UNPUBLISHED},
    SUBMITTED,
    "edit",
    completes=True,
    saving=_("Save and submit for approval"),
)
_TAKE_BACK = Transition("take_back", _("Take back"), _AT_DESK, DRAFT, "edit", own=True)
_PUBLISH = Transition(
    "publish",
    _("Publish"),
    _EDITABLE | _AT_DESK | {UNPUBLISHED},
    PUBLISHED,
    "publish",
    completes=True,
    saving=_("Save and publish"),
)
_PUBLISH_URGENTLY = replace(
    _PUBLISH, name="publish_urgently", label=_("Publish urgently"), needs_note=True, urgent=True
)
_LEAVING = (
    Transition(
        "unpublish", _("Unpublish"), frozenset({PUBLISHED}), UNPUBLISHED, "publish", needs_note=True
    ),
    Transition("archive", _("Archive"), frozenset({PUBLISHED, UNPUBLISHED}), ARCHIVED, "publish"),
    Transition(
        "trash",
        _("Move to trash"),
        _EDITABLE | _AT_DESK | {UNPUBLISHED, ARCHIVED},
        TRASHED,
        "delete",
        author_verb="edit",
    ),
    Transition("restore", _("Restore as draft"), frozenset({TRASHED, ARCHIVED}), DRAFT, "edit"),
)

#: Biên tập → duyệt và đăng: an editor submits, an approver publishes or returns with a reason.
TWO_STEP = Workflow(
    "two_step",
    (
        _HAND_IN,
        Transition("return", _("Return"), _AT_DESK, RETURNED, "publish", needs_note=True),
        _TAKE_BACK,
        _PUBLISH,
        _PUBLISH_URGENTLY,
        *_LEAVING,
    ),
)

#: Biên tập → kiểm tra → duyệt và đăng: a reviewer looks at it before the approver does.
THREE_STEP = Workflow(
    "three_step",
    (
        replace(_HAND_IN, label=_("Submit for checking"), saving=_("Save and submit for checking")),
        Transition(
            "forward",
            _("Hand to the approver"),
            frozenset({SUBMITTED}),
            REVIEWED,
            "review",
            completes=True,
        ),
        Transition("return", _("Return"), _AT_DESK, RETURNED, "review", needs_note=True),
        _TAKE_BACK,
        replace(_PUBLISH, sources=frozenset({REVIEWED})),
        _PUBLISH_URGENTLY,
        *_LEAVING,
    ),
    labels={SUBMITTED: _("Waiting to be checked")},
)

#: What visitors send is answered and published, or closed without publishing. A draft is what the
#: desk writes down for somebody, or a new version behind what is published already. Whoever may
#: not publish hands the answer to somebody who may.
INTAKE = Workflow(
    "intake",
    (
        Transition(
            "forward",
            _("Hand the answer to the approver"),
            frozenset({DRAFT, SUBMITTED}),
            REVIEWED,
            "edit",
            completes=True,
            saving=_("Save and hand the answer to the approver"),
        ),
        Transition(
            "return",
            _("Return to be answered again"),
            frozenset({REVIEWED}),
            SUBMITTED,
            "publish",
            needs_note=True,
        ),
        Transition(
            "publish",
            _("Publish"),
            frozenset({DRAFT, SUBMITTED, REVIEWED, UNPUBLISHED, ARCHIVED}),
            PUBLISHED,
            "publish",
            completes=True,
            saving=_("Save and publish"),
        ),
        Transition(
            "archive",
            _("Close without publishing"),
            frozenset({DRAFT, SUBMITTED, REVIEWED, UNPUBLISHED, PUBLISHED}),
            ARCHIVED,
            "publish",
            needs_note=True,
            asks=True,
        ),
        Transition(
            "trash",
            _("Move to trash"),
            frozenset({DRAFT, SUBMITTED, REVIEWED, UNPUBLISHED, ARCHIVED}),
            TRASHED,
            "delete",
        ),
        Transition(
            "restore", _("Take up again"), frozenset({TRASHED, ARCHIVED}), SUBMITTED, "edit"
        ),
    ),
    labels={
        SUBMITTED: _("Waiting for an answer"),
        REVIEWED: _("Answer waiting for approval"),
        ARCHIVED: _("Closed"),
    },
    editorial=False,
)

#: Those a unit may choose for what its editors write.
EDITORIAL = {w.name: w for w in (TWO_STEP, THREE_STEP)}
WORKFLOWS = {**EDITORIAL, INTAKE.name: INTAKE}
