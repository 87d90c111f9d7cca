from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from hoitu.core.clock import FrozenClock
from hoitu.core.content import Refused
from hoitu.core.testing.fixtures import Site
from hoitu.core.text import plain
from hoitu.core.units import Unit

Open = Callable[..., Site]
Publish = Callable[..., int]

PATHS = (
    "/",
    "/van-ban",
    "/van-ban?loai=KH",
    "/van-ban?q=mật",
    "/van-ban/feed.atom",
    "/van-ban/data.json",
    "/feed.atom",
    "/sitemap.xml",
    "/tim-kiem?q=mật",
    "/api/v1/legal_document",
)


def document(publish: Publish, number: str, at: Unit | None = None, **values: Any) -> int:
    kind = re.search(r"/([A-ZĐ]+)-", number)
    normative = re.search(r"/\d{4}/", number)
    filled = {
        "requirement": "normative_documents" if normative else "administrative_documents",
        "kind": kind[1] if kind else "QĐ",
        "number": number,
        "summary": "Tái cấu trúc hệ thống cổng",
        "issuer": "Ủy ban nhân dân phường Một",
        "issued_on": date(2026, 5, 4),
        **values,
    }
    return publish("legal_document", at, **filled)


def relations(site: Open, item_id: int) -> dict[str, list[str]]:
    """Return what the page of a document names under each relation."""
    page = site().get(f"/van-ban/{item_id}", follow_redirects=True).text
    found = re.findall(r"<h3>([^<]+)</h3>\s*<ul[^>]*>(.*?)</ul>", page, re.DOTALL)
    return {
        label: [
            " ".join(re.sub(r"<[^>]+>", "", entry).split())
            for entry in re.findall(r"<li>(.*?)</li>", text, re.DOTALL)
        ]
        for label, text in found
    }


def points(relation: str, number: str, note: str = "") -> dict[str, str]:
    return {"relation": relation, "target_number": number, "note": note}


def test_document_is_called_by_kind_and_number(site: Open, publish: Publish) -> None:
    item_id = document(publish, "389/KH-UBND")
    page = site().get("/van-ban").text
    assert "Kế hoạch 389/KH-UBND" in plain(page)
    assert f"/van-ban/{item_id}-ke-hoach-389-kh-ubnd" in page


def test_detail_shows_the_attributes(site: Open, publish: Publish) -> None:
    item_id = document(
        publish,
        "54/2023/QĐ-UBND",
        issued_on=date(2023, 9, 12),
        effective_on=date(2023, 9, 25),
        expires_on=date(2027, 1, 1),
        signer="Nguyễn Văn Thử",
        signer_title="Chủ tịch",
        body="<p>Điều 1. Phạm vi.</p>",
    )
    page = site().get(f"/van-ban/{item_id}-quyet-dinh-54-2023-qd-ubnd").text
    for shown in (
        "54/2023/QĐ-UBND",
        "Quyết định",
        "Ủy ban nhân dân phường Một",
        "12/09/2023",
        "25/09/2023",
        "01/01/2027",
        "Nguyễn Văn Thử, Chủ tịch",
        "Điều 1. Phạm vi.",
        "Còn hiệu lực",
    ):
        assert shown in page


def test_effect_follows_the_dates(site: Open, publish: Publish, clock: FrozenClock) -> None:
    today = clock.today()
    document(
        publish,
        "7/KH-UBND",
        issued_on=today,
        effective_on=today + timedelta(days=10),
        expires_on=today + timedelta(days=20),
    )
    for label in ("Chưa có hiệu lực", "Còn hiệu lực", "Hết hiệu lực toàn bộ"):
        assert label in site().get("/van-ban").text
        clock.move(timedelta(days=10))


def test_relations_are_told_at_both_ends(site: Open, publish: Publish) -> None:
    old = document(publish, "12/2020/QĐ-UBND", issued_on=date(2020, 1, 1))
    new = document(
        publish,
        "54/2023/QĐ-UBND",
        relations=[
            points("replaces", "12/2020/QĐ-UBND"),
            points("basis", "42/2022/NĐ-CP", "khoản 2 Điều 4"),
        ],
    )
    told = relations(site, new)
    assert told["Thay thế"][0].startswith("Quyết định 12/2020/QĐ-UBND")
    assert told["Căn cứ vào"] == ["42/2022/NĐ-CP (khoản 2 Điều 4)"]
    assert relations(site, old)["Được thay thế bởi"][0].startswith("Quyết định 54/2023/QĐ-UBND")


def test_dangling_relation_becomes_a_link_when_its_target_arrives(
    site: Open, publish: Publish, unpublish: Callable[..., None]
) -> None:
    plan = document(publish, "389/KH-UBND", relations=[points("basis", "42-2022 nđ cp")])
    assert relations(site, plan) == {"Căn cứ vào": ["42-2022 nđ cp"]}
    decree = document(publish, "42/2022/NĐ-CP", issued_on=date(2022, 6, 24))
    assert relations(site, plan)["Căn cứ vào"][0].startswith("Nghị định 42/2022/NĐ-CP")
    assert relations(site, decree)["Là căn cứ của"][0].startswith("Kế hoạch 389/KH-UBND")
    unpublish(decree)
    assert relations(site, plan) == {"Căn cứ vào": ["42-2022 nđ cp"]}


def test_relation_told_by_both_documents_is_shown_once(site: Open, publish: Publish) -> None:
    document(publish, "1/KH-UBND", relations=[points("amends", "2/KH-UBND")])
    amended = document(publish, "2/KH-UBND", relations=[points("amended", "1/KH-UBND")])
    assert len(relations(site, amended)["Được sửa đổi, bổ sung bởi"]) == 1


def test_draft_that_names_a_document_is_not_told(
    site: Open, publish: Publish, unpublish: Callable[..., None]
) -> None:
    target = document(publish, "2/KH-UBND")
    source = document(publish, "1/KH-UBND", relations=[points("abrogates", "2/KH-UBND")])
    assert "Bị bãi bỏ bởi" in relations(site, target)
    unpublish(source)
    assert relations(site, target) == {}


def test_document_with_a_wrong_number_is_refused(publish: Publish) -> None:
    with pytest.raises(Refused) as refused:
        document(publish, "389 KH", kind="KH")
    assert [problem.field for problem in refused.value.problems] == ["number"]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", {"389/KH-UBND", "54/2023/QĐ-UBND", "7/QĐ-UBND"}),
        ("?loai=KH", {"389/KH-UBND"}),
        ("?loai=QĐ", {"54/2023/QĐ-UBND", "7/QĐ-UBND"}),
        ("?nhom=normative_documents", {"54/2023/QĐ-UBND"}),
        ("?nam=2023", {"389/KH-UBND", "54/2023/QĐ-UBND"}),
        ("?loai=QĐ&nam=2023", {"54/2023/QĐ-UBND"}),
        ("?loai=QĐ&nhom=administrative_documents", {"7/QĐ-UBND"}),
        ("?loai=BC", set()),
        ("?nam=1999", set()),
        ("?nam=abc", {"389/KH-UBND", "54/2023/QĐ-UBND", "7/QĐ-UBND"}),
    ],
)
def test_filters(query: str, numbers: set[str], site: Open, publish: Publish) -> None:
    document(publish, "389/KH-UBND", issued_on=date(2023, 11, 27))
    document(publish, "54/2023/QĐ-UBND", issued_on=date(2023, 9, 12))
    document(publish, "7/QĐ-UBND", issued_on=date(2026, 1, 5))
    found = site().get(f"/van-ban/data.json{query}").get_json()
    assert {entry["fields"]["number"] for entry in found["items"]} == numbers
    assert found["total"] == len(numbers)


def test_newest_issue_comes_first(site: Open, publish: Publish) -> None:
    for number, issued_on in (
        ("2/KH-UBND", date(2025, 3, 1)),
        ("3/KH-UBND", date(2026, 3, 1)),
        ("1/KH-UBND", date(2024, 3, 1)),
    ):
        document(publish, number, issued_on=issued_on)
    found = site().get("/van-ban/data.json").get_json()
    assert [entry["fields"]["number"] for entry in found["items"]] == [
        "3/KH-UBND",
        "2/KH-UBND",
        "1/KH-UBND",
    ]


def test_documents_of_one_day_are_paged_without_gap(site: Open, publish: Publish) -> None:
    ids = [document(publish, f"{n}/KH-UBND") for n in range(1, 46)]
    visitor, path, seen = site(), "/van-ban/data.json", list[int]()
    while path:
        found = visitor.get(path).get_json()
        seen += [entry["id"] for entry in found["items"]]
        path = found["older"]
    assert seen == ids[::-1]


def test_requirement_that_is_off_disappears(
    site: Open, publish: Publish, waive: Callable[..., None]
) -> None:
    normative = document(
        publish, "54/2023/QĐ-UBND", relations=[points("relatedContent", "389/KH-UBND")]
    )
    plan = document(publish, "389/KH-UBND", relations=[points("basis", "54/2023/QĐ-UBND")])
    assert set(relations(site, plan)) == {"Căn cứ vào", "Liên quan"}
    waive("legal_documents", "normative_documents")
    assert site().get(f"/van-ban/{normative}-quyet-dinh-54-2023-qd-ubnd").status_code == 404
    for path in PATHS:
        assert "54/2023/QĐ-UBND" not in site().get(path).text
    assert "389/KH-UBND" in site().get("/van-ban").text
    assert relations(site, plan) == {"Căn cứ vào": ["54/2023/QĐ-UBND"]}
    waive("legal_documents", "administrative_documents")
    for path in ("/van-ban", "/van-ban/feed.atom", "/van-ban/data.json"):
        assert site().get(path).status_code == 404


def test_documents_of_another_unit_never_appear(
    site: Open, publish: Publish, other_unit: Unit, drain: Callable[[], None]
) -> None:
    own = document(publish, "389/KH-UBND", relations=[points("basis", "9/KH-UBND")])
    theirs = document(
        publish,
        "9/KH-UBND",
        other_unit,
        summary="Việc mật",
        relations=[points("amends", "389/KH-UBND")],
    )
    drain()
    addresses = (f"/van-ban/{own}-ke-hoach-389-kh-ubnd", f"/van-ban/{theirs}-ke-hoach-9-kh-ubnd")
    for path in (*PATHS, *addresses, f"/api/v1/legal_document/{theirs}"):
        page = site().get(path).text
        assert "Việc mật" not in page
        assert "Kế hoạch 9/KH-UBND" not in page
    assert site().get(addresses[1]).status_code == 404
    assert relations(site, own) == {"Căn cứ vào": ["9/KH-UBND"]}


def test_feed_is_atom_and_print_view_has_no_menu(site: Open, publish: Publish) -> None:
    item_id = document(publish, "389/KH-UBND", body="<p>Mục đích.</p>")
    feed = ElementTree.fromstring(site().get("/van-ban/feed.atom").data)
    name = "{http://www.w3.org/2005/Atom}"
    assert [e.findtext(f"{name}title") for e in feed.findall(f"{name}entry")] == [
        "Kế hoạch 389/KH-UBND"
    ]
    page = site().get(f"/van-ban/{item_id}-ke-hoach-389-kh-ubnd/in").text
    assert "Mục đích." in page
    assert "site-menu" not in page


def test_home_panel_shows_the_newest(site: Open, publish: Publish) -> None:
    assert 'panel-legal_document"' not in site().get("/").text
    for n in range(1, 9):
        document(publish, f"{n}/KH-UBND", issued_on=date(2026, 1, n))
    page = site().get("/").text
    panel = page[page.index('aria-labelledby="panel-legal_document"') :]
    shown = re.findall(r"Kế hoạch (\d)/KH-UBND", plain(panel[: panel.index("</section>")]))
    assert shown == ["8", "7", "6", "5"]


def test_a_longer_list_costs_no_more_statements(
    cost: Callable[[str], int], publish: Publish
) -> None:
    for n in range(1, 11):
        document(publish, f"{n}/KH-UBND", relations=[points("basis", "42/2022/NĐ-CP")])
    few = cost("/van-ban")
    for n in range(11, 61):
        document(publish, f"{n}/KH-UBND", relations=[points("basis", "42/2022/NĐ-CP")])
    assert cost("/van-ban") == few <= 8


def test_more_relations_cost_no_more_statements(
    cost: Callable[[str], int], publish: Publish
) -> None:
    few = document(publish, "1/KH-UBND", relations=[points("basis", "100/KH-UBND")])
    numbers = [f"{n}/KH-UBND" for n in range(100, 120)]
    for number in numbers:
        document(publish, number, relations=[points("relatedContent", "2/KH-UBND")])
    many = document(publish, "2/KH-UBND", relations=[points("basis", n) for n in numbers])
    address = "/van-ban/{}-ke-hoach-{}-kh-ubnd"
    assert cost(address.format(many, 2)) == cost(address.format(few, 1))
