from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit

Open = Callable[..., Site]
Publish = Callable[..., int]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Units = Callable[[str], Unit]

LINK = {
    "requirement": "link_open_data",
    "title": "Cổng dữ liệu mở",
    "url": "https://data.hue.example/",
}


def groups(site: Site) -> dict[str, list[str]]:
    """Return the names in each group of the page of links."""
    found = re.findall(
        r'<section class="link-group" aria-labelledby="(\w+)">(.*?)</section>',
        site.get("/lien-ket").text,
        re.DOTALL,
    )
    return {
        key: [name.strip() for name in re.findall(r"<li>(?:<a [^>]*>)?([^<]+)", text)]
        for key, text in found
    }


def test_groups_come_from_the_directory_of_units(site: Open) -> None:
    assert groups(site()) == {
        "link_people_committee": ["Ủy ban nhân dân tỉnh Thử"],
        "link_provincial_agencies": ["Sở Thử nghiệm"],
        "link_commune_committees": ["Ủy ban nhân dân phường Hai", "Ủy ban nhân dân phường Một"],
        "link_district_committees": ["Ủy ban nhân dân huyện Cũ"],
    }


def test_addresses_of_units_and_the_end_of_the_district(site: Open) -> None:
    page = site().get("/lien-ket").text
    assert 'href="https://so.test/"' in page
    district = page[page.index("huyen.test") :]
    assert "30/06/2025" in district[:200]


def test_links_of_the_province_are_shown_at_every_unit(
    site: Open, publish: Publish, units: Units
) -> None:
    publish("portal_link", units("tinh"), **LINK)
    for slug in ("tinh", "phuong-mot", "phuong-hai", "so-thu", "huyen-cu"):
        visitor = site(units(slug))
        assert groups(visitor)["link_open_data"] == [LINK["title"]]
        assert LINK["url"] in visitor.get("/").text


def test_links_of_a_unit_are_its_own(
    site: Open, publish: Publish, units: Units, other_unit: Unit
) -> None:
    publish("portal_link", **{**LINK, "title": "Liên kết phường Một"})
    theirs = publish("portal_link", other_unit, **{**LINK, "title": "Liên kết phường Hai"})
    assert groups(site())["link_open_data"] == ["Liên kết phường Một"]
    paths = (
        "/", "/lien-ket", "/lien-ket/feed.atom", "/lien-ket/data.json", "/api/v1/portal_link",
        f"/lien-ket/{theirs}-lien-ket-phuong-hai", "/sitemap.xml", "/feed.atom",
    )  # fmt: skip
    for path in paths:
        assert "Liên kết phường Hai" not in site().get(path).text
    assert "link_open_data" not in groups(site(units("tinh")))


def test_links_are_shown_on_their_days_only(
    site: Open, publish: Publish, units: Units, clock: FrozenClock
) -> None:
    today = clock.today()
    days = {
        "Đã hết": (None, today - timedelta(days=1)),
        "Đang có": (today, today),
        "Sắp có": (today + timedelta(days=1), None),
    }
    for title, (start, end) in days.items():
        publish(
            "portal_link",
            units("tinh"),
            **{**LINK, "title": title, "url": f"https://{len(title)}.example/{title[0]}"},
            valid_from=start,
            valid_until=end,
        )
    assert groups(site())["link_open_data"] == ["Đang có"]
    listed = site(units("tinh")).get("/lien-ket/data.json").get_json()["items"]
    assert {entry["title"] for entry in listed} == {"Đang có", "Sắp có"}
    clock.move(timedelta(days=1))
    assert groups(site())["link_open_data"] == ["Sắp có"]


def test_address_of_the_directory_is_not_repeated(
    site: Open, publish: Publish, units: Units
) -> None:
    publish(
        "portal_link",
        units("tinh"),
        requirement="link_people_committee",
        title="Cổng của tỉnh",
        url="https://tinh.test/",
    )
    assert groups(site())["link_people_committee"] == ["Ủy ban nhân dân tỉnh Thử"]


def test_group_that_is_off_is_left_out(
    site: Open, publish: Publish, units: Units, waive: Callable[..., None]
) -> None:
    publish("portal_link", units("tinh"), **LINK)
    waive("links", "link_open_data", "link_commune_committees")
    found = groups(site())
    assert "link_open_data" not in found
    assert "link_commune_committees" not in found
    assert LINK["url"] not in site().get("/").text
    assert groups(site(units("phuong-hai")))["link_open_data"] == [LINK["title"]]


def test_link_the_province_is_excused_from_is_shown_nowhere(
    site: Open, publish: Publish, units: Units, waive: Callable[..., None]
) -> None:
    publish("portal_link", units("tinh"), **LINK)
    waive("links", "link_open_data", at=units("tinh"))
    assert "link_open_data" not in groups(site())


def test_section_that_is_off_is_not_found(site: Open, waive: Callable[..., None]) -> None:
    waive(
        "links", "link_party_committee", "link_people_council", "link_people_committee",
        "link_fatherland_front", "link_provincial_agencies", "link_commune_committees",
        "link_open_data", "link_digital_transformation",
    )  # fmt: skip
    for path in ("/lien-ket", "/lien-ket/feed.atom", "/lien-ket/data.json"):
        assert site().get(path).status_code == 404
    assert "huyen.test" not in site().get("/").text


def test_withdrawn_link_is_gone(
    site: Open, publish: Publish, units: Units, unpublish: Callable[..., None]
) -> None:
    item_id = publish("portal_link", units("tinh"), **LINK)
    unpublish(item_id, units("tinh"))
    assert "link_open_data" not in groups(site())


def test_panel_folds_groups_and_shows_banners(site: Open, publish: Publish, units: Units) -> None:
    publish("portal_link", units("tinh"), **LINK)
    page = site().get("/").text
    panel = page[page.index('aria-labelledby="panel-links"') :]
    panel = panel[: panel.index("</section>")]
    assert panel.count("<details>") == 4
    assert panel.index(LINK["url"]) < panel.index("<details>")


def test_address_of_a_link_is_its_group(site: Open, publish: Publish) -> None:
    publish("portal_link", **LINK)
    entry = site().get("/api/v1/portal_link").get_json()["items"][0]
    assert entry["url"].endswith("/lien-ket#link_open_data")
    assert 'id="link_open_data"' in site().get("/lien-ket").text


def test_feed_is_atom(site: Open, publish: Publish) -> None:
    publish("portal_link", **LINK)
    feed = ElementTree.fromstring(site().get("/lien-ket/feed.atom").data)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1


def test_more_links_cost_no_more_statements(
    cost: Callable[[str], int], publish: Publish, units: Units
) -> None:
    def more(count: int) -> None:
        for n in range(count):
            url = f"https://{n}.example/"
            publish("portal_link", units("tinh"), **{**LINK, "url": url, "title": f"Cổng {n}"})

    more(10)
    few = cost("/lien-ket")
    more(50)
    assert cost("/lien-ket") == few <= 8


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("link_commune_committees", ["today"]),
        ("link_district_committees", ["today"]),
        ("link_open_data", ["kept"]),
        ("link_party_committee", []),
        ("normative_documents", []),
    ],
)
def test_freshness(
    requirement: str,
    expected: list[str],
    publish: Publish,
    units: Units,
    desk: Desk,
    platform: Platform,
    clock: FrozenClock,
) -> None:
    kept = clock.today()
    publish("portal_link", units("tinh"), **LINK)
    clock.move(timedelta(days=9))
    days: dict[str, date] = {"kept": kept, "today": clock.today()}
    duty: Any = platform.switchboard.requirement(requirement)
    with desk() as work:
        found = work.hooks.freshness(work.unit, duty)
    assert found == (days[expected[0]] if expected else None)


def test_a_link_is_shown_in_the_language_of_the_page(
    site: Open, publish: Publish, desk: Desk
) -> None:
    link = publish("portal_link", **LINK)
    with desk() as work:
        english = actions.translate(work, work.session.get_one(Item, link), "en")
        actions.edit(work, english, {**LINK, "title": "Open data portal"})
        actions.publish(work, english)
    assert groups(site())["link_open_data"] == ["Cổng dữ liệu mở"]
    english_page = site().get("/en/lien-ket").text
    assert "Open data portal" in english_page
    assert "Cổng dữ liệu mở" not in english_page
