"""Steps planned for later: taken once and on time, or kept with the reason why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from hoitu.core import clock as clocks
from hoitu.core.access import Account, PermissionDenied, RoleGrant, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, Refused, ScheduledStep, actions
from hoitu.core.content.actions import StepDetails
from hoitu.core.events import ItemPublished, OutboxEntry
from hoitu.core.extensions import Platform
from hoitu.core.jobs import Worker
from hoitu.core.kept import LIFE
from hoitu.core.units import UnitDirectory

pytestmark = pytest.mark.both_databases

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]
HOUR = timedelta(hours=1)


@pytest.fixture
def person(desk: Desk) -> Callable[[str], int]:
    """Return a function that makes an account with a role at the unit."""
    numbers = count()

    def hire(role: str) -> int:
        with desk() as work:
            email = f"{role}{next(numbers)}@thu.example"
            account = accounts.create(
                work.session, email=email, name=f"Bà {role}", password="x" * 20
            )
            accounts.grant(work.session, account, role, work.unit.id)
            return account.id

    return hire


@pytest.fixture
def acting(desk: Desk) -> Callable[[int], AbstractContextManager[ActionContext]]:
    """Return a function that opens the context of an account, with its rights of the day."""

    @contextmanager
    def act(account_id: int) -> Iterator[ActionContext]:
        with desk() as work:
            account = work.session.get_one(Account, account_id)
            yield replace(work, actor=accounts.actor(account, work.clock.today()))

    return act


@pytest.fixture
def handed_in(acting: Any, person: Any, document: Values) -> Callable[..., int]:
    """Return a function that writes a document and hands it in."""

    def write(**values: object) -> int:
        with acting(person("editor")) as work:
            item = actions.create(work, "legal_document", document(**values))
            return actions.submit(work, item).id

    return write


def item_of(work: ActionContext, item_id: int) -> Item:
    return work.session.get_one(Item, item_id)


def plan(
    acting: Any, who: int, item_id: int, step: str = "publish", after: timedelta = HOUR, **more: Any
) -> int:
    with acting(who) as work:
        at = work.now() + after
        return actions.schedule(work, item_of(work, item_id), step, at, **more).id


def outcome(desk: Desk, step_id: int) -> tuple[str, str]:
    with desk() as work:
        step = work.session.get_one(ScheduledStep, step_id)
        return step.state, step.message


def state(desk: Desk, item_id: int) -> str:
    with desk() as work:
        return item_of(work, item_id).state


# -- publishing ----------------------------------------------------------------------------------


def test_a_planned_text_is_published_at_its_time_by_whoever_planned_it(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any, site: Any
) -> None:
    item_id, approver = handed_in(), person("approver")
    step = plan(acting, approver, item_id)
    clock.move(HOUR - timedelta(minutes=1))
    drain()
    assert state(desk, item_id) == "submitted"
    clock.move(timedelta(minutes=1))
    drain()
    assert outcome(desk, step) == ("done", "")
    with desk() as work:
        item = item_of(work, item_id)
        assert item.state == "published"
        assert item.published_from == work.now()
        path = work.type_of(item).path(item)
        entries = work.session.scalars(
            select(AuditEntry).where(AuditEntry.object_id == str(item_id))
        ).all()
        told = {e.action: e for e in entries}
        assert told["item.publish"].account_id == approver
        assert "10:00 23/11/2026" in told["item.scheduled"].detail["note"]
    assert site().get(path).status_code == 200


def test_a_late_worker_takes_a_step_once_and_dates_it_as_planned(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, app: Any
) -> None:
    item_id = handed_in()
    planned = clock.now() + HOUR
    step = plan(acting, person("approver"), item_id)
    clock.move(timedelta(days=2))
    for worker in (Worker(app), Worker(app)):
        worker.drain()
    assert outcome(desk, step)[0] == "done"
    with desk() as work:
        assert item_of(work, item_id).published_from == planned
        kinds = work.session.scalars(select(OutboxEntry.kind)).all()
        assert kinds.count(ItemPublished.__name__) == 1


def test_a_step_whose_text_somebody_is_saving_is_left_for_the_next_turn(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any,
    platform: Platform,
) -> None:  # fmt: skip
    if platform.engine.name != "postgresql":
        pytest.skip("SQLite has one lock for everything")
    item_id = handed_in()
    step = plan(acting, person("approver"), item_id)
    clock.move(HOUR)
    with platform.engine.connect() as saving:
        row = select(Item.__table__.c.id).where(Item.__table__.c.id == item_id)
        saving.execute(row.with_for_update())
        drain()
        assert outcome(desk, step)[0] == "waiting"
    clock.move(timedelta(minutes=1))
    drain()
    assert outcome(desk, step)[0] == "done"


def test_two_workers_at_once_take_a_step_once(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, app: Any, drain: Any
) -> None:
    item_id = handed_in()
    step = plan(acting, person("approver"), item_id)
    clock.move(HOUR)
    threads = [Thread(target=Worker(app).drain) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain()
    assert outcome(desk, step)[0] == "done"
    with desk() as work:
        taken = select(AuditEntry.id).where(AuditEntry.action == "item.publish")
        assert len(work.session.scalars(taken).all()) == 1


def test_what_is_missing_is_told_when_the_publication_is_planned(
    person: Any, acting: Any, desk: Desk, document: Values
) -> None:
    approver = person("approver")
    with desk() as work:
        item = actions.create(work, "legal_document", document(number=""))
        item_id = item.id
    with pytest.raises(Refused), acting(approver) as work:
        actions.schedule(work, item_of(work, item_id), "publish", work.now() + HOUR)
    with desk() as work:
        assert work.session.scalars(select(ScheduledStep)).all() == []
        assert item_of(work, item_id).state == "draft"


def test_planning_leaves_the_item_where_it_is(
    handed_in: Any, person: Any, acting: Any, desk: Desk
) -> None:
    item_id = handed_in()
    plan(acting, person("approver"), item_id)
    with desk() as work:
        item = item_of(work, item_id)
        assert (item.state, item.published_from) == ("submitted", None)
        assert (
            work.session.scalars(
                select(OutboxEntry.kind).where(OutboxEntry.kind == ItemPublished.__name__)
            ).all()
            == []
        )


def test_nobody_plans_what_they_could_not_publish_now(
    handed_in: Any, person: Any, acting: Any, document: Values
) -> None:
    item_id = handed_in()
    with pytest.raises(PermissionDenied):
        plan(acting, person("editor"), item_id)
    approver = person("approver")
    with acting(approver) as work:
        own = actions.create(work, "legal_document", document(number="2/KH"))
        own_id = actions.submit(work, own).id
    with pytest.raises(Refused, match="người khác"):
        plan(acting, approver, own_id)


def test_the_right_is_asked_for_again_on_the_day(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    item_id, approver = handed_in(), person("approver")
    step = plan(acting, approver, item_id)
    with desk() as work:
        grant = work.session.scalars(select(RoleGrant).filter_by(account_id=approver)).one()
        accounts.revoke(work.session, grant)
    clock.move(HOUR)
    drain()
    told, message = outcome(desk, step)
    assert told == "failed"
    assert "Bà approver" in message
    assert state(desk, item_id) == "submitted"


def test_an_account_that_was_closed_publishes_nothing(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    item_id, approver = handed_in(), person("approver")
    step = plan(acting, approver, item_id)
    with desk() as work:
        work.session.get_one(Account, approver).active = False
    clock.move(HOUR)
    drain()
    assert outcome(desk, step)[0] == "failed"
    assert state(desk, item_id) == "submitted"


def test_a_text_changed_after_it_was_planned_stays_unpublished(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    item_id = handed_in()
    step = plan(acting, person("approver"), item_id)
    with acting(person("editor")) as work:
        actions.edit(work, item_of(work, item_id), {"summary": "Chữ khác"})
    with desk() as work:
        assert work.session.get_one(ScheduledStep, step).state == "failed", "told at once"
    clock.move(HOUR)
    drain()
    told, message = outcome(desk, step)
    assert told == "failed"
    assert "đã được sửa" in message
    assert state(desk, item_id) == "submitted"


def test_work_that_is_no_text_does_not_stop_a_publication(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    item_id, approver = handed_in(), person("approver")
    step = plan(acting, approver, item_id)
    with acting(approver) as work:
        actions.entrust(work, item_of(work, item_id), approver)
    clock.move(HOUR)
    drain()
    assert outcome(desk, step)[0] == "done"


def test_a_text_returned_meanwhile_is_not_published_and_that_is_told_at_once(
    handed_in: Any, person: Any, acting: Any, desk: Desk
) -> None:
    item_id = handed_in()
    step = plan(acting, person("approver"), item_id)
    with acting(person("unit_admin")) as work:
        actions.advance(work, item_of(work, item_id), "return", "Thiếu căn cứ")
    told, message = outcome(desk, step)
    assert told == "failed"
    assert "Trả lại" in message


def test_publishing_by_hand_leaves_nothing_planned(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    item_id, approver = handed_in(), person("approver")
    step = plan(acting, approver, item_id)
    with acting(approver) as work:
        actions.publish(work, item_of(work, item_id))
    assert outcome(desk, step) == ("cancelled", "")
    clock.move(HOUR)
    drain()
    assert outcome(desk, step) == ("cancelled", "")


def test_a_plugin_with_an_error_fails_the_step_and_not_the_others(
    handed_in: Any,
    person: Any,
    acting: Any,
    desk: Desk,
    clock: FrozenClock,
    drain: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = handed_in(), handed_in(number="2/KH")
    approver = person("approver")
    broken, sound = plan(acting, approver, first), plan(acting, approver, second)
    take = actions.scheduling._perform

    def perform(context: Any, item: Item, step: ScheduledStep) -> None:
        take(context, item, step)
        if item.id == first:
            raise ZeroDivisionError

    monkeypatch.setattr(actions.scheduling, "_perform", perform)
    clock.move(HOUR)
    drain()
    assert outcome(desk, broken)[0] == "failed"
    assert outcome(desk, sound)[0] == "done"
    assert (state(desk, first), state(desk, second)) == ("submitted", "published")


@pytest.fixture
def one_breaks(
    handed_in: Any, person: Any, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Exception], list[tuple[int, int]]]:
    """Return a function that plans three steps, of which the second meets an error once taken.

    It returns their ids with those of their items.
    """

    def plan_three(error: Exception) -> list[tuple[int, int]]:
        items = [handed_in(number=f"{n}/KH") for n in range(3)]
        approver = person("approver")
        perform = actions.scheduling._perform

        def breaks(context: Any, item: Item, step: ScheduledStep) -> None:
            perform(context, item, step)
            if item.id == items[1]:
                raise error

        monkeypatch.setattr(actions.scheduling, "_perform", breaks)
        return [(plan(acting, approver, item_id), item_id) for item_id in items]

    return plan_three


@pytest.mark.parametrize("kind", [IntegrityError, DataError])
def test_a_row_the_database_refuses_fails_its_step_and_no_other(
    one_breaks: Any, desk: Desk, clock: FrozenClock, drain: Any, kind: type[Exception]
) -> None:
    planned = one_breaks(kind("insert", {}, ValueError("not null")))
    clock.move(HOUR)
    drain()
    assert [outcome(desk, step)[0] for step, _ in planned] == ["done", "failed", "done"]
    assert [state(desk, item) for _, item in planned] == ["published", "submitted", "published"]


def test_what_was_taken_stays_when_the_database_goes_away(
    one_breaks: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    planned = one_breaks(OperationalError("update", {}, ConnectionError("gone")))
    clock.move(HOUR)
    drain()
    assert [outcome(desk, step)[0] for step, _ in planned] == ["done", "waiting", "waiting"]
    assert [state(desk, item) for _, item in planned] == ["published", "submitted", "submitted"]


def test_a_step_of_a_unit_nobody_knows_is_kept_with_the_reason(
    handed_in: Any,
    person: Any,
    acting: Any,
    desk: Desk,
    clock: FrozenClock,
    drain: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item_id = handed_in()
    step = plan(acting, person("approver"), item_id)
    clock.move(HOUR)
    with monkeypatch.context() as patched:
        patched.setattr(UnitDirectory, "by_id", lambda *_: None)
        drain()
    found, message = outcome(desk, step)
    assert (found, bool(message)) == ("failed", True)
    assert state(desk, item_id) == "submitted"


def test_more_than_a_batch_of_one_instant_is_all_taken(
    handed_in: Any,
    person: Any,
    acting: Any,
    desk: Desk,
    clock: FrozenClock,
    drain: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import hoitu.core.jobs.scheduled as job

    monkeypatch.setattr(actions.scheduling, "BATCH", 2)
    monkeypatch.setattr(job, "BATCH", 2)
    approver = person("approver")
    steps = [plan(acting, approver, handed_in(number=f"{n}/KH")) for n in range(5)]
    clock.move(HOUR)
    drain()
    assert {outcome(desk, step)[0] for step in steps} == {"done"}


# -- replacing, cancelling, times ----------------------------------------------------------------


def test_a_new_plan_replaces_the_one_before(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    item_id, approver = handed_in(), person("approver")
    first = plan(acting, approver, item_id)
    second = plan(acting, approver, item_id, after=3 * HOUR)
    assert outcome(desk, first)[0] == "cancelled"
    clock.move(2 * HOUR)
    drain()
    assert state(desk, item_id) == "submitted"
    clock.move(HOUR)
    drain()
    assert outcome(desk, second)[0] == "done"


def test_a_cancelled_step_is_not_taken(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    item_id, approver = handed_in(), person("approver")
    step = plan(acting, approver, item_id)
    with pytest.raises(PermissionDenied), acting(person("editor")) as work:
        actions.cancel(work, work.session.get_one(ScheduledStep, step))
    with acting(approver) as work:
        actions.cancel(work, work.session.get_one(ScheduledStep, step))
    clock.move(HOUR)
    drain()
    assert outcome(desk, step)[0] == "cancelled"
    assert state(desk, item_id) == "submitted"


def test_whoever_planned_a_step_and_may_not_edit_any_more_drops_nothing(
    handed_in: Any, person: Any, acting: Any, desk: Desk
) -> None:
    item_id, approver = handed_in(), person("approver")
    step = plan(acting, approver, item_id)
    with desk() as work:
        for grant in work.session.scalars(
            select(RoleGrant).where(RoleGrant.account_id == approver)
        ):
            work.session.delete(grant)
    with pytest.raises(PermissionDenied), acting(approver) as work:
        actions.cancel(work, work.session.get_one(ScheduledStep, step))
    assert outcome(desk, step) == ("waiting", "")


@pytest.mark.parametrize("after", [timedelta(0), -HOUR])
def test_the_time_must_be_yet_to_come(
    handed_in: Any, person: Any, acting: Any, after: timedelta
) -> None:
    with pytest.raises(Refused, match="chưa tới"):
        plan(acting, person("approver"), handed_in(), after=after)


def test_an_end_before_the_beginning_is_refused(
    handed_in: Any, person: Any, acting: Any, desk: Desk
) -> None:
    item_id, approver = handed_in(), person("approver")
    plan(acting, approver, item_id, after=2 * HOUR)
    with pytest.raises(Refused):
        plan(acting, approver, item_id, "unpublish", after=HOUR)
    plan(acting, approver, item_id, "unpublish", after=3 * HOUR)
    with pytest.raises(Refused):
        plan(acting, approver, item_id, after=4 * HOUR)


def test_only_publishing_and_taking_down_can_be_planned(
    handed_in: Any, person: Any, acting: Any
) -> None:
    for step in ("return", "trash", "publish_urgently", "nonsense"):
        with pytest.raises(Refused):
            plan(acting, person("unit_admin"), handed_in(number=f"{step[:3]}/KH"), step, note="x")


def test_a_question_nobody_answered_is_not_closed_by_the_clock(
    desk: Desk, person: Any, acting: Any, clock: FrozenClock, drain: Any
) -> None:
    with desk() as work:
        values = {"title": "Cấp đổi", "topic": "civil_status", "question": "Làm sao?"}
        answered = {"summary": "Làm sao?", "body": "<p>Như sau.</p>", "may_publish": True}
        item = actions.create(work, "question", {**values, **answered})
        item_id = item.id
    approver = person("approver")
    with acting(approver) as work:
        assert [t.name for t in actions.plannable(work, item_of(work, item_id))] == ["publish"]
    with pytest.raises(Refused):
        plan(acting, approver, item_id, "archive", note="Hết hạn")
    with desk() as work:
        actions.publish(work, item_of(work, item_id))
    with acting(approver) as work:
        assert [t.name for t in actions.plannable(work, item_of(work, item_id))] == ["archive"]
    step = plan(acting, approver, item_id, "archive")
    clock.move(HOUR)
    drain()
    assert outcome(desk, step)[0] == "done"
    assert state(desk, item_id) == "archived"


# -- leaving the public --------------------------------------------------------------------------


def test_a_page_is_gone_to_the_second_without_a_worker(
    publish: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, site: Any,
    document: Values, drain: Any,
) -> None:  # fmt: skip
    item_id = publish("legal_document", **document())
    with desk() as work:
        item = item_of(work, item_id)
        path = work.type_of(item).path(item)
    outdated = StepDetails(withdrawn_for="outdated")
    step = plan(acting, person("approver"), item_id, "unpublish", details=outdated)
    clock.move(HOUR - timedelta(seconds=1))
    assert site().get(path).status_code == 200
    clock.move(timedelta(seconds=1))
    assert site().get(path).status_code == 410
    assert site().get("/van-ban").get_data(as_text=True).count("389/KH-UBND") == 0
    drain()
    assert outcome(desk, step)[0] == "done"
    assert state(desk, item_id) == "unpublished"
    gone = site().get(path)
    assert gone.status_code == 410
    assert "23/11/2026" in gone.get_data(as_text=True)


def test_kept_parts_show_what_ended_for_a_minute_at_most(
    desk: Desk, person: Any, acting: Any, clock: FrozenClock, site: Any
) -> None:
    with desk() as work:
        article = {
            "requirement": "unit_activities",
            "genre": "news",
            "origin": "own",
            "title": "Phường ra quân dọn vệ sinh",
            "summary": "Sáng nay.",
            "body": "<p>Sáng nay.</p>",
        }
        item = actions.create(work, "news_article", article)
        item_id = actions.publish(work, item).id
    plan(acting, person("approver"), item_id, "unpublish")
    assert "dọn vệ sinh" in site().get("/").get_data(as_text=True)
    clock.move(HOUR - timedelta(seconds=1))
    assert "dọn vệ sinh" in site().get("/").get_data(as_text=True)
    clock.move(LIFE)
    assert "dọn vệ sinh" not in site().get("/").get_data(as_text=True)


def test_an_end_planned_before_publication_holds_from_then_on(
    handed_in: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    item_id, approver = handed_in(), person("approver")
    end = clock.now() + 3 * HOUR
    plan(acting, approver, item_id, "unpublish", after=3 * HOUR)
    plan(acting, approver, item_id)
    clock.move(HOUR)
    drain()
    with desk() as work:
        assert item_of(work, item_id).published_until == end


def test_cancelling_an_end_lets_the_page_stay(
    publish: Any, person: Any, acting: Any, desk: Desk, document: Values
) -> None:
    item_id, approver = publish("legal_document", **document()), person("approver")
    step = plan(acting, approver, item_id, "unpublish")
    with acting(approver) as work:
        actions.cancel(work, work.session.get_one(ScheduledStep, step))
    with desk() as work:
        assert item_of(work, item_id).published_until is None


def test_putting_a_failed_end_away_does_not_show_the_page_again(
    publish: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any,
    document: Values, site: Any,
) -> None:  # fmt: skip
    item_id, approver = publish("legal_document", **document()), person("approver")
    step = plan(acting, approver, item_id, "unpublish")
    with desk() as work:
        work.session.get_one(Account, approver).active = False
        item = item_of(work, item_id)
        path = work.type_of(item).path(item)
    clock.move(HOUR)
    drain()
    assert outcome(desk, step)[0] == "failed"
    with acting(person("unit_admin")) as work:
        actions.cancel(work, work.session.get_one(ScheduledStep, step))
    assert site().get(path).status_code == 404


def test_a_text_changed_meanwhile_still_ends(
    publish: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any,
    document: Values,
) -> None:  # fmt: skip
    item_id, approver = publish("legal_document", **document()), person("approver")
    step = plan(acting, approver, item_id, "unpublish")
    with acting(approver) as work:
        actions.edit(work, item_of(work, item_id), {"summary": "Bản sau"})
    clock.move(HOUR)
    drain()
    assert outcome(desk, step)[0] == "done"
    assert state(desk, item_id) == "unpublished"


def test_what_was_taken_down_can_be_published_again_without_an_end(
    publish: Any, person: Any, acting: Any, desk: Desk, clock: FrozenClock, drain: Any,
    document: Values, site: Any,
) -> None:  # fmt: skip
    item_id = publish("legal_document", **document())
    plan(acting, person("approver"), item_id, "unpublish")
    clock.move(HOUR)
    drain()
    with desk() as work:
        item = actions.publish(work, item_of(work, item_id))
        assert item.published_until is None
        path = work.type_of(item).path(item)
    assert site().get(path).status_code == 200


def test_the_scheduled_steps_of_another_unit_are_its_own(
    person: Any, acting: Any, desk: Desk, handed_in: Any, other_unit: Any
) -> None:
    plan(acting, person("approver"), handed_in())
    with desk(other_unit) as work:
        assert work.session.scalars(select(ScheduledStep)).all() == []


# -- reading times -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["30/11/2026 08:05", "08:05 30/11/2026", "30-11-2026 8h05", "8g05 30/11/2026",
     "2026-11-30T08:05"],
)  # fmt: skip
def test_times_are_read_in_vietnamese_time(typed: str) -> None:
    assert clocks.format_instant(clocks.parse_instant(typed)) == "08:05 30/11/2026"


@pytest.mark.parametrize(
    "typed", ["", "30/11/2026", "08:05", "31/02/2026 08:05", "30/11/2026 25:00", "30/11/2026 8:"]
)
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        clocks.parse_instant(typed)
