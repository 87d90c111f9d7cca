from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pytest

from hoitu.core.content import ActionContext, Item, Refused, actions
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit
from hoitu.core.web import Panel

Open = Callable[..., Site]
Publish = Callable[..., int]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Waive = Callable[..., None]

PAGE = {
    "requirement": "functions_duties",
    "title": "Chức năng, nhiệm vụ",
    "body": "<p>Quản lý nhà nước trên địa bàn.</p>",
}
CHART, DIRECTORY, CONTACT = "so-do-to-chuc", "danh-ba", "lien-he"
PATHS = (
    "/",
    "/gioi-thieu",
    "/gioi-thieu/feed.atom",
    "/gioi-thieu/data.json",
    f"/gioi-thieu/{CHART}",
    f"/gioi-thieu/{DIRECTORY}",
    f"/gioi-thieu/{DIRECTORY}?q=mat",
    f"/gioi-thieu/{DIRECTORY}.csv",
    f"/gioi-thieu/{CONTACT}",
    "/feed.atom",
    "/sitemap.xml",
    "/tim-kiem?q=mật",
    *(
        f"/api/v1/{name}"
        for name in (
            "agency_page",
            "department",
            "staff_member",
            "contact_point",
            "hotline",
            "social_link",
        )
    ),
)


@dataclass(frozen=True)
class Office:
    top: int
    economy: int
    chief: int
    clerk: int


@pytest.fixture
def office(publish: Publish) -> Office:
    return staffed(publish)


def staffed(publish: Publish, at: Unit | None = None, mark: str = "") -> Office:
    top = publish(
        "department", at, title=f"Lãnh đạo phường{mark}", kind="leadership", position_no=1
    )
    economy = publish(
        "department",
        at,
        title=f"Phòng Kinh tế{mark}",
        kind="division",
        parent=top,
        position_no=2,
        duties=f"Kinh tế, hạ tầng.{mark}\nĐô thị.",
        phone="0234 000 1703",
    )
    chief = publish(
        "staff_member", at, full_name=f"Nguyễn Văn Một{mark}", post="Chủ tịch", department=top
    )
    clerk = publish(
        "staff_member",
        at,
        full_name=f"Trần Thị Hai{mark}",
        post="Trưởng phòng",
        department=economy,
        phone="0234 000 1714",
        email="hai@hue.example",
    )
    publish(
        "contact_point",
        at,
        address=f"Số 1 đường Lê Lợi{mark}",
        phone="0234 000 1700",
        email="phuong@hue.example",
        working_hours="Thứ Hai đến thứ Sáu",
    )
    publish(
        "hotline", at, purpose=f"Phản ánh hiện trường{mark}", phone="0234 000 1731", hours="24 giờ"
    )
    publish("social_link", at, network=f"Zalo{mark}", url="https://zalo.example/phuong")
    return Office(top, economy, chief, clerk)


def test_overview_leads_to_all_pages(site: Open, publish: Publish, office: Office) -> None:
    item_id = publish("agency_page", **PAGE)
    main = site().get("/gioi-thieu").text.partition("<main")[2]
    for path in (f"{item_id}-chuc-nang-nhiem-vu", CHART, DIRECTORY, CONTACT):
        assert f'href="/gioi-thieu/{path}"' in main


def test_overview_has_the_order_of_the_plan(site: Open, publish: Publish) -> None:
    publish("agency_page", **PAGE)
    publish(
        "agency_page",
        **{**PAGE, "title": "Cơ cấu tổ chức", "requirement": "organisational_structure"},
    )
    main = site().get("/gioi-thieu").text.partition("<main")[2]
    assert main.index(PAGE["title"]) < main.index("Cơ cấu tổ chức")


def test_page_detail_print_and_json(site: Open, publish: Publish) -> None:
    item_id = publish("agency_page", **PAGE)
    address = f"/gioi-thieu/{item_id}-chuc-nang-nhiem-vu"
    for path in (address, f"{address}/in"):
        assert "Quản lý nhà nước trên địa bàn." in site().get(path).text
    assert site().get(f"{address}.json").get_json()["fields"]["body"] == PAGE["body"]
    listed = site().get("/gioi-thieu/data.json").get_json()
    assert [entry["title"] for entry in listed["items"]] == [PAGE["title"]]


def test_english_page_shows_the_english_text(site: Open, publish: Publish) -> None:
    item_id = publish("agency_page", **PAGE, body_en="<p>State administration of the ward.</p>")
    address = f"/gioi-thieu/{item_id}-chuc-nang-nhiem-vu"
    english = site().get(f"/en{address}").text
    assert "State administration of the ward." in english
    assert "Quản lý nhà nước" not in english
    assert "not been translated" not in english
    vietnamese = site().get(address).text
    assert "Quản lý nhà nước" in vietnamese
    assert "State administration" not in vietnamese


def test_missing_translation_is_said(site: Open, publish: Publish) -> None:
    item_id = publish("agency_page", **PAGE)
    address = f"/gioi-thieu/{item_id}-chuc-nang-nhiem-vu"
    english = site().get(f"/en{address}").text
    assert "This page has not been translated yet." in english
    text = re.search(r'<div class="prose" lang="vi">(.*?)</div>', english, re.DOTALL)
    assert text
    assert "Quản lý nhà nước" in text[1]
    assert "notice" not in site().get(address).text.partition("<main")[2]


def test_chart_is_a_list_in_a_list_of_links(site: Open, office: Office) -> None:
    page = site().get(f"/gioi-thieu/{CHART}").text
    chart = page[page.index('<ul class="tree') : page.index("</main>")]
    top, below = chart.split("<ul>", 1)
    # The parts fold away without a script.
    assert '<details class="chart-parts" open>' in top
    assert f'href="/gioi-thieu/so-do-to-chuc/{office.top}-lanh-dao-phuong"' in top
    assert f'href="/gioi-thieu/so-do-to-chuc/{office.economy}-phong-kinh-te"' in below


def test_department_shows_duties_people_and_parts(site: Open, office: Office) -> None:
    page = site().get(f"/gioi-thieu/so-do-to-chuc/{office.economy}-phong-kinh-te").text
    main = page.partition("<main")[2].partition("</main>")[0]
    for shown in ("Kinh tế, hạ tầng.", "Trần Thị Hai", "tel:02340001703", "Lãnh đạo phường"):
        assert shown in main
    assert "Nguyễn Văn Một" not in main
    top = site().get(f"/gioi-thieu/so-do-to-chuc/{office.top}-lanh-dao-phuong").text
    assert f'href="/gioi-thieu/so-do-to-chuc/{office.economy}-phong-kinh-te"' in top


def test_superior_is_named_once_it_is_public(site: Open, desk: Desk, publish: Publish) -> None:
    with desk() as work:
        above = actions.create(work, "department", {"title": "Ban MẬT", "kind": "office"})
        above_id = above.id
    item_id = publish("department", title="Tổ", kind="division", parent=above_id)
    pages = [f"/gioi-thieu/{CHART}/{item_id}-to{end}" for end in ("", "/in")]
    pages += [f"/gioi-thieu/{CHART}/data.csv", f"/gioi-thieu/{CHART}"]
    assert [path for path in pages if "MẬT" in site().get(path).text] == []
    with desk() as work:
        actions.publish(work, work.session.get_one(Item, above_id))
    assert [path for path in pages if "MẬT" not in site().get(path).text] == []


def test_a_circle_is_refused_of_a_waiting_version_too(desk: Desk, office: Office) -> None:
    with desk() as work:
        top = work.session.get_one(Item, office.top)
        actions.edit(work, top, {"parent": office.economy})
        with pytest.raises(Refused) as refused:
            actions.submit(work, top)
    assert [problem.field for problem in refused.value.problems] == ["parent"]
    with desk() as work:
        economy = work.session.get_one(Item, office.economy)
        actions.edit(work, economy, {"duties": "Việc khác."})
        assert actions.submit(work, economy).draft_state == "submitted"


def test_old_slug_leads_to_the_department(site: Open, office: Office) -> None:
    answer = site().get(f"/gioi-thieu/so-do-to-chuc/{office.economy}-ten-cu")
    assert answer.status_code == 301
    assert answer.location.endswith(f"/gioi-thieu/so-do-to-chuc/{office.economy}-phong-kinh-te")
    assert site().get("/gioi-thieu/so-do-to-chuc/999999-khong-co").status_code == 404
    assert site().get(f"/gioi-thieu/so-do-to-chuc/{office.clerk}-tran-thi-hai").status_code == 404


def test_directory_is_grouped_and_searched(site: Open, office: Office) -> None:
    page = site().get(f"/gioi-thieu/{DIRECTORY}").text
    assert page.index("Lãnh đạo phường</a>") < page.index("Nguyễn Văn Một")
    assert (
        page.index("Nguyễn Văn Một") < page.index("Phòng Kinh tế</a>") < page.index("Trần Thị Hai")
    )
    assert f'id="staff-member-{office.clerk}"' in page
    for words in ("trần thị", "tran thi hai", "truong phong", "0001714", "kinh te"):
        found = site().get(f"/gioi-thieu/{DIRECTORY}?q={words}").text
        assert "Trần Thị Hai" in found
        assert "Nguyễn Văn Một" not in found
    assert "Trần Thị Hai" not in site().get(f"/gioi-thieu/{DIRECTORY}?q=khong co ai").text


def test_directory_as_csv(site: Open, office: Office) -> None:
    answer = site().get(f"/gioi-thieu/{DIRECTORY}.csv?q=tran thi")
    assert answer.mimetype == "text/csv"
    assert "danh-ba.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1:] == [
        ["Phòng Kinh tế", "Trần Thị Hai", "Trưởng phòng", "0234 000 1714", "hai@hue.example"]
    ]


def test_contact_page_footer_and_hotlines_of_the_home_page(site: Open, office: Office) -> None:
    page = site().get(f"/gioi-thieu/{CONTACT}").text
    for shown in (
        "Số 1 đường Lê Lợi",
        "mailto:phuong@hue.example",
        "Thứ Hai đến thứ Sáu",
        "tel:02340001731",
        "https://zalo.example/phuong",
    ):
        assert shown in page
    home = site().get("/").text
    assert "Phản ánh hiện trường" in home
    footer = home.partition("<footer")[2]
    for shown in ("Số 1 đường Lê Lợi", "tel:02340001700", "mailto:phuong@hue.example"):
        assert shown in footer


def test_entries_without_a_page_lead_to_the_page_that_shows_them(
    site: Open, office: Office
) -> None:
    for name, place in (
        ("staff_member", f"/gioi-thieu/{DIRECTORY}#staff-member-"),
        ("hotline", f"/gioi-thieu/{CONTACT}#hotline-"),
        ("social_link", f"/gioi-thieu/{CONTACT}#social-link-"),
    ):
        entry = site().get(f"/api/v1/{name}").get_json()["items"][0]
        assert place in entry["url"]
        path, _, anchor = entry["url"].removeprefix("https://mot.test").partition("#")
        assert f'id="{anchor}"' in site().get(path).text


@pytest.mark.parametrize(
    ("requirements", "path"),
    [
        (["organisation_chart"], CHART),
        (["organisation_chart"], "so-do-to-chuc/{economy}-phong-kinh-te"),
        (["staff_directory"], DIRECTORY),
        (["staff_directory"], f"{DIRECTORY}.csv"),
        (["contact_information", "hotlines", "social_media"], CONTACT),
    ],
)
def test_view_of_a_requirement_that_is_off_is_not_found(
    requirements: list[str], path: str, site: Open, office: Office, waive: Waive
) -> None:
    path = "/gioi-thieu/" + path.format(economy=office.economy)
    assert site().get(path).status_code == 200
    waive("agency", *requirements)
    assert site().get(path).status_code == 404
    assert f'href="{path}"' not in site().get("/gioi-thieu").text


def test_page_of_a_requirement_that_is_off_is_not_found(
    site: Open, publish: Publish, waive: Waive
) -> None:
    item_id = publish("agency_page", **PAGE)
    waive("agency", "functions_duties")
    assert site().get(f"/gioi-thieu/{item_id}-chuc-nang-nhiem-vu").status_code == 404
    assert PAGE["title"] not in site().get("/gioi-thieu").text.partition("<main")[2]


@pytest.mark.parametrize(
    ("requirement", "hidden"),
    [
        ("contact_information", "Số 1 đường Lê Lợi"),
        ("hotlines", "Phản ánh hiện trường"),
        ("social_media", "https://zalo.example/phuong"),
        ("staff_directory", "Trần Thị Hai"),
    ],
)
def test_what_is_off_is_shown_nowhere(
    requirement: str, hidden: str, site: Open, office: Office, waive: Waive
) -> None:
    paths = [*PATHS, f"/gioi-thieu/so-do-to-chuc/{office.economy}-phong-kinh-te"]
    assert any(hidden in site().get(path).text for path in paths)
    waive("agency", requirement)
    assert [path for path in paths if hidden in site().get(path).text] == []


def test_section_that_is_off_is_not_found(site: Open, office: Office, waive: Waive) -> None:
    waive(
        "agency", "functions_duties", "organisational_structure", "organisation_chart",
        "staff_directory", "contact_information", "hotlines", "social_media", "administrative_map",
        "natural_conditions", "history_culture", "heritage_sites", "leadership_assignments",
    )  # fmt: skip
    for path in ("", "/feed.atom", "/data.json", f"/{CHART}", f"/{DIRECTORY}", f"/{CONTACT}"):
        assert site().get(f"/gioi-thieu{path}").status_code == 404
    assert "/gioi-thieu" not in site().get("/").text


def test_block_of_a_plugin_on_the_page_of_a_department(
    site: Open, office: Office, platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    panels = [
        Panel("broken", "Hỏng", "no/such/template.html"),
        Panel("notice", "Thông báo mẫu", "agency/hotlines.html", {"hotlines": [], "dial": str}),
    ]
    monkeypatch.setattr(
        platform.hooks, "slot_panels", lambda slot, *_: panels if slot == "after_title" else []
    )
    page = site().get(f"/gioi-thieu/so-do-to-chuc/{office.economy}-phong-kinh-te")
    assert page.status_code == 200
    assert "Thông báo mẫu" in page.text


def test_entries_of_another_unit_never_appear(
    site: Open, publish: Publish, office: Office, other_unit: Unit, drain: Callable[[], None]
) -> None:
    theirs = staffed(publish, other_unit, " MẬT")
    page = publish("agency_page", other_unit, **{**PAGE, "title": "Trang MẬT"})
    drain()
    addresses = (
        f"/gioi-thieu/so-do-to-chuc/{theirs.economy}-phong-kinh-te-mat",
        f"/gioi-thieu/{page}-trang-mat",
    )
    for path in (*PATHS, *addresses):
        assert "MẬT" not in site().get(path).text
    for address in addresses:
        assert site().get(address).status_code == 404
        assert "MẬT" in site(other_unit).get(address).text


def test_department_of_another_unit_cannot_be_named(
    publish: Publish, office: Office, other_unit: Unit
) -> None:
    with pytest.raises(Refused):
        publish("department", other_unit, title="Phòng", kind="division", parent=office.top)


def test_circle_is_refused(desk: Desk, office: Office) -> None:
    with desk() as work:
        top = work.session.get(Item, office.top)
        actions.edit(work, top, {"parent": office.economy})
        with pytest.raises(Refused) as refused:
            actions.publish(work, top)
    assert [problem.field for problem in refused.value.problems] == ["parent"]


def test_department_is_found_until_it_is_unpublished(
    site: Open,
    office: Office,
    unpublish: Callable[..., None],
    drain: Callable[[], None],
) -> None:
    address = f'href="/gioi-thieu/so-do-to-chuc/{office.economy}-phong-kinh-te"'
    drain()
    for words in ("Phòng Kinh tế", "phong kinh te", "ha tang"):
        assert address in site().get(f"/tim-kiem?q={words}").text
    unpublish(office.economy)
    drain()
    assert address not in site().get("/tim-kiem?q=phong kinh te").text
    assert (
        site().get(f"/gioi-thieu/so-do-to-chuc/{office.economy}-phong-kinh-te").status_code == 404
    )
    directory = site().get(f"/gioi-thieu/{DIRECTORY}").text
    assert "Trần Thị Hai" in directory
    assert "Phòng Kinh tế" not in directory


def test_people_are_not_in_the_search_of_the_site(
    site: Open, office: Office, drain: Callable[[], None]
) -> None:
    drain()
    assert "Trần Thị Hai" not in site().get("/tim-kiem?q=Nguyễn Văn").text
    assert "staff-member" not in site().get("/tim-kiem?q=Trần Thị Hai").text


def test_feed_and_sitemap(site: Open, publish: Publish, office: Office) -> None:
    item_id = publish("agency_page", **PAGE)
    name = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(site().get("/gioi-thieu/feed.atom").data)
    assert [e.findtext(f"{name}title") for e in feed.findall(f"{name}entry")] == [PAGE["title"]]
    sitemap = site().get("/sitemap.xml").text
    assert f"/gioi-thieu/{item_id}-chuc-nang-nhiem-vu" in sitemap
    assert f"/gioi-thieu/so-do-to-chuc/{office.economy}-phong-kinh-te" in sitemap
    assert "#" not in sitemap


@pytest.mark.parametrize(
    ("path", "type_name"),
    [
        ("/gioi-thieu", "agency_page"),
        (f"/gioi-thieu/{CHART}", "department"),
        (f"/gioi-thieu/{DIRECTORY}", "staff_member"),
        (f"/gioi-thieu/{CONTACT}", "hotline"),
    ],
)
def test_longer_lists_cost_no_more_statements(
    path: str, type_name: str, cost: Callable[[str], int], publish: Publish, office: Office
) -> None:
    def more(count: int) -> None:
        for n in range(count):
            values: dict[str, dict[str, Any]] = {
                "agency_page": {**PAGE, "title": f"Trang {n}"},
                "department": {"title": f"Phòng {n}", "kind": "division", "parent": office.top},
                "staff_member": {
                    "full_name": f"Lê Văn {n}", "post": "Chuyên viên", "department": office.top
                },
                "hotline": {"purpose": f"Việc {n}", "phone": "0234 000 1731"},
            }  # fmt: skip
            publish(type_name, **values[type_name])

    more(10)
    few = cost(path)
    more(50)
    assert cost(path) == few <= 8
