"""Passing a page on, in a browser: links for everybody, a copied link where scripts run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e


def open_item(page: Page, live_site: LiveSite) -> None:
    page.goto(live_site.address() + "/van-ban")
    with page.expect_navigation():
        page.locator(".row-title").first.click()
    page.locator(".share summary").click()


def test_a_link_is_copied_and_a_reader_is_told(browser: Browser, live_site: LiveSite) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    open_item(page, live_site)
    button = page.locator(".share [data-copy]")
    wanted = button.get_attribute("data-copy")
    button.click()
    page.locator(".share-copy [role=status]", has_text="Đã").wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == wanted
    page.keyboard.press("Escape")
    assert not page.locator(".share details[open]").count()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    context.close()


def test_without_scripts_there_are_links_and_no_dead_buttons(
    browser: Browser, live_site: LiveSite
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_item(page, live_site)
    assert page.locator(".share a").first.is_visible()
    assert page.locator(".share button:visible").count() == 0
    context.close()
