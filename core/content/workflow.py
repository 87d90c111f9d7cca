"""Workflows: the steps content takes, as data; one engine reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from hoitu.core.content.item import DRAFT, PUBLISHED, TRASHED

SUBMITTED, RETURNED, UNPUBLISHED, ARCHIVED = "submitted", "returned", "unpublished", "archived"

#: Where content rests: it is read there, and edited again once it is restored.
RESTING = frozenset({ARCHIVED, TRASHED})

STATES = {
    DRAFT: _("Draft"),
    SUBMITTED: _("Waiting for approval"),
    RETURNED: _("Returned"),
    PUBLISHED: _("Published"),
    UNPUBLISHED: _("Unpublished"),
    ARCHIVED: _("Archived"),
    TRASHED: _("In the trash"),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """A step from one of ``sources`` to ``target``; ``verb`` is the permission it needs."""

    name: str
    label: Any
    sources: frozenset[str]
    target: str
    verb: str
    needs_note: bool = False
    #: Whether plugins are asked though nothing is completed: see ``check_transition``.
    asks: bool = False

    @property
    def completes(self) -> bool:
        """Say whether the item must be complete before this step."""
        return self.target in (SUBMITTED, PUBLISHED)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A named set of transitions."""

    name: str
    transitions: tuple[Transition, ...]

    def transition(self, name: str) -> Transition:
        """Return a transition by name; KeyError when the workflow has none."""
        return {t.name: t for t in self.transitions}[name]

    def available(self, state: str) -> list[Transition]:
        """Return the steps that lead out of ``state``."""
        return [t for t in self.transitions if state in t.sources]


_EDITABLE = frozenset({DRAFT, RETURNED})

#: Biên tập → duyệt → đăng: an editor submits, an approver publishes or returns with a reason.
TWO_STEP = Workflow(
    "two_step",
    (
        Transition("submit", _("Submit for approval"), _EDITABLE, SUBMITTED, "edit"),
        Transition(
            "return", _("Return"), frozenset({SUBMITTED}), RETURNED, "publish", needs_note=True
        ),
        Transition(
            "publish",
            _("Publish"),
            _EDITABLE | {SUBMITTED, UNPUBLISHED},
            PUBLISHED,
            "publish",
        ),
        Transition(
            "unpublish",
            _("Unpublish"),
            frozenset({PUBLISHED}),
            UNPUBLISHED,
            "publish",
            needs_note=True,
        ),
        Transition(
            "archive", _("Archive"), frozenset({PUBLISHED, UNPUBLISHED}), ARCHIVED, "publish"
        ),
        Transition(
            "trash",
            _("Move to trash"),
            _EDITABLE | {SUBMITTED, UNPUBLISHED, ARCHIVED},
            TRASHED,
            "delete",
        ),
        Transition("restore", _("Restore as draft"), frozenset({TRASHED, ARCHIVED}), DRAFT, "edit"),
    ),
)

#: What visitors send is answered and published, or closed without publishing. A draft is what the
#: desk writes down for somebody, or a new version behind what is published already.
INTAKE = Workflow(
    "intake",
    (
        Transition(
            "publish",
            _("Publish"),
            frozenset({DRAFT, SUBMITTED, UNPUBLISHED, ARCHIVED}),
            PUBLISHED,
            "publish",
        ),
        Transition(
            "archive",
            _("Close without publishing"),
            frozenset({DRAFT, SUBMITTED, UNPUBLISHED, PUBLISHED}),
            ARCHIVED,
            "publish",
            needs_note=True,
            asks=True,
        ),
        Transition(
            "trash",
            _("Move to trash"),
            frozenset({DRAFT, SUBMITTED, UNPUBLISHED, ARCHIVED}),
            TRASHED,
            "delete",
        ),
        Transition(
            "restore", _("Take up again"), frozenset({TRASHED, ARCHIVED}), SUBMITTED, "edit"
        ),
    ),
)

WORKFLOWS = {w.name: w for w in (TWO_STEP, INTAKE)}
