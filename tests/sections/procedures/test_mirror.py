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
from hoitu.sections.procedures.mirror import Outcome, refresh, values_of
from hoitu.sections.procedures.models import Procedure, ProcedureSource

FIXTURES = Path(os.environ.get("HOITU_FIXTURES") or Path(__file__).parents[4] / "shared/fixtures")
FOLDER = FIXTURES / "tthc" / "bqp-json"
SOURCE = "https://dichvucong.gov.vn/"
NOTHING = {"", "Không có thông tin"}
METHODS = {"Trực tiếp": "DIRECT", "Trực tuyến": "ONLINE", "Dịch vụ bưu chính": "POSTAL"}
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


def text_of(value: str) -> str:
    return "" if value in NOTHING else value


def portal_record(data: dict[str, Any]) -> dict[str, Any]:
    """Return a record of the ministry's files in the shape of the national portal."""
    told, content, tables = data["metadata"], data["content"], data["tables"]
    return {
        "code": told["mã_thủ_tục"],
        "name": told["tên_thủ_tục"],
        "decision_no": "".join(re.findall(r"\d+/QĐ-\w+", told["số_quyết_định"])[:1]),
        "level": "ministry",
        "field": told["lĩnh_vực"],
        "executionSteps": [{"name": "", "description": content["trình_tự_thực_hiện"]}],
        "executionMethods": [
            {
                "submissionMethod": METHODS.get(row["hinh_thuc"], row["hinh_thuc"]),
                "description": f"{row['thoi_han_giai_quyet']} {row['phi_le_phi']} {row['mo_ta']}",
            }
            for row in tables["hinh_thuc_nop"]
        ],
        "executionCases": [
            {
                "name": "",
                "profileComponents": [
                    {"name": row["ten_giay_to"] or row["ghi_chu"], "attachments": [row["so_luong"]]}
                    for row in tables["thanh_phan_ho_so"]
                    if row["ten_giay_to"] or row["ghi_chu"]
                ],
            }
        ],
        "subjectTypes": content["đối_tượng_thực_hiện"].split(", "),
        "departmentsExecuting": [content["cơ_quan_thực_hiện"]],
        "departmentsAuthority": [text_of(content["cơ_quan_có_thẩm_quyền"])],
        "dossierReceivingAddresses": text_of(content["địa_chỉ_tiếp_nhận_hs"]),
        "resultsDetails": [{"name": content["kết_quả_thực_hiện"], "code": ""}],
        "legalBasises": [
            {"code": row["so_ky_hieu"], "name": row["trich_yeu"]}
            for row in tables["can_cu_phap_ly"]
        ],
        "requirementsAndConditions": text_of(content["yêu_cầu_điều_kiện_thực_hiện"]),
        "keywords": [],
    }


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
        {"method": "ONLINE", "time": 1, "time_unit": "working_day", "fee": 8000, "note": "Lệ phí"}
    ]
    assert values["dossier"][0] == {
        "case": "", "name": "Tờ khai", "originals": 1, "copies": 0, "form": "",
    }  # fmt: skip
    assert values["bases"] == [{"number": "60/2014/QH13", "name": "Luật Hộ tịch"}]
    assert values["results"] == [{"name": "Giấy khai sinh", "code": "KQ.1"}]
    assert values_of({**RECORD, "level": "bộ"})["level"] == "other"


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
