"""What pages tell machines: schema.org as JSON-LD, Dublin Core, addresses and languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest

from hoitu.core.content import ActionContext, Item, actions, files
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import Site
from hoitu.core.units import Unit

Desk = Callable[..., AbstractContextManager[ActionContext]]
Publish = Callable[..., int]
Document = Callable[..., dict[str, Any]]
Open = Callable[..., Site]
#: Everything that must not end the data block or the attribute it stands in.
HOSTILE = """</script><script>alert(1)</script> "><img src=x onerror=alert(2)> & 'ngoặc' \u2028"""
ARTICLE: dict[str, Any] = {
    "requirement": "unit_activities",
    "genre": "news",
    "title": "Khởi công cầu mới",
    "summary": "Công trình nối hai bờ sông.",
    "body": "<p>Toàn văn</p>",
    "origin": "own",
}


class Head(HTMLParser):
    """What the head of a page tells, and its data blocks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.metas: dict[str, list[str]] = {}
        self.links: list[dict[str, str | None]] = []
        self.scripts: list[str] = []
        self.blocks: list[str] = []
        self._in_block = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "meta" and (name := found.get("name") or found.get("property")):
            self.metas.setdefault(name, []).append(found.get("content") or "")
        if tag == "link":
            self.links.append(found)
        if tag == "script":
            self._in_block = found.get("type") == "application/ld+json"
            if not self._in_block:
                self.scripts.append(found.get("src") or "")

    def handle_data(self, data: str) -> None:
        if self._in_block:
            self.blocks.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_block = self._in_block and tag != "script"

    @property
    def graph(self) -> list[dict[str, Any]]:
        told = json.loads("".join(self.blocks))
        assert told["@context"] == "https://schema.org"
        return list(told["@graph"])

    def one(self, kind: str) -> dict[str, Any]:
        found = [node for node in self.graph if node["@type"] == kind]
        assert len(found) == 1, [node["@type"] for node in self.graph]
        return found[0]

    def hreflang(self) -> dict[str | None, str | None]:
        return {a["hreflang"]: a["href"] for a in self.links if "hreflang" in a}

    def canonical(self) -> str | None:
        return next((a["href"] for a in self.links if a.get("rel") == "canonical"), None)


@pytest.fixture
def head(site: Open) -> Callable[[str], Head]:
    """Return a function that reads the head of a page."""

    def read(path: str, at: Unit | None = None) -> Head:
        answer = site(*([at] if at else [])).get(path, follow_redirects=True)
        assert answer.status_code == 200
        return Head(answer.text)

    return read


@pytest.fixture
def article(desk: Desk, platform: Platform, picture: bytes) -> int:
    with desk() as work:
        row = files.upload(work, platform.files, "cau.png", BytesIO(picture))
        values = {**ARTICLE, "attachments": [row.id], "cover_alt": "Cây cầu bắc qua sông"}
        return actions.publish(work, actions.create(work, "news_article", values)).id


@pytest.fixture
def picture() -> bytes:
    from PIL import Image

    drawn = BytesIO()
    Image.new("RGB", (64, 48), "#808080").save(drawn, "PNG")
    return drawn.getvalue()


# -- schema.org -----------------------------------------------------------------------------------


def test_a_document_tells_number_days_effect_and_what_it_changes(
    publish: Publish, document: Document, head: Any
) -> None:
    relations = [
        {"relation": "amends", "target_number": "12/2020/QĐ-UBND", "note": ""},
        {"relation": "abrogates", "target_number": "3/2019/QĐ-UBND", "note": ""},
        {"relation": "amended", "target_number": "99/2026/QĐ-UBND", "note": ""},
    ]
    item = publish(
        "legal_document",
        **document(
            effective_on=date(2024, 1, 1), expires_on=date(2025, 1, 1), signer="Trần Văn A",
            signer_title="Chủ tịch", relations=relations,
        ),
    )  # fmt: skip
    told = head(f"/van-ban/{item}").one("Legislation")
    assert told["legislationIdentifier"] == "389/KH-UBND"
    assert told["legislationDate"] == "2023-11-27"
    assert told["legislationDateVersion"] == "2026-11-23"
    assert told["legislationPassedBy"]["name"] == "Ủy ban nhân dân tỉnh"
    assert told["legislationResponsible"]["name"] == "Trần Văn A"
    assert told["legislationLegalForce"] == "https://schema.org/NotInForce"
    assert told["temporalCoverage"] == "2024-01-01/2025-01-01"
    assert [d["legislationIdentifier"] for d in told["legislationAmends"]] == ["12/2020/QĐ-UBND"]
    assert [d["legislationIdentifier"] for d in told["legislationRepeals"]] == ["3/2019/QĐ-UBND"]


def test_the_effect_of_a_document_follows_the_clock(
    publish: Publish, document: Document, head: Any, clock: Any
) -> None:
    item = publish("legal_document", **document(effective_on=date(2026, 11, 24)))
    path = f"/van-ban/{item}"
    assert head(path).one("Legislation")["legislationLegalForce"].endswith("/NotInForce")
    clock.move(timedelta(days=2))
    assert head(path).one("Legislation")["legislationLegalForce"].endswith("/InForce")


def test_an_article_tells_what_search_engines_ask_for(article: int, head: Any) -> None:
    page = head(f"/tin-tuc/{article}")
    told = page.one("NewsArticle")
    assert told["headline"] == "Khởi công cầu mới"
    assert told["datePublished"] == "2026-11-23T09:00:00+07:00"
    assert told["dateModified"].endswith("+07:00")
    assert told["publisher"]["name"] == "Ủy ban nhân dân phường Một"
    assert told["inLanguage"] == "vi"
    assert told["image"]["caption"] == "Cây cầu bắc qua sông"
    assert told["image"]["contentUrl"].startswith("https://mot.test/tep/")
    assert page.metas["og:image"] == [told["image"]["contentUrl"]]
    assert page.metas["og:image:alt"] == ["Cây cầu bắc qua sông"]
    assert page.metas["twitter:card"] == ["summary_large_image"]


def test_without_a_cover_the_mark_is_shown(publish: Publish, head: Any) -> None:
    page = head(f"/tin-tuc/{publish('news_article', **ARTICLE)}")
    assert page.metas["og:image"][0].startswith("https://mot.test/assets/")
    assert page.metas["twitter:card"] == ["summary"]
    assert "image" not in page.one("NewsArticle")


def test_the_home_page_tells_of_the_unit_and_its_search(publish: Publish, head: Any) -> None:
    publish(
        "contact_point", address="Số 1 đường Thử", phone="0234 123 456", email="mot@thu.example",
    )  # fmt: skip
    publish("social_link", network="Facebook", url="https://facebook.example/phuong-mot")
    page = head("/")
    unit = page.one("GovernmentOrganization")
    assert unit["name"] == "Ủy ban nhân dân phường Một"
    assert unit["alternateName"] == "phường Một"
    assert unit["parentOrganization"]["name"] == "Ủy ban nhân dân tỉnh Thử"
    assert unit["parentOrganization"]["url"] == "https://tinh.test/"
    assert unit["areaServed"] == {"@type": "AdministrativeArea", "name": "phường Một"}
    assert unit["address"]["streetAddress"] == "Số 1 đường Thử"
    assert unit["telephone"] == "0234 123 456"
    assert unit["email"] == "mot@thu.example"
    assert unit["sameAs"] == "https://facebook.example/phuong-mot"
    assert unit["logo"].startswith("https://mot.test/")
    search = page.one("WebSite")["potentialAction"]
    assert search["target"]["urlTemplate"] == "https://mot.test/tim-kiem?q={words}"


def test_a_department_serves_the_area_of_who_it_works_for(head: Any, units: Any) -> None:
    unit = head("/", units("so-thu")).one("GovernmentOrganization")
    assert unit["areaServed"]["name"] == "Thử"


def test_inner_pages_tell_the_way_to_them(article: int, head: Any) -> None:
    way = head(f"/tin-tuc/{article}").one("BreadcrumbList")["itemListElement"]
    assert [step["position"] for step in way] == [1, 2, 3]
    assert way[0]["item"] == "https://mot.test/"
    assert way[1]["item"] == "https://mot.test/tin-tuc"
    assert "item" not in way[2]
    assert not [n for n in head("/").graph if n["@type"] == "BreadcrumbList"]


def test_a_list_names_its_lines(article: int, head: Any) -> None:
    told = head("/tin-tuc").one("CollectionPage")["mainEntity"]
    assert told["numberOfItems"] == 1
    assert told["itemListElement"][0]["url"].startswith(f"https://mot.test/tin-tuc/{article}-")


def test_a_hostile_title_stays_text(publish: Publish, head: Any, site: Open) -> None:
    title = HOSTILE.replace("\u2028", " ").strip()
    item = publish("news_article", **{**ARTICLE, "title": title, "summary": HOSTILE})
    page = head(f"/tin-tuc/{item}")
    assert page.one("NewsArticle")["headline"] == title
    assert page.metas["DC.title"] == [title]
    assert all(source.startswith("/assets/") for source in page.scripts)
    text = site().get(f"/tin-tuc/{item}", follow_redirects=True).text
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_a_question_tells_its_answer_and_never_who_asked(desk: Desk, head: Any, clock: Any) -> None:
    with desk() as work:
        item, _new = actions.receive(
            work, "question",
            {"topic": "land", "title": "Lệ phí", "question": "Bí mật của tôi", "asker_name": "Ẩn",
             "phone": "0900 000 000", "may_publish": True},
            key="0" * 32,
        )  # fmt: skip
        actions.edit(work, item, {"summary": "Lệ phí là bao nhiêu?", "body": "<p>Không thu.</p>"})
        item_id = actions.advance(work, item, "publish").id
    page = head(f"/hoi-dap/{item_id}")
    asked = page.one("Question")
    assert page.one("QAPage")["mainEntity"] == {"@id": asked["@id"]}
    assert asked["text"] == "Lệ phí là bao nhiêu?"
    assert asked["acceptedAnswer"]["text"] == "Không thu."
    assert not {"Bí mật của tôi", "Ẩn", "0900 000 000"} & set(str(page.graph).split("'"))


def test_a_broken_description_does_not_break_the_page(
    article: int, head: Any, platform: Platform, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fail(_item: Item) -> dict[str, Any]:
        raise ValueError("thử")

    monkeypatch.setitem(platform.types["news_article"].__dict__, "describe", fail)
    assert head(f"/tin-tuc/{article}").one("WebPage")["name"] == "Khởi công cầu mới"
    assert "cannot be described" in caplog.text


def test_a_preview_tells_nothing(desk: Desk, site: Open) -> None:
    with desk() as work:
        draft = actions.create(work, "news_article", ARTICLE)
        link = actions.share(work, draft, 3, "Sở Tư pháp")[1]
    answer = site().get(f"/xem-truoc/{link}")
    assert answer.status_code == 200
    assert "Khởi công cầu mới" in answer.text
    page = Head(answer.text)
    assert not page.blocks
    assert "DC.title" not in page.metas
    assert "noindex" in page.metas["robots"]


def test_a_preview_of_what_waits_behind_a_public_page_tells_nothing(
    desk: Desk, site: Open, article: int
) -> None:
    with desk() as work:
        item = work.session.get_one(Item, article)
        actions.edit(work, item, {"title": "Tên còn chờ duyệt"})
        link = actions.share(work, item, 3, "Sở Tư pháp")[1]
    shown = site().get(f"/xem-truoc/{link}").text
    assert "Tên còn chờ duyệt" in shown
    assert not Head(shown).blocks
    assert "DC.title" not in Head(shown).metas


# -- Dublin Core ----------------------------------------------------------------------------------


def test_an_item_carries_the_elements_that_are_asked_for(
    publish: Publish, document: Document, head: Any
) -> None:
    item = publish("legal_document", **document(source_url="https://vbpl.example/389"))
    page = head(f"/van-ban/{item}")
    told = {name: values for name, values in page.metas.items() if name.startswith("DC.")}
    assert told == {
        "DC.title": ["Kế hoạch 389/KH-UBND"],
        "DC.creator": ["Ủy ban nhân dân tỉnh"],
        "DC.subject": ["Văn bản quản lý hành chính"],
        "DC.description": ["Xây dựng nền tảng hội tụ"],
        "DC.publisher": ["Ủy ban nhân dân phường Một"],
        "DC.date": ["2026-11-23T09:00:00+07:00"],
        "DC.type": ["Văn bản"],
        "DC.format": ["text/html"],
        "DC.identifier": [f"https://mot.test/bai/{item}"],
        "DC.source": ["https://vbpl.example/389"],
        "DC.language": ["vi"],
        "DC.coverage": ["phường Một"],
        "DC.rights": told["DC.rights"],
    }
    assert "Ủy ban nhân dân phường Một" in told["DC.rights"][0]
    assert [a["href"] for a in page.links if a.get("rel") == "schema.DC"] == [
        "http://purl.org/dc/elements/1.1/"
    ]


def test_lists_carry_sensible_elements(article: int, head: Any) -> None:
    told = head("/en/tin-tuc").metas
    assert told["DC.language"] == ["en"]
    assert told["DC.relation"] == ["https://mot.test/tin-tuc"]
    assert told["DC.date"] == ["2026-11-23T09:00:00+07:00"]


# -- addresses ------------------------------------------------------------------------------------


def test_only_the_requirement_stays_in_the_address_of_a_list(article: int, head: Any) -> None:
    page = head("/tin-tuc?nhom=unit_activities&q=cau&nam=2026")
    assert page.canonical() == "https://mot.test/tin-tuc?nhom=unit_activities"
    assert head('/tin-tuc?nhom="><b>').canonical() == "https://mot.test/tin-tuc"


def test_a_further_page_of_a_list_has_no_canonical_address(article: int, head: Any) -> None:
    page = head("/tin-tuc?tu=x")
    assert page.canonical() is None
    assert page.hreflang() == {}
    assert "CollectionPage" not in {node["@type"] for node in page.graph}


def test_the_requirement_stays_in_its_own_section_only(article: int, head: Any) -> None:
    assert head("/?nhom=unit_activities").canonical() == "https://mot.test/"


def test_search_engines_need_not_list_verification_pages(article: int, head: Any) -> None:
    assert head(f"/xac-minh/{article}").metas["robots"] == ["noindex"]


def test_a_placed_item_belongs_to_its_owner(
    desk: Desk, publish: Publish, unit: Unit, other_unit: Unit, head: Any
) -> None:
    from hoitu.core.content import ItemPlacement
    from hoitu.core.units import unit_scope

    item_id = publish("news_article", **ARTICLE)
    with desk(other_unit) as work, unit_scope(unit.id, other_unit.id):
        item = work.session.get_one(Item, item_id)
        work.session.add(
            ItemPlacement(
                item_id=item.id, unit_id=other_unit.id, owner_id=unit.id, section=item.section,
                type=item.type, requirement=item.requirement, sort_at=item.sort_at,
            )
        )  # fmt: skip
        work.session.flush()
    page = head(f"/tin-tuc/{item_id}", other_unit)
    assert page.canonical() == f"https://mot.test/tin-tuc/{item_id}-khoi-cong-cau-moi"
    assert page.one("NewsArticle")["publisher"]["name"] == "Ủy ban nhân dân phường Một"
    assert page.metas["DC.identifier"] == [f"https://mot.test/bai/{item_id}"]


def test_crawlers_are_kept_from_what_is_for_people(site: Open) -> None:
    lines = site().get("/robots.txt").text.splitlines()
    assert {"Disallow: /tim-kiem", "Disallow: /en/tim-kiem", "Disallow: /quan-tri/"} <= set(lines)
    assert lines[-1] == "Sitemap: https://mot.test/sitemap.xml"


@pytest.mark.parametrize("path", ["/feed.atom", "/tin-tuc/feed.atom", "/tin-tuc/feed.atom?q=cau"])
def test_feeds_are_well_formed(
    article: int, drain: Callable[[], None], site: Open, path: str
) -> None:
    import feedparser

    drain()
    answer = site().get(path)
    found = feedparser.parse(answer.data, response_headers={"content-type": answer.content_type})
    assert not found.bozo
    assert found.version == "atom10"
    assert found.feed.id and found.feed.title and found.feed.updated_parsed
    entry = found.entries[0]
    assert entry.title == "Khởi công cầu mới"
    assert entry.link.endswith(f"/tin-tuc/{article}-khoi-cong-cau-moi")
    assert entry.updated_parsed and entry.id.startswith("urn:uuid:")
