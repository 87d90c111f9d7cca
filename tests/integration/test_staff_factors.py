"""The second factor: who must have one, how it is given, and what becomes of lost ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier
from typing import Any

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from hoitu.core.access import Account, AccountIdentity, Passkey, accounts, factors
from hoitu.core.access.audit import AuditEntry
from hoitu.core.access.models import RecoveryCode
from hoitu.core.admin.account import known_browsers
from hoitu.core.app import Portal
from hoitu.core.clock import FrozenClock
from hoitu.core.content.files import upload
from hoitu.core.extensions import Platform
from hoitu.core.extensions import session as request_session
from hoitu.core.jobs.queue import JobRow
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import Unit

Staff = Callable[..., Any]

OWN, PHONE = "/quan-tri/tai-khoan", "/quan-tri/tai-khoan/ma-xac-thuc"
STEP = "/quan-tri/dang-nhap/buoc-hai"
SIGN_IN = "/quan-tri/dang-nhap"
PEOPLE = "/quan-tri/nguoi-dung"


@pytest.fixture
def app(make_app: Callable[..., Portal]) -> Portal:
    """Return the application as it is deployed: administrators must have a second factor."""
    return make_app(second_factor="admins")


@pytest.fixture
def code(clock: FrozenClock) -> Callable[..., str]:
    """Return a function that tells the code of a secret, now or so many half minutes from now."""
    return lambda secret, steps=0: pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * steps)


@pytest.fixture
def set_up(code: Any) -> Callable[[Any], tuple[str, list[str]]]:
    """Return a function that sets codes up for somebody signed in: secret and recovery codes."""

    def do(person: Any) -> tuple[str, list[str]]:
        page = person.open(PHONE)
        found = re.search(r'class="secret-key">([A-Z2-7 ]+)<', page.text)
        assert found is not None
        secret = found[1].replace(" ", "")
        form = next(f for f in page.forms if "code" in f.names)
        shown = person.send(form, PHONE, code=code(secret))
        assert shown.status == 200, shown.text
        codes = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", shown.text)
        return secret, codes

    return do


@pytest.fixture
def again(visitor: Any) -> Callable[[Any], Any]:
    """Return a function that opens a new browser for somebody and enters the password."""

    def enter(person: Any) -> Any:
        other = type(person)(visitor().site, person.email)
        answer = other.sign_in()
        assert (answer.status, answer.response.location) == (303, STEP)
        return other

    return enter


def give(person: Any, code: str) -> Any:
    form = next(f for f in person.open(STEP).forms if "code" in f.names)
    return person.send(form, STEP, code=code)


def log_of(platform: Platform, *actions: str) -> list[AuditEntry]:
    with platform.open_session(False) as session:
        chosen = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
        return list(session.scalars(chosen))


def account_of(session: Any, person: Any) -> Account:
    found: Account = session.scalars(select(Account).where(Account.email == person.email)).one()
    return found


# -- who must ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["unit_admin", "platform_admin"])
def test_an_administrator_without_one_is_led_to_set_it_up_and_to_nothing_else(
    staff: Staff, role: str, set_up: Any, desk: Any, platform: Platform, unit: Unit
) -> None:
    with desk(unit) as work:
        file = upload(work, platform.files, "kin.txt", BytesIO(b"x"))
        work.session.flush()
        hidden = f"/tep/{file.id}/kin.txt"
    admin = staff(role)
    token = admin.token()
    paths = ("/quan-tri/", PEOPLE, "/quan-tri/con-lam-viec", "/quan-tri/legal_document/moi")
    for path in paths:
        shown = admin.open(path)
        assert (shown.status, shown.response.location) == (302, OWN), path
    assert admin.post("/quan-tri/chuyen-muc/x/tat", token).response.location == OWN
    assert admin.post("/quan-tri/tai-khoan/phien-khac/ket-thuc", token).response.location == OWN
    assert admin.open(hidden).status == 404
    page = admin.open(OWN)
    assert page.status == 200
    assert "doors" not in page.text
    assert admin.open(SIGN_IN).response.location == OWN
    set_up(admin)
    assert admin.open("/quan-tri/").status == 200
    assert admin.open(hidden).status == 200


def test_an_editor_may_do_without(staff: Staff) -> None:
    assert staff("editor").open("/quan-tri/").status == 200


def test_everybody_must_where_the_setting_says_so(make_app: Any, staff: Staff) -> None:
    from hoitu.core.testing.fixtures import Site

    editor = staff("editor")
    strict = make_app(second_factor="all")
    person = type(editor)(Site(strict.test_client(), editor.site.host), editor.email)
    assert person.sign_in().status == 303
    assert person.open("/quan-tri/").response.location == OWN


def test_a_one_time_password_is_replaced_first(
    staff: Staff, platform: Platform, visitor: Any
) -> None:
    admin = staff("unit_admin")
    with platform.open_session(True) as session:
        account = account_of(session, admin)
        given = accounts.give_one_time_password(account)
        session.commit()
    person = type(admin)(visitor().site, admin.email)
    person.sign_in(given)
    assert person.open("/quan-tri/").response.location == "/quan-tri/mat-khau"
    assert person.open(OWN).response.location == "/quan-tri/mat-khau"


# -- signing in with one -------------------------------------------------------------------------


@pytest.mark.both_databases
def test_half_a_sign_in_opens_nothing_and_a_code_the_rest(
    staff: Staff, set_up: Any, again: Any, code: Any, clock: FrozenClock
) -> None:
    admin = staff("unit_admin")
    secret, _codes = set_up(admin)
    clock.move(timedelta(minutes=1))
    person = again(admin)
    for path in ("/quan-tri/", OWN, PHONE, PEOPLE, "/quan-tri/con-lam-viec"):
        assert person.open(path).response.location.startswith(SIGN_IN), path
    assert give(person, code(secret)).status == 303
    assert person.open("/quan-tri/").status == 200


def test_the_word_of_a_session_is_another_after_the_second_factor(
    staff: Staff, set_up: Any, again: Any, code: Any, clock: FrozenClock, app: Portal, unit: Unit
) -> None:
    admin = staff("unit_admin")
    client = admin.site.client

    def kept() -> str:
        found = client.get_cookie("hoitu", domain=unit.hosts[-1].name) or client.get_cookie("hoitu")
        assert found is not None
        return str(found.value)

    before = kept()
    secret, _codes = set_up(admin)
    headers = {"Host": unit.hosts[-1].name, "Cookie": f"hoitu={before}"}
    asked = app.test_client(use_cookies=False).get(OWN, headers=headers)
    assert asked.status_code == 302, "what was in the browser before opens nothing"
    clock.move(timedelta(minutes=1))
    person = again(admin)
    token = person.open(STEP).forms[0].values["csrf_token"][0]
    give(person, code(secret))
    assert person.post("/quan-tri/mat-khau", token).status == 400


def test_setting_one_up_ends_the_sessions_that_began_without(
    staff: Staff, visitor: Any, set_up: Any
) -> None:
    admin = staff("unit_admin")
    other = type(admin)(visitor().site, admin.email)
    other.sign_in()
    set_up(admin)
    assert other.open(OWN).status == 302
    assert admin.open(OWN).status == 200


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_half_a_minute_ago_or_ahead_is_taken_and_each_once(
    staff: Staff, set_up: Any, again: Any, code: Any, clock: FrozenClock, steps: int
) -> None:
    admin = staff("unit_admin")
    secret, _codes = set_up(admin)
    clock.move(timedelta(minutes=5))
    typed = code(secret, steps)
    assert give(again(admin), f" {typed[:3]} {typed[3:]} ").status == 303
    assert give(again(admin), typed).status == 400, "taken once"
    assert give(again(admin), code(secret, 1)).status == (400 if steps == 1 else 303)


@pytest.mark.parametrize("steps", [-2, 2])
def test_an_older_code_is_refused(
    staff: Staff, set_up: Any, again: Any, code: Any, clock: FrozenClock, steps: int
) -> None:
    admin = staff("unit_admin")
    secret, _codes = set_up(admin)
    clock.move(timedelta(minutes=5))
    assert give(again(admin), code(secret, steps)).status == 400


@pytest.mark.parametrize("typed", ["", "0", "１２３４５６", "\0", "x" * 100_000, "a' or 1=1"])
def test_anything_may_be_typed(staff: Staff, set_up: Any, again: Any, typed: str) -> None:
    admin = staff("unit_admin")
    set_up(admin)
    assert give(again(admin), typed).status == 400


@pytest.mark.both_databases
def test_wrong_codes_count_like_wrong_passwords_and_a_right_password_forgives_none(
    staff: Staff, set_up: Any, again: Any, code: Any, clock: FrozenClock, platform: Platform
) -> None:
    admin = staff("unit_admin")
    secret, _codes = set_up(admin)
    clock.move(timedelta(minutes=5))
    for _attempt in range(accounts.ATTEMPTS):
        assert give(again(admin), "000000").status == 400
    [locked] = log_of(platform, "account.locked_out")
    assert locked.detail["minutes"] == 1
    with platform.open_session(False) as session:
        account = account_of(session, admin)
        assert account.failed_logins == accounts.ATTEMPTS
        assert account.locked_until == clock.now() + accounts.LOCKED_FOR
    failed = log_of(platform, "sign_in.failed")
    assert {entry.detail["step"] for entry in failed} == {"factor"}
    clock.move(timedelta(minutes=2))
    assert give(again(admin), code(secret)).status == 303
    with platform.open_session(False) as session:
        assert account_of(session, admin).failed_logins == 0


def test_half_a_sign_in_lasts_ten_minutes_and_ends_with_the_password(
    staff: Staff, set_up: Any, again: Any, code: Any, clock: FrozenClock, platform: Platform
) -> None:
    admin = staff("unit_admin")
    secret, _codes = set_up(admin)
    clock.move(timedelta(minutes=1))
    late = again(admin)
    clock.move(timedelta(minutes=11))
    assert late.open(STEP).response.location == SIGN_IN
    person = again(admin)
    form = next(f for f in person.open(STEP).forms if "code" in f.names)
    with platform.open_session(True) as session:
        accounts.set_password(account_of(session, admin), "mưa rơi trên mái ngói")
        session.commit()
    assert person.send(form, STEP, code=code(secret)).response.location == SIGN_IN
    assert person.open("/quan-tri/").status == 302


def test_nobody_gets_to_the_second_step_without_the_first(visitor: Any) -> None:
    nobody = visitor()
    assert nobody.open(STEP).response.location == SIGN_IN
    assert nobody.post(STEP, code="000000").response.location == SIGN_IN
    assert nobody.post(f"{STEP}/hoi").status == 403


def test_the_page_that_was_wanted_is_reached_after_both_steps(
    staff: Staff, set_up: Any, visitor: Any, code: Any, clock: FrozenClock
) -> None:
    admin = staff("unit_admin")
    secret, _codes = set_up(admin)
    clock.move(timedelta(minutes=1))
    person = type(admin)(visitor().site, admin.email)
    answer = person.sign_in(path=f"{SIGN_IN}?next={PEOPLE}")
    path = answer.response.location
    assert path.startswith(STEP)
    form = next(f for f in person.open(path).forms if "code" in f.names)
    assert person.send(form, path, code=code(secret)).response.location == PEOPLE


# -- recovery codes ------------------------------------------------------------------------------


def test_each_recovery_code_opens_the_account_once(
    staff: Staff, set_up: Any, again: Any, platform: Platform
) -> None:
    admin = staff("unit_admin")
    _secret, codes = set_up(admin)
    assert len(set(codes)) == factors.RECOVERY_CODES
    with platform.open_session(False) as session:
        marks = session.scalars(select(RecoveryCode.mark)).all()
    assert not set(codes) & set(marks)
    assert give(again(admin), codes[0].upper().replace("-", " ")).status == 303
    assert give(again(admin), codes[0]).status == 400
    used = [e.detail.get("factor") for e in log_of(platform, "sign_in")]
    assert used[-1] == "recovery"


def test_new_recovery_codes_end_the_old_and_ask_for_the_password_first(
    staff: Staff, set_up: Any, again: Any, clock: FrozenClock
) -> None:
    admin = staff("unit_admin")
    _secret, old = set_up(admin)
    clock.move(timedelta(minutes=11))
    refused = admin.send(admin.open(OWN).form("/ma-du-phong"))
    assert refused.response.location.startswith("/quan-tri/tai-khoan/xac-nhan")
    form = next(
        f for f in admin.open("/quan-tri/tai-khoan/xac-nhan").forms if "password" in f.names
    )
    path = "/quan-tri/tai-khoan/xac-nhan"
    assert admin.send(form, path, password="sai rồi").status == 422
    assert admin.send(form, path, password=PASSWORD).status == 303
    shown = admin.send(admin.open(OWN).form("/ma-du-phong"))
    new = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", shown.text)
    assert len(new) == 10
    assert 'download="ma-du-phong.txt"' in shown.text
    assert give(again(admin), old[0]).status == 400
    assert give(again(admin), new[0]).status == 303


@pytest.mark.both_databases
def test_a_recovery_code_and_a_code_used_by_many_at_once_are_used_once(
    staff: Staff, set_up: Any, platform: Platform, clock: FrozenClock, code: Any
) -> None:
    admin = staff("unit_admin")
    secret, codes = set_up(admin)
    clock.move(timedelta(minutes=5))
    typed, start = code(secret), Barrier(4)

    def use(_number: int) -> tuple[bool, bool]:
        with platform.open_session(True) as session:
            start.wait(10)
            account = account_of(session, admin)
            session.refresh(account, with_for_update=True)
            taken = (
                factors.take_code(platform.seal, account, typed, clock.now()),
                factors.take_recovery_code(session, platform.seal, account, codes[1]),
            )
            session.commit()
            return taken

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(use, range(4)))
    assert sorted(found) == [(False, False)] * 3 + [(True, True)]


# -- one's own and those of others ---------------------------------------------------------------


def test_the_secret_is_sealed_and_set_up_for_its_owner_only(
    staff: Staff, set_up: Any, platform: Platform, code: Any
) -> None:
    one, other = staff("unit_admin"), staff("unit_admin")
    page = other.open(PHONE)
    foreign = next(f for f in page.forms if "code" in f.names).values["secret"]
    form = next(f for f in one.open(PHONE).forms if "code" in f.names)
    assert one.send(form, PHONE, secret=foreign, code="000000").status == 422
    assert one.send(form, PHONE, secret="x", code="000000").status == 422
    secret, _codes = set_up(one)
    with platform.open_session(False) as session:
        account = account_of(session, one)
        assert secret not in account.totp_secret
        assert platform.seal.open(account.totp_secret, "second factor") == secret


def test_the_last_one_stays_where_it_is_a_must(staff: Staff, set_up: Any, site: Any) -> None:
    admin, editor = staff("unit_admin"), staff("editor")
    set_up(admin)
    set_up(editor)
    admin.send(admin.open(OWN).form("/ma-xac-thuc/bo"))
    assert any(f.action.endswith("/ma-xac-thuc/bo") for f in admin.open(OWN).forms)
    editor.send(editor.open(OWN).form("/ma-xac-thuc/bo"))
    assert not any(f.action.endswith("/ma-xac-thuc/bo") for f in editor.open(OWN).forms)


def test_only_a_platform_administrator_with_a_factor_takes_away_that_of_somebody(
    staff: Staff, set_up: Any, platform: Platform, visitor: Any, unit: Unit
) -> None:
    lost, root, beside = staff("unit_admin"), staff("platform_admin"), staff("unit_admin")
    set_up(lost)
    with platform.open_session(False) as session:
        account = account_of(session, lost)
    path = f"{PEOPLE}/{account.id}/bo-xac-thuc"
    set_up(beside)
    assert beside.post(path).status == 404
    set_up(root)
    assert root.send(root.open(f"{PEOPLE}/{account.id}").form("/bo-xac-thuc")).status == 303
    with platform.open_session(False) as session:
        assert not account_of(session, lost).has_second_factor
        mails = session.scalars(select(JobRow).where(JobRow.name == "core.send_mail"))
        assert account.id in [row.payload.get("account_id") for row in mails]
        assert session.scalars(select(RecoveryCode).where(
            RecoveryCode.account_id == account.id)).all() == []  # fmt: skip
    [dropped] = log_of(platform, "account.factor_drop")
    assert (dropped.object_id, dropped.unit_id) == (str(account.id), unit.id)
    assert dropped.detail == {"email": lost.email}
    assert lost.open(OWN).status == 302, "its sessions have ended"


def test_an_administrator_who_gave_no_factor_takes_none_away(
    make_app: Any, staff: Staff, set_up: Any, platform: Platform
) -> None:
    from hoitu.core.testing.fixtures import Site

    lost, root = staff("unit_admin"), staff("platform_admin")
    set_up(lost)
    lenient = make_app(second_factor="none")
    person = type(root)(Site(lenient.test_client(), root.site.host), root.email)
    person.sign_in()
    with platform.open_session(False) as session:
        account_id = account_of(session, lost).id
    assert person.post(f"{PEOPLE}/{account_id}/bo-xac-thuc").status == 303
    with platform.open_session(False) as session:
        assert account_of(session, lost).has_second_factor


def test_an_operator_takes_it_away_with_a_command(
    staff: Staff,
    set_up: Any,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
) -> None:
    from hoitu.core.cli import commands

    lost = staff("unit_admin")
    set_up(lost)
    monkeypatch.setenv("HOITU_INSTANCE", str(platform.instance))
    monkeypatch.setenv("HOITU_DATABASE_URL", database_url)
    done = CliRunner().invoke(commands(), ["account", "drop-factor", lost.email])
    assert done.exit_code == 0, done.output
    again = CliRunner().invoke(commands(), ["account", "drop-factor", lost.email])
    assert again.exit_code == 1
    assert "Nothing was changed." in again.output
    nobody = CliRunner().invoke(commands(), ["account", "open", "khong-ai@thu.example"])
    assert nobody.exit_code == 1
    [dropped] = log_of(platform, "account.factor_drop")
    assert dropped.actor == "system"
    assert lost.open(OWN).status == 302


def test_an_operator_parts_an_account_from_single_sign_on(
    staff: Staff, platform: Platform, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    from hoitu.core.cli import commands

    person = staff("editor")
    with platform.open_session(True) as session:
        # Held, or it is gone before it is written.
        account = account_of(session, person)
        account.identities.append(
            AccountIdentity(
                issuer="https://sso.test", subject="7", added_at=platform.clock.now()
            )
        )  # fmt: skip
        session.commit()
    monkeypatch.setenv("HOITU_INSTANCE", str(platform.instance))
    monkeypatch.setenv("HOITU_DATABASE_URL", database_url)
    done = CliRunner().invoke(commands(), ["account", "drop-identity", person.email.upper()])
    assert done.exit_code == 0, done.output
    with platform.open_session(False) as session:
        assert account_of(session, person).identities == []
        assert session.scalars(select(AccountIdentity)).all() == []
        mails = [job.payload for job in session.scalars(select(JobRow)) if "mail" in job.name]
    assert "đăng nhập một lần" in json.dumps(mails, ensure_ascii=False)
    [dropped] = log_of(platform, "account.identity_drop")
    assert (dropped.actor, dropped.detail) == ("system", {"email": person.email})
    assert person.open(OWN).status == 302, "its sessions end"
    again = CliRunner().invoke(commands(), ["account", "drop-identity", person.email])
    assert again.exit_code == 1 and "Nothing was changed." in again.output


@pytest.mark.both_databases
def test_a_password_changed_between_the_steps_lets_nobody_in(
    staff: Staff, set_up: Any, again: Any, code: Any, platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The row of the account is read anew once nobody else changes it."""
    admin = staff("unit_admin")
    secret, _codes = set_up(admin)
    thief = again(admin)
    form = next(f for f in thief.open(STEP).forms if "code" in f.names)
    passes = known_browsers.passes

    def change_meanwhile(account: Account) -> bool:
        # On PostgreSQL nobody waits for what was only read.
        request_session().commit()
        with platform.open_session(True) as session:
            accounts.set_password(account_of(session, admin), "một câu khác hẳn, rất dài")
            session.commit()
        return passes(account)

    monkeypatch.setattr(known_browsers, "passes", change_meanwhile)
    answer = thief.send(form, STEP, code=code(secret, 1))
    assert answer.response.location.startswith(SIGN_IN) and STEP not in answer.response.location
    assert thief.open(OWN).status == 302


def test_the_log_tells_that_somebody_failed_after_the_right_password(
    staff: Staff, set_up: Any, again: Any
) -> None:
    admin = staff("unit_admin")
    set_up(admin)
    assert "ở bước thứ hai" not in admin.open("/quan-tri/nhat-ky").text
    give(again(admin), "000000")
    assert "ở bước thứ hai" in admin.open("/quan-tri/nhat-ky").text


# -- locks -----------------------------------------------------------------------------------------


def locked_by_strangers(person: Any, visitor: Any) -> None:
    """Have an account locked, from another network."""
    stranger = type(person)(visitor().site, person.email)
    stranger.site.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for _attempt in range(accounts.ATTEMPTS):
        assert stranger.sign_in("sai rồi").status == 400
    assert stranger.sign_in().status == 400, "right or not, a stranger waits"


def sign_out(person: Any) -> None:
    form = next(f for f in person.open(OWN).forms if f.action.endswith("/dang-xuat"))
    assert person.send(form, form.action).status == 303


def test_strangers_lock_nobody_out_of_the_own_browser(
    staff: Staff, visitor: Any, set_up: Any, code: Any, platform: Platform
) -> None:
    admin = staff("unit_admin")
    secret, _codes = set_up(admin)
    sign_out(admin)
    locked_by_strangers(admin, visitor)
    assert (answer := admin.sign_in()).status == 303 and answer.response.location == STEP
    assert give(admin, code(secret, 1)).status == 303
    assert admin.open(OWN).status == 200
    with platform.open_session(False) as session:
        assert account_of(session, admin).locked_until is None


@pytest.mark.both_databases
def test_a_known_browser_guesses_no_more_than_its_limit(
    staff: Staff, visitor: Any, clock: FrozenClock
) -> None:
    person = staff("editor")
    sign_out(person)
    locked_by_strangers(person, visitor)
    for _attempt in range(known_browsers.TRIES.most):
        assert person.sign_in("sai rồi").status == 400
    assert person.sign_in().status == 400, "now it waits like any other"
    clock.move(timedelta(hours=1, minutes=1))
    assert person.sign_in().status == 303


def test_a_browser_is_known_for_the_account_that_was_in_it_last(
    staff: Staff, visitor: Any, clock: FrozenClock
) -> None:
    person, other = staff("editor"), staff("editor")
    for browser in (person, other):
        sign_out(browser)
    locked_by_strangers(person, visitor)
    in_other = type(person)(other.site, person.email)
    assert in_other.sign_in().status == 400
    person.site.client.set_cookie(known_browsers.COOKIE, "x.y", domain=person.site.host)
    assert person.sign_in().status == 400


def test_all_factors_of_an_account_are_taken_away_together(
    staff: Staff, set_up: Any, platform: Platform
) -> None:
    admin = staff("unit_admin")
    set_up(admin)
    with platform.open_session(True) as session:
        account = account_of(session, admin)
        for number in range(2):
            key = Passkey(
                host="mot.test", name="x", credential_id=str(number), public_key="",
                sign_count=0, added_at=platform.clock.now(),
            )  # fmt: skip
            account.passkeys.append(key)
        session.commit()
    with platform.open_session(True) as session:
        assert factors.drop_all(session, account_of(session, admin))
        session.commit()
    with platform.open_session(False) as session:
        assert not account_of(session, admin).has_second_factor
        assert session.scalars(select(Passkey)).all() == []
        assert session.scalars(select(RecoveryCode)).all() == []


# -- passkeys, as far as no browser is needed ----------------------------------------------------


@pytest.mark.parametrize(
    "answer", ["", "x", "[]", "{}", "null", '{"id": "a"}', json.dumps({"id": "AA", "rawId": "AA"})]
)
def test_what_is_no_passkey_is_not_taken(staff: Staff, platform: Platform, answer: str) -> None:
    admin, path = staff("unit_admin"), f"{OWN}/khoa-truy-cap"
    token = next(f for f in admin.open(path).forms if "passkey" in f.names).values["csrf_token"][0]
    asked = admin.post(f"{path}/hoi", token)
    assert asked.status == 200
    assert asked.response.get_json()["rp"]["id"] == admin.site.host
    assert admin.post(path, token, name="máy bàn", passkey=answer).status == 422
    with platform.open_session(False) as session:
        account = account_of(session, admin)
        assert not account.has_second_factor
        assert account.challenge == "", "asked once"


def test_a_wrong_passkey_counts_as_a_wrong_code(
    staff: Staff, set_up: Any, again: Any, platform: Platform
) -> None:
    admin = staff("unit_admin")
    set_up(admin)
    person = again(admin)
    form = next(f for f in person.open(STEP).forms if "code" in f.names)
    assert person.send(form, STEP, passkey='{"id": "AA", "rawId": "AA"}').status == 400
    assert person.post(f"{STEP}/hoi", form.values["csrf_token"][0]).status == 403, "none here"
    with platform.open_session(False) as session:
        assert account_of(session, admin).failed_logins == 1
