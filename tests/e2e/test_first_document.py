"""From an invitation to the public page: the work of the desk as people do it, by keyboard only.

A new editor is invited, chooses a password, writes a decision with a table from Word and two PDFs,
gets it back once, corrects it; an approver publishes it; a visitor finds it by search. No mouse is
used at the desk.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.testing.faults import faults
from hoitu.core.testing.keyboard import Keyboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.e2e

UNIT = "phong-dien"
NEWCOMER = "tran.thi.moi@demo.example"
PASSWORD = "mua nang mien trung 2026"
#: Where the approver's next step is: beside saving, or a form of its own.
PUBLISH = "button[name='then-step'][value='publish'], form[action$='/buoc/publish'] button"
#: What Word puts on the clipboard, shortened: styles, its own elements, a table without headings.
WORD = (Path(__file__).parent / "data" / "word-table.html").read_text("utf-8")
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


@pytest.fixture
def people(live_site: Any, browser: Browser) -> Iterator[Callable[[], Page]]:
    """Return a function that gives somebody a browser of their own; nothing may complain in it."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def somebody() -> Page:
        context = browser.new_context(base_url=live_site.address(UNIT), locale="vi-VN")
        contexts.append(context)
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " e => { if (e.effectiveDirective.startsWith('script'))"
            " console.error('policy: ' + e.effectiveDirective + ' ' + e.blockedURI); })"
        )
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield somebody
    for context in contexts:
        context.close()
    assert [c for c in complaints if "status of 422" not in c and "style-src" not in c] == []


def sign_in(page: Page, email: str, password: str) -> Keyboard:
    page.goto("/quan-tri/")
    keys = Keyboard(page)
    keys.type("email", email)
    keys.type("password", password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return keys


def assert_state(page: Page, state: str) -> None:
    told = page.locator(".summary").all_inner_texts()
    assert page.locator(f"main .state.{state}").count() == 1, told


def test_a_new_editor_gets_a_decision_published(live_site: Any, people: Callable[[], Page]) -> None:
    admin = sign_in(people(), *_account(live_site, "platform_admin"))
    _invite(admin, NEWCOMER, "Trần Thị Mới")

    page = people()
    _choose_password(page, _invitation(live_site, NEWCOMER))
    editor = sign_in(page, NEWCOMER, PASSWORD)
    page.goto("/quan-tri/legal_document/moi")
    _write(editor)
    editor.press("button[name='then-step'][value='submit']")
    assert_state(page, "submitted")
    assert faults(page) == []
    path = page.url.split("?")[0].split("#")[0]

    approver = sign_in(people(), *_account(live_site, "approver"))
    approver.page.goto("/quan-tri/")
    assert "217/QĐ-UBND" in approver.page.inner_text("main")
    approver.page.goto(path)
    approver.open("form[action$='/buoc/return'] summary")
    approver.type("note", "Thiếu tên người ký.")
    approver.press("form[action$='/buoc/return'] button[type=submit]")
    assert_state(approver.page, "returned")

    page.goto("/quan-tri/")
    assert "Thiếu tên người ký." in page.inner_text("main")
    page.goto(path)
    editor.type("signer", "Nguyễn Văn Ký")
    editor.press("button[name='then-step'][value='submit']")
    assert_state(page, "submitted")

    approver.page.goto(path)
    approver.press(PUBLISH)
    assert_state(approver.page, "published")
    assert faults(approver.page) == []
    _found_by_visitors(people())


def _account(live_site: Any, role: str) -> tuple[str, str]:
    return live_site.accounts[role].email, live_site.accounts[role].password


def _invite(admin: Keyboard, email: str, name: str) -> None:
    """Make an account, which gets a mail, and give it a role at once."""
    admin.page.goto("/quan-tri/nguoi-dung/moi")
    admin.type("email", email)
    admin.type("name", name)
    admin.press("main button[type=submit]")
    assert email in admin.page.inner_text("main [role=status]")
    admin.choose("role", "Biên tập viên")
    admin.press("main form:has([name='role']) button[type=submit]")
    assert name in admin.page.inner_text("main")


def _invitation(live_site: Any, email: str) -> str:
    """Return the path in the mail that somebody was sent; a demonstration keeps its mails."""
    outbox = Path(live_site.environment["HOITU_INSTANCE"]) / "outbox"
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for kept in outbox.glob("*.eml"):
            mail = message_from_bytes(kept.read_bytes(), policy=default)
            text = mail.get_body(("plain",))
            if email in str(mail["To"]) and text is not None:
                found = re.search(r"/quan-tri/chon-mat-khau/\S+", text.get_content())
                if found:
                    return found[0]
        time.sleep(0.2)
    raise AssertionError(f"{email} got no mail")


def _choose_password(page: Page, path: str) -> None:
    keys = Keyboard(page)
    page.goto(path)
    keys.type("chosen", PASSWORD)
    keys.type("again", PASSWORD)
    keys.press("main button[type=submit]")


def _write(editor: Keyboard) -> None:
    """Fill in a decision: its facts, a text with a table from Word, and two PDFs."""
    editor.choose("requirement", "Văn bản quản lý hành chính")
    editor.choose("kind", "Quyết định")
    editor.type("number", "217/QĐ-UBND")
    editor.type("summary", "Ban hành quy chế quản lý bến thuyền sông Ô Lâu")
    editor.type("issuer", "Ủy ban nhân dân phường Phong Điền")
    editor.type("issued_on", "20/11/2026")
    _paste(editor, WORD)
    editor.attach(
        "attachments",
        {"name": "quyet-dinh.pdf", "mimeType": "application/pdf", "buffer": PDF},
        {"name": "phu-luc.pdf", "mimeType": "application/pdf", "buffer": PDF + b"%2\n"},
    )


def _paste(editor: Keyboard, html: str) -> None:
    """Copy in one window, as Word would, and paste into the editor of the text."""
    word = editor.page.context.new_page()
    word.goto("/quan-tri/dang-nhap")
    word.evaluate(
        "html => document.addEventListener('copy', e => {"
        " e.clipboardData.setData('text/html', html); e.preventDefault(); })",
        html,
    )
    word.keyboard.press("Control+C")
    word.close()
    editor.page.bring_to_front()
    editor.to(".ck-editor__editable")
    editor.page.keyboard.press("Control+V")
    # The table is chosen as a whole now; in its cells the tabulator would go from one to the next.
    editor.page.wait_for_selector(".ck-editor__editable .table.ck-widget_selected")
    editor.page.keyboard.press("Enter")


def _found_by_visitors(visitor: Page) -> None:
    for _attempt in range(30):
        visitor.goto("/tim-kiem?q=ben+thuyen+song+o+lau")
        if "217/QĐ-UBND" in visitor.inner_text("main"):
            break
        visitor.wait_for_timeout(500)
    with visitor.expect_navigation():
        visitor.locator("main a", has_text=re.compile("217/QĐ-UBND|bến thuyền")).first.click()
    text = visitor.inner_text("main")
    assert "Bến thuyền Vân Trình" in text
    assert visitor.locator("main .prose table, main table").count() >= 1
    assert visitor.locator("main [style], main .MsoNormal").count() == 0
    for name in ("quyet-dinh.pdf", "phu-luc.pdf"):
        link = visitor.locator(f"main a[href$='{name}']").first
        read = "async href => (await (await fetch(href)).text()).slice(0, 4)"
        assert visitor.evaluate(read, link.get_attribute("href")) == "%PDF"
