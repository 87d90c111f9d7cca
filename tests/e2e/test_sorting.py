"""Tables of figures sorted in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from hoitu.core.plugin.manifest import package_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

SCRIPT = package_folder("hoitu.themes.base") / "static" / "js" / "sort.js"
TABLE = """
<table data-sortable>
<thead><tr><th>Tên</th><th class="number">Số</th><th>Ngày</th></tr></thead>
<tbody>
<tr><th>Đông Ba</th><td data-value="1234.5">1.234,5</td><td data-value="2025-02-01">01/02</td></tr>
<tr><th>Dương Nỗ</th><td data-value="-3">-3</td><td data-value="2024-12-01">01/12/2024</td></tr>
<tr><th>An Cựu</th><td></td><td data-value="2025-01-31">31/01/2025</td></tr>
<tr><th>Ân</th><td data-value="99">99</td><td></td></tr>
</tbody></table>
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.set_content(TABLE)
    # As with two tables on a page.
    opened.add_script_tag(path=SCRIPT)
    opened.add_script_tag(path=SCRIPT)
    yield opened
    opened.close()


def names(page: Page) -> list[str]:
    return page.locator("tbody th").all_inner_texts()


def test_by_text_numbers_and_days(page: Page) -> None:
    assert page.locator("thead button").count() == 3
    page.get_by_role("button", name="Tên").click()
    assert names(page) == ["An Cựu", "Ân", "Dương Nỗ", "Đông Ba"]
    page.get_by_role("button", name="Số").click()
    assert names(page) == ["Dương Nỗ", "Ân", "Đông Ba", "An Cựu"]
    page.get_by_role("button", name="Số").click()
    # What is not known stays last.
    assert names(page) == ["Đông Ba", "Ân", "Dương Nỗ", "An Cựu"]
    page.get_by_role("button", name="Ngày").click()
    assert names(page) == ["Dương Nỗ", "An Cựu", "Đông Ba", "Ân"]


def test_the_order_is_told_and_the_keyboard_works(page: Page) -> None:
    page.get_by_role("button", name="Tên").focus()
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort=ascending]").inner_text() == "Tên"
    page.keyboard.press("Space")
    assert page.locator("th[aria-sort=descending]").inner_text() == "Tên"
    page.get_by_role("button", name="Số").click()
    assert page.locator("[aria-sort]").count() == 1
