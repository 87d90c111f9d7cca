"""The search box in a real browser: suggestions by keyboard, and everything without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from hoitu.core.plugin.manifest import package_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e

SCRIPT = package_folder("hoitu.themes.base") / "static" / "js" / "suggest.js"
SITE = "http://site.test"
FORM = """<!doctype html><title>Thử</title>
<form action="/tim-kiem"><label for="box">Tìm trên trang</label>
<div><input type="search" id="box" name="q" data-suggest="/goi-y"><button>Tìm</button></div></form>
"""
ROWS = [
    {"label": "Kế hoạch <b>một</b>", "path": "/mot", "kind": "Văn bản"},
    {"label": "Kế hoạch hai", "path": "/hai", "kind": ""},
    {"label": "Tìm “kế”", "path": "/tim-kiem?q=k%E1%BA%BF", "kind": ""},
]


@dataclass
class Box:
    """A search box on a page of its own; the answers are ours."""

    page: Page
    asked: list[str] = field(default_factory=list)
    fails: bool = False

    def answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.path == "/suggest.js":
            route.fulfill(path=SCRIPT, content_type="text/javascript")
        elif address.path == "/goi-y":
            self.asked += parse_qs(address.query)["q"]
            if self.fails:
                route.abort()
            else:
                told = {"rows": ROWS, "told": "2 gợi ý"}
                route.fulfill(body=json.dumps(told), content_type="application/json")
        else:
            route.fulfill(body=FORM, content_type="text/html; charset=utf-8")

    @property
    def input(self) -> Locator:
        return self.page.locator("#box")

    @property
    def list(self) -> Locator:
        return self.page.get_by_role("listbox", name="Tìm trên trang")

    def type(self, words: str) -> None:
        self.input.press_sequentially(words)
        self.list.get_by_role("option").first.wait_for()

    def active(self) -> str:
        """Return the label of the row that a screen reader is told to be on."""
        row = self.input.get_attribute("aria-activedescendant")
        return self.page.locator(f"#{row}").inner_text() if row else ""


@pytest.fixture
def box(browser: Browser) -> Iterator[Box]:
    opened = Box(browser.new_page())
    opened.page.route(f"{SITE}/**", opened.answer)
    opened.page.goto(SITE)
    opened.page.add_script_tag(url=f"{SITE}/suggest.js")
    yield opened
    opened.page.close()


def test_fast_typing_asks_once_and_tells_how_many(box: Box) -> None:
    assert box.page.get_by_role("combobox", name="Tìm trên trang").count() == 1
    assert box.input.get_attribute("aria-expanded") == "false"
    box.type("kế")
    assert box.asked == ["kế"]
    assert box.input.get_attribute("aria-expanded") == "true"
    assert box.page.get_by_role("status").inner_text() == "2 gợi ý"
    # Titles are text, whatever stands in them.
    assert "Kế hoạch <b>một</b>" in box.list.inner_text()


def test_the_arrows_go_round_and_enter_opens_the_row(box: Box) -> None:
    box.type("kế")
    seen = []
    for _ in range(4):
        box.page.keyboard.press("ArrowDown")
        seen.append(box.active())
    assert seen[1:] == ["Kế hoạch hai", "Tìm “kế”", ""]
    box.page.keyboard.press("ArrowUp")
    assert box.active() == "Tìm “kế”"
    box.page.keyboard.press("ArrowUp")
    assert box.list.locator("[aria-selected=true]").inner_text() == "Kế hoạch hai"
    box.page.keyboard.press("Enter")
    box.page.wait_for_url(f"{SITE}/hai")


def test_enter_without_a_choice_searches_for_the_words(box: Box) -> None:
    box.type("kế")
    box.page.keyboard.press("Enter")
    box.page.wait_for_url(re.compile("/tim-kiem\\?q="))


def test_escape_closes_the_list_and_keeps_the_words(box: Box) -> None:
    box.type("kế")
    box.page.keyboard.press("Escape")
    assert box.list.is_hidden()
    assert box.input.input_value() == "kế"
    assert box.input.get_attribute("aria-expanded") == "false"
    box.page.keyboard.press("ArrowDown")
    box.list.wait_for()


def test_leaving_the_box_closes_the_list(box: Box) -> None:
    box.type("kế")
    box.page.keyboard.press("Tab")
    assert box.page.locator("#box-list").is_hidden()


def test_a_click_opens_the_row(box: Box) -> None:
    box.type("kế")
    box.list.get_by_role("option").first.click()
    box.page.wait_for_url(f"{SITE}/mot")


def test_without_an_answer_the_form_still_searches(box: Box) -> None:
    box.fails = True
    with box.page.expect_event("requestfailed"):
        box.input.press_sequentially("kế")
    assert box.page.locator("#box-list").is_hidden()
    box.page.keyboard.press("Enter")
    box.page.wait_for_url(re.compile("/tim-kiem\\?q="))


def test_a_document_is_found_by_keyboard_without_scripts(
    live_site: LiveSite, browser: Browser
) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(live_site.address())
    page.locator("#site-search").fill("ke hoach")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/tim-kiem"))
    assert page.locator(".row-title").count() > 3
    page.locator(".narrow a", has_text="Văn bản").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("loai=legal_document"))
    assert page.locator(".chip").count() == 1
    page.get_by_role("link", name="Kế hoạch 389/KH-UBND").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/van-ban/[0-9]+-"))
    assert "389/KH-UBND" in page.locator("h1").inner_text()
    page.close()


def test_the_filters_fold_on_a_phone(live_site: LiveSite, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page.goto(f"{live_site.address()}/tim-kiem?q=ke+hoach")
    link = page.locator(".narrow a", has_text="Văn bản").first
    assert not link.is_visible()
    page.locator(".narrow > summary").click()
    assert link.is_visible()
    page.close()


def test_suggestions_of_the_site_lead_to_the_entry(live_site: LiveSite, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{live_site.address()}/tim-kiem")
    page.locator("#search-words").press_sequentially("389/KH")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[aria-selected=true]").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/[0-9]+-"))
    assert page.locator("h1").inner_text() in chosen
    page.close()
