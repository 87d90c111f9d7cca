"""Many entries at once in a browser: imported, ticked, submitted, reported; desk and phone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from hoitu.core.testing.faults import faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
UNIT = "phong-dien"
LIST = "/quan-tri/legal_document"
HEADINGS = (
    "Nhóm nội dung", "Loại văn bản", "Số, ký hiệu", "Cơ quan ban hành", "Ngày ban hành", "Tệp",
)  # fmt: skip


@pytest.fixture
def enter(live_site: Any, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that signs somebody in; the console must stay empty."""
    complaints: list[str] = []
    contexts = []

    def open_desk(role: str, viewport: Any = DESK, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport=viewport, base_url=live_site.address(UNIT), java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/quan-tri/")
        person = live_site.accounts[role]
        page.fill("#email", person.email)
        page.fill("#password", person.password)
        page.keyboard.press("Enter")
        page.wait_for_selector(".doors", state="attached")
        return page

    yield open_desk
    for context in contexts:
        context.close()
    assert complaints == []


def table(first: int, *, broken: bool = False) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(HEADINGS)
    for number in range(first, first + 3):
        day = "31/02/2023" if broken and number == first else "27/11/2023"
        book.active.append([
            "Văn bản quản lý hành chính", "Kế hoạch", f"{number}/KH-BULK", "Ủy ban", day,
            f"vb-{number}.pdf",
        ])  # fmt: skip
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def bring_in(page: Page, first: int, *, broken: bool = False) -> None:
    """Import three documents, the files chosen all at once: the page that shows them."""
    page.goto(f"{LIST}/nhap")
    page.set_input_files(
        "#bang",
        {"name": "bang.xlsx", "mimeType": "application/octet-stream",
         "buffer": table(first, broken=broken)},
    )  # fmt: skip
    pdf = b"%PDF-1.4\n%%EOF\n"
    files = [
        {"name": f"vb-{n}.pdf", "mimeType": "application/pdf", "buffer": pdf + b"%%%d\n" % n}
        for n in range(first, first + 3)
    ]
    page.set_input_files("#tep", files)
    page.click("form.card button.first")
    page.wait_for_url(re.compile(r"/hang-loat/\d+$"))


@pytest.mark.parametrize(("viewport", "first"), [(DESK, 9100), (PHONE, 9200)])
def test_from_a_table_to_the_approver_in_one_sitting(
    enter: Callable[..., Page], viewport: Any, first: int
) -> None:
    page = enter("editor", viewport)
    bring_in(page, first, broken=True)
    assert faults(page) == [], page.url
    with page.expect_navigation():
        page.click("text=/^Sửa/ >> nth=0")
    assert faults(page) == [], page.url
    page.fill("#issued_on", "28/02/2023")
    page.click("button.first")
    page.wait_for_url(re.compile(r"/hang-loat/\d+$"))
    with page.expect_navigation():
        page.click("button[value=draft]")
    assert page.locator(".state.published").count() == 3

    page.goto(f"{LIST}?q=KH-BULK&trang-thai=draft")
    assert faults(page) == [], page.url
    page.check("[data-tick-all]:visible")
    assert "3 mục" in page.inner_text("[data-ticked]")
    page.select_option("#viec", "step-submit")
    with page.expect_navigation():
        page.click(".bulk-bar button")
    page.wait_for_url(re.compile(r"/hang-loat/\d+$"))
    assert faults(page) == [], page.url
    page.click("button.first")
    page.wait_for_selector(".results .state.published")
    assert page.locator(".results .state.published").count() == 3
    assert faults(page) == [], page.url
    page.goto(f"{LIST}?q=KH-BULK&trang-thai=submitted")
    assert page.locator("tbody tr").count() >= 3


def test_it_works_without_scripts(enter: Callable[..., Page]) -> None:
    page = enter("editor", scripts=False)
    bring_in(page, 9300)
    with page.expect_navigation():
        page.click("button[value=draft]")
    page.goto(f"{LIST}?q=93&trang-thai=draft")
    assert page.locator("[data-tick-all]:visible").count() == 0
    for box in page.locator("input[name=chon]").all():
        box.check()
    page.select_option("#viec", "step-submit")
    with page.expect_navigation():
        page.click(".bulk-bar button")
    page.click("button.first")
    page.wait_for_selector(".results .state.published")
    assert page.locator(".results .state.published").count() == 3


def test_a_view_is_kept_and_opened_by_keyboard(enter: Callable[..., Page]) -> None:
    page = enter("editor")
    page.goto(f"{LIST}?trang-thai=draft")
    page.focus("text=Lưu bộ lọc này")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Việc dở dang")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector(".views")
    page.goto(LIST)
    page.focus("text=Việc dở dang")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("trang-thai=draft"))
    assert faults(page) == [], page.url


def test_on_a_phone_a_list_is_short_and_its_bar_is_one_line_that_hides_nothing(
    enter: Callable[..., Page],
) -> None:
    page = enter("editor", PHONE)
    page.goto(LIST)
    assert not page.is_visible("#loc-trang-thai")
    assert not page.is_visible("td.more-cell")
    page.emulate_media(reduced_motion="reduce")  # else the page is still moving when it is measured
    page.check("input[name=chon] >> nth=0")
    bar = page.locator(".bulk-bar.held").bounding_box()
    form = page.locator("form:has(> .bulk-bar)").bounding_box()
    assert bar and form and bar["height"] < 80
    # At the lower edge, or where the list ends above it.
    lowest = min(PHONE["height"], form["y"] + form["height"])
    assert abs(bar["y"] + bar["height"] - lowest) < 2
    for link in page.locator("tbody th a").all():
        link.focus()
        place = link.bounding_box()
        assert place and place["y"] + place["height"] <= bar["y"]
    assert faults(page) == [], page.url
