from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from hoitu.core.content import Refused
from hoitu.core.testing.fixtures import Site

ROOT = "/thu-tuc-hanh-chinh"
PROCEDURE: dict[str, Any] = {
    "code": "1.001193",
    "title": "Đăng ký khai sinh",
    "level": "commune",
    "field_name": "Hộ tịch",
    "executing": "Ủy ban nhân dân cấp xã",
    "ways": [
        {"method": "ONLINE", "time": 1, "time_unit": "working_day", "fee": 8000, "note": ""},
        {"method": "DIRECT", "time": 1, "time_unit": "working_day", "fee": 0, "note": ""},
    ],
    "dossier": [
        {"case": "Trẻ có cha mẹ", "name": "Tờ khai", "originals": 1, "copies": 0, "form": "TK-01"},
        {"case": "Trẻ bị bỏ rơi", "name": "Biên bản", "originals": 1, "copies": 0, "form": ""},
    ],
    "bases": [{"number": "60/2014/QH13", "name": "Luật Hộ tịch"}],
    "steps": [{"name": "Bước 1", "description": "Nộp hồ sơ"}],
    "results": [{"name": "Giấy khai sinh", "code": "KQ.1"}],
}
SERVICE: dict[str, Any] = {
    "code": "1.001193",
    "title": "Đăng ký khai sinh",
    "service_level": "full",
    "deep_link": "https://dichvucong.gov.vn/p/1.001193",
    "audience": "citizens",
    "life_event": "birth",
}


@pytest.fixture
def procedure(publish: Callable[..., int]) -> int:
    return publish("procedure", **PROCEDURE)


def test_a_procedure_tells_all_its_parts(
    site: Callable[..., Site], procedure: int, publish: Callable[..., int]
) -> None:
    publish("online_service", **SERVICE)
    page = site().get(f"{ROOT}/{procedure}", follow_redirects=True).text
    for told in ("1 ngày làm việc", "8.000 đồng", "Không thu", "Trẻ bị bỏ rơi", "Bước 1",
                 "Giấy khai sinh", "60/2014/QH13", "Toàn trình", "Trẻ có cha mẹ",
                 SERVICE["deep_link"]):  # fmt: skip
        assert told in page, told
    assert "không nộp trên trang này" in page


def test_machines_are_told_the_fee_as_it_is(procedure: int, site: Callable[..., Site]) -> None:
    page = site().get(f"{ROOT}/{procedure}", follow_redirects=True).text
    assert re.findall(r'"price": ?"([^"]*)"', page) == ["8000", "0"]


def test_a_service_leads_to_its_procedure_and_to_the_national_portal(
    site: Callable[..., Site], procedure: int, publish: Callable[..., int]
) -> None:
    service = publish("online_service", **SERVICE)
    page = site().get(f"{ROOT}/dich-vu-cong/{service}", follow_redirects=True).text
    assert f'href="{ROOT}/{procedure}-dang-ky-khai-sinh"' in page
    assert f'href="{SERVICE["deep_link"]}"' in page


def test_a_level_the_law_adds_later_is_kept_as_it_comes(
    site: Callable[..., Site], publish: Callable[..., int]
) -> None:
    service = publish("online_service", **{**SERVICE, "service_level": "chủ động mức 2"})
    page = site().get(f"{ROOT}/dich-vu-cong/{service}", follow_redirects=True)
    assert "chủ động mức 2" in page.text
    assert site().get(f"{ROOT}/dich-vu-cong?muc=full").status_code == 200


def test_services_are_filtered_by_event_and_level(
    site: Callable[..., Site], publish: Callable[..., int]
) -> None:
    publish("online_service", **SERVICE)
    other = {"code": "2.000815", "title": "Chứng thực", "life_event": "housing"}
    publish("online_service", **{**SERVICE, **other})
    page = site().get(f"{ROOT}/dich-vu-cong?su-kien=housing").text
    assert "Chứng thực" in page
    assert "Đăng ký khai sinh" not in page


@pytest.mark.parametrize("words", ["1.001193", "1001193", "dang ky khai sinh", "khai sinh"])
def test_a_procedure_is_found_by_code_and_by_name(
    site: Callable[..., Site], procedure: int, drain: Callable[[], None], words: str
) -> None:
    drain()
    assert "Đăng ký khai sinh" in site().get(ROOT, query_string={"q": words}).text
    assert "Đăng ký khai sinh" in site().get("/tim-kiem", query_string={"q": words}).text


def test_a_code_is_published_once(procedure: int, publish: Callable[..., int]) -> None:
    with pytest.raises(Refused):
        publish("procedure", **PROCEDURE)


def test_the_home_page_has_a_box_to_look_up(site: Callable[..., Site], procedure: int) -> None:
    page = site().get("/").text
    assert f'action="{ROOT}"' in page
    assert 'id="procedure-q"' in page


@pytest.mark.parametrize("path", ["", "/in", ".json"])
def test_nothing_is_shown_at_another_unit(
    site: Callable[..., Site], procedure: int, other_unit: Any, path: str
) -> None:
    place = f"{ROOT}/{procedure}-dang-ky-khai-sinh{path}"
    assert site().get(place).status_code == 200
    assert site(other_unit).get(place).status_code == 404


def test_what_is_off_is_gone(
    site: Callable[..., Site], procedure: int, publish: Callable[..., int], waive: Any
) -> None:
    publish("online_service", **SERVICE)
    waive("procedures", "online_services")
    assert site().get(f"{ROOT}/dich-vu-cong").status_code == 404
    assert SERVICE["deep_link"] not in site().get(f"{ROOT}/{procedure}", follow_redirects=True).text


def test_pages_cost_little(
    cost: Callable[[str], int], procedure: int, publish: Callable[..., int]
) -> None:
    few = cost(ROOT)
    for number in range(12):
        publish("procedure", **{**PROCEDURE, "code": f"1.0020{number:02}"})
    assert cost(ROOT) == few <= 8
    assert cost(f"{ROOT}/{procedure}-dang-ky-khai-sinh") <= 9


def test_procedures_are_filtered_by_what_follows_from_their_words(
    site: Callable[..., Site], procedure: int, publish: Callable[..., int]
) -> None:
    other = {
        "code": "2.001610",
        "title": "Thành lập doanh nghiệp",
        "field_name": "Thành lập và hoạt động của doanh nghiệp",
        "subjects": "Doanh nghiệp\nHợp tác xã",
        "level": "province",
    }
    publish("procedure", **{**PROCEDURE, **other})
    for query in ("linh-vuc=business", "doi-tuong=businesses", "cap=province"):
        page = site().get(f"{ROOT}?{query}").text
        assert "Thành lập doanh nghiệp</a>" in page, query
        assert "Đăng ký khai sinh</a>" not in page, query
    rows = site().get(f"{ROOT}/data.csv?linh-vuc=civil_status").text
    assert "Đăng ký khai sinh" in rows
    assert "Thành lập" not in rows


@pytest.mark.parametrize("query", ["linh-vuc=x", "muc=%00", "cap=" + "a" * 500, "q=%25_'", "tu=x"])
def test_odd_addresses_are_answered(site: Callable[..., Site], procedure: int, query: str) -> None:
    for path in (ROOT, f"{ROOT}/dich-vu-cong"):
        assert site().get(f"{path}?{query}").status_code == 200


def test_the_heading_leads_to_what_is_on(
    site: Callable[..., Site], publish: Callable[..., int], waive: Any
) -> None:
    publish("online_service", **SERVICE)
    waive("procedures", "administrative_procedures")
    assert site().get(ROOT).status_code == 404
    home = site().get("/").text
    assert f'href="{ROOT}/dich-vu-cong"' in home
    assert f'href="{ROOT}"' not in home


def test_events_of_life_lead_into_the_list(
    site: Callable[..., Site], publish: Callable[..., int]
) -> None:
    publish("online_service", **SERVICE)
    assert 'class="tiles"' not in site().get(f"{ROOT}/dich-vu-cong").text
    publish("online_service", **{**SERVICE, "code": "2.000815", "life_event": "housing"})
    page = site().get(f"{ROOT}/dich-vu-cong").text
    assert f'href="{ROOT}/dich-vu-cong?su-kien=housing"' in page


def test_a_step_without_a_name_has_its_number(
    site: Callable[..., Site], publish: Callable[..., int]
) -> None:
    steps = [{"name": "", "description": "Nộp"}, {"name": "", "description": "<b>Nhận</b>"}]
    held = publish("procedure", **{**PROCEDURE, "steps": steps})
    page = site().get(f"{ROOT}/{held}", follow_redirects=True).text
    assert "<dt>Bước 2</dt><dd>&lt;b&gt;Nhận&lt;/b&gt;</dd>" in page
    assert "Step 2" in site().get(f"/en{ROOT}/{held}", follow_redirects=True).text
