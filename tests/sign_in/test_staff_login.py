"""Staff who sign in at the province's own provider, against a real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, AccountIdentity
from hoitu.core.access.audit import AuditEntry
from hoitu.core.config import ConfigError

if TYPE_CHECKING:
    from hoitu.core.app import Portal
    from hoitu.core.extensions import Platform

Browser = Callable[..., Any]
EMAIL = "bien-tap@mot.test"
BEGIN = "/quan-tri/dang-nhap/mot-cua"


@pytest.fixture
def app(make_app: Callable[..., Portal], provider: Any, agreed: Callable[..., Any]) -> Portal:
    told = agreed(provider)["vneid"]
    return make_app(staff_login={**told, "name": "SSO tỉnh Thử", "factor_acr": ["LoA2"]})


@pytest.fixture
def account(add_account: Callable[[str, str], None], provider: Any) -> str:
    """Return the address of somebody with an account here and one at the provider."""
    add_account(EMAIL, "editor")
    provider.fail(claims={"email": EMAIL, "email_verified": True})
    return EMAIL


def signed_in(browser: Any, provider: Any, who: str = "cong-dan-2", target: str = "") -> Any:
    """Go the whole way; return the last answer."""
    page = browser.get(f"{BEGIN}?next={target}")
    assert page.status_code == 302, page.text
    away = browser.get(page.location)
    assert away.status_code == 302, away.text
    answer = browser.get(provider.sign_in(away.location, who))
    return browser.get(answer.location) if answer.status_code == 302 else answer


def is_in(browser: Any) -> bool:
    return bool(browser.get("/quan-tri/").status_code == 200)


def test_whoever_has_an_account_gets_in_and_is_known_from_then_on(
    visitor: Browser, provider: Any, account: str, platform: Platform
) -> None:
    assert "Đăng nhập bằng SSO tỉnh Thử" in visitor().get("/quan-tri/dang-nhap").text
    browser = visitor()
    answer = signed_in(browser, provider, target="/quan-tri/lich")
    assert (answer.status_code, answer.location) == (303, "/quan-tri/lich") and is_in(browser)
    with platform.open_session(False) as session:
        (identity,) = session.scalars(select(AccountIdentity))
        assert identity.issuer == provider.issuer
        told = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [one.action for one in told][-2:] == ["account.identity", "sign_in"]
        assert told[-1].detail == {"factor": "provider"}
    # The address is another at the provider now; it is the same person.
    provider.fail(claims={"email": "khac@mot.test"})
    again = visitor()
    assert signed_in(again, provider).status_code == 303 and is_in(again)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "la@mot.test"}, {"email": ""}, {"email": None}, {"email": [EMAIL]}, {},
        {"email": EMAIL, "email_verified": False},
    ],
)  # fmt: skip
def test_nobody_gets_an_account_by_it(
    visitor: Browser, provider: Any, account: str, claims: dict[str, Any], platform: Platform
) -> None:
    provider.fail(claims=claims)
    browser = visitor()
    assert signed_in(browser, provider).status_code == 403 and not is_in(browser)
    with platform.open_session(False) as session:
        assert len(session.scalars(select(Account)).all()) == 1


def test_an_address_that_somebody_else_got_opens_nothing(
    visitor: Browser, provider: Any, account: str
) -> None:
    signed_in(visitor(), provider)
    other = visitor()
    assert signed_in(other, provider, "cong-dan-1").status_code == 403 and not is_in(other)


def test_a_locked_account_stays_locked(
    visitor: Browser, provider: Any, account: str, platform: Platform
) -> None:
    signed_in(visitor(), provider)
    with platform.open_session(True) as session:
        session.scalars(select(Account)).one().active = False
        session.commit()
    browser = visitor()
    assert signed_in(browser, provider).status_code == 403 and not is_in(browser)


def test_a_second_factor_is_asked_for_unless_the_provider_did(
    make_app: Callable[..., Portal], provider: Any, agreed: Callable[..., Any],
    open_browser: Browser, add_account: Callable[[str, str], None],
) -> None:  # fmt: skip
    add_account(EMAIL, "unit_admin")
    provider.fail(claims={"email": EMAIL})
    told = agreed(provider)["vneid"]
    login = {**told, "name": "SSO", "factor_acr": ["LoA2"]}
    app = make_app(staff_login=login, second_factor="admins")
    strong = open_browser(app)
    signed_in(strong, provider, "cong-dan-2")
    assert is_in(strong)
    login = {**told, "name": "SSO"}
    app = make_app(staff_login=login, second_factor="admins")
    weak = open_browser(app)
    signed_in(weak, provider, "cong-dan-2")
    # It is led to where one is set up, and to nothing else.
    page = weak.get("/quan-tri/")
    assert page.status_code == 302 and page.location.endswith("/quan-tri/tai-khoan")


def test_an_answer_counts_once_and_in_one_browser(
    visitor: Browser, provider: Any, account: str
) -> None:
    browser, other = visitor(), visitor()
    other.get(other.get(BEGIN).location)
    back = provider.sign_in(browser.get(browser.get(BEGIN).location).location, "cong-dan-2")
    assert other.get(back).status_code == 400
    handover = browser.get(back).location
    assert browser.get(back).status_code == 400
    assert other.get(handover).status_code == 400 and not is_in(other)
    assert browser.get(handover).status_code == 303 and is_in(browser)
    assert browser.get(handover).status_code == 400


def test_what_a_citizen_brings_opens_no_desk(visitor: Browser, provider: Any, account: str) -> None:
    """The steps lie in one table; those of citizens are none of staff's."""
    browser = visitor()
    away = browser.get(browser.get(BEGIN).location).location
    back = provider.sign_in(away, "cong-dan-2")
    wrong = back.replace("/quan-tri/dang-nhap/mot-cua/ve", "/dang-nhap/ve")
    assert browser.get(wrong).status_code == 404 and not is_in(browser)


@pytest.mark.parametrize("fault", [{"status": 500}, {"huge": 1_500_000}])
def test_a_provider_out_of_order_is_told(
    visitor: Browser, provider: Any, account: str, fault: dict[str, Any]
) -> None:
    provider.fail(claims={"email": EMAIL}, _token=fault)
    browser = visitor()
    answer = signed_in(browser, provider)
    assert answer.status_code in (403, 502) and "https://mot.test/quan-tri/dang-nhap" in answer.text
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("told", "named"),
    [({"name": "SSO"}, "provider"), ({"provider": {}}, "issuer"), ({"colour": "red"}, "colour")],
)
def test_settings_that_cannot_be_used_stop_the_start(
    make_app: Callable[..., Portal], told: dict[str, Any], named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        make_app(staff_login=told)
