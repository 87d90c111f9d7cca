"""The approval flow as people meet it: what is told, what is kept, and what needs approval anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.content import Item, ItemVersion, ScheduledStep, actions
from hoitu.core.events import OutboxEntry

pytestmark = pytest.mark.both_databases

TYPE, RULES = "legal_document", "/core.editorial"
AT = "30/11/2026 08:00"


@pytest.fixture
def handed_in(staff: Any, write: Callable[..., str]) -> tuple[Any, str]:
    """Return an editor and the address of a text they handed in."""
    editor = staff("editor")
    path = write(editor)
    form = editor.open(path).form(path)
    sent = editor.send(form, then__step="submit", summary="Trích yếu", body="<p>x</p>")
    assert sent.status == 303, sent.text
    return editor, path


def id_of(path: str) -> int:
    return int(path.rpartition("/")[2])


def plan(person: Any, path: str) -> None:
    forms = person.open(path).forms
    form = next(f for f in forms if f.values.get("step") == ["publish"])
    assert person.send(form, at=AT).status == 303


def plans(desk: Any) -> list[tuple[str, str]]:
    with desk() as work:
        rows = work.session.scalars(select(ScheduledStep).order_by(ScheduledStep.id))
        return [(row.step, row.state) for row in rows]


def choose(admin: Any, **more: str) -> Any:
    form = admin.open("/quan-tri/thiet-lap").form(RULES)
    return admin.send(form, **{"core.editorial-approval": "three_step", **more})


def shown_in(page: Any) -> str:
    """Return what is sent along when the plans that a page shows are confirmed."""
    return str(page.text.partition('name="approve-anew" value="')[2].partition('"')[0])


def test_rules_that_undo_an_approval_are_confirmed_and_the_plan_waits_for_another(
    staff: Any, handed_in: Any, desk: Any, drain: Any, clock: Any
) -> None:
    editor, path = handed_in
    approver, admin, reviewer = staff("approver"), staff("unit_admin"), staff("reviewer")
    plan(approver, path)
    asked = choose(admin)
    assert asked.status == 422
    assert "1 bài hẹn giờ xuất bản" in asked.text
    assert path in asked.text, "each is named, with a link"
    assert plans(desk) == [("publish", "waiting")], "nothing is saved yet"
    with desk() as work:
        assert work.editorial.approval == "two_step"
    assert choose(admin, **{"approve-anew": "0"}).status == 422, "other plans than these"
    assert choose(admin, **{"approve-anew": shown_in(asked)}).status == 303
    assert plans(desk) == [("publish", "failed")]
    with desk() as work:
        taken = work.session.scalars(select(OutboxEntry).where(OutboxEntry.kind == "StepTaken"))
        assert "lapse" in [one.payload["step"] for one in taken]
    assert "cần duyệt lại" in reviewer.open("/quan-tri/viec/cho-duyet").text
    assert "Cần duyệt lại" in approver.open(path).text
    for person in (approver, reviewer, editor):
        assert "Hẹn giờ không thực hiện được" not in person.open("/quan-tri/").text
    form = reviewer.open(path).form(path)
    assert reviewer.send(form, then__step="forward").status == 303
    page = approver.open(path)
    again = next(f for f in page.forms if f.values.get("step") == ["publish"])
    assert again.values["at"] == [f"08:00 {AT[:10]}"], "the planned time is kept"
    clock.move(timedelta(days=30))
    drain()
    with desk() as work:
        assert work.session.get_one(Item, id_of(path)).state == "reviewed", "nothing is published"


def test_a_plan_made_after_the_page_was_shown_is_shown_before_it_lapses(
    staff: Any, write: Callable[..., str], handed_in: Any, desk: Any
) -> None:
    editor, path = handed_in
    approver, admin = staff("approver"), staff("unit_admin")
    plan(approver, path)
    asked = choose(admin)
    other = write(editor, number="13/KH-UBND")
    editor.send(editor.open(other).form(other), then__step="submit", summary="b", body="<p>x</p>")
    plan(approver, other)
    again = choose(admin, **{"approve-anew": shown_in(asked)})
    assert again.status == 422
    assert other in again.text
    assert plans(desk) == [("publish", "waiting")] * 2


def test_what_is_done_meanwhile_does_not_lapse(staff: Any, handed_in: Any, desk: Any) -> None:
    _editor, path = handed_in
    plan(staff("approver"), path)
    with desk() as work:
        work.session.scalars(select(ScheduledStep)).one().state = "done"
        stricter = replace(work.editorial, approval="three_step")
        assert actions.let_lapse(replace(work, editorial=stricter)) == []
    assert plans(desk) == [("publish", "done")]


def test_a_plan_whose_time_has_passed_waits_for_the_approvers_again(
    staff: Any, handed_in: Any, clock: Any
) -> None:
    _editor, path = handed_in
    plan(staff("approver"), path)
    clock.move(timedelta(days=8))
    approver = staff("approver")
    assert path in approver.open("/quan-tri/viec/cho-duyet").text, "no worker took it"
    assert "sẽ xuất bản lúc" not in approver.open(path).text


def test_settings_that_touch_no_plan_ask_nothing(staff: Any, handed_in: Any, desk: Any) -> None:
    _editor, path = handed_in
    plan(staff("approver"), path)
    admin = staff("unit_admin")
    form = admin.open("/quan-tri/thiet-lap").form(RULES)
    assert admin.send(form, **{"core.editorial-review_months": "6"}).status == 303
    assert plans(desk) == [("publish", "waiting")]


def test_a_planned_text_is_shown_as_approved_and_waits_for_nobody(
    staff: Any, handed_in: Any
) -> None:
    editor, path = handed_in
    approver, other = staff("approver"), staff("approver")
    assert "Bài chờ một trong những người duyệt sau" not in editor.open(path).text
    plan(approver, path)
    said = "Đã duyệt, sẽ xuất bản lúc 08:00 30/11/2026"
    for person in (editor, approver):
        assert said in person.open(path).text
        assert said in person.open("/quan-tri/viec/da-hen").text
    assert said in editor.open(f"/quan-tri/{TYPE}").text
    assert path not in other.open("/quan-tri/viec/cho-duyet").text
    assert path not in editor.open("/quan-tri/viec/da-trinh").text


def test_after_a_step_it_is_told_who_has_the_text_now(
    staff: Any, write: Callable[..., str]
) -> None:
    editor = staff("editor")
    staff("approver")
    path = write(editor)
    page = editor.open(path)
    assert "Lưu và gửi duyệt" in page.text
    editor.send(page.form(path), then__step="submit", summary="Trích yếu", body="<p>x</p>")
    told = editor.open(path).text
    assert "Đã gửi duyệt. Bài chờ một trong những người duyệt sau: Ông approver" in told
    assert "Rút lại" in told


def test_the_approver_approves_and_publishes_in_so_many_words(staff: Any, handed_in: Any) -> None:
    _editor, path = handed_in
    approver = staff("approver")
    page = approver.open(path)
    assert "Duyệt và xuất bản" in page.text
    assert "Lưu và xuất bản" not in page.text
    approver.send(page.form(path), then__step="publish")
    assert "Đã xuất bản. Người đọc xem được ngay bây giờ." in approver.open(path).text


def public(approver: Any, path: str) -> None:
    assert approver.send(approver.open(path).form(path), then__step="publish").status == 303


def test_a_public_text_is_changed_and_handed_in_by_one_button(
    staff: Any, handed_in: Any, desk: Any
) -> None:
    editor, path = handed_in
    public(staff("approver"), path)
    form = editor.open(path).form(path)
    assert ("then-step", "submit") in form.buttons
    assert editor.send(form, then__step="submit").status == 303
    assert "không có phiên bản mới để gửi" in editor.open(path).text
    form = editor.open(path).form(path)
    assert editor.send(form, then__step="submit", summary="Chữ mới").status == 303
    with desk() as work:
        item = work.session.get_one(Item, id_of(path))
        assert (item.state, item.draft_state) == ("published", "submitted")


def test_versions_count_from_one_and_a_restored_one_waits_behind_the_public_text(
    staff: Any, handed_in: Any, desk: Any
) -> None:
    editor, path = handed_in
    public(staff("approver"), path)
    form = editor.open(path).form(path)
    editor.send(form, summary="Chữ mới")
    with desk() as work:
        chosen = select(ItemVersion).where(ItemVersion.item_id == id_of(path))
        kept = work.session.scalars(chosen.order_by(ItemVersion.id)).all()
        assert [one.number for one in kept] == list(range(1, len(kept) + 1))
        first = kept[0].id
    page = editor.open(f"{path}/phien-ban/{first}")
    assert "Người đọc vẫn xem nội dung công khai hiện nay" in page.text
    assert editor.send(page.form(f"/phien-ban/{first}")).status == 303
    assert "Nội dung công khai giữ nguyên" in editor.open(path).text
    with desk() as work:
        item = work.session.get_one(Item, id_of(path))
        assert (item.state, item.draft_state) == ("published", "draft")
        assert item.summary == "Trích yếu"


def test_steps_are_no_edits_of_the_text(staff: Any, handed_in: Any, clock: Any) -> None:
    _editor, path = handed_in
    clock.move(timedelta(minutes=30))
    approver = staff("approver")
    public(approver, path)
    page = approver.open(path).text
    told = page.partition("Sửa bài gần nhất")[2][:200]
    assert "09:00 23/11/2026" in told
    assert "Ông editor" in told


def test_what_a_batch_cannot_do_says_why_in_its_row(staff: Any, handed_in: Any, desk: Any) -> None:
    _editor, path = handed_in
    public(staff("approver"), path)
    admin = staff("unit_admin")
    with desk() as work:
        version = work.session.get_one(Item, id_of(path)).version
    form = admin.open(f"/quan-tri/{TYPE}").form("/hang-loat")
    asked = admin.send(form, viec="step-trash", chon=f"{id_of(path)}.{version}")
    assert asked.status == 303
    page = admin.open(asked.response.location).text
    row = page.partition("<tbody>")[2]
    assert "Đang chờ" not in row
    assert "Giữ nguyên, vì đang ở trạng thái: Đã xuất bản. Hãy gỡ bài khỏi trang trước." in row


def test_an_edit_takes_the_approval_of_a_plan_away(handed_in: Any, staff: Any, desk: Any) -> None:
    editor, path = handed_in
    plan(staff("approver"), path)
    assert plans(desk) == [("publish", "waiting")]
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, id_of(path)), {"summary": "Khác"})
    assert plans(desk) == [("publish", "failed")]
    assert "sẽ xuất bản lúc" not in editor.open(path).text
