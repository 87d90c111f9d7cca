"""Writing at the desk, through the forms a browser is shown."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, File, Item, ItemVersion, actions
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

TYPE = "legal_document"
NEW = f"/quan-tri/{TYPE}/moi"
COMPLETE = {
    "requirement": "administrative_documents",
    "kind": "KH",
    "number": "389/KH-UBND",
    "issuer": "Ủy ban nhân dân tỉnh",
    "issued_on": "27/11/2023",
}


@pytest.fixture
def count(desk: Desk) -> Callable[[], tuple[int, int, int]]:
    """Return a function that counts items, versions and audit entries of items."""

    def now() -> tuple[int, int, int]:
        with desk() as work:
            items = select(func.count(Item.id))
            versions = select(func.count(ItemVersion.id))
            entries = select(func.count(AuditEntry.id)).where(AuditEntry.action.like("item.%"))
            numbers = [work.session.scalar(q) or 0 for q in (items, versions, entries)]
            return numbers[0], numbers[1], numbers[2]

    return now


def write(person: Any, **typed: Any) -> str:
    """Fill in the form of a new document; return the path of the saved draft."""
    shown = person.send(person.open(NEW).form(NEW), **{**COMPLETE, **typed})
    assert shown.status == 303, shown.text
    return str(shown.response.location)


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


# -- from the draft to the site ------------------------------------------------------------------


def test_an_editor_writes_an_approver_returns_and_publishes(
    staff: Staff, desk: Desk, clock: FrozenClock, visitor: Callable[..., Any]
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
    assert "Thiếu trích yếu đầy đủ" not in editor.open(path).text

    done = approver.send(approver.open(path).form(path), then__step="publish")
    assert done.status == 303
    assert state(desk, path) == ("published", "")
    page = visitor().open(public_path(desk, path))
    assert page.status == 200
    assert "Bản hai" in page.text


def test_an_editor_cannot_publish_by_hand(staff: Staff, count: Callable[[], Any]) -> None:
    editor = staff("editor")
    path = write(editor)
    form = editor.open(path).form(path)
    assert ("then-step", "publish") not in form.buttons
    before = count()
    assert editor.send(form, summary="Khác", then__step="publish").status == 403
    assert count() == before


def test_an_incomplete_draft_is_saved_and_publishing_tells_every_gap(
    staff: Staff, desk: Desk
) -> None:
    approver = staff("approver")
    shown = approver.send(approver.open(NEW).form(NEW), summary="Mới có trích yếu")
    path = shown.response.location
    assert state(desk, path) == ("draft", "")

    refused = approver.send(approver.open(path).form(path), summary="Thêm", then__step="publish")
    assert refused.status == 422
    for name in ("requirement", "kind", "number", "issuer", "issued_on"):
        assert f'<a href="#{name}">' in refused.text
        assert f'id="{name}-error"' in refused.text
    assert 'role="alert"' in refused.text
    assert state(desk, path) == ("draft", "")
    with desk() as work:
        assert work.session.get_one(Item, item_id(path)).summary == "Thêm"


def test_a_refused_first_publication_keeps_the_draft_it_saved(staff: Staff, desk: Desk) -> None:
    approver = staff("approver")
    form = approver.open(NEW).form(NEW)
    shown = approver.send(form, summary="Một", then__step="publish")
    assert shown.status == 422
    again = next(f for f in shown.forms if "expected-version" in f.names and "summary" in f.names)
    assert approver.send(again, **COMPLETE, then__step="publish").status == 303
    assert state(desk, again.action) == ("published", "")
    with desk() as work:
        assert work.session.scalar(select(func.count(Item.id))) == 1


def test_a_published_text_stays_until_the_new_version_is_published(
    staff: Staff, desk: Desk, visitor: Callable[..., Any]
) -> None:
    editor, approver = staff("editor"), staff("approver")
    path = write(approver, summary="Chữ cũ", then__step="publish")
    public = public_path(desk, path)

    editor.send(editor.open(path).form(path), summary="Chữ mới", then__step="submit")
    assert state(desk, path) == ("published", "submitted")
    assert "Chữ cũ" in visitor().open(public).text
    assert "Chữ mới" in approver.open(path).text
    assert "Chữ mới" in approver.open(f"{path}/xem").text

    approver.send(approver.open(path).form(path), then__step="publish")
    assert "Chữ mới" in visitor().open(public).text


def test_a_waiting_version_is_checked_when_it_is_submitted(staff: Staff, desk: Desk) -> None:
    approver = staff("approver")
    path = write(approver, then__step="publish")
    shown = approver.send(approver.open(path).form(path), number="", then__step="submit")
    assert shown.status == 422
    assert '<a href="#number">' in shown.text
    assert state(desk, path) == ("published", "draft")


def test_a_waiting_version_can_be_discarded(staff: Staff, desk: Desk) -> None:
    approver = staff("approver")
    path = write(approver, summary="Chữ cũ", then__step="publish")
    approver.send(approver.open(path).form(path), summary="Chữ mới")
    approver.send(approver.open(path).form("/bo-ban-cho"))
    assert state(desk, path) == ("published", "")
    assert approver.open(path).form(path).values["summary"] == ["Chữ cũ"]


def test_what_is_public_can_be_taken_off_while_a_version_waits(
    staff: Staff, desk: Desk, visitor: Callable[..., Any]
) -> None:
    approver = staff("approver")
    path = write(approver, summary="Chữ cũ", then__step="publish")
    public = public_path(desk, path)
    approver.send(approver.open(path).form(path), summary="Chữ mới")
    approver.send(approver.open(path).form("/buoc/unpublish"), note="Sai số liệu")
    assert state(desk, path) == ("unpublished", "")
    assert visitor().open(public).status == 404
    assert approver.open(path).form(path).values["summary"] == ["Chữ mới"]


def test_what_is_in_the_trash_is_read_only_until_it_is_restored(staff: Staff, desk: Desk) -> None:
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


def test_saving_without_a_change_makes_no_version(staff: Staff, count: Callable[[], Any]) -> None:
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
    staff: Staff, desk: Desk, clock: FrozenClock
) -> None:
    first, second = staff("editor"), staff("editor")
    path = write(first, summary="Ban đầu")
    slow = second.open(path).form(path)
    clock.move(timedelta(minutes=1))
    first.send(first.open(path).form(path), summary="Của người thứ nhất", issued_on="28/11/2023")

    shown = second.send(slow, summary="Của người thứ hai", signer="Nguyễn Văn A")
    assert shown.status == 409
    for text in ("Của người thứ nhất", "Của người thứ hai", "28/11/2023", "Nguyễn Văn A"):
        assert text in shown.text
    with desk() as work:
        assert work.session.get_one(Item, item_id(path)).summary == "Của người thứ nhất"

    decided = second.send(shown.form(path))
    assert decided.status == 303
    with desk() as work:
        assert work.session.get_one(Item, item_id(path)).summary == "Của người thứ hai"
        kept = work.session.scalars(select(ItemVersion)).all()
        assert "Của người thứ nhất" in [version.values["summary"] for version in kept]


def test_what_was_changed_meanwhile_is_not_published_unseen(
    staff: Staff, desk: Desk, clock: FrozenClock
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
    staff: Staff, desk: Desk, version: str | None
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Gốc")
    form = editor.open(path).form(path)
    assert editor.send(form, summary="Khác", expected__version=version).status == 409
    with desk() as work:
        assert work.session.get_one(Item, item_id(path)).summary == "Gốc"


# -- a closed list of fields ---------------------------------------------------------------------


def test_unknown_and_base_columns_change_nothing(
    staff: Staff, desk: Desk, unit: Unit, other_unit: Unit
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


# -- bad input -----------------------------------------------------------------------------------

BAD = [
    ("number", "x" * 200_000),
    ("number", "📄" * 81),
    ("summary", "x" * 2001),
    ("body", "<p>" + "x" * 200_001),
    ("issued_on", "31/02/2024"),
    ("issued_on", "2024-13-01"),
    ("issued_on", "00/00/0000"),
    ("issued_on", "1/1/99999"),
    ("issued_on", "hôm qua"),
    ("kind", "no such kind"),
    ("kind", "x" * 200_000),
    ("requirement", "research_programs"),
    ("source_url", "javascript:alert(1)"),
    ("source_url", "http://[::1"),
    ("force", "<script>"),
    ("relations-0-relation", "no such relation"),
    ("relations-0-target_number", "x" * 200),
    ("relations-rows", "100000"),
    ("attachments-keep", "999999"),
]


@pytest.mark.parametrize(("name", "typed"), BAD)
def test_bad_input_is_refused_with_all_entries_kept(
    staff: Staff, count: Callable[[], Any], name: str, typed: str
) -> None:
    editor = staff("editor")
    before = count()
    form = editor.open(NEW).form(NEW)
    sent = {**COMPLETE, "signer": "Nguyễn Văn Giữ", "relations-1-note": "Giữ tôi", name: typed}
    shown = editor.send(form, **sent)
    assert shown.status == 422
    assert f'href="#{name.removesuffix("-keep").removesuffix("-rows")}"' in shown.text
    kept = shown.form(NEW).values
    assert kept["signer"] == ["Nguyễn Văn Giữ"]
    assert kept["relations-1-note"] == ["Giữ tôi"]
    if not name.startswith(("attachments", "relations-rows")):
        assert kept[name] == [typed]
    assert count() == before


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (unicodedata.normalize("NFD", "Kế hoạch Phú Xuân"), "Kế hoạch Phú Xuân"),
        ("Chào 👋🏽 và 👩‍👩‍👧", "Chào 👋🏽 và 👩‍👩‍👧"),
        ("a\0b\x1fc", "abc"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ 7*7 }} %(x)s %d {0}", "{{ 7*7 }} %(x)s %d {0}"),
        ("'; drop table item; --", "'; drop table item; --"),
        ("\u202eabc\u200b", "\u202eabc\u200b"),
    ],
)
def test_odd_text_is_stored_as_text(staff: Staff, desk: Desk, typed: str, stored: str) -> None:
    approver = staff("approver")
    path = write(approver, issuer=typed, summary=typed)
    with desk() as work:
        item: Any = work.session.get_one(Item, item_id(path))
        assert (item.issuer, item.summary) == (stored, stored)
    for page in (path, f"{path}/xem", f"{path}/phien-ban", f"/quan-tri/{TYPE}"):
        shown = approver.open(page)
        assert shown.status == 200
        assert "<script>alert" not in shown.text
    assert approver.open(path).form(path).values["summary"] == [stored]


def test_a_long_text_is_stored_whole(staff: Staff, desk: Desk) -> None:
    editor = staff("editor")
    body = "<p>" + "Đoạn văn. " * 19_000 + "</p>"
    path = write(editor, body=body)
    with desk() as work:
        assert len(work.session.get_one(Item, item_id(path)).body) > 189_000


def test_a_form_beyond_all_measure_is_refused(staff: Staff, count: Callable[[], Any]) -> None:
    editor = staff("editor")
    before = count()
    data = {**editor.open(NEW).form(NEW).values, "body": "x" * 5_000_000}
    answer = editor.site.post(NEW, data=data, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert count() == before


def test_messages_are_vietnamese(staff: Staff) -> None:
    editor = staff("editor")
    shown = editor.send(editor.open(NEW).form(NEW), issued_on="31/02/2024")
    assert "dd/mm/yyyy" not in shown.text
    assert "Not a date" not in shown.text
    english = editor.send(editor.open(f"/en{NEW}").form(NEW), issued_on="31/02/2024")
    assert "Not a date" in english.text


# -- tables, files, versions ---------------------------------------------------------------------


def test_rows_are_added_without_saving(staff: Staff, count: Callable[[], Any]) -> None:
    editor = staff("editor")
    before = count()
    form = editor.open(NEW).form(NEW)
    shown = editor.send(form, number="1/KH-UBND", relations__more="1")
    assert shown.status == 200
    grown = shown.form(NEW)
    assert grown.values["number"] == ["1/KH-UBND"]
    assert int(grown.values["relations-rows"][0]) == int(form.values["relations-rows"][0]) + 3
    assert count() == before


def test_rows_are_saved_and_removed(staff: Staff, desk: Desk) -> None:
    editor = staff("editor")
    first = {"relations-1-relation": "amends", "relations-1-target_number": "54/2023/QĐ-UBND"}
    with desk() as work:
        relation = next(
            iter(dict(work.types[TYPE].fields["relations"].kind.columns[0].kind.options()))
        )
    first["relations-1-relation"] = relation
    path = write(editor, **first)
    form = editor.open(path).form(path)
    assert form.values["relations-0-target_number"] == ["54/2023/QĐ-UBND"]
    editor.send(form, **{"relations-0-relation": "", "relations-0-target_number": ""})
    with desk() as work:
        item: Any = work.session.get_one(Item, item_id(path))
        assert item.relations == []


def upload(person: Any, form: Any, to: str, *files: tuple[bytes, str], **typed: Any) -> Any:
    sent = [(io.BytesIO(content), name) for content, name in files]
    return person.send(form, to, **typed, attachments=sent)


def test_files_are_attached_shown_and_removed(staff: Staff, desk: Desk) -> None:
    editor = staff("editor")
    form = editor.open(NEW).form(NEW)
    files = (b"Noi dung mot", "một.txt"), (b"Noi dung hai", "hai.txt")
    path = upload(editor, form, NEW, *files, **COMPLETE).response.location
    shown = editor.open(path)
    assert "một.txt" in shown.text
    with desk() as work:
        one, two = work.session.get_one(Item, item_id(path)).attachments
    got = editor.open(f"/quan-tri/tep/{one}/mot.txt")
    assert got.response.data == b"Noi dung mot"
    editor.send(shown.form(path), **{"attachments-remove": str(one)})
    with desk() as work:
        assert work.session.get_one(Item, item_id(path)).attachments == [two]


def test_an_upload_survives_a_refused_form(staff: Staff, desk: Desk) -> None:
    editor = staff("editor")
    form = editor.open(NEW).form(NEW)
    shown = upload(editor, form, NEW, (b"Noi dung", "giu.txt"), **{**COMPLETE, "issued_on": "x"})
    assert shown.status == 422
    assert "giu.txt" in shown.text
    saved = editor.send(shown.form(NEW), issued_on="27/11/2023")
    with desk() as work:
        item = work.session.get_one(Item, item_id(saved.response.location))
        assert [row.file.name for row in item.attachment_rows] == ["giu.txt"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ", "virus.exe"),
        (b"", "rong.pdf"),
        (b"<html><script>", "trang.txt"),
        (b"khong phai pdf", "gia.pdf"),
        (b"x", "x" * 300),
        (b"x", "\0.txt\0"),
        (b"GIF89a", "anh.png"),
    ],
)
def test_a_bad_file_is_refused_and_the_rest_kept(
    staff: Staff, count: Callable[[], Any], content: bytes, name: str
) -> None:
    editor = staff("editor")
    before = count()
    form = editor.open(NEW).form(NEW)
    shown = upload(editor, form, NEW, (content, name), (b"tot", "tot.txt"), **COMPLETE)
    assert shown.status == 422
    assert 'href="#attachments"' in shown.text
    assert "tot.txt" in shown.text
    assert shown.form(NEW).values["number"] == ["389/KH-UBND"]
    assert count() == before


def test_a_file_of_another_unit_cannot_be_attached(
    staff: Staff, desk: Desk, other_unit: Unit
) -> None:
    with desk(other_unit) as work:
        file = File(
            sha256="0" * 64, name="mật.txt", media_type="text/plain", size=1,
            uploaded_at=work.now(), uploaded_by="x", unit_id=other_unit.id,
        )  # fmt: skip
        work.session.add(file)
        work.session.flush()
        foreign = file.id
    editor = staff("editor")
    form = editor.open(NEW).form(NEW)
    shown = editor.send(form, **COMPLETE, **{"attachments-keep": str(foreign)})
    assert shown.status == 422
    assert "mật.txt" not in shown.text


def test_an_old_version_is_compared_and_taken_up_again(
    staff: Staff, desk: Desk, clock: FrozenClock
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Bản một")
    clock.move(timedelta(minutes=1))
    editor.send(editor.open(path).form(path), summary="Bản hai")
    with desk() as work:
        first = work.session.scalars(select(ItemVersion.id).order_by(ItemVersion.id)).first()
    shown = editor.open(f"{path}/phien-ban/{first}")
    assert "Bản một" in shown.text
    assert "Bản hai" in shown.text
    restored = editor.post(f"{path}/phien-ban/{first}", expected__version="1")
    assert editor.open(path).form(path).values["summary"] == ["Bản hai"], restored.text
    form = next(f for f in shown.forms if "expected-version" in f.names)
    editor.send(form, f"{path}/phien-ban/{first}")
    assert editor.open(path).form(path).values["summary"] == ["Bản một"]


def test_a_preview_shows_what_is_not_saved_as_public(
    staff: Staff, desk: Desk, visitor: Callable[..., Any]
) -> None:
    editor = staff("editor")
    path = write(editor, summary="Chưa công khai")
    assert "Chưa công khai" in editor.open(f"{path}/xem").text
    assert visitor().open(public_path(desk, path)).status == 404
    assert visitor().open(f"{path}/xem").status == 302


# -- every type ----------------------------------------------------------------------------------


def test_every_type_can_be_opened_saved_and_listed(staff: Staff, platform: Any) -> None:
    admin = staff("unit_admin")
    opened = 0
    for kind in platform.types:
        page = admin.open(f"/quan-tri/{kind.name}/moi")
        if page.status == 404:
            continue
        opened += 1
        saved = admin.send(page.form("/moi"))
        assert saved.status == 303, (kind.name, saved.text)
        path = saved.response.location
        for shown in (path, f"{path}/phien-ban", f"/quan-tri/{kind.name}", "/quan-tri/"):
            assert admin.open(shown).status == 200, shown
        assert admin.open(f"{path}/xem").status in (200, 404)
        refused = admin.send(admin.open(path).form(path), then__step="publish")
        assert refused.status in (303, 422), (kind.name, refused.text)
    assert opened >= 4
