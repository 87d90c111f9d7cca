"""One's own account in a browser: a passkey made and used, and codes without JavaScript."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyotp
import pytest

from hoitu.core.testing.faults import faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
UNIT = "phong-dien"
OWN, SIGN_IN = "/quan-tri/tai-khoan", "/quan-tri/dang-nhap"
#: A refused form is answered with 400 or 422, a link that is over with 410: on the console, too.
EXPECTED = re.compile("status of 4(00|10|22)")
#: What a device with a finger print reader does, in the words of the browser's protocol.
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def open_page(live_site: Any, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser of its own; its console must stay empty."""
    complaints: list[str] = []
    contexts = []

    def opened(viewport: Any = DESK, **options: Any) -> Page:
        address = live_site.address(UNIT)
        context = browser.new_context(viewport=viewport, base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [c for c in complaints if not EXPECTED.search(c)] == []


def give_device(page: Page) -> None:
    """Give the computer of a browser a reader of finger prints."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def enter(page: Page, live_site: Any, role: str) -> None:
    person = live_site.accounts[role]
    page.goto(SIGN_IN)
    page.fill("#email", person.email)
    page.fill("#password", person.password)
    page.press("#password", "Enter")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_passkey_is_made_used_and_taken_away(
    open_page: Any, live_site: Any, viewport: Any
) -> None:
    page = open_page(viewport)
    give_device(page)
    enter(page, live_site, "approver")
    page.wait_for_url("**/quan-tri/")
    page.goto(f"{OWN}/khoa-truy-cap")
    assert faults(page) == []
    page.fill("#name", "máy bàn")
    page.press("#name", "Enter")
    page.wait_for_selector("ul.secret")
    assert page.locator("ul.secret li").count() == 10
    assert faults(page) == []
    with page.expect_download() as saved:
        page.locator("a[download]").click()
    assert saved.value.suggested_filename == "ma-du-phong.txt"
    page.goto(OWN)
    assert faults(page) == []
    page.context.clear_cookies()
    enter(page, live_site, "approver")
    page.wait_for_url("**/buoc-hai")
    assert faults(page) == []
    page.locator("[data-passkey-button]").press("Enter")
    page.wait_for_url("**/quan-tri/")
    page.goto(OWN)
    with page.expect_navigation():
        page.locator("form[action*='/khoa-truy-cap/'] button").first.click()
    page.wait_for_url(f"**{OWN}")
    assert page.locator("form[action*='/khoa-truy-cap/']").count() == 0


def test_who_has_no_device_is_told_and_enters_a_code(open_page: Any, live_site: Any) -> None:
    page = open_page(PHONE)
    enter(page, live_site, "reviewer")
    page.wait_for_url("**/quan-tri/")
    give_device(page)
    page.goto(f"{OWN}/khoa-truy-cap")
    page.evaluate("() => { navigator.credentials.create = () => Promise.reject(Error('no')); }")
    page.fill("#name", "máy bàn")
    page.press("#name", "Enter")
    page.wait_for_selector("[data-passkey-told]:not([hidden])")
    assert page.locator("[data-passkey-button]").is_enabled()
    assert faults(page) == []


def test_codes_are_set_up_and_used_without_javascript(open_page: Any, live_site: Any) -> None:
    page = open_page(PHONE, java_script_enabled=False)
    enter(page, live_site, "editor")
    page.goto(f"{OWN}/khoa-truy-cap")
    assert page.locator("noscript p, .notice.problem").count() >= 1
    assert page.locator("[data-passkey-button]").is_hidden()
    page.goto(f"{OWN}/ma-xac-thuc")
    assert page.locator(".qr img").evaluate("img => img.naturalWidth") > 100
    secret = page.locator(".secret-key").inner_text().replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).now())
    page.press("#code", "Enter")
    page.wait_for_selector("ul.secret li")
    assert page.locator("ul.secret li").count() == 10
    code = page.locator("ul.secret li").first.inner_text()
    page.context.clear_cookies()
    enter(page, live_site, "editor")
    page.fill("#code", code)
    with page.expect_navigation():
        page.press("#code", "Enter")
    page.goto(OWN)
    with page.expect_navigation():
        page.locator("form[action$='/ma-xac-thuc/bo'] button").click()
    assert page.locator("form[action$='/ma-xac-thuc/bo']").count() == 0


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_of_ones_own_account_are_accessible(
    open_page: Any, live_site: Any, viewport: Any
) -> None:
    page = open_page(viewport)
    enter(page, live_site, "unit_admin")
    page.wait_for_url("**/quan-tri/")
    found = {}
    paths = (OWN, f"{OWN}/ma-xac-thuc", f"{OWN}/khoa-truy-cap", f"{OWN}/xac-nhan")
    for path in (*paths, "/quan-tri/mat-khau"):
        page.goto(path)
        found[path] = faults(page)
    page.goto(f"{OWN}/ma-xac-thuc")
    page.fill("#code", "000000")
    page.press("#code", "Enter")
    page.wait_for_selector("#code[aria-invalid]")
    found["wrong code"] = faults(page)
    nobody = open_page(viewport)
    for path in ("/quan-tri/quen-mat-khau", "/quan-tri/chon-mat-khau/x", SIGN_IN):
        nobody.goto(path)
        found[path] = faults(nobody)
    assert {path: faulty for path, faulty in found.items() if faulty} == {}


def test_a_second_factor_set_up_in_the_browser_opens_the_desk(
    open_page: Any, live_site: Any
) -> None:
    page = open_page()
    enter(page, live_site, "emergency_publisher")
    page.goto(f"{OWN}/ma-xac-thuc")
    secret = page.locator(".secret-key").inner_text().replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).now())
    page.press("#code", "Enter")
    page.wait_for_selector("ul.secret")
    page.context.clear_cookies()
    enter(page, live_site, "emergency_publisher")
    page.wait_for_url("**/buoc-hai")
    # The code of this half minute is used up; that of the next is taken ahead of its time.
    page.fill("#code", pyotp.TOTP(secret).at(int(time.time()) + 30))
    page.press("#code", "Enter")
    page.wait_for_url(re.compile("/quan-tri/(?!dang-nhap)"))
    page.goto(OWN)
    with page.expect_navigation():
        page.locator("form[action$='/ma-xac-thuc/bo'] button").click()
    assert page.locator("form[action$='/ma-xac-thuc/bo']").count() == 0
