"""Forms of visitors in a browser: with scripts it reckons unseen, without any they go off as well.

Each browser says that it sits in a network of its own, as a proxy in front of the site would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Response

    from hoitu.core.testing.live import LiveSite

pytestmark = pytest.mark.e2e

#: Another ward than the one whose forms other tests send.
WARD = "phuong-hoa-chau"
FORM = "/hoi-dap/gui?viet=1"
#: So long nobody sends a form, in milliseconds.
SHORTEST = 3_200


@pytest.fixture
def open_form(live_site: LiveSite, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens the form in a network; no page may complain to the console."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def enter(network: str, scripts: bool = True) -> Page:
        context = browser.new_context(
            java_script_enabled=scripts,
            base_url=live_site.address(WARD),
            extra_http_headers={"X-Forwarded-For": network},
            viewport={"width": 360, "height": 740},
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(FORM)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert [c for c in complaints if "status of 429" not in c] == []


def fill(page: Page, words: str) -> None:
    page.fill("[name=title]", words)
    page.select_option("[name=topic]", index=1)
    page.fill("[name=question]", words)
    page.fill("[name=asker_name]", "Nguyễn Thị Mẫu")
    page.check("[name=no_complaint]")
    page.check("[name=agrees]")


def send(page: Page) -> Response:
    page.wait_for_timeout(SHORTEST)
    with page.expect_navigation() as told:
        page.click("main form.form button[type=submit]")
    response: Any = told.value
    return response  # type: ignore[no-any-return]


def test_a_browser_proves_unseen_that_it_took_the_trouble(open_form: Callable[..., Page]) -> None:
    page = open_form("113.160.1.1")
    assert page.input_value("[name=form-proof]") == "", "nobody writes yet"
    for number in range(3):
        if number:
            page.goto(FORM)
        fill(page, f"Câu hỏi có kịch bản {number}")
        # Not wait_for_function: at its second look it evaluates a text, which the policy stops.
        page.evaluate(
            "async () => { while (!document.querySelector('[name=form-proof]').value)"
            " await new Promise(requestAnimationFrame) }"
        )
        assert send(page).status == 200, "a third one without a proof would come back"
        assert "/hoi-dap/tra-cuu?ma=" in page.url


def test_who_is_quicker_than_the_reckoning_sends_as_well(open_form: Callable[..., Page]) -> None:
    page = open_form("113.160.1.2")
    # Filled in by the browser itself: nothing of the form ever has the focus.
    page.evaluate(
        """() => {
          const named = (name) => document.querySelector(`main [name=${name}]`);
          for (const name of ["title", "question", "asker_name"]) named(name).value = "Vội";
          named("topic").selectedIndex = 1;
          for (const name of ["no_complaint", "agrees"]) named(name).checked = true;
        }"""
    )
    page.wait_for_timeout(SHORTEST)
    assert page.input_value("[name=form-proof]") == ""
    with page.expect_navigation():
        # Pressed twice.
        page.evaluate(
            "const form = document.querySelector('main form.form');"
            "form.requestSubmit(); form.requestSubmit();"
        )
    assert "/hoi-dap/tra-cuu?ma=" in page.url


def test_without_scripts_forms_are_taken_and_beyond_the_limit_come_back_whole(
    open_form: Callable[..., Page],
) -> None:
    page = open_form("113.160.1.3", scripts=False)
    for number in range(2):
        page.goto(FORM)
        fill(page, f"Câu hỏi không kịch bản {number}")
        assert send(page).status == 200
        assert "/hoi-dap/tra-cuu?ma=" in page.url
    page.goto(FORM)
    fill(page, "Câu hỏi thứ ba")
    refused = send(page)
    assert refused.status == 429
    assert refused.headers["retry-after"] == "3600"
    assert page.is_visible(".form-summary")
    assert page.input_value("[name=title]") == "Câu hỏi thứ ba"
    assert page.is_checked("[name=agrees]")
