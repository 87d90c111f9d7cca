"""Real records of a ministry's procedures, brought into the shape of the national portal."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hoitu.core.content import Refused, actions
from hoitu.core.text import number_key
from hoitu.sections.procedures.mirror import Outcome, refresh
from hoitu.sections.procedures.models import Procedure, ProcedureSource
from hoitu.sections.procedures.records import values_of

FIXTURES = Path(os.environ.get("HOITU_FIXTURES") or Path(__file__).parents[4] / "shared/fixtures")
FOLDER = FIXTURES / "tthc" / "bqp-json"
SOURCE = "https://dichvucong.gov.vn/"
METHODS = {"Trực tiếp": "DIRECT", "Trực tuyến": "ONLINE", "Dịch vụ bưu chính": "POSTAL"}
UNITS = {"Ngày làm việc": "WORKING_DAY", "Ngày": "DAY", "Giờ": "HOUR", "Tháng": "MONTH"}
TIME = re.compile(f"(\\d+) ({'|'.join(UNITS)})")
FEE = re.compile(r"(?:Phí|Lệ phí) : ([\d.]+) Đồng(?: \((.*)\))?")
RECORD: dict[str, Any] = {
    "code": "1.001234",
    "name": "Đăng ký khai sinh",
    "level": "commune",
    "field": "Hộ tịch",
    "departmentsExecuting": ["Ủy ban nhân dân cấp xã"],
    "executionSteps": [{"name": "Bước 1", "description": "Nộp hồ sơ"}],
    "executionMethods": [
        {
            "submissionMethod": "ONLINE",
            "processingTime": 1,
            "processingTimeUnit": "WORKING_DAY",
            "fees": [{"amount": 8000, "description": "Lệ phí"}],
        }
    ],
    "executionCases": [
        {"name": "", "profileComponents": [{"name": "Tờ khai", "originalQty": 1, "copyQty": 0}]}
    ],
    "resultsDetails": [{"name": "Giấy khai sinh", "code": "KQ.1"}],
    "legalBasises": [{"name": "Luật Hộ tịch", "code": "60/2014/QH13"}],
}


def portal_record(data: dict[str, Any]) -> dict[str, Any]:
    """Return a record of the ministry's files in the shape of the national portal."""
    told, content, tables = data["metadata"], data["content"], data["tables"]
    return {
        "code": told["mã_thủ_tục"],
        "name": told["tên_thủ_tục"],
        "decision_no": told["số_quyết_định"],
        "level": told["cấp_thực_hiện"],
        "field": told["lĩnh_vực"],
        "executionSteps": [{"name": "", "description": content["trình_tự_thực_hiện"]}],
        "executionMethods": [portal_way(row) for row in tables["hinh_thuc_nop"]],
        "executionCases": [{"name": "", "profileComponents": portal_papers(tables)}],
        "subjectTypes": content["đối_tượng_thực_hiện"].split(", "),
        "departmentsExecuting": [content["cơ_quan_thực_hiện"]],
        "departmentsAuthority": [content["cơ_quan_có_thẩm_quyền"]],
        "departmentsAuthorized": [content["cơ_quan_được_ủy_quyền"]],
        "departmentsCoordinating": content["cơ_quan_phối_hợp"].split(", "),
        "dossierReceivingAddresses": content["địa_chỉ_tiếp_nhận_hs"],
        "resultsDetails": [{"name": content["kết_quả_thực_hiện"], "code": ""}],
        "legalBasises": [
            {"code": row["so_ky_hieu"], "name": row["trich_yeu"]}
            for row in tables["can_cu_phap_ly"]
        ],
        "requirementsAndConditions": content["yêu_cầu_điều_kiện_thực_hiện"],
        "keywords": [content["từ_khóa"]],
        "description": content["mô_tả"],
    }


def portal_way(row: dict[str, str]) -> dict[str, Any]:
    time = TIME.fullmatch(row["thoi_han_giai_quyet"])
    fees = [FEE.fullmatch(line) for line in row["phi_le_phi"].splitlines()]
    if all(fees):
        found = [
            {"amount": int(f[1].replace(".", "")), "description": f[2] or ""} for f in fees if f
        ]
    else:
        found = [{"amount": None, "description": row["phi_le_phi"]}]
    return {
        "submissionMethod": METHODS.get(row["hinh_thuc"], row["hinh_thuc"]),
        "processingTime": time[1] if time else row["thoi_han_giai_quyet"],
        "processingTimeUnit": UNITS[time[2]] if time else "",
        "fees": found,
        "description": row["mo_ta"],
    }


def portal_papers(tables: dict[str, Any]) -> list[dict[str, Any]]:
    papers = []
    for row in tables["thanh_phan_ho_so"]:
        counts = [int(n) for n in re.findall(r"\d+", row["ghi_chu"])] or [None, None]
        if row["ten_giay_to"]:
            papers.append(
                {
                    "name": row["ten_giay_to"],
                    "originalQty": counts[0],
                    "copyQty": counts[1],
                    "attachments": [row["so_luong"]],
                }
            )
    return papers


def records() -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob("*.json")):
        yield portal_record(json.loads(path.read_text("utf-8")))


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the migration fixtures are not here")
def test_every_real_record_becomes_a_procedure_and_a_second_run_changes_nothing(
    desk: Callable[..., Any],
) -> None:
    found = list(records())
    assert len(found) == 145
    with desk() as work:
        outcomes = [refresh(work, record, SOURCE) for record in found]
    assert outcomes == [Outcome.CREATED] * 145
    with desk() as work:
        assert {refresh(work, record, SOURCE) for record in found[:20]} == {Outcome.SAME}
        shortened = [p for p in work.session.query(Procedure) if p.title.endswith("…")]
        assert all(len(procedure.summary) > 250 for procedure in shortened) and shortened


def test_a_record_is_mapped_as_a_whole() -> None:
    values = values_of(RECORD)
    assert values["ways"] == [
        {
            "method": "ONLINE",
            "time": 1,
            "time_unit": "working_day",
            "fee": 8000,
            "fee_note": "Lệ phí",
            "note": "",
        }
    ]
    assert values["dossier"][0] == {
        "case": "", "name": "Tờ khai", "originals": 1, "copies": 0, "form": "",
    }  # fmt: skip
    assert values["bases"] == [{"number": "60/2014/QH13", "name": "Luật Hộ tịch"}]
    assert values["results"] == [{"name": "Giấy khai sinh", "code": "KQ.1"}]
    assert (values["level"], values["field_group"]) == ("commune", "civil_status")


def test_what_the_unit_wrote_survives_a_refresh(desk: Callable[..., Any]) -> None:
    key = number_key(RECORD["code"])
    with desk() as work:
        assert refresh(work, RECORD, SOURCE) is Outcome.CREATED
        row = work.session.get(ProcedureSource, (work.unit.id, key))
        first = row.source_hash
    with desk() as work:
        item = work.session.query(Procedure).one()
        actions.edit(work, item, {"local_note": "<p>Nộp tại tầng 1</p>"})
        actions.publish(work, item)
    with desk() as work:
        assert refresh(work, RECORD, SOURCE) is Outcome.SAME
        changed = {**RECORD, "name": "Đăng ký khai sinh (mới)"}
        assert refresh(work, changed, SOURCE) is Outcome.CHANGED
        item = work.session.query(Procedure).one()
        assert item.title == "Đăng ký khai sinh (mới)"
        assert item.local_note == "<p>Nộp tại tầng 1</p>"
        assert work.session.get(ProcedureSource, (work.unit.id, key)).source_hash != first


def test_a_record_that_lacks_something_leaves_nothing_behind(desk: Callable[..., Any]) -> None:
    with desk() as work:
        with pytest.raises(Refused):
            refresh(work, {**RECORD, "code": "khong phai ma"}, SOURCE)
        work.session.rollback()
    with desk() as work:
        assert work.session.query(Procedure).count() == 0


def test_a_bad_record_does_not_keep_the_next_one_out(desk: Callable[..., Any]) -> None:
    with desk() as work:
        for bad in ({}, {**RECORD, "code": ""}, {**RECORD, "executionMethods": []}):
            with pytest.raises(Refused):
                refresh(work, bad, SOURCE)
        assert refresh(work, RECORD, SOURCE) is Outcome.CREATED
    with desk() as work:
        assert [p.state for p in work.session.query(Procedure)] == ["published"]
        assert work.session.query(ProcedureSource).count() == 1


def test_what_an_editor_is_still_writing_waits_on(desk: Callable[..., Any]) -> None:
    with desk() as work:
        refresh(work, RECORD, SOURCE)
        item = work.session.query(Procedure).one()
        actions.edit(work, item, {"local_note": "<p>Chưa duyệt</p>", "field_name": "Sai"})
        actions.submit(work, item)
    with desk() as work:
        assert refresh(work, {**RECORD, "name": "Tên mới"}, SOURCE) is Outcome.CHANGED
    with desk() as work:
        item = work.session.query(Procedure).one()
        assert (item.title, item.local_note, item.field_name) == ("Tên mới", "", "Hộ tịch")
        assert item.draft_state == "submitted"
        waiting = actions.waiting_values(work, item)
        assert (waiting["title"], waiting["local_note"]) == ("Tên mới", "<p>Chưa duyệt</p>")


@pytest.mark.parametrize(("step", "outcome"), [("unpublish", "changed"), ("archive", "same")])
def test_what_people_took_off_the_site_stays_off(
    desk: Callable[..., Any], step: str, outcome: str
) -> None:
    with desk() as work:
        refresh(work, RECORD, SOURCE)
        actions.advance(work, work.session.query(Procedure).one(), step, "Thử")
    with desk() as work:
        assert refresh(work, {**RECORD, "name": "Tên mới"}, SOURCE) == outcome
        assert work.session.query(Procedure).one().state != "published"


def test_each_unit_has_a_mirror_of_its_own(desk: Callable[..., Any], other_unit: Any) -> None:
    with desk() as work:
        assert refresh(work, RECORD, SOURCE) is Outcome.CREATED
    with desk(other_unit) as work:
        assert refresh(work, RECORD, SOURCE) is Outcome.CREATED


def test_nothing_a_record_tells_is_guessed() -> None:
    way = {"submissionMethod": "DRONE", "processingTime": "5", "processingTimeUnit": "YEAR"}
    told = {"submissionMethod": "online", "processingTime": "theo quy định"}
    fees = [{"amount": 2_000_000, "description": "Lần đầu"}, {"amount": 500_000.0}]
    ways = values_of({**RECORD, "executionMethods": [way, told, {**way, "fees": fees}]})["ways"]
    assert (ways[0]["method"], ways[0]["time"], ways[0]["time_unit"]) == ("DRONE", 5, "year")
    assert (ways[1]["method"], ways[1]["time"], ways[1]["note"]) == (
        "ONLINE", None, "theo quy định",
    )  # fmt: skip
    assert ways[2]["fee"] is None
    assert ways[2]["fee_note"] == "2.000.000 VND: Lần đầu\n500.000 VND"


@pytest.mark.parametrize(
    ("code", "name", "number"),
    [
        ("Thông tư số 104/2024/TT-BQP", "", "104/2024/TT-BQP"),
        ("12", "Quyết định số 12/2021/QĐ-TTg ban hành Quy chế", "12/2021/QĐ-TTg"),
        ("54", "Luật sửa đổi, bổ sung 12/2021/QĐ-TTg", "54"),
        ("", "Nghị định 131/2021/NĐ-CP", "131/2021/NĐ-CP"),
        ("21/2008/TTLT/BQP-BTC", "", "21/2008/TTLT/BQP-BTC"),
        ("3980 /QĐ-BQP", "", "3980/QĐ-BQP"),
    ],
)
def test_numbers_of_documents_are_found_in_what_surrounds_them(
    code: str, name: str, number: str
) -> None:
    bases = values_of({**RECORD, "legalBasises": [{"code": code, "name": name}]})["bases"]
    assert bases == [{"number": number, "name": name}]


def test_a_name_in_the_place_of_a_number_is_a_name() -> None:
    bases = [{"code": "Bộ luật Hàng hải", "name": "Bộ luật Hàng hải Việt Nam"}]
    found = values_of({**RECORD, "legalBasises": bases})["bases"]
    assert found == [{"number": "", "name": "Bộ luật Hàng hải Việt Nam"}]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bước 1: Nộp. Bước 2: Nhận.", ["Bước 1", "Bước 2"]),
        ("Chuẩn bị. Bước 1: Nộp. Bước 2: Nhận.", ["", "Bước 1", "Bước 2"]),
        ("Bước 1: Nộp, xem Bước 3: dưới đây.", [""]),
        ("Nộp hồ sơ.", [""]),
    ],
)
def test_steps_in_one_text_are_taken_apart(text: str, names: list[str]) -> None:
    found = values_of({**RECORD, "executionSteps": [{"name": "", "description": text}]})["steps"]
    assert [step["name"] for step in found] == names


@pytest.mark.parametrize(
    ("level", "key"),
    [
        ("Cấp Bộ, Cấp Tỉnh, Cấp Xã", "commune"),
        (["Cấp Bộ", "Cấp Tỉnh"], "province"),
        ("Cấp Huyện", "district"),
        (None, "other"),
    ],
)
def test_of_several_levels_the_nearest_counts(level: Any, key: str) -> None:
    assert values_of({**RECORD, "level": level})["level"] == key


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the migration fixtures are not here")
def test_pages_of_a_province_carry_codes_of_the_same_form() -> None:
    pages = sorted((FIXTURES / "tthc" / "dongnai-html").glob("*.html"))
    codes = [re.search(r"Mã TTHC: ([\w.]+)", path.read_text("utf-8")) for path in pages]
    assert len(pages) == 22
    assert all(match and re.fullmatch(r"\d\.\d{6}", match[1]) for match in codes)
