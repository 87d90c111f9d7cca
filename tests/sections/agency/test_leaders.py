"""Assignments of leaders, and what only people's committees show."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from hoitu.core.content import ActionContext, Item, Refused, actions
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit

Open = Callable[..., Site]
Publish = Callable[..., int]
Desk = Callable[..., AbstractContextManager[ActionContext]]

PAGE = "/gioi-thieu/phan-cong-nhiem-vu"
CHAIRMAN = {
    "full_name": "Nguyễn Văn Một",
    "position": "chairman",
    "valid_from": "01/07/2025",
    "areas": [{"area": "Lãnh đạo chung"}],
    "units_in_charge": [{"unit": "Văn phòng"}],
}
DEPUTY = {**CHAIRMAN, "full_name": "Trần Thị Hai", "position": "vice_chairman"}
ONLY_COMMITTEES = {
    "administrative_map": "/gioi-thieu/ban-do",
    "heritage_sites": "/gioi-thieu/di-tich-danh-thang",
    "leadership_assignments": PAGE,
}


def test_present_coming_and_past_are_told_apart(site: Open, publish: Publish) -> None:
    publish("leadership_assignment", **{**DEPUTY, "valid_from": "01/01/2027"})
    publish(
        "leadership_assignment",
        **{**CHAIRMAN, "full_name": "Phạm Văn Ba", "valid_from": "01/01/2020"},
        valid_until="30/06/2025",
    )
    publish("leadership_assignment", **CHAIRMAN)
    page = site().get(PAGE).text.partition("<main")[2]
    order = [
        page.index(words)
        for words in ("Nguyễn Văn Một", "Sẽ áp dụng", "Trần Thị Hai", "Phân công trước đây")
    ]
    assert order == sorted(order)
    assert page.index("Phạm Văn Ba") > order[-1]
    assert "30/06/2025" in page


def test_the_chairman_comes_first_and_is_on_the_home_page(site: Open, publish: Publish) -> None:
    publish("leadership_assignment", **DEPUTY)
    item_id = publish("leadership_assignment", **CHAIRMAN)
    for path in (PAGE, "/"):
        page = site().get(path).text
        assert page.index("Nguyễn Văn Một") < page.index("Trần Thị Hai")
        assert f'href="{PAGE}/{item_id}-chu-tich-nguyen-van-mot"' in page
    # Two clicks: home, menu, the page.
    assert f'href="{PAGE}"' in site().get("/").text
    detail = site().get(f"{PAGE}/{item_id}-chu-tich-nguyen-van-mot").text
    for words in ("Chủ tịch", "Lãnh đạo chung", "Văn phòng", "01/07/2025"):
        assert words in detail


def test_a_chairman_is_found_by_the_word(
    site: Open, publish: Publish, drain: Callable[[], None]
) -> None:
    publish("leadership_assignment", **CHAIRMAN)
    drain()
    assert "chu-tich-nguyen-van-mot" in site().get("/tim-kiem?q=chủ tịch").text


def test_an_assignment_leads_to_the_directory_while_that_is_on(
    site: Open, publish: Publish, waive: Callable[..., None]
) -> None:
    top = publish("department", title="Lãnh đạo", kind="leadership")
    person = publish("staff_member", full_name="Nguyễn Văn Một", post="Chủ tịch", department=top)
    publish("leadership_assignment", **CHAIRMAN, person=person)
    link = f'href="/gioi-thieu/danh-ba#staff-member-{person}"'
    assert link in site().get(PAGE).text
    waive("agency", "staff_directory")
    assert link not in site().get(PAGE).text


@pytest.mark.parametrize(
    ("values", "is_refused"),
    [
        ({"valid_from": "01/01/2026"}, True),
        ({"position": "acting_chairman", "valid_from": "01/01/2026"}, True),
        ({"valid_from": "01/01/2020", "valid_until": "01/07/2025"}, True),
        ({"valid_from": "01/01/2020", "valid_until": "30/06/2025"}, False),
        ({"position": "vice_chairman", "valid_from": "01/01/2026"}, False),
    ],
)
def test_there_is_one_head_at_a_time(
    values: dict[str, Any], is_refused: bool, desk: Desk, publish: Publish
) -> None:
    publish("leadership_assignment", **CHAIRMAN)
    new = {**CHAIRMAN, "full_name": "Lê Văn Tư", **values}
    with desk() as work:
        item = actions.create(work, "leadership_assignment", new)
        if not is_refused:
            assert actions.publish(work, item).state == "published"
            return
        with pytest.raises(Refused) as refused:
            actions.publish(work, item)
    assert [problem.field for problem in refused.value.problems] == ["valid_from"]
    assert "Nguyễn Văn Một" in str(refused.value.problems[0].message)


def test_a_head_of_another_unit_is_none_of_ours(publish: Publish, other_unit: Unit) -> None:
    publish("leadership_assignment", **CHAIRMAN)
    assert publish("leadership_assignment", other_unit, **CHAIRMAN)


def test_a_chairman_may_be_edited_and_ends(site: Open, desk: Desk, publish: Publish) -> None:
    item_id = publish("leadership_assignment", **CHAIRMAN)
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"valid_until": "31/12/2025"})
        actions.publish(work, item)
    page = site().get(PAGE).text.partition("<main")[2]
    assert page.index("Phân công trước đây") < page.index("Nguyễn Văn Một")


@pytest.mark.parametrize("key", [*ONLY_COMMITTEES, "natural_conditions", "history_culture"])
def test_only_people_s_committees_show_it(
    key: str, site: Open, units: Callable[[str], Unit], publish: Publish
) -> None:
    department = units("so-thu")
    path = ONLY_COMMITTEES.get(key, f"/gioi-thieu?nhom={key}")
    menu = f'href="{path}"'
    for own, there in ((site(), True), (site(department), False)):
        assert (menu in own.get("/").text) is there
        assert (menu in own.get("/gioi-thieu").text) is there
    if key in ONLY_COMMITTEES:
        assert site(department).get(path).status_code == 404
        for name in ("/feed.atom", "/data.json", "/data.csv"):
            assert site(department).get(path + name).status_code == 404
            assert site().get(path + name).status_code == 200
    else:
        with pytest.raises(Refused):
            publish("agency_page", department, title="Trang", body="<p>a</p>", requirement=key)


def test_figures_are_a_table_with_their_days(site: Open, publish: Publish) -> None:
    figure = {"label": "Nhiệt độ", "value": "25,2", "measure": "°C", "as_of": "31/12/2025"}
    item_id = publish(
        "agency_page", title="Điều kiện tự nhiên", body="<p>Văn bản</p>",
        requirement="natural_conditions", figures=[figure],
    )  # fmt: skip
    address = f"/gioi-thieu/{item_id}-dieu-kien-tu-nhien"
    for path in (address, f"{address}/in"):
        page = site().get(path).text
        assert "<td>Nhiệt độ</td><td>25,2</td><td>°C</td><td>31/12/2025</td>" in page


@pytest.mark.parametrize(
    ("path", "type_name", "values"),
    [
        (PAGE, "leadership_assignment", DEPUTY),
        ("/gioi-thieu/di-tich-danh-thang", "heritage_site",
         {"title": "Đình", "rank": "national", "address": "Phường Một", "place": "16.5, 107.5"}),
        ("/gioi-thieu/ban-do", "map_layer",
         {"title": "Lớp", "level": "commune", "valid_from": "01/07/2025",
          "places": [{"name": "Thôn Một"}]}),
        ("/", "leadership_assignment", DEPUTY),
    ],
)  # fmt: skip
def test_longer_lists_cost_no_more_statements(
    path: str, type_name: str, values: dict[str, Any], cost: Callable[[str], int], publish: Publish
) -> None:
    for _ in range(10):
        publish(type_name, **values)
    few = cost(path)
    for _ in range(30):
        publish(type_name, **values)
    assert cost(path) == few
    # The home page has the panels of every section.
    assert few <= 8 or path == "/"
