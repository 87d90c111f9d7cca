"""Steps: the workflow taken one transition at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import inspect

from hoitu.core.access import Actor
from hoitu.core.content import accessibility, preview_links
from hoitu.core.content.actions import planned, rules, versions
from hoitu.core.content.actions.context import ActionContext
from hoitu.core.content.actions.linking import index_text, index_waiting
from hoitu.core.content.actions.recording import event_of, flush, record
from hoitu.core.content.actions.saving import apply, waiting_values
from hoitu.core.content.item import DRAFT, PUBLISHED, TRASHED, File, Item
from hoitu.core.content.problems import Problem, Refused
from hoitu.core.content.types import ContentType
from hoitu.core.content.workflow import RESTING, RETURNED, REVIEWED, SUBMITTED, Transition
from hoitu.core.events import StepTaken, append


@dataclass(frozen=True, slots=True)
class StepDetails:
    """What is told along with a step."""

    #: Account of whoever is asked to check or approve; None: whoever gets to it first.
    reviewer_id: int | None = None
    #: The day by which they are asked to.
    due_on: date | None = None
    #: Why an item leaves the public, a key of ``WITHDRAWALS``; '' = nothing is told.
    withdrawn_for: str = ""
    #: The item of this unit that visitors are led to instead.
    withdrawn_to: int | None = None


def advance(
    context: ActionContext,
    item: Item,
    name: str,
    note: str = "",
    details: StepDetails = StepDetails(),
) -> Item:
    """Take one step of the workflow, by the name of its transition.

    What takes an original off the site, or into the trash, takes its translations along.

    :raises PermissionDenied: the actor may not take the step.
    :raises Refused: the step does not lead from the present state, the rules of the unit leave it
        to somebody else, the item is incomplete, a note is missing, or a plugin objects; every
        reason is listed.
    """
    kind = context.type_of(item)
    transition = context.workflow_of(kind).transition(name)
    state = standing(item, transition)
    if not has_right(context, item, transition):
        context.actor.demand(kind.permission(transition.verb), item.unit_id)
    if state not in transition.sources:
        raise Refused([Problem("", _("This step is not possible in the present state."))])
    if hindrance := rules.hindrance(context, item, transition):
        raise Refused([Problem("", hindrance)])
    if transition.needs_note and not note.strip():
        raise Refused([Problem("note", rules.why(transition))])
    problems = rules.of_details(context, item, transition, details)
    if problems := problems + versions.problems(context, item, transition):
        raise Refused(problems)
    translations = versions.following(context, item, transition)
    if not all(has_right(context, one, transition) for one in translations):
        # Only with a draft of one's own: whoever may take an entry may take what says the same.
        message = _("This entry has a translation with which you may not do the same. Ask for it.")
        raise Refused([Problem("", message)])
    for one in (item, *translations):
        _take(context, one, transition, note, details)
    return item


def _take(
    context: ActionContext, item: Item, transition: Transition, note: str, details: StepDetails
) -> None:
    """Take a step that may be taken, and record it.

    :raises Refused: the item is incomplete, or a plugin objects.
    """
    state, waiting = standing(item, transition), item.draft_id
    with context.session.begin_nested():
        # A refusal undoes the step alone; what the caller saved before stays.
        with context.session.no_autoflush:
            _STEPS.get(transition.name, _move)(context, item, transition)
            _note_people(context, item, transition, details, state)
            item.updated_at, item.updated_by = context.now(), context.actor.name
            planned.follow(context, item, transition)
        flush(context)
        if problems := _objections(context, item, transition):
            raise Refused(problems)
    if waiting is not None and item.draft_id is None:
        index_text(context, item)
        index_waiting(context, item)
    record(context, item, transition.name, event_of(item, state), note)
    taken = StepTaken(item.unit_id, item.id, item.type, transition.name, context.actor.account_id)
    append(context.session, taken, context.now())


def _note_people(
    context: ActionContext, item: Item, transition: Transition, details: StepDetails, state: str
) -> None:
    """Note who handed the text in, who is to look at it until when, and why it left the public.

    ``state`` is where it stood before the step.
    """
    if transition.target in (SUBMITTED, REVIEWED) and transition.completes:
        if transition.verb == "edit":
            item.submitter_id = context.actor.account_id
        item.reviewer_id, item.approve_by = details.reviewer_id, details.due_on
    else:
        item.reviewer_id = item.approve_by = None
    if state == PUBLISHED and item.urgent_by_id != context.actor.account_id:
        # Whoever takes it off the site has looked at it; the one who published it cannot end that.
        item.urgent_at = item.urgent_by_id = None
    if transition.target in RESTING or transition.name == "restore":
        item.submitter_id = None
    if transition.target == PUBLISHED:
        item.submitter_id = None
        if transition.urgent:
            item.urgent_at, item.urgent_by_id = context.now(), context.actor.account_id
        elif item.urgent_by_id != context.actor.account_id or context.actor.is_system:
            item.urgent_at = item.urgent_by_id = None
        item.withdrawn_for, item.withdrawn_to = "", None
    if transition.name == "unpublish":
        item.withdrawn_for, item.withdrawn_to = details.withdrawn_for, details.withdrawn_to


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


def gaps(context: ActionContext, item: Item) -> list[Problem]:
    """Return everything that keeps an item from being published.

    Texts that not everybody can read are kept back from people only: what the platform imports was
    published elsewhere already, and nobody would be there to mend it.
    """
    kind = context.type_of(item)
    missing = [
        Problem(name, _("%(field)s is missing.", field=f.label))
        for name, f in kind.fields.items()
        if f.required and f.is_empty(getattr(item, name))
    ]
    if not context.switchboard.section_on(context.unit, item.section, item.requirement or None):
        missing.append(Problem("", _("This section is switched off for your unit.")))
    if not context.actor.is_system:
        missing += accessibility.barriers(kind, item)
    savepoint = context.session.begin_nested
    return missing + context.hooks.check_item(item, context.unit, savepoint)


def steps(context: ActionContext, item: Item) -> list[Transition]:
    """Return the steps of the workflow that the actor may take with an item now."""
    kind = context.type_of(item)
    found = [
        transition
        for transition in context.workflow_of(kind).transitions
        if standing(item, transition) in transition.sources
        and has_right(context, item, transition)
        and not rules.hindrance(context, item, transition)
    ]
    names = {transition.name for transition in found}
    # Passing by the approval is for those who cannot simply publish.
    return [t for t in found if not (t.urgent and "publish" in names)]


def has_right(context: ActionContext, item: Item, transition: Transition) -> bool:
    """Say whether the actor has the right to a step, whatever state the item is in."""
    permission = context.type_of(item).permission(transition.verb)
    return context.actor.can(permission, item.unit_id) or _is_own_draft(context, item, transition)


def _is_own_draft(context: ActionContext, item: Item, transition: Transition) -> bool:
    """Say whether the actor throws away a text they began, that nobody else has at the moment."""
    return (
        transition.author_verb != ""
        and context.actor.account_id is not None
        and item.author_id == context.actor.account_id
        and item.responsible_id in (None, item.author_id)
        and item.published_from is None
        and item.state in (DRAFT, RETURNED)
        and context.actor.can(
            context.type_of(item).permission(transition.author_verb), item.unit_id
        )
    )


def reach(context: ActionContext, actor: Actor, kind: ContentType, verb: str) -> str:
    """Return with which texts of a type somebody may do ``verb`` here: ``all``, ``own`` or none.

    It asks what :func:`has_right` asks, without an item: ``own`` are drafts of one's own that
    nobody else has. A verb that no step of the type's workflow needs is nobody's; what visitors
    send is begun by nobody else.
    """
    transitions = context.workflow_of(kind).transitions
    needing = [transition for transition in transitions if transition.verb == verb]
    if (verb == "create" and kind.receivable) or not (needing or verb in ("create", "edit")):
        return ""
    if actor.can(kind.permission(verb), context.unit.id):
        return "all"
    rights = {transition.author_verb for transition in needing} - {""}
    own = any(actor.can(kind.permission(right), context.unit.id) for right in rights)
    return "own" if own else ""


def work_state(item: Item) -> str:
    """Return where the work on an item stands: its waiting version's state, or its own."""
    return item.draft_state or item.state


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


def standing(item: Item, transition: Transition) -> str:
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
    item.review_by = rules.next_review(context, item)
    kind.complete(item, context.now())


def _withdraw(context: ActionContext, item: Item, transition: Transition) -> None:
    """Leave the public; a waiting version becomes the draft."""
    if item.state == PUBLISHED:
        planned.remember_public(context, item)
    if transition.name != "restore":
        preview_links.end(context.session, item.id, context.now())
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
    apply(context, target, {n: fields[n].kind.load(v) for n, v in stored.items() if n in fields})


_STEPS: dict[str, Callable[[ActionContext, Item, Transition], None]] = {
    "publish": _publish,
    "publish_urgently": _publish,
    "unpublish": _withdraw,
    "archive": _withdraw,
    "trash": _withdraw,
    "restore": _withdraw,
}
