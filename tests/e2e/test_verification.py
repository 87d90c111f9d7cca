"""Verification in a browser: files are compared there, and data blocks break no policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hoitu.core.testing.faults import faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e
WARD = "phuong-phong-dien"
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (e) => window.violations.push(e.blockedURI));
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    context.add_init_script(WATCH)
    opened = context.new_page()
    yield opened
    context.close()


def first_document(page: Page, live_site: LiveSite) -> str:
    """Open the newest document of the ward and return its id."""
    page.goto(f"{live_site.address(WARD)}/van-ban")
    with page.expect_navigation():
        page.click(".rows .row-title, .rows a")
    found = re.search(r"/van-ban/(\d+)-", page.url)
    assert found, page.url
    return found[1]


def test_a_data_block_breaks_no_policy(page: Page, live_site: LiveSite) -> None:
    first_document(page, live_site)
    assert page.locator('script[type="application/ld+json"]').count() == 1
    assert page.evaluate("window.violations") == []
    # The watch hears what the policy stops: without this, silence would prove nothing.
    page.evaluate("""document.body.insertAdjacentHTML('beforeend', '<p style="color:red">x</p>')""")
    # Not wait_for_function: at its second look it evaluates a text, which the policy stops as well.
    page.evaluate(
        "async () => { while (!window.violations.length) await new Promise(requestAnimationFrame) }"
    )
    assert page.evaluate("window.violations.length") == 1


def test_a_file_is_compared_on_the_device_and_sent_nowhere(
    page: Page, live_site: LiveSite, tmp_path: Path
) -> None:
    number = first_document(page, live_site)
    text = page.evaluate(
        f"fetch('/xac-minh/{number}.txt').then((answer) => answer.text())"
    ).encode()
    with page.expect_navigation():
        page.click(f'a[href$="/xac-minh/{number}"]')
    page.wait_for_load_state("networkidle")
    own, other = tmp_path / "own.txt", tmp_path / "other.txt"
    own.write_bytes(text)
    other.write_bytes(text + b" ")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_input_files("#compare-choose", own)
    page.wait_for_selector("#compare-result:has-text('Trùng')")
    page.set_input_files("#compare-choose", other)
    page.wait_for_selector("#compare-result:has-text('Không')")
    assert asked == []
    assert page.evaluate("window.violations") == []
    assert faults(page) == []


def test_without_javascript_a_hash_is_entered(browser: Browser, live_site: LiveSite) -> None:
    context = browser.new_context(java_script_enabled=False, locale="vi-VN")
    page = context.new_page()
    try:
        number = first_document(page, live_site)
        page.goto(f"{live_site.address(WARD)}/xac-minh/{number}")
        assert not page.locator("#compare-choose").is_visible()
        page.fill("#compare-hash", page.locator("[data-sha256]").first.inner_text().upper())
        with page.expect_navigation():
            page.click(".filters button")
        assert page.locator(".notice-good").is_visible()
    finally:
        context.close()
