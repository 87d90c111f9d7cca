"""What people type: bad input is refused with everything kept, odd input is stored as it is."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from hoitu.core.content import ActionContext, File, Item
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Write = Callable[..., str]
Count = Callable[[], tuple[int, int, int]]
Desk = Callable[..., AbstractContextManager[ActionContext]]

TYPE = "legal_document"
NEW = f"/quan-tri/{TYPE}/moi"
COMPLETE = {
    "requirement": "administrative_documents",
    "kind": "KH",
    "number": "389/KH-UBND",
    "issuer": "Ủy ban nhân dân tỉnh",
    "issued_on": "27/11/2023",
}


def item_id(path: str) -> int:
    return int(path.rpartition("/")[2])


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
def test_odd_text_is_stored_as_text(
    staff: Staff, write: Write, desk: Desk, typed: str, stored: str
) -> None:
    approver = staff("approver")
    path = write(approver, issuer=typed, summary=typed)
    with desk() as work:
        item: Any = work.session.get_one(Item, item_id(path))
        assert (item.issuer, item.summary) == (stored, stored)
    for page in (
        path,
        f"{path}/xem",
        f"{path}/xem/trang",
        f"{path}/phien-ban",
        f"/quan-tri/{TYPE}",
    ):
        shown = approver.open(page)
        assert shown.status == 200
        assert "<script>alert" not in shown.text
    assert approver.open(path).form(path).values["summary"] == [stored]


def test_a_long_text_is_stored_whole(staff: Staff, write: Write, desk: Desk) -> None:
    editor = staff("editor")
    body = "<p>" + "Đoạn văn. " * 19_000 + "</p>"
    path = write(editor, body=body)
    with desk() as work:
        assert len(work.session.get_one(Item, item_id(path)).body) > 189_000


def test_a_form_beyond_all_measure_is_refused(staff: Staff, count: Callable[[], Any]) -> None:
    editor = staff("editor")
    before = count()
    part = "--b\r\nContent-Disposition: form-data; name={}\r\n\r\n{}\r\n".format
    body = part("csrf_token", editor.token()) + part("body", "x" * 5_000_000) + "--b--\r\n"
    answer = editor.site.post(
        NEW, data=body.encode(), content_type="multipart/form-data; boundary=b"
    )
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


def test_rows_are_saved_and_removed(staff: Staff, write: Write, desk: Desk) -> None:
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
