"""The frame of public pages: head, feeds, site maps, and pages shown when something is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest

from hoitu.core.content import files
from hoitu.core.settings import switching
from hoitu.core.web import Panel
from hoitu.core.web.assets import asset_path

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


class Elements(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def links(self, rel: str) -> list[dict[str, str | None]]:
        return [a for tag, a in self.found if tag == "link" and a.get("rel") == rel]


@pytest.fixture
def document(publish: Callable[..., int]) -> int:
    return publish(
        "legal_document",
        requirement="administrative_documents",
        number="12/KH-UBND",
        kind="KH",
        issuer="Ủy ban nhân dân phường Một",
        issued_on=date(2026, 3, 2),
        summary='Kế hoạch "xanh" & sạch <2026>',
        body="<table><tr><td>Bảng</td></tr></table>",
        relations=[{"relation": "basis", "target_number": "99/2026/QH16", "note": ""}],
    )


def test_head_names_the_canonical_address_and_its_translations(site: Any, document: int) -> None:
    head = Elements(site().get("/en/van-ban?nam=2026").text)
    assert [a["href"] for a in head.links("canonical")] == ["https://mot.test/en/van-ban"]
    translations = {a["hreflang"]: a["href"] for a in head.links("alternate") if "hreflang" in a}
    assert translations == {
        "vi": "https://mot.test/van-ban",
        "en": "https://mot.test/en/van-ban",
        "x-default": "https://mot.test/van-ban",
    }


def test_nothing_inline_that_the_security_policy_would_stop(site: Any, document: int) -> None:
    page = site().get(f"/van-ban/{document}", follow_redirects=True).text
    for tag, attributes in Elements(page).found:
        assert tag != "style"
        # A data block is not run.
        data = attributes.get("type") == "application/ld+json"
        assert tag != "script" or data or attributes.get("src")
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)


def test_summary_is_escaped_and_wide_tables_scroll(site: Any, document: int) -> None:
    page = site().get(f"/van-ban/{document}", follow_redirects=True).text
    assert "&amp; sạch &lt;2026&gt;" in page
    assert re.search(r'<div class="scroll"[^>]*tabindex="0"[^>]*><table><tbody>', page)


def test_relation_to_a_document_elsewhere_is_plain_text(site: Any, document: int) -> None:
    page = site().get(f"/van-ban/{document}", follow_redirects=True).text
    assert re.search(r"<li>99/2026/QH16</li>", page)


def test_feed_is_atom(site: Any, document: int) -> None:
    answer = site().get("/feed.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.data)
    assert feed.tag == ATOM + "feed"
    for required in ("id", "title", "updated", "author"):
        assert feed.find(ATOM + required) is not None, required
    [entry] = feed.findall(ATOM + "entry")
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text(entry, "id"))
    assert text(entry, "title") == "Kế hoạch 12/KH-UBND"
    assert text(entry, "summary") == 'Kế hoạch "xanh" & sạch <2026>'
    assert re.fullmatch(r"[\d-]{10}T[\d:.]+(Z|[+-]\d\d:\d\d)", text(entry, "updated"))
    link = entry.find(ATOM + "link")
    assert link is not None
    assert site().get(link.attrib["href"]).status_code == 200


@pytest.fixture
def only_plans(desk: Any, document: int, publish: Any, platform: Any) -> int:
    """Publish newer documents whose requirement is then switched off; their number."""
    for n in range(3):
        publish(
            "legal_document",
            requirement="normative_documents",
            number=f"{n + 1}/2026/QĐ-UBND",
            kind="QĐ",
            issuer="Ủy ban nhân dân phường Một",
            issued_on=date(2026, 4, 1 + n),
        )
    with desk() as work:
        switching.waive(
            switching.SwitchContext(
                work.session, work.actor, work.unit, work.hooks, work.switchboard, work.clock
            ),
            "legal_documents",
            "normative_documents",
            reason="Thử nghiệm",
            decision_no="1/QĐ-UBND",
            until=date(2027, 1, 1),
        )
    return 3


def test_what_is_off_takes_no_place_in_the_feed(
    site: Any, only_plans: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoitu.core.web.feeds.SIZE", only_plans)
    feed = ElementTree.fromstring(site().get("/feed.atom").data)
    assert [text(e, "title") for e in feed.findall(ATOM + "entry")] == ["Kế hoạch 12/KH-UBND"]


def test_what_is_off_makes_no_site_map_large(
    site: Any, only_plans: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoitu.core.web.sitemap.LIMIT", 1)
    root = ElementTree.fromstring(site().get("/sitemap.xml").data)
    items = [
        loc.text or ""
        for loc in root.iter(SITEMAP + "loc")
        if re.search(r"/van-ban/\d", loc.text or "")
    ]
    assert len(items) == 1
    assert "12-kh-ubnd" in items[0]


def text(parent: ElementTree.Element, name: str) -> str:
    found = parent.find(ATOM + name)
    assert found is not None, name
    return found.text or ""


def test_feeds_of_one_item_have_one_id(site: Any, document: int) -> None:
    pages = [
        site().get(path).data for path in ("/feed.atom", "/en/feed.atom", "/van-ban/feed.atom")
    ]
    ids = {text(e, "id") for p in pages for e in ElementTree.fromstring(p).iter(ATOM + "entry")}
    assert len(ids) == 1


def test_site_map_lists_headings_and_items_with_full_addresses(site: Any, document: int) -> None:
    root = ElementTree.fromstring(site().get("/sitemap.xml").data)
    addresses = [loc.text or "" for loc in root.iter(SITEMAP + "loc")]
    assert "https://mot.test/van-ban" in addresses
    assert f"https://mot.test/van-ban/{document}-ke-hoach-12-kh-ubnd" in addresses
    assert all(site().get(address).status_code == 200 for address in addresses)


def test_large_site_map_is_an_index_of_years(
    site: Any, document: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoitu.core.web.sitemap.LIMIT", 0)
    root = ElementTree.fromstring(site().get("/sitemap.xml").data)
    assert [loc.text for loc in root.iter(SITEMAP + "loc")] == ["https://mot.test/sitemap-2026.xml"]
    year = ElementTree.fromstring(site().get("/sitemap-2026.xml").data)
    addresses = {loc.text for loc in year.iter(SITEMAP + "loc")}
    # The pages of the menu stand in the file of the present year.
    assert {
        "https://mot.test/van-ban",
        f"https://mot.test/van-ban/{document}-ke-hoach-12-kh-ubnd",
    } <= addresses


def test_only_the_province_calls_its_site_a_portal(site: Any, units: Any) -> None:
    words = {
        slug: re.search(r'class="brand-kind">([^<]+)<', site(units(slug)).get("/").text)
        for slug in ("tinh", "phuong-mot", "so-thu")
    }
    shown = {slug: found.group(1) for slug, found in words.items() if found}
    assert shown["phuong-mot"] == shown["so-thu"] != shown["tinh"]


def test_dissolved_unit_names_every_successor(site: Any, units: Any) -> None:
    page = site(units("huyen-cu")).get("/").text
    assert "30/06/2025" in page
    assert 'href="https://mot.test/"' in page
    assert 'href="https://hai.test/"' in page
    assert "1675/NQ-UBTVQH15" in page


def test_unknown_host_shows_no_unit(app: Any) -> None:
    answer = app.test_client().get("/", headers={"Host": "<b>x</b>.test"})
    assert answer.status_code in (400, 404)
    answer = app.test_client().get("/", headers={"Host": "khong-co.test"})
    assert answer.status_code == 404
    assert "khong-co.test" in answer.text
    assert "site-header" not in answer.text


def test_missing_database_names_the_command(make_app: Any, tmp_path: Any) -> None:
    app = make_app(database_url=f"sqlite:///{tmp_path / 'empty.sqlite'}")
    answer = app.test_client().get("/", headers={"Host": "mot.test"})
    assert answer.status_code == 503
    assert "<code>hoitu upgrade</code>" in answer.text


def test_failing_block_is_left_out(
    site: Any, platform: Any, document: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    panels = platform.hooks.home_panels
    broken = Panel("broken", "Hỏng", "no/such/template.html", weight=1)
    monkeypatch.setattr(platform.hooks, "home_panels", lambda unit: [broken, *panels(unit)])
    answer = site().get("/")
    assert answer.status_code == 200
    assert "12/KH-UBND" in answer.text


def test_error_in_the_frame_still_gives_a_page(
    site: Any, platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_unit: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(platform.hooks, "menu_entries", fail)
    answer = site().get("/khong-co")
    assert answer.status_code == 404
    assert "<h1>" in answer.text
    assert "site-header" not in answer.text


def test_list_keeps_filters_in_its_form(site: Any, document: int) -> None:
    page = site().get("/van-ban?loai=KH&q=").text
    [option] = [a for tag, a in Elements(page).found if tag == "option" and "selected" in a]
    assert option["value"] == "KH"


def test_attached_file_is_listed(site: Any, desk: Any, publish: Any, platform: Any) -> None:
    with desk() as work:
        pdf = BytesIO(b"%PDF-1.7\n%%EOF\n")
        file_id = files.upload(work, platform.files, "Kế hoạch 12.pdf", pdf).id
    found = publish(
        "legal_document",
        requirement="administrative_documents",
        number="12/KH-UBND",
        kind="KH",
        issuer="Ủy ban nhân dân phường Một",
        issued_on=date(2026, 3, 2),
        attachments=[file_id],
    )
    page = site().get(f"/van-ban/{found}", follow_redirects=True).text
    [address] = re.findall(r'href="(/tep/[^"]+)"', page)
    assert site().get(address, buffered=True).data.startswith(b"%PDF")


@pytest.mark.parametrize("owner", ["theme", "desk"])
def test_only_the_right_fingerprint_is_kept_for_a_year(site: Any, app: Any, owner: str) -> None:
    with app.test_request_context(base_url="http://mot.test"):
        address = asset_path("desk/desk.css" if owner == "desk" else "css/theme.css")
    right = site().get(address, buffered=True)
    assert right.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    _, _, name, fingerprint, path = address.split("/", 4)
    for other in ("000000000000", "x", fingerprint[:-1]):
        wrong = site().get(f"/assets/{name}/{other}/{path}", buffered=True)
        # The page of another version still has its style; nobody keeps it under a wrong address.
        assert (wrong.status_code, wrong.data) == (200, right.data)
        assert wrong.headers["Cache-Control"] == "no-cache"
        assert wrong.headers["ETag"]
