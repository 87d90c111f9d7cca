"""What can be done to many entries of a list, and what has to be told along with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from hoitu.core.admin import work
from hoitu.core.admin.colleagues import Colleagues
from hoitu.core.admin.narrowing import Narrowing, options_of
from hoitu.core.batches import Batch
from hoitu.core.batches.bulk import ENTRUST, MOVE, REVIEW, STEP
from hoitu.core.content import (
    Choice,
    ContentType,
    Day,
    Field,
    Flag,
    Paragraphs,
    Reference,
    Transition,
)
from hoitu.core.content.actions import WITHDRAWALS
from hoitu.core.content.item import PUBLISHED
from hoitu.core.extensions import platform
from hoitu.core.forms import EntryForm, form_of

#: Fields of the form that asks for what is needed.
NOTE, REASON, ACCOUNT, NEXT_BY = "note", "withdrawn_for", "account_id", "next_by"


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be done: its name in the form, what it is called, kind and ``params``."""

    name: str
    label: Any
    kind: str
    params: Mapping[str, Any]


def offered(kind: ContentType, state: str = "") -> list[Offer]:
    """Return what the account may do to several entries of a type, all in a state if one is given.

    Whether it is possible for one entry is that entry's result.
    """
    found = [
        Offer(f"{STEP}-{step.name}", step.label, STEP, {"step": step.name})
        for step in work.context().workflow_of(kind).transitions
        if _is_offered(kind, step, state)
    ]
    if not work.may(kind, "edit") or state in ("trashed", "archived"):
        return found
    if movable(kind):
        found.append(Offer(MOVE, _("Move and sort anew"), MOVE, {}))
    found.append(Offer(ENTRUST, _("Make somebody responsible"), ENTRUST, {}))
    if state in ("", PUBLISHED):
        found.append(Offer(REVIEW, _("Set the review date"), REVIEW, {}))
    return found


def offers_of(chosen: Narrowing) -> list[Offer]:
    """Return what is offered below a list as it is narrowed."""
    return offered(chosen.kind, chosen.state)


def movable(kind: ContentType) -> dict[str, Field]:
    """Return the fields that sort the entries of a type and can be set for many at once."""
    found = {"requirement": kind.fields["requirement"]} if "requirement" in kind.fields else {}
    found |= kind.filters
    return {n: f for n, f in found.items() if isinstance(f.kind, Choice | Reference | Flag)}


def transition_of(batch: Batch) -> Transition | None:
    """Return the step a batch takes; None for other work, or when the workflow has it no more."""
    kind = platform.types.get(batch.type)
    if batch.kind != STEP or kind is None:
        return None
    steps = work.context().workflow_of(kind).transitions
    return next((step for step in steps if step.name == batch.params["step"]), None)


def question(batch: Batch, sent: Any = None) -> EntryForm:
    """Return the form of what has to be told before a batch can begin; maybe without entries."""
    return form_of(_asked(batch))(sent)


def answer(batch: Batch, form: EntryForm) -> dict[str, Any] | None:
    """Return what the form adds to the batch's ``params``; None when something is wrong with it."""
    if not list(form.entries()):
        # Whoever made it told everything already.
        return {}
    if not form.validate() or not form.demand(_needed(batch)):
        return None
    entered = {name: value for name, value in form.values().items() if value not in (None, "")}
    return _READ.get(batch.kind, _as_entered)(form, entered)


def _as_entered(_form: EntryForm, entered: dict[str, Any]) -> dict[str, Any]:
    return entered


def _values(form: EntryForm, entered: dict[str, Any]) -> dict[str, Any] | None:
    if not entered:
        form.form_errors.append(_("Choose what is to be changed."))
        return None
    return {"values": entered}


def _account(_form: EntryForm, entered: dict[str, Any]) -> dict[str, Any]:
    return {ACCOUNT: int(entered[ACCOUNT])}


def _next_day(form: EntryForm, entered: dict[str, Any]) -> dict[str, Any] | None:
    day = Day().clean(entered[NEXT_BY])
    if day is None or day <= platform.clock.today():
        form.entry(NEXT_BY).refuse(_("Choose a day that is yet to come."))
        return None
    return {NEXT_BY: day.isoformat()}


_READ = {MOVE: _values, ENTRUST: _account, REVIEW: _next_day}


def _is_offered(kind: ContentType, step: Transition, state: str) -> bool:
    # Whoever passes by the approval answers for each text; taking back is for one's own.
    if step.urgent or step.own or (state and state not in step.sources):
        return False
    # Editors may throw away drafts of their own.
    return work.may(kind, "edit" if step.name == "trash" else step.verb)


def _needed(batch: Batch) -> Iterable[str]:
    step = transition_of(batch)
    if step is not None and step.needs_note:
        return (NOTE,)
    return {ENTRUST: (ACCOUNT,), REVIEW: (NEXT_BY,)}.get(batch.kind, ())


def _asked(batch: Batch) -> Sequence[Field]:
    kind = platform.types.get(batch.type)
    if kind is None:
        return ()
    if batch.kind == MOVE:
        return [_settable(kind, declared) for declared in movable(kind).values()]
    if batch.kind == ENTRUST:
        able = [(str(a.account_id), a.name) for a in Colleagues(work.context()).editors(kind)]
        return (Field(Choice(lambda: able), _("Responsible"), name=ACCOUNT),)
    if batch.kind == REVIEW:
        told = _("It is noted that they were looked at today and are still right.")
        return (Field(Day(), _("To be looked at again by"), help=told, name=NEXT_BY),)
    step, asked = transition_of(batch), []
    if step is not None and step.name == "unpublish":
        # Into which entry a text was merged is told of one text at a time.
        reasons = [(key, label) for key, label in WITHDRAWALS.items() if key != "merged"]
        told = _("Visitors who follow an old link are told.")
        asked.append(Field(Choice(lambda: reasons), _("Why they leave the site"), help=told,
                           name=REASON))  # fmt: skip
    if step is not None and step.needs_note:
        told = _("Their authors read it; it is kept in the log.")
        asked.append(Field(Paragraphs(2000), _("Reason"), help=told, name=NOTE))
    return asked


def _settable(kind: ContentType, declared: Field) -> Field:
    """Return a field as one of the form: by default it stays as it is."""
    options = options_of(declared)
    if declared.name == "requirement":
        hidden = work.hidden_requirements(kind)
        options = [option for option in options if option[0] not in hidden]
    return replace(declared, kind=Choice(lambda: options), required=False, help="")
