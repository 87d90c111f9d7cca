"""Looking at a text before it is public: at the desk, and by a link for others."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import BytesIO
from struct import pack
from typing import Any
from zlib import compress, crc32

import pytest
from sqlalchemy import select

from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, File, Item, PreviewLink, actions
from hoitu.core.content.files import upload
from hoitu.core.extensions import Platform

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]
TYPE = "legal_document"


def png() -> bytes:
    """Return a grey picture of two by two pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + name + data + pack(">I", crc32(name + data))

    head = pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    rows = compress(b"\0\x80\x80" * 2)
    start = bytes.fromhex("89504e470d0a1a0a")
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def draft(desk: Desk, document: Values) -> Callable[..., int]:
    """Return a function that writes a document nobody has handed in."""

    def write(**values: object) -> int:
        with desk() as work:
            return actions.create(work, TYPE, document(**values)).id

    return write


@pytest.fixture
def shared(desk: Desk) -> Callable[..., str]:
    """Return a function that shares an item and returns the path of the link."""

    def share(item_id: int, days: int = 3, label: str = "Sở Tư pháp") -> str:
        with desk() as work:
            item = work.session.get_one(Item, item_id)
            return f"/xem-truoc/{actions.share(work, item, days, label)[1]}"

    return share


@pytest.fixture
def keep(desk: Desk, platform: Platform) -> Callable[..., File]:
    """Return a function that stores a file of the unit."""

    def put(name: str, content: bytes) -> File:
        with desk() as work:
            return upload(work, platform.files, name, BytesIO(content))

    return put


# -- at the desk ---------------------------------------------------------------------------------


def test_the_desk_frames_the_real_page_at_two_widths(staff: Any, draft: Any) -> None:
    editor, path = staff("editor"), f"/quan-tri/{TYPE}/{draft()}"
    page = editor.open(f"{path}/xem")
    assert page.text.count(f'src="{path}/xem/trang"') == 2
    assert "frame-src 'self'" in page.response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in page.response.headers["Content-Security-Policy"]
    assert 'style="' not in page.text
    for width in ("dien-thoai", "may-tinh"):
        one = editor.open(f"{path}/xem?kho={width}").text
        assert one.count("<iframe") == 1
        assert f'kho={width}" aria-current="true"' in one
    assert "frame-src" not in editor.open(path).response.headers["Content-Security-Policy"]


def test_the_framed_page_says_that_it_is_a_preview(staff: Any, draft: Any) -> None:
    page = staff("editor").open(f"/quan-tri/{TYPE}/{draft()}/xem/trang")
    assert "Xem trước" in page.text
    assert "Toàn văn" in page.text
    assert page.response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert '/in"' not in page.text


def test_the_preview_shows_the_version_that_waits(
    staff: Any, publish: Any, desk: Desk, document: Values, site: Any
) -> None:
    item_id = publish(TYPE, **document(body="<p>Bản cũ</p>"))
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"body": "<p>Bản mới</p>"})
        path = work.type_of(item).path(item)
    page = staff("editor").open(f"/quan-tri/{TYPE}/{item_id}/xem/trang").text
    assert "Bản mới" in page
    assert "Người đọc vẫn đang xem bản hiện hành" in page
    assert "Bản cũ" in site().get(path).get_data(as_text=True)


def test_a_type_without_pages_says_so_and_offers_nothing(staff: Any, publish: Any) -> None:
    item_id = publish("hotline", purpose="Phản ánh hiện trường", phone="0234 000 1731")
    path = f"/quan-tri/hotline/{item_id}"
    admin = staff("unit_admin")
    page = admin.open(path).text
    assert "không có trang riêng" in page
    assert "/chia-se" not in page
    for address in ("xem", "xem/trang", "chia-se"):
        assert admin.open(f"{path}/{address}").status == 404


# -- making and revoking links -------------------------------------------------------------------


def test_an_editor_makes_a_link_that_is_shown_once(
    staff: Any, draft: Any, site: Any, desk: Desk, clock: FrozenClock
) -> None:
    editor, item_id = staff("editor"), draft()
    path = f"/quan-tri/{TYPE}/{item_id}/chia-se"
    made = editor.send(editor.open(path).form("/chia-se"), days="7", label="Sở Tư pháp")
    assert made.status == 200
    [address] = re.findall(r"http://[^<\s]+/xem-truoc/[\w-]{43}", made.text)
    token = address.rpartition("/")[2]
    page = site().get(f"/xem-truoc/{token}")
    assert page.status_code == 200
    assert "Toàn văn" in page.get_data(as_text=True)

    again = editor.open(path).text
    assert token not in again
    assert "Sở Tư pháp" in again
    assert "Ông editor" in again
    assert "09:00 30/11/2026" in again
    with desk() as work:
        link = work.session.scalars(select(PreviewLink)).one()
        assert link.expires_at == clock.now() + timedelta(days=7)
        assert token not in link.token_hash
        entry = work.session.scalars(select(AuditEntry).filter_by(action="item.share")).one()
        assert token not in str(entry.detail)


def test_a_revoked_link_shows_nothing(
    staff: Any, draft: Any, shared: Any, site: Any, desk: Desk
) -> None:
    item_id = draft()
    link = shared(item_id)
    editor, path = staff("editor"), f"/quan-tri/{TYPE}/{item_id}/chia-se"
    assert site().get(link).status_code == 200
    assert editor.send(editor.open(path).form("/thu-hoi")).status == 303
    assert site().get(link).status_code == 404
    assert "/thu-hoi" not in editor.open(path).text
    with desk() as work:
        assert work.session.scalars(select(AuditEntry).filter_by(action="item.unshare")).one()


@pytest.mark.parametrize(
    "typed", [{"days": "2"}, {"days": ""}, {"days": "x"}, {"label": "a" * 121}]
)
def test_a_link_that_cannot_be_made_is_told_and_nothing_typed_is_lost(
    staff: Any, draft: Any, desk: Desk, typed: dict[str, str]
) -> None:
    editor, path = staff("editor"), f"/quan-tri/{TYPE}/{draft()}/chia-se"
    refused = editor.send(editor.open(path).form("/chia-se"), **{"label": "Sở Y tế", **typed})
    assert refused.status == 422
    assert 'role="alert"' in refused.text
    assert typed.get("label", "Sở Y tế") in refused.text
    with desk() as work:
        assert work.session.scalars(select(PreviewLink)).all() == []


def test_a_link_of_another_item_cannot_be_revoked_through_this_one(
    staff: Any, draft: Any, shared: Any, desk: Desk, site: Any
) -> None:
    one, other = draft(), draft(number="2/KH")
    link = shared(other)
    editor = staff("editor")
    with desk() as work:
        link_id = work.session.scalars(select(PreviewLink.id)).one()
    assert editor.post(f"/quan-tri/{TYPE}/{one}/chia-se/{link_id}/thu-hoi").status == 404
    assert site().get(link).status_code == 200


# -- what the link shows -------------------------------------------------------------------------


def test_the_answer_is_kept_by_nobody_and_sets_no_cookie(
    draft: Any, shared: Any, site: Any
) -> None:
    answer = site().get(shared(draft()))
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


def test_a_page_with_a_form_sets_no_cookie_either(
    desk: Desk, publish: Any, site: Any, shared: Any
) -> None:
    today = date(2026, 11, 23)
    values = {
        "title": "Dự thảo Quyết định mẫu",
        "summary": "Về giờ làm việc",
        "kind": "QĐ",
        "level": "province",
        "drafter": "Văn phòng phường",
        "target": "Nhân dân",
        "opens_on": today - timedelta(days=5),
        "closes_on": today + timedelta(days=20),
        "articles": [{"heading": "Điều 1", "text": "Quy chế này áp dụng cho phường."}],
    }
    item_id = publish("draft_consultation", **values)
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        path = work.type_of(item).path(item)
    assert "Set-Cookie" in site().get(path).headers
    answer = site().get(shared(item_id))
    assert answer.status_code == 200
    assert "csrf_token" in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


def test_the_page_tells_who_shared_it_and_until_when_in_both_languages(
    staff: Any, draft: Any, site: Any
) -> None:
    editor, item_id = staff("editor"), draft()
    path = f"/quan-tri/{TYPE}/{item_id}/chia-se"
    made = editor.send(editor.open(path).form("/chia-se"), days="1").text
    token = re.findall(r"/xem-truoc/([\w-]{43})", made)[0]
    page = site().get(f"/xem-truoc/{token}").get_data(as_text=True)
    assert "Ông editor" in page
    assert "09:00 24/11/2026" in page
    assert "chưa được xuất bản" in page
    english = site().get(f"/en/xem-truoc/{token}").get_data(as_text=True)
    assert "not published yet" in english


def test_links_that_are_over_revoked_or_unknown_get_the_same_answer(
    draft: Any, shared: Any, site: Any, clock: FrozenClock, desk: Desk
) -> None:
    item_id = draft()
    over, revoked = shared(item_id, days=1), shared(item_id, days=14)
    with desk() as work:
        link = work.session.scalars(select(PreviewLink).order_by(PreviewLink.id.desc())).first()
        actions.unshare(work, link)
    assert site().get(over).status_code == 200
    clock.move(timedelta(days=1) - timedelta(seconds=1))
    assert site().get(over).status_code == 200
    clock.move(timedelta(seconds=1))
    answers = [site().get(path) for path in (over, revoked, "/xem-truoc/" + "x" * 43)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r"/xem-truoc/[\w-]+", "", a.get_data(as_text=True)) for a in answers}) == 1
    assert "hỏi người đã gửi" in answers[0].get_data(as_text=True)
    assert answers[0].headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_link_holds_at_its_own_unit_only(
    draft: Any, shared: Any, site: Any, other_unit: Any
) -> None:
    assert site(other_unit).get(shared(draft())).status_code == 404


@pytest.mark.parametrize("step", ["trash", "archive"])
def test_what_rests_is_not_shown(
    publish: Any, draft: Any, shared: Any, site: Any, desk: Desk, document: Values, step: str
) -> None:
    item_id = draft() if step == "trash" else publish(TYPE, **document())
    link = shared(item_id)
    with desk() as work:
        actions.advance(work, work.session.get_one(Item, item_id), step, "Lý do")
    assert site().get(link).status_code == 404


def test_what_is_withdrawn_is_not_read_by_an_old_link(
    publish: Any, shared: Any, site: Any, desk: Desk, document: Values, clock: FrozenClock
) -> None:
    item_id = publish(TYPE, **document())
    old = shared(item_id)
    clock.move(timedelta(hours=1))
    with desk() as work:
        actions.unpublish(work, work.session.get_one(Item, item_id), "Nhầm")
    assert site().get(old).status_code == 404
    clock.move(timedelta(hours=1))
    assert site().get(shared(item_id)).status_code == 200


def test_a_section_that_is_off_shows_nothing(
    desk: Desk, document: Values, site: Any, staff: Any, units: Any
) -> None:
    service = units("don-vi-su-nghiep")
    admin = staff("unit_admin", at=service)
    module = "/quan-tri/chuyen-muc/legal_documents.normative_documents"
    assert admin.send(admin.open(module).form("/bat"), reason="Theo nhu cầu").status == 303
    with desk(service) as work:
        values = document("54/2023/QĐ-UBND", requirement="normative_documents", kind="QĐ")
        item = actions.create(work, TYPE, values)
        link = f"/xem-truoc/{actions.share(work, item, 3)[1]}"
    assert site(service).get(link).status_code == 200
    assert admin.send(admin.open(module).form("/tat"), reason="Không cần nữa").status == 303
    assert site(service).get(link).status_code == 404


def test_the_link_shows_what_is_saved_later(draft: Any, shared: Any, site: Any, desk: Desk) -> None:
    item_id = draft()
    link = shared(item_id)
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, item_id), {"body": "<p>Sửa sau</p>"})
    assert "Sửa sau" in site().get(link).get_data(as_text=True)


def test_private_fields_are_not_shown(desk: Desk, shared: Any, site: Any) -> None:
    private = {
        "question": "Câu hỏi riêng tư",
        "asker_name": "Zotenz Hotenz",
        "phone": "0234 000 987",
        "email": "zhopthuz@thu.example",
        "address": "Số chín",
    }
    with desk() as work:
        assert all(work.types["question"].fields[name].private for name in private)
        values = {"title": "Cấp đổi", "topic": "civil_status", "summary": "Có phải đổi không?"}
        item_id = actions.create(work, "question", {**values, **private}).id
    page = site().get(shared(item_id)).get_data(as_text=True)
    assert "Có phải đổi không?" in page
    for value in private.values():
        assert value not in page


# -- files ---------------------------------------------------------------------------------------


def test_files_and_pictures_of_a_draft_are_read_through_the_link_only(
    draft: Any, shared: Any, site: Any, keep: Any, clock: FrozenClock
) -> None:
    attached, picture = keep("ke-hoach.txt", b"Phu luc"), keep("anh.png", png())
    elsewhere = keep("khac.txt", b"Cua bai khac")
    body = f'<p>Chữ</p><img src="/tep/{picture.id}/anh.png" alt="Quang cảnh">'
    link = shared(draft(body=body, attachments=[attached.id]))
    page = site().get(link).get_data(as_text=True)
    assert f'href="{link}/tep/{attached.id}/ke-hoach.txt"' in page
    assert f"{link}/tep/{picture.id}/anh.png" in page
    assert f'"/tep/{picture.id}' not in page

    for file in (attached, picture):
        answer = site().get(f"{link}/tep/{file.id}/{file.name}", buffered=True)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert site().get(f"/tep/{file.id}/{file.name}").status_code == 404
    assert site().get(f"{link}/tep/{elsewhere.id}/khac.txt").status_code == 404
    assert site().get(f"/xem-truoc/{'x' * 43}/tep/{attached.id}/ke-hoach.txt").status_code == 404
    clock.move(timedelta(days=3))
    assert site().get(f"{link}/tep/{attached.id}/ke-hoach.txt").status_code == 404


def test_files_in_english_pages_keep_their_language(
    draft: Any, shared: Any, site: Any, keep: Any
) -> None:
    attached = keep("ke-hoach.txt", b"Phu luc")
    link = shared(draft(attachments=[attached.id]))
    page = site().get(f"/en{link}").get_data(as_text=True)
    address = f"/en{link}/tep/{attached.id}/ke-hoach.txt"
    assert f'href="{address}"' in page
    assert site().get(address, buffered=True).status_code == 200
