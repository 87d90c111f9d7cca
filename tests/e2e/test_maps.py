"""The administrative map with the keyboard alone, and without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e

PATH = "/gioi-thieu/ban-do"


def test_a_name_in_the_table_marks_its_place(live_site: LiveSite, browser: Browser) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(live_site.address("phuong-phong-dien") + PATH)
    names = page.locator("[data-places] button")
    names.first.wait_for()
    names.nth(1).focus()
    page.keyboard.press("Enter")
    assert names.nth(1).get_attribute("aria-pressed") == "true"
    assert page.locator(".map .map-chosen").count() == 1
    assert page.locator("tr.chosen").count() == 1
    page.locator(".map").focus()
    page.keyboard.press("+")
    # Nothing that the security policy forbids.
    assert said == []
    page.close()


def test_without_a_script_the_table_tells_all(live_site: LiveSite, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_site.address("phuong-phong-dien") + PATH)
    assert not page.locator(".map").is_visible()
    assert page.locator("[data-places] tbody tr").count() == 6
    context.close()
