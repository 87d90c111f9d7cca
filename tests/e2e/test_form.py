"""The form in which editors write, in a browser: killed, shared, left in a hurry, by keyboard."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog, Page

pytestmark = pytest.mark.e2e

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
AXE_OPTIONS = {"rules": {"target-size": {"enabled": True}}}
UNIT = "phong-dien"
NEW = "/quan-tri/legal_document/moi"
#: Answers that browsers put on the console: a refused form, a conflict, a session that is over, a
#: text that was thrown away in another window.
EXPECTED = ("status of 422", "status of 409", "status of 400", "status of 410")
#: Most that may be lost, in seconds.
LOST = 30


@pytest.fixture
def sign_in(live_site: Any, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that signs somebody in; the console of their pages must stay empty."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def enter(role: str, viewport: Any = DESK, among: Any = browser) -> Page:
        context = among.new_context(viewport=viewport, base_url=live_site.address(UNIT))
        if among is browser:
            contexts.append(context)
        page: Page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        person = live_site.accounts[role]
        page.goto("/quan-tri/")
        page.fill("#email", person.email)
        page.fill("#password", person.password)
        page.press("#password", "Enter")
        page.wait_for_selector(".doors")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert [c for c in complaints if not any(known in c for known in EXPECTED)] == []


@pytest.fixture
def doomed(browser: Browser, tmp_path: Path) -> Iterator[tuple[Browser, Callable[[], None]]]:
    """Return a browser of its own, and a function that kills it as a power cut would."""
    program = shutil.which("chromium")
    assert program is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = ("--headless=new", "--no-sandbox", "--no-first-run", f"--user-data-dir={tmp_path}")
    process = subprocess.Popen(
        [program, *options, f"--remote-debugging-port={port}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip

    def kill() -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    yield _connected(browser, port), kill
    if process.poll() is None:
        kill()


def _connected(browser: Browser, port: int) -> Browser:
    deadline = time.monotonic() + 60
    while True:
        try:
            return browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def started(page: Page, path: str) -> None:
    """Open a form and wait until its script has said hello."""
    with page.expect_response("**/dang-mo") as answer:
        page.goto(path)
    assert answer.value.status == 200


def hurry(page: Page) -> None:
    """Make the page keep what is typed, and look for others, every second."""
    page.evaluate(
        "for (const name of ['autosaveSeconds', 'presenceSeconds'])"
        " document.getElementById('writing').dataset[name] = '1'"
    )


def kept(page: Page) -> None:
    page.wait_for_selector("#kept:has-text('Đã giữ')")


def throw_away(page: Page) -> None:
    """Throw away what was kept of a form; the page is drawn anew."""
    with page.expect_navigation():
        page.locator(".left-over .grave").click()


def draft(page: Page, number: str, **fields: str) -> str:
    """Save a new document; its path."""
    started(page, NEW)
    if page.locator("#left-over").count():
        throw_away(page)
    page.fill("#number", number)
    for name, text in fields.items():
        page.fill(f"#{name}", text)
    page.click("#save-button")
    page.wait_for_selector(".panel .state.draft")
    return "/" + page.url.split("/", 3)[3]


def findings(page: Page) -> list[str]:
    """Return what axe finds on the page, and whether it is wider than the window."""
    found = [v["id"] for v in Axe().run(page, options=AXE_OPTIONS).response["violations"]]
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return found + (["overflow"] if page.evaluate(wider) else [])


# -- killed --------------------------------------------------------------------------------------


def test_killing_the_browser_loses_less_than_half_a_minute(
    sign_in: Callable[..., Page], doomed: tuple[Browser, Callable[[], None]]
) -> None:
    """With the pauses of the product, not those of the other tests."""
    other, kill = doomed
    path = draft(sign_in("editor"), "101/2026/QĐ-UBND", summary="Đã lưu")
    page = sign_in("editor", among=other)
    started(page, path)
    assert page.get_attribute("#writing", "data-autosave-seconds") == "15"
    page.fill("#summary", "")
    page.locator("#summary").press_sequentially("Gõ trước khi mất điện")
    typed = time.monotonic()
    page.wait_for_selector("#kept:has-text('Đã giữ')", timeout=LOST * 1000)
    assert time.monotonic() - typed < LOST
    page.locator("#summary").press_sequentially(" và chữ cuối cùng")
    kill()

    again = sign_in("editor")
    again.goto(path)
    assert again.input_value("#summary") == "Gõ trước khi mất điện"
    assert again.locator("#left-over").is_visible()
    throw_away(again)
    again.wait_for_selector("#summary")
    assert again.input_value("#summary") == "Đã lưu"


def test_closing_the_page_keeps_even_the_last_words(sign_in: Callable[..., Page]) -> None:
    page = sign_in("editor")
    path = draft(page, "102/2026/QĐ-UBND", summary="Đã lưu")
    started(page, path)
    page.fill("#summary", "Chữ cuối cùng trước khi đóng")
    context = page.context
    page.close()
    page = context.new_page()
    page.wait_for_timeout(1000)
    page.goto(path)
    assert page.input_value("#summary") == "Chữ cuối cùng trước khi đóng"
    throw_away(page)


def test_formatted_text_is_kept_and_checked_while_it_is_typed(
    sign_in: Callable[..., Page],
) -> None:
    page = sign_in("editor")
    path = draft(page, "103/2026/QĐ-UBND")
    started(page, path)
    hurry(page)
    editable = page.locator("[contenteditable=true]").first
    editable.click()
    page.keyboard.type("Toàn văn đang soạn")
    kept(page)
    again = sign_in("editor")
    again.goto(path)
    again.wait_for_selector("[contenteditable=true]")
    assert "Toàn văn đang soạn" in again.locator("[contenteditable=true]").first.inner_text()
    throw_away(again)
    # The first window hears that the form is open elsewhere, or that its text is gone: either one
    # stops it, and which comes first depends on when it sent its last message.
    editable.click()
    page.keyboard.type("Viết tiếp ở cửa sổ cũ")
    page.wait_for_selector("#not-kept:has-text('cửa sổ khác')")


def test_after_signing_in_again_in_another_window_the_page_goes_on(
    sign_in: Callable[..., Page], live_site: Any
) -> None:
    page = sign_in("editor")
    path = draft(page, "110/2026/QĐ-UBND")
    started(page, path)
    hurry(page)
    other = page.context.new_page()
    other.goto("/quan-tri/")
    other.click(".own button")
    other.wait_for_selector("#email")
    page.fill("#summary", "Gõ khi đã hết phiên")
    page.wait_for_selector("#not-kept:has-text('không còn đăng nhập')")
    person = live_site.accounts["editor"]
    other.fill("#email", person.email)
    other.fill("#password", person.password)
    other.press("#password", "Enter")
    other.wait_for_selector(".doors")
    kept(page)
    assert page.inner_text("#not-kept") == ""
    page.click("#save-button")
    page.wait_for_selector("text=Đã lưu.")
    assert page.input_value("#summary") == "Gõ khi đã hết phiên"


# -- two people ----------------------------------------------------------------------------------


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_two_editors_see_each_other_and_choose_whose_text_stays(
    sign_in: Callable[..., Page], viewport: Any
) -> None:
    first, second = sign_in("editor", viewport), sign_in("approver", viewport)
    path = draft(first, "104/2026/QĐ-UBND", summary="Thời hạn mười ngày", signer="Ông A")
    started(second, path)
    hurry(second)
    second.fill("#summary", "Thời hạn hai mươi ngày")
    second.fill("#signer", "Ông B")
    kept(second)

    started(first, path)
    assert "cũng đang mở bài này, gõ lần cuối" in first.inner_text("#presence")
    first.fill("#summary", "Thời hạn mười ngày làm việc")
    first.fill("#signer", "Bà C")
    first.click("#save-button")
    first.wait_for_selector("text=Đã lưu.")
    second.wait_for_selector("#newer:has-text('mới hơn')")
    assert findings(second) == []

    second.click("#save-button")
    second.wait_for_selector("#conflict")
    assert findings(second) == []
    assert second.locator("del", has_text="làm việc").count() == 1
    assert second.locator("ins", has_text="hai mươi").count() == 1
    second.check("input[name=choose-summary][value=theirs]")
    second.click("text=Lưu theo lựa chọn của tôi")
    second.wait_for_selector("text=Đã lưu.")
    assert second.input_value("#summary") == "Thời hạn mười ngày làm việc"
    assert second.input_value("#signer") == "Ông B"

    second.goto(f"{path}/phien-ban")
    assert findings(second) == []
    second.click("text=So sánh hai phiên bản")
    second.wait_for_selector(".compared")
    assert findings(second) == []


def test_a_form_opened_again_stops_the_older_window(sign_in: Callable[..., Page]) -> None:
    older = sign_in("editor")
    path = draft(older, "105/2026/QĐ-UBND")
    started(older, path)
    hurry(older)
    older.fill("#summary", "Cửa sổ cũ")
    kept(older)
    younger = older.context.new_page()
    started(younger, path)
    assert younger.input_value("#summary") == "Cửa sổ cũ"
    older.fill("#summary", "Cửa sổ cũ gõ tiếp")
    older.wait_for_selector("#not-kept:has-text('cửa sổ khác')")
    throw_away(younger)


def dialogs(page: Page) -> list[str]:
    """Accept every dialog of a page from now on; return their kinds as they come."""
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    return asked


# -- leaving -------------------------------------------------------------------------------------


def _by_link(page: Page) -> None:
    page.click(".trail a >> nth=0", no_wait_after=True)


def _by_step(page: Page) -> None:
    page.click(".steps button.grave", no_wait_after=True)


def _by_address(page: Page) -> None:
    page.goto("/quan-tri/")


def _by_signing_out(page: Page) -> None:
    page.click(".own button", no_wait_after=True)


@pytest.mark.parametrize("leave", [_by_link, _by_step, _by_address, _by_signing_out])
def test_every_way_out_asks_before_unsaved_text_is_left(
    sign_in: Callable[..., Page], leave: Callable[[Page], None]
) -> None:
    page = sign_in("editor")
    path = draft(page, "106/2026/QĐ-UBND")
    started(page, path)
    asked = dialogs(page)
    with page.expect_navigation():
        leave(page)
    assert asked == []

    page = sign_in("editor")
    path = draft(page, "107/2026/QĐ-UBND")
    started(page, path)
    asked = dialogs(page)
    page.locator("#signer").press_sequentially("x")
    with page.expect_navigation():
        leave(page)
    assert asked == ["beforeunload"]


def test_formatted_text_and_chosen_files_count_as_unsaved(
    sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    chosen = tmp_path / "a.txt"
    chosen.write_text("Nội dung tệp", "utf-8")
    ways: tuple[Callable[[Page], Any], ...] = (
        lambda page: page.locator("[contenteditable=true]").first.press_sequentially("x"),
        lambda page: page.set_input_files("input[type=file][name=attachments]", chosen),
    )
    for change in ways:
        page = sign_in("editor")
        started(page, NEW)
        page.wait_for_selector("[contenteditable=true]")
        page.click("h1")
        change(page)
        page.wait_for_timeout(400)
        asked = dialogs(page)
        page.goto("/quan-tri/")
        assert asked == ["beforeunload"]


# -- keys ----------------------------------------------------------------------------------------


def test_keys_save_preview_hand_in_and_tell_themselves(sign_in: Callable[..., Page]) -> None:
    page = sign_in("editor")
    path = draft(page, "108/2026/QĐ-UBND")
    page.fill("#signer", "Ông A")
    page.press("#signer", "Control+s")
    page.wait_for_selector("text=Đã lưu.")
    assert page.input_value("#signer") == "Ông A"

    with page.context.expect_page() as opened:
        page.keyboard.press("Alt+Shift+P")
    assert opened.value.url.endswith(f"{path}/xem")
    opened.value.close()

    page.fill("#signer", "")
    page.locator("#signer").press_sequentially("Ai?")
    assert page.input_value("#signer") == "Ai?"
    assert not page.locator("#shortcuts").is_visible()
    page.fill("#signer", "Ông A")
    page.locator("#shortcuts-button").focus()
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    assert findings(page) == []
    page.uncheck("#single-keys")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert not page.locator("#shortcuts").is_visible()
    page.click("#shortcuts-button")
    page.check("#single-keys")
    page.keyboard.press("Escape")

    # What is missing keeps it back; the text is saved all the same.
    page.press("#signer", "Control+Enter")
    page.wait_for_selector(".summary")
    assert page.locator(".summary a[href='#issuer']").count() == 1


def test_what_is_missing_is_asked_for_without_saving(sign_in: Callable[..., Page]) -> None:
    page = sign_in("editor")
    started(page, NEW)
    if page.locator("#left-over").count():
        throw_away(page)
    page.fill("#number", "109/2026/QĐ-UBND")
    page.click("text=Còn thiếu gì?")
    page.wait_for_selector(".summary")
    assert page.url.endswith(NEW)
    assert findings(page) == []
    page.click(".summary a[href='#issuer']")
    assert page.evaluate("document.activeElement.id") == "issuer"
