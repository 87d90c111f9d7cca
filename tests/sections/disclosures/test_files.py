"""Tables that editors bring: read, shown, drawn, and refused with a sentence that says why."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.content import File, Item, Refused, actions
from hoitu.core.extensions import Platform
from hoitu.core.sheets import Sheet
from hoitu.core.testing.fixtures import Site
from hoitu.core.text import plain
from hoitu.core.units import Unit
from hoitu.sections.disclosures import attached

Publish = Callable[..., int]
Upload = Callable[..., int]
Xlsx = Callable[..., bytes]

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
STATISTICS = {
    "title": "Thu, chi",
    "indicator_group": "finance_investment",
    "period": "Năm 2026",
    "measure": "tỷ đồng",
    "source": "Chi cục Thử",
}
BUDGET = {"regime": "unit_budget", "report_kind": "h1", "fiscal_year": "2026"}


def statistics(publish: Publish, files: list[int], at: Unit | None = None, **values: Any) -> int:
    return publish("statistical_table", at, **{**STATISTICS, "attachments": files, **values})


def detail(site: Callable[..., Site], item_id: int, part: str = "thong-ke") -> str:
    found = site().get(f"/cong-khai/{part}/{item_id}", follow_redirects=True)
    assert found.status_code == 200
    return found.text


def renamed(content: bytes, name: str, data: bytes) -> bytes:
    """Return a workbook with one of its parts replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as made:
        for entry in source.infolist():
            made.writestr(entry, data if entry.filename == name else source.read(entry))
    return target.getvalue()


def bomb(content: bytes) -> bytes:
    """Return a workbook with a part of 40 MB that packs to almost nothing."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for entry in source.infolist():
            made.writestr(entry, source.read(entry))
        with made.open("xl/media/anh.bin", "w") as part:
            for _n in range(40):
                part.write(bytes(1 << 20))
    return target.getvalue()


# -- shown -----------------------------------------------------------------------------------


def test_the_table_is_shown_sorted_drawn_and_offered(
    site: Callable[..., Site], publish: Publish, upload: Upload, xlsx: Xlsx
) -> None:
    file_id = upload("thu-chi.xlsx", xlsx())
    item_id = statistics(publish, [file_id], chart="bars")
    page = detail(site, item_id)
    assert "data-sortable" in page
    assert '<td class="number" data-value="12.5">12,5</td>' in page
    assert '<td class="number" data-value="1234">1.234</td>' in page
    assert '<th scope="row">Thu</th>' in page
    assert '<figure class="chart">' in page
    assert f'href="/tep/{file_id}/thu-chi.xlsx"' in page
    path = f"/cong-khai/bang/{item_id}/{file_id}.csv"
    assert f'href="{path}"' in page
    found = site().get(path)
    assert found.mimetype == "text/csv"
    assert found.data.decode("utf-8-sig").splitlines() == [
        "Chỉ tiêu,Năm 2025,Năm 2026", "Thu,10,12.5", "Chi,9,1234",
    ]  # fmt: skip


@pytest.mark.parametrize(("chart", "mark"), [("none", ""), ("bars", "<rect"), ("lines", "<circle")])
def test_the_editor_chooses_the_chart(
    site: Callable[..., Site], publish: Publish, upload: Upload, xlsx: Xlsx, chart: str, mark: str
) -> None:
    page = detail(site, statistics(publish, [upload("a.xlsx", xlsx())], chart=chart))
    drawn = re.search(r'<figure class="chart">.*?</figure>', page, re.DOTALL)
    assert (mark in drawn[0]) if drawn else not mark


def test_a_formula_runs_nowhere(
    site: Callable[..., Site], publish: Publish, upload: Upload
) -> None:
    file_id = upload("a.csv", "Chỉ tiêu;Số\n=cmd|' /C calc'!A0;5\n<script>x</script>;6\n".encode())
    item_id = statistics(publish, [file_id])
    assert "<script>x" not in detail(site, item_id)
    found = site().get(f"/cong-khai/bang/{item_id}/{file_id}.csv").data.decode("utf-8-sig")
    assert "\r\n'=cmd|" in found


def test_a_large_table_is_offered_as_a_file_only(
    site: Callable[..., Site], publish: Publish, upload: Upload
) -> None:
    rows = "".join(f"Dòng {n};{n};{n}\n" for n in range(attached.SHOWN_CELLS // 3 + 1))
    file_id = upload("lon.csv", ("Tên;A;B\n" + rows).encode())
    item_id = statistics(publish, [file_id])
    page = detail(site, item_id)
    assert "<table" not in page
    assert "lon.csv" in page
    assert site().get(f"/cong-khai/bang/{item_id}/{file_id}.csv").status_code == 404


def test_a_file_whose_bytes_are_gone_costs_the_table_only(
    site: Callable[..., Site],
    publish: Publish,
    upload: Upload,
    platform: Platform,
    desk: Callable[..., Any],
) -> None:
    item_id = statistics(publish, [upload("mat.csv", b"A;B\nmot;20260001\n")])
    with desk() as work:
        sha256 = work.session.scalars(select(File.sha256)).one()
    [path] = (p for p in platform.instance.rglob(sha256) if p.is_file())
    path.unlink()
    attached._kept.cache_clear()
    page = detail(site, item_id)
    assert "<table" not in page
    assert "mat.csv" in page


def test_a_file_is_parsed_once(
    site: Callable[..., Site],
    publish: Publish,
    upload: Upload,
    xlsx: Xlsx,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item_id = statistics(publish, [upload("a.xlsx", xlsx())])
    detail(site, item_id)

    def read(_name: str, _source: Any) -> Sheet:
        raise AssertionError("read again")

    monkeypatch.setattr(attached, "read", read)
    assert "1.234" in detail(site, item_id)


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        (("1.234", "5,5", None), [Decimal(1234), Decimal("5.5"), None]),
        (("10", "không có", None), ["10", "không có", None]),
        ((Decimal(2024), Decimal(2025), Decimal(2026)), ["2024", "2025", "2026"]),
        ((Decimal(2026), Decimal(2025), Decimal(2024)), [2026, 2025, 2024]),
        ((date(2026, 1, 2), None, None), [date(2026, 1, 2), None, None]),
        ((Decimal(5), "cộng", None), ["5", "cộng", None]),
    ],
)
def test_columns(column: tuple[Any, ...], typed: list[Any]) -> None:
    file = File(id=1, name="a.csv")
    sheet = Sheet(("Tên", "Số"), tuple((f"Dòng {n}", cell) for n, cell in enumerate(column)))
    assert list(attached._table(file, sheet).columns[1]) == typed
    first = Sheet(("Năm", "Số"), tuple((Decimal(2024 + n), None) for n in range(3)))
    assert list(attached._table(file, first).columns[0]) == ["2024", "2025", "2026"]


def test_a_table_of_headings_only_is_an_empty_table(
    site: Callable[..., Site], publish: Publish, upload: Upload, xlsx: Xlsx
) -> None:
    file_id = upload("rong.xlsx", xlsx([("Tên", "Số")]))
    assert "rong.xlsx" in detail(site, statistics(publish, [file_id], chart="bars"))


def test_a_table_of_finance_stands_on_its_page(
    site: Callable[..., Site], disclose: Callable[..., int], upload: Upload, xlsx: Xlsx
) -> None:
    files = [upload("ban-ky.pdf", PDF), upload("bang.xlsx", xlsx())]
    page = detail(site, disclose("h1", 2026, attachments=files), "tai-chinh")
    assert "1.234" in page
    assert "ban-ky.pdf" in page


def test_tables_of_other_units_and_sections_are_not_given_out(
    site: Callable[..., Site],
    publish: Publish,
    upload: Upload,
    other_unit: Unit,
    unpublish: Callable[..., None],
) -> None:
    content = "Tên;Số\nViệc mật;7\n".encode()
    theirs = upload("mat.csv", content, other_unit)
    there = statistics(publish, [theirs], other_unit)
    assert site(other_unit).get(f"/cong-khai/bang/{there}/{theirs}.csv").status_code == 200
    assert site().get(f"/cong-khai/bang/{there}/{theirs}.csv").status_code == 404
    own = upload("mat.csv", content)
    news = publish(
        "news_article", requirement="unit_activities", title="Tin", summary="Tin",
        body="<p>Tin</p>", origin="own", genre="news", attachments=[own],
    )  # fmt: skip
    assert site().get(f"/cong-khai/bang/{news}/{own}.csv").status_code == 404
    here = statistics(publish, [own])
    assert site().get(f"/cong-khai/bang/{here}/{own}.csv").status_code == 200
    assert site().get(f"/cong-khai/bang/{here}/{own + 1}.csv").status_code == 404
    unpublish(here)
    assert site().get(f"/cong-khai/bang/{here}/{own}.csv").status_code == 404


# -- refused ---------------------------------------------------------------------------------


def test_a_signed_copy_needs_a_table_beside_it(
    disclose: Callable[..., int], upload: Upload
) -> None:
    with pytest.raises(Refused) as refused:
        disclose("h1", 2026, attachments=[upload("ban-ky.pdf", PDF)])
    [problem] = refused.value.problems
    assert problem.field == "attachments"
    assert ".xlsx" in str(problem.message)


@pytest.mark.parametrize("type_name", ["statistical_table", "budget_disclosure"])
@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("bom.xlsx", bomb, "giải nén"),
        ("virus.exe", lambda _good: b"MZ\x90\0", "không được chấp nhận"),
        ("virus.xlsx", lambda _good: b"MZ\x90\0" * 100, "không đúng"),
        ("trang.csv", lambda _good: b"<html><script>alert(1)</script>", "không đúng"),
    ],
)
def test_the_desk_takes_no_such_file(
    editor: Any,
    desk: Callable[..., Any],
    xlsx: Xlsx,
    type_name: str,
    name: str,
    make: Callable[[bytes], bytes],
    words: str,
) -> None:
    values = STATISTICS if type_name == "statistical_table" else BUDGET
    answer = editor.save(type_name, (name, make(xlsx())), **values, then="submit")
    assert answer.status_code == 422
    assert 'href="#attachments"' in answer.text
    assert words in plain(answer.text)
    with desk() as work:
        assert work.session.scalar(select(func.count(Item.id))) == 0
        assert work.session.scalar(select(func.count(File.id))) == 0


@pytest.mark.parametrize("type_name", ["statistical_table", "budget_disclosure"])
@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        (
            "nhieu.csv",
            lambda _x: ("A;B\n" + "1;2\n" * 200_000).encode(),
            "nhieu.csv: Bảng có quá 10.000 dòng",
        ),
        ("ct.xlsx", lambda x: x([("Tên", "Số"), ("Thu", "=1+1")]), "ct.xlsx: Ô B2 là công thức"),
        (
            "vo.xlsx",
            lambda x: renamed(x(), "xl/worksheets/sheet1.xml", b"<worksheet><row"),
            "vo.xlsx: ",
        ),
        ("trung.csv", lambda _x: b"A;A\n1;2\n", "trung.csv: "),
        ("rong.csv", lambda _x: b"\n\n", "rong.csv: "),
    ],
)
def test_a_table_that_cannot_be_read_is_not_published(
    editor: Any,
    desk: Callable[..., Any],
    xlsx: Xlsx,
    type_name: str,
    name: str,
    make: Callable[[Xlsx], bytes],
    words: str,
) -> None:
    values = STATISTICS if type_name == "statistical_table" else BUDGET
    answer = editor.save(type_name, (name, make(xlsx)), **values, then="submit")
    assert answer.status_code == 422
    assert words in plain(answer.text)
    with desk() as work:
        # The draft and its file stay, so that only the file has to be mended.
        assert work.session.scalars(select(Item.state)).all() == ["draft"]


def test_a_workbook_of_200000_rows_is_refused_at_the_desk(editor: Any, xlsx: Xlsx) -> None:
    content = xlsx([("Tên", "Số"), *(("Dòng", n) for n in range(200_000))])
    answer = editor.save("statistical_table", ("nhieu.xlsx", content), **STATISTICS, then="submit")
    assert answer.status_code == 422
    assert "nhieu.xlsx: " in plain(answer.text)


def test_a_good_table_is_published_through_the_desk(
    editor: Any, site: Callable[..., Site], desk: Callable[..., Any], xlsx: Xlsx
) -> None:
    answer = editor.save("budget_disclosure", ("bang.xlsx", xlsx()), **BUDGET, then="submit")
    assert answer.status_code == 303
    with desk() as work:
        actions.publish(work, work.session.scalars(select(Item)).one())
    assert "23/11/2026" in site().get("/cong-khai/tai-chinh").text
