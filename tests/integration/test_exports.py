"""Tables to take away: what a list shows, as CSV and as a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from hoitu.core import sheets
from hoitu.core.access.audit import AuditEntry
from hoitu.core.content import ActionContext, File, Item, actions
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

LIST = "/quan-tri/legal_document"


@pytest.fixture
def documents(desk: Desk, document: Values) -> Callable[..., list[int]]:
    """Return a function that writes drafts numbered from one up."""

    def write(how_many: int, at: Unit | None = None, **values: Any) -> list[int]:
        with desk(at) as work:
            made = [
                actions.create(work, "legal_document", document(f"{n}/KH-UBND", **values))
                for n in range(1, how_many + 1)
            ]
            return [item.id for item in made]

    return write


def taken(person: Any, form: str, query: str = "", path: str = LIST) -> sheets.Sheet:
    answer = person.site.get(f"{path}/tai-ve.{form}?{query}", buffered=True)
    assert answer.status_code == 200, answer.text
    return sheets.read(f"x.{form}", io.BytesIO(answer.data))


def column(table: sheets.Sheet, heading: str) -> list[Any]:
    return [row[table.header.index(heading)] for row in table.rows]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_has_what_the_list_shows(
    staff: Staff, documents: Callable[..., list[int]], other_unit: Unit, form: str
) -> None:
    documents(2)
    decisions = documents(3, kind="QĐ")
    documents(2, other_unit, kind="QĐ")
    table = taken(staff("editor"), form, "loai=QĐ")
    assert sorted(int(sheets.number(c)) for c in column(table, "Mã số")) == decisions
    assert set(column(table, "Loại văn bản")) == {"Quyết định"}
    assert {str(sheets.day(c)) for c in column(table, "Ngày ban hành")} == {"2023-11-27"}
    assert set(column(table, "Trạng thái")) == {"Bản nháp"}


def test_names_stand_for_what_is_referred_to(staff: Staff, desk: Desk, document: Values) -> None:
    with desk() as work:
        file = File(
            sha256="0" * 64, name="kế hoạch.pdf", media_type="application/pdf", size=1,
            uploaded_at=work.now(), uploaded_by="",
        )  # fmt: skip
        work.session.add(file)
        work.session.flush()
        relations = [{"relation": "basis", "target_number": "12/NQ-CP", "note": "Điều 3"}]
        values = document(relations=relations, attachments=[file.id])
        actions.create(work, "legal_document", values)
    table = taken(staff("editor"), "xlsx")
    assert column(table, "Tệp") == ["kế hoạch.pdf"]
    assert column(table, "Văn bản liên quan") == ["Căn cứ vào; 12/NQ-CP; Điều 3"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "＝1"])
def test_nothing_in_a_table_runs_as_a_formula(
    staff: Staff, documents: Callable[..., list[int]], form: str, text: str
) -> None:
    documents(1, summary=text)
    answer = staff("editor").site.get(f"{LIST}/tai-ve.{form}", buffered=True)
    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert rows[1][rows[0].index("Trích yếu")] == f"'{text}"
        return
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    place = [cell.value for cell in sheet[1]].index("Trích yếu") + 1
    cell = sheet.cell(2, place)
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_full_texts_are_there_when_they_are_asked_for(
    staff: Staff, documents: Callable[..., list[int]]
) -> None:
    documents(1, body="<p>Điều <strong>1</strong></p>")
    editor = staff("editor")
    assert "Toàn văn" not in taken(editor, "xlsx").header
    assert column(taken(editor, "xlsx", "toan-van=1"), "Toàn văn") == ["Điều 1"]


def test_what_was_taken_away_can_be_brought_in_again(
    staff: Staff, documents: Callable[..., list[int]], desk: Desk
) -> None:
    from hoitu.core.batches import imports

    documents(2)
    table = taken(staff("editor"), "xlsx")
    with desk() as work:
        read = imports.read(work, work.types["legal_document"], table)
    assert len(read.rows) == 2
    assert read.rows[0].values["cells"]["number"] == "2/KH-UBND"


def test_a_longer_list_is_not_cut_but_refused(
    staff: Staff, documents: Callable[..., list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoitu.core.batches.exports.MAX_ROWS", 2)
    documents(3)
    editor = staff("editor")
    answer = editor.site.get(f"{LIST}/tai-ve.xlsx", buffered=True)
    assert answer.status_code == 303
    assert "nhiều nhất 2 mục" in editor.open(answer.location).text


def test_taking_personal_data_away_is_in_the_log(
    staff: Staff, documents: Callable[..., list[int]], desk: Desk
) -> None:
    documents(2)
    editor = staff("editor")
    taken(editor, "csv", "trang-thai=draft")
    with desk() as work:
        entries = select(AuditEntry).where(AuditEntry.action == "items.export")
        (entry,) = work.session.scalars(entries).all()
    assert entry.object_type == "legal_document"
    assert entry.detail == {"entries": 2, "form": "csv", "filters": ["trang-thai"]}


def test_what_was_looked_for_is_not_in_the_log(
    staff: Staff, documents: Callable[..., list[int]], desk: Desk
) -> None:
    documents(1)
    taken(staff("editor"), "csv", "q=Nguyễn+Văn+An&trang-thai=draft")
    with desk() as work:
        entries = select(AuditEntry).where(AuditEntry.action == "items.export")
        (entry,) = work.session.scalars(entries).all()
    assert entry.detail["filters"] == ["q", "trang-thai"]
    assert "Nguyễn" not in str(entry.detail)


def test_a_table_costs_the_same_statements_however_many_rows_it_has(
    staff: Staff, documents: Callable[..., list[int]], statements: Callable[[], list[str]]
) -> None:
    editor = staff("editor")

    def cost() -> int:
        statements()
        taken(editor, "csv")
        return len(statements())

    documents(3)
    few = cost()
    documents(120)
    assert cost() == few


def test_a_table_is_for_those_who_work_with_the_type(
    staff: Staff, documents: Callable[..., list[int]], other_unit: Unit, visitor: Any, unit: Unit
) -> None:
    documents(1)
    assert visitor().open(f"{LIST}/tai-ve.csv").status in (302, 401)
    stranger = staff("editor", other_unit)
    assert taken(stranger, "csv").rows == ()
    assert staff("editor", other_unit, visits=unit).open(f"{LIST}/tai-ve.csv").status == 403
    assert staff("editor").open("/quan-tri/no_such_type/tai-ve.csv").status == 404
    assert staff("editor").open(f"{LIST}/tai-ve.exe").status == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_type_can_be_taken_away(staff: Staff, platform: Any, desk: Desk, form: str) -> None:
    editor = staff("unit_admin")
    from hoitu.core.batches import exports

    with desk() as work:
        for kind in platform.types:
            columns = exports.columns_of(kind, with_text=True)
            assert list(exports.rows(work, select(kind.model), [Item.id], columns)) == []
    for kind in platform.types:
        page = editor.site.get(f"/quan-tri/{kind.name}/tai-ve.{form}", buffered=True)
        assert page.status_code in (200, 404), kind.name
