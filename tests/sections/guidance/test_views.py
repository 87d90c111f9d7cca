from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from hoitu.core.testing.fixtures import Site

ROOT = "/pho-bien-huong-dan"
ARTICLE: dict[str, Any] = {
    "title": "Tìm hiểu quyền tiếp cận thông tin",
    "summary": "Những điều cần biết",
    "audience": "citizens",
    "body": "<p>Toàn văn</p>",
    "documents": [
        {"number": "389/KH-UBND", "about": "Kế hoạch"},
        {"number": "104/2016/QH13", "about": "Luật"},
    ],
}
POLICY: dict[str, Any] = {
    "title": "Hỗ trợ chuyển đổi số",
    "audience": "businesses",
    "beneficiaries": "Doanh nghiệp nhỏ và vừa",
    "benefit": "=HYPERLINK(1)\nHỗ trợ tư vấn",
    "valid_from": "01/01/2026",
    "valid_until": "31/12/2026",
}


@pytest.fixture
def article(publish: Callable[..., int]) -> int:
    return publish("guidance_article", **ARTICLE)


@pytest.fixture
def policy(publish: Callable[..., int]) -> int:
    return publish("policy", **POLICY)


def test_the_overview_counts_what_each_part_holds(
    site: Callable[..., Site], article: int, policy: int
) -> None:
    page = site().get(ROOT)
    assert page.status_code == 200
    assert page.text.count("1 mục") == 2
    assert f'href="{ROOT}/huong-dan"' in page.text
    assert "cập nhật ngày" in page.text


def test_an_empty_part_says_so(site: Callable[..., Site]) -> None:
    assert "Chưa có" in site().get(ROOT).text
    assert site().get(f"{ROOT}/chinh-sach").status_code == 200


def test_a_cited_document_is_linked_where_it_is_held(
    site: Callable[..., Site],
    article: int,
    publish: Callable[..., int],
    document: Callable[..., dict[str, object]],
    units: Callable[..., Any],
) -> None:
    held = publish("legal_document", at=units("tinh"), **document())
    page = site().get(f"{ROOT}/huong-dan/{article}", follow_redirects=True).text
    assert f'href="http://tinh.test/van-ban/{held}-ke-hoach-389-kh-ubnd"' in page or (
        f"/van-ban/{held}-" in page
    )
    assert "<td>104/2016/QH13</td>" in page


def test_the_units_own_copy_goes_before_the_provinces(
    site: Callable[..., Site],
    article: int,
    publish: Callable[..., int],
    document: Callable[..., dict[str, object]],
    units: Callable[..., Any],
) -> None:
    publish("legal_document", at=units("tinh"), **document())
    own = publish("legal_document", **document())
    page = site().get(f"{ROOT}/huong-dan/{article}", follow_redirects=True).text
    assert f'href="/van-ban/{own}-' in page


def test_a_policy_says_whether_it_applies(
    site: Callable[..., Site], policy: int, publish: Callable[..., int]
) -> None:
    ended = publish("policy", **{**POLICY, "valid_until": "30/06/2026"})
    now = site().get(f"{ROOT}/chinh-sach/{policy}", follow_redirects=True)
    assert "Đang áp dụng" in now.text
    assert "<dt>Áp dụng từ ngày</dt><dd>01/01/2026</dd>" in now.text
    then = site().get(f"{ROOT}/chinh-sach/{ended}", follow_redirects=True)
    assert "Hiện không áp dụng" in then.text


def test_the_table_holds_the_filtered_list_and_no_formula(
    site: Callable[..., Site], policy: int, publish: Callable[..., int]
) -> None:
    publish("policy", **{**POLICY, "title": "Khác", "audience": "citizens"})
    answer = site().get(f"{ROOT}/chinh-sach/data.csv?doi-tuong=businesses")
    assert answer.mimetype == "text/csv"
    assert "pho-bien-huong-dan-chinh-sach.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row[0] for row in rows] == ["Tiêu đề", POLICY["title"]]
    assert rows[1][rows[0].index("Nội dung hỗ trợ")].startswith("'=")
    assert rows[1][-1].startswith("https://mot.test/pho-bien-huong-dan/chinh-sach/")


@pytest.mark.parametrize("path", ["", ".json", "/in"])
def test_an_article_of_one_unit_is_nothing_to_another(
    site: Callable[..., Site], article: int, other_unit: Any, path: str
) -> None:
    place = f"{ROOT}/huong-dan/{article}-tim-hieu-quyen-tiep-can-thong-tin{path}"
    assert site().get(place).status_code == 200
    assert site(other_unit).get(place).status_code == 404


def test_a_list_whose_requirement_is_off_is_gone(
    site: Callable[..., Site], policy: int, article: int, waive: Callable[..., None]
) -> None:
    waive("guidance", "policies_regimes")
    for path in ("", "/feed.atom", "/data.json", "/data.csv", f"/{policy}"):
        assert site().get(f"{ROOT}/chinh-sach{path}").status_code == 404, path
    page = site().get(ROOT).text
    assert "chinh-sach" not in page
    assert site().get(f"{ROOT}/huong-dan").status_code == 200
    waive("guidance", "legal_guidance")
    assert site().get(ROOT).status_code == 404


def test_lists_cost_the_same_at_any_length(
    cost: Callable[[str], int], publish: Callable[..., int]
) -> None:
    for number in range(3):
        publish("policy", **{**POLICY, "title": f"Chính sách {number}"})
    few = cost(f"{ROOT}/chinh-sach")
    for number in range(15):
        publish("policy", **{**POLICY, "title": f"Chính sách thứ {number}"})
    assert cost(f"{ROOT}/chinh-sach") == few <= 8
    assert cost(ROOT) <= 4
