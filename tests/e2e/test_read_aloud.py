"""Listening to an article in a real browser; its voices are made up, as there are none here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.plugin.manifest import package_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

SCRIPT = package_folder("hoitu.plugins.read_aloud") / "static" / "read_aloud.js"
#: Speech that is only noted. A voice of the device comes later, as in most browsers.
VOICES = """
const listeners = [];
window.told = [];
window.voices = VOICES;
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => window.voices,
  addEventListener: (name, listener) => listeners.push(listener),
  speak: (told) => { window.told.push(told); },
  cancel: () => { window.cancelled = (window.cancelled || 0) + 1; },
} });
window.arrive = (voices) => { window.voices = voices; listeners.forEach((l) => l()); };
window.finish = () => window.told[window.told.length - 1].onend();
"""
VIETNAMESE = '[{"lang": "vi-VN", "name": "An", "localService": true}]'
ONLINE = '{"lang": "vi-VN", "name": "Online", "localService": false}'
BODY = (
    "<h2>Vì sao</h2><p>Nước lên nhanh. Dân cần biết <strong>sớm</strong>.</p>"
    "<ul><li>Bến đò Vĩnh Tu<ul><li>thôn 1</li></ul></li></ul>"
    "<table><tr><th>Thôn</th><th>Số hộ</th></tr><tr><td>An Truyền</td><td>450</td></tr></table>"
    f"<p>{'Còn tiếp và còn dài nữa ' * 12}</p>"
)


@pytest.fixture
def path(publish: Any) -> str:
    item_id = publish(
        "news_article", requirement="unit_activities", genre="news", title="Tháp báo lũ",
        summary="Tóm tắt của bài", body=BODY, origin="own",
    )  # fmt: skip
    return f"/tin-tuc/{item_id}-thap-bao-lu"


@pytest.fixture
def listen(browser: Browser, site: Any, path: str) -> Iterator[Callable[[str], Page]]:
    """Return a function that opens the article in a browser with these voices."""
    opened = browser.new_page()

    def open_page(voices: str) -> Page:
        opened.add_init_script(VOICES.replace("VOICES", voices))
        opened.goto("about:blank")
        opened.set_content(site().get(path).text, wait_until="domcontentloaded")
        opened.add_script_tag(path=SCRIPT)
        return opened

    yield open_page
    opened.close()


def told(page: Page) -> list[str]:
    return list(page.evaluate("window.told.map((one) => one.text)"))


def test_without_a_voice_for_the_text_nothing_is_offered(listen: Any) -> None:
    page = listen('[{"lang": "en-US"}, {"lang": "zh-CN"}]')
    assert page.locator("[data-read-aloud]").is_hidden()
    page.evaluate(f"window.arrive({VIETNAMESE})")
    assert page.get_by_role("button", name="Nghe bài viết").is_visible()
    assert page.get_by_role("button", name="Dừng đọc").count() == 0


def test_a_voice_that_sends_the_text_away_is_not_used(listen: Any) -> None:
    page = listen(f"[{ONLINE}]")
    assert page.locator("[data-read-aloud]").is_hidden()
    page.evaluate(f"window.arrive([{ONLINE}, ...{VIETNAMESE}])")
    page.get_by_role("button", name="Nghe bài viết").click()
    assert page.evaluate("window.told[0].voice.name") == "An"


def test_a_browser_without_speech_offers_nothing(browser: Browser, site: Any, path: str) -> None:
    page = browser.new_page()
    page.add_init_script("Object.defineProperty(window, 'speechSynthesis', { value: undefined })")
    page.goto("about:blank")
    page.set_content(site().get(path).text, wait_until="domcontentloaded")
    page.add_script_tag(path=SCRIPT)
    assert page.locator("[data-read-aloud]").is_hidden()
    page.close()


def test_it_reads_heading_summary_and_text_in_their_order(listen: Any) -> None:
    page = listen(VIETNAMESE)
    page.get_by_role("button", name="Nghe bài viết").click()
    while page.get_by_role("button", name="Tạm dừng").count():
        page.evaluate("window.finish()")
    found = told(page)
    assert found[:7] == [
        "Tháp báo lũ", "Tóm tắt của bài", "Vì sao", "Nước lên nhanh.", "Dân cần biết sớm.",
        "Bến đò Vĩnh Tu", "thôn 1",
    ]  # fmt: skip
    assert found[7:9] == ["Thôn, Số hộ", "An Truyền, 450"]
    rest = found[9:]
    assert all(len(piece) <= 200 for piece in rest)
    assert " ".join(rest).split() == ("Còn tiếp và còn dài nữa " * 12).split()
    assert page.evaluate("window.told.every((one) => one.lang === 'vi-VN')")
    assert page.get_by_role("status").inner_text() == "Đã đọc hết bài."


def test_the_keyboard_pauses_goes_on_and_stops(listen: Any) -> None:
    page = listen(VIETNAMESE)
    page.get_by_role("button", name="Nghe bài viết").focus()
    page.keyboard.press("Enter")
    page.evaluate("window.finish()")
    assert told(page) == ["Tháp báo lũ", "Tóm tắt của bài"]
    page.keyboard.press("Enter")
    # A piece that was cut off is told again as a whole, and its late end moves nothing.
    page.evaluate("window.finish()")
    assert told(page) == ["Tháp báo lũ", "Tóm tắt của bài"]
    assert page.get_by_role("button", name="Đọc tiếp").evaluate("e => e === document.activeElement")
    page.keyboard.press("Enter")
    assert told(page)[2:] == ["Tóm tắt của bài"]
    page.get_by_role("button", name="Dừng đọc").click()
    assert page.get_by_role("button", name="Nghe bài viết").evaluate(
        "e => e === document.activeElement"
    )
    page.keyboard.press("Enter")
    assert told(page)[3:] == ["Tháp báo lũ"]


def test_another_speed_holds_at_once(listen: Any) -> None:
    page = listen(VIETNAMESE)
    page.get_by_role("button", name="Nghe bài viết").click()
    page.get_by_role("combobox").select_option("1.6")
    assert told(page) == ["Tháp báo lũ", "Tháp báo lũ"]
    assert page.evaluate("Number(window.told[1].rate)") == 1.6


def test_it_falls_silent_when_the_page_is_left(listen: Any) -> None:
    page = listen(VIETNAMESE)
    page.get_by_role("button", name="Nghe bài viết").click()
    before = page.evaluate("window.cancelled")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert page.evaluate("window.cancelled") == before + 1
