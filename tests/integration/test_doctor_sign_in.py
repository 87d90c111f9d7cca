"""What ``hoitu doctor`` says of sign-in: factors, cookies, providers, wrong tables of settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from hoitu.core.access import accounts
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import PASSWORD

Hoitu = Callable[..., Result]
PROVIDER = """
[{table}]
{more}
[{table}.provider]
issuer = "{issuer}"
client_id = "hoitu"
discovery_url = "{issuer}/.well-known/openid-configuration"
"""


def set_up(instance: Path, table: str, more: str = "", issuer: str = "http://127.0.0.1:9") -> None:
    told = PROVIDER.format(table=table, more=more, issuer=issuer)
    (instance / "settings.toml").write_text(told)


def test_administrators_without_a_second_factor_are_named(
    hoitu: Hoitu, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with platform.open_session(True) as session:
        own = accounts.create(session, email="an@thu.example", name="An", password=PASSWORD)
        session.flush()
        accounts.grant(session, own, "platform_admin", None)
        session.commit()
    done = hoitu("doctor")
    assert done.exit_code == 0, done.output
    assert "warn  second factor: administrators without one: an@thu.example" in done.output
    monkeypatch.setenv("HOITU_SECOND_FACTOR", "none")
    done = hoitu("doctor")
    assert "warn  second factor: nobody needs one" in done.output
    assert '-> set second_factor = "admins"' in done.output


def test_cookies_without_https_are_warned_of(hoitu: Hoitu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOITU_SECURE_COOKIES", "false")
    monkeypatch.setenv("HOITU_DEMO_HOSTS", "false")
    assert "warn  cookies: are sent without HTTPS too" in hoitu("doctor").output


@pytest.mark.parametrize(
    ("table", "more", "subject"),
    [("plugin.vneid", "", "citizens"), ("staff_login", 'name = "SSO"', "staff")],
)
def test_a_provider_that_does_not_answer_is_named(
    hoitu: Hoitu, instance: Path, table: str, more: str, subject: str
) -> None:
    set_up(instance, table, more)
    done = hoitu("doctor")
    assert done.exit_code == 0, done.output
    address = "http://127.0.0.1:9/.well-known/openid-configuration"
    assert f"warn  sign-in of {subject}: {address}: " in done.output


@pytest.mark.parametrize(("table", "more"), [("plugin.vneid", ""), ("staff_login", 'name = "SSO"')])
def test_an_issuer_without_https_is_refused(
    hoitu: Hoitu, instance: Path, table: str, more: str
) -> None:
    set_up(instance, table, more, issuer="http://sso.example")
    done = hoitu("doctor")
    assert done.exit_code == 1
    assert "http://sso.example is not encrypted: it must begin with https://" in done.output


@pytest.mark.parametrize(("table", "more"), [("plugin.vneid", ""), ("staff_login", 'name = "SSO"')])
def test_a_misspelt_key_is_told_with_the_right_one(
    hoitu: Hoitu, instance: Path, table: str, more: str, caplog: pytest.LogCaptureFixture
) -> None:
    set_up(instance, table, more)
    path = instance / "settings.toml"
    path.write_text(path.read_text().replace("client_id =", "client_idd ="))
    done = hoitu("doctor")
    assert done.exit_code == 1
    told = f"unknown key client_idd in [{table}.provider]: did you mean client_id?"
    assert told in done.output
    assert f"client_id is missing in [{table}.provider]" in done.output
    assert "Field required" not in done.output
    assert "Traceback" not in caplog.text


def test_a_misspelt_setting_is_told_with_the_right_one(hoitu: Hoitu, instance: Path) -> None:
    (instance / "settings.toml").write_text('second_facto = "all"\n')
    assert "is not a setting: did you mean `second_factor`?" in hoitu("doctor").output
