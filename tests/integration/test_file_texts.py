"""What attached documents say: read by a job in a process of its own, and found by search."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from unicodedata import normalize

import pytest
from sqlalchemy import delete, func, select

from hoitu.core.content import File, Item, actions, file_texts, files
from hoitu.core.content.file_texts import (
    DONE,
    FAILED,
    LOCKED,
    OLD_FONT,
    SCAN,
    TOO_LARGE,
    FileText,
)
from hoitu.core.extensions import Platform
from hoitu.core.jobs import indexing
from hoitu.core.jobs.queue import JobRow
from hoitu.core.media import extractor, texts
from hoitu.core.testing.documents import docx, odt, pdf, pptx, xlsx
from hoitu.core.units import Unit, all_units

PDF, DOCX = "application/pdf", files.ALLOWED[".docx"]


class Shelf:
    """A store of one document."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def put(self, source: Any) -> tuple[str, int]:
        raise NotImplementedError

    def open(self, sha256: str) -> BytesIO:
        return BytesIO(self.content)


def reading(content: bytes, extension: str = ".pdf") -> texts.Reading:
    return texts.read(Shelf(content), "", files.ALLOWED[extension])


@pytest.fixture
def keep(desk: Any, platform: Platform) -> Callable[..., int]:
    """Return a function that uploads a file to a unit and returns its id."""

    def upload(name: str, content: bytes, at: Unit | None = None) -> int:
        with desk(at) as work:
            return files.upload(work, platform.files, name, BytesIO(content)).id

    return upload


@pytest.fixture
def attached(platform: Platform, clock: Any) -> Callable[[], dict[int, str]]:
    """Return a function that gives the attached text that search gets, by item."""

    def read() -> dict[int, str]:
        with platform.open_session(False) as session, all_units("the tests"):
            found = indexing.documents(session, platform.types, clock.now())
            return {d.id: d.attachments for d in found if d.attachments}

    return read


@pytest.mark.parametrize(
    ("make", "extension"), [(pdf, ".pdf"), (docx, ".docx"), (odt, ".odt"), (pptx, ".pptx")]
)
def test_documents_give_their_paragraphs_in_order_and_in_nfc(make: Any, extension: str) -> None:
    lines = ("Tháp báo lũ", "bến đò Vĩnh Tu")
    found = reading(make(*(normalize("NFD", line) for line in lines)), extension)
    assert (found.state, found.text.split("\n")) == (DONE, list(lines))


def test_a_workbook_gives_its_words() -> None:
    found = reading(xlsx("Thôn An Truyền", "Số hộ"), ".xlsx")
    assert (found.state, set(found.text.split("\n"))) == (DONE, {"Thôn An Truyền", "Số hộ"})


def test_remarks_and_deleted_text_are_not_read() -> None:
    body = (
        "<w:p><w:r><w:t>Giữ lại</w:t></w:r><w:del><w:r><w:delText>Bỏ đi</w:delText></w:r></w:del>"
        "<w:r><w:tab/><w:t>và đây</w:t></w:r></w:p>"
    )
    assert reading(docx(markup=body), ".docx").text == "Giữ lại và đây"
    noted = (
        "<text:tracked-changes><text:p>Bỏ đi</text:p></text:tracked-changes><text:p>Giữ"
        "<text:s/>lại<office:annotation><text:p>Ghi chú</text:p></office:annotation> đây</text:p>"
    )
    assert reading(odt(markup=noted), ".odt").text == "Giữ lại đây"


def test_pages_without_letters_are_a_scan() -> None:
    assert reading(pdf("12/2025", "...")).state == SCAN
    assert reading(docx(""), ".docx").state == SCAN


def test_letters_of_an_old_font_are_no_text() -> None:
    told = "QuyÕt ®Þnh cña Thñ t\N{MINUS SIGN}íng ChÝnh phñ vÒ viÖc söa ®æi, bæ sung §iÒu lÖ"
    assert texts.judged(told) == texts.Reading(OLD_FONT)
    assert texts.judged("Điều 5 § 2 ®: 10 µm ± 1 §").state == DONE
    assert texts.judged("Café, naïve façade, «guillemets»").state == DONE


def test_documents_that_want_a_password_are_told_apart() -> None:
    assert reading(pdf("Bí mật", locked=True)).state == LOCKED
    assert reading(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, ".docx").state == LOCKED


BROKEN = {
    "not a PDF": (b"%PDF-1.7\nnothing", ".pdf"),
    "not a zip file": (b"PK\x03\x04 cut", ".docx"),
    "no main part": (docx(part="word/other.xml"), ".docx"),
    "an entity": (docx(markup="<w:p/>", head='<!DOCTYPE x [<!ENTITY a "aaaa">]>'), ".docx"),
    "cut off": (docx("Chữ" * 2000)[:-200], ".docx"),
    "too deep": (
        odt(markup="<text:p>" + "<text:span>" * 5000 + "</text:span>" * 5000 + "</text:p>"),
        ".odt",
    ),
}


@pytest.mark.parametrize("name", [n for n in BROKEN if n != "no main part"])
def test_a_broken_document_fails_by_itself(name: str) -> None:
    assert reading(*BROKEN[name]) == texts.Reading(FAILED)


def test_a_document_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    target = BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("word/document.xml", "w", force_zip64=True) as part,
    ):
        for _ in range((extractor.PART >> 20) + 1):
            part.write(b" " * (1 << 20))
    assert len(target.getvalue()) < 1 << 20
    assert reading(target.getvalue(), ".docx") == texts.Reading(FAILED)


def test_of_a_long_document_the_first_pages_are_read() -> None:
    found = reading(pdf(*(f"Trang số {n} của báo cáo" for n in range(1, 1001))))
    assert found.state == DONE
    assert found.text.split("\n")[-1] == f"Trang số {extractor.PAGES} của báo cáo"


def test_a_long_text_is_cut() -> None:
    found = reading(docx(*["Chữ " * 5000] * 40), ".docx")
    assert (found.state, len(found.text) <= extractor.CHARACTERS) == (DONE, True)


def test_a_document_of_too_many_bytes_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "BYTES", 100)
    assert reading(pdf("Tháp báo lũ")) == texts.Reading(TOO_LARGE)


def test_a_reader_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    hung = tmp_path / "hung.py"
    hung.write_text("import time\ntime.sleep(60)\n", "utf-8")
    monkeypatch.setattr(texts.extractor, "__file__", str(hung))
    monkeypatch.setattr(texts, "PATIENCE", 0.2)
    assert reading(pdf("Tháp báo lũ")) == texts.Reading(FAILED)


def test_the_reader_is_told_nothing_of_this_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    curious = tmp_path / "curious.py"
    curious.write_text("import os\nprint('Biết:', os.environ.get('HOITU_SECRET_KEY'))\n", "utf-8")
    monkeypatch.setenv("HOITU_SECRET_KEY", "khoa")
    monkeypatch.setattr(texts.extractor, "__file__", str(curious))
    assert reading(pdf("Tháp báo lũ")).text.strip() == "Biết: None"


def test_search_gets_the_text_of_what_is_attached_to_a_public_item(
    keep: Any, publish: Any, document: Any, drain: Any, attached: Any, desk: Any
) -> None:
    file_id = keep("phuong-an.pdf", pdf("Tháp báo lũ tự động"))
    other = keep("phu-luc.docx", docx("Danh sách bến đò"))
    item_id = publish("legal_document", **document(attachments=[other, file_id]))
    assert attached() == {}
    drain()
    assert attached() == {item_id: "Danh sách bến đò\nTháp báo lũ tự động"}
    with desk() as work:
        actions.unpublish(work, work.session.get_one(Item, item_id), "Sai")
    drain()
    assert attached() == {}


def test_of_many_long_documents_no_more_is_in_memory_than_search_gets(
    keep: Any, publish: Any, document: Any, desk: Any, clock: Any
) -> None:
    ids = [keep(f"{n}.pdf", pdf(f"Phụ lục {n}")) for n in range(20)]
    item_id = publish("legal_document", **document(attachments=ids))
    with desk() as work:
        for sha256 in work.session.scalars(select(File.sha256)):
            text = "x" * extractor.CHARACTERS
            work.session.add(FileText(sha256=sha256, state=DONE, text=text, read_at=clock.now()))
    with desk() as work:
        tracemalloc.start()
        found = file_texts.of_items(work.session, [item_id])
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert [len(text) for text in found.values()] == [file_texts.LIMIT]
    assert most < 10 * extractor.CHARACTERS


def test_a_draft_and_a_file_nobody_has_published_are_not_found(
    keep: Any, desk: Any, document: Any, drain: Any, attached: Any
) -> None:
    file_id = keep("mat.pdf", pdf("Chưa công bố"))
    with desk() as work:
        actions.create(work, "legal_document", document(attachments=[file_id]))
    drain()
    assert attached() == {}
    with desk() as work:
        indexed = select(func.count()).where(JobRow.name == "core.index")
        assert work.session.scalar(indexed) == 0
        assert work.session.scalar(select(FileText.text)) == "Chưa công bố"


def test_what_was_attached_later_goes_with_its_version_only(
    keep: Any, desk: Any, publish: Any, document: Any, drain: Any, attached: Any
) -> None:
    """A change that waits for approval makes nothing public, not in search either."""
    item_id = publish("legal_document", **document())
    file_id = keep("moi.pdf", pdf("Bản sửa đổi còn chờ duyệt"))
    with desk(role="editor") as work:
        item = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"attachments": [file_id]})
    drain()
    assert attached() == {}


def test_the_same_bytes_are_read_once_for_all_units(
    keep: Any, publish: Any, document: Any, drain: Any, attached: Any, other_unit: Unit, desk: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    runs: list[str] = []
    real = texts.read
    monkeypatch.setattr(texts, "read", lambda *given: runs.append(given[1]) or real(*given))
    content = pdf("Hướng dẫn chung")
    here = publish("legal_document", **document(attachments=[keep("a.pdf", content)]))
    drain()
    there = publish(
        "legal_document",
        at=other_unit,
        **document(attachments=[keep("b.pdf", content, other_unit)]),
    )
    drain()
    assert len(runs) == 1
    assert attached() == {here: "Hướng dẫn chung", there: "Hướng dẫn chung"}


def test_a_document_whose_bytes_are_gone_stops_no_worker(
    keep: Any, drain: Any, instance: Any, desk: Any
) -> None:
    keep("a.pdf", pdf("Mất rồi"))
    [stored] = [path for path in (instance / "files").rglob("*") if path.is_file()]
    stored.unlink()
    drain()
    with desk() as work:
        assert work.session.scalar(select(FileText.state)) == FAILED
        of_texts = select(JobRow.state).where(JobRow.name == "core.media_texts")
        assert work.session.scalars(of_texts).all() == ["done"]


def test_many_items_cost_as_many_statements_as_few(
    keep: Any, publish: Any, document: Any, drain: Any, attached: Any, statements: Any
) -> None:
    def count() -> int:
        statements()
        attached()
        return len(statements())

    file_id = keep("a.pdf", pdf("Tháp báo lũ"))
    publish("legal_document", **document(attachments=[file_id]))
    drain()
    few = count()
    for n in range(12):
        publish("legal_document", **document(f"{n}/QĐ-UBND", attachments=[file_id]))
    assert len(attached()) == 13
    assert count() == few


def test_the_command_reads_what_was_never_read_and_search_learns_of_it(
    keep: Any, publish: Any, document: Any, drain: Any, attached: Any, desk: Any, hoitu: Any
) -> None:
    item_id = publish("legal_document", **document(attachments=[keep("a.pdf", pdf("Bến đò"))]))
    keep("quet.pdf", pdf("1"))
    keep("anh.txt", b"chu")
    with desk() as work:
        work.session.execute(delete(JobRow))  # as of documents from before there was a job
    told = hoitu("media", "texts")
    assert told.exit_code == 0, told.output
    assert "2 documents were read; 1 have a text." in told.output
    assert "1 are scans" in told.output
    assert attached() == {item_id: "Bến đò"}
    with desk() as work:
        queued = select(JobRow.payload).where(JobRow.name == "core.index")
        assert [p["item_id"] for p in work.session.scalars(queued)] == [item_id]
    assert "0 documents were read" in hoitu("media", "texts").output


def test_the_command_tries_again_only_what_failed(keep: Any, desk: Any, hoitu: Any) -> None:
    keep("hong.pdf", pdf("Bến đò"))
    keep("quet.pdf", pdf("1"))
    hoitu("media", "texts")
    with desk() as work:
        row = work.session.scalars(select(FileText).where(FileText.state == DONE)).one()
        row.state, row.text = FAILED, ""
    assert "0 documents were read" in hoitu("media", "texts").output
    assert "1 documents were read; 1 have a text." in hoitu("media", "texts", "--again").output


def test_a_text_is_forgotten_with_the_last_file_that_has_it(
    keep: Any, drain: Any, desk: Any, clock: Any
) -> None:
    kept, gone = keep("a.pdf", pdf("Còn đây")), keep("b.pdf", pdf("Bỏ đi"))
    drain()
    with desk() as work:
        work.session.delete(work.session.get_one(File, gone))
    clock.move(timedelta(days=1, minutes=1))
    drain()
    with desk() as work:
        assert work.session.get_one(File, kept)
        assert work.session.scalars(select(FileText.text)).all() == ["Còn đây"]


def test_search_finds_an_item_by_words_that_only_its_attachment_has(
    keep: Any, publish: Any, document: Any, drain: Any, visitor: Any
) -> None:
    publish("legal_document", **document(attachments=[keep("a.pdf", pdf("Cầu Ông Thượng"))]))
    drain()
    assert "389/KH-UBND" in visitor().open("/tim-kiem?q=%C3%B4ng+th%C6%B0%E1%BB%A3ng").text


def test_the_form_advises_on_documents_nobody_can_read(
    keep: Any, desk: Any, document: Any, drain: Any, staff: Any
) -> None:
    scanned, good = keep("quet.pdf", pdf("1")), keep("goc.pdf", pdf("Văn bản gốc"))
    with desk() as work:
        item = actions.create(work, "legal_document", document(attachments=[scanned, good]))
        path = f"/quan-tri/legal_document/{item.id}"
    editor = staff("editor")
    assert "bản quét" not in editor.open(path).text
    drain()
    page = editor.open(path).text
    assert page.count("bản quét không có lớp chữ") == 1
    assert "<q>quet.pdf</q>" in page
    assert "<q>goc.pdf</q>" not in page
