"""Pages that ask for an account of level 2, against a real provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

Browser = Callable[..., Any]

#: A section with a page for everybody who signed in, and one for those of level 2.
SECTION = """
from flask import Blueprint
from hoitu.core.access import for_person, for_proved_person
from hoitu.core.hookspecs import hookimpl

class Section:
    @hookimpl
    def register_blueprints(self):
        pages = Blueprint("records", __name__)

        @pages.get("/ho-so")
        @for_person
        def listed():
            return "listed"

        @pages.route("/ho-so/cua-ban", methods=["GET", "POST"])
        @for_proved_person
        def proved():
            return "proved"

        return [pages]

section = Section()
"""


@pytest.fixture
def browser(
    plant: Callable[..., str], make_app: Callable[..., Any], provider: Any, unit: Any,
    agreed: Callable[..., dict[str, Any]], open_browser: Browser,
) -> Any:  # fmt: skip
    """Return a browser at the site of a ward that has the section."""
    plant("records", module=SECTION)
    app = make_app(plugin=agreed(provider, provider={"acr_values": "LoA1"}))
    assert app.extensions["hoitu"].plugins.get("records").state == "active"
    return open_browser(app)


def led_on(browser: Any, path: str) -> str:
    """Return where the page of a path leads whoever may not see it: the sign-in page."""
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def to_provider(browser: Any, page: str) -> str:
    """Press the button on a sign-in page; return the provider's address."""
    text = browser.get(page).text
    begin = text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    return str(browser.get(browser.get(begin).location).location)


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_level_2_is_asked_for_and_opens_the_page(browser: Any, provider: Any) -> None:
    page = led_on(browser, "/ho-so/cua-ban?nam=2026")
    assert "cần tài khoản mức 2" in browser.get(page).text
    away = to_provider(browser, page)
    assert asked(away)["acr_values"].split()[0] == "LoA2" and asked(away)["prompt"] == "login"
    arrived = browser.get(browser.get(provider.sign_in(away, "cong-dan-2")).location)
    assert arrived.location == "/ho-so/cua-ban?nam=2026"
    assert browser.get(arrived.location).text == "proved"


def test_whoever_is_signed_in_with_level_1_signs_in_higher(browser: Any, provider: Any) -> None:
    away = to_provider(browser, led_on(browser, "/ho-so"))
    assert asked(away)["acr_values"] == "LoA1" and "prompt" not in asked(away)
    browser.get(browser.get(provider.sign_in(away, "cong-dan-1")).location)
    assert browser.get("/ho-so").text == "listed"
    before = browser.cookies()["hoitu_person"]
    page = led_on(browser, "/ho-so/cua-ban")
    told = browser.get(page)
    assert told.status_code == 200 and "Bạn đang đăng nhập với mức 1" in told.text
    arrived = browser.get(
        browser.get(provider.sign_in(to_provider(browser, page), "cong-dan-2")).location
    )
    assert arrived.location == "/ho-so/cua-ban"
    assert browser.get(arrived.location).text == "proved"
    assert browser.cookies()["hoitu_person"] != before


def test_a_provider_that_gives_a_lower_level_is_told_plainly(browser: Any, provider: Any) -> None:
    browser.sign_in(provider, "cong-dan-1")
    page = led_on(browser, "/ho-so/cua-ban")
    answer = browser.get(provider.sign_in(to_provider(browser, page), "cong-dan-1"))
    assert answer.status_code == 403 and "cần tài khoản mức 2" in answer.text
    # The way to try again leads to the same page, and what was open stays open.
    assert "https://mot.test/dang-nhap?tiep=%2Fho-so%2Fcua-ban&amp;muc=2" in answer.text
    assert browser.get("/ho-so").text == "listed"
    assert led_on(browser, "/ho-so/cua-ban") == page


def test_the_level_is_that_of_this_sign_in_and_not_of_an_earlier_one(
    browser: Any, provider: Any
) -> None:
    browser.sign_in(provider, "cong-dan-2")
    assert browser.get("/ho-so/cua-ban").text == "proved"
    browser.sign_out()
    # The same person, whom the provider asked for less this time.
    provider.fail(claims={"loAs": "LoA1"})
    browser.sign_in(provider, "cong-dan-2")
    assert browser.get("/ho-so").text == "listed"
    assert "muc=2" in led_on(browser, "/ho-so/cua-ban")


def test_nobody_raises_a_level_by_hand(browser: Any, provider: Any) -> None:
    page = led_on(browser, "/ho-so/cua-ban").replace("&muc=2", "").replace("muc=2&", "")
    browser.get(browser.get(provider.sign_in(to_provider(browser, page), "cong-dan-1")).location)
    assert browser.is_signed_in() and "muc=2" in led_on(browser, "/ho-so/cua-ban")
    for told in ("3", "0", "x", ""):
        assert browser.get(f"/dang-nhap?tiep=/ho-so&muc={told}").location == "/ho-so"


def test_a_form_of_such_a_page_is_closed_too(browser: Any, provider: Any) -> None:
    browser.sign_in(provider, "cong-dan-1")
    answer = browser.post("/ho-so/cua-ban", data=browser.form_token())
    assert answer.status_code == 303 and "muc=2" in answer.location


def test_somebody_comes_back_to_the_page_in_their_language(browser: Any, provider: Any) -> None:
    page = led_on(browser, "/en/ho-so")
    assert page.startswith("/en/dang-nhap?")
    arrived = browser.get(
        browser.get(provider.sign_in(to_provider(browser, page), "cong-dan-1")).location
    )
    assert arrived.location == "/en/ho-so"
