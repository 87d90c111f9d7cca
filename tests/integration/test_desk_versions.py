"""Versions: who saved what when and why, any two side by side, and back to one of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, accounts
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, ItemVersion
from hoitu.core.extensions import Platform
from hoitu.core.settings import switching
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Write = Callable[..., str]
Desk = Callable[..., AbstractContextManager[ActionContext]]

TYPE = "legal_document"


def ids(desk: Desk, path: str, at: Unit | None = None) -> list[int]:
    """Return the ids of an item's versions, the oldest first."""
    with desk(at) as work:
        chosen = select(ItemVersion.id).where(ItemVersion.item_id == int(path.rpartition("/")[2]))
        return list(work.session.scalars(chosen.order_by(ItemVersion.id)))


def side_by_side(path: str, left: Any, right: Any) -> str:
    return f"{path}/phien-ban/so-sanh?trai={left}&phai={right}"


def rows(text: str) -> list[str]:
    """Return the rows of a page's tables as text."""
    cells = re.findall(r"<tr.*?</tr>", text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in cells]


def test_the_list_tells_who_when_why_and_which_fields(
    staff: Staff, write: Write, clock: FrozenClock
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Một")
    clock.move(timedelta(hours=1))
    form = editor.open(path).form(path)
    editor.send(form, summary="Hai", signer="Ông A", revision__note="Sửa theo ý kiến sở Tư pháp")
    first, second = reversed(rows(editor.open(f"{path}/phien-ban").text)[-2:])
    assert first.startswith("Phiên bản 1 09:00 23/11/2026 Ông editor (phiên bản đầu tiên)")
    assert second.startswith("Phiên bản 2 10:00 23/11/2026 Ông editor")
    assert "Trích yếu, Người ký" in second or "Người ký, Trích yếu" in second
    assert "Sửa theo ý kiến sở Tư pháp" in second


def test_a_note_that_is_too_long_is_refused_and_nothing_is_lost(
    staff: Staff, write: Write, count: Callable[[], Any]
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Một")
    before = count()
    shown = editor.send(editor.open(path).form(path), summary="Hai", revision__note="x" * 501)
    assert shown.status == 422
    assert 'id="revision-note-error"' in shown.text
    form = shown.form(path)
    assert form.values["summary"] == ["Hai"]
    assert form.values["revision-note"] == ["x" * 501]
    assert count() == before
    assert editor.send(form, revision__note="Ngắn").status == 303


def test_any_two_versions_are_compared_word_by_word(staff: Staff, write: Write, desk: Desk) -> None:
    editor = staff("editor")
    path = write(editor, body="<h2>Điều 1</h2><p>Hiệu lực từ tháng ba.</p>")
    editor.send(editor.open(path).form(path), body="<h2>Điều 1</h2><p>Hiệu lực từ tháng tư.</p>")
    editor.send(editor.open(path).form(path), body="<h2>Điều 1</h2><p>Có hiệu lực từ tháng tư.</p>")
    one, two, three = ids(desk, path)
    shown = editor.open(side_by_side(path, one, three)).text
    assert re.search(r"<del>.*?ba</del>", shown)
    assert re.search(r"<ins>.*?tư</ins>", shown)
    assert "[Đề mục cấp 2] Điều 1" in shown
    back = editor.open(side_by_side(path, three, one)).text
    assert re.search(r"<ins>.*?ba</ins>", back)
    assert "<del>" not in editor.open(side_by_side(path, two, two)).text
    assert "Hai nội dung không khác nhau" in editor.open(side_by_side(path, two, two)).text


def test_a_change_of_formatting_alone_is_said_in_words(
    staff: Staff, write: Write, desk: Desk
) -> None:
    editor = staff("editor")
    path = write(editor, body="<p>Rất quan trọng</p>")
    editor.send(editor.open(path).form(path), body="<p>Rất <strong>quan trọng</strong></p>")
    shown = editor.open(side_by_side(path, *ids(desk, path))).text
    assert "chỉ khác cách trình bày" in shown
    assert "<del>" not in shown


def test_markup_in_a_text_stays_text(staff: Staff, write: Write, desk: Desk) -> None:
    editor = staff("editor")
    path = write(editor, summary="<script>alert(1)</script> cũ")
    editor.send(editor.open(path).form(path), summary="<script>alert(1)</script> <b>mới</b>")
    shown = editor.open(side_by_side(path, *ids(desk, path))).text
    assert "<script>alert" not in shown
    assert "<b>" not in shown


def test_the_public_text_is_compared_with_the_version_that_waits(
    staff: Staff, write: Write
) -> None:
    editor, approver = staff("editor"), staff("approver")
    path = write(editor, summary="Chữ công khai", then__step="submit")
    approver.send(approver.open(path).form(path), then__step="publish")
    assert "vẫn giữ nguyên" in editor.open(path).text
    editor.send(editor.open(path).form(path), summary="Chữ chờ xuất bản")
    page = editor.open(path).text
    address = side_by_side(path, "cong-khai", "hien-tai")
    assert address.replace("&", "&amp;") in page
    shown = editor.open(address).text
    assert re.search(r"<del>.*?công khai</del>", shown)
    assert re.search(r"<ins>.*?chờ xuất bản</ins>", shown)


def test_one_is_taken_up_again_from_the_comparison(staff: Staff, write: Write, desk: Desk) -> None:
    editor = staff("editor")
    path = write(editor, summary="Một")
    editor.send(editor.open(path).form(path), summary="Hai")
    first, second = ids(desk, path)
    form = editor.open(side_by_side(path, first, second)).form(f"/phien-ban/{first}")
    assert editor.send(form).status == 303
    assert editor.open(path).form(path).values["summary"] == ["Một"]
    assert len(ids(desk, path)) == 3
    # The page was open while somebody went on.
    assert editor.send(form).status == 303
    assert len(ids(desk, path)) == 3


@pytest.mark.parametrize("side", ["", "x", "0", "999999", "-1", "²", "cong-khai", "9" * 30])
def test_a_side_that_is_none_is_not_found_or_asked_for(
    staff: Staff, write: Write, side: str
) -> None:
    editor = staff("editor")
    path = write(editor)
    shown = editor.open(side_by_side(path, side, "hien-tai"))
    assert shown.status == (404 if side else 302)


def test_a_version_of_another_entry_is_no_side(staff: Staff, write: Write, desk: Desk) -> None:
    editor = staff("editor")
    path, other = write(editor), write(editor, summary="Bài khác")
    [foreign] = ids(desk, other)
    assert editor.open(side_by_side(path, "hien-tai", foreign)).status == 404
    assert editor.open(f"{path}/phien-ban/{foreign}").status == 404


def test_rights_hold_for_every_page_of_versions(
    staff: Staff,
    write: Write,
    desk: Desk,
    platform: Platform,
    unit: Unit,
    other_unit: Unit,
    publish: Callable[..., int],
    document: Callable[..., dict[str, object]],
) -> None:
    editor = staff("editor")
    elsewhere = f"/quan-tri/{TYPE}/{publish(TYPE, other_unit, **document())}"
    [version] = ids(desk, elsewhere, other_unit)[:1]
    path = write(editor)
    [own] = ids(desk, path)

    def pages(of: str, number: int) -> tuple[str, ...]:
        return (
            f"{of}/phien-ban",
            f"{of}/phien-ban/{number}",
            side_by_side(of, number, number),
            side_by_side(of, number, "hien-tai"),
        )

    for page in (*pages(elsewhere, version), side_by_side(path, own, version)):
        assert editor.open(page).status == 404, page

    newsman = staff("nobody")
    with platform.open_session(True) as session:
        account = session.scalars(select(Account).where(Account.email == newsman.email)).one()
        accounts.grant(session, account, "editor", unit.id, "news")
        session.commit()
    for page in pages(path, own):
        assert newsman.open(page).status == 403, page
    assert newsman.post(f"{path}/phien-ban/{own}", expected__version="1").status == 403

    with desk() as work:
        switching.waive(
            switching.SwitchContext(
                work.session, work.actor, unit, work.hooks, work.switchboard, work.clock
            ),
            "legal_documents",
            "administrative_documents",
            reason="Thử nghiệm",
            decision_no="1/QĐ-UBND",
            until=work.clock.today() + timedelta(days=30),
        )
    with platform.open_session(False) as session:
        platform.switchboard.reload(session)
    for page in pages(path, own):
        assert editor.open(page).status == 404, page


def test_what_rests_is_compared_but_not_taken_up(staff: Staff, write: Write, desk: Desk) -> None:
    admin = staff("unit_admin")
    path = write(admin, summary="Một")
    admin.send(admin.open(path).form(path), summary="Hai")
    first, second = ids(desk, path)
    admin.send(admin.open(path).form("/buoc/trash"))
    shown = admin.open(side_by_side(path, first, second))
    assert shown.status == 200
    assert [f for f in shown.forms if "expected-version" in f.names] == []
    assert admin.post(f"{path}/phien-ban/{first}", expected__version="3").status == 403


def test_a_long_list_is_read_in_a_few_statements(
    staff: Staff, write: Write, desk: Desk, statements: Callable[[], list[str]]
) -> None:
    editor = staff("editor")
    path = write(editor, summary="0")
    for number in range(1, 4):
        editor.send(editor.open(path).form(path), summary=str(number))
    statements()
    editor.open(f"{path}/phien-ban")
    few = len(statements())
    for number in range(4, 9):
        editor.send(editor.open(path).form(path), summary=str(number))
    statements()
    editor.open(f"{path}/phien-ban")
    assert len(statements()) == few
