"""Who is told what when somebody took a step with an entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from hoitu.core import clock
from hoitu.core.access import SYSTEM, Account, Actor, audit, staff_of
from hoitu.core.content import ActionContext, ContentType, Item, ScheduledStep, actions
from hoitu.core.events import Event, StepFailed, StepTaken
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit, unit_scope

#: States in which an entry is with somebody who takes it further, and the one visitors see.
_HANDED_IN, _PUBLIC = frozenset({"submitted", "reviewed"}), "published"
#: Answers who works in the unit with this id, today.
Staff = Callable[[int], list[tuple[Account, Actor]]]
#: What the log calls a step that was planned and could not be taken.
FAILED = "unscheduled"
#: Steps whose note in the log gives no reason.
_UNTOLD = frozenset({"schedule"})
#: Who took a step, and when.
_DONE = {
    "submit": lazy_gettext("%(who)s submitted it at %(at)s."),
    "forward": lazy_gettext("%(who)s handed it on at %(at)s."),
    "return": lazy_gettext("%(who)s returned it at %(at)s."),
    "publish": lazy_gettext("%(who)s published it at %(at)s."),
    "publish_urgently": lazy_gettext("%(who)s published it urgently at %(at)s."),
    "schedule": lazy_gettext("%(who)s approved it at %(at)s."),
    "lapse": lazy_gettext("%(who)s changed the text or the rules of approval at %(at)s."),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is told of one entry: never what is written in it."""

    account: Account
    unit: Unit
    type: str
    item_id: int
    line: str
    #: Who did it, why, what is asked and by when: a line each.
    told: tuple[str, ...]
    #: Names the step that was taken, for ever.
    key: str


@dataclass(frozen=True, slots=True)
class _Case:
    """A step that was taken, and what everybody who is told of it has to know."""

    context: ActionContext
    kind: ContentType
    item: Item
    #: Name of the step, and who took it; None where the platform did, or nobody could.
    step: str
    actor_id: int | None
    entry: audit.AuditEntry | None
    staff: list[tuple[Account, Actor]]

    def notice(self, account: Account, line: str, asked: str) -> Notice:
        """Return a notice to one person; ``asked``: what they are to do."""
        key = f"step#{self.entry.id if self.entry else 0}#{self.item.id}#{self.step}"
        named = f"{line}: {self.kind.full_name_of(self.item)}"
        told = tuple(filter(None, (self._done(), self._reason(), asked, self._due())))
        return Notice(account, self.context.unit, self.kind.name, self.item.id, named, told, key)

    @property
    def who(self) -> str:
        """The name of whoever took the step."""
        if self.entry is None or self.entry.actor == SYSTEM.name:
            return str(_("The system"))
        return self.entry.actor

    def _done(self) -> str:
        if self.entry is None or self.step not in _DONE:
            return ""
        at = clock.format_instant(self.entry.at)
        return str(_DONE[self.step]) % {"who": self.who, "at": at}

    def _reason(self) -> str:
        """Return why; of what a visitor sent, nothing leaves the desk, not in others' words."""
        note = self.entry.detail.get("note", "") if self.entry is not None else ""
        if not note or self.step in _UNTOLD or self.kind.receivable:
            return ""
        return str(_("Reason: %(reason)s", reason=note))

    def _due(self) -> str:
        day = self.item.approve_by
        if day is None or actions.work_state(self.item) not in _HANDED_IN:
            return ""
        return str(_("Needed by: %(day)s", day=clock.format_date(day)))

    def plan(self, state: str) -> ScheduledStep | None:
        """Return the newest publication of the entry that is planned, or that failed."""
        found: ScheduledStep | None = session().scalar(
            select(ScheduledStep)
            .where(
                ScheduledStep.item_id == self.item.id,
                ScheduledStep.step == "publish",
                ScheduledStep.state == state,
            )
            .order_by(ScheduledStep.id.desc())
            .limit(1)
        )
        return found

    def member(self, account_id: int | None) -> Account | None:
        """Return a member of the staff who still works with this, unless it is who took the step.

        Who planned a publication need not write such entries.
        """
        if account_id is None or account_id == self.actor_id:
            return None
        some = (*self.able("edit"), *self.able("review"), *self.able("publish"))
        return next((account for account in some if account.id == account_id), None)

    def account(self, account_id: int | None) -> Account | None:
        """Return a member of the staff who may still write this, unless it is who took the step."""
        if account_id is None or account_id == self.actor_id:
            return None
        return next((a for a in self.able("edit") if a.id == account_id), None)

    def able(self, verb: str) -> list[Account]:
        """Return who may do something with entries of this type today."""
        permission, unit_id = self.kind.permission(verb), self.context.unit.id
        return [account for account, actor in self.staff if actor.can(permission, unit_id)]

    def instead(self, *account_ids: int | None) -> list[Account]:
        """Return who sees to an entry that was the work of these, who may write it no longer."""
        named = {one for one in account_ids if one is not None}
        if not named or self.actor_id in named:
            return []
        return [account for account in self.able("publish") if account.id != self.actor_id]


def notices_of(event: Event, staff: Staff | None = None) -> list[Notice]:
    """Return everything there is to tell of an event, as the entry stands now.

    ``staff`` answers for the staff of a unit; whoever asks for many events asks the database once.
    """
    if isinstance(event, StepTaken):
        return _told_of(event, event.step, event.account_id, staff)
    if isinstance(event, StepFailed):
        return _told_of(event, FAILED, None, staff)
    return []


def _told_of(
    event: StepTaken | StepFailed, step: str, actor_id: int | None, staff: Staff | None
) -> list[Notice]:
    unit, kind = platform.units.by_id(event.unit_id), platform.types.get(event.type)
    tell = _TELLERS.get(step)
    if unit is None or kind is None or tell is None:
        return []
    with unit_scope(unit.id):
        item = session().get(kind.model, event.item_id)
        if item is None:
            return []
        context = ActionContext.of(platform, session(), SYSTEM, unit)
        people = staff(unit.id) if staff else staff_of(session(), unit.id, context.clock.today())
        entry = _entry(event, step)
        return tell(_Case(context, kind, item, step, actor_id, entry, people))


def _entry(event: StepTaken | StepFailed, step: str) -> audit.AuditEntry | None:
    """Return the entry in the log of the last step of this name with the item."""
    found: audit.AuditEntry | None = session().scalar(
        select(audit.AuditEntry)
        .where(
            audit.AuditEntry.unit_id == event.unit_id,
            audit.AuditEntry.object_type == event.type,
            audit.AuditEntry.object_id == str(event.item_id),
            audit.AuditEntry.action == f"item.{step}",
        )
        .order_by(audit.AuditEntry.id.desc())
        .limit(1)
    )
    return found


def _handed_on(case: _Case) -> list[Notice]:
    """Tell whoever was asked to look at it and their deputies, or else all who may take it on."""
    item = case.item
    state = actions.work_state(item)
    if state not in _HANDED_IN:
        return []
    able = [
        (account, actor)
        for account, actor in case.staff
        if account.id != case.actor_id and _may_take_on(case, actor)
    ]
    asked = [
        (account, actor)
        for account, actor in able
        if item.reviewer_id is not None
        and (account.id == item.reviewer_id or item.reviewer_id in actor.deputises)
    ]
    found = []
    for account, actor in asked or able:
        label = replace(case.context, actor=actor).workflow_of(case.kind).label(state)
        found.append(case.notice(account, str(label), _asked_of(case, actor)))
    return found


def _asked_of(case: _Case, actor: Actor) -> str:
    """Return what somebody who may take an entry further is asked to do with it."""
    state = actions.work_state(case.item)
    verb = actions.onward_verb(replace(case.context, actor=actor), case.kind, state)
    if verb == "review":
        return str(_("Please check it: hand it to the approver, or return it with a reason."))
    return str(_("Please approve it: publish it, or return it with a reason."))


def _may_take_on(case: _Case, actor: Actor) -> bool:
    steps = actions.steps(replace(case.context, actor=actor), case.item)
    return any(step.completes and not step.urgent for step in steps)


def _returned(case: _Case) -> list[Notice]:
    """Tell whoever handed it in, or is responsible for it, and why it came back.

    Who may write it no longer cannot mend it: then those who may publish give it to somebody.
    """
    item = case.item
    if actions.work_state(item) not in {"returned", "submitted"}:
        return []
    account = case.account(item.submitter_id) or case.account(item.responsible_id)
    if account is not None:
        line = _("Returned to you by %(who)s", who=case.who)
        return [case.notice(account, line, _("Please correct it and submit it again."))]
    line = _("Returned by %(who)s, to somebody who no longer writes in this section", who=case.who)
    left = case.instead(item.submitter_id, item.responsible_id)
    return [case.notice(one, line, _("Please give it to somebody of the unit.")) for one in left]


def _published(case: _Case) -> list[Notice]:
    """Tell whoever is responsible for it."""
    account = case.account(case.item.responsible_id)
    if account is None or case.item.state != _PUBLIC:
        return []
    return [case.notice(account, _("Published"), _("You need not do anything."))]


def _scheduled(case: _Case) -> list[Notice]:
    """Tell whoever handed it in, or is responsible for it, that it is approved, and for when."""
    plan = case.plan("waiting")
    account = case.account(case.item.submitter_id) or case.account(case.item.responsible_id)
    if plan is None or account is None:
        return []
    at = clock.format_instant(plan.run_at)
    line = _("Approved, will be published at %(at)s", at=at)
    asked = _("You need not do anything. If the text is changed before, it needs approval anew.")
    return [case.notice(account, line, asked)]


def _lapsed(case: _Case) -> list[Notice]:
    """Tell those who may take it on, and those whose it is, that its approval holds no longer."""
    plan = case.plan("failed")
    if plan is None:
        return []
    at = clock.format_instant(plan.run_at)
    line = _("Planned to be published at %(at)s, needs approval anew", at=at)
    name = case.kind.full_name_of(case.item)
    told = {one.account.id: replace(one, line=f"{line}: {name}") for one in _handed_on(case)}
    asked = _("It is not published until somebody approved it anew. The planned time is kept.")
    if actions.work_state(case.item) not in _HANDED_IN:
        asked = _("Please submit it: it is published once somebody approved it.")
    for account_id in (plan.account_id, case.item.submitter_id, case.item.responsible_id):
        account = case.member(account_id)
        if account is not None and account.id not in told:
            told[account.id] = case.notice(account, line, asked)
    return list(told.values())


def _published_urgently(case: _Case) -> list[Notice]:
    """Tell everybody who may approve it afterwards, and whoever is responsible for it."""
    if case.item.urgent_at is None:
        return []
    approvers = [one for one in case.able("publish") if one.id != case.item.urgent_by_id]
    line = _("Published urgently, to be approved afterwards")
    asked = _("Please approve it afterwards, or take it off the site.")
    told = [case.notice(account, line, asked) for account in approvers]
    ids = {account.id for account in approvers}
    return told + [one for one in _published(case) if one.account.id not in ids]


def _failed(case: _Case) -> list[Notice]:
    """Tell whoever is responsible, or else may publish, that a planned step could not be taken.

    So are told whoever planned it and those who have the text: they can plan it anew.
    """
    owner, plan = case.item.responsible_id, case.plan("failed")
    account = case.account(owner)
    told: list[Account | None] = [account] if account else [*case.instead(owner)]
    planner = case.member(plan.account_id) if plan is not None else None
    told += [planner, *(one.account for one in _handed_on(case))]
    line = _("A planned step could not be taken")
    asked = _("Please open it, correct what is wrong, and plan it anew.")
    people = {one.id: one for one in told if one is not None}
    return [case.notice(one, line, asked) for one in people.values()]


_TELLERS: dict[str, Callable[[_Case], list[Notice]]] = {
    "submit": _handed_on,
    "forward": _handed_on,
    "return": _returned,
    "publish": _published,
    "publish_urgently": _published_urgently,
    "schedule": _scheduled,
    "lapse": _lapsed,
    FAILED: _failed,
}
