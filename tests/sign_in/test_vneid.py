"""Signing in with VNeID against a real provider: what is sent, what is believed, what is kept."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import func, select

from hoitu.core.oidc import Limits
from hoitu.core.oidc.steps import LoginStep
from hoitu.core.people import Identity, Known, Person, identities
from hoitu.core.web import Limit

if TYPE_CHECKING:
    from hoitu.core.app import Portal
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit

#: What the tests' provider is agreed with.
CLIENT, SECRET = "hoitu-test", "loopback-only-not-a-secret-0123456789"
NAME, NUMBER = "Nguyễn Thị Thử Nghiệm", "046000000001"
Browser = Callable[..., Any]
Agreed = Callable[..., dict[str, Any]]
People = Callable[[], list[Person]]
Run = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def people(platform: Platform) -> People:
    """Return a function that reads everybody who ever signed in."""

    def read() -> list[Person]:
        with platform.open_session(False) as session:
            return list(session.scalars(select(Person).order_by(Person.id)).unique())

    return read


def changed(address: str, **parameters: str | None) -> str:
    """Return an address with other parameters; None takes one away."""
    parts = urlsplit(address)
    told = {**dict(parse_qsl(parts.query)), **parameters}
    kept = {name: value for name, value in told.items() if value is not None}
    return urlunsplit(parts._replace(query=urlencode(kept)))


# -- the whole way ---------------------------------------------------------------------------------


def test_a_citizen_signs_in_at_a_site_of_a_unit(
    visitor: Browser, provider: Any, people: People
) -> None:
    browser = visitor()
    away = browser.leave("/van-ban")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(away).query).items()}
    assert asked["response_type"] == "code" and asked["scope"] == "openid"
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 20 and len(asked["nonce"]) >= 20
    assert (
        asked["acr_values"] == "LoA2" and asked["redirect_uri"] == "https://tinh.test/dang-nhap/ve"
    )
    answer = browser.get(provider.sign_in(away, "cong-dan-2"))
    assert urlsplit(answer.location).netloc == "mot.test"
    arrived = browser.get(answer.location)
    assert (arrived.status_code, arrived.location) == (302, "/van-ban")
    mine = browser.get("/cua-toi")
    assert mine.status_code == 200 and NAME in mine.text and "mức 2" in mine.text
    assert mine.headers["Cache-Control"] == "private, no-store"
    (person,) = people()
    assert (person.name, person.kind) == (NAME, 1) and person.number_mark


@pytest.mark.parametrize(
    ("who", "kind", "name", "has_number", "level"),
    [
        ("cong-dan-1", 1, "Trần Văn Mẫu", False, 1),
        ("doanh-nghiep", 2, "Công ty TNHH Thử Nghiệm", True, 2),
        ("to-chuc", 3, "Hội Khuyến học Thử Nghiệm", False, 2),
        ("khong-so", 1, "Lê Không Số", False, 1),
    ],
)
def test_all_kinds_of_account(
    visitor: Browser, provider: Any, people: People,
    who: str, kind: int, name: str, has_number: bool, level: int,
) -> None:  # fmt: skip
    browser = visitor()
    browser.sign_in(provider, who)
    assert browser.is_signed_in()
    (person,) = people()
    assert (person.name, person.kind, bool(person.number_mark)) == (name, kind, has_number)
    assert f"mức {level}" in browser.get("/cua-toi").text


@pytest.mark.parametrize(
    "claims",
    [{"LoaiTaiKhoan": 2, "IAL": "2"}, {"LoaiTaiKhoan": "2", "IAL": 2}],
    ids=["as the front of the database writes", "as the service portal writes"],
)
def test_numbers_come_as_numbers_or_as_text(
    visitor: Browser, provider: Any, people: People, claims: dict[str, Any]
) -> None:
    provider.fail(claims=claims)
    visitor().sign_in(provider, "doanh-nghiep")
    (person,) = people()
    assert person.kind == 2


@pytest.mark.parametrize("kind", ["4", "x", True, 1.5, ["1"], {"a": 1}])
def test_a_kind_that_is_not_known_is_refused(
    visitor: Browser, provider: Any, people: People, kind: Any
) -> None:
    provider.fail(claims={"LoaiTaiKhoan": kind})
    browser = visitor()
    answer = browser.sign_in(provider)
    # What is no text and no number is as if it were not there, and an account without is a citizen.
    if isinstance(kind, str):
        assert answer.status_code == 403 and not people()
    else:
        assert people()[0].kind == 1


@pytest.mark.parametrize("wrong", ["", "   ", None, 7.5, {}, []])
def test_nobody_without_a_name(visitor: Browser, provider: Any, people: People, wrong: Any) -> None:
    provider.fail(claims={"HoVaTen": wrong, "fullName": wrong})
    assert visitor().sign_in(provider).status_code == 403
    assert not people()


def test_a_name_comes_whole_and_in_nfc(visitor: Browser, provider: Any, people: People) -> None:
    provider.fail(claims={"HoVaTen": "  Nguye\u0302\u0303n   Thi\u0323 Thu\u031b\u0309 "})
    visitor().sign_in(provider)
    assert people()[0].name == "Nguyễn Thị Thử"


# -- what is not believed --------------------------------------------------------------------------


def test_an_answer_in_another_browser_is_refused_and_the_rightful_one_goes_on(
    visitor: Browser, provider: Any
) -> None:
    mine, other = visitor(), visitor()
    other.leave()
    back = provider.sign_in(mine.leave(), "cong-dan-2")
    assert other.get(back).status_code == 400 and not other.is_signed_in()
    arrived = mine.get(mine.get(back).location)
    assert arrived.status_code == 302 and mine.is_signed_in()


def test_nobody_is_signed_in_as_somebody_else_by_a_link(visitor: Browser, provider: Any) -> None:
    attacker, victim = visitor(), visitor()
    victim.leave()
    handover = attacker.get(provider.sign_in(attacker.leave(), "cong-dan-2")).location
    assert victim.get(handover).status_code == 400 and not victim.is_signed_in()
    # It was not used up by that.
    assert attacker.get(handover).status_code == 302 and attacker.is_signed_in()


def test_an_answer_counts_once(visitor: Browser, provider: Any) -> None:
    browser = visitor()
    back = provider.sign_in(browser.leave(), "cong-dan-2")
    handover = browser.get(back).location
    assert browser.get(back).status_code == 400
    assert browser.get(handover).status_code == 302
    # The back button: whoever is signed in is led on; whoever is not learns what to do.
    again = browser.get(handover)
    assert (again.status_code, again.location) == (302, "/cua-toi")
    browser.client.delete_cookie("hoitu_person", domain="mot.test")
    assert browser.get(handover).status_code == 400


def test_a_code_of_another_sign_in_is_refused(
    visitor: Browser, provider: Any, people: People
) -> None:
    attacker, victim = visitor(), visitor()
    stolen = parse_qs(urlsplit(provider.sign_in(attacker.leave(), "cong-dan-1")).query)["code"][0]
    back = provider.sign_in(victim.leave(), "cong-dan-2")
    # The provider gives nothing for a code without the secret of the browser that it was made for.
    assert victim.get(changed(back, code=stolen)).status_code == 403
    assert not victim.is_signed_in() and not people()


def test_the_provider_demands_what_guards_the_code(visitor: Browser, provider: Any) -> None:
    browser = visitor()
    bare = changed(browser.leave(), code_challenge=None, code_challenge_method=None)
    answer = requests.get(bare, allow_redirects=False, timeout=10)
    assert "error=invalid_request" in answer.headers["location"]
    page = browser.get(answer.headers["location"])
    assert page.status_code == 502 and not browser.is_signed_in()


def test_somebody_who_says_no_is_led_back(visitor: Browser, provider: Any) -> None:
    browser = visitor()
    answer = browser.get(provider.sign_in(browser.leave("/van-ban"), ""))
    assert answer.status_code == 200 and "Bạn chưa đăng nhập" in answer.text
    # Where they wanted to go is not forgotten.
    assert "https://mot.test/dang-nhap?tiep=%2Fvan-ban" in answer.text
    assert not browser.is_signed_in()


def test_a_level_below_what_is_asked_for_is_refused(
    make_app: Callable[..., Portal], provider: Any, open_browser: Browser, agreed: Agreed
) -> None:
    app = make_app(plugin=agreed(provider, minimum_level=2))
    browser = open_browser(app)
    # LoA2 was asked for; the provider answered LoA1.
    answer = browser.sign_in(provider, "cong-dan-1")
    assert answer.status_code == 403 and "mức" in answer.text and not browser.is_signed_in()
    assert browser.sign_in(provider, "cong-dan-2").status_code == 302 and browser.is_signed_in()


@pytest.mark.parametrize(
    "claims",
    [{"loAs": "LoA1"}, {"IAL": 1}, {"loAs": "LoA9"}],
    ids=["told lower", "lower identity", "not known"],
)
def test_the_lowest_level_that_is_told_counts(
    make_app: Callable[..., Portal],
    provider: Any,
    open_browser: Browser,
    agreed: Agreed,
    claims: dict[str, Any],
) -> None:
    provider.fail(claims=claims)
    app = make_app(plugin=agreed(provider, minimum_level=2))
    assert open_browser(app).sign_in(provider).status_code == 403


def test_an_answer_of_another_issuer_is_refused(visitor: Browser, provider: Any) -> None:
    for wrong in ("https://boese.example", None):
        browser = visitor()
        back = provider.sign_in(browser.leave(), "cong-dan-2")
        assert browser.get(changed(back, iss=wrong)).status_code == 403
        assert not browser.is_signed_in()


TOKENS = {
    "issuer": {"set": {"iss": "https://boese.example"}},
    "no issuer": {"set": {"iss": None}},
    "audience": {"set": {"aud": "other"}},
    "audience with our azp": {"set": {"aud": "other", "azp": CLIENT}},
    "no audience": {"set": {"aud": None}},
    "nonce": {"set": {"nonce": "other"}},
    "no nonce": {"set": {"nonce": None}},
    "no nonce, said not to be known": {"set": {"nonce": None, "nonce_supported": False}},
    "subject": {"set": {"sub": "somebody else"}},
    "no subject": {"set": {"sub": None}},
    "a foreign key": {"foreign": True},
    "no signature": {"alg": "none"},
    "our secret as key": {"alg": "HS256"},
    "a key it brings": {"foreign": True, "header": {"kid": None, "jwk": {"kty": "oct", "k": "AA"}}},
    "three minutes early": {"skew": 180},
    "over for an hour": {"skew": -7200},
    "no end": {"set": {"exp": None}},
    "an access token's hash": {"set": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_token_that_proves_nothing_is_refused(
    visitor: Browser, provider: Any, people: People, token: dict[str, Any]
) -> None:
    browser = visitor()
    # The second time, too: what is demanded is not used up by the first.
    for _time in range(2):
        provider.fail(_token={"token": token})
        answer = browser.sign_in(provider)
        assert answer.status_code == 403, answer.text
        assert not browser.is_signed_in() and not people()
    provider.fail()
    assert browser.sign_in(provider).status_code == 302 and browser.is_signed_in()


@pytest.mark.parametrize("skew", [-25, 25])
def test_a_clock_may_be_off_by_half_a_minute(visitor: Browser, provider: Any, skew: int) -> None:
    provider.fail(_token={"token": {"skew": skew}})
    browser = visitor()
    browser.sign_in(provider)
    assert browser.is_signed_in()


@pytest.mark.parametrize("missing", ["id_token", "access_token"])
def test_an_answer_without_a_token_is_refused(
    visitor: Browser, provider: Any, missing: str
) -> None:
    provider.fail(_token={"drop": [missing]})
    browser = visitor()
    assert browser.sign_in(provider).status_code in (403, 502) and not browser.is_signed_in()


def test_user_information_of_somebody_else_is_refused(visitor: Browser, provider: Any) -> None:
    provider.fail(_me={"merge": {"sub": "somebody else"}})
    browser = visitor()
    assert browser.sign_in(provider).status_code == 403 and not browser.is_signed_in()


# -- a provider out of order -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["_token", "_me"])
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503, "body": {"error": "server_error"}},
        {"status": 302, "location": "http://127.0.0.1:1/elsewhere"},
        {"status": 200, "body": "<html>not JSON</html>"},
        {"status": 200, "body": ["a", "list"]},
        {"huge": 1_500_000},
        {"delay": 2500},
        {"drip": 50},
    ],
    ids=["500", "503", "redirect", "HTML", "list", "1.5 MB", "slow", "letter by letter"],
)
def test_a_provider_out_of_order_is_told(
    app: Portal, visitor: Browser, provider: Any, path: str, fault: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from hoitu.plugins.vneid.login import current

    with app.app_context():
        login: Any = current()
    monkeypatch.setattr(login._client, "_limits", Limits(connect=1, whole=1))
    browser = visitor()
    provider.fail(**{path: fault})
    answer = browser.sign_in(provider)
    assert answer.status_code in (403, 502), answer.text
    assert "đăng nhập" in answer.text and not browser.is_signed_in()
    provider.fail()
    monkeypatch.undo()
    login._client._app = None
    assert browser.sign_in(provider).status_code == 302 and browser.is_signed_in()


def test_keys_that_cannot_be_had_are_told(
    make_app: Callable[..., Portal], provider: Any, open_browser: Browser, agreed: Agreed
) -> None:
    browser = open_browser(make_app(plugin=agreed(provider)))
    provider.fail(_jwks={"status": 503})
    assert browser.sign_in(provider).status_code == 502
    provider.fail()
    assert browser.sign_in(provider).status_code == 302


def test_a_provider_that_is_away_takes_nothing_else_with_it(
    make_app: Callable[..., Portal], provider: Any, open_browser: Browser, agreed: Agreed
) -> None:
    told = agreed(provider, provider={"discovery_url": "http://127.0.0.1:1/x"})
    browser = open_browser(make_app(plugin=told))
    assert browser.get("/").status_code == 200 and browser.get("/dang-nhap").status_code == 200
    page = browser.get(browser.get("/dang-nhap/bat-dau").location)
    assert page.status_code == 502 and "https://mot.test/dang-nhap" in page.text


def test_a_provider_that_is_away_is_not_waited_for_by_everybody(
    make_app: Callable[..., Portal], provider: Any, open_browser: Browser, agreed: Agreed
) -> None:
    from hoitu.plugins.vneid.login import current

    app = make_app(plugin=agreed(provider))
    browser, metadata = open_browser(app), "/.well-known/openid-configuration"
    provider.fail(**{"_.well-known/openid-configuration": {"status": 503}})
    before = provider.asked().get(metadata, 0)
    for _time in range(3):
        assert browser.get(browser.get("/dang-nhap/bat-dau").location).status_code == 502
    assert provider.asked()[metadata] == before + 1
    provider.fail()
    with app.app_context():
        login: Any = current()
    login._client._away -= 11
    assert browser.sign_in(provider).status_code == 302


def test_a_new_key_is_found_under_a_new_name_and_under_the_old(
    make_app: Callable[..., Portal],
    run_provider: Run,
    tmp_path: Path,
    open_browser: Browser,
    agreed: Agreed,
) -> None:
    with run_provider() as op:
        app = make_app(plugin=agreed(op))
        assert open_browser(app).sign_in(op).location == "/cua-toi"
        op.stop()
        op.start(KID="k2")
        assert open_browser(app).sign_in(op).location == "/cua-toi"
        op.stop()
        (tmp_path / "keys" / "k2.pem").unlink()
        op.start(KID="k2")
        assert open_browser(app).sign_in(op).location == "/cua-toi"


# -- addresses that were agreed --------------------------------------------------------------------


def by_hand(agreed: Agreed, provider: Any, **more: str) -> dict[str, Any]:
    told = {
        "discovery_url": "",
        "authorize_url": f"{provider.issuer}/auth",
        "token_url": f"{provider.issuer}/token",
        "jwks_url": f"{provider.issuer}/jwks",
        "userinfo_url": f"{provider.issuer}/me",
        "end_session_url": f"{provider.issuer}/session/end",
    }
    return agreed(provider, provider={**told, **more})


@pytest.mark.parametrize("wrong", ["issuer", "audience with our azp", "no nonce", "no signature"])
def test_addresses_written_by_hand_are_checked_as_strictly(
    make_app: Callable[..., Portal],
    provider: Any,
    open_browser: Browser,
    agreed: Agreed,
    wrong: str,
) -> None:
    browser = open_browser(make_app(plugin=by_hand(agreed, provider)))
    provider.fail(_token={"token": TOKENS[wrong]})
    assert browser.sign_in(provider).status_code == 403 and not browser.is_signed_in()
    provider.fail()
    assert browser.sign_in(provider).status_code == 302 and browser.is_signed_in()


METADATA = {
    "another issuer": {"issuer": "https://boese.example"},
    "keys elsewhere": {"jwks_uri": "https://boese.example/jwks"},
    "tokens elsewhere": {"token_endpoint": "http://boese.example/token"},
    "no encryption": {"userinfo_endpoint": "ftp://127.0.0.1/me"},
    "weak signatures": {"id_token_signing_alg_values_supported": ["HS256", "none"]},
}


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA.keys())
def test_metadata_that_are_not_as_agreed_are_refused(
    make_app: Callable[..., Portal], provider: Any, open_browser: Browser, agreed: Agreed,
    metadata: dict[str, Any],
) -> None:  # fmt: skip
    browser = open_browser(make_app(plugin=agreed(provider)))
    provider.fail(**{"_.well-known/openid-configuration": {"merge": metadata}})
    page = browser.get(browser.get("/dang-nhap/bat-dau").location)
    assert page.status_code == 403
    provider.fail()
    assert browser.sign_in(provider).status_code == 302


SETTINGS = {
    "a key nobody knows": ({"colour": "red"}, "colour"),
    "no issuer": ({"provider": {"issuer": None}}, "issuer"),
    "not encrypted": ({"provider": {"discovery_url": "http://boese.example/x"}}, "https://"),
    "another host": ({"provider": {"discovery_url": "https://boese.example/x"}}, "hosts"),
    "no signature": ({"provider": {"algorithms": ["none"]}}, "algorithms"),
    "no openid": ({"provider": {"scope": "email"}}, "openid"),
    "no table": ({"flavour": "envelope"}, "envelope"),
}


@pytest.mark.parametrize(("told", "named"), SETTINGS.values(), ids=SETTINGS.keys())
def test_settings_that_cannot_be_used_stop_the_plugin_with_the_reason(
    make_app: Callable[..., Portal],
    provider: Any,
    open_browser: Browser,
    agreed: Agreed,
    told: dict[str, Any],
    named: str,
) -> None:
    app = make_app(plugin=agreed(provider, **told))
    plugin = app.extensions["hoitu"].plugins.get("vneid")
    assert plugin.state == "blocked" and named in plugin.reason
    assert "settings.toml" in plugin.reason and SECRET not in plugin.reason
    browser = open_browser(app)
    assert browser.get("/").status_code == 200 and browser.get("/dang-nhap").status_code == 404


def test_nobody_signs_in_where_nothing_is_set_up(
    make_app: Callable[..., Portal], open_browser: Browser
) -> None:
    browser = open_browser(make_app())
    page = browser.get("/")
    assert page.status_code == 200 and "/dang-nhap" not in page.text
    assert browser.get("/dang-nhap").status_code == 404
    assert browser.get("/dang-nhap/bat-dau").status_code == 404


# -- sessions --------------------------------------------------------------------------------------


def test_a_cookie_of_one_site_opens_nothing_on_another(
    visitor: Browser, provider: Any, other_unit: Unit
) -> None:
    browser, thief = visitor(), visitor(other_unit)
    browser.sign_in(provider)
    stolen = browser.cookies()["hoitu_person"]
    thief.client.set_cookie("hoitu_person", stolen, domain=thief.unit)
    assert not thief.is_signed_in()
    thief.client.set_cookie("hoitu_person", stolen, domain="tinh.test")
    assert not thief.is_signed_in("tinh.test")
    assert browser.is_signed_in()


def test_a_session_prepared_by_somebody_else_is_over_after_signing_in(
    visitor: Browser, provider: Any
) -> None:
    attacker, victim = visitor(), visitor()
    attacker.sign_in(provider, "cong-dan-1")
    prepared = attacker.cookies()["hoitu_person"]
    victim.client.set_cookie("hoitu_person", prepared, domain=victim.unit)
    assert victim.is_signed_in()
    victim.client.delete_cookie("hoitu_person", domain=victim.unit)
    away = victim.leave()
    victim.client.set_cookie("hoitu_person", prepared, domain=victim.unit)
    victim.get(victim.get(provider.sign_in(away, "cong-dan-2")).location)
    assert victim.cookies()["hoitu_person"] != prepared and NAME in victim.get("/cua-toi").text
    assert not attacker.is_signed_in()


def test_two_tabs_sign_in_beside_each_other(visitor: Browser, provider: Any) -> None:
    browser = visitor()
    first, second = browser.leave("/van-ban"), browser.leave("/tin-tuc")
    backs = [provider.sign_in(away, "cong-dan-2") for away in (first, second)]
    arrived = [browser.get(browser.get(back).location) for back in backs]
    assert [one.location for one in arrived] == ["/van-ban", "/tin-tuc"]
    assert browser.is_signed_in()


def test_many_sign_ins_that_nobody_finished_do_no_harm(visitor: Browser, provider: Any) -> None:
    browser = visitor()
    for _tab in range(60):
        browser.leave()
    assert sum(len(value) for value in browser.cookies("tinh.test").values()) < 200
    browser.sign_in(provider)
    assert browser.is_signed_in()


def test_programs_cannot_begin_sign_ins_without_end(
    visitor: Browser, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hoitu.core.web.relay.BEGUN", Limit("sign-in", 3))
    browser = visitor()
    for _tab in range(3):
        browser.leave()
    page = browser.get(browser.get("/dang-nhap/bat-dau").location)
    assert page.status_code == 429


def test_a_picture_on_another_page_begins_no_sign_in(visitor: Browser, provider: Any) -> None:
    browser = visitor()
    ticket = urlsplit(browser.get("/dang-nhap/bat-dau").location)
    answers = {
        kind: browser.client.get(
            f"{ticket.path}?{ticket.query}", headers={"Host": ticket.netloc, "Sec-Fetch-Dest": kind}
        ).status_code
        for kind in ("image", "iframe", "document")
    }
    assert answers == {"image": 400, "iframe": 400, "document": 302}


def test_what_a_sign_in_needs_stays_on_the_server(
    visitor: Browser, provider: Any, platform: Platform
) -> None:
    browser = visitor()
    browser.leave()
    cookies = {**browser.cookies(), **browser.cookies("tinh.test")}
    assert all(re.fullmatch(r"[\w-]{43}", value) for value in cookies.values())
    with platform.open_session(False) as session:
        (step,) = session.scalars(select(LoginStep))
        assert not {step.token_hash, step.browser_hash} & set(cookies.values())
        assert "verifier" not in step.kept_sealed


def test_a_session_ends_by_itself(visitor: Browser, provider: Any, clock: Any) -> None:
    browser = visitor()
    browser.sign_in(provider)
    for _time in range(3):
        clock.move(timedelta(minutes=20))
        assert browser.is_signed_in()
    clock.move(timedelta(minutes=31))
    assert not browser.is_signed_in()
    browser.sign_in(provider)
    for _time in range(8 * 3):
        clock.move(timedelta(minutes=20))
        browser.get("/cua-toi")
    clock.move(timedelta(minutes=1))
    assert not browser.is_signed_in()


def test_a_step_that_takes_too_long_is_over(
    visitor: Browser, provider: Any, clock: Any, platform: Platform, drain: Callable[[], None]
) -> None:
    browser = visitor()
    back = provider.sign_in(browser.leave(), "cong-dan-2")
    clock.move(timedelta(minutes=16))
    assert browser.get(back).status_code == 400
    handover = browser.get(provider.sign_in(browser.leave(), "cong-dan-2")).location
    clock.move(timedelta(minutes=2))
    assert browser.get(handover).status_code == 400
    ticket = browser.get("/dang-nhap/bat-dau").location
    clock.move(timedelta(minutes=11))
    assert browser.get(ticket).status_code == 400
    clock.move(timedelta(hours=3))
    drain()
    with platform.open_session(False) as session:
        assert session.scalar(select(func.count()).select_from(LoginStep)) == 0


@pytest.mark.parametrize(
    "target",
    [
        "https://boese.example/",
        "//boese.example",
        "/\\boese.example",
        "javascript:alert(1)",
        "\r\n/x",
    ],
)
def test_nobody_is_led_to_another_site(visitor: Browser, provider: Any, target: str) -> None:
    browser = visitor()
    page = browser.get(f"/dang-nhap/bat-dau?{urlencode({'tiep': target})}")
    answer = browser.get(provider.sign_in(browser.get(page.location).location, "cong-dan-2"))
    assert browser.get(answer.location).location == "/cua-toi"


@pytest.mark.parametrize("ticket", ["", "x", "WzEsMl0.x.y"])
def test_a_ticket_that_is_none_of_ours_is_refused(visitor: Browser, ticket: str) -> None:
    assert visitor().get(f"https://tinh.test/dang-nhap/di?phieu={ticket}").status_code == 400


@pytest.mark.parametrize("path", ["/dang-nhap/di", "/dang-nhap/ve?state=x&code=y"])
def test_only_the_province_speaks_with_the_provider(visitor: Browser, path: str) -> None:
    assert visitor().get(path).status_code == 404


@pytest.mark.parametrize("query", ["", "state=x", "state=%ff&code=%00", "&".join(["a=1"] * 50)])
def test_any_answer_is_answered(visitor: Browser, query: str) -> None:
    browser = visitor()
    browser.leave()
    assert browser.get(f"https://tinh.test/dang-nhap/ve?{query}").status_code == 400


# -- who somebody is, and what is kept -------------------------------------------------------------


def test_the_same_person_at_two_sites(
    visitor: Browser, provider: Any, other_unit: Unit, people: People
) -> None:
    visitor().sign_in(provider)
    visitor(other_unit).sign_in(provider)
    assert len(people()) == 1


@pytest.mark.parametrize(("level", "count"), [("LoA2", 1), ("LoA1", 2)])
def test_two_providers_know_the_same_person_when_both_prove_the_number(
    make_app: Callable[..., Portal], run_provider: Run, provider: Any, open_browser: Browser,
    agreed: Agreed, level: str, count: int, people: People,
) -> None:  # fmt: skip
    first = make_app(plugin=agreed(provider))
    open_browser(first).sign_in(provider)
    with run_provider() as other:
        second = make_app(plugin=agreed(other))
        other.fail(claims={"loAs": level})
        open_browser(second).sign_in(other)
    assert len(people()) == count


@pytest.mark.both_databases
def test_two_identities_with_one_number_at_the_same_instant(
    platform: Platform, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither sees the other's number yet.
    monkeypatch.setattr(identities, "_with_number", lambda *_given: None)
    with platform.open_session(True) as session:
        for subject in ("a", "b"):
            known = Known("https://op.example", subject, NAME, level=2, number=NUMBER)
            identities.recognise(session, platform.seal, known, clock.now())
        session.commit()
        found = session.scalars(select(Person).order_by(Person.id)).unique().all()
        assert [bool(one.number_mark) for one in found] == [True, False]
        assert [bool(one.number_sealed) for one in found] == [True, False]


def test_nothing_of_the_number_or_of_what_else_is_told_is_kept(
    visitor: Browser, provider: Any, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = visitor()
    browser.sign_in(provider)
    browser.get("/cua-toi")
    browser.sign_out()
    dump = "\n".join(dumped(platform))
    for secret in (NUMBER, "19880219", "third-party", "logoutUri"):
        assert secret not in dump
    ours = "\n".join(
        r.getMessage() for r in caplog.records if r.name.startswith(("hoitu", "flask"))
    )
    for personal in (NUMBER, NAME, "19880219"):
        assert personal not in ours
    with platform.open_session(False) as session:
        person = session.scalars(select(Person)).unique().one()
        assert platform.seal.open(person.number_sealed, "person.number") == NUMBER
        (identity,) = session.scalars(select(Identity))
        assert identity.issuer == provider.issuer and len(identity.subject) == 36


def dumped(platform: Platform) -> Iterator[str]:
    from hoitu.core.db import Base

    with platform.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(table.select()):
                yield repr(tuple(row))


def test_staff_and_citizens_never_mix(
    app: Portal, visitor: Browser, provider: Any, add_account: Callable[..., Any]
) -> None:
    browser = visitor()
    browser.sign_in(provider)
    desk = browser.get("/quan-tri/")
    assert desk.status_code == 302 and "/quan-tri/dang-nhap" in desk.location
    staff = visitor()
    add_account("bien-tap@mot.test", "unit_admin")
    sign_in_staff(staff, "bien-tap@mot.test")
    assert staff.get("/quan-tri/").status_code == 200 and not staff.is_signed_in()
    # Neither cookie opens what the other does.
    word = browser.cookies()["hoitu_person"]
    staff_cookie = staff.cookies()["hoitu"]
    stranger = visitor()
    stranger.client.set_cookie("hoitu", word, domain=stranger.unit)
    stranger.client.set_cookie("hoitu_person", staff_cookie, domain=stranger.unit)
    assert stranger.get("/quan-tri/").status_code == 302 and not stranger.is_signed_in()


def sign_in_staff(browser: Any, email: str) -> None:
    from hoitu.core.testing.fixtures import PASSWORD

    page = browser.get("/quan-tri/dang-nhap")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    sent = {"csrf_token": token[1], "email": email, "password": PASSWORD}
    assert browser.post("/quan-tri/dang-nhap", data=sent).status_code == 303


# -- the encrypted kind ----------------------------------------------------------------------------


@pytest.fixture
def sealed(
    run_provider: Run, tmp_path: Path, make_app: Callable[..., Portal], instance: Path
) -> Iterator[tuple[Any, Portal]]:
    """Run the provider as the encrypted kind, and the application with its settings."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (instance / "vneid.pem").write_bytes(private)
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(public)
    given = {"ENVELOPE": str(tmp_path / "public.pem")}
    with run_provider(**given) as op:
        told = {
            "issuer": op.issuer, "client_id": CLIENT, "client_secret": SECRET,
            "authorize_url": f"{op.issuer}/auth", "token_url": f"{op.issuer}/token",
            "userinfo_url": f"{op.issuer}/me", "private_key": "vneid.pem",
        }  # fmt: skip
        yield op, make_app(plugin={"vneid": {"flavour": "envelope", "envelope": told}})


def test_the_encrypted_kind_signs_in(
    sealed: tuple[Any, Portal],
    open_browser: Browser,
    agreed: Agreed,
    people: People,
) -> None:
    op, app = sealed
    pluses = 0
    # Enough times for a sign + in what is not encoded: about one in two has one.
    for _time in range(8):
        browser = open_browser(app)
        back = op.sign_in(browser.leave(), "cong-dan-2")
        pluses += "+" in urlsplit(back).query
        browser.get(browser.get(back).location)
        assert browser.is_signed_in()
    assert pluses
    (person,) = people()
    assert (person.name, person.kind) == (NAME, 1)


def test_the_encrypted_kind_is_bound_to_the_browser_and_counts_once(
    sealed: tuple[Any, Portal], open_browser: Browser, agreed: Agreed
) -> None:
    op, app = sealed
    mine, other = (open_browser(app) for _one in range(2))
    other.leave()
    back = op.sign_in(mine.leave(), "cong-dan-2")
    assert other.get(back).status_code == 400
    assert mine.get(back).status_code == 302 and mine.get(back).status_code == 400


@pytest.mark.parametrize("part", ["code", "encrypt_key"])
@pytest.mark.parametrize("value", ["", "AAAA", "%%%", "x" * 344])
def test_an_envelope_that_cannot_be_opened_is_told_in_one_way(
    sealed: tuple[Any, Portal], open_browser: Browser, agreed: Agreed, part: str, value: str
) -> None:
    op, app = sealed
    browser = open_browser(app)
    back = changed(op.sign_in(browser.leave(), "cong-dan-2").replace("+", "%2B"), **{part: value})
    answer = browser.get(back)
    assert answer.status_code == 403 and "không thể tin" in answer.text
    assert not browser.is_signed_in()
