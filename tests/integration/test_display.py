"""How a visitor wants pages to be shown: kept in the browser, told to the style sheets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from hoitu.core.testing.fixtures import Site
from hoitu.core.web.display import SIZES, is_local

Sites = Callable[..., Site]


def html(page: str) -> str:
    found = re.search(r"<html[^>]*>", page)
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("parameter", "value", "attribute"),
    [
        ("co-chu", "125", 'data-size="125"'),
        ("mau", "dark", 'data-scheme="dark"'),
        ("mau", "contrast", 'data-scheme="contrast"'),
    ],
)
def test_a_choice_holds_on_the_next_page_until_it_is_taken_back(
    site: Sites, parameter: str, value: str, attribute: str
) -> None:
    visitor = site()
    assert "data-s" not in html(visitor.get("/").text)
    answer = visitor.get(f"/hien-thi?{parameter}={value}&ve=/van-ban%3Fnam%3D2026")
    assert answer.status_code == 303
    assert answer.location == "/van-ban?nam=2026#hien-thi"
    assert answer.headers["Cache-Control"] == "no-store"
    [cookie] = answer.headers.getlist("Set-Cookie")
    for part in ("Max-Age=31536000", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert attribute in html(visitor.get("/").text)
    assert attribute in html(visitor.get("/khong-co-trang-nay").text)
    usual = {"co-chu": "100", "mau": ""}[parameter]
    visitor.get(f"/hien-thi?{parameter}={usual}&ve=/")
    assert "data-s" not in html(visitor.get("/").text)


def test_both_choices_hold_together_and_in_print_views(site: Sites, publish: Any) -> None:
    visitor = site()
    published = publish(
        "news_article",
        requirement="unit_activities",
        genre="news",
        origin="own",
        title="Phường ra quân dọn vệ sinh",
        body="<p>Sáng nay.</p>",
    )
    visitor.get("/hien-thi?co-chu=112&mau=light&ve=/")
    article = visitor.get(f"/tin-tuc/{published}", follow_redirects=True).text
    printed = re.search(r'href="([^"]+/in)"', article)
    assert printed
    for path in ("/", printed[1]):
        assert 'data-size="112"' in html(visitor.get(path).text)
        assert 'data-scheme="light"' in html(visitor.get(path).text)


def test_what_was_never_offered_changes_nothing(site: Sites) -> None:
    visitor = site()
    answer = visitor.get("/hien-thi?co-chu=900&mau=%22%3E%3Cscript%3E&ve=/")
    assert answer.status_code == 303
    assert not answer.headers.getlist("Set-Cookie")
    for cookie in ("hoitu_size", "hoitu_scheme"):
        visitor.client.set_cookie(cookie, "x'><script>", domain="mot.test")
    assert "data-s" not in html(visitor.get("/").text)


@pytest.mark.parametrize(
    "path",
    [
        "", "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x=1\r\nX: y", "van-ban",
        "///evil.example", "http:/van-ban", "/van-ban#x",
    ],
)  # fmt: skip
def test_it_returns_to_a_page_of_this_site_only(site: Sites, path: str) -> None:
    assert not is_local(path)
    answer = site().get("/hien-thi", query_string={"mau": "dark", "ve": path})
    assert answer.location == "/#hien-thi"


@pytest.mark.parametrize("path", ["/", "/en/van-ban?q=k%E1%BA%BF&nam=2026", "/tim-kiem?q=a//b"])
def test_pages_of_this_site_are_returned_to(path: str) -> None:
    assert is_local(path)


def test_the_page_in_english_stays_in_english(site: Sites) -> None:
    page = site().get("/en/van-ban?nam=2026").text
    assert '<input type="hidden" name="ve" value="/en/van-ban?nam=2026">' in page
    assert 'action="/en/hien-thi"' in page
    assert site().get("/en/hien-thi?mau=dark").location == "/en/#hien-thi"


def test_the_ends_of_the_scale_lead_nowhere(site: Sites) -> None:
    visitor = site()
    for size, ended in ((SIZES[0], "A−"), (SIZES[-1], "A+")):
        visitor.get(f"/hien-thi?co-chu={size}&ve=/")
        [disabled] = re.findall(
            r'value="\d+" disabled><span aria-hidden="true">([^<]+)', visitor.get("/").text
        )
        assert disabled == ended


def test_caches_are_told_that_pages_differ(site: Sites) -> None:
    assert "Cookie" in site().get("/").vary
    assert "Cookie" in site().get("/khong-co-trang-nay").vary
