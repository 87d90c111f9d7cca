"""Approval: who takes a text further, who may not, and what is told along with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, PermissionDenied, RoleGrant, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Editorial, Item, PreviewLink, Refused, actions
from hoitu.core.content.actions import StepDetails
from hoitu.core.extensions import Platform
from hoitu.core.units import Unit

pytestmark = pytest.mark.both_databases

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]
#: Opens the context of one person, as they may act on the day of the clock.
As = Callable[..., AbstractContextManager[ActionContext]]
TYPE, SECTION = "legal_document", "legal_documents"
THREE: dict[str, Any] = {"approval": "three_step"}


@pytest.fixture
def people(hire: Callable[..., int]) -> dict[str, int]:
    """Return one person of each role, by role."""
    roles = ("editor", "reviewer", "approver", "unit_admin")
    return {role: hire(f"Người {role}", role) for role in roles}


@pytest.fixture
def handed_in(acting: As, people: dict[str, int], document: Values) -> Callable[..., int]:
    """Return a function that writes and submits a text: its id."""

    def make(by: str | int = "editor", details: StepDetails | None = None, **rules: Any) -> int:
        who = people[by] if isinstance(by, str) else by
        with acting(who, **rules) as work:
            item = actions.create(work, TYPE, document(f"{who}/KH-UBND"))
            return actions.advance(work, item, "submit", details=details or StepDetails()).id

    return make


def of(work: ActionContext, item_id: int) -> Any:
    return work.session.get_one(Item, item_id)


def names(work: ActionContext, item_id: int) -> set[str]:
    return {step.name for step in actions.steps(work, of(work, item_id))}


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return " ".join(str(problem) for problem in caught.value.problems)


# -- four eyes --------------------------------------------------------------------------------


def test_nobody_publishes_a_text_they_submitted_themselves(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in("approver")
    with acting(people["approver"]) as work:
        assert "publish" not in names(work, item_id)
        told = refusal(lambda: actions.publish(work, of(work, item_id)))
        assert "somebody else approves it" in told
    with acting(people["unit_admin"]) as work:
        assert "publish" in names(work, item_id)
        assert actions.publish(work, of(work, item_id)).state == "published"


def test_a_draft_is_submitted_before_anybody_publishes_it(
    acting: As, people: dict[str, int], document: Values
) -> None:
    with acting(people["approver"]) as work:
        item = actions.create(work, TYPE, document())
        assert "Submit the text first" in refusal(lambda: actions.publish(work, item))
        assert item.state == "draft"


def test_where_one_person_does_everything_the_rule_is_off(
    acting: As, people: dict[str, int], document: Values
) -> None:
    with acting(people["approver"], four_eyes=False) as work:
        item = actions.create(work, TYPE, document())
        # Passing by the approval is for those who cannot simply publish.
        assert {"publish", "publish_urgently"} & names(work, item.id) == {"publish"}
        assert actions.publish(work, item).state == "published"


def test_what_the_platform_imports_was_approved_elsewhere(desk: Desk, document: Values) -> None:
    with desk() as work:
        item = actions.create(replace(work, editorial=Editorial(**THREE)), TYPE, document())
        assert actions.publish(work, item).state == "published"


# -- three steps ------------------------------------------------------------------------------


def test_three_steps_write_check_approve(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in(**THREE)
    with acting(people["approver"], **THREE) as work:
        assert "publish" not in names(work, item_id)
        assert "not possible" in refusal(lambda: actions.publish(work, of(work, item_id)))
    with acting(people["reviewer"], **THREE) as work:
        assert {"forward", "return"} <= names(work, item_id)
        item = actions.advance(work, of(work, item_id), "forward")
        assert (item.state, item.submitter_id) == ("reviewed", people["editor"])
        assert "publish" not in names(work, item_id)
    with acting(people["approver"], **THREE) as work:
        item = actions.publish(work, of(work, item_id))
        assert (item.state, item.submitter_id) == ("published", None)


def test_nobody_checks_a_text_they_submitted_themselves(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in("reviewer", **THREE)
    with acting(people["reviewer"], **THREE) as work:
        assert "forward" not in names(work, item_id)
        told = refusal(lambda: actions.advance(work, of(work, item_id), "forward"))
        assert "somebody else checks it" in told
    with acting(people["approver"], **THREE) as work:
        actions.advance(work, of(work, item_id), "forward")


def test_a_reviewer_may_not_publish_and_an_editor_may_not_check(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in(**THREE)
    for role, step in (("editor", "forward"), ("editor", "return"), ("reviewer", "publish")):
        with acting(people[role], **THREE) as work, pytest.raises(PermissionDenied):
            actions.advance(work, of(work, item_id), step, "x")


def test_a_unit_that_goes_from_three_steps_to_two_leaves_nobody_stuck(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    waiting, checked, back = handed_in(**THREE), handed_in("unit_admin", **THREE), 0
    with acting(people["reviewer"], **THREE) as work:
        actions.advance(work, of(work, checked), "forward")
    with acting(people["approver"]) as work:
        assert actions.publish(work, of(work, waiting)).state == "published"
        assert actions.publish(work, of(work, checked)).state == "published"
    # And from two to three: what was submitted is checked first.
    back = handed_in("approver")
    with acting(people["reviewer"], **THREE) as work:
        actions.advance(work, of(work, back), "forward")
    with acting(people["unit_admin"], **THREE) as work:
        assert actions.publish(work, of(work, back)).state == "published"


# -- back to its author -----------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_a_text_is_returned_with_a_reason_or_not_at_all(
    acting: As, people: dict[str, int], handed_in: Callable[..., int], reason: str
) -> None:
    item_id = handed_in()
    with acting(people["approver"]) as work:
        told = refusal(lambda: actions.advance(work, of(work, item_id), "return", reason))
        assert "Say why" in told
        item = actions.advance(work, of(work, item_id), "return", "Thiếu căn cứ")
        assert (item.state, item.submitter_id) == ("returned", people["editor"])
        entry = work.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None and entry.detail["note"] == "Thiếu căn cứ"


def test_only_whoever_submitted_a_text_takes_it_back(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in(details=StepDetails(reviewer_id=people["approver"]))
    for role in ("reviewer", "approver", "unit_admin"):
        with acting(people[role]) as work:
            assert "take_back" not in names(work, item_id)
            told = refusal(lambda: actions.advance(work, of(work, item_id), "take_back"))
            assert "Only whoever submitted" in told
    with acting(people["editor"]) as work:
        assert "take_back" in names(work, item_id)
        item = actions.advance(work, of(work, item_id), "take_back")
        assert (item.state, item.reviewer_id, item.approve_by) == ("draft", None, None)


def test_an_own_draft_may_be_thrown_away_by_its_author_until_somebody_has_it(
    acting: As, people: dict[str, int], hire: Callable[..., int], document: Values
) -> None:
    other = hire("Người khác", "editor")
    with acting(people["editor"]) as work:
        item = actions.create(work, TYPE, document())
        item_id = item.id
        assert "trash" in names(work, item_id)
    with acting(other) as work:
        assert "trash" not in names(work, item_id)
        with pytest.raises(PermissionDenied):
            actions.trash(work, of(work, item_id))
    with acting(people["editor"]) as work:
        actions.submit(work, of(work, item_id))
        assert "trash" not in names(work, item_id)
        with pytest.raises(PermissionDenied):
            actions.trash(work, of(work, item_id))
        actions.advance(work, of(work, item_id), "take_back")
        assert actions.trash(work, of(work, item_id)).state == "trashed"


def test_what_was_public_once_is_not_thrown_away_by_its_author(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in()
    with acting(people["approver"]) as work:
        actions.publish(work, of(work, item_id))
        actions.unpublish(work, of(work, item_id), "Sai số liệu")
        actions.advance(work, of(work, item_id), "archive")
    with acting(people["editor"]) as work:
        item = actions.advance(work, of(work, item_id), "restore")
        assert item.state == "draft"
        with pytest.raises(PermissionDenied):
            actions.trash(work, item)


# -- urgently ---------------------------------------------------------------------------------


@pytest.fixture
def urgent(acting: As, people: dict[str, int], document: Values) -> int:
    with acting(people["approver"]) as work:
        item = actions.create(work, TYPE, document())
        return actions.advance(work, item, "publish_urgently", "Bão số 9").id


def test_what_cannot_wait_is_published_at_once_marked_and_for_a_reason(
    acting: As, people: dict[str, int], document: Values, clock: FrozenClock
) -> None:
    with acting(people["approver"]) as work:
        item: Any = actions.create(work, TYPE, document())
        assert "publish_urgently" in names(work, item.id)
        told = refusal(lambda: actions.advance(work, item, "publish_urgently"))
        assert "cannot wait" in told
        assert item.state == "draft"
        actions.advance(work, item, "publish_urgently", "Bão số 9")
        assert item.state == "published"
        assert (item.urgent_at, item.urgent_by_id) == (clock.now(), people["approver"])
    with acting(people["editor"]) as work:
        other = actions.create(work, TYPE, document("1/KH-UBND"))
        with pytest.raises(PermissionDenied):
            actions.advance(work, other, "publish_urgently", "Bão số 9")


def test_somebody_else_approves_it_afterwards(
    acting: As, people: dict[str, int], urgent: int
) -> None:
    with acting(people["approver"]) as work:
        told = refusal(lambda: actions.approve_afterwards(work, of(work, urgent)))
        assert "somebody else approves it" in told
    for role in ("editor", "reviewer"):
        with acting(people[role]) as work, pytest.raises(PermissionDenied):
            actions.approve_afterwards(work, of(work, urgent))
    with acting(people["unit_admin"]) as work:
        item = actions.approve_afterwards(work, of(work, urgent), "Đã xem")
        assert (item.state, item.urgent_at, item.urgent_by_id) == ("published", None, None)
        assert "does not wait" in refusal(lambda: actions.approve_afterwards(work, item))


def test_whoever_published_urgently_cannot_end_the_approval_by_taking_it_off(
    acting: As, people: dict[str, int], urgent: int
) -> None:
    with acting(people["approver"]) as work:
        item = actions.unpublish(work, of(work, urgent), "Nhầm")
        assert item.urgent_by_id == people["approver"]
    with acting(people["unit_admin"]) as work:
        assert actions.approve_afterwards(work, of(work, urgent)).urgent_at is None


def test_taking_an_urgent_text_off_the_site_is_an_answer_when_somebody_else_does(
    acting: As, people: dict[str, int], urgent: int
) -> None:
    with acting(people["unit_admin"]) as work:
        item = actions.unpublish(work, of(work, urgent), "Không đúng thẩm quyền")
        assert (item.state, item.urgent_at, item.urgent_by_id) == ("unpublished", None, None)


# -- asking somebody by name ------------------------------------------------------------------


def test_a_named_approver_and_a_day_are_kept_until_the_text_moves_on(
    acting: As, people: dict[str, int], handed_in: Callable[..., int], clock: FrozenClock
) -> None:
    day = clock.today() + timedelta(days=3)
    item_id = handed_in(details=StepDetails(reviewer_id=people["approver"], due_on=day))
    with acting(people["editor"]) as work:
        item = of(work, item_id)
        assert (item.reviewer_id, item.approve_by) == (people["approver"], day)
        actions.edit(work, item, {"signer": "Trần Văn B"})
        assert item.reviewer_id == people["approver"]
    with acting(people["unit_admin"]) as work:
        # Naming somebody asks them; whoever else may approve still may.
        item = actions.publish(work, of(work, item_id))
        assert (item.reviewer_id, item.approve_by) == (None, None)


def test_whoever_is_named_must_be_able_to_take_the_step(
    acting: As,
    people: dict[str, int],
    hire: Callable[..., int],
    handed_in: Callable[..., int],
    platform: Platform,
    other_unit: Unit,
) -> None:
    elsewhere = hire("Nơi khác", "approver", at=other_unit)
    narrow = hire("Mục khác", "approver", section="news")
    gone = hire("Đã nghỉ", "approver")
    with platform.open_session(True) as session:
        session.get_one(Account, gone).active = False
        session.commit()
    cannot = {people["editor"], people["reviewer"], elsewhere, narrow, gone, 2**31 - 1}
    for account_id in cannot:
        told = refusal(lambda: handed_in(details=StepDetails(reviewer_id=account_id)))  # noqa: B023
        assert "may not take the next step" in told
    # A reviewer is who is asked where a text is checked first.
    handed_in(details=StepDetails(reviewer_id=people["reviewer"]), **THREE)
    in_section = hire("Mục này", "approver", section=SECTION)
    handed_in(details=StepDetails(reviewer_id=in_section))


def test_nobody_is_asked_to_approve_what_they_submitted(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    own = StepDetails(reviewer_id=people["approver"])
    assert "next step" in refusal(lambda: handed_in("approver", own))
    assert handed_in("approver", own, four_eyes=False)
    item_id = handed_in("approver", **THREE)
    with acting(people["reviewer"], **THREE) as work:
        item = of(work, item_id)
        assert "next step" in refusal(lambda: actions.advance(work, item, "forward", "", own))
        other = StepDetails(reviewer_id=people["unit_admin"])
        assert actions.advance(work, item, "forward", "", other).reviewer_id == other.reviewer_id


@pytest.mark.parametrize(("days", "fits"), [(-1, False), (0, True), (30, True)])
def test_a_day_that_has_passed_is_refused(
    handed_in: Callable[..., int], clock: FrozenClock, days: int, fits: bool
) -> None:
    details = StepDetails(due_on=clock.today() + timedelta(days=days))
    if fits:
        assert handed_in(details=details)
    else:
        assert "has passed" in refusal(lambda: handed_in(details=details))


# -- leaving the public -----------------------------------------------------------------------


def test_why_a_text_leaves_the_site_is_one_of_the_list_and_leads_somewhere_real(
    acting: As, people: dict[str, int], handed_in: Callable[..., int], other_unit: Unit,
    publish: Callable[..., int], document: Values,
) -> None:  # fmt: skip
    item_id, draft = handed_in(), handed_in("unit_admin")
    target, foreign = publish(TYPE, **document("5/KH")), publish(TYPE, other_unit, **document())
    with acting(people["approver"]) as work:
        item = actions.publish(work, of(work, item_id))

        def off(reason: str, to: int | None = None) -> Item:
            return actions.advance(
                work, item, "unpublish", "Lý do", StepDetails(withdrawn_for=reason, withdrawn_to=to)
            )

        assert "reasons of the list" in refusal(lambda: off("whim"))
        assert "merged into" in refusal(lambda: off("merged"))
        for wrong in (item_id, draft, foreign, 2**62):
            assert "public entry" in refusal(lambda: off("merged", wrong))  # noqa: B023
        assert item.state == "published"
        off("merged", target)
        assert (item.withdrawn_for, item.withdrawn_to) == ("merged", target)
    with acting(people["editor"]) as work:
        actions.submit(work, of(work, item_id))
    with acting(people["approver"]) as work:
        item = actions.publish(work, of(work, item_id))
        assert (item.withdrawn_for, item.withdrawn_to) == ("", None)


# -- a new version of what is public ----------------------------------------------------------


def test_a_waiting_version_goes_through_the_same_steps(
    acting: As, people: dict[str, int], publish: Callable[..., int], document: Values
) -> None:
    item_id = publish(TYPE, **document())
    with acting(people["editor"], **THREE) as work:
        item: Any = actions.edit(work, of(work, item_id), {"summary": "Bản mới"})
        ask = StepDetails(reviewer_id=people["reviewer"])
        actions.advance(work, item, "submit", "", ask)
        assert (item.state, item.draft_state, item.reviewer_id) == (
            "published", "submitted", people["reviewer"],
        )  # fmt: skip
    with acting(people["reviewer"], **THREE) as work:
        assert "publish" not in names(work, item_id)
        actions.advance(work, of(work, item_id), "forward")
    with acting(people["approver"], **THREE) as work:
        item = of(work, item_id)
        assert item.summary == "Xây dựng nền tảng hội tụ"
        actions.publish(work, item)
        assert (item.summary, item.draft_state, item.state) == ("Bản mới", "", "published")


def test_a_discarded_version_is_asked_of_nobody_any_more(
    acting: As, people: dict[str, int], publish: Callable[..., int], document: Values
) -> None:
    item_id = publish(TYPE, **document())
    with acting(people["editor"]) as work:
        item: Any = actions.edit(work, of(work, item_id), {"summary": "Bản mới"})
        ask = StepDetails(reviewer_id=people["approver"], due_on=date(2026, 12, 1))
        actions.advance(work, item, "submit", "", ask)
        actions.discard_draft(work, item)
        assert (item.submitter_id, item.reviewer_id, item.approve_by) == (None, None, None)


# -- rights in one section --------------------------------------------------------------------


def test_rights_in_one_section_end_at_its_border(
    acting: As, hire: Callable[..., int], handed_in: Callable[..., int], document: Values
) -> None:
    here, there = (
        hire("Ở đây", "approver", section=SECTION),
        hire("Kia", "approver", section="news"),
    )
    item_id = handed_in()
    with acting(there) as work:
        assert names(work, item_id) == set()
        with pytest.raises(PermissionDenied):
            actions.publish(work, of(work, item_id))
        with pytest.raises(PermissionDenied):
            actions.create(work, TYPE, document())
    with acting(here) as work:
        assert actions.publish(work, of(work, item_id)).state == "published"
        with pytest.raises(PermissionDenied):
            actions.create(work, "news_article", {"title": "x"})


# -- deputies ---------------------------------------------------------------------------------


@pytest.fixture
def principal(hire: Callable[..., int]) -> int:
    return hire("Trưởng phòng", "approver")


def test_a_deputy_approves_within_the_days_and_not_before_or_after(
    acting: As, people: dict[str, int], principal: int, stand_in: Callable[..., None],
    handed_in: Callable[..., int], clock: FrozenClock,
) -> None:  # fmt: skip
    stand_in(principal, people["reviewer"], first=1, last=2)
    item_id, may = handed_in(), []
    for _day in range(4):
        with acting(people["reviewer"]) as work:
            may.append("publish" in names(work, item_id))
            assert bool(work.actor.deputises) == may[-1]
        clock.move(timedelta(days=1))
    assert may == [False, True, True, False]


def test_a_deputy_stands_in_only_in_that_unit_and_section(
    acting: As, hire: Callable[..., int], stand_in: Callable[..., None],
    handed_in: Callable[..., int], other_unit: Unit, platform: Platform,
) -> None:  # fmt: skip
    narrow = hire("Duyệt tin", "approver", section="news")
    deputy = hire("Thay mặt", "editor")
    with platform.open_session(True) as session:
        account = session.get_one(Account, narrow)
        accounts.grant(session, account, "approver", other_unit.id)
        accounts.grant(session, session.get_one(Account, deputy), "editor", other_unit.id)
        session.commit()
    stand_in(narrow, deputy)
    with acting(deputy) as work:
        assert work.actor.can("news.publish", work.unit.id)
        assert not work.actor.can(f"{SECTION}.publish", work.unit.id)
        assert not work.actor.can("news.publish", other_unit.id)


@pytest.mark.parametrize("loss", ["role", "account", "own role"])
def test_a_deputation_ends_with_what_it_rests_on(
    acting: As, hire: Callable[..., int], principal: int, stand_in: Callable[..., None],
    platform: Platform, unit: Unit, loss: str,
) -> None:  # fmt: skip
    deputy = hire("Thay mặt", "editor")
    stand_in(principal, deputy, last=30)
    with acting(deputy) as work:
        assert work.actor.can(f"{SECTION}.publish", unit.id)
    with platform.open_session(True) as session:
        if loss == "account":
            session.get_one(Account, principal).active = False
        else:
            whose = principal if loss == "role" else deputy
            grants = select(RoleGrant).where(RoleGrant.account_id == whose)
            accounts.revoke(session, session.scalars(grants).one())
        session.commit()
    with acting(deputy) as work:
        assert not work.actor.can(f"{SECTION}.publish", unit.id)
        assert work.actor.can(f"{SECTION}.edit", unit.id) == (loss != "own role")
        assert not work.actor.deputises


def test_a_deputy_hands_nothing_on_and_administers_nothing(
    acting: As, people: dict[str, int], hire: Callable[..., int], stand_in: Callable[..., None],
    unit: Unit,
) -> None:  # fmt: skip
    first, second = hire("Thứ nhất", "editor"), hire("Thứ hai", "editor")
    stand_in(people["unit_admin"], first)
    stand_in(first, second)
    with acting(first) as work:
        assert work.actor.can(f"{SECTION}.publish", unit.id)
        for kept in ("core.accounts", "core.modules", f"{SECTION}.delete"):
            assert not work.actor.can(kept, unit.id)
    with acting(second) as work:
        assert not work.actor.can(f"{SECTION}.publish", unit.id)


def test_a_deputy_cannot_approve_their_own_text(
    acting: As, people: dict[str, int], principal: int, stand_in: Callable[..., None],
    handed_in: Callable[..., int],
) -> None:  # fmt: skip
    stand_in(principal, people["editor"])
    item_id = handed_in("editor")
    with acting(people["editor"]) as work:
        assert work.actor.can(f"{SECTION}.publish", work.unit.id)
        told = refusal(lambda: actions.publish(work, of(work, item_id)))
        assert "somebody else approves it" in told
    # Whose deputy they are approves it; not the other way round.
    with acting(principal) as work:
        assert actions.publish(work, of(work, item_id)).state == "published"


# -- whose an entry is ------------------------------------------------------------------------


def test_an_entry_is_given_to_somebody_who_may_edit_it(
    acting: As, people: dict[str, int], hire: Callable[..., int], document: Values,
    other_unit: Unit,
) -> None:  # fmt: skip
    elsewhere = hire("Nơi khác", "editor", at=other_unit)
    with acting(people["editor"]) as work:
        item = actions.create(work, TYPE, document())
        for wrong in (elsewhere, 2**31 - 1):
            told = refusal(lambda: actions.entrust(work, item, wrong))  # noqa: B023
            assert "may not edit" in told
        assert actions.entrust(work, item, people["reviewer"]).responsible_id == people["reviewer"]
    with acting(elsewhere) as work, pytest.raises(PermissionDenied):
        actions.entrust(work, item, elsewhere)


def test_an_answer_that_is_closed_and_taken_up_again_was_returned_to_nobody(
    acting: As, people: dict[str, int], desk: Desk
) -> None:
    with desk() as work:
        values = {"title": "Hỏi", "question": "Khi nào?"}
        kind = work.types["question"]
        known = {n: v for n, v in values.items() if n in kind.fields}
        item: Any = actions.create(work, "question", known)
        item.state, item.submitter_id = "reviewed", people["editor"]
        work.session.flush()
        actions.advance(work, item, "archive", "Trùng lặp")
        actions.advance(work, item, "restore")
        assert (item.state, item.submitter_id) == ("submitted", None)


# -- no way round -----------------------------------------------------------------------------


def test_discarding_where_no_version_waits_changes_nothing(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in("approver")
    with acting(people["approver"]) as work:
        told = refusal(lambda: actions.discard_draft(work, of(work, item_id)))
        assert "No new version waits" in told
        assert of(work, item_id).submitter_id == people["approver"]
        assert "publish" not in names(work, item_id)


def test_whoever_changes_a_text_that_was_handed_in_cannot_approve_it(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in("editor")
    with acting(people["approver"]) as work:
        actions.edit(work, of(work, item_id), {"summary": "Something else altogether"})
        assert "publish" not in names(work, item_id)
        assert "publish_urgently" in names(work, item_id)
    with acting(people["unit_admin"]) as work:
        assert "publish" in names(work, item_id)


def test_what_is_changed_after_it_was_checked_is_checked_again(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in("editor", **THREE)
    with acting(people["reviewer"], **THREE) as work:
        assert actions.advance(work, of(work, item_id), "forward").state == "reviewed"
    with acting(people["editor"], **THREE) as work:
        assert actions.edit(work, of(work, item_id), {"summary": "Changed"}).state == "submitted"


def test_a_deputy_does_not_approve_for_whoever_submitted(
    acting: As,
    people: dict[str, int],
    handed_in: Callable[..., int],
    stand_in: Callable[..., None],
) -> None:
    own, others = handed_in("approver"), handed_in("unit_admin")
    stand_in(people["approver"], people["editor"])
    with acting(people["editor"]) as work:
        assert "publish" not in names(work, own)
        assert "stand in" in refusal(lambda: actions.publish(work, of(work, own)))
        assert "publish" in names(work, others)
    # Whoever else lends the right makes the difference.
    stand_in(people["unit_admin"], people["editor"])
    with acting(people["editor"]) as work:
        assert "publish" in names(work, own)


def test_nobody_ends_the_waiting_for_their_own_urgent_publication(
    acting: As, people: dict[str, int], document: Values
) -> None:
    with acting(people["approver"]) as work:
        item = actions.create(work, TYPE, document("9/KH-UBND"))
        item_id = actions.advance(work, item, "publish_urgently", "It cannot wait").id
    with acting(people["editor"]) as work:
        actions.edit(work, of(work, item_id), {"summary": "A comma"})
        actions.submit(work, of(work, item_id))
    with acting(people["approver"]) as work:
        actions.publish(work, of(work, item_id))
        assert of(work, item_id).urgent_at is not None
    with acting(people["editor"]) as work:
        actions.edit(work, of(work, item_id), {"summary": "Another"})
        actions.submit(work, of(work, item_id))
    with acting(people["unit_admin"]) as work:
        actions.publish(work, of(work, item_id))
        assert of(work, item_id).urgent_at is None


def test_only_whoever_began_a_draft_throws_it_away_without_the_right(
    acting: As, people: dict[str, int], document: Values
) -> None:
    with acting(people["approver"]) as work:
        item_id = actions.create(work, TYPE, document("10/KH-UBND")).id
    with acting(people["editor"]) as work:
        actions.entrust(work, of(work, item_id), people["editor"])
        assert "trash" not in names(work, item_id)
        with pytest.raises(PermissionDenied):
            actions.trash(work, of(work, item_id))


def test_what_was_entrusted_to_somebody_else_is_not_thrown_away_by_its_author(
    acting: As, people: dict[str, int], document: Values
) -> None:
    with acting(people["editor"]) as work:
        item_id = actions.create(work, TYPE, document("10/KH-UBND")).id
        assert "trash" in names(work, item_id)
        actions.entrust(work, of(work, item_id), people["reviewer"])
        assert "trash" not in names(work, item_id)
        with pytest.raises(PermissionDenied):
            actions.trash(work, of(work, item_id))


def test_only_what_is_public_is_confirmed(
    acting: As, people: dict[str, int], handed_in: Callable[..., int]
) -> None:
    item_id = handed_in("editor")
    with acting(people["approver"]) as work:
        item = of(work, item_id)
        later = date(2027, 1, 1)
        assert "Only what is published" in refusal(
            lambda: actions.confirm_review(work, item, later)
        )


def test_what_leaves_the_public_takes_its_preview_links_along(
    acting: As, people: dict[str, int], desk: Desk, publish: Callable[..., int], document: Values
) -> None:
    item_id = publish(TYPE, **document("11/KH-UBND"))
    with acting(people["unit_admin"]) as work:
        link, _secret = actions.share(work, of(work, item_id), 7, "Sở")
        link_id = link.id
        actions.unpublish(work, of(work, item_id), "A mistake")
    with desk() as work:
        actions.publish(work, of(work, item_id))
        assert work.session.get_one(PreviewLink, link_id).revoked_at is not None
