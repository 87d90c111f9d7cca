"""Planning an item: when it is published, when it is taken down, and dropping the plan again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from hoitu.core import clock
from hoitu.core.access import requires
from hoitu.core.admin import work
from hoitu.core.admin.blueprint import blueprint
from hoitu.core.admin.flashes import PROBLEM
from hoitu.core.admin.item_page import VERSION
from hoitu.core.admin.steps import CHANGED, LOOK_AGAIN, sent_details, sent_version
from hoitu.core.content import (
    Conflict,
    ContentType,
    Invalid,
    Item,
    Paragraphs,
    Problem,
    Refused,
    ScheduledStep,
    Transition,
    actions,
    scheduling,
)
from hoitu.core.content.actions import StepDetails
from hoitu.core.content.item import PUBLISHED
from hoitu.core.content.scheduling import ENDS, FAILED, START, WAITING
from hoitu.core.content.workflow import PENDING
from hoitu.core.extensions import session
from hoitu.core.forms.builder import Complaint
from hoitu.core.web.access import current_actor
from hoitu.core.web.site import now

#: Names in the form: which step, when, and a remark. Why it ends is asked as for the step itself.
STEP, AT, NOTE, END = "step", "at", "note", "end"
#: What was planned before is listed up to here.
PAST = 20


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned step as the desk shows it."""

    step: ScheduledStep
    label: Any
    may_cancel: bool
    #: Its time is yet to come.
    ahead: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is planned for an item, and what the account may plan."""

    planned: Sequence[Planned]
    offers: Sequence[Transition]
    #: Its time is over; no worker has taken it down, or the step could not be taken.
    is_over: bool
    #: When it was to be published before its approval lapsed, to be approved for anew.
    lapsed_at: datetime | None

    def __bool__(self) -> bool:
        return bool(self.planned or self.offers)


@blueprint.app_context_processor
def values() -> dict[str, Any]:
    """Give the page of an item its part about plans."""
    if request.blueprint != blueprint.name:
        return {}
    return {"schedule_of": schedule_of, "publication_of": publication_of, "ENDS": ENDS}


def schedule_of(kind: ContentType, item: Item) -> Schedule:
    """Return what is planned for an item."""
    found = scheduling.unsettled(session(), item.id)
    over = item.published_until is not None and item.published_until <= now()
    lapsed = [s.run_at for s in found if (s.step, s.state) == (START, FAILED) and s.run_at > now()]
    return Schedule(
        planned=[_planned(kind, step) for step in found],
        offers=actions.plannable(work.context(), item),
        is_over=over and item.state == PUBLISHED,
        lapsed_at=max(lapsed, default=None),
    )


def publication_of(item: Item) -> datetime | None:
    """Return when a text that is approved will be published: one statement for a whole page."""
    if actions.work_state(item) not in PENDING:
        return None
    if "hoitu_publications" not in g:
        planned = select(ScheduledStep.item_id, ScheduledStep.run_at).where(
            ScheduledStep.state == WAITING,
            ScheduledStep.step == START,
            ScheduledStep.run_at > now(),
        )
        g.hoitu_publications = {row.item_id: row.run_at for row in session().execute(planned)}
    found: datetime | None = g.hoitu_publications.get(item.id)
    return found


@blueprint.route(f"/<type_name>/<{work.ID}:item_id>/hen-gio", methods=["GET", "POST"])
@requires("core.desk")
def schedule(type_name: str, item_id: int) -> ResponseReturnValue:
    """Show what is planned for an item, and what was; plan what the form asks for."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    if request.method == "GET":
        return _page(kind, item, [])
    name = request.form.get(STEP, "")
    known = {t.name: t for t in work.context().workflow_of(kind).transitions}
    if name not in known or name not in (START, *ENDS):
        abort(404)
    if not work.may(kind, known[name].verb):
        abort(403)
    try:
        if item.version != sent_version():
            raise Conflict(f"item {item.id} is at version {item.version}")
        _plan(item, name)
        session().commit()
    except Refused as refused:
        session().rollback()
        return _page(kind, item, [_complaint(kind, name, p) for p in refused.problems], 422)
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
    else:
        flash(_told(name))
    return redirect(url_for("desk.edit", type_name=kind.name, item_id=item.id), 303)


@blueprint.post(f"/<type_name>/<{work.ID}:item_id>/hen-gio/<{work.ID}:step_id>/huy")
@requires("core.desk")
def cancel_schedule(type_name: str, item_id: int, step_id: int) -> ResponseReturnValue:
    """Drop what is planned, or put away the message that it could not be done."""
    kind = work.kind_named(type_name)
    item = work.item_of(kind, item_id)
    found = session().get(ScheduledStep, step_id)
    if found is None or found.item_id != item.id:
        abort(404)
    if not _may_cancel(kind, found):
        abort(403)
    was_waiting = found.state == WAITING
    try:
        if item.version != sent_version():
            raise Conflict(f"item {item.id} is at version {item.version}")
        actions.cancel(work.context(), found)
        session().commit()
        flash(_("The plan is dropped.") if was_waiting else _("The message is put away."))
    except Conflict:
        session().rollback()
        flash(f"{CHANGED} {LOOK_AGAIN}", PROBLEM)
    return redirect(url_for("desk.edit", type_name=kind.name, item_id=item.id), 303)


def _plan(item: Item, name: str) -> None:
    """Plan the step that the form names.

    :raises Refused: something cannot be read, or the step cannot be planned.
    :raises Conflict: somebody else was faster.
    """
    try:
        note = Paragraphs(2000).clean(request.form.get(NOTE, ""))
    except Invalid as error:
        raise Refused([Problem(NOTE, error.message)]) from error
    at = _instant(request.form.get(AT, ""))
    details = sent_details(END) if name in ENDS else StepDetails()
    actions.schedule(work.context(), item, name, at, note, details)


def _told(name: str) -> str:
    """Return what is told after a step was planned."""
    at = clock.format_instant(_instant(request.form[AT]))
    if name == START:
        told = _(
            "Approved. It will be published at %(at)s. If the text is changed before, somebody has "
            "to approve it anew. Until then you can drop the plan on this page.",
            at=at,
        )
    else:
        told = _(
            "It will be taken off the site at %(at)s. Until then you can drop the plan on this "
            "page.",
            at=at,
        )
    return str(told)


def _instant(typed: str) -> datetime:
    try:
        return clock.parse_instant(typed)
    except (ValueError, OverflowError) as error:
        message = _("Write day and time as dd/mm/yyyy hh:mm, for example 27/11/2026 08:00.")
        raise Refused([Problem(AT, message)]) from error


def _complaint(kind: ContentType, name: str, problem: Problem) -> Complaint:
    """Return a problem for the summary of the page: beside the time, or of the entry's form."""
    if problem.field == AT:
        return Complaint(f"at-{name}", _("Day and time"), str(problem.message))
    declared = kind.fields.get(problem.field)
    return Complaint("", str(declared.label) if declared else "", str(problem.message))


def _page(
    kind: ContentType, item: Item, complaints: list[Complaint], code: int = 200
) -> ResponseReturnValue:
    past = (
        select(ScheduledStep)
        .where(ScheduledStep.item_id == item.id, ScheduledStep.state.in_(("done", "cancelled")))
        .order_by(ScheduledStep.id.desc())
        .limit(PAST)
    )
    body = render_template(
        "desk/schedule.html",
        kind=kind,
        item=item,
        complaints=complaints,
        past=[_planned(kind, step) for step in session().scalars(past)],
        VERSION=VERSION,
    )
    return body, code


def _planned(kind: ContentType, step: ScheduledStep) -> Planned:
    known = {t.name: t.label for t in work.context().workflow_of(kind).transitions}
    label = known.get(step.step, step.step)
    return Planned(step, label, _may_cancel(kind, step), step.run_at > now())


def _may_cancel(kind: ContentType, step: ScheduledStep) -> bool:
    own = step.account_id is not None and step.account_id == current_actor().account_id
    return work.may(kind, "edit" if own else "publish")
