"""Shares: what of a unit's pending work falls to somebody, as conditions of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, ItemsView, Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from hoitu.core.admin.colleagues import Colleagues
from hoitu.core.admin.narrowing import stands_in, state_is
from hoitu.core.content import ActionContext, ContentType, Item, actions
from hoitu.core.content.item import DRAFT, PUBLISHED
from hoitu.core.content.scheduling import FAILED, START, WAITING, ScheduledStep
from hoitu.core.content.workflow import PENDING, RETURNED, REVIEWED, SUBMITTED

K = TypeVar("K")
#: How long before its day a published entry is shown as due to be looked at again.
AHEAD = timedelta(days=30)


class Share:
    """What falls to the context's actor in the context's unit."""

    def __init__(self, context: ActionContext, colleagues: Colleagues | None = None) -> None:
        self._context, self._actor = context, context.actor
        self.me = context.actor.account_id or 0
        self._colleagues = colleagues or Colleagues(context)
        self._kinds = [
            kind
            for manifest in context.switchboard.sections_on(context.unit)
            for kind in context.types.of_section(manifest.name)
        ]
        self._hidden = {kind.name: self._off(kind) for kind in self._kinds}

    # -- what waits for the actor -----------------------------------------------------------------

    def returned(self) -> ColumnElement[bool]:
        """Return what was given back to whoever submitted it, or is responsible for it."""
        handed_in = Item.submitter_id == self.me
        texts = [kind for kind in self._mine("edit") if kind.workflow.editorial]
        answers = [kind for kind in self._mine("edit") if not kind.workflow.editorial]
        return self._in(RETURNED, SUBMITTED) & or_(
            self._of(texts) & state_is(RETURNED) & or_(handed_in, Item.responsible_id == self.me),
            # An answer that is given back waits for an answer again; it had been handed in.
            self._of(answers) & state_is(SUBMITTED) & handed_in,
        )

    def waiting(self) -> ColumnElement[bool]:
        """Return what the actor may check or approve; not what others were asked to who can."""
        found: ColumnElement[bool] = false()
        for state, verb, kinds in self._steps_of_others():
            allowed_here = [k for k in kinds if self._may(k, verb)]
            key = partial(self._who_and_lenders, verb)
            for (able, own, _, lenders), group in _grouped(allowed_here, key):
                elsewhere: ColumnElement[bool] = Item.reviewer_id.in_(able - self.for_whom)
                if own:
                    elsewhere &= Item.reviewer_id != func.coalesce(Item.submitter_id, 0)
                open_to_me = or_(Item.reviewer_id.is_(None), ~elsewhere)
                not_mine = self._not_own(lenders, Item.submitter_id) if own else true()
                found |= self._of(group) & state_is(state) & open_to_me & not_mine
        return self._in(SUBMITTED, REVIEWED) & found & ~self._approved()

    def urgent(self) -> ColumnElement[bool]:
        """Return what others published without approval."""
        found: ColumnElement[bool] = false()
        for lenders, kinds in _grouped(self._mine("publish"), partial(self._lenders, "publish")):
            found |= self._of(kinds) & self._not_own(lenders, Item.urgent_by_id)
        return Item.urgent_at.is_not(None) & found

    def received(self) -> ColumnElement[bool]:
        """Return what visitors sent and nobody answered; what was given back is elsewhere."""
        kinds = [kind for kind in self._mine("edit") if not kind.workflow.editorial]
        fresh = func.coalesce(Item.submitter_id, 0) != self.me
        return self._in(SUBMITTED) & self._of(kinds) & state_is(SUBMITTED) & fresh

    def drafts(self) -> ColumnElement[bool]:
        """Return the actor's own drafts, and the new versions they began behind public entries."""
        begun = and_(Item.draft_state == DRAFT, Item.updated_by == self._actor.name)
        mine = or_(Item.responsible_id == self.me, Item.submitter_id == self.me, begun)
        found = self._of(self._mine("edit")) & state_is(DRAFT) & mine
        return self._in(DRAFT) & found & ~self._approved()

    def due(self) -> ColumnElement[bool]:
        """Return what is to be looked at again: one's own, and nobody's where one may publish."""
        due = and_(Item.state == PUBLISHED, Item.review_by <= self._context.clock.today() + AHEAD)
        mine = self._of(self._mine("edit")) & (Item.responsible_id == self.me)
        return due & or_(mine, self._left(self._mine("publish")))

    def failed(self) -> ColumnElement[bool]:
        """Return entries with a step that could not be taken when its time had come.

        A publication whose approval lapsed before waits for another one, with those who give it.
        """
        lapsed = and_(ScheduledStep.step == START, ScheduledStep.run_at > self._context.now())
        failed = (ScheduledStep.state == FAILED, ~lapsed)
        planned_by_me = exists().where(
            ScheduledStep.item_id == Item.id,
            ScheduledStep.unit_id == Item.unit_id,
            *failed,
            ScheduledStep.account_id == self.me,
        )
        mine = or_(Item.responsible_id == self.me, planned_by_me)
        left = self._left(self._mine("publish"))
        # Not a question asked of each entry of the unit: the few steps that failed lead to theirs.
        with_one = select(ScheduledStep.item_id).where(
            ScheduledStep.unit_id == self._context.unit.id, *failed
        )
        return Item.id.in_(with_one) & or_(self._of(self._mine("edit")) & mine, left)

    def ownerless(self) -> ColumnElement[bool]:
        """Return what is pending and nobody's, for those who may publish it."""
        kinds = self._mine("publish")
        texts = [kind for kind in kinds if kind.workflow.editorial]
        answers = [kind for kind in kinds if not kind.workflow.editorial]
        pending = or_(*(state_is(state) for state in PENDING))
        return self._in(*PENDING) & or_(
            self._left(texts) & pending,
            # What visitors sent is nobody's until somebody takes it up.
            self._left(answers) & or_(state_is(DRAFT), Item.responsible_id.is_not(None) & pending),
        )

    def sent(self) -> ColumnElement[bool]:
        """Return what the actor handed in and others have not decided on."""
        found: ColumnElement[bool] = false()
        for state, _verb, kinds in self._steps_of_others():
            found |= self._of([k for k in kinds if self._may(k, "edit")]) & state_is(state)
        waits = found & ~self._approved()
        return self._in(SUBMITTED, REVIEWED) & waits & (Item.submitter_id == self.me)

    def scheduled(self) -> ColumnElement[bool]:
        """Return what is approved and will be published as planned: of one's own, or by oneself."""
        mine = or_(Item.submitter_id == self.me, Item.responsible_id == self.me)
        planned = mine | self._approved(ScheduledStep.account_id == self.me)
        kinds = [k for k in self._kinds if self._may(k, "edit") or self._may(k, "publish")]
        return self._in(*PENDING) & self._of(kinds) & self._approved() & planned

    # -- what waits for nobody --------------------------------------------------------------------

    def stuck(self) -> ColumnElement[bool]:
        """Return what nobody of the unit can take further."""
        found: ColumnElement[bool] = false()
        for state, verb, kinds in self._steps_of_others():
            for (able, own, alone), group in _grouped(kinds, partial(self._who, verb)):
                left_out = alone if own else frozenset[int]()
                nobody = _nobody(able, left_out, Item.submitter_id)
                found |= self._of(group) & state_is(state) & nobody
        answers = [kind for kind in self._kinds if not kind.workflow.editorial]
        unheard = [kind for kind in answers if not self._colleagues.able(kind, "edit")]
        found |= self._of(unheard) & state_is(SUBMITTED)
        pending = self._in(*PENDING) & or_(found, self._abandoned())
        unanswered: ColumnElement[bool] = false()
        for (able, _, alone), group in _grouped(self._kinds, partial(self._who, "publish")):
            unanswered |= self._of(group) & _nobody(able, alone, Item.urgent_by_id)
        return or_(pending, Item.urgent_at.is_not(None) & unanswered)

    def _abandoned(self) -> ColumnElement[bool]:
        """Return drafts without an author where nobody may publish, and so nobody is shown them."""
        kinds = [kind for kind in self._kinds if not self._colleagues.able(kind, "publish")]
        found: ColumnElement[bool] = false()
        for able, group in _grouped(kinds, self._colleagues.owners):
            no_author = and_(
                _is_none_of(able, Item.responsible_id), _is_none_of(able, Item.submitter_id)
            )
            found |= self._of(group) & or_(state_is(DRAFT), state_is(RETURNED)) & no_author
        return found

    # -- parts ------------------------------------------------------------------------------------

    def _approved(self, *more: ColumnElement[bool]) -> ColumnElement[bool]:
        """Return the condition that somebody approved the text for a time that is to come."""
        planned = select(ScheduledStep.item_id).where(
            ScheduledStep.unit_id == self._context.unit.id,
            ScheduledStep.state == WAITING,
            ScheduledStep.step == START,
            # What nobody published when its time had come waits for people again.
            ScheduledStep.run_at > self._context.now(),
            *more,
        )
        return Item.id.in_(planned)

    def _in(self, *states: str) -> ColumnElement[bool]:
        """Return the condition that the work on an entry stands at one of the states.

        It follows from what it is joined to; but it names the few rows that wait by one index, and
        so nobody has to look through all that was ever published.
        """
        return stands_in(*sorted(states))

    def _off(self, kind: ContentType) -> list[str]:
        """Return the requirements of a type that are off here."""
        on = self._context.switchboard.requirements_on(self._context.unit, kind.section)
        return sorted(frozenset(kind.requirements) - on)

    def _mine(self, verb: str) -> list[ContentType]:
        return [kind for kind in self._kinds if self._may(kind, verb)]

    def _may(self, kind: ContentType, verb: str) -> bool:
        return self._actor.can(kind.permission(verb), self._context.unit.id)

    def _who(self, verb: str, kind: ContentType) -> tuple[frozenset[int], bool, frozenset[int]]:
        """Return who may take a step, whether never for their own texts, and whose nobody could."""
        return (
            self._colleagues.able(kind, verb),
            actions.demands_four_eyes(self._context, kind),
            self._colleagues.alone(kind, verb),
        )

    def _who_and_lenders(
        self, verb: str, kind: ContentType
    ) -> tuple[frozenset[int], bool, frozenset[int], frozenset[int]]:
        return *self._who(verb, kind), self._lenders(verb, kind)

    def _lenders(self, verb: str, kind: ContentType) -> frozenset[int]:
        return self._actor.only_through(kind.permission(verb), self._context.unit.id)

    def _not_own(self, lenders: frozenset[int], column: Any) -> ColumnElement[bool]:
        """Return the condition that an account is neither the actor's nor lends them the right."""
        return func.coalesce(column, 0).not_in({self.me, *lenders})

    @property
    def for_whom(self) -> frozenset[int]:
        """The accounts whose work is the actor's today: their own and whose deputy they are."""
        return frozenset({self.me, *self._actor.deputises})

    def _steps_of_others(self) -> Iterator[tuple[str, str, list[ContentType]]]:
        """Yield where texts wait for somebody who checks or approves, and the right that takes."""
        for state in (SUBMITTED, REVIEWED):
            verbs: dict[str, list[ContentType]] = defaultdict(list)
            for kind in self._kinds:
                verbs[actions.onward_verb(self._context, kind, state)].append(kind)
            for verb in ("review", "publish"):
                if verb in verbs:
                    yield state, verb, verbs[verb]

    def _left(self, kinds: list[ContentType]) -> ColumnElement[bool]:
        """Return the condition that nobody who could edit an entry is responsible for it."""
        found: ColumnElement[bool] = false()
        for able, group in _grouped(kinds, self._colleagues.owners):
            found |= self._of(group) & _is_none_of(able, Item.responsible_id)
        return found

    def _of(self, kinds: Iterable[ContentType]) -> ColumnElement[bool]:
        """Return the condition that an entry is of one of the types, and not switched off here."""
        whole, parts = [], []
        for kind in kinds:
            if hidden := self._hidden[kind.name]:
                parts.append(and_(Item.type == kind.name, Item.requirement.not_in(hidden)))
            else:
                whole.append(kind.name)
        return and_(Item.unit_id == self._context.unit.id, or_(Item.type.in_(whole), *parts))


def _grouped(
    kinds: Iterable[ContentType], key: Callable[[ContentType], K]
) -> ItemsView[K, list[ContentType]]:
    """Return types for which the same people come into question, together."""
    found: dict[K, list[ContentType]] = defaultdict(list)
    for kind in kinds:
        found[key(kind)].append(kind)
    return found.items()


def _is_none_of(able: frozenset[int], column: Any) -> ColumnElement[bool]:
    return or_(column.is_(None), column.not_in(able))


def _nobody(able: frozenset[int], alone: frozenset[int], column: Any) -> ColumnElement[bool]:
    """Return the condition that nobody is able, or only those who may not for that account."""
    return func.coalesce(column, 0).in_(alone) if able else true()
