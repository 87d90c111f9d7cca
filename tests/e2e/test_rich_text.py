"""The editor of rich text in a browser: by keyboard, from Word, under the strict policy."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from hoitu.core.testing.faults import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

UNIT = "phong-dien"
NEW = "/quan-tri/legal_document/moi"
WORD = Path(__file__).parents[1] / "samples" / "word_clipboard.html"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
EDITABLE, DIALOG = ".ck-editor__editable_inline", ".editor-dialog"
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""
#: Puts data on a clipboard of its own and pastes, or drops, it into the editor.
TRANSFER = """
([type, texts, files]) => {
  const data = new DataTransfer();
  for (const [kind, text] of Object.entries(texts)) {
    data.setData(kind, text);
  }
  for (const [name, kind, content] of files) {
    const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: kind }));
  }
  const target = document.querySelector(".ck-editor__editable_inline");
  const box = target.getBoundingClientRect();
  const place = { bubbles: true, cancelable: true, clientX: box.left + 40, clientY: box.top + 30 };
  target.dispatchEvent(type === "paste"
    ? new ClipboardEvent("paste", { ...place, clipboardData: data })
    : new DragEvent("drop", { ...place, dataTransfer: data }));
}
"""


def png() -> bytes:
    """Return a picture that no library has yet."""
    made = BytesIO()
    Image.new("RGB", (8, 8), "#" + secrets.token_hex(3)).save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def enter(live_site: Any, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that signs somebody in and opens a page.

    Whatever they do there, no script or style may be blocked and nothing come from elsewhere.
    """
    pages: list[Page] = []
    elsewhere: list[str] = []
    home = live_site.address(UNIT)

    def note(address: str) -> None:
        if not address.startswith((home, "data:", "blob:")):
            elsewhere.append(address)

    def open_page(path: str = "", role: str = "editor", viewport: Any = DESK) -> Page:
        context = browser.new_context(viewport=viewport, base_url=home)
        context.set_default_timeout(10_000)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.on("request", lambda request: note(request.url))
        page.goto("/quan-tri/dang-nhap")
        page.fill("#email", live_site.accounts[role].email)
        page.fill("#password", live_site.accounts[role].password)
        page.keyboard.press("Enter")
        page.wait_for_selector(".doors")
        pages.append(page)
        page.goto(path or NEW)
        if not path:
            # A draft of its own: what is typed into a new one is kept for the next visit.
            page.click("button.first[type=submit]")
            page.wait_for_url(re.compile(r"/legal_document/\d+$"))
            page.wait_for_selector(EDITABLE)
        return page

    yield open_page
    blocked = [found for page in pages for found in page.evaluate("window.violations")]
    for page in pages:
        page.context.close()
    assert blocked == []
    assert elsewhere == []


def text_of(page: Page) -> str:
    """Return what would be sent, once the field has followed the editor."""
    page.wait_for_timeout(400)
    return str(page.evaluate("document.querySelector('textarea[data-rich-text]').value"))


def put(page: Page, how: str, texts: dict[str, str], *files: tuple[str, str, bytes]) -> None:
    """Paste or drop something into the editor."""
    packed = [(name, kind, base64.b64encode(content).decode()) for name, kind, content in files]
    page.locator(EDITABLE).focus()
    page.evaluate(TRANSFER, [how, texts, packed])


def settle(page: Page) -> None:
    """Wait until the caret is back in the text: no hand is as fast as a test."""
    page.wait_for_selector(f"{EDITABLE}:focus, {EDITABLE} :focus")
    page.wait_for_timeout(200)


def to_the_end(page: Page, line: str) -> None:
    """Go to the end of a line; the editor may put the caret back once more after its menu."""
    place = "getSelection().anchorOffset"
    for _attempt in range(20):
        page.keyboard.press("End")
        page.wait_for_timeout(100)
        if page.evaluate(place) == len(line):
            return
    pytest.fail(f"the caret does not stay behind {line!r}")


def press_in_toolbar(page: Page, label: str) -> None:
    """Find a button of the toolbar with the arrow keys and press it."""
    page.keyboard.press("Alt+F10")
    named = "(e => e.dataset.ckeTooltipText || e.getAttribute('aria-label') || e.innerText)"
    seen = []
    for _step in range(40):
        seen.append(str(page.evaluate(f"{named}(document.activeElement)")))
        if seen[-1].startswith(label):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("ArrowRight")
        if seen[-1] == "Xem thêm":
            page.keyboard.press("Enter")
            page.keyboard.press("ArrowDown")
    pytest.fail(f"{label} is not in the toolbar: {seen}")


def test_a_heading_and_a_table_are_made_with_the_keyboard_alone(
    enter: Callable[..., Page],
) -> None:
    page = enter()
    keys = page.keyboard
    page.locator(EDITABLE).focus()
    keys.type("Phạm vi")
    press_in_toolbar(page, "Đoạn văn hoặc đề mục")
    keys.press("ArrowDown")
    keys.press("Enter")
    settle(page)
    to_the_end(page, "Phạm vi")
    keys.press("Enter")
    press_in_toolbar(page, "Chèn bảng")
    keys.press("ArrowRight")
    keys.press("ArrowDown")
    keys.press("Enter")
    settle(page)
    for words in ("Năm", "Số hồ sơ", "2023", "1.200"):
        keys.type(words)
        keys.press("Tab")
    assert violations(page) == []
    stored = text_of(page)
    assert stored.startswith("<h2>Phạm vi</h2><table")
    assert re.search(
        r"<thead><tr><th>Năm</th><th>Số hồ sơ</th></tr></thead>"
        r"<tbody><tr><td>2023</td><td>1\\.200</td></tr>".replace("\\\\", "\\"),
        stored,
    )


def test_the_tabulator_leads_in_and_out(enter: Callable[..., Page]) -> None:
    page = enter()
    page.locator("label[for=body]").click()
    inside = "document.activeElement.matches('.ck-editor__editable')"
    assert page.evaluate(inside)
    page.keyboard.press("Tab")
    assert not page.evaluate(inside)
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(inside)


def test_the_tabulator_does_not_stay_in_a_table(enter: Callable[..., Page]) -> None:
    page = enter()
    table = "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"
    put(page, "paste", {"text/html": f"<p>Trước</p>{table}<p>Sau</p>"})
    page.wait_for_selector(f"{EDITABLE} table")
    page.keyboard.press("Control+Home")
    inside = f"document.activeElement.closest('{EDITABLE}') !== null"
    pressed = 0
    while page.evaluate(inside) and pressed < 20:
        page.keyboard.press("Tab")
        pressed += 1
    assert not page.evaluate(inside)
    assert page.locator(f"{EDITABLE} tr").count() == 2


def test_a_text_of_word_is_published_with_its_tables_and_without_its_look(
    enter: Callable[..., Page],
) -> None:
    page = enter()
    for name, words in (
        ("number", "88/2023/QĐ-UBND"), ("issuer", "Ủy ban nhân dân huyện"),
        ("summary", "Dán từ Word"), ("issued_on", "27/11/2023"),
    ):  # fmt: skip
        page.fill(f"[name={name}]", words)
    page.select_option("[name=requirement]", index=1)
    page.select_option("[name=kind]", index=1)
    put(page, "paste", {"text/html": WORD.read_text("utf-8"), "text/plain": "x"})
    pasted = text_of(page)
    assert not re.search(r"mso|style=|<span|data-", pasted, re.IGNORECASE)
    page.click("button[name=then-step][value=submit]")
    page.wait_for_selector(".state.submitted")
    path = page.url.partition("?")[0]

    approver = enter(path, "approver")
    approver.click("button[name=then-step][value=publish]")
    approver.wait_for_selector(".state.published")
    approver.goto(f"/bai/{path.rpartition('/')[2]}")
    read = approver.content()
    for kept in (
        "<h2>KẾ HOẠCH CẢI CÁCH HÀNH CHÍNH NĂM 2024</h2>",
        "<h3>Nhiệm vụ</h3>",
        '<ol type="a"><li>Cấp huyện</li><li>Cấp xã</li></ol>',
        "<ul><li>Cán bộ</li><li>Công chức</li></ul>",
        "<p>Điều 1. Ban hành kèm theo Kế hoạch này.</p>",
        '<th colspan="2" scope="col">Nội dung</th>',
        '<td rowspan="2">1</td>',
    ):
        assert kept in read


def test_the_editor_is_vietnamese_and_accessible(enter: Callable[..., Page]) -> None:
    page = enter()
    page.wait_for_selector(EDITABLE)
    assert str(page.get_attribute(EDITABLE, "aria-label")).startswith("Toàn văn")
    labels = page.locator(".ck-toolbar__items [data-cke-tooltip-text]").evaluate_all(
        "found => found.map((e) => e.dataset.ckeTooltipText)"
    )
    for words in (
        "Hoàn tác",
        "Đậm",
        "Chèn liên kết",
        "Liên kết đến một bài của cổng này",
        "Chèn bảng",
    ):
        assert any(label.startswith(words) for label in labels), labels
    assert violations(page) == []


def test_what_the_toolbar_opens_is_accessible(enter: Callable[..., Page]) -> None:
    page = enter()
    keys = page.keyboard
    page.locator(EDITABLE).focus()
    keys.type("Một hai ba")
    for combination, opened in (
        ("Control+F", ".ck-find-and-replace-form"),
        ("Control+K", ".ck-link-form"),
        ("Alt+0", ".ck-accessibility-help-dialog"),
    ):
        keys.press(combination)
        page.wait_for_selector(opened)
        assert violations(page) == [], combination
        keys.press("Escape")
        page.wait_for_selector(opened, state="hidden")
    press_in_toolbar(page, "Chèn bảng")
    keys.press("Enter")
    page.wait_for_selector(".ck-toolbar[aria-label='Thanh công cụ bảng']")
    # The cells of a table that was just made are empty, its headings as well.
    assert [v for v in violations(page) if not v.startswith("empty-table-header:")] == []


def test_the_editor_fits_a_phone(enter: Callable[..., Page]) -> None:
    page = enter(viewport=PHONE)
    box = page.locator(".ck-editor").bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert violations(page) == []


def test_a_picture_that_is_dropped_is_uploaded_and_described(enter: Callable[..., Page]) -> None:
    page = enter()
    put(page, "drop", {}, ("hội nghị.png", "image/png", png()))
    page.wait_for_selector("#editor-alt")
    assert violations(page) == []
    page.keyboard.press("Enter")
    assert "Hãy ghi nội dung" in str(page.text_content("#editor-alt-error"))
    page.fill("#editor-alt", "Hội nghị tổng kết")
    page.keyboard.press("Enter")
    page.wait_for_selector(DIALOG, state="detached")
    assert re.search(r'<img[^>]* src="/tep/\d+/[^"]+"', text_of(page))
    assert 'alt="Hội nghị tổng kết"' in text_of(page)


def test_what_a_picture_shows_is_told_to_the_library_that_does_not_know(
    enter: Callable[..., Page],
) -> None:
    page = enter()
    put(page, "drop", {}, ("le hoi.png", "image/png", png()))
    page.wait_for_selector("#editor-keep")
    assert violations(page) == []
    page.fill("#editor-alt", "Lễ hội cầu ngư")
    with page.expect_response("**/mo-ta") as answered:
        page.keyboard.press("Enter")
    assert answered.value.ok
    page.wait_for_selector(DIALOG, state="detached")
    assert 'alt="Lễ hội cầu ngư"' in text_of(page)
    library = page.context.new_page()
    library.goto(answered.value.url.removesuffix("/mo-ta"))
    assert library.input_value("[name=alt]") == "Lễ hội cầu ngư"


def test_a_picture_may_be_decoration(enter: Callable[..., Page]) -> None:
    page = enter()
    put(page, "paste", {}, ("image.png", "image/png", png()))
    page.wait_for_selector("#editor-decorative")
    page.check("#editor-decorative")
    page.click(f"{DIALOG} button[type=submit]")
    page.wait_for_selector(DIALOG, state="detached")
    assert 'alt=""' in text_of(page)


def test_a_file_that_is_dropped_becomes_a_link(enter: Callable[..., Page]) -> None:
    page = enter()
    put(page, "drop", {}, ("bieu-mau.txt", "text/plain", b"Bi\xe1\xbb\x83u m\xe1\xba\xabu"))
    page.wait_for_selector(f"{EDITABLE} a[href*='/tep/']")
    assert re.search(r'<a href="/tep/\d+/bieu-mau\.txt">bieu-mau\.txt</a>', text_of(page))


def test_a_file_that_is_refused_is_told_and_nothing_is_lost(enter: Callable[..., Page]) -> None:
    page = enter()
    page.locator(EDITABLE).focus()
    page.keyboard.type("Giữ lại")
    put(page, "drop", {}, ("x.exe", "application/x-msdownload", b"MZ"))
    page.wait_for_selector(".editor-note[role=alert]")
    assert "x.exe" in str(page.text_content(".editor-note"))
    assert "Giữ lại" in text_of(page)


def test_a_picture_of_word_is_taken_along(enter: Callable[..., Page]) -> None:
    page = enter()
    picture = f'<img src="data:image/png;base64,{base64.b64encode(png()).decode()}">'
    put(page, "paste", {"text/html": f"<p>Ảnh</p>{picture}<p>Sau</p>"})
    page.wait_for_selector("#editor-alt")
    page.keyboard.press("Escape")
    page.wait_for_selector(DIALOG, state="detached")
    stored = text_of(page)
    assert re.search(r'<p>Ảnh</p><figure[^>]*><img[^>]* src="/tep/\d+/', stored)
    assert "data:" not in stored


def test_a_picture_of_another_site_is_left_out_and_told(enter: Callable[..., Page]) -> None:
    page = enter()
    put(page, "paste", {"text/html": "<p>Tin<img src='https://elsewhere.example/a.png'></p>"})
    page.wait_for_selector(".editor-note")
    assert "<img" not in text_of(page)


def test_a_link_to_an_entry_is_chosen_by_its_title(enter: Callable[..., Page]) -> None:
    page = enter()
    page.locator(EDITABLE).focus()
    page.keyboard.type("Xem ")
    press_in_toolbar(page, "Liên kết đến một bài")
    page.wait_for_selector(f"{DIALOG} .editor-found button")
    assert violations(page) == []
    title = str(page.text_content(".editor-found strong"))
    page.keyboard.type(title)
    page.wait_for_timeout(800)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(DIALOG, state="detached")
    page.keyboard.type(" nhé")
    assert re.fullmatch(rf'<p>Xem <a href="/bai/\d+">{re.escape(title)}</a> nhé</p>', text_of(page))


def test_what_lies_in_the_library_is_put_into_the_text(enter: Callable[..., Page]) -> None:
    page = enter()
    put(page, "drop", {}, ("quy-che.txt", "text/plain", b"Quy ch\xe1\xba\xbf"))
    page.wait_for_selector(f"{EDITABLE} a[href*='/tep/']")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    press_in_toolbar(page, "Hình ảnh hoặc tệp trong thư viện")
    page.wait_for_selector(f"{DIALOG} .editor-found button")
    page.keyboard.type("quy-che")
    page.wait_for_timeout(800)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(DIALOG, state="detached")
    assert re.fullmatch(r'<p><a href="/tep/\d+/quy-che\.txt">quy-che\.txt</a></p>', text_of(page))


def test_what_is_stored_survives_the_editor(enter: Callable[..., Page]) -> None:
    """Whatever the site may store is in the text after somebody has written a word."""
    page = enter()
    page.wait_for_selector(EDITABLE)
    kept = (
        "<h2>a</h2><h3>b</h3><h4>c</h4><p><strong>d</strong><u>e</u><s>f</s><sub>g</sub><sup>h</sup>"
        '<abbr title="Ủy ban nhân dân">UBND</abbr> <a href="/bai/1" title="i">j</a><br>k</p>'
        '<ol type="a" start="3"><li>l<ul><li>m</li></ul></li></ol><blockquote><p>n</p></blockquote>'
        '<figure><img src="/tep/1/a.png" alt="" width="9" height="6"><figcaption>o</figcaption>'
        "</figure><hr><table><caption>p</caption><thead><tr><th>q</th><th>r</th></tr></thead>"
        '<tbody><tr><th>s</th><td rowspan="2">t</td></tr><tr><th>u</th></tr></tbody></table>'
    )
    page.evaluate(
        "html => { const field = document.querySelector('textarea[data-rich-text]');"
        "field.value = html; field.dispatchEvent(new Event('change', { bubbles: true })); }",
        kept,
    )
    page.locator(EDITABLE).focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type("z")
    found = re.sub(r' class="[^"]*"| style="[^"]*"', "", text_of(page)).replace("&nbsp;", " ")
    assert found == kept.replace("<h2>a", "<h2>za")


def test_leaving_a_changed_text_is_noticed(enter: Callable[..., Page]) -> None:
    page = enter()
    page.evaluate(
        "document.addEventListener('input', (event) => { window.heard = event.target.name; })"
    )
    page.locator(EDITABLE).focus()
    page.keyboard.type("a")
    assert text_of(page) == "<p>a</p>"
    assert page.evaluate("window.heard") == "body"


def test_without_scripts_the_field_is_there(live_site: Any, browser: Browser) -> None:
    context = browser.new_context(base_url=live_site.address(UNIT), java_script_enabled=False)
    page = context.new_page()
    page.goto("/quan-tri/dang-nhap")
    page.fill("#email", live_site.accounts["editor"].email)
    page.fill("#password", live_site.accounts["editor"].password)
    page.keyboard.press("Enter")
    page.wait_for_selector(".doors")
    page.goto(NEW)
    assert page.locator("textarea[data-rich-text]").is_visible()
    context.close()
