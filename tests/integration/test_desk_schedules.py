"""Planning at the desk, through the forms a browser is shown, and the calendar."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, ScheduledStep, actions
from hoitu.core.content.actions import StepDetails

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]
TYPE = "legal_document"
DAY = "ngay-2026-11-30"


@pytest.fixture
def submitted(staff: Staff, write: Callable[..., str]) -> Callable[..., str]:
    """Return a function that hands a document in: its path at the desk."""
    return lambda **values: write(staff("editor"), then__step="submit", **values)


def planned(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    with desk() as work:
        rows = work.session.scalars(select(ScheduledStep).order_by(ScheduledStep.id))
        return [(row.step, row.state, row.details) for row in rows]


def form_of(page: Any, step: str) -> Any:
    return next(f for f in page.forms if f.values.get("step") == [step])


def test_an_approver_plans_publication_and_end_and_drops_a_plan(
    staff: Staff, submitted: Any, desk: Desk
) -> None:
    approver, path = staff("approver"), submitted()
    page = approver.open(path)
    done = approver.send(form_of(page, "publish"), at="30/11/2026 08:00", note="Đúng ngày")
    assert done.status == 303
    page = approver.open(path)
    assert "08:00 30/11/2026" in page.text
    done = approver.send(form_of(page, "unpublish"), at="8h30 31/12/2026")
    assert done.status == 303
    assert [row[:2] for row in planned(desk)] == [("publish", "waiting"), ("unpublish", "waiting")]
    assert planned(desk)[1][2]["withdrawn_for"] == "outdated"

    page = approver.open(path)
    assert approver.send(page.form("/huy")).status == 303
    assert [row[1] for row in planned(desk)] == ["cancelled", "waiting"]
    assert "08:00 30/11/2026" in approver.open(f"{path}/hen-gio").text
    with desk() as work:
        entries = work.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.like("item.%schedule"))
        ).all()
        assert entries == ["item.schedule", "item.schedule", "item.unschedule"]


@pytest.mark.parametrize(
    "typed", ["", "30/11/2026", "hôm nay", "31/02/2026 08:00", "1/1/0001 1:00"]
)
def test_a_time_that_cannot_be_read_is_told_and_nothing_typed_is_lost(
    staff: Staff, submitted: Any, desk: Desk, typed: str
) -> None:
    approver, path = staff("approver"), submitted()
    form = form_of(approver.open(path), "unpublish")
    refused = approver.send(form, at=typed, note="Ghi chú riêng", **{"step-end-why": "mistake"})
    assert refused.status == 422
    assert 'href="#at-unpublish"' in refused.text
    again = form_of(refused, "unpublish").values
    assert (again["at"], again["note"]) == ([typed], ["Ghi chú riêng"])
    assert again["step-end-why"] == ["mistake"]
    assert planned(desk) == []


def test_what_is_missing_is_told_at_once(staff: Staff, submitted: Any, desk: Desk) -> None:
    approver, path = staff("approver"), submitted()
    with desk() as work:
        item = work.session.get_one(Item, int(path.rpartition("/")[2]))
        actions.edit(work, item, {"number": ""})
    refused = approver.send(form_of(approver.open(path), "publish"), at="30/11/2026 08:00")
    assert refused.status == 422
    assert "Số, ký hiệu" in refused.text
    assert planned(desk) == []


def test_an_editor_is_offered_no_plan_and_sees_what_is_planned(
    staff: Staff, submitted: Any, desk: Desk
) -> None:
    approver, editor, path = staff("approver"), staff("editor"), submitted()
    approver.send(form_of(approver.open(path), "publish"), at="30/11/2026 08:00")
    page = editor.open(path)
    assert "08:00 30/11/2026" in page.text
    assert not [f for f in page.forms if f.action.endswith(("/hen-gio", "/huy"))]
    version = approver.open(path).form("/hen-gio").values["expected-version"][0]
    sent = {"step": "publish", "at": "30/11/2026 09:00", "expected__version": version}
    assert editor.post(f"{path}/hen-gio", **sent).status == 403
    assert len(planned(desk)) == 1


def test_a_text_changed_since_the_page_was_opened_is_not_planned(
    staff: Staff, submitted: Any, desk: Desk
) -> None:
    approver, path = staff("approver"), submitted()
    form = form_of(approver.open(path), "publish")
    with desk() as work:
        item = work.session.get_one(Item, int(path.rpartition("/")[2]))
        actions.edit(work, item, {"summary": "Chữ khác"})
    answer = approver.send(form, at="30/11/2026 08:00")
    assert answer.status == 303
    assert "Có người khác đã sửa" in approver.open(path).text
    assert planned(desk) == []


def test_a_plan_is_not_dropped_from_a_page_that_is_out_of_date(
    staff: Staff, submitted: Any, desk: Desk
) -> None:
    approver, path = staff("approver"), submitted()
    approver.send(form_of(approver.open(path), "publish"), at="30/11/2026 08:00")
    form = approver.open(path).form("/huy")
    with desk() as work:
        item = work.session.get_one(Item, int(path.rpartition("/")[2]))
        planner = work.session.scalars(select(ScheduledStep.account_id)).one()
        assert planner is not None
        actions.entrust(work, item, planner)
    assert approver.send(form).status == 303
    assert "Có người khác đã sửa" in approver.open(path).text
    assert [row[1] for row in planned(desk)] == ["waiting"]
    assert approver.send(form, expected__version=None).status == 303
    assert [row[1] for row in planned(desk)] == ["waiting"]
    assert approver.send(approver.open(path).form("/huy")).status == 303
    assert [row[1] for row in planned(desk)] == ["cancelled"]


def test_the_page_warns_when_the_planned_text_was_changed(
    staff: Staff, submitted: Any, desk: Desk
) -> None:
    approver, path = staff("approver"), submitted()
    approver.send(form_of(approver.open(path), "publish"), at="30/11/2026 08:00")
    assert "Cần duyệt lại" not in approver.open(path).text
    with desk() as work:
        item = work.session.get_one(Item, int(path.rpartition("/")[2]))
        actions.edit(work, item, {"summary": "Chữ khác"})
    page = approver.open(path)
    assert "Cần duyệt lại" in page.text
    assert form_of(page, "publish").values["at"] == ["08:00 30/11/2026"], "the time is kept"


def test_a_failed_step_is_told_on_the_page_and_in_the_work_and_can_be_put_away(
    staff: Staff, submitted: Any, desk: Desk, clock: FrozenClock, drain: Any
) -> None:
    approver, path = staff("approver"), submitted()
    approver.send(form_of(approver.open(path), "publish"), at="23/11/2026 09:20")
    with desk() as work:
        item = work.session.get_one(Item, int(path.rpartition("/")[2]))
        actions.edit(work, item, {"summary": "Chữ khác"})
    clock.move(timedelta(minutes=25))
    drain()
    page = approver.open(path)
    assert "Không thực hiện được" in page.text
    assert approver.send(page.form("/huy")).status == 303
    assert "Không thực hiện được" not in approver.open(path).text


def test_plans_of_another_item_or_unit_are_not_there(
    staff: Staff, submitted: Any, desk: Desk, other_unit: Any
) -> None:
    approver, one, other = staff("approver"), submitted(), submitted(number="2/KH")
    approver.send(form_of(approver.open(one), "publish"), at="30/11/2026 08:00")
    with desk() as work:
        step_id = work.session.scalars(select(ScheduledStep.id)).one()
    assert approver.post(f"{other}/hen-gio/{step_id}/huy").status == 404
    stranger = staff("approver", at=other_unit)
    assert stranger.open(f"{one}/hen-gio").status == 404
    assert stranger.post(f"{one}/hen-gio/{step_id}/huy").status == 404
    assert [row[1] for row in planned(desk)] == ["waiting"]


# -- the calendar --------------------------------------------------------------------------------


@pytest.fixture
def month(desk: Desk, document: Values, publish: Any) -> None:
    """One date of each kind on the last day of the month."""
    numbers = iter(range(1, 9))

    def values() -> dict[str, object]:
        number = next(numbers)
        return document(f"{number}/KH-UBND", summary=f"Trích yếu {number}")

    start, end = drafted(desk, values()), publish(TYPE, **values())
    review = publish(TYPE, **values())
    with desk() as work:
        when = work.now().replace(day=30, hour=1, minute=0)
        actions.schedule(work, work.session.get_one(Item, start), "publish", when)
        details = StepDetails(withdrawn_for="outdated")
        later = when + timedelta(hours=9)
        actions.schedule(
            work, work.session.get_one(Item, end), "unpublish", later, "Hết hạn", details
        )
        work.session.get_one(Item, review).review_by = date(2026, 11, 30)
    waiting = drafted(desk, values())
    with desk() as work:
        item = work.session.get_one(Item, waiting)
        actions.advance(work, item, "submit", "", StepDetails(due_on=date(2026, 11, 30)))


def drafted(desk: Desk, values: dict[str, object]) -> int:
    with desk() as work:
        return actions.create(work, TYPE, values).id


@pytest.mark.usefixtures("month")
def test_the_calendar_shows_a_month_from_monday_with_today_marked(staff: Staff) -> None:
    page = staff("editor").open("/quan-tri/lich").text
    grid = page[page.index('<table class="cal"') : page.index("</table>")]
    days = re.findall(r'<time datetime="([\d-]+)"', grid)
    assert (days[0], days[-1], len(days)) == ("2026-10-26", "2026-12-06", 42)
    assert re.findall(r'aria-current="date">\s*<p class="cal-day"><time datetime="([\d-]+)"', grid)
    assert grid.count('scope="col"') == 7
    assert grid.index("Thứ Hai") < grid.index("Chủ nhật")
    field = grid[grid.index('datetime="2026-11-30"') :]
    field = field[: field.index("</td>")]
    assert field.count("<li") == 3
    assert f'href="#{DAY}"' in field
    assert "08:00" in field
    listed = page[page.index(f'id="{DAY}"') :]
    listed = listed[: listed.index("</section>")]
    assert [listed.count(f"{n}/KH-UBND") for n in (1, 2, 3, 4)] == [1, 1, 1, 1]
    assert "17:00" in listed


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize(
    ("kind", "number"), [("xuat-ban", 1), ("go", 2), ("ra-soat", 3), ("han-duyet", 4)]
)
def test_the_calendar_shows_one_kind_of_dates(staff: Staff, kind: str, number: int) -> None:
    page = staff("editor").open(f"/quan-tri/lich?thang=2026-11&loai={kind}").text
    found = {int(n) for n in re.findall(r"(\d)/KH-UBND", page)}
    assert found == {number}
    assert f"loai={kind}" in page[page.index('rel="next"') :][:200]


@pytest.mark.usefixtures("month")
def test_other_months_other_units_and_other_sections_show_none_of_it(
    staff: Staff, other_unit: Any, platform: Any, unit: Any
) -> None:
    editor = staff("editor")
    assert "KH-UBND" not in editor.open("/quan-tri/lich?thang=2027-02").text
    assert "KH-UBND" not in staff("editor", at=other_unit).open("/quan-tri/lich").text
    from hoitu.core.access import Account, accounts

    newcomer = staff("nobody")
    with platform.open_session(True) as session:
        account = session.scalars(select(Account).where(Account.email == newcomer.email)).one()
        accounts.grant(session, account, "editor", unit.id, "news")
        session.commit()
    page = newcomer.open("/quan-tri/lich")
    assert page.status == 200
    assert "KH-UBND" not in page.text


@pytest.mark.parametrize("asked", ["", "2026-13", "abc", "0001-01", "9999-12", "2026-11-05"])
def test_a_month_that_is_none_shows_the_present_one(staff: Staff, asked: str) -> None:
    page = staff("editor").open(f"/quan-tri/lich?thang={asked}")
    assert page.status == 200
    assert "11/2026" in page.text


def test_the_calendar_asks_no_more_for_more_dates(
    staff: Staff, desk: Desk, document: Values, statements: Callable[[], list[str]]
) -> None:
    editor = staff("editor")

    def asked() -> int:
        editor.open("/quan-tri/lich")
        statements()
        editor.open("/quan-tri/lich")
        return len(statements())

    def plan(number: int) -> None:
        with desk() as work:
            item = actions.create(work, TYPE, document(f"{number}/KH"))
            actions.schedule(work, item, "publish", work.now() + timedelta(days=1, minutes=number))

    plan(1)
    few = asked()
    for number in range(2, 9):
        plan(number)
    assert asked() == few
