from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from hoitu.core.clock import ZONE, FrozenClock
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit

Open = Callable[..., Site]
Publish = Callable[..., int]
Waive = Callable[..., None]
Units = Callable[[str], Unit]

ROOT = "/minh-bach"
TEXT = "<p>Nội dung</p>"


def at(day: int, hour: int, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


OFFICER: Mapping[str, Any] = {
    "requirement": "spokesperson",
    "full_name": "Trần Thị Mẫu",
    "post": "Chánh Văn phòng",
    "phone": "0234 000 123",
    "decision": "5/QĐ-UBND",
}
RECEPTION: Mapping[str, Any] = {
    "kind": "regular",
    "starts_at": at(10, 8),
    "ends_at": at(10, 11),
    "place": "Phòng tiếp công dân",
    "post": "Chủ tịch phường",
    "note": "Mang giấy tờ",
}
DOCUMENT: Mapping[str, Any] = {
    "requirement": "land_disclosure",
    "kind": "land_price_table",
    "title": "Bảng giá đất",
    "number": "9/QĐ-UBND",
    "issued_on": date(2026, 10, 1),
    "year": 2026,
    "body": TEXT,
}
RECRUITMENT: Mapping[str, Any] = {
    "title": "Tuyển viên chức",
    "post": "Kế toán",
    "wanted": 1,
    "apply_until": date(2026, 12, 1),
    "body": TEXT,
}
NOTICE: Mapping[str, Any] = {
    "title": "Bão số 9",
    "severity": "danger",
    "area": "Toàn phường",
    "starts_at": at(23, 8, 11),
    "ends_at": at(25, 8, 11),
    "body": TEXT,
}
LIST = {"title": "Danh mục thông tin", "body": TEXT}
OF_TYPE: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "information_list": ("/danh-muc", LIST, "Danh mục thông tin"),
    "contact_officer": ("/dau-moi", OFFICER, "Trần Thị Mẫu"),
    "reception_day": ("/tiep-cong-dan", RECEPTION, "Chủ tịch phường"),
    "disclosed_document": ("/cong-khai", DOCUMENT, "Bảng giá đất"),
    "recruitment_notice": ("/tuyen-dung", RECRUITMENT, "Tuyển viên chức"),
    "emergency_notice": ("/canh-bao", NOTICE, "Bão số 9"),
}
REQUIREMENTS = {
    "access_to_information": "/tiep-can-thong-tin",
    "citizen_reception": "/tiep-cong-dan",
    "spokesperson": "/dau-moi?nhom=spokesperson",
    "inspection_conclusions": "/cong-khai?nhom=inspection_conclusions",
    "land_disclosure": "/cong-khai?nhom=land_disclosure",
    "public_assets": "/cong-khai?nhom=public_assets",
    "recruitment": "/tuyen-dung",
    "grassroots_democracy": "/cong-khai?nhom=grassroots_democracy",
    "emergency_information": "/canh-bao",
}


def main(site: Site, path: str) -> str:
    return site.get(path).text.partition("<main")[2].partition("</main>")[0]


def banner(page: str) -> str:
    return page.partition('class="slot-header')[2].partition('<div class="page')[0]


@pytest.mark.parametrize("name", OF_TYPE)
def test_every_page_of_a_type(name: str, site: Open, publish: Publish) -> None:
    path, values, said = OF_TYPE[name]
    item_id = publish(name, **values)
    listed = f"{ROOT}{path}"
    assert said in main(site(), listed)
    found = re.search(rf'href="({listed}/{item_id}-[^"]+)"', site().get(listed).text)
    assert found
    for address in (found[1], f"{found[1]}/in"):
        assert said in site().get(address).text
    assert site().get(f"{found[1]}.json").get_json()["id"] == item_id
    assert len(site().get(f"{listed}/data.json").get_json()["items"]) == 1
    feed = ElementTree.fromstring(site().get(f"{listed}/feed.atom").data)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1
    assert site().get(f"{listed}/data.csv").status_code == 200


@pytest.mark.parametrize("name", OF_TYPE)
def test_other_units_show_nothing_of_it(
    name: str, site: Open, publish: Publish, other_unit: Unit
) -> None:
    path, values, said = OF_TYPE[name]
    publish(name, other_unit, **values)
    assert said in site(other_unit).get(f"{ROOT}{path}").text
    for mine in (
        f"{ROOT}{path}",
        f"{ROOT}{path}/data.json",
        ROOT,
        "/",
        f"{ROOT}/tiep-can-thong-tin",
    ):
        assert said not in site().get(mine).text


def test_menu_leads_to_a_page_for_every_requirement(site: Open) -> None:
    page = site().get("/").text
    for path in REQUIREMENTS.values():
        assert f'href="{ROOT}{path}"' in page
        assert site().get(f"{ROOT}{path}").status_code == 200


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_what_is_off_is_not_found(requirement: str, site: Open, waive: Waive) -> None:
    waive("transparency", requirement)
    path = f"{ROOT}{REQUIREMENTS[requirement]}"
    assert site().get(path).status_code == 404
    assert f'href="{path}"' not in site().get("/").text
    assert f'href="{path}"' not in main(site(), ROOT)


def test_duties_are_those_of_the_type_of_unit(site: Open, units: Units) -> None:
    department, service = site(units("so-thu")), site(units("don-vi-su-nghiep"))
    assert department.get(f"{ROOT}/cong-khai?nhom=grassroots_democracy").status_code == 404
    assert department.get(f"{ROOT}/cong-khai?nhom=land_disclosure").status_code == 200
    assert service.get(f"{ROOT}/tiep-cong-dan").status_code == 404
    assert service.get(f"{ROOT}/tuyen-dung").status_code == 200


def test_overview_names_each_requirement_once(site: Open, publish: Publish) -> None:
    publish("disclosed_document", **DOCUMENT)
    page = main(site(), ROOT)
    ids = re.findall(r'<li id="([a-z_]+)"', page)
    assert sorted(ids) == sorted(REQUIREMENTS)
    assert page.count("1 mục") == 1
    assert f'href="{ROOT}/yeu-cau"' in page


def test_access_page_has_contacts_lists_and_ways_to_ask(
    site: Open, publish: Publish, cost: Callable[[str], int]
) -> None:
    path = f"{ROOT}/tiep-can-thong-tin"
    empty = main(site(), path)
    assert "Chưa có thông tin đầu mối." in empty
    values = {**OFFICER, "requirement": "access_to_information"}
    publish("contact_officer", **values)
    publish("contact_officer", **{**values, "full_name": "Đã Nghỉ", "until": date(2026, 11, 22)})
    publish("information_list", **LIST)
    page = main(site(), path)
    assert "Trần Thị Mẫu" in page
    assert 'href="tel:0234000123"' in page
    assert "Đã Nghỉ" not in page
    assert "Danh mục thông tin" in page
    assert cost(path) <= 6


def test_contact_who_left_is_marked(site: Open, publish: Publish) -> None:
    publish("contact_officer", **{**OFFICER, "until": date(2026, 11, 22)})
    assert "Không còn đảm nhiệm" in main(site(), f"{ROOT}/dau-moi")


# -- reception of citizens --------------------------------------------------------------------


def test_next_reception_days_come_first_then_the_month(site: Open, publish: Publish) -> None:
    for day in (24, 10):
        publish("reception_day", **{**RECEPTION, "starts_at": at(day, 8), "ends_at": at(day, 11)})
    page = main(site(), f"{ROOT}/tiep-cong-dan")
    ahead = page.partition('id="sap-toi"')[2].partition('id="thang"')[0]
    assert ahead.index("10/12/2026") < ahead.index("24/12/2026")
    assert "08:00" in ahead
    assert "Tháng 12/2026" in page
    assert "Không có lịch tiếp công dân trong tháng này." not in page
    other = main(site(), f"{ROOT}/tiep-cong-dan?thang=2026-10")
    assert "Tháng 10/2026" in other
    assert "Không có lịch tiếp công dân trong tháng này." in other


def test_day_that_is_over_leaves_the_next_days(
    site: Open, publish: Publish, clock: FrozenClock
) -> None:
    publish("reception_day", **RECEPTION)
    assert 'aria-labelledby="panel-reception_day"' in site().get("/").text
    clock.move(at(10, 11) - clock.now())
    page = main(site(), f"{ROOT}/tiep-cong-dan")
    ahead = page.partition('id="sap-toi"')[2].partition('id="thang"')[0]
    assert "Chưa có lịch tiếp công dân sắp tới." in ahead
    assert "10/12/2026" in page.partition('id="thang"')[2]
    assert 'aria-labelledby="panel-reception_day"' not in site().get("/").text


def test_calendar_file_has_the_next_days(site: Open, publish: Publish) -> None:
    publish("reception_day", **RECEPTION)
    answer = site().get(f"{ROOT}/tiep-cong-dan/lich.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert b"DTSTART:20261210T010000Z\r\n" in answer.data
    assert answer.data.count(b"BEGIN:VEVENT") == 1


@pytest.mark.parametrize("month", ["2026-13", "x", "%00", "9999-99", "-", "2026-12%0a"])
def test_odd_months_are_no_errors(month: str, site: Open, publish: Publish) -> None:
    publish("reception_day", **RECEPTION)
    assert site().get(f"{ROOT}/tiep-cong-dan?thang={month}").status_code == 200


def test_more_reception_days_cost_no_more_statements(
    cost: Callable[[str], int], publish: Publish
) -> None:
    def more(days: range) -> None:
        for n in days:
            start = at(10, 8) + timedelta(days=n)
            publish(
                "reception_day",
                **{**RECEPTION, "starts_at": start, "ends_at": start + timedelta(hours=3)},
            )

    more(range(10))
    few = cost(f"{ROOT}/tiep-cong-dan")
    more(range(10, 40))
    assert cost(f"{ROOT}/tiep-cong-dan") == few <= 8


# -- documents, recruitment -------------------------------------------------------------------


def test_documents_are_listed_by_requirement_and_kind(site: Open, publish: Publish) -> None:
    publish("disclosed_document", **DOCUMENT)
    assets = {"requirement": "public_assets", "kind": "asset_report", "title": "Báo cáo tài sản"}
    publish("disclosed_document", **{**DOCUMENT, **assets})
    land = main(site(), f"{ROOT}/cong-khai?nhom=land_disclosure")
    assert "Bảng giá đất" in land
    assert "Báo cáo tài sản" not in land
    assert "<h1>Đất đai: bảng giá, kế hoạch sử dụng</h1>" in land
    assert "Báo cáo tài sản" in main(site(), f"{ROOT}/cong-khai?loai=asset_report")


def test_posting_says_until_when(site: Open, publish: Publish) -> None:
    values = {
        **DOCUMENT,
        "requirement": "grassroots_democracy",
        "kind": "local_works",
        "shown_from": date(2026, 11, 20),
        "shown_days": 30,
    }
    item_id = publish("disclosed_document", **values)
    assert "19/12/2026" in main(site(), f"{ROOT}/cong-khai/{item_id}-bang-gia-dat")


def test_recruitment_closes_by_the_clock(site: Open, publish: Publish, clock: FrozenClock) -> None:
    publish("recruitment_notice", **RECRUITMENT)
    assert "Đang nhận hồ sơ" in main(site(), f"{ROOT}/tuyen-dung")
    clock.move(timedelta(days=9))
    page = main(site(), f"{ROOT}/tuyen-dung")
    assert "Đang nhận hồ sơ" not in page
    assert "Đã đóng" in page


# -- emergency --------------------------------------------------------------------------------


def test_notice_is_on_every_page_while_it_holds(
    site: Open, publish: Publish, clock: FrozenClock
) -> None:
    starts_at = clock.now() + timedelta(minutes=30)
    publish("emergency_notice", **{**NOTICE, "starts_at": starts_at})
    pages = ("/", "/van-ban", f"{ROOT}/tuyen-dung", "/khong-co-trang-nay")
    assert not any(banner(site().get(path).text) for path in pages)
    clock.move(timedelta(minutes=31))
    for path in pages:
        shown = banner(site().get(path).text)
        assert "Bão số 9" in shown
        assert "Toàn phường" in shown
    clock.move(at(25, 8, 11) - clock.now())
    assert not any(banner(site().get(path).text) for path in pages)
    assert "Bão số 9" in main(site(), f"{ROOT}/canh-bao")


def test_gravest_notice_comes_first_and_says_its_tone(site: Open, publish: Publish) -> None:
    publish("emergency_notice", **{**NOTICE, "title": "Sốt xuất huyết", "severity": "info"})
    publish("emergency_notice", **NOTICE)
    shown = banner(site().get("/").text)
    assert shown.index("Bão số 9") < shown.index("Sốt xuất huyết")
    assert re.findall(r"notice-(bad|warn|info)", shown) == ["bad", "info"]


def test_withdrawn_notice_leaves_at_once(
    site: Open, publish: Publish, unpublish: Callable[..., None]
) -> None:
    item_id = publish("emergency_notice", **NOTICE)
    assert banner(site().get("/").text)
    unpublish(item_id)
    assert not banner(site().get("/").text)


def test_banner_is_off_with_its_requirement_and_elsewhere(
    site: Open, publish: Publish, waive: Waive, other_unit: Unit
) -> None:
    publish("emergency_notice", **NOTICE)
    assert not banner(site(other_unit).get("/").text)
    waive("transparency", "emergency_information")
    assert not banner(site().get("/").text)


def test_banner_costs_a_page_nothing_once_it_is_known(
    site: Open, publish: Publish, waive: Waive, cost: Callable[[str], int]
) -> None:
    publish("emergency_notice", **NOTICE)
    with_banner = cost("/van-ban")
    waive("transparency", "emergency_information")
    assert cost("/van-ban") == with_banner


def test_banner_is_escaped(site: Open, publish: Publish) -> None:
    publish("emergency_notice", **{**NOTICE, "title": "<b>Bão</b>", "area": "A & B"})
    shown = banner(site().get("/").text)
    assert "&lt;b&gt;Bão" in shown
    assert "A &amp; B" in shown
