"""What citizens come for, with the keyboard alone: once with scripts, once without any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from hoitu.core.testing.keyboard import Keyboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e

WARD = "phuong-phong-dien"


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def citizen(
    live_site: LiveSite, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Keyboard]:
    """Return somebody at the home page of the ward."""
    context = browser.new_context(
        java_script_enabled=request.param, base_url=live_site.address(WARD), locale="vi-VN"
    )
    page = context.new_page()
    page.goto("/")
    yield Keyboard(page)
    context.close()


def reads(citizen: Keyboard, *wanted: str) -> None:
    seen = citizen.page.inner_text("main")
    assert [words for words in wanted if words not in seen] == [], seen


def test_the_keyboard_jumps_over_the_frame(citizen: Keyboard) -> None:
    citizen.page.keyboard.press("Tab")
    assert citizen.page.evaluate("document.activeElement.matches('.skip')")
    citizen.page.keyboard.press("Enter")
    citizen.page.keyboard.press("Tab")
    assert citizen.page.evaluate("document.activeElement.closest('main') !== null")


def test_find_a_document(citizen: Keyboard) -> None:
    citizen.type("q", "18/kh-ubnd")
    with citizen.page.expect_navigation():
        citizen.page.keyboard.press("Enter")
    citizen.press("main .row-title")
    reads(citizen, "18/KH-UBND", "Ngày ban hành", "Chuyển đổi số của phường năm 2026")


def test_read_a_procedure(citizen: Keyboard) -> None:
    # The field of the look-up on the home page, not the search of the whole site.
    citizen.to("main input[name='q']")
    citizen.page.keyboard.type("khai sinh")
    with citizen.page.expect_navigation():
        citizen.page.keyboard.press("Enter")
    citizen.press("main .row-title")
    reads(citizen, "Thành phần hồ sơ", "Phí, lệ phí", "Cơ quan thực hiện")


def test_answer_the_survey(citizen: Keyboard) -> None:
    citizen.press("main a[href='/khao-sat']")
    for question in ("survey_interface", "survey_content"):
        citizen.to(f"input[name='{question}']")
        citizen.page.keyboard.press("Space")
    # Quicker than any reader, the form takes the answer for that of a machine.
    citizen.page.wait_for_timeout(4_000)
    citizen.press("main form.form button[type=submit]")
    assert re.search("[Cc]ảm ơn", citizen.page.inner_text("main"))


def test_ask_a_question(citizen: Keyboard) -> None:
    citizen.press("main a[href='/hoi-dap/gui']")
    citizen.press("main a[href*='viet=1']")
    citizen.type("title", "Giờ làm việc của bộ phận một cửa")
    citizen.to("select[name='topic']")
    citizen.page.keyboard.press("ArrowDown")
    citizen.type("question", "Bộ phận một cửa có làm việc sáng thứ Bảy không?")
    citizen.type("asker_name", "Nguyễn Thị Mẫu")
    citizen.type("email", "mau@example.vn")
    for consent in ("agrees", "no_complaint"):
        citizen.to(f"input[name='{consent}']")
        citizen.page.keyboard.press("Space")
    citizen.page.wait_for_timeout(4_000)
    citizen.press("main form.form button[type=submit]")
    seen = citizen.page.inner_text("main")
    code = re.search(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4})+\b", seen)
    assert code, seen
    citizen.page.goto("/hoi-dap/tra-cuu")
    citizen.to("main form input[type=text]")
    citizen.page.keyboard.type(code.group())
    with citizen.page.expect_navigation():
        citizen.page.keyboard.press("Enter")
    reads(citizen, code.group(), "Đã tiếp nhận", "Hạn trả lời")
