"""A newcomer finds what people come for, in three clicks from the home page at most."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e

CLICKS = 3
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@dataclass
class Newcomer:
    """Somebody who reads words and clicks on them; every click is counted, opening a menu too."""

    page: Page
    clicks: int = 0

    def menu(self, heading: str, entry: str) -> None:
        """Open a heading of the main menu and follow an entry below it."""
        if self.page.get_by_role("button", name="Menu").is_visible():
            self.click(self.page.get_by_role("button", name="Menu"))
        self.click(self.page.locator(".menu summary", has_text=heading).first)
        links = self.page.locator(".menu details[open]")
        self.click(links.get_by_role("link", name=entry, exact=True).first)

    def link(self, name: str | re.Pattern[str], within: str = "main") -> None:
        """Follow the first link of the page whose words fit."""
        self.click(self.page.locator(within).get_by_role("link", name=name).first)

    def click(self, what: object) -> None:
        what.click()  # type: ignore[attr-defined]
        self.page.wait_for_load_state("networkidle")
        self.clicks += 1

    def reads(self, *words: str | re.Pattern[str]) -> None:
        """Check what the page says, and that it took no more than three clicks to get there."""
        from playwright.sync_api import expect

        for told in words:
            expect(self.page.locator("main")).to_contain_text(told)
        assert self.clicks <= CLICKS


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    opened = browser.new_page(viewport=request.param)
    yield opened
    opened.close()


@pytest.fixture(params=[None, "phuong-phong-dien"], ids=["province", "ward"])
def newcomer(page: Page, live_site: LiveSite, request: pytest.FixtureRequest) -> Newcomer:
    page.goto(live_site.address(request.param) + "/")
    return Newcomer(page)


def test_a_decision(newcomer: Newcomer) -> None:
    """Whatever was published lately, the home page leads to all documents, and these to it."""
    newcomer.link(re.compile(r"^Xem tất cả\s*: Văn bản mới"))
    newcomer.link(re.compile(r"^Quyết định .*QĐ.UBND"))
    newcomer.reads("Số, ký hiệu", "QĐ-UBND", "Ngày ban hành")


def test_an_open_consultation_and_where_to_say_something(newcomer: Newcomer) -> None:
    newcomer.link(re.compile("^Dự thảo Quyết định "))
    newcomer.reads(re.compile(r"[Cc]òn \d+ ngày"))
    assert newcomer.page.locator("main form textarea").is_visible()


def test_a_procedure_with_its_dossier_and_fee(newcomer: Newcomer) -> None:
    newcomer.page.get_by_label("Tên hoặc mã thủ tục").fill("cung cap" if _is_province(newcomer)
                                                          else "khai sinh")  # fmt: skip
    newcomer.click(newcomer.page.get_by_role("button", name="Tra cứu"))
    newcomer.link(re.compile(r"\(bản mẫu\)$"))
    newcomer.reads("Thành phần hồ sơ", "ngày làm việc", "Cơ quan thực hiện")


def test_the_budget_of_last_year(newcomer: Newcomer) -> None:
    _open_menu_on_wide_screens(newcomer, "Công khai", "Công khai tài chính")
    newcomer.reads(re.compile("Quyết toán"))
    newcomer.link(re.compile("Quyết toán năm 2025"))
    newcomer.reads("Quyết toán năm 2025")


def test_who_is_the_chairman(newcomer: Newcomer) -> None:
    _open_menu_on_wide_screens(newcomer, "Giới thiệu", "Phân công nhiệm vụ")
    newcomer.reads(re.compile("Chủ tịch"), "(mẫu)")


def test_how_to_phone_the_hotline(newcomer: Newcomer) -> None:
    from playwright.sync_api import expect

    phone = newcomer.page.locator('a[href^="tel:0234000"]').first
    expect(phone).to_be_visible()
    assert newcomer.clicks == 0


def _is_province(newcomer: Newcomer) -> bool:
    return "phuong" not in newcomer.page.url


def _open_menu_on_wide_screens(newcomer: Newcomer, heading: str, entry: str) -> None:
    """Use the menu; on a phone its button is a click of its own, so panels are the shorter way."""
    if newcomer.page.get_by_role("button", name="Menu").is_visible():
        shorter = {"Công khai": "tài chính", "Giới thiệu": r"^Xem tất cả\s*: Lãnh đạo"}
        newcomer.link(re.compile(shorter[heading]), within="body")
    else:
        newcomer.menu(heading, entry)
