"""Writing at the desk, through the forms a browser is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, ItemVersion, actions
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Write = Callable[..., str]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

TYPE = "legal_document"
NEW = f"/quan-tri/{TYPE}/moi"


def item_id(path: str) -> int:
    return int(path.rpartition("/")[2])


def state(desk: Desk, path: str) -> tuple[str, str]:
    with desk() as work:
        item = work.session.get_one(Item, item_id(path))
        return item.state, item.draft_state


def public_path(desk: Desk, path: str) -> str:
    with desk() as work:
        item = work.session.get_one(Item, item_id(path))
        return work.type_of(item).path(item)


def published(write: Write, editor: Any, approver: Any, **typed: Any) -> str:
    """Return the path of a document that one person submitted and another published."""
    path = write(editor, then__step="submit", **typed)
    assert approver.send(approver.open(path).form(path), then__step="publish").status == 303
    return path


# -- from the draft to the site ------------------------------------------------------------------


def test_an_editor_writes_an_approver_returns_and_publishes(
    staff: Staff, write: Write, desk: Desk, clock: FrozenClock, visitor: Callable[..., Any]
) -> None:
    editor, approver = staff("editor"), staff("approver")
    path = write(editor, summary="Bản đầu", then__step="submit")
    assert state(desk, path) == ("submitted", "")

    shown = approver.open(path)
    assert approver.open("/quan-tri/").text.count("389/KH-UBND") >= 1
    clock.move(timedelta(minutes=1))
    refused = approver.send(shown.form("/buoc/return"), note="  ")
    assert refused.status == 422
    returned = approver.send(shown.form("/buoc/return"), note="Thiếu trích yếu đầy đủ")
    assert returned.status == 303
    assert state(desk, path) == ("returned", "")

    shown = editor.open(path)
    assert "Thiếu trích yếu đầy đủ" in shown.text
    sent = editor.send(shown.form(path), summary="Bản hai", then__step="submit")
    assert sent.status == 303
    # What happened keeps the reason; it is no longer what the author has to do.
    assert 'id="returned"' not in editor.open(path).text

    done = approver.send(approver.open(path).form(path), then__step="publish")
    assert done.status == 303
    assert state(desk, path) == ("published", "")
    page = visitor().open(public_path(desk, path))
    assert page.status == 200
    assert "Bản hai" in page.text


def test_an_editor_cannot_publish_by_hand(
    staff: Staff, write: Write, count: Callable[[], Any]
) -> None:
    editor = staff("editor")
    path = write(editor)
    form = editor.open(path).form(path)
    assert ("then-step", "publish") not in form.buttons
    before = count()
    assert editor.send(form, summary="Khác", then__step="publish").status == 403
    assert count() == before


def test_an_incomplete_draft_is_saved_and_submitting_tells_every_gap(
    staff: Staff, desk: Desk
) -> None:
    editor = staff("editor")
    shown = editor.send(editor.open(NEW).form(NEW), summary="Mới có trích yếu")
    path = shown.response.location
    assert state(desk, path) == ("draft", "")

    refused = editor.send(editor.open(path).form(path), summary="Thêm", then__step="submit")
    assert refused.status == 422
    for name in ("requirement", "kind", "number", "issuer", "issued_on"):
        assert f'<a href="#{name}">' in refused.text
        assert f'id="{name}-error"' in refused.text
    assert 'role="alert"' in refused.text
    assert state(desk, path) == ("draft", "")
    with desk() as work:
        assert work.session.get_one(Item, item_id(path)).summary == "Thêm"


def test_a_refused_first_submission_keeps_the_draft_it_saved(
    staff: Staff, desk: Desk, document: Values
) -> None:
    editor = staff("editor")
    form = editor.open(NEW).form(NEW)
    shown = editor.send(form, summary="Một", then__step="submit")
    assert shown.status == 422
    again = next(f for f in shown.forms if "expected-version" in f.names and "summary" in f.names)
    assert editor.send(again, **document(), then__step="submit").status == 303
    assert state(desk, again.action) == ("submitted", "")
    with desk() as work:
        assert work.session.scalar(select(func.count(Item.id))) == 1


def test_a_published_text_stays_until_the_new_version_is_published(
    staff: Staff, write: Write, desk: Desk, visitor: Callable[..., Any]
) -> None:
    editor, approver = staff("editor"), staff("approver")
    path = published(write, editor, approver, summary="Chữ cũ")
    public = public_path(desk, path)

    editor.send(editor.open(path).form(path), summary="Chữ mới", then__step="submit")
    assert state(desk, path) == ("published", "submitted")
    assert "Chữ cũ" in visitor().open(public).text
    assert "Chữ mới" in approver.open(path).text
    assert "Chữ mới" in approver.open(f"{path}/xem/trang").text

    approver.send(approver.open(path).form(path), then__step="publish")
    assert "Chữ mới" in visitor().open(public).text


def test_a_waiting_version_is_checked_when_it_is_submitted(
    staff: Staff, write: Write, desk: Desk
) -> None:
    editor, approver = staff("editor"), staff("approver")
    path = published(write, editor, approver)
    shown = approver.send(approver.open(path).form(path), number="", then__step="submit")
    assert shown.status == 422
    assert '<a href="#number">' in shown.text
    assert state(desk, path) == ("published", "draft")


def test_a_waiting_version_can_be_discarded(staff: Staff, write: Write, desk: Desk) -> None:
    editor, approver = staff("editor"), staff("approver")
    path = published(write, editor, approver, summary="Chữ cũ")
    approver.send(approver.open(path).form(path), summary="Chữ mới")
    approver.send(approver.open(path).form("/bo-ban-cho"))
    assert state(desk, path) == ("published", "")
    assert approver.open(path).form(path).values["summary"] == ["Chữ cũ"]


def test_what_is_public_can_be_taken_off_while_a_version_waits(
    staff: Staff, write: Write, desk: Desk, visitor: Callable[..., Any]
) -> None:
    editor, approver = staff("editor"), staff("approver")
    path = published(write, editor, approver, summary="Chữ cũ")
    public = public_path(desk, path)
    approver.send(approver.open(path).form(path), summary="Chữ mới")
    approver.send(approver.open(path).form("/buoc/unpublish"), note="Sai số liệu")
    assert state(desk, path) == ("unpublished", "")
    assert visitor().open(public).status == 404
    assert approver.open(path).form(path).values["summary"] == ["Chữ mới"]


def test_what_is_in_the_trash_is_read_only_until_it_is_restored(
    staff: Staff, write: Write, desk: Desk
) -> None:
    admin = staff("unit_admin")
    path = write(admin)
    open_form = admin.open(path).form(path)
    admin.send(admin.open(path).form("/buoc/trash"))
    assert state(desk, path) == ("trashed", "")

    shown = admin.open(path)
    assert [f.action for f in shown.forms if "summary" in f.names] == []
    late = admin.send(open_form, summary="Chữ không được mất")
    assert late.status == 422
    assert "Chữ không được mất" in late.text
    admin.send(shown.form("/buoc/restore"))
    assert state(desk, path) == ("draft", "")


def test_saving_without_a_change_makes_no_version(
    staff: Staff, write: Write, count: Callable[[], Any]
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Một\ndòng hai", body="<p>Toàn &amp; văn</p>")
    before = count()
    assert editor.send(editor.open(path).form(path)).status == 303
    assert count() == before


def test_an_instant_is_not_changed_by_being_shown(
    staff: Staff, desk: Desk, count: Callable[[], Any]
) -> None:
    with desk() as work:
        values = {"title": "Tin", "source_published_at": "2026-10-09T08:30:00+07:00"}
        article = actions.create(work, "news_article", values)
        path = f"/quan-tri/news_article/{article.id}"
    editor, before = staff("editor"), count()
    form = editor.open(path).form(path)
    assert form.values["source_published_at"] == ["09/10/2026 08:30"]
    assert editor.send(form).status == 303
    assert count() == before


# -- two people at once --------------------------------------------------------------------------


def test_two_editors_both_texts_are_shown_and_nothing_is_lost(
    staff: Staff, write: Write, desk: Desk, clock: FrozenClock
) -> None:
    first, second = staff("editor"), staff("editor")
    path = write(first, summary="Ban đầu")
    slow = second.open(path).form(path)
    clock.move(timedelta(minutes=1))
    first.send(first.open(path).form(path), summary="Của người thứ nhất", issued_on="28/11/2023")

    shown = second.send(slow, summary="Của người thứ hai", signer="Nguyễn Văn A")
    assert shown.status == 409
    beside = re.sub("</?(del|ins)>|<span class=.visually-hidden.>[^<]*</span>", "", shown.text)
    for text in ("Của người thứ nhất", "Của người thứ hai", "28/11/2023", "Nguyễn Văn A"):
        assert text in beside
    with desk() as work:
        assert work.session.get_one(Item, item_id(path)).summary == "Của người thứ nhất"

    decided = second.send(shown.form(path))
    assert decided.status == 303
    with desk() as work:
        assert work.session.get_one(Item, item_id(path)).summary == "Của người thứ hai"
        kept = work.session.scalars(select(ItemVersion)).all()
        assert "Của người thứ nhất" in [version.values["summary"] for version in kept]


def test_what_was_changed_meanwhile_is_not_published_unseen(
    staff: Staff, write: Write, desk: Desk, clock: FrozenClock
) -> None:
    editor, approver = staff("editor"), staff("approver")
    path = write(editor, then__step="submit")
    seen = approver.open(path)
    clock.move(timedelta(minutes=1))
    editor.send(editor.open(path).form(path), summary="Chưa ai duyệt")
    assert approver.send(seen.form(path), then__step="publish").status == 409
    approver.send(seen.form("/buoc/return"), note="Xem lại")
    assert state(desk, path) == ("submitted", "")


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "²", "9" * 30, None])
def test_a_form_without_its_version_replaces_nothing(
    staff: Staff, write: Write, desk: Desk, version: str | None
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Gốc")
    form = editor.open(path).form(path)
    assert editor.send(form, summary="Khác", expected__version=version).status == 409
    with desk() as work:
        assert work.session.get_one(Item, item_id(path)).summary == "Gốc"


# -- a closed list of fields ---------------------------------------------------------------------


def test_unknown_and_base_columns_change_nothing(
    staff: Staff, write: Write, desk: Desk, unit: Unit, other_unit: Unit
) -> None:
    editor = staff("editor")
    strangers = {
        "unit_id": str(other_unit.id), "state": "published", "type": "news_article", "id": "99",
        "section": "news", "published_from": "2020-01-01", "created_by": "Ai đó", "version": "50",
        "draft_id": "1", "draft_state": "submitted", "uid": "x", "slug": "x", "language": "en",
        "title": "Tên khác", "number_key": "x", "sort_at": "2020-01-01", "no_such_field": "x",
    }  # fmt: skip
    path = write(editor, **strangers)
    editor.send(editor.open(path).form(path), summary="Sửa", **strangers)
    with desk() as work:
        item: Any = work.session.get_one(Item, item_id(path))
        assert (item.unit_id, item.state, item.type, item.version) == (unit.id, "draft", TYPE, 2)
        assert (item.section, item.language, item.created_by) == (
            "legal_documents", "vi", "Ông editor",
        )  # fmt: skip
        assert (item.published_from, item.draft_state) == (None, "")
        assert (item.title, item.number_key) == ("Kế hoạch 389/KH-UBND", "389khubnd")


# -- versions and previews ----------------------------------------------------------------------


def test_an_old_version_is_compared_and_taken_up_again(
    staff: Staff, write: Write, desk: Desk, clock: FrozenClock
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Bản một")
    clock.move(timedelta(minutes=1))
    editor.send(editor.open(path).form(path), summary="Bản hai")
    with desk() as work:
        first = work.session.scalars(select(ItemVersion.id).order_by(ItemVersion.id)).first()
    shown = editor.open(f"{path}/phien-ban/{first}")
    beside = re.sub("</?(del|ins)>|<span class=.visually-hidden.>[^<]*</span>", "", shown.text)
    assert "Bản một" in beside
    assert "Bản hai" in beside
    restored = editor.post(f"{path}/phien-ban/{first}", expected__version="1")
    assert editor.open(path).form(path).values["summary"] == ["Bản hai"], restored.text
    form = next(f for f in shown.forms if "expected-version" in f.names)
    editor.send(form, f"{path}/phien-ban/{first}")
    assert editor.open(path).form(path).values["summary"] == ["Bản một"]


def test_a_preview_shows_what_is_not_saved_as_public(
    staff: Staff, write: Write, desk: Desk, visitor: Callable[..., Any]
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Chưa công khai")
    assert "Chưa công khai" in editor.open(f"{path}/xem/trang").text
    assert visitor().open(public_path(desk, path)).status == 404
    assert visitor().open(f"{path}/xem").status == 302


def test_an_entry_shown_on_a_page_of_others_has_no_preview_but_a_place(
    staff: Staff, publish: Callable[..., int], visitor: Callable[..., Any]
) -> None:
    values = {"purpose": "Phản ánh hiện trường", "phone": "0234 000 1731"}
    path = f"/quan-tri/hotline/{publish('hotline', **values)}"
    admin = staff("unit_admin")
    page = admin.open(path).text
    assert f"{path}/xem" not in page
    assert admin.open(f"{path}/xem").status == 404
    [place] = re.findall(r'href="(/gioi-thieu/[^"]+)"', page)
    address, _, anchor = place.partition("#")
    assert f'id="{anchor}"' in visitor().open(address).text


# -- every type ----------------------------------------------------------------------------------


def test_every_type_can_be_opened_saved_and_listed(staff: Staff, platform: Any) -> None:
    admin = staff("unit_admin")
    opened = 0
    for kind in platform.types:
        page = admin.open(f"/quan-tri/{kind.name}/moi")
        if kind.receivable:
            # What visitors send is not begun at the desk.
            assert page.status == 403, kind.name
        if page.status in (403, 404):
            continue
        opened += 1
        saved = admin.send(page.form("/moi"))
        assert saved.status == 303, (kind.name, saved.text)
        path = saved.response.location
        for shown in (path, f"{path}/phien-ban", f"/quan-tri/{kind.name}", "/quan-tri/"):
            assert admin.open(shown).status == 200, shown
        offered = f'href="{path}/xem"' in admin.open(path).text
        assert admin.open(f"{path}/xem").status == (200 if offered else 404), kind.name
        refused = admin.send(admin.open(path).form(path), then__step="publish")
        assert refused.status in (303, 422), (kind.name, refused.text)
    assert opened >= 4
