"""Sessions of staff: whose they are, where they open anything, and how each of them ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.access import Account, AccountSession, accounts, sessions
from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import Unit

Staff = Callable[..., Any]

OWN = "/quan-tri/tai-khoan"
PEOPLE = "/quan-tri/nguoi-dung"
OTHER_PASSWORD = "mưa rơi trên mái ngói"


def cookie(shown: Any) -> str:
    """Return the session that an answer gives the browser."""
    given = "\n".join(shown.response.headers.getlist("Set-Cookie"))
    found = re.search(r"^hoitu=([^;]+)", given, re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture
def ask(app: Any) -> Callable[..., int]:
    """Return a function that opens a page of a unit with somebody's cookie: the status."""

    def get(stolen: str, of: Unit, path: str = OWN) -> int:
        headers = {"Host": of.hosts[-1].name, "Cookie": f"hoitu={stolen}"}
        status: int = app.test_client(use_cookies=False).get(path, headers=headers).status_code
        return status

    return get


@pytest.fixture
def enter(staff: Staff, visitor: Any) -> Callable[..., tuple[Any, str]]:
    """Return a function that signs somebody in in a new browser: the person, and the cookie."""

    def sign_in(email: str, at: Unit | None = None, password: str = PASSWORD) -> tuple[Any, str]:
        person = type(visitor())(visitor(at).site, email)
        answer = person.sign_in(password)
        assert answer.status == 303
        return person, cookie(answer)

    return sign_in


@pytest.fixture
def hire_for(platform: Platform) -> Callable[..., str]:
    """Return a function that makes an account with a role in several units: its address."""

    def make(role: str, *units: Unit) -> str:
        email = f"{role}-o-nhieu-noi@thu.example"
        with platform.open_session(True) as session:
            account = accounts.create(session, email=email, name="Bà Hai", password=PASSWORD)
            for unit in units:
                accounts.grant(session, account, role, unit.id)
            session.commit()
        return email

    return make


def rows(platform: Platform) -> int:
    with platform.open_session(False) as session:
        return session.scalar(select(func.count(AccountSession.id))) or 0


@pytest.mark.both_databases
def test_a_stolen_cookie_opens_nothing_on_the_site_of_another_unit(
    enter: Any, hire_for: Any, ask: Any, unit: Unit, other_unit: Unit
) -> None:
    email = hire_for("editor", unit, other_unit)
    _person, stolen = enter(email, unit)
    assert ask(stolen, unit) == 200
    assert ask(stolen, other_unit) == 302, "although the account has a role there, too"
    _person, other = enter(email, other_unit)
    assert (ask(other, other_unit), ask(other, unit)) == (200, 302)


def test_the_table_holds_no_word_that_opens_anything(
    enter: Any, hire_for: Any, app: Any, platform: Platform, unit: Unit
) -> None:
    _person, stolen = enter(hire_for("editor", unit), unit)
    reader = app.session_interface.get_signing_serializer(app)
    word = reader.loads(stolen)["_user_id"]
    assert len(word) >= 43, "256 bits"
    with platform.open_session(False) as session:
        [row] = session.scalars(select(AccountSession))
        assert word not in (row.token_hash, row.agent, row.network)
        assert row.unit_id == unit.id


def test_a_session_that_somebody_prepared_is_not_gone_on_with(
    staff: Staff, visitor: Any, unit: Unit, ask: Any
) -> None:
    known = staff("editor")
    person = type(known)(visitor().site, known.email)
    planted = cookie(person.open("/quan-tri/dang-nhap"))
    fresh = cookie(person.sign_in())
    assert planted != fresh
    assert ask(planted, unit) == 302
    assert ask(fresh, unit) == 200


def test_signing_out_ends_the_session_wherever_its_cookie_is(
    enter: Any, hire_for: Any, ask: Any, platform: Platform, unit: Unit
) -> None:
    person, stolen = enter(hire_for("editor", unit), unit)
    person.send(person.open("/quan-tri/").form("/dang-xuat"))
    assert ask(stolen, unit) == 302
    assert rows(platform) == 0


@pytest.mark.parametrize(
    ("role", "pause", "still_in"),
    [
        ("editor", 119, True),
        ("editor", 121, False),
        ("unit_admin", 29, True),
        ("unit_admin", 31, False),
        ("platform_admin", 31, False),
    ],
)
def test_a_session_ends_unused_after_the_time_of_the_role(
    staff: Staff, clock: FrozenClock, role: str, pause: int, still_in: bool
) -> None:
    person = staff(role)
    for _time in range(2):
        clock.move(timedelta(minutes=pause))
        assert (person.open(OWN).status == 200) == still_in


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_use_is_noted_once_a_minute_by_any_request(
    staff: Staff, clock: FrozenClock, platform: Platform, method: str
) -> None:
    person = staff("editor")
    begun = clock.now()

    def seen() -> Any:
        with platform.open_session(False) as session:
            return session.scalars(select(AccountSession.seen_at)).one()

    token = person.token()
    for seconds, expected in ((30, begun), (31, begun + timedelta(seconds=61))):
        clock.move(timedelta(seconds=seconds))
        if method == "GET":
            assert person.open("/quan-tri/con-lam-viec").status == 204
        else:
            assert person.post("/quan-tri/thong-bao", token, notices="x").status == 422
        assert seen() == expected


def test_what_a_page_asks_by_itself_is_no_use(staff: Staff, clock: FrozenClock) -> None:
    person = staff("editor")
    token = person.token()
    called = {"form-key": "ab" * 16, "form-sequence": "1", "expected-version": "1"}
    for _time in range(4):
        clock.move(timedelta(minutes=40))
        person.post("/quan-tri/legal_document/dang-mo", token, **called)
    assert person.open(OWN).status == 302


def test_people_see_their_sessions_and_end_them(
    enter: Any, hire_for: Any, ask: Any, platform: Platform, unit: Unit, other_unit: Unit
) -> None:
    email = hire_for("editor", unit, other_unit)
    cookies = [enter(email, unit)[1], enter(email, other_unit)[1], enter(email, unit)[1]]
    person, own = enter(email, unit)
    page = person.open(OWN)
    ends = [form for form in page.forms if re.search(r"/phien/\d+/ket-thuc$", form.action)]
    assert len(ends) == 3, "this one is not among those to be ended"
    assert page.text.count("127.0.0.1") == 4
    assert person.send(ends[0]).status == 303
    assert (
        sum(ask(c, u) == 200 for c, u in zip(cookies, (unit, other_unit, unit), strict=True)) == 2
    )
    assert person.send(page.form("/phien-khac/ket-thuc")).status == 303
    assert [ask(c, u) for c, u in zip(cookies, (unit, other_unit, unit), strict=True)] == [302] * 3
    assert ask(own, unit) == 200
    with platform.open_session(False) as session:
        told = select(AuditEntry.detail).where(AuditEntry.action == "account.sessions_end")
        found = [detail["sessions"] for detail in session.scalars(told.order_by(AuditEntry.id))]
    assert found == [1, 2]


def test_nobody_ends_a_session_of_somebody_else(staff: Staff, platform: Platform) -> None:
    one, other = staff("editor"), staff("editor")
    with platform.open_session(False) as session:
        ids = session.scalars(select(AccountSession.id).order_by(AccountSession.id)).all()
    assert other.post(f"{OWN}/phien/{ids[0]}/ket-thuc").status == 404
    assert one.open(OWN).status == 200


def test_an_administrator_ends_sessions_as_far_as_the_own_unit_goes(
    staff: Staff, enter: Any, hire_for: Any, ask: Any, platform: Platform, unit: Unit,
    other_unit: Unit,
) -> None:  # fmt: skip
    email = hire_for("editor", unit, other_unit)
    with platform.open_session(False) as session:
        account_id = session.scalar(select(Account.id).where(Account.email == email))
    here, there = enter(email, unit)[1], enter(email, other_unit)[1]
    admin = staff("unit_admin")
    page = admin.open(f"{PEOPLE}/{account_id}")
    assert admin.send(page.form("/ket-thuc-phien")).status == 303
    assert (ask(here, unit), ask(there, other_unit)) == (302, 200)
    root = staff("platform_admin")
    page = root.open(f"{PEOPLE}/{account_id}")
    assert root.send(page.form("/ket-thuc-phien")).status == 303
    assert ask(there, other_unit) == 302
    assert root.open(OWN).status == 200


def test_a_new_password_ends_all_sessions_but_the_one_it_was_given_in(
    enter: Any, hire_for: Any, ask: Any, unit: Unit
) -> None:
    email = hire_for("editor", unit)
    before = enter(email, unit)[1]
    person, own = enter(email, unit)
    form = next(f for f in person.open("/quan-tri/mat-khau").forms if "chosen" in f.names)
    new = {"present": PASSWORD, "chosen": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    changed = person.send(form, "/quan-tri/mat-khau", **new)
    assert changed.status == 303
    assert (ask(before, unit), ask(own, unit)) == (302, 302), "the word is another one, too"
    assert ask(cookie(changed), unit) == 200


@pytest.mark.both_databases
def test_a_password_changed_at_any_place_ends_the_sessions(
    platform: Platform, hire_for: Any, unit: Unit, clock: FrozenClock
) -> None:
    email = hire_for("editor", unit)
    with platform.open_session(True) as session:
        account = session.scalars(select(Account).where(Account.email == email)).one()
        word = sessions.begin(session, account, unit.id, clock.now())
        assert sessions.of_word(session, word, unit.id) is not None
        accounts.set_password(account, OTHER_PASSWORD)
        assert sessions.of_word(session, word, unit.id) is None
        session.commit()
    assert rows(platform) == 0


def test_old_sessions_are_forgotten_once_a_day(
    staff: Staff, platform: Platform, clock: FrozenClock, drain: Any
) -> None:
    staff("editor")
    drain()
    assert rows(platform) == 1
    clock.move(timedelta(days=1))
    drain()
    assert rows(platform) == 0


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140",
         "Edge, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
         "Safari, iPhone"),
        ("curl/8", ""),
    ],
)  # fmt: skip
def test_a_browser_is_told_in_a_few_words(app: Any, agent: str, told: str) -> None:
    from hoitu.core.admin.account.browsers import browser

    with app.test_request_context(headers={"User-Agent": agent}):
        assert browser() == told


def test_a_password_kept_with_less_work_is_kept_with_more_after_the_next_sign_in(
    staff: Staff, enter: Any, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from argon2 import PasswordHasher

    email = staff("editor").email
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr("hoitu.core.access.passwords._hasher", stronger)
    enter(email)
    with platform.open_session(False) as session:
        kept = session.scalars(select(Account.password_hash).where(Account.email == email)).one()
    assert "m=16,t=2" in kept
    enter(email)


@pytest.mark.both_databases
def test_each_failure_beyond_the_fifth_doubles_the_time(
    platform: Platform, hire_for: Any, unit: Unit, clock: FrozenClock
) -> None:
    email = hire_for("editor", unit)
    waits = []
    with platform.open_session(True) as session:
        for _attempt in range(13):
            assert accounts.authenticate(session, email, "sai rồi, sai rồi", clock.now()) is None
            account = accounts.of_address(session, email)
            assert account is not None
            if account.locked_until:
                waits.append((account.locked_until - clock.now()) // timedelta(minutes=1))
                assert accounts.authenticate(session, email, PASSWORD, clock.now()) is None
                clock.move(account.locked_until - clock.now())
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert accounts.authenticate(session, email, PASSWORD, clock.now()) is account
        assert (account.failed_logins, account.locked_until) == (0, None)
        session.commit()
