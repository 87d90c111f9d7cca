"""A unit puts its home page in order with the keyboard alone, where no script runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from hoitu.core.testing.faults import faults
from hoitu.core.testing.keyboard import Keyboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e

#: Another ward than the one other tests visit.
WARD, ROLE = "phong-dien", "unit_admin"


@pytest.fixture
def page(live_site: LiveSite, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=live_site.address(WARD), java_script_enabled=False)
    opened = context.new_page()
    yield opened
    context.close()


def blocks(page: Page) -> list[str]:
    page.goto("/")
    return re.findall(r'<section class="panel" aria-labelledby="panel-([^"]+)"', page.content())


def test_order_with_the_keyboard_without_scripts(live_site: LiveSite, page: Page) -> None:
    before, person, hands = blocks(page), live_site.accounts[ROLE], Keyboard(page)
    page.goto("/quan-tri/trang-chu")
    hands.type("email", person.email)
    hands.type("password", person.password)
    hands.press("main button[type='submit']")
    if not page.url.endswith("/quan-tri/trang-chu"):
        page.goto("/quan-tri/trang-chu")
    hands.press("#down-legal_document")
    assert "vị trí 2" in page.locator("[data-moved]").inner_text()
    assert page.url.endswith("#down-legal_document")
    moved = blocks(page)
    assert moved.index("news_hot") < moved.index("legal_document")
    page.goto("/quan-tri/trang-chu")
    hands.press("#shown-links")
    assert "links" not in blocks(page)
    page.goto("/quan-tri/trang-chu")
    hands.press("button[name='reset']")
    assert blocks(page) == before


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("slug", [None, "phuong-phong-dien", "so-tai-chinh", "phong-dien"])
def test_a_home_page_is_accessible_fits_and_has_no_empty_box(
    live_site: LiveSite, browser: Browser, slug: str | None, width: int
) -> None:
    opened = browser.new_page(viewport={"width": width, "height": 800})
    opened.goto(live_site.address(slug) + "/")
    assert faults(opened) == []
    empty = "all => all.filter(e => !e.innerText.trim()).map(e => e.outerHTML)"
    assert opened.locator(".home .panel-body").evaluate_all(empty) == []
    sized = "all => all.filter(e => !(e.width && e.height && e.hasAttribute('alt'))).length"
    assert opened.locator(".home img").evaluate_all(sized) == 0
    opened.close()
