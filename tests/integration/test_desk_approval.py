"""Approval at the desk: naming an approver, reasons, urgency, and giving entries to somebody."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account
from hoitu.core.clock import FrozenClock, format_date
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.extensions import Platform
from hoitu.core.settings import SettingRow
from hoitu.core.units import Unit

Desk = Callable[..., AbstractContextManager[ActionContext]]
Staff = Callable[..., Any]
Values = Callable[..., dict[str, object]]
TYPE = "legal_document"


@pytest.fixture
def account_of(platform: Platform) -> Callable[[Any], int]:
    """Return a function that finds the account of somebody at the desk."""

    def find(person: Any) -> int:
        with platform.open_session(False) as session:
            found = session.scalar(select(Account.id).where(Account.email == person.email))
        assert found is not None
        return found

    return find


def item_at(desk: Desk, path: str) -> dict[str, Any]:
    """Return the columns of the item at an address."""
    with desk() as work:
        item = work.session.get_one(Item, int(path.rpartition("/")[2]))
        return {c.key: getattr(item, c.key) for c in Item.__table__.columns if c.key != "body"}


def submitted(person: Any, path: str, **typed: Any) -> Any:
    """Save and submit the entry at an address."""
    return person.send(person.open(path).form(path), then__step="submit", **typed)


# -- who is asked, and by when ----------------------------------------------------------------


def test_save_and_submit_names_an_approver_and_a_day(
    staff: Staff, write: Callable[..., str], desk: Desk, account_of: Callable[[Any], int],
    clock: FrozenClock,
) -> None:  # fmt: skip
    editor, approver = staff("editor"), staff("approver")
    path = write(editor)
    day = clock.today() + timedelta(days=5)
    page = editor.open(path)
    options = re.search(r'<select id="step-submit-reviewer".*?</select>', page.text, re.S)
    assert options is not None
    assert "Ông approver" in options[0]
    assert "Ông editor" not in options[0]
    assert options[0].index('value=""') < options[0].index("Ông approver")
    shown = submitted(
        editor, path, summary="Trích yếu", body="<p>Nội dung</p>",
        **{"step-submit-reviewer": account_of(approver), "step-submit-due": f"{day:%d%m%Y}"},
    )  # fmt: skip
    assert shown.status == 303, shown.text
    kept = item_at(desk, path)
    assert (kept["state"], kept["reviewer_id"]) == ("submitted", account_of(approver))
    assert kept["approve_by"] == day
    assert format_date(day) in approver.open("/quan-tri/viec/cho-duyet").text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"step-submit-due": "22/11/2026"}, "đã qua"),
        ({"step-submit-due": "31/02/2027"}, "Ngày không hợp lệ"),
        ({"step-submit-reviewer": "abc"}, "chọn một người"),
        ({"step-submit-reviewer": "99999"}, "không có quyền"),
        ({"step-submit-reviewer": "9" * 30}, "chọn một người"),
    ],
)
def test_what_cannot_be_asked_is_told_and_the_text_is_saved(
    staff: Staff, write: Callable[..., str], desk: Desk, typed: dict[str, str], told: str
) -> None:
    editor = staff("editor")
    staff("approver")
    path = write(editor)
    shown = submitted(editor, path, summary="Trích yếu mới", body="<p>x</p>", **typed)
    assert shown.status == 422
    assert told in shown.text
    # What was typed is still there, unfolded.
    assert '<details class="step-details" open>' in shown.text
    if "step-submit-due" in typed:
        assert f'value="{typed["step-submit-due"]}"' in shown.text
    kept = item_at(desk, path)
    assert (kept["state"], kept["summary"]) == ("draft", "Trích yếu mới")
    assert (kept["reviewer_id"], kept["approve_by"]) == (None, None)


def test_where_nobody_may_take_the_next_step_the_form_says_so(
    staff: Staff, write: Callable[..., str]
) -> None:
    editor = staff("editor")
    page = editor.open(write(editor)).text
    assert "step-submit-reviewer" not in page
    assert "quản trị nền tảng" in page


def test_in_three_steps_reviewers_are_asked_first_then_approvers(
    staff: Staff, write: Callable[..., str], desk: Desk, unit: Unit, platform: Platform,
    account_of: Callable[[Any], int],
) -> None:  # fmt: skip
    admin = staff("unit_admin")
    settings = admin.open("/quan-tri/thiet-lap").form("/core.editorial")
    assert admin.send(settings, **{"core.editorial-approval": "three_step"}).status == 303
    editor, reviewer, approver = staff("editor"), staff("reviewer"), staff("approver")
    path = write(editor)
    page = editor.open(path).text
    assert "Lưu và gửi kiểm tra" in page
    assert "Ông reviewer" in page
    asked = {"step-submit-reviewer": account_of(reviewer)}
    assert submitted(editor, path, summary="x", body="<p>x</p>", **asked).status == 303
    assert "Chờ kiểm tra" in editor.open(path).text
    form = reviewer.open(path).form(path)
    shown = reviewer.send(
        form, then__step="forward", **{"step-forward-reviewer": account_of(approver)}
    )
    assert shown.status == 303, shown.text
    kept = item_at(desk, path)
    assert (kept["state"], kept["reviewer_id"]) == ("reviewed", account_of(approver))
    assert "/KH-UBND" in approver.open("/quan-tri/viec/cho-duyet").text
    assert "/KH-UBND" not in reviewer.open("/quan-tri/viec/cho-duyet").text


# -- reasons ----------------------------------------------------------------------------------


@pytest.fixture
def waiting(staff: Staff, write: Callable[..., str]) -> tuple[Any, Any, str]:
    """Return an editor, an approver, and the address of a text handed in."""
    editor, approver = staff("editor"), staff("approver")
    path = write(editor)
    assert submitted(editor, path, summary="Trích yếu", body="<p>x</p>").status == 303
    return editor, approver, path


def test_a_return_without_a_reason_is_refused_and_with_one_told_to_the_author(
    waiting: tuple[Any, Any, str], desk: Desk
) -> None:
    editor, approver, path = waiting
    form = approver.open(path).form("/buoc/return")
    refused = approver.send(form, note=" ")
    assert refused.status == 422
    assert re.search(r'<details class="step" open>\s*<summary>Trả lại', refused.text)
    assert approver.send(form, note="Thiếu căn cứ").status == 303
    page = editor.open(path).text
    assert page.count("Thiếu căn cứ") == 2  # at the top, and in what happened
    assert "Đã gửi duyệt" in page


def test_the_submitter_takes_a_text_back(waiting: tuple[Any, Any, str], desk: Desk) -> None:
    editor, approver, path = waiting
    taken = editor.open(path).form("/buoc/take_back")
    assert "/buoc/take_back" not in approver.open(path).text
    assert approver.send(approver.open(path).form("/buoc/return"), to=taken.action).status == 422
    assert editor.send(taken).status == 303
    assert item_at(desk, path)["state"] == "draft"


def test_taking_off_the_site_asks_why_and_where_visitors_go_instead(
    waiting: tuple[Any, Any, str], desk: Desk, publish: Callable[..., int], document: Values
) -> None:
    _editor, approver, path = waiting
    target = publish(TYPE, **document("7/KH-UBND"))
    approver.send(approver.open(path).form(path), then__step="publish")
    assert item_at(desk, path)["state"] == "published"
    form = approver.open(path).form("/buoc/unpublish")
    merged = {"step-unpublish-why": "merged", "note": "Đã gộp"}
    refused = approver.send(form, **{**merged, "step-unpublish-to": ""})
    assert refused.status == 422
    assert "được gộp" in refused.text
    assert 'value="merged" checked' in refused.text
    assert "Đã gộp" in refused.text
    for wrong in ("không biết", f"/van-ban/{2**40}-x"):
        shown = approver.send(form, **{**merged, "step-unpublish-to": wrong})
        assert shown.status == 422
        assert f'value="{wrong}"' in shown.text
    address = f"http://mot.test/van-ban/{target}-ke-hoach?x=1"
    assert approver.send(form, **{**merged, "step-unpublish-to": address}).status == 303
    kept = item_at(desk, path)
    assert (kept["state"], kept["withdrawn_for"]) == ("unpublished", "merged")
    assert kept["withdrawn_to"] == target


def test_urgent_publication_says_what_follows_and_somebody_else_approves_it(
    staff: Staff, write: Callable[..., str], desk: Desk
) -> None:
    approver, admin = staff("approver"), staff("unit_admin")
    path = write(approver, summary="Trích yếu", body="<p>x</p>")
    page = approver.open(path)
    assert "người khác phải duyệt sau" in page.text
    form = page.form("/buoc/publish_urgently")
    assert "vì sao không thể chờ" in approver.send(form, note="").text
    assert approver.send(form, note="Bão số 9").status == 303
    kept = item_at(desk, path)
    assert kept["state"] == "published"
    assert kept["urgent_at"] is not None
    assert "Đăng gấp, chưa được duyệt" in admin.open(f"/quan-tri/{TYPE}").text
    assert "/duyet-sau" not in approver.open(path).text
    version = str(kept["version"])
    own = approver.post(f"{path}/duyet-sau", expected__version=version)
    assert own.status == 422
    approval = admin.open(path).form("/duyet-sau")
    stale = admin.send(approval, expected__version="1")
    assert stale.status == 303
    assert item_at(desk, path)["urgent_at"] is not None
    assert admin.send(approval, note="Đã xem").status == 303
    assert item_at(desk, path)["urgent_at"] is None
    assert "Đã xem" in admin.open(path).text


# -- whose it is ------------------------------------------------------------------------------


def test_an_entry_is_given_to_a_colleague(
    staff: Staff, write: Callable[..., str], desk: Desk, account_of: Callable[[Any], int],
    other_unit: Unit,
) -> None:  # fmt: skip
    editor, colleague = staff("editor"), staff("editor")
    stranger = staff("editor", at=other_unit)
    path = write(editor)
    form = editor.open(path).form("/giao")
    refused = editor.send(form, **{"give-to": account_of(stranger)})
    assert refused.status == 422
    assert editor.send(form, **{"give-to": "x"}).status == 422
    assert item_at(desk, path)["responsible_id"] == account_of(editor)
    given = editor.send(form, **{"give-to": account_of(colleague)})
    assert given.status == 303
    assert item_at(desk, path)["responsible_id"] == account_of(colleague)
    assert "/KH-UBND" in colleague.open("/quan-tri/viec/ban-nhap").text
    assert "/KH-UBND" not in editor.open("/quan-tri/viec/ban-nhap").text
    assert "Đã giao phụ trách" in editor.open(path).text
    # Somebody else was faster: nothing is done, and it is said.
    late = editor.send(form, **{"give-to": account_of(editor)})
    assert late.status == 303
    assert item_at(desk, path)["responsible_id"] == account_of(colleague)


def test_what_happened_to_an_entry_costs_one_statement(
    staff: Staff, write: Callable[..., str], statements: Callable[[], list[str]]
) -> None:
    editor = staff("editor")
    path = write(editor)
    statements()
    editor.open(path)
    assert len([s for s in statements() if "FROM audit_entry" in s]) == 1


# -- the unit's rules -------------------------------------------------------------------------


def test_a_unit_sets_its_own_rules_and_leaves_them_to_others_again(
    staff: Staff, platform: Platform, unit: Unit, other_unit: Unit
) -> None:
    admin = staff("unit_admin")

    def stored() -> dict[str, Any]:
        with platform.open_session(False) as session:
            rows = session.scalars(select(SettingRow).where(SettingRow.plugin == "core.editorial"))
            return {f"{row.scope} {row.key}": row.value for row in rows}

    page = admin.open("/quan-tri/thiet-lap")
    assert "Hai bước" in page.text
    assert "mặc định" in page.text
    form = page.form("/core.editorial")
    names = {"approval": "three_step", "four_eyes": "no", "review_months": "6"}
    typed = {f"core.editorial-{key}": value for key, value in names.items()}
    assert admin.send(form, **typed).status == 303
    scope = f"unit:{unit.id}"
    assert stored() == {
        f"{scope} approval": "three_step",
        f"{scope} four_eyes": False,
        f"{scope} review_months": 6,
    }
    admin.open("/quan-tri/thiet-lap")
    from hoitu.core.content import Editorial

    assert platform.settings.of(Editorial, unit) == Editorial("three_step", False, 6)
    assert platform.settings.of(Editorial, other_unit) == Editorial()
    blank = dict.fromkeys(typed, "")
    assert admin.send(admin.open("/quan-tri/thiet-lap").form("/core.editorial"), **blank)
    assert stored() == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("approval", "one_step"),
        ("four_eyes", "maybe"),
        ("review_months", "-1"),
        ("review_months", "mười"),
        ("review_months", "1" * 50),
        # Its first nine digits are a small number.
        ("review_months", "0000000121"),
        ("review_months", "121"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_is_stored(
    staff: Staff, platform: Platform, key: str, value: str
) -> None:
    admin = staff("unit_admin")
    form = admin.open("/quan-tri/thiet-lap").form("/core.editorial")
    typed = {"core.editorial-four_eyes": "no", f"core.editorial-{key}": value}
    shown = admin.send(form, **typed)
    assert shown.status == 422
    assert 'role="alert"' in shown.text
    if key == "review_months":
        assert f'value="{value}"' in shown.text
    with platform.open_session(False) as session:
        assert session.scalars(select(SettingRow)).all() == []


def test_settings_somebody_else_changed_meanwhile_are_left_alone(
    staff: Staff, platform: Platform
) -> None:
    other, admin = staff("unit_admin"), staff("unit_admin")

    def stored() -> dict[str, Any]:
        with platform.open_session(False) as session:
            return {row.key: row.value for row in session.scalars(select(SettingRow))}

    def form_of(person: Any) -> Any:
        return person.open("/quan-tri/thiet-lap").form("/core.editorial")

    mine, theirs = form_of(admin), form_of(other)
    assert other.send(theirs, **{"core.editorial-four_eyes": "no"}).status == 303
    assert admin.send(mine, **{"core.editorial-review_months": "6"}).status == 303
    assert stored() == {"four_eyes": False}
    assert "Có người khác đã thay đổi" in admin.open("/quan-tri/thiet-lap").text
    # What was refused for another reason is not newer for that.
    refused = admin.send(mine, **{"core.editorial-review_months": "x"})
    assert refused.status == 422
    again = refused.form("/core.editorial")
    assert admin.send(again, **{"core.editorial-review_months": "6"}).status == 303
    assert stored() == {"four_eyes": False}
    assert admin.send(form_of(admin), **{"core.editorial-review_months": "6"}).status == 303
    assert stored() == {"four_eyes": False, "review_months": 6}


def test_a_setting_that_is_too_long_is_told_and_not_cut(staff: Staff, platform: Platform) -> None:
    from dataclasses import dataclass

    from hoitu.core.settings import setting

    @dataclass(frozen=True)
    class Wording:
        greeting: str = setting("", label="Lời chào")

    platform.settings.register("news", Wording)
    admin = staff("unit_admin")
    form = admin.open("/quan-tri/thiet-lap").form("/thiet-lap/news")
    told = admin.send(form, **{"news-greeting": "a" * 1001})
    assert told.status == 422
    assert "1001" in told.text
    assert admin.send(form, **{"news-greeting": "a" * 1000}).status == 303
    with platform.open_session(False) as session:
        assert session.scalars(select(SettingRow.value)).all() == ["a" * 1000]


def test_settings_with_a_page_of_their_own_are_not_shown_twice(staff: Staff) -> None:
    admin = staff("unit_admin")
    page = admin.open("/quan-tri/thiet-lap").text
    assert "core.look" not in page
    assert "questions-answer_days" in page
    for owner in ("core.look", "core.unknown", "news"):
        assert admin.post(f"/quan-tri/thiet-lap/{owner}").status == 404
    assert staff("approver").open("/quan-tri/thiet-lap").status == 403


def test_a_draft_may_be_thrown_away_at_the_desk_by_its_author_only(
    staff: Staff, write: Callable[..., str], desk: Desk
) -> None:
    editor, other = staff("editor"), staff("editor")
    path = write(editor)
    version = str(item_at(desk, path)["version"])
    assert other.post(f"{path}/buoc/trash", expected__version=version).status == 403
    assert "/buoc/trash" not in other.open(path).text
    assert editor.send(editor.open(path).form("/buoc/trash")).status == 303
    assert item_at(desk, path)["state"] == "trashed"


def test_attachments_have_the_state_of_their_entry(
    waiting: tuple[Any, Any, str], desk: Desk, visitor: Callable[..., Any], platform: Platform
) -> None:
    """A file is public when the entry is, not before, and not after it left the site."""
    from io import BytesIO

    from hoitu.core.content import files

    _editor, approver, path = waiting
    with desk() as work:
        row = files.upload(work, platform.files, "phu-luc.txt", BytesIO(b"x"))
        item = work.session.get_one(Item, int(path.rpartition("/")[2]))
        actions.edit(work, item, {"attachments": [row.id]})
        address = f"/tep/{row.id}/phu-luc.txt"
    seen = [visitor().open(address).status]
    approver.send(approver.open(path).form(path), then__step="publish")
    seen.append(visitor().open(address).status)
    form = approver.open(path).form("/buoc/unpublish")
    assert approver.send(form, note="Sai").status == 303
    seen.append(visitor().open(address).status)
    assert seen == [404, 200, 404]
