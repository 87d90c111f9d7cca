"""Previews, plans and notices in a browser, at the desk and for whoever has a link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.testing.faults import faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.e2e

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
#: What browsers note by themselves about an answer that is meant: a notice, a refused form.
EXPECTED = ("status of 410", "status of 422", "status of 404")


@dataclass
class People:
    """Contexts of the browser and what went wrong in them."""

    browser: Browser
    site: Any
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def visitor(self, viewport: Any = DESK) -> Page:
        context = self.browser.new_context(viewport=viewport, base_url=self.site.address())
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def staff(self, role: str) -> Page:
        page, person = self.visitor(), self.site.accounts[role]
        page.goto("/quan-tri/dang-nhap")
        page.fill("#email", person.email)
        page.fill("#password", person.password)
        page.keyboard.press("Enter")
        page.wait_for_selector(".doors", state="attached")
        return page


@pytest.fixture
def people(live_site: Any, browser: Browser) -> Iterator[People]:
    found = People(browser, live_site)
    yield found
    for context in found.contexts:
        context.close()
    assert [c for c in found.complaints if not any(e in c for e in EXPECTED)] == []


def first_document(page: Page) -> str:
    """Return the path of a published document at the desk."""
    page.goto("/quan-tri/legal_document?trang-thai=published")
    path = page.locator("table.list th a").first.get_attribute("href")
    assert path is not None
    return path


def test_the_preview_is_the_real_page_at_the_width_of_a_phone_and_a_desktop(
    people: People,
) -> None:
    page = people.staff("platform_admin")
    path = first_document(page)
    page.goto(f"{path}/xem")
    page.wait_for_load_state("networkidle")
    phone, desktop = page.frames[1:]
    assert (phone.evaluate("innerWidth"), desktop.evaluate("innerWidth") >= 1024) == (360, True)
    assert phone.locator(".notice-title").first.inner_text() == "Xem trước"
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    assert phone.evaluate("getComputedStyle(document.querySelector('.brand-name')).fontWeight")
    assert faults(page) == []
    page.get_by_role("link", name="Máy tính").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/xem?kho=may-tinh")
    page.wait_for_load_state("networkidle")
    assert len(page.frames) == 2


def test_a_link_to_the_preview_is_made_read_and_revoked(people: People) -> None:
    page = people.staff("platform_admin")
    path = first_document(page)
    page.goto(f"{path}/chia-se")
    page.fill("#label", "Sở Tư pháp")
    page.get_by_role("button", name="Tạo đường dẫn").click()
    link = page.locator("#made-link").input_value()
    page.get_by_role("button", name="Sao chép đường dẫn").click()
    page.wait_for_selector(".copying [role=status]:not(:empty)")
    assert faults(page) == []

    reader = people.visitor(PHONE)
    assert reader.goto(link).status == 200
    assert faults(reader) == []
    assert reader.context.cookies() == []

    page.locator("form[action$='/thu-hoi'] button").click()
    page.wait_for_selector("text=Đã thu hồi,")
    assert reader.goto(link).status == 404
    assert faults(reader) == []


def test_plans_and_the_calendar_are_accessible_at_both_widths(people: People) -> None:
    page = people.staff("platform_admin")
    path = first_document(page)
    page.goto(path)
    page.locator("summary", has_text="Hẹn giờ gỡ").focus()
    page.keyboard.press("Enter")
    page.fill("#at-unpublish", "hôm nào đó")
    page.get_by_role("button", name="Hẹn giờ gỡ", exact=True).click()
    page.wait_for_selector(".summary")
    assert page.input_value("#at-unpublish") == "hôm nào đó"
    assert faults(page) == []
    page.fill("#at-unpublish", "15/03/2031 08:00")
    page.get_by_role("button", name="Hẹn giờ gỡ", exact=True).click()
    page.wait_for_selector("text=08:00 15/03/2031")
    found = {}
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        for place in (path, f"{path}/hen-gio", f"{path}/chia-se", "/quan-tri/lich?thang=2031-03"):
            page.goto(place)
            found[viewport["width"], place] = faults(page)
    assert {place: what for place, what in found.items() if what} == {}
    assert page.locator("#ngay-2031-03-15").is_visible()
    assert not page.locator("table.cal").is_visible()
    page.goto(path)
    page.get_by_role("button", name="Hủy hẹn giờ").click()
    page.wait_for_selector("text=Đã hủy hẹn giờ")


def test_the_notice_of_something_out_of_date_fits_both_widths(people: People) -> None:
    page = people.staff("platform_admin")
    path = first_document(page)
    page.goto(path)
    public = page.get_by_role("link", name="Trang công khai", exact=True).get_attribute("href")
    assert public is not None
    page.locator("summary", has_text="Gỡ").first.click()
    page.locator("input[name='step-unpublish-why'][value='outdated']").check()
    page.fill("#note-unpublish", "Đã thay thế")
    page.get_by_role("button", name="Gỡ", exact=True).click()
    page.wait_for_selector(".state.unpublished")
    for viewport in (DESK, PHONE):
        reader = people.visitor(viewport)
        answer = reader.goto(public)
        assert answer is not None
        assert answer.status == 410
        assert reader.get_by_text("không còn hiệu lực hoặc không còn đúng").is_visible()
        assert faults(reader) == []
