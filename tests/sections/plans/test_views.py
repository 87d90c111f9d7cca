from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, Refused, actions
from hoitu.core.content.files import upload
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit

Open = Callable[..., Site]
Publish = Callable[..., int]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Waive = Callable[..., None]

ROOT = "/quy-hoach-ke-hoach"
PLAN: Mapping[str, Any] = {
    "requirement": "plans",
    "kind": "action",
    "title": "Kế hoạch cải cách",
    "decision": "7/KH-UBND",
    "issued_on": date(2026, 1, 15),
    "year_from": 2026,
}
MASTER_PLAN: Mapping[str, Any] = {
    "title": "Quy hoạch chung đô thị",
    "planning_field": "urban_rural",
    "decision": "8/QĐ-UBND",
    "approved_on": date(2026, 11, 2),
}
PROJECT: Mapping[str, Any] = {
    "title": "Nâng cấp đường Lê Lợi",
    "code": "DA-01",
    "group": "c",
    "investor": "Ban Quản lý dự án",
    "source": "public_investment",
    "total": 10_000_000_000,
    "decision": "9/QĐ-UBND",
    "status": "under_way",
    "years": [
        {"year": 2025, "planned": 4_000_000_000, "disbursed": 3_000_000_000, "note": "Đợt một"},
        {"year": 2026, "planned": 2_000_000_000, "disbursed": None, "note": ""},
    ],
}
OF_TYPE = {"plan": PLAN, "master_plan": MASTER_PLAN, "project": PROJECT}
LISTS = {"plan": "/ke-hoach", "master_plan": "/quy-hoach", "project": "/du-an"}


def main(site: Site, path: str) -> str:
    return site.get(path).text.partition("<main")[2].partition("</main>")[0]


def cells(page: str) -> list[list[str]]:
    """Return the body rows of the tables of figures on a page."""
    bodies = re.findall(r'<table class="data".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", "".join(bodies), re.DOTALL)
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in rows
    ]


def test_overview_counts_its_parts(site: Open, publish: Publish) -> None:
    for name, values in OF_TYPE.items():
        publish(name, **values)
    page = main(site(), ROOT)
    for path in ("ke-hoach?nhom=strategies", "ke-hoach?nhom=plans", "quy-hoach", "du-an"):
        assert f'href="{ROOT}/{path}"' in page
    assert page.count("1 mục") == 3


@pytest.mark.parametrize("name", OF_TYPE)
def test_every_page_of_a_type(name: str, site: Open, publish: Publish) -> None:
    item_id = publish(name, **OF_TYPE[name])
    title = OF_TYPE[name]["title"]
    listed = f"{ROOT}{LISTS[name]}"
    assert title in main(site(), listed)
    found = re.search(rf'href="({listed}/{item_id}-[^"]+)"', site().get(listed).text)
    assert found
    for path in (found[1], f"{found[1]}/in"):
        page = site().get(path).text
        assert title in page
        assert OF_TYPE[name]["decision"] in page
    whole = site().get(f"{found[1]}.json").get_json()
    assert whole["title"] == title
    assert [row["title"] for row in site().get(f"{listed}/data.json").get_json()["items"]] == [
        title
    ]
    feed = ElementTree.fromstring(site().get(f"{listed}/feed.atom").data)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1
    rows = list(csv.reader(io.StringIO(site().get(f"{listed}/data.csv").text.lstrip("\ufeff"))))
    assert rows[1][0] == title


def test_other_units_show_nothing_of_it(site: Open, publish: Publish, other_unit: Unit) -> None:
    for name, values in OF_TYPE.items():
        item_id = publish(name, other_unit, **{**values, "title": "Mật phường Hai"})
        path = f"{ROOT}{LISTS[name]}"
        assert "Mật phường Hai" in site(other_unit).get(path).text
        for mine in (path, f"{path}/{item_id}-mat-phuong-hai", f"{path}/data.json", ROOT, "/"):
            assert "Mật phường Hai" not in site().get(mine).text
    assert cells(main(site(), f"{ROOT}/du-an")) == []


def test_only_committees_have_projects(
    site: Open, desk: Desk, units: Callable[[str], Unit]
) -> None:
    department = units("so-thu")
    for path in ("/du-an", "/du-an/feed.atom", "/du-an/data.json", "/du-an/data.csv"):
        assert site().get(f"{ROOT}{path}").status_code == 200
        assert site(department).get(f"{ROOT}{path}").status_code == 404
    assert f'href="{ROOT}/du-an"' not in site(department).get("/").text
    assert f"{ROOT}/du-an" not in site(department).get(ROOT).text
    with desk(department) as work:
        item = actions.create(work, "project", PROJECT)
        with pytest.raises(Refused):
            actions.publish(work, item)


def test_what_is_off_is_not_found(site: Open, publish: Publish, waive: Waive) -> None:
    publish("plan", **PLAN)
    waive("plans", "master_plans", "strategies")
    assert site().get(f"{ROOT}/quy-hoach").status_code == 404
    assert site().get(f"{ROOT}/ke-hoach?nhom=strategies").status_code == 404
    assert site().get(f"{ROOT}/ke-hoach/feed.atom?nhom=strategies").status_code == 404
    assert PLAN["title"] in site().get(f"{ROOT}/ke-hoach?nhom=plans").text
    assert "nhom=strategies" not in site().get("/").text
    waive("plans", "plans", "projects")
    assert site().get(ROOT).status_code == 404


def test_list_of_one_requirement_is_called_by_it(site: Open, publish: Publish) -> None:
    publish("plan", **PLAN)
    publish("plan", **{**PLAN, "requirement": "strategies", "title": "Tầm nhìn 2045"})
    page = main(site(), f"{ROOT}/ke-hoach?nhom=strategies")
    assert "<h1>Chiến lược</h1>" in page
    assert "Tầm nhìn 2045" in page
    assert PLAN["title"] not in page


def test_results_are_a_table_and_a_chart(site: Open, publish: Publish) -> None:
    rows = [
        {"year": 2026, "method": "Phân công", "result": "Đạt", "percent": 80, "note": ""},
        {"year": 2025, "method": "Rà soát", "result": "Xong", "percent": 35, "note": "Sớm"},
    ]
    item_id = publish("plan", **PLAN, results=rows)
    page = main(site(), f"{ROOT}/ke-hoach/{item_id}-ke-hoach-cai-cach")
    assert cells(page) == [["2025", "Rà soát", "Xong", "35", "Sớm"],
                           ["2026", "Phân công", "Đạt", "80", ""]]  # fmt: skip
    assert page.count("<figure") == 1


def test_results_in_words_only_have_no_chart(site: Open, publish: Publish) -> None:
    rows = [{"year": 2026, "method": "", "result": "Đạt", "percent": None, "note": ""}]
    item_id = publish("plan", **PLAN, results=rows)
    page = main(site(), f"{ROOT}/ke-hoach/{item_id}-ke-hoach-cai-cach")
    assert len(cells(page)) == 1
    assert "<figure" not in page


@pytest.mark.parametrize("percent", [-1, 101])
def test_percent_out_of_range_is_refused(percent: int, desk: Desk) -> None:
    rows = [{"year": 2026, "result": "Đạt", "percent": percent}]
    with desk() as work, pytest.raises(Refused) as refused:
        actions.create(work, "plan", {**PLAN, "results": rows})
    assert [problem.field for problem in refused.value.problems] == ["results"]


def test_maps_have_captions_and_other_files_are_attached(
    site: Open, desk: Desk, platform: Platform
) -> None:
    with desk() as work:
        picture = upload(work, platform.files, "so-do.png", BytesIO(_PNG))
        layer = upload(
            work, platform.files, "ranh-gioi.geojson",
            BytesIO(b'{"type": "FeatureCollection", "features": []}'),
        )  # fmt: skip
        text = upload(work, platform.files, "thuyet-minh.txt", BytesIO("Thuyết minh".encode()))
        values = {
            **MASTER_PLAN,
            "attachments": [picture.id, layer.id, text.id],
            "maps": [
                {"file_no": 1, "caption": "Sơ đồ không gian"},
                {"file_no": 2, "caption": "Ranh giới"},
            ],
        }
        item = actions.publish(work, actions.create(work, "master_plan", values))
    page = main(site(), f"{ROOT}/quy-hoach/{item.id}-{item.slug}")
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    assert ["<img" in figure for figure in figures] == [True, False]
    assert "Sơ đồ không gian" in figures[0]
    assert "ranh-gioi.geojson" in figures[1]
    assert "thuyet-minh.txt" in page.partition('class="files"')[2]


@pytest.mark.parametrize(("days", "late"), [(14, 0), (15, 0), (16, 1), (20, 5)])
def test_late_publication_is_marked(
    days: int, late: int, site: Open, publish: Publish, clock: FrozenClock
) -> None:
    approved_on = clock.today() - timedelta(days=days)
    item_id = publish("master_plan", **{**MASTER_PLAN, "approved_on": approved_on})
    path = f"{ROOT}/quy-hoach/{item_id}-quy-hoach-chung-do-thi"
    expected = f"công bố chậm {late} ngày" if late else "công bố đúng hạn"
    assert expected in main(site(), path)
    clock.move(timedelta(days=40))
    assert expected in main(site(), path)


def test_master_plan_under_consultation_says_so_until_it_ends(
    site: Open, publish: Publish, clock: FrozenClock
) -> None:
    today = clock.today()
    publish(
        "master_plan",
        title="Quy hoạch khu Nam",
        planning_field="construction",
        consulted_from=today,
        consulted_until=today + timedelta(days=1),
    )
    assert "Đang lấy ý kiến" in main(site(), f"{ROOT}/quy-hoach")
    clock.move(timedelta(days=2))
    page = main(site(), f"{ROOT}/quy-hoach")
    assert "Đang lấy ý kiến" not in page
    assert "Chưa phê duyệt" in page


def test_sums_of_all_projects_by_year(site: Open, publish: Publish, desk: Desk) -> None:
    publish("project", **PROJECT)
    second = {
        **PROJECT,
        "title": "Xây trường",
        "status": "completed",
        "years": [{"year": 2025, "planned": 1_000_000_000, "disbursed": 1_000_000_000, "note": ""}],
    }
    publish("project", **second)
    with desk() as work:
        actions.create(work, "project", {**PROJECT, "title": "Bản nháp"})
    page = main(site(), f"{ROOT}/du-an")
    assert cells(page) == [["2025", "5.000.000.000", "4.000.000.000", "80"],
                           ["2026", "2.000.000.000", "", ""]]  # fmt: skip
    assert page.count("<figure") == 1
    filtered = main(site(), f"{ROOT}/du-an?tinh-trang=completed")
    assert "Xây trường" in filtered
    assert PROJECT["title"] not in filtered
    assert cells(filtered) == []


def test_sums_follow_what_is_published(
    site: Open, publish: Publish, unpublish: Callable[..., None]
) -> None:
    item_id = publish("project", **PROJECT)
    assert cells(main(site(), f"{ROOT}/du-an"))
    unpublish(item_id)
    assert cells(main(site(), f"{ROOT}/du-an")) == []


def test_what_is_in_two_languages_is_counted_once(site: Open, publish: Publish, desk: Desk) -> None:
    project = publish("project", **PROJECT)
    one = main(site(), ROOT), cells(main(site(), f"{ROOT}/du-an"))
    with desk() as work:
        draft = actions.translate(work, work.session.get_one(Item, project), "en")
        actions.publish(work, draft)
    assert (main(site(), ROOT), cells(main(site(), f"{ROOT}/du-an"))) == one


def test_project_page_has_figures_procurement_and_loans(site: Open, publish: Publish) -> None:
    item_id = publish(
        "project",
        **PROJECT,
        point="16.4637, 107.59",
        procurements=[{"package": "Xây lắp", "contractor": "Công ty Một", "value": 7_500_000_000}],
        loans=[{"lender": "Ngân hàng", "amount": 5_000_000_000, "note": "2 triệu USD"}],
    )
    page = main(site(), f"{ROOT}/du-an/{item_id}-nang-cap-duong-le-loi")
    rows = cells(page)
    assert rows[0] == ["2025", "4.000.000.000", "3.000.000.000", "75", "Đợt một"]
    loans, procurements = page.partition("Vốn vay</h2>")[2].split("Kết quả lựa chọn nhà thầu</h2>")
    for said in ("Ngân hàng", "5.000.000.000 đồng", "2 triệu USD"):
        assert f"<td>{said}</td>" in loans
    for said in ("Xây lắp", "Công ty Một", "7.500.000.000 đồng"):
        assert f"<td>{said}</td>" in procurements
    assert "16.463700, 107.590000" in page


def test_too_much_paid_out_needs_a_remark(desk: Desk) -> None:
    years = [{"year": 2025, "planned": 1, "disbursed": PROJECT["total"] + 1}]
    with desk() as work:
        item = actions.create(work, "project", {**PROJECT, "years": years})
        with pytest.raises(Refused) as refused:
            actions.publish(work, item)
        assert [problem.field for problem in refused.value.problems] == ["years"]
        actions.edit(work, item, {"remark": "Trượt giá vật liệu"})
        assert actions.publish(work, item).state == "published"


@pytest.mark.parametrize(
    "query",
    ["?hang=%00", "?von=x", "?tinh-trang=' or 1", "?tu=x", "?nam=99999", "?nhom=x", "?q=%F0%9F"],
)
def test_odd_addresses_are_no_errors(query: str, site: Open, publish: Publish) -> None:
    publish("project", **PROJECT)
    for path in LISTS.values():
        assert site().get(f"{ROOT}{path}{query}").status_code == 200


def test_home_page_shows_the_newest_plans(site: Open, publish: Publish) -> None:
    assert 'aria-labelledby="panel-plan"' not in site().get("/").text
    publish("plan", **PLAN)
    page = site().get("/").text
    panel = page[page.index('aria-labelledby="panel-plan"') :].partition("</section>")[0]
    assert PLAN["title"] in panel


def test_search_finds_a_project_by_its_code(
    site: Open, publish: Publish, drain: Callable[[], None]
) -> None:
    publish("project", **PROJECT)
    drain()
    assert PROJECT["title"] in site().get("/tim-kiem?q=DA-01").text


def test_more_projects_cost_no_more_statements(
    cost: Callable[[str], int], publish: Publish
) -> None:
    def more(count: int, start: int) -> None:
        for n in range(count):
            publish("project", **{**PROJECT, "title": f"Dự án {start + n}"})

    more(10, 0)
    few = cost(f"{ROOT}/du-an")
    more(30, 10)
    assert cost(f"{ROOT}/du-an") == few <= 8


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080600000"
    "01f15c4890000000d49444154789c6360f8cf500f0003860181fca74a6a0000000049454e44ae426082"
)
