from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from hoitu.core.clock import FrozenClock
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import Site
from hoitu.core.text import plain
from hoitu.core.units import Unit, unit_scope
from hoitu.sections.disclosures.vocabularies import REPORT_KINDS

Open = Callable[..., Site]
Publish = Callable[..., int]
Disclose = Callable[..., int]

FINANCE = "/cong-khai/tai-chinh"
STATISTICS = "/cong-khai/thong-ke"
RESEARCH = "/cong-khai/nghien-cuu"
CORRUPTION = "/cong-khai/phong-chong-tham-nhung"
CALENDAR = f"{STATISTICS}/lich"
PATHS = {
    FINANCE: "financial_disclosure",
    STATISTICS: "statistics",
    CALENDAR: "statistics",
    RESEARCH: "research_results",
    CORRUPTION: "anti_corruption",
}


def table(publish: Publish, title: str = "Dân số", at: Unit | None = None, **values: Any) -> int:
    filled = {"indicator_group": "general", "period": "2026", "source": "Thử", "body": "<p>7</p>"}
    return publish("statistical_table", at, title=title, **{**filled, **values})


def release(publish: Publish, title: str, planned_on: date, **values: Any) -> int:
    return publish("statistical_release", title=title, planned_on=planned_on, **values)


def research(publish: Publish, title: str = "Đề tài", at: Unit | None = None, **values: Any) -> int:
    return publish("research_result", at, title=title, lead_unit="Viện Thử", **values)


def against(
    publish: Publish, kind: str, year: int, title: str = "Bản", at: Unit | None = None
) -> int:
    values = {"content_kind": kind, "year": year, "body": "<p>Nội dung</p>"}
    return publish("anti_corruption_disclosure", at, title=title, **values)


def grid(page: str, regime: str) -> dict[str, list[str]]:
    """Return the cells of the grid of a regime, by kind of report."""
    block = next(t for t in re.findall(r"<table class=\"grid\">.*?</table>", page, re.DOTALL)
                 if f"<caption>{regime}</caption>" in t)  # fmt: skip
    return {
        plain(label): [plain(cell) for cell in re.findall(r"<td>(.*?)</td>", cells, re.DOTALL)]
        for label, cells in re.findall(
            r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", block, re.DOTALL
        )
    }


UNIT, GOVERNMENT = "Dự toán, quyết toán của đơn vị", "Ngân sách nhà nước của cấp chính quyền"


# -- finance ---------------------------------------------------------------------------------


def test_the_grid_says_what_came_in_time_late_or_not_at_all(
    site: Open, disclose: Disclose, clock: FrozenClock
) -> None:
    disclose("h1", 2026, posted_on=date(2026, 7, 20))
    disclose("q3", 2026, posted_on=date(2026, 10, 15))
    disclose("estimate", 2026, trigger_date=date(2025, 12, 29), posted_on=date(2026, 1, 5))
    cells = grid(site().get(FINANCE).text, UNIT)
    assert cells["Thực hiện 6 tháng"][1].startswith("Công khai ngày 20/07/2026")
    assert cells["Thực hiện 6 tháng"][1].endswith("Chậm 5 ngày")
    assert cells["Thực hiện quý III, 9 tháng"][1].endswith("Đúng hạn")
    assert cells["Dự toán"][1].endswith("Đúng hạn")
    assert cells["Thực hiện quý I"][1] == "Quá hạn (hạn: 15/04/2026)"
    assert cells["Quyết toán"][1].startswith("Chưa đến hạn trong 15 ngày")
    # The ward was established on 01/07/2025.
    assert cells["Thực hiện quý I"][0] == "–không có"
    assert "Dự toán điều chỉnh, bổ sung" not in cells
    clock.move(timedelta(days=60))
    cells = grid(site().get(f"{FINANCE}?nam=2026").text, UNIT)
    assert cells["Quyết toán"] == ["Chưa công khai trong 15 ngày kể từ ngày quyết toán được duyệt"]


def test_the_next_deadline_is_told(site: Open, disclose: Disclose, clock: FrozenClock) -> None:
    disclose("estimate", 2026, trigger_date=date(2025, 12, 29), posted_on=date(2026, 1, 5))
    clock.move(date(2026, 7, 2) - clock.today())
    cells = grid(site().get(FINANCE).text, UNIT)
    assert cells["Thực hiện 6 tháng"][1] == "Trong hạn đến hết ngày 15/07/2026"


def test_regimes_are_those_of_the_type_of_unit(site: Open, units: Callable[[str], Unit]) -> None:
    captions = [
        re.findall(r"<caption>(.*?)</caption>", site(at).get(FINANCE).text)
        for at in (None, units("so-thu"))
    ]
    assert GOVERNMENT in captions[0]
    assert GOVERNMENT not in captions[1]
    assert UNIT in captions[1]


def test_a_dissolved_unit_owes_what_it_owed_on_its_last_day(
    site: Open, units: Callable[[str], Unit]
) -> None:
    page = site(units("huyen-cu")).get(FINANCE).text
    assert "Năm ngân sách 2025" in page
    assert "Năm ngân sách 2026" not in page
    assert grid(page, UNIT)["Thực hiện 6 tháng"][1] == "–không có"
    assert grid(page, UNIT)["Thực hiện quý I"][1].startswith("Quá hạn")


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("", ["2025", "2026"]),
        ("?nam=2025", ["2025"]),
        ("?nam=2023", []),
        ("?nam=1799", ["2025", "2026"]),
        ("?nam=abc", ["2025", "2026"]),
        ("?nam=²⁰²⁵", ["2025", "2026"]),
        ("?nam=99999999999999999999", ["2025", "2026"]),
        ("?q=mật", []),
        ("?ky=h1", []),
        ("?ky=khong-co", []),
    ],
)
def test_the_year_is_chosen_in_the_address(
    site: Open, disclose: Disclose, query: str, years: list[str]
) -> None:
    disclose("h1", 2026)
    page = site().get(f"{FINANCE}{query}").text
    found = re.findall(r'<th scope="col">Năm ngân sách (\d+)</th>', page)
    assert sorted(set(found)) == years


def test_a_year_before_the_unit_says_so(site: Open) -> None:
    assert "Không có nội dung phải công khai" in site().get(f"{FINANCE}?nam=2023").text


def test_the_list_below_is_of_the_budget_year(site: Open, disclose: Disclose) -> None:
    disclose("q3", 2025, posted_on=date(2026, 1, 2))
    disclose("q3", 2026)
    found = site().get(f"{FINANCE}/data.json?nam=2025").get_json()
    assert [entry["fields"]["fiscal_year"] for entry in found["items"]] == [2025]


def test_last_years_budget_is_three_clicks_from_home(site: Open, disclose: Disclose) -> None:
    item_id = disclose("estimate", 2025, trigger_date=date(2025, 7, 5), posted_on=date(2025, 7, 10))
    wanted, front, visitor = f"{FINANCE}/{item_id}-", {"/"}, site()
    clicks, seen = 0, set[str]()
    while not any(path.startswith(wanted) for path in front) and clicks < 4:
        seen |= front
        pages = [visitor.get(path).text for path in sorted(front) if "://" not in path]
        links = {link for page in pages for link in re.findall(r'href="(/[^"#]*)"', page)}
        front = {link for link in links - seen if link.startswith("/cong-khai")}
        clicks += 1
    # Menu, then the cell of the grid.
    assert clicks <= 2


def test_detail_tells_days_decision_and_punctuality(site: Open, disclose: Disclose) -> None:
    item_id = disclose(
        "settlement",
        2025,
        decision_number="41/QĐ-UBND",
        form_code="unit_tables",
        trigger_date=date(2026, 6, 12),
        posted_on=date(2026, 7, 1),
    )
    page = plain(site().get(f"{FINANCE}/{item_id}", follow_redirects=True).text)
    for shown in (
        "Quyết toán năm 2025 (ngân sách của đơn vị)",
        "41/QĐ-UBND",
        "61/2017/TT-BTC",
        "12/06/2026",
        "01/07/2026",
        "27/06/2026",
        "Chậm 4 ngày",
        "Thuyết minh số liệu",
    ):
        assert shown in page
    printed = site().get(f"{FINANCE}/{item_id}", follow_redirects=True).request.path + "/in"
    assert "Quyết toán năm 2025" in site().get(printed).text


def test_finance_is_data(site: Open, disclose: Disclose) -> None:
    disclose("h1", 2026, posted_on=date(2026, 7, 10))
    [entry] = site().get(f"{FINANCE}/data.json").get_json()["items"]
    assert entry["fields"]["trigger_date"] == "2026-06-30"
    rows = site().get(f"{FINANCE}/data.csv").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert "30/06/2026" in rows[1]
    feed = ElementTree.fromstring(site().get(f"{FINANCE}/feed.atom").data)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1


def test_finance_is_as_fresh_as_its_figures(
    disclose: Disclose, publish: Publish, platform: Platform, desk: Callable[..., Any], unit: Unit
) -> None:
    def fresh(key: str) -> date | None:
        duty = platform.switchboard.requirement(key)
        assert duty is not None
        with desk():
            return platform.hooks.freshness(unit, duty)

    keys = ("financial_disclosure", "statistics", "research_results", "anti_corruption")
    assert [fresh(key) for key in keys] == [None] * 4
    disclose("settlement", 2025, trigger_date=date(2026, 6, 12))
    disclose("h1", 2026)
    release(publish, "Dự kiến", date(2026, 12, 1))
    against(publish, "procedures", 2026)
    day = date(2026, 11, 23)
    assert [fresh(key) for key in keys] == [date(2026, 6, 30), None, None, day]


# -- statistics ------------------------------------------------------------------------------


def test_the_calendar_tells_what_is_to_come_late_and_done(
    site: Open, publish: Publish, unpublish: Callable[..., None], clock: FrozenClock
) -> None:
    today = clock.today()
    own = table(publish, "Bảng đã công bố")
    release(publish, "Sắp tới", today + timedelta(days=5))
    release(publish, "Trễ hẹn", today - timedelta(days=2))
    release(publish, "Đúng hẹn", today, released=own)
    release(publish, "Muộn", today - timedelta(days=1), released=own)
    release(publish, "Năm khác", date(2025, 5, 5))
    page = site().get(CALENDAR).text
    rows = {
        plain(title): plain(state)
        for title, state in re.findall(
            r'<th scope="row">(.*?)</th>\s*<td>(.*?)</td>', page, re.DOTALL
        )
    }
    assert rows == {
        "Trễ hẹn": "Chậm 2 ngày",
        "Sắp tới": "Dự kiến",
        "Đúng hẹn": "Công bố ngày 23/11/2026 Đúng hạn",
        "Muộn": "Công bố ngày 23/11/2026 Chậm 1 ngày",
    }
    assert list(rows)[:2] == ["Trễ hẹn", "Sắp tới"]
    assert f'href="{STATISTICS}/{own}-' in page
    assert "Năm khác" in site().get(f"{CALENDAR}?nam=2025").text
    unpublish(own)
    page = site().get(CALENDAR).text
    assert f"{STATISTICS}/{own}-" not in page
    assert "Công bố ngày" not in page


def test_an_empty_calendar_says_so(site: Open) -> None:
    for query in ("", "?nam=2023", "?nam=x"):
        assert "Chưa có kế hoạch công bố" in site().get(f"{CALENDAR}{query}").text


def test_what_draws_the_table_is_no_fact(site: Open, publish: Publish) -> None:
    item_id = table(publish, chart="none")
    page = site().get(f"{STATISTICS}/{item_id}", follow_redirects=True).text
    assert "Không vẽ" not in page
    [entry] = site().get(f"{STATISTICS}/data.json").get_json()["items"]
    assert "chart" not in entry["fields"]


# -- research and corruption -----------------------------------------------------------------


def test_a_unit_without_research_says_so_politely(site: Open, publish: Publish) -> None:
    assert "Không có nhiệm vụ" in site().get(RESEARCH).text
    research(publish, "Đề tài về lúa", principal_investigator="Chủ nhiệm Thử", level="province")
    page = site().get(RESEARCH).text
    assert "Không có nhiệm vụ" not in page
    assert "Đề tài về lúa" in page
    assert "Không có nhiệm vụ" not in site().get(f"{RESEARCH}?cap=state").text


def test_missing_yearly_reports_are_seen(site: Open, publish: Publish) -> None:
    item_id = against(publish, "annual_pctn_report", 2019, "Báo cáo cũ")
    page = site().get(CORRUPTION).text
    rows = {
        plain(year): plain(cell)
        for year, cell in re.findall(r'<th scope="row">(\d+)</th><td>(.*?)</td>', page, re.DOTALL)
    }
    assert rows["2026"] == "Chưa đến hạn"
    assert rows["2025"] == "Chưa công khai"
    assert rows["2019"] == "Báo cáo cũ 23/11/2026"
    # The ward is younger.
    assert "2024" not in rows
    assert f'href="{CORRUPTION}/{item_id}-' in page


def test_corruption_is_filtered_by_content(site: Open, publish: Publish) -> None:
    against(publish, "procedures", 2026, "Về thủ tục")
    against(publish, "policy_rights", 2026, "Về quyền lợi")
    page = site().get(f"{CORRUPTION}?noi-dung=procedures").text
    assert "Về thủ tục" in page
    assert "Về quyền lợi" not in page


# -- every part ------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "requirement"), PATHS.items())
def test_a_requirement_that_is_off_has_no_page(
    site: Open,
    publish: Publish,
    disclose: Disclose,
    waive: Callable[..., None],
    path: str,
    requirement: str,
) -> None:
    made = {
        "financial_disclosure": lambda: disclose("h1", 2026),
        "statistics": lambda: table(publish),
        "research_results": lambda: research(publish),
        "anti_corruption": lambda: against(publish, "procedures", 2026),
    }
    item_id = made[requirement]()
    found = site().get(f"{path.removesuffix('/lich')}/{item_id}", follow_redirects=True)
    assert found.status_code == 200
    waive("disclosures", requirement)
    parts = () if path == CALENDAR else ("/feed.atom", "/data.json", "/data.csv")
    for address in (path, found.request.path, *(path + part for part in parts)):
        assert site().get(address).status_code == 404, address
    assert f'href="{path}"' not in site().get("/").text
    assert f'href="{path}"' not in site().get("/cong-khai").text
    assert site().get("/cong-khai").status_code == 200


def test_nothing_of_another_unit_is_shown(
    site: Open, publish: Publish, disclose: Disclose, other_unit: Unit, drain: Callable[[], None]
) -> None:
    disclose("h1", 2026, other_unit, summary="Việc mật")
    table(publish, "Việc mật", other_unit)
    publish("statistical_release", other_unit, title="Việc mật", planned_on=date(2026, 11, 1))
    research(publish, "Việc mật", other_unit)
    against(publish, "annual_pctn_report", 2025, "Việc mật", other_unit)
    drain()
    for path in ("/", "/cong-khai", *PATHS, "/tim-kiem?q=mật"):
        page = site().get(path).text
        assert "Việc mật" not in page, path
        assert "Công khai ngày" not in page, path
        assert "Việc mật" in site(other_unit).get(path).text or path in ("/cong-khai",), path


def test_the_home_page_has_the_newest_and_this_years_finance(
    site: Open, publish: Publish, disclose: Disclose
) -> None:
    assert 'panel-disclosures"' not in site().get("/").text
    disclose("h1", 2026, posted_on=date(2026, 7, 20))
    research(publish, "Đề tài về lúa")
    page = site().get("/").text
    panel = page[page.index('aria-labelledby="panel-disclosures"') :]
    panel = plain(panel[: panel.index("</section>")])
    assert "Đề tài về lúa" in panel
    assert "Thực hiện dự toán 6 tháng năm 2026" in panel
    assert "đã công khai: 1" in panel
    assert "trong đó chậm: 1" in panel
    assert re.search(r"quá hạn: \d", panel)


def test_the_overview_sums_up_finance(
    site: Open, disclose: Disclose, waive: Callable[..., None]
) -> None:
    disclose("h1", 2026, posted_on=date(2026, 7, 10))
    page = plain(site().get("/cong-khai").text)
    assert "đã công khai: 1" in page
    waive("disclosures", "financial_disclosure")
    assert "đã công khai" not in plain(site().get("/cong-khai").text)


def test_in_english_labels_are_english(site: Open, disclose: Disclose, publish: Publish) -> None:
    disclose("h1", 2026, posted_on=date(2026, 7, 20))
    page = site().get(f"/en{FINANCE}").text
    assert grid(page, "Budget of the unit")["Half-year"][1].endswith("5 days late")
    assert "No programme or research task" in site().get(f"/en{RESEARCH}").text


def test_every_requirement_has_its_page_in_the_menu(site: Open) -> None:
    page = site().get("/").text
    for path in (FINANCE, STATISTICS, RESEARCH, CORRUPTION):
        assert f'href="{path}"' in page


@pytest.mark.parametrize("path", ["/cong-khai", *PATHS])
def test_more_items_cost_no_more_statements(
    cost: Callable[[str], int], publish: Publish, disclose: Disclose, path: str
) -> None:
    def fill(years: range) -> None:
        for year in years:
            against(publish, "annual_pctn_report", year)
            research(publish)
            day = date(2026, 1, year - 2000)
            release(publish, "Kỳ", day, released=table(publish))
            for kind in ("q1", "h1", "q3"):
                disclose(kind, 2026)

    fill(range(2001, 2003))
    few = cost(path)
    fill(range(2003, 2009))
    assert cost(path) == few <= 8


def test_the_panel_costs_two_statements(
    app: Any,
    platform: Platform,
    unit: Unit,
    disclose: Disclose,
    statements: Callable[[], list[str]],
) -> None:
    from hoitu.sections.disclosures.section import section

    disclose("h1", 2026)
    with app.test_request_context(base_url=f"http://{unit.hosts[-1].name}"):
        app.preprocess_request()
        with unit_scope(unit.id):
            statements()
            assert len(section.home_panels(unit)) == 1
            assert len(statements()) <= 2


def test_a_crowded_cell_is_cut_short(site: Open, disclose: Disclose) -> None:
    for day in range(1, 6):
        disclose("adjustment", 2026, trigger_date=date(2026, 5, day))
    label = REPORT_KINDS.terms["adjustment"].vi
    cell = grid(site().get(FINANCE).text, UNIT)[label][1]
    assert cell.count("Công khai ngày") == 3
    assert cell.endswith("và 2 lần khác trong danh sách bên dưới")
