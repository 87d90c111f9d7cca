"""Signing out: here at once, and at the provider without telling anybody who it is."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from sqlalchemy import func, select

from hoitu.core.people import PersonSession

if TYPE_CHECKING:
    from hoitu.core.app import Portal
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit

Browser = Callable[..., Any]
NAME, NUMBER = "Nguyễn Thị Thử Nghiệm", "046000000001"


def way_out(page: Any, provider: Any) -> str:
    """Return where a page leads to sign out at the provider too; '' when nowhere."""
    found = re.search(rf'href="({provider.issuer}/[^"]+)"', page.text)
    return unescape(found[1]) if found else ""


def test_signing_out_ends_the_session_here_and_shows_the_way_there(
    visitor: Browser, provider: Any, platform: Platform
) -> None:
    browser = visitor()
    browser.sign_in(provider)
    page = browser.sign_out()
    assert page.status_code == 200 and not browser.is_signed_in()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "hoitu_person" not in browser.cookies()
    with platform.open_session(False) as session:
        assert session.scalar(select(func.count()).select_from(PersonSession)) == 0
    asked = parse_qs(urlsplit(way_out(page, provider)).query)
    assert asked["post_logout_redirect_uri"] == ["https://tinh.test/dang-xuat/xong"]
    back = browser.get(f"https://tinh.test/dang-xuat/xong?state={asked['state'][0]}")
    assert back.status_code == 200 and "https://mot.test/" in back.text


def test_the_address_of_the_way_out_tells_nobody_who_signs_out(
    visitor: Browser, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hoitu.core.oidc import OidcClient

    tokens: list[dict[str, Any]] = []
    parsed = OidcClient._parsed

    def watched(self: OidcClient, app: Any, token: Any, nonce: str) -> Any:
        tokens.append(dict(token))
        return parsed(self, app, token, nonce)

    monkeypatch.setattr(OidcClient, "_parsed", watched)
    browser = visitor()
    browser.sign_in(provider)
    (token,) = tokens
    body = token["id_token"].split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    address = way_out(browser.sign_out(), provider)
    asked = parse_qs(urlsplit(address).query)
    assert set(asked) == {"client_id", "post_logout_redirect_uri", "state"}
    # A service as it is may write name and number into the token; even this one names a subject.
    for personal in (told["sub"], NAME, NUMBER, token["id_token"], token["access_token"]):
        assert personal not in address


def test_nothing_of_the_tokens_is_kept(visitor: Browser, provider: Any, platform: Platform) -> None:
    visitor().sign_in(provider)
    with platform.open_session(False) as session:
        assert session.scalars(select(PersonSession.way_out_sealed)).all() == [""]


def test_signing_out_at_the_provider_ends_its_session_and_leads_back(
    visitor: Browser, provider: Any
) -> None:
    browser = visitor()
    with requests.Session() as there:
        browser.get(browser.get(provider.sign_in(browser.leave(), "cong-dan-2", there)).location)
        page = there.get(way_out(browser.sign_out(), provider), timeout=10)
        form = re.search(r'action="([^"]+)".*?name="xsrf" value="([^"]+)"', page.text, re.S)
        assert form, page.text
        sent = {"xsrf": form[2], "logout": "yes"}
        answer = there.post(form[1], data=sent, allow_redirects=False, timeout=10)
        back = browser.get(answer.headers["location"])
        assert back.status_code == 200 and "https://mot.test/" in back.text
        # It asks anew who somebody is.
        away = there.get(browser.leave(), allow_redirects=False, timeout=10)
        assert "/interaction/" in urljoin(provider.issuer, away.headers["location"])


def test_a_way_out_that_the_service_told_is_shown_on_agreed_hosts_only(
    make_app: Callable[..., Portal], provider: Any, open_browser: Browser,
    agreed: Callable[..., dict[str, Any]], platform: Platform,
) -> None:  # fmt: skip
    provider.fail(
        claims={"logoutUri": "https://sso.example/out?token_id=abc"},
        **{"_.well-known/openid-configuration": {"drop": ["end_session_endpoint"]}},
    )
    for hosts, shown in ((["sso.example"], True), ([], False)):
        browser = open_browser(make_app(plugin=agreed(provider, logout_hosts=hosts)))
        browser.sign_in(provider)
        with platform.open_session(False) as session:
            assert not any("token_id" in way for way in session.scalars(
                select(PersonSession.way_out_sealed)))  # fmt: skip
        page = browser.sign_out()
        assert ("https://sso.example/out?token_id=abc" in page.text) is shown
        assert "đóng trình duyệt" in page.text or shown


def test_a_sign_out_needs_our_own_form(visitor: Browser, provider: Any) -> None:
    browser = visitor()
    browser.sign_in(provider)
    assert browser.post("/dang-xuat").status_code == 400 and browser.is_signed_in()
    assert browser.post("/cua-toi/thoat-moi-noi").status_code == 400 and browser.is_signed_in()


def test_signing_out_twice_does_no_harm(visitor: Browser, provider: Any) -> None:
    browser = visitor()
    browser.sign_in(provider)
    fields = browser.form_token()
    for _tab in range(2):
        page = browser.post("/dang-xuat", data=fields)
        assert page.status_code == 200 and way_out(page, provider)


def test_signing_out_everywhere_ends_all_sessions_of_this_person_alone(
    visitor: Browser, provider: Any, other_unit: Unit
) -> None:
    here, there, stranger = visitor(), visitor(other_unit), visitor()
    here.sign_in(provider)
    there.sign_in(provider)
    stranger.sign_in(provider, "cong-dan-1")
    page = here.post("/cua-toi/thoat-moi-noi", data=here.form_token())
    assert page.status_code == 200 and way_out(page, provider)
    assert not here.is_signed_in() and not there.is_signed_in() and stranger.is_signed_in()
