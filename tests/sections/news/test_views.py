from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
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

ARTICLE = {
    "requirement": "unit_activities",
    "genre": "news",
    "origin": "own",
    "title": "Khánh thành cầu Tràng Tiền",
    "summary": "Cầu thông xe từ sáng nay.",
    "body": "<p>Nội dung bài viết.</p>",
}
PATHS = (
    "/",
    "/tin-tuc",
    "/tin-tuc?nhom=unit_activities",
    "/tin-tuc?q=mật",
    "/tin-tuc/feed.atom",
    "/tin-tuc/data.json",
    "/feed.atom",
    "/sitemap.xml",
    "/tim-kiem?q=mật",
    "/api/v1/news_article",
)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def articles(publish: Publish, count: int, **values: Any) -> list[int]:
    return [
        publish("news_article", **{**ARTICLE, "title": f"Tin số {n}", **values})
        for n in range(count)
    ]


def test_list_shows_article_with_its_channel(site: Open, publish: Publish) -> None:
    item_id = publish("news_article", **ARTICLE)
    page = site().get("/tin-tuc").text
    assert ARTICLE["title"] in page
    assert f"/tin-tuc/{item_id}-khanh-thanh-cau-trang-tien" in page


def test_detail_shows_text_and_source(site: Open, publish: Publish) -> None:
    item_id = publish(
        "news_article",
        **{**ARTICLE, "origin": "external", "source_name": "Bản tin khuyến nông"},
        source_url="https://nguon.example/1",
        source_published_at="2026-11-20T08:30",
        author_name="Nguyễn Văn Thử",
    )
    page = site().get(f"/tin-tuc/{item_id}-khanh-thanh-cau-trang-tien")
    assert page.status_code == 200
    for shown in (
        "Nội dung bài viết.",
        "Bản tin khuyến nông",
        "https://nguon.example/1",
        "08:30 20/11/2026",
        "Nguyễn Văn Thử",
    ):
        assert shown in page.text


def test_quoted_article_without_source_is_refused(publish: Publish) -> None:
    with pytest.raises(Refused) as refused:
        publish("news_article", **{**ARTICLE, "origin": "external"})
    fields = {problem.field for problem in refused.value.problems}
    assert fields == {"source_name", "source_url", "source_published_at"}


def test_old_slug_and_bare_id_lead_to_the_article(site: Open, publish: Publish) -> None:
    item_id = publish("news_article", **ARTICLE)
    for old in (f"/tin-tuc/{item_id}", f"/tin-tuc/{item_id}-tieu-de-cu"):
        answer = site().get(old)
        assert answer.status_code == 301
        assert answer.location.endswith(f"/tin-tuc/{item_id}-khanh-thanh-cau-trang-tien")


def test_print_view_is_the_article_without_the_menu(site: Open, publish: Publish) -> None:
    item_id = publish("news_article", **ARTICLE)
    page = site().get(f"/tin-tuc/{item_id}-khanh-thanh-cau-trang-tien/in")
    assert "Nội dung bài viết." in page.text
    assert "site-menu" not in page.text


def test_other_articles_of_the_channel_are_named(site: Open, publish: Publish) -> None:
    item_id = publish("news_article", **ARTICLE)
    publish("news_article", **{**ARTICLE, "title": "Bài cùng nhóm"})
    publish(
        "news_article",
        **{**ARTICLE, "title": "Bài khác nhóm", "requirement": "leader_activities"},
    )
    related = site().get(f"/tin-tuc/{item_id}-khanh-thanh-cau-trang-tien").text
    related = related[related.index('class="related"') :]
    assert "Bài cùng nhóm" in related
    assert "Bài khác nhóm" not in related
    assert ARTICLE["title"] not in related


def test_channel_filter_and_its_number_of_results(site: Open, publish: Publish) -> None:
    articles(publish, 3)
    publish("news_article", **{**ARTICLE, "requirement": "digital_transformation"})
    found = site().get("/tin-tuc/data.json?nhom=digital_transformation").get_json()
    assert [entry["title"] for entry in found["items"]] == [ARTICLE["title"]]
    assert found["total"] == 1
    assert site().get("/tin-tuc/data.json").get_json()["total"] == 4
    assert site().get("/tin-tuc/data.json?nhom=khong-co").get_json()["items"] == []


def test_year_filter(site: Open, publish: Publish, clock: FrozenClock) -> None:
    publish("news_article", **{**ARTICLE, "title": "Tin năm nay"})
    clock.move(timedelta(days=60))
    publish("news_article", **{**ARTICLE, "title": "Tin năm sau"})
    found = site().get("/tin-tuc/data.json?nam=2026").get_json()
    assert [entry["title"] for entry in found["items"]] == ["Tin năm nay"]
    assert '<option value="2027"' in site().get("/tin-tuc").text


def test_pages_follow_one_another_without_gap_or_repeat(site: Open, publish: Publish) -> None:
    ids = articles(publish, 45)
    visitor, path, seen = site(), "/tin-tuc/data.json", list[int]()
    while path:
        found = visitor.get(path).get_json()
        seen += [entry["id"] for entry in found["items"]]
        path = found["older"]
    assert seen == sorted(ids, reverse=True)


def test_drafts_and_waiting_versions_are_not_public(
    site: Open, publish: Publish, desk: Desk
) -> None:
    item_id = publish("news_article", **ARTICLE)
    with desk() as work:
        actions.create(work, "news_article", {**ARTICLE, "title": "Bài nháp"})
        item = work.session.get(Item, item_id)
        actions.edit(work, item, {"title": "Tiêu đề đang sửa"})
    for path in PATHS:
        page = site().get(path).text
        assert "Bài nháp" not in page
        assert "Tiêu đề đang sửa" not in page


def test_channel_that_is_off_disappears(
    site: Open, publish: Publish, waive: Callable[..., None]
) -> None:
    item_id = publish("news_article", **{**ARTICLE, "requirement": "leader_activities"})
    publish("news_article", **{**ARTICLE, "title": "Tin còn lại"})
    address = f"/tin-tuc/{item_id}-khanh-thanh-cau-trang-tien"
    assert site().get(address).status_code == 200
    assert "nhom=leader_activities" in site().get("/").text
    waive("news", "leader_activities")
    assert site().get(address).status_code == 404
    assert site().get(address + "/in").status_code == 404
    assert "nhom=leader_activities" not in site().get("/").text
    for path in PATHS:
        assert ARTICLE["title"] not in site().get(path).text
    assert "Tin còn lại" in site().get("/tin-tuc").text


def test_section_that_is_off_is_not_found(site: Open, waive: Callable[..., None]) -> None:
    waive("news", "unit_activities", "leader_activities", "digital_transformation")
    for path in ("/tin-tuc", "/tin-tuc/feed.atom", "/tin-tuc/data.json", "/api/v1/news_article"):
        assert site().get(path).status_code == 404
    assert "/tin-tuc" not in site().get("/").text


def test_articles_of_another_unit_never_appear(
    site: Open, publish: Publish, other_unit: Unit, drain: Callable[[], None]
) -> None:
    publish("news_article", **ARTICLE)
    theirs = publish("news_article", other_unit, **{**ARTICLE, "title": "Tin mật phường Hai"})
    drain()
    for path in (*PATHS, f"/tin-tuc/{theirs}-tin-mat-phuong-hai", f"/api/v1/news_article/{theirs}"):
        assert "Tin mật phường Hai" not in site().get(path).text
    assert site().get(f"/tin-tuc/{theirs}-tin-mat-phuong-hai").status_code == 404
    assert "Tin mật phường Hai" in site(other_unit).get("/tin-tuc").text


def test_feed_is_atom_with_the_articles_of_the_channel(site: Open, publish: Publish) -> None:
    articles(publish, 2)
    publish("news_article", **{**ARTICLE, "requirement": "leader_activities"})
    answer = site().get("/tin-tuc/feed.atom?nhom=leader_activities")
    assert answer.mimetype == "application/atom+xml"
    name = "{http://www.w3.org/2005/Atom}"
    entries = ElementTree.fromstring(answer.data).findall(f"{name}entry")
    assert [entry.findtext(f"{name}title") for entry in entries] == [ARTICLE["title"]]


def test_json_names_origin_and_channel(site: Open, publish: Publish) -> None:
    item_id = publish("news_article", **ARTICLE)
    listed = site().get("/tin-tuc/data.json").get_json()["items"][0]
    assert (listed["fields"]["origin"], listed["fields"]["genre"]) == ("own", "news")
    assert listed["requirement"] == "unit_activities"
    assert "body" not in listed["fields"]
    whole = site().get(f"/tin-tuc/{item_id}-khanh-thanh-cau-trang-tien.json").get_json()
    assert whole["fields"]["body"] == ARTICLE["body"]


def test_a_longer_list_costs_no_more_statements(
    cost: Callable[[str], int], publish: Publish
) -> None:
    articles(publish, 10, cover_alt="Ảnh")
    few = cost("/tin-tuc")
    articles(publish, 50, cover_alt="Ảnh")
    assert cost("/tin-tuc") == few <= 8


def test_described_picture_heads_the_article(
    site: Open, publish: Publish, desk: Desk, platform: Platform
) -> None:
    with desk() as work:
        file_id = upload(work, platform.files, "cau.png", io.BytesIO(PIXEL)).id
    with_alt = publish("news_article", **ARTICLE, attachments=[file_id], cover_alt="Cây cầu mới")
    publish("news_article", **{**ARTICLE, "title": "Không lời tả"}, attachments=[file_id])
    for path in ("/", "/tin-tuc", f"/tin-tuc/{with_alt}-khanh-thanh-cau-trang-tien"):
        pictures = re.findall(r'<img[^>]*src="/tep/[^>]*>', site().get(path).text)
        expected = 0 if path == "/" else 1
        assert len(pictures) == expected
        assert all('alt="Cây cầu mới"' in picture for picture in pictures)
    detail = site().get(f"/tin-tuc/{with_alt}-khanh-thanh-cau-trang-tien").text
    assert 'class="files"' not in detail
    source = re.search(r'src="(/tep/[^"]+)"', detail)
    assert source
    with site().get(source[1]) as picture:
        assert picture.data == PIXEL


def test_a_translation_whose_own_channel_is_off_is_nowhere(
    site: Open, publish: Publish, desk: Desk, waive: Callable[..., None]
) -> None:
    article = publish("news_article", **ARTICLE)
    english = {"title": "The bridge opens", "requirement": "leader_activities"}
    with desk() as work:
        draft = actions.translate(work, work.session.get_one(Item, article), "en")
        actions.publish(work, actions.edit(work, draft, english))
    assert "The bridge opens" in site().get("/en/tin-tuc").text
    assert "the-bridge-opens" in site().get("/sitemap.xml").text
    waive("news", "leader_activities")
    assert "The bridge opens" not in site().get("/en/tin-tuc").text
    assert "the-bridge-opens" not in site().get("/sitemap.xml").text
