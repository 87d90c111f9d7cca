"""The desk in a browser: no accessibility finding, no policy violation, no mouse needed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from hoitu.core.testing.faults import faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
UNIT = "phong-dien"
NEW = "/quan-tri/legal_document/moi"
PAGES = (
    "/quan-tri/",
    "/quan-tri/legal_document",
    NEW,
    "/quan-tri/news_article/moi",
    "/quan-tri/chuyen-muc",
    "/quan-tri/chuyen-muc/legal_documents.administrative_documents",
    "/quan-tri/nguoi-dung",
    "/quan-tri/nguoi-dung/moi",
    "/quan-tri/nguoi-dung/2",
    "/quan-tri/quyen",
    "/quan-tri/nhat-ky",
    "/quan-tri/nhat-ky/cua-toi",
    "/quan-tri/ra-soat",
    "/quan-tri/thung-rac",
    "/quan-tri/thong-bao",
    "/quan-tri/mat-khau",
    "/quan-tri/viec/tiep-nhan",
    "/quan-tri/viet-moi",
    "/quan-tri/uy-quyen",
    "/quan-tri/thiet-lap",
    "/quan-tri/lien-ket-hong",
    "/quan-tri/thay-the?tim=k%E1%BA%BF+ho%E1%BA%A1ch&thay=ch%C6%B0%C6%A1ng+tr%C3%ACnh&bo-dau=1",
)
#: A refused form is answered with 422, which browsers put on the console.
EXPECTED = "status of 422"


@pytest.fixture
def sign_in(live_site: Any, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that signs somebody in with the keyboard; the console must stay empty."""
    complaints: list[str] = []
    contexts = []

    def enter(role: str, viewport: Any = DESK) -> Page:
        context = browser.new_context(viewport=viewport, base_url=live_site.address(UNIT))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/quan-tri/")
        person = live_site.accounts[role]
        page.locator("#email").focus()
        page.keyboard.type(person.email)
        page.keyboard.press("Tab")
        page.keyboard.type(person.password)
        page.keyboard.press("Enter")
        page.wait_for_selector(".doors", state="attached")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert [c for c in complaints if EXPECTED not in c] == []


def blank() -> str:
    """Return the address of an empty form, whatever the account has left unsaved elsewhere."""
    return f"{NEW}?form={secrets.token_hex(16)}"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_are_accessible(sign_in: Callable[..., Page], viewport: Any) -> None:
    page = sign_in("platform_admin", viewport)
    assert {path: found for path in PAGES if (found := _open(page, path))} == {}


def _open(page: Page, path: str) -> list[str]:
    page.goto(path)
    return faults(page)


def test_the_sign_in_is_accessible(live_site: Any, browser: Browser) -> None:
    page = browser.new_page(base_url=live_site.address(UNIT))
    page.goto("/quan-tri/dang-nhap")
    assert faults(page) == []
    page.close()


def test_an_editor_writes_and_submits_without_a_mouse(sign_in: Callable[..., Page]) -> None:
    page = sign_in("editor")
    page.goto(blank())
    _tab_to(page, "issued_on")
    page.keyboard.type("31/02/2024")
    page.keyboard.press("Enter")
    page.wait_for_selector(".summary")
    assert page.evaluate("document.activeElement.className") == "summary"
    assert faults(page) == []

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "issued_on"
    page.keyboard.press("Control+A")
    page.keyboard.type("27112023")
    _tab_to(page, "requirement")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "kind")
    page.keyboard.press("ArrowDown")
    for name, text in (("number", "77/2023/QĐ-UBND"), ("issuer", "Ủy ban nhân dân huyện")):
        _tab_to(page, name)
        page.keyboard.type(text)
    _tab_to(page, "then-step")
    page.keyboard.press("Enter")
    page.wait_for_selector(".state.submitted")
    assert faults(page) == []


def _tab_to(page: Page, name: str, limit: int = 120) -> None:
    """Move the focus with the tabulator alone until it is on a field or button."""
    for _step in range(limit):
        where = "[document.activeElement.id, document.activeElement.name]"
        if name in page.evaluate(where):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{name} cannot be reached with the keyboard")


def test_leaving_with_unsaved_entries_asks_first(sign_in: Callable[..., Page]) -> None:
    page = sign_in("editor")
    page.goto(blank())
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#number").press_sequentially("1")
    page.goto("/quan-tri/")
    assert asked == ["beforeunload"]


def test_rows_are_added_in_the_browser(sign_in: Callable[..., Page]) -> None:
    page = sign_in("editor")
    page.goto(blank())
    page.locator("summary", has_text="Văn bản liên quan").press("Enter")
    before = int(page.input_value("[name=relations-rows]"))
    page.fill("#relations-2-note", "không chép sang")
    page.locator("[name=relations-more]").press("Enter")
    assert page.input_value("[name=relations-rows]") == str(before + 1)
    assert page.input_value(f"#relations-{before}-note") == ""
    assert page.evaluate("document.activeElement.id") == f"relations-{before}-relation"


def test_what_takes_the_place_of_an_entry_is_chosen_with_the_arrows(
    sign_in: Callable[..., Page],
) -> None:
    page = sign_in("approver")
    page.goto("/quan-tri/legal_document?state=published")
    with page.expect_navigation():
        page.locator("main table a[href^='/quan-tri/legal_document/']").first.click()
    field = page.locator("[data-entry-search] input")
    page.evaluate(
        "for (const one of document.querySelectorAll('details:has([data-entry-search])'))"
        " one.open = true"
    )
    field.first.focus()
    page.keyboard.type("ke hoach")
    finds = page.locator("[data-search-finds] button")
    finds.first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert field.first.input_value().startswith("/")
    assert page.locator("[data-search-status]").first.inner_text()
