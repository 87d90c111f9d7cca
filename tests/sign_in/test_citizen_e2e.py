"""A citizen in a real browser, at the site of a department: signs in, asks, comments, signs out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.testing.faults import faults
from hoitu.core.testing.live import LiveSite, free_port, served_demo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

UNIT, NAME = "so-tai-chinh", "Nguyễn Thị Thử Nghiệm"
#: A receipt code.
CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")


@pytest.fixture(scope="session")
def demo(
    tmp_path_factory: pytest.TempPathFactory,
    provider_at: Callable[[str], AbstractContextManager[tuple[Any, dict[str, str]]]],
) -> Iterator[LiveSite]:
    """Serve the demonstration with a provider beside it, told by the environment."""
    port, folder = free_port(), tmp_path_factory.mktemp("citizen")
    with (
        provider_at(f"http://localhost:{port}") as (_provider, told),
        served_demo(folder / "instance", port, told) as site,
    ):
        yield site


@pytest.mark.parametrize("width", [1280, 360])
def test_sign_in_ask_comment_see_and_sign_out(demo: LiveSite, browser: Browser, width: int) -> None:
    context = browser.new_context(
        base_url=demo.address(UNIT), locale="vi-VN", viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto("/")
    page.click(".account a")
    page.wait_for_url("**/dang-nhap*")
    assert not faults(page)
    page.click("text=Đăng nhập bằng VNeID")
    page.click(f"text={NAME}")
    page.wait_for_url("**/cua-toi")
    assert NAME in page.inner_text("main") and not faults(page)
    ask(page, width)
    comment(page, width)
    page.goto("/cua-toi")
    mine = page.inner_text("main")
    assert f"Thứ Bảy có làm việc không {width}" in mine and "Đang giải quyết" in mine
    assert f"Đề nghị nói rõ hơn thời hạn ({width})." in mine and len(CODE.findall(mine)) >= 2
    assert not faults(page)
    page.click("main button:has-text('Đăng xuất') >> nth=0")
    page.wait_for_selector("main :text('Bạn đã đăng xuất')")
    assert not faults(page)
    with page.expect_navigation():
        page.click("text=Đăng xuất cả ở dịch vụ")
    # The way there names nobody.
    assert "id_token" not in page.url
    page.click("button")
    page.wait_for_url("**/dang-xuat/xong*")
    page.goto(f"{demo.address(UNIT)}/cua-toi")
    assert "/dang-nhap" in page.url
    context.close()


def ask(page: Page, width: int) -> None:
    page.goto("/hoi-dap/gui?viet=1")
    page.fill("[name=title]", f"Thứ Bảy có làm việc không {width}")
    page.select_option("[name=topic]", index=1)
    page.fill("[name=question]", f"Bộ phận một cửa có làm việc sáng thứ Bảy không? ({width})")
    page.fill("[name=asker_name]", NAME)
    for tick in ("agrees", "no_complaint"):
        page.check(f"[name={tick}][type=checkbox]")
    page.wait_for_timeout(4_000)
    page.click("main form.form button[type=submit]")
    page.wait_for_url("**/hoi-dap/tra-cuu?ma=*")
    assert CODE.search(page.inner_text("main")) and not faults(page)


def comment(page: Page, width: int) -> None:
    """Comment on an article of a draft that is open; see the receipt."""
    page.goto("/van-ban/lay-y-kien")
    page.locator(".row", has_text="Đang lấy ý kiến").locator("a.row-title").first.click()
    page.wait_for_selector("#phan-gop-y")
    page.locator("a[href^='?dieu=']").first.click()
    page.wait_for_url("**?dieu=*")
    assert page.input_value("[name=article]"), "the article that was pressed is the one chosen"
    # A name is not needed, so none is filled in: it could be sent only with a consent.
    assert page.input_value("[name=sender]") == ""
    page.fill("[name=text]", f"Đề nghị nói rõ hơn thời hạn ({width}).")
    page.wait_for_timeout(4_000)
    assert not faults(page)
    page.click("#phan-gop-y button[type=submit]")
    page.wait_for_url("**/gop-y?ma=*")
    assert CODE.search(page.inner_text("main")) and not faults(page)
