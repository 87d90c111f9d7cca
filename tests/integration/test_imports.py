"""Two hundred documents arrive: one table, a folder of files, and what becomes of each row."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from hoitu.core import sheets
from hoitu.core.access import Account, RoleGrant
from hoitu.core.batches import Batch, BatchRow, imports, uploads
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item
from hoitu.core.extensions import Platform, session
from hoitu.core.units import Unit, unit_scope

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

PAGE = "/quan-tri/legal_document/nhap"
HEADINGS = (
    "Nhóm nội dung", "Loại văn bản", "Số, ký hiệu", "Trích yếu", "Cơ quan ban hành",
    "Ngày ban hành", "Tệp",
)  # fmt: skip
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


def workbook(rows: Iterable[Iterable[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def row(number: int, **other: object) -> list[object]:
    """Return the cells of a good row, other ones by the place of their column."""
    cells: list[object] = [
        "Văn bản quản lý hành chính", "Kế hoạch", f"{number}/KH-UBND", f"Về việc thứ {number}",
        "Ủy ban nhân dân phường", "27/11/2023", f"vb-{number}.pdf",
    ]  # fmt: skip
    for place, value in other.items():
        cells[int(place.removeprefix("c"))] = value
    return cells


def pdf(number: int) -> bytes:
    return PDF + f"% {number}\n".encode()


@pytest.fixture
def send(staff: Staff) -> Callable[..., Any]:
    """Return a function that sends a table and files: the page that follows."""

    def deliver(
        person: Any,
        table: bytes,
        files: Mapping[str, bytes] | None = None,
        *,
        name: str = "bang.xlsx",
        path: str = PAGE,
    ) -> Any:
        data: dict[str, Any] = {"csrf_token": person.token()}
        data["bang"] = (io.BytesIO(table), name)
        data["tep"] = [(io.BytesIO(content), file) for file, content in (files or {}).items()]
        answer = person.site.post(path, data=data, content_type="multipart/form-data")
        if answer.status_code == 303:
            return person.open(answer.location)
        from tests.integration.conftest import Shown

        return Shown(answer)

    return deliver


@pytest.fixture
def rows_of(desk: Desk) -> Callable[..., list[BatchRow]]:
    """Return a function that reads the rows of the newest batch, in a state if one is given."""

    def read(state: str = "") -> list[BatchRow]:
        with desk() as work:
            newest = select(func.max(Batch.id)).scalar_subquery()
            chosen = select(BatchRow).where(BatchRow.batch_id == newest)
            if state:
                chosen = chosen.where(BatchRow.state == state)
            return list(work.session.scalars(chosen.order_by(BatchRow.position)))

    return read


@pytest.fixture
def held(desk: Desk) -> Callable[[], list[Item]]:
    """Return a function that reads all documents of the unit."""

    def read() -> list[Item]:
        with desk() as work:
            model = work.types["legal_document"].model
            found = list(work.session.scalars(select(model).order_by(Item.id)))
            for item in found:
                assert item.attachments is not None
            return found

    return read


def begin(person: Any, then: str = "draft") -> Any:
    """Make what is ready in the newest batch of somebody: the page after it."""
    path = newest(person)
    answer = person.send(person.open(path).form("/chay"), then=then)
    assert answer.status == 303, answer.text
    return person.open(path)


def row_form(person: Any, path: str) -> Any:
    """Return the form of a row: the one that has its cells."""
    return next(f for f in person.open(path).forms if "number" in f.values)


def newest(person: Any) -> str:
    return str(re.search(r"/quan-tri/hang-loat/\d+", person.open("/quan-tri/hang-loat").text)[0])


#: Seven rows, each broken in a way of its own: what is changed in a good row, and what corrects it.
BROKEN: dict[int, tuple[dict[str, object], dict[str, str]]] = {
    11: ({"c5": "31/02/2023"}, {"issued_on": "28/02/2023"}),
    22: ({"c1": "Giấy mời họp"}, {"kind": "CT"}),
    33: ({"c2": None}, {"number": "33/KH-UBND"}),
    44: ({"c6": "khong-co.pdf"}, {"attachments": "vb-44.pdf"}),
    55: ({"c2": "54/KH-UBND"}, {"number": "55/KH-UBND"}),
    66: ({"c2": "389/KH-UBND"}, {"number": "66/KH-UBND"}),
    77: ({"c4": "x" * 201}, {"issuer": "Ủy ban nhân dân phường"}),
}


@pytest.mark.slow
def test_two_hundred_documents_arrive_seven_of_them_broken(  # noqa: PLR0917
    platform: Platform,
    staff: Staff,
    send: Callable[..., Any],
    rows_of: Callable[..., list[BatchRow]],
    held: Callable[[], list[Item]],
    publish: Callable[..., int],
    document: Values,
    drain: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    clock: FrozenClock,
) -> None:
    before = publish("legal_document", **document("389/KH-UBND"))
    editor = staff("editor")
    table = [HEADINGS, *(row(n, **BROKEN.get(n, ({}, {}))[0]) for n in range(1, 201))]
    files = {f"vb-{n}.pdf": pdf(n) for n in range(1, 201)}
    page = send(editor, workbook(table), files)

    # Looked at: 193 rows are ready, and each of the seven says what is wrong in which row.
    broken = rows_of("refused")
    assert [r.values["row"] for r in broken] == [n + 1 for n in BROKEN]
    assert [list(r.values["problems"]) for r in broken] == [
        ["issued_on"], ["kind"], ["number"], ["attachments"], ["number"], ["number"], ["issuer"],
    ]  # fmt: skip
    assert "khong-co.pdf" in broken[3].message
    assert "55" in broken[4].message
    assert str(before) in broken[5].message
    assert "1 tệp không dòng nào nêu tên" in page.text
    assert len(rows_of("waiting")) == 193
    assert len(held()) == 1

    # Made: the runner dies in the middle, and whoever comes next goes on where it stopped.
    do = platform.batch_kinds["import"]
    calls: list[int] = []

    def deadly(context: ActionContext, one: BatchRow, params: Mapping[str, Any]) -> str:
        calls.append(one.position)
        if len(calls) == 100:
            do(context, one, params)
            raise SystemExit
        return do(context, one, params)

    with monkeypatch.context() as patched:
        patched.setitem(platform.batch_kinds, "import", deadly)
        begin(editor)
        drain()
    assert len(held()) - 1 == 99, "the row at hand was undone with its worker"
    clock.move(timedelta(minutes=1))
    drain()
    made = rows_of("ok")
    assert len(made) == 193
    assert len({r.item_id for r in made}) == 193
    assert len(held()) - 1 == 193

    # Corrected in the page and made: none twice, each with the file it names.
    path = newest(editor)
    for r, (_, cells) in zip(broken, BROKEN.values(), strict=True):
        form = row_form(editor, f"{path}/dong/{r.id}")
        assert editor.send(form, to=f"{path}/dong/{r.id}", **cells).status == 303
    assert len(rows_of("waiting")) == 7
    begin(editor)
    assert len(rows_of("ok")) == 200
    documents = [item for item in held() if item.id != before]
    assert len(documents) == 200
    assert {item.state for item in documents} == {"draft"}
    assert sorted(item.number for item in documents) == sorted(
        f"{n}/KH-UBND" for n in range(1, 201)
    )
    assert all(len(item.attachments) == 1 for item in documents)
    assert len({item.attachments[0] for item in documents}) == 200
    begin_again = editor.open(path)
    assert not [f for f in begin_again.forms if f.action.endswith("/chay")]


def test_what_is_made_can_be_submitted_at_once(
    staff: Staff, send: Callable[..., Any], held: Callable[[], list[Item]]
) -> None:
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1, c6=None), row(2, c6=None)]))
    begin(editor, "submit")
    assert [item.state for item in held()] == ["submitted", "submitted"]


def test_the_template_is_read_as_it_is_filled_in(
    staff: Staff, send: Callable[..., Any], held: Callable[[], list[Item]]
) -> None:
    editor = staff("editor")
    book = openpyxl.load_workbook(
        io.BytesIO(editor.site.get(f"{PAGE}/mau.xlsx", buffered=True).data)
    )
    sheet, options = book.worksheets
    headings = [cell.value for cell in sheet[1]]
    assert "Số, ký hiệu *" in headings
    assert "Tệp" in headings
    assert "Quan hệ" not in headings
    offered = {cell.value: options.cell(2, cell.column).value for cell in options[1]}
    values = {
        **offered,
        "Số, ký hiệu *": "7/KH-UBND",
        "Trích yếu": "Thử",
        "Cơ quan ban hành *": "Ủy ban",
        "Ngày ban hành *": "27112023",
    }
    for index, heading in enumerate(headings, 1):
        sheet.cell(2, index, values.get(heading))
    target = io.BytesIO()
    book.save(target)
    send(editor, target.getvalue())
    begin(editor)
    (item,) = held()
    assert (item.number, str(item.issued_on)) == ("7/KH-UBND", "2023-11-27")


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        (["NHOM NOI DUNG", "loai van ban", "so ky hieu", "TRICH YEU", "co quan ban hanh",
          "Ngày ban hành *"],
         ["van ban quan ly hanh chinh", "KE HOACH", "1/KH-UBND", "Thử", "Ủy ban", "2023-11-27"]),
        (["requirement", "kind", "number", "summary", "issuer", "issued_on"],
         ["administrative_documents", "KH", "1/KH-UBND", "Thử", "Ủy ban", "27/11/2023"]),
        (["Group", "Kind of document", "Number and symbol", "Abstract", "Issuing body",
          "Date of issue"],
         ["Administrative documents", "Kế hoạch", "1/KH-UBND", "Thử", "Ủy ban", "27/11/2023"]),
    ],
)  # fmt: skip
def test_headings_and_options_are_known_however_they_are_written(
    staff: Staff,
    send: Callable[..., Any],
    held: Callable[[], list[Item]],
    headings: list[str],
    cells: list[str],
) -> None:
    editor = staff("editor")
    send(editor, workbook([headings, cells]))
    begin(editor)
    (item,) = held()
    assert (item.kind, item.requirement) == ("KH", "administrative_documents")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_a_csv_is_read_in_the_encodings_of_offices(
    staff: Staff, send: Callable[..., Any], held: Callable[[], list[Item]], encoding: str
) -> None:
    from unicodedata import normalize

    editor = staff("editor")
    lines = [HEADINGS[:6], row(1)[:6]]
    text = "\r\n".join(";".join(str(cell) for cell in line) for line in lines)
    if encoding == "cp1258":
        text = _for_cp1258(normalize("NFC", text))
    send(editor, text.encode(encoding), name="bang.csv")
    begin(editor)
    (item,) = held()
    assert item.issuer == "Ủy ban nhân dân phường"


def _for_cp1258(text: str) -> str:
    """Return text as that code page has it: letters with their hat, tones after them."""
    from unicodedata import normalize

    out = []
    for char in text:
        try:
            char.encode("cp1258")
            out.append(char)
        except UnicodeEncodeError:
            parts = normalize("NFD", char)
            tone = next(p for p in parts if p in "\u0300\u0301\u0303\u0309\u0323")
            out.append(normalize("NFC", parts.replace(tone, "")) + tone)
    return "".join(out)


def test_a_zip_of_the_folder_will_do(
    staff: Staff, send: Callable[..., Any], held: Callable[[], list[Item]]
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as folder:
        folder.writestr("Văn bản 2023/Kế hoạch số 1.pdf", pdf(1))
        folder.writestr("__MACOSX/._x.pdf", b"x")
        folder.writestr("Văn bản 2023/phu\n luc.pdf", pdf(2))
    editor = staff("editor")
    table = workbook([HEADINGS, row(1, c6="ke hoach so 1.pdf ; Phụ lục")])
    page = send(editor, table, {"van-ban.zip": target.getvalue()})
    assert "không dòng nào nêu tên" not in page.text
    begin(editor)
    (item,) = held()
    assert len(item.attachments) == 2


def test_files_that_come_later_make_rows_ready(
    staff: Staff, send: Callable[..., Any], rows_of: Callable[..., list[BatchRow]]
) -> None:
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1), row(2)]))
    assert len(rows_of("refused")) == 2
    path = newest(editor)
    data = {
        "csrf_token": editor.token(),
        "tep": [(io.BytesIO(pdf(n)), f"vb-{n}.pdf") for n in (1, 2)],
    }
    editor.site.post(f"{path}/tep", data=data, content_type="multipart/form-data")
    assert len(rows_of("waiting")) == 2


def test_a_file_the_store_refuses_is_told_of_and_the_others_stay(
    staff: Staff, send: Callable[..., Any], rows_of: Callable[..., list[BatchRow]]
) -> None:
    editor = staff("editor")
    files = {"vb-1.pdf": pdf(1), "vb-2.pdf": b"not a document", "virus.exe": b"MZ"}
    page = send(editor, workbook([HEADINGS, row(1), row(2)]), files)
    assert "vb-2.pdf" in page.text
    assert "virus.exe" in page.text
    assert [r.state for r in rows_of()] == ["waiting", "refused"]


def test_two_files_of_one_name_are_unclear(
    staff: Staff, send: Callable[..., Any], rows_of: Callable[..., list[BatchRow]]
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as folder:
        folder.writestr("2023/vb-1.pdf", pdf(1))
        folder.writestr("2024/vb-1.pdf", pdf(2))
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1)]), {"x.zip": target.getvalue()})
    (one,) = rows_of("refused")
    assert list(one.values["problems"]) == ["attachments"]


def test_files_of_the_unit_keep_the_name_they_came_with_now(
    staff: Staff, send: Callable[..., Any], rows_of: Callable[..., list[BatchRow]]
) -> None:
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1)]), {"vb-1.pdf": pdf(1)})
    send(editor, workbook([HEADINGS, row(2, c6="ten-khac.pdf")]), {"ten-khac.pdf": pdf(1)})
    assert [r.state for r in rows_of()] == ["waiting"]


def test_the_same_number_in_another_year_is_another_document(
    staff: Staff,
    send: Callable[..., Any],
    rows_of: Callable[..., list[BatchRow]],
    publish: Callable[..., int],
    document: Values,
) -> None:
    publish("legal_document", **document("1/KH-UBND", issued_on="27/11/2023"))
    editor = staff("editor")
    table = [row(1, c6=None, c5="01/02/2024"), row(1, c6=None)]
    send(editor, workbook([HEADINGS, *table]))
    assert [r.state for r in rows_of()] == ["waiting", "refused"]


def test_an_editor_may_say_that_it_is_another_one(
    staff: Staff,
    send: Callable[..., Any],
    rows_of: Callable[..., list[BatchRow]],
    publish: Callable[..., int],
    document: Values,
) -> None:
    publish("legal_document", **document("1/KH-UBND", issued_on="27/11/2023"))
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1, c6=None)]))
    (one,) = rows_of("refused")
    path = f"{newest(editor)}/dong/{one.id}"
    assert editor.send(row_form(editor, path), to=path).status == 422
    assert editor.send(row_form(editor, path), to=path, another="1").status == 303
    assert [r.state for r in rows_of()] == ["waiting"]


def test_a_row_that_is_left_out_is_not_made(
    staff: Staff, send: Callable[..., Any], held: Callable[[], list[Item]], rows_of: Any
) -> None:
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1, c6=None), row(2, c6=None)]))
    path = f"{newest(editor)}/dong/{rows_of()[0].id}"
    form = row_form(editor, path)
    editor.send(form, to=path, leave__out="1")
    begin(editor)
    assert [item.number for item in held()] == ["2/KH-UBND"]


def test_a_corrected_table_takes_the_place_of_the_first(
    staff: Staff, send: Callable[..., Any], held: Callable[[], list[Item]], rows_of: Any
) -> None:
    editor = staff("editor")
    send(
        editor,
        workbook([HEADINGS, row(1, c1="?"), row(2)]),
        {f"vb-{n}.pdf": pdf(n) for n in (1, 2)},
    )
    path = newest(editor)
    table = workbook([HEADINGS, row(1), row(2)])
    editor.site.post(
        f"{path}/bang",
        data={"csrf_token": editor.token(), "bang": (io.BytesIO(table), "bang.xlsx")},
        content_type="multipart/form-data",
    )
    assert [r.state for r in rows_of()] == ["waiting", "waiting"]
    begin(editor)
    assert len(held()) == 2


@pytest.mark.parametrize(
    ("table", "name"),
    [
        (b"", "bang.xlsx"),
        (b"PK\x03\x04 not a workbook", "bang.xlsx"),
        (b"x", "bang.xls"),
        (workbook([["Khác", "Lạ"], [1, 2]]), "bang.xlsx"),
        (workbook([HEADINGS]), "bang.xlsx"),
        (workbook([HEADINGS[:3], row(1)[:3]]), "bang.xlsx"),
        (workbook([["Nhóm nội dung", "nhóm nội dung"], [1, 2]]), "bang.xlsx"),
        ("\n".join(["Nhóm nội dung;Loại văn bản"] + ["x;y"] * 100_001).encode(), "bang.csv"),
        ("Nhóm nội dung;Loại".encode() + b"\xff\xfe\x00", "bang.csv"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_says_why_and_makes_nothing(
    staff: Staff, send: Callable[..., Any], desk: Desk, table: bytes, name: str
) -> None:
    editor = staff("editor")
    page = send(editor, table, name=name)
    assert page.status == 422
    assert 'role="alert"' in page.text
    with desk() as work:
        assert work.session.scalar(select(func.count(Batch.id))) == 0


def test_columns_that_fill_no_field_are_told_and_ignored(
    staff: Staff, send: Callable[..., Any], held: Callable[[], list[Item]]
) -> None:
    editor = staff("editor")
    page = send(editor, workbook([[*HEADINGS, "Ghi chú nội bộ"], [*row(1, c6=None), "bí mật"]]))
    assert "Ghi chú nội bộ" in page.text
    begin(editor)
    assert len(held()) == 1


def test_a_formula_is_text_and_markup_is_cleaned(
    staff: Staff, send: Callable[..., Any], held: Callable[[], list[Item]]
) -> None:
    editor = staff("editor")
    text = '=HYPERLINK("http://x")'
    line = ";".join(str(c) for c in [*row(1, c3="'=1+1")[:6], "<p>A</p><script>x</script>"])
    head = ";".join([*HEADINGS[:6], "Toàn văn"])
    send(editor, f"{head}\n{line}".encode(), name="bang.csv")
    begin(editor)
    (item,) = held()
    assert item.summary == "'=1+1"
    assert "script" not in _body(editor, item)
    assert text not in _body(editor, item)


def _body(person: Any, item: Item) -> str:
    page = person.open(f"/quan-tri/legal_document/{item.id}")
    return next(f.values["body"][0] for f in page.forms if "body" in f.values)


def test_plain_text_becomes_paragraphs(
    staff: Staff, send: Callable[..., Any], held: Callable[[], list[Item]]
) -> None:
    editor = staff("editor")
    cells = [*row(1)[:6], "Điều 1. Ban hành < 5 kế hoạch\n\nĐiều 2. Thực hiện"]
    send(editor, workbook([[*HEADINGS[:6], "Toàn văn"], cells]))
    begin(editor)
    (item,) = held()
    assert _body(editor, item) == "<p>Điều 1. Ban hành &lt; 5 kế hoạch</p><p>Điều 2. Thực hiện</p>"


def test_whoever_may_not_write_may_not_import(
    staff: Staff, send: Callable[..., Any], other_unit: Unit, rows_of: Any
) -> None:
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1)]))
    path, row_id = newest(editor), rows_of()[0].id
    colleague, stranger = staff("editor"), staff("editor", other_unit)
    assert colleague.open(f"{path}/dong/{row_id}").status == 404
    assert stranger.open(f"{path}/dong/{row_id}").status == 404
    assert colleague.post(f"{path}/chay", then="draft").status == 404
    assert stranger.open(PAGE).status == 200
    nobody = staff("editor", other_unit, visits=None)
    assert nobody.open(PAGE).status == 200
    assert staff("reviewer").open("/quan-tri/consultation_comment/nhap").status == 403


def test_a_type_nobody_knows_is_not_found(staff: Staff) -> None:
    assert staff("editor").open("/quan-tri/no_such_type/nhap").status == 404


@pytest.mark.parametrize("type_name", ["news_article", "project", "procedure", "staff_member"])
def test_every_type_has_a_template_that_names_its_fields(
    staff: Staff, platform: Any, type_name: str
) -> None:
    assert platform.types.get(type_name) is not None
    editor = staff("editor")
    assert editor.open(f"/quan-tri/{type_name}/nhap").status == 200
    answer = editor.site.get(f"/quan-tri/{type_name}/nhap/mau.xlsx", buffered=True)
    table = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert len({cell.value for cell in table[1]}) == table.max_column


def later(person: Any, path: str, **parts: Any) -> Any:
    """Send a table or files to an import that is there: the answer."""
    data = {"csrf_token": person.token(), **parts}
    return person.site.post(path, data=data, content_type="multipart/form-data")


def test_nobody_waits_for_the_database_while_a_table_is_read_or_a_file_unpacked(
    staff: Staff, send: Callable[..., Any], rows_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_up: list[tuple[str, bool]] = []

    def watched(name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def watch(*given: Any, **named: Any) -> Any:
            held_up.append((name, session().in_transaction()))
            return do(*given, **named)

        return watch

    monkeypatch.setattr(sheets, "read", watched("table", sheets.read))
    monkeypatch.setattr(uploads, "take", watched("files", uploads.take))
    monkeypatch.setattr(uploads, "upload", watched("file", uploads.upload))
    editor = staff("editor")
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as packed:
        packed.writestr("vb-2.pdf", pdf(2))
        packed.writestr("virus.exe", b"MZ")
        packed.writestr("vb-3.pdf", pdf(3))
    table = workbook([HEADINGS, *(row(n) for n in (1, 2, 3))])
    send(editor, table, {"vb-1.pdf": pdf(1), "x.zip": folder.getvalue()})
    path = newest(editor)
    assert later(editor, f"{path}/tep", tep=[(io.BytesIO(pdf(4)), "vb-4.pdf")]).status_code == 303
    assert later(editor, f"{path}/bang", bang=(io.BytesIO(table), "b.xlsx")).status_code == 303
    assert [name for name, _ in held_up] == [
        "table", "files", "file", "files", "file", "file", "file", "files", "file", "table",
    ]  # fmt: skip
    assert not [name for name, waits in held_up if waits]
    assert [r.state for r in rows_of()] == ["waiting"] * 3


def test_an_import_that_was_begun_while_its_files_came_is_left_to_its_runner(
    staff: Staff, send: Callable[..., Any], rows_of: Any, monkeypatch: pytest.MonkeyPatch,
    platform: Any, unit: Unit,
) -> None:  # fmt: skip
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1, c6=None), row(2)]))
    path, take = newest(editor), uploads.take

    def begun_meanwhile(*given: Any) -> Any:
        with platform.open_session(True) as other, unit_scope(unit.id):
            batch = other.scalars(select(Batch).order_by(Batch.id.desc())).first()
            batch.state = "running"
            other.commit()
        return take(*given)

    monkeypatch.setattr(uploads, "take", begun_meanwhile)
    assert later(editor, f"{path}/tep", tep=[(io.BytesIO(pdf(2)), "vb-2.pdf")]).status_code == 303
    assert [r.state for r in rows_of()] == ["waiting", "refused"]


def test_an_import_that_ended_with_its_files_shows_what_is_wrong_with_it(
    staff: Staff, send: Callable[..., Any], rows_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any) -> Any:
        raise ZeroDivisionError

    editor = staff("editor")
    monkeypatch.setattr(uploads, "take", broken)
    page = send(editor, workbook([HEADINGS, row(1, c1="?")]), {"vb-1.pdf": pdf(1)})
    assert page.status == 500
    assert editor.open(newest(editor)).status == 200
    (one,) = rows_of("refused")
    assert list(one.values["problems"]) == ["kind", "attachments"]


def test_a_cell_that_is_understood_no_more_is_shown_as_it_was_typed(
    staff: Staff, send: Callable[..., Any], desk: Desk
) -> None:
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1, c6=None)]))
    with desk() as work:
        (one,) = work.session.scalars(select(BatchRow)).all()
        cells = {**one.values["cells"], "kind": "Loại đã bỏ", "issued_on": "31/02/2023"}
        one.values = {**one.values, "cells": cells}
    page = editor.open(newest(editor))
    assert page.status == 200
    assert "Loại đã bỏ" in page.text
    assert "31/02/2023" in page.text


def test_correcting_a_row_looks_at_those_of_its_numbers_only(
    staff: Staff, send: Callable[..., Any], rows_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = staff("editor")
    table = [row(n, c6=None) for n in range(1, 21)]
    table[4] = row(4, c6=None)
    send(editor, workbook([HEADINGS, *table]))
    (twin,) = rows_of("refused")
    path, looked_at, check = newest(editor), list[str](), imports.check

    def counted(context: Any, wanted: Any, files: Any, cells: Any) -> Any:
        looked_at.append(cells["number"])
        return check(context, wanted, files, cells)

    monkeypatch.setattr(imports, "check", counted)

    def correct(place: int, number: str) -> int:
        looked_at.clear()
        to = f"{path}/dong/{rows_of()[place - 1].id}"
        return int(editor.send(row_form(editor, to), to=to, number=number).status)

    # The first of the two is another one: the second has the number for itself now.
    assert correct(4, "40/KH-UBND") == 303
    assert sorted(looked_at) == ["4/KH-UBND", "40/KH-UBND"]
    assert rows_of("refused") == []
    # The number of a third one: the later row is refused.
    assert correct(20, "7/KH-UBND") == 422
    assert sorted(looked_at) == ["7/KH-UBND", "7/KH-UBND"]
    # The third one is left out: the last has the number for itself.
    looked_at.clear()
    to = f"{path}/dong/{rows_of()[6].id}"
    editor.send(row_form(editor, to), to=to, leave__out="1")
    assert looked_at == ["7/KH-UBND"]
    assert rows_of("refused") == []
    assert twin.id in {r.id for r in rows_of("waiting")}


def test_the_same_table_sent_twice_makes_nothing_twice(
    staff: Staff, send: Callable[..., Any], rows_of: Any, held: Callable[[], list[Item]]
) -> None:
    editor = staff("editor")
    table = workbook([HEADINGS, row(1, c6=None), row(2, c6=None)])
    send(editor, table)
    first = newest(editor)
    send(editor, table)
    second = newest(editor)
    # Meanwhile the editor chose that one of them is another document of the same number.
    to = f"{second}/dong/{rows_of()[1].id}"
    editor.send(row_form(editor, to), to=to, another="1")
    for path in (first, second):
        editor.send(editor.open(path).form("/chay"), then="draft")
    assert [item.number for item in held()] == ["1/KH-UBND", "2/KH-UBND", "2/KH-UBND"]
    refused, made = rows_of()
    assert (refused.state, made.state) == ("refused", "ok")
    assert str(held()[0].id) in refused.message
    # Looked at again, it can still be said that it is another one.
    to = f"{second}/dong/{refused.id}"
    assert editor.send(row_form(editor, to), to=to).status == 422
    assert editor.send(row_form(editor, to), to=to, another="1").status == 303


def test_many_refused_files_are_told_in_few_words_and_listed_on_the_page(
    staff: Staff, send: Callable[..., Any]
) -> None:
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as packed:
        for n in range(200):
            packed.writestr(f"{n:03}-{random_name(n)}.exe", b"MZ")
    editor = staff("editor")
    data = {
        "csrf_token": editor.token(),
        "bang": (io.BytesIO(workbook([HEADINGS, row(1, c6=None)])), "bang.xlsx"),
        "tep": [(io.BytesIO(folder.getvalue()), "x.zip")],
    }
    answer = editor.site.post(PAGE, data=data, content_type="multipart/form-data")
    assert max(len(cookie) for cookie in answer.headers.getlist("Set-Cookie")) < 4000
    page = editor.open(answer.location).text
    before, _, listed = page.partition("200 tệp bị từ chối")
    assert re.search(r"và 19\d mục nữa", before)
    assert all(f"{n:03}-{random_name(n)}.exe" in listed for n in range(200))


def random_name(seed: int) -> str:
    letters = random.Random(seed).choices("aăâbcdđeêghikl mnoôơpqrstuưvxy", k=80)
    return " ".join("".join(letters).split())


def test_an_import_is_not_shown_to_whoever_lost_the_right_to_its_section(
    staff: Staff, send: Callable[..., Any], desk: Desk
) -> None:
    editor = staff("editor")
    send(editor, workbook([HEADINGS, row(1)]))
    path = newest(editor)
    with desk() as work:
        account = work.session.scalar(select(Account).where(Account.email == editor.email))
        grants = select(RoleGrant).where(RoleGrant.account_id == account.id)
        work.session.scalar(grants).section = "news"
    for address in (path, f"{path}/ket-qua.csv", f"{path}/tien-do.json"):
        assert editor.open(address).status == 403
