from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hoitu.core.content import File, Item, ItemFile
from hoitu.core.sheets import Sheet, SheetError
from hoitu.sections.disclosures.models import (
    AntiCorruptionDisclosure,
    BudgetDisclosure,
    ResearchResult,
    StatisticalTable,
)
from hoitu.sections.disclosures.rules import problems
from hoitu.sections.disclosures.types import derive

TODAY = date(2026, 11, 23)
OWN = {"unit_budget", "financial_statement", "public_assets"}


def with_files(item: Item, *names: str) -> Item:
    item.attachment_rows = [ItemFile(file=File(name=name, sha256=name)) for name in names]
    return item


def wrong(item: Item, columns: int = 3) -> list[str]:
    def read(file: File) -> Sheet:
        if file.name.startswith("hỏng"):
            raise SheetError("không đọc được")
        header = tuple(f"Cột {n}" for n in range(columns))
        return Sheet(header, ((None,) * columns,))

    return [problem.field for problem in problems(item, TODAY, OWN, read)]


def budget(*files: str, **values: Any) -> BudgetDisclosure:
    filled = {
        "regime": "unit_budget",
        "report_kind": "estimate",
        "fiscal_year": 2026,
        "trigger_date": date(2025, 12, 29),
        "explanation": "Có",
        **values,
    }
    item = BudgetDisclosure(**filled)
    derive(item)
    with_files(item, *files)
    return item


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, []),
        ({"regime": "government_budget"}, ["regime"]),
        ({"regime": "public_assets"}, ["report_kind"]),
        ({"regime": "", "trigger_date": None}, []),
        ({"trigger_date": None}, ["trigger_date"]),
        ({"trigger_date": date(2026, 11, 24)}, ["trigger_date"]),
        ({"trigger_date": date(2024, 12, 31)}, ["trigger_date"]),
        ({"trigger_date": date(2025, 1, 1)}, []),
        (
            {"fiscal_year": 2028, "trigger_date": date(2026, 11, 20)},
            ["fiscal_year", "trigger_date"],
        ),
        ({"posted_on": date(2025, 12, 28)}, ["posted_on"]),
        ({"posted_on": date(2026, 11, 24)}, ["posted_on"]),
        ({"posted_on": date(2026, 1, 5)}, []),
        ({"report_kind": "h1", "trigger_date": None}, []),
        ({"report_kind": "q1", "fiscal_year": 2027, "trigger_date": None}, ["report_kind"]),
        ({"form_code": "unit_tables"}, []),
        ({"form_code": "commune_tables"}, ["form_code"]),
        (
            {"form_code": "unit_tables", "fiscal_year": 2016, "trigger_date": date(2015, 12, 30)},
            ["form_code"],
        ),
        ({"regime": "public_assets", "report_kind": "year", "trigger_date": None}, []),
        ({"explanation": ""}, ["attachments"]),
    ],
)
def test_budget(values: dict[str, Any], fields: list[str]) -> None:
    assert wrong(budget(**values)) == fields


@pytest.mark.parametrize(
    ("files", "fields"),
    [
        (("bảng.xlsx",), []),
        (("bản ký.pdf",), ["attachments"]),
        (("bản ký.PDF", "lời văn.docx"), ["attachments"]),
        (("bản ký.pdf", "bảng cũ.xls"), ["attachments"]),
        (("bản ký.pdf", "bảng.XLSX"), []),
        (("bản ký.pdf", "bảng.csv"), []),
        (("bản ký.pdf", "bảng.ods"), []),
        (("hỏng.xlsx",), ["attachments"]),
        (("bản ký.pdf", "hỏng.csv", "hỏng.xlsx"), ["attachments", "attachments"]),
    ],
)
def test_files_of_budget(files: tuple[str, ...], fields: list[str]) -> None:
    assert wrong(budget(*files)) == fields


@pytest.mark.parametrize(
    ("kind", "regime", "title", "covers_on", "trigger_date"),
    [
        ("h1", "unit_budget", "Thực hiện dự toán 6 tháng năm 2026 (ngân sách của đơn vị)",
         date(2026, 6, 30), date(2026, 6, 30)),
        ("settlement", "government_budget", "Quyết toán năm 2026 (ngân sách cấp chính quyền)",
         date(2026, 12, 31), date(2025, 12, 29)),
        ("financial_statement", "financial_statement", "Báo cáo tài chính năm 2026",
         date(2026, 12, 31), date(2025, 12, 29)),
    ],
)  # fmt: skip
def test_title_and_days_follow(
    kind: str, regime: str, title: str, covers_on: date, trigger_date: date
) -> None:
    item = budget(report_kind=kind, regime=regime)
    assert (item.title, item.covers_on, item.trigger_date) == (title, covers_on, trigger_date)


def test_an_unfinished_draft_has_a_title_as_far_as_it_is_known() -> None:
    assert budget(fiscal_year=None).title == "Dự toán"
    assert budget(report_kind="", regime="").title == ""


@pytest.mark.parametrize(
    ("files", "values", "columns", "fields"),
    [
        (("bảng.xlsx",), {"chart": "lines"}, 3, []),
        ((), {}, 3, ["attachments"]),
        ((), {"body": "<p>Số liệu</p>"}, 3, []),
        (("bảng.ods",), {}, 3, ["attachments"]),
        (("hỏng.xlsx",), {"chart": "bars"}, 3, ["attachments"]),
        ((), {"body": "<p>Số liệu</p>", "chart": "bars"}, 3, ["chart"]),
        (("bảng.csv",), {"chart": "bars"}, 5, []),
        (("bảng.csv",), {"chart": "bars"}, 6, ["chart"]),
        (("bảng.csv",), {"chart": "none"}, 6, []),
        (("bảng.csv",), {"released_on": date(2026, 11, 24)}, 3, ["released_on"]),
    ],
)
def test_statistics(
    files: tuple[str, ...], values: dict[str, Any], columns: int, fields: list[str]
) -> None:
    item = with_files(StatisticalTable(**{"chart": "", "body": "", **values}), *files)
    assert wrong(item, columns) == fields


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, []),
        ({"started_on": date(2025, 1, 1), "ended_on": date(2024, 1, 1)}, ["ended_on"]),
        ({"accepted_on": date(2026, 11, 24)}, ["accepted_on"]),
        ({"grade": "passed"}, ["accepted_on"]),
        ({"grade": "passed", "accepted_on": date(2026, 11, 23)}, []),
    ],
)
def test_research(values: dict[str, Any], fields: list[str]) -> None:
    assert wrong(ResearchResult(**values)) == fields


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"content_kind": "procedures", "year": 2026, "body": "Có"}, []),
        ({"content_kind": "procedures", "year": 2026, "body": "", "period": "Quý I"}, ["body"]),
        ({"content_kind": "procedures", "year": 2027, "body": "Có"}, ["year"]),
        (
            {"content_kind": "annual_pctn_report", "year": 2025, "body": "Có", "period": "Quý I"},
            ["period"],
        ),
    ],
)
def test_anti_corruption(values: dict[str, Any], fields: list[str]) -> None:
    assert wrong(AntiCorruptionDisclosure(**values)) == fields
