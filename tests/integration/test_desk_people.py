"""People of a unit: roles, accounts, one-time passwords, and the log of it all."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from hoitu.core.access import Account, RoleGrant, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, actions
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

PEOPLE = "/quan-tri/nguoi-dung"
EMAIL = "mot@thu.example"


@pytest.fixture
def grants(platform: Platform) -> Callable[[str], set[tuple[str, int | None]]]:
    def of(email: str) -> set[tuple[str, int | None]]:
        with platform.open_session(False) as session:
            account = session.scalar(select(Account).where(Account.email == email))
            return {(g.role, g.unit_id) for g in account.grants} if account else set()

    return of


@pytest.fixture
def at_once(platform: Platform, make_account: None) -> Callable[..., list[Any]]:
    """Return a function that does something in so many sessions at the same time."""

    def run(times: int, work: Callable[[Any, Account], object]) -> list[Any]:
        start = Barrier(times)

        def one(_number: int) -> object:
            with platform.open_session(True) as session:
                start.wait(10)
                account = session.scalars(select(Account).where(Account.email == EMAIL)).one()
                result = work(session, account)
                session.commit()
                return result

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(one, range(times)))

    return run


@pytest.fixture
def make_account(platform: Platform) -> None:
    with platform.open_session(True) as session:
        accounts.create(session, email=EMAIL, name="Trần Thị Một", password=PASSWORD)
        session.commit()


def give(person: Any, **typed: str) -> Any:
    return person.send(person.open(PEOPLE).form(PEOPLE), **typed)


def test_an_administrator_gives_and_takes_roles_here(
    staff: Staff, unit: Unit, other_unit: Unit, grants: Any
) -> None:
    admin, colleague = staff("unit_admin"), staff("editor", at=other_unit)
    assert give(admin, email=colleague.email.upper(), role="approver").status == 303
    assert grants(colleague.email) == {("editor", other_unit.id), ("approver", unit.id)}
    page = admin.open(PEOPLE)
    assert colleague.email in page.text
    with_button = [f for f in page.forms if f.action.endswith("/thu-hoi")]
    for form in with_button:
        admin.send(form)
    assert grants(colleague.email) == {("editor", other_unit.id)}
    assert grants(admin.email) == {("unit_admin", unit.id)}, "nobody locks oneself out"


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("khong-ai@thu.example", "editor"),
        ("", "editor"),
        ("không phải", "editor"),
        ("x" * 300 + "@thu.example", "editor"),
        ("{known}", ""),
        ("{known}", "platform_admin"),
        ("{known}", "root"),
        ("{known}", "editor\0 approver"),
    ],
)
def test_a_wrong_grant_is_refused_with_the_entries_kept(
    staff: Staff, other_unit: Unit, grants: Any, email: str, role: str
) -> None:
    admin, colleague = staff("unit_admin"), staff("editor", at=other_unit)
    email = email.format(known=colleague.email)
    shown = give(admin, email=email, role=role)
    assert shown.status == 422
    assert shown.form(PEOPLE).values["email"] == [email]
    assert grants(colleague.email) == {("editor", other_unit.id)}


def test_people_of_other_units_are_not_shown(staff: Staff, other_unit: Unit) -> None:
    admin, stranger = staff("unit_admin"), staff("editor", at=other_unit)
    assert stranger.email not in admin.open(PEOPLE).text


def test_a_new_account_has_to_choose_its_own_password(
    staff: Staff, visitor: Callable[..., Any], grants: Any
) -> None:
    root = staff("platform_admin")
    path = f"{PEOPLE}/moi"
    form = next(f for f in root.open(path).forms if "email" in f.names)
    made = root.send(form, path, email="Moi@Thu.example", name="Trần Thị Mới")
    assert made.status == 200
    assert made.response.headers["Cache-Control"] == "no-store"
    found = re.search(r"<code>([^<]+)</code>", made.text)
    assert found is not None
    give(root, email="moi@thu.example", role="editor")

    person = type(root)(visitor().site, "moi@thu.example")
    assert person.sign_in(found[1]).status == 303
    for wanted in ("/quan-tri/", "/quan-tri/legal_document"):
        answer = person.open(wanted)
        assert (answer.status, answer.response.location) == (302, "/quan-tri/mat-khau")
    assert person.post("/quan-tri/legal_document/moi").status == 302
    form = next(f for f in person.open("/quan-tri/mat-khau").forms if "chosen" in f.names)
    own = "con đường đẹp nhất"
    changed = person.send(form, "/quan-tri/mat-khau", present=found[1], chosen=own, again=own)
    assert changed.status == 303
    assert person.open("/quan-tri/").status == 200
    assert person.open(PEOPLE).status == 403


def test_an_address_is_taken_only_once(staff: Staff) -> None:
    root = staff("platform_admin")
    path = f"{PEOPLE}/moi"
    form = next(f for f in root.open(path).forms if "email" in f.names)
    shown = root.send(form, path, email=root.email.upper(), name="Ai")
    assert shown.status == 422
    assert "Ai" in next(f for f in shown.forms if "email" in f.names).values["name"]


def test_a_one_time_password_ends_the_sessions_of_the_account(staff: Staff) -> None:
    root, editor = staff("platform_admin"), staff("editor")
    found = re.search(rf'href="({PEOPLE}/\d+)"', root.open(PEOPLE).text)
    assert found is not None
    page = root.open(found[1])
    reset = next(f for f in page.forms if f.action.endswith("/mat-khau") and PEOPLE in f.action)
    assert "<code>" in root.send(reset).text
    assert editor.open("/quan-tri/").status == 302


@pytest.mark.parametrize(
    ("present", "chosen", "again", "fits"),
    [
        (PASSWORD, "con đường đẹp nhất", "con đường đẹp nhất", True),
        ("sai mật khẩu rồi", "con đường đẹp nhất", "con đường đẹp nhất", False),
        (PASSWORD, "ngắn", "ngắn", False),
        (PASSWORD, "con đường đẹp nhất", "con đường khác", False),
        (PASSWORD, PASSWORD, PASSWORD, False),
        (PASSWORD, "", "", False),
        ("\0", "\0" * 20, "\0" * 20, False),
    ],
)
def test_changing_the_own_password(
    staff: Staff, visitor: Any, present: str, chosen: str, again: str, fits: bool
) -> None:
    person = staff("editor")
    elsewhere = type(person)(visitor().site, person.email)
    elsewhere.sign_in()
    form = next(f for f in person.open("/quan-tri/mat-khau").forms if "chosen" in f.names)
    shown = person.send(form, "/quan-tri/mat-khau", present=present, chosen=chosen, again=again)
    assert shown.status == (303 if fits else 422)
    assert person.open("/quan-tri/").status == 200
    assert elsewhere.open("/quan-tri/").status == (302 if fits else 200)


def test_only_a_wrong_present_password_counts_as_an_attempt(
    staff: Staff, platform: Platform, clock: FrozenClock
) -> None:
    person = staff("editor")

    def send(present: str, chosen: str) -> int:
        form = next(f for f in person.open("/quan-tri/mat-khau").forms if "chosen" in f.names)
        sent = {"present": present, "chosen": chosen, "again": chosen}
        status: int = person.send(form, "/quan-tri/mat-khau", **sent).status
        return status

    def state() -> tuple[Any, int, list[str]]:
        with platform.open_session(False) as session:
            account = session.scalars(select(Account)).one()
            entries = select(AuditEntry.action).where(AuditEntry.unit_id.is_not(None))
            logged = session.scalars(entries.order_by(AuditEntry.id)).all()
            return account.last_login_at, account.failed_logins, list(logged)

    signed_in = state()[0]
    clock.move(timedelta(minutes=5))
    assert send(PASSWORD, "ngắn") == 422
    assert state() == (signed_in, 0, [])
    own = "con đường đẹp nhất"
    assert send("sai rồi", own) == 422
    assert state() == (signed_in, 1, ["sign_in.failed"])
    assert send(PASSWORD, own) == 303
    assert state() == (signed_in, 0, ["sign_in.failed", "account.password"])
    for _attempt in range(accounts.ATTEMPTS):
        assert send("sai rồi", own) == 422
    assert send(own, "con đường dài nhất") == 422, "the account is locked for a while"
    clock.move(accounts.LOCKED_FOR + timedelta(minutes=1))
    assert send(own, "con đường dài nhất") == 303


def test_a_new_account_gets_its_role_without_typing_the_address_again(
    staff: Staff, grants: Any, unit: Unit
) -> None:
    root = staff("platform_admin")
    path = f"{PEOPLE}/moi"
    form = next(f for f in root.open(path).forms if "email" in f.names)
    made = root.send(form, path, email="moi@thu.example", name="Trần Thị Mới")
    assert root.send(made.form(PEOPLE), role="editor").status == 303
    assert grants("moi@thu.example") == {("editor", unit.id)}


def test_the_log_shows_its_unit_page_by_page(
    staff: Staff, desk: Desk, document: Values, other_unit: Unit
) -> None:
    with desk(other_unit) as work:
        actions.create(work, "legal_document", document("999/KH-UBND"))
    with desk() as work:
        for number in range(1, 121):
            actions.create(work, "legal_document", document(f"{number}/KH-UBND"))
    admin = staff("unit_admin")
    seen, path = [], "/quan-tri/nhat-ky"
    while path:
        text = admin.open(path).text
        seen += [int(n) for n in re.findall(r"(\d+)/KH-UBND", text)]
        found = re.search(r'rel="next" href="([^"]+)"', text)
        path = found[1] if found else ""
    assert seen == list(range(120, 0, -1))


@pytest.mark.parametrize("before", ["x", "-1", "0", "²", "9" * 40, "%00"])
def test_any_place_in_the_log_is_answered(staff: Staff, before: str) -> None:
    assert staff("unit_admin").open(f"/quan-tri/nhat-ky?truoc={before}").status == 200


def test_role_rows_are_gone_when_taken_away(staff: Staff, platform: Platform) -> None:
    admin, editor = staff("unit_admin"), staff("editor")
    page = admin.open(PEOPLE)
    with platform.open_session(False) as session:
        owner = session.scalar(select(Account.id).where(Account.email == editor.email))
        grant = session.scalar(select(RoleGrant.id).where(RoleGrant.account_id == owner))
    admin.send(page.form(f"/{grant}/thu-hoi"))
    assert editor.open("/quan-tri/").status == 403


def test_giving_and_taking_a_role_twice_is_doing_it_once(
    staff: Staff, unit: Unit, other_unit: Unit, platform: Platform, grants: Any
) -> None:
    admin, colleague = staff("unit_admin"), staff("editor", at=other_unit)
    give(admin, email=colleague.email, role="editor")
    give(admin, email=colleague.email, role="approver")
    give(admin, email=colleague.email, role="editor")
    with platform.open_session(False) as session:
        rows = select(RoleGrant).join(Account).where(Account.email == colleague.email)
        grant = {(g.role, g.unit_id): g.id for g in session.scalars(rows)}
        assert session.scalar(select(func.count()).select_from(rows.subquery())) == len(grant) == 3
    form = admin.open(PEOPLE).form(f"/{grant['editor', unit.id]}/thu-hoi")
    assert admin.send(form).status == 303
    assert grants(colleague.email) == {("approver", unit.id), ("editor", other_unit.id)}
    assert admin.send(form).status == 404
    with platform.open_session(False) as session:
        log = session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.action.in_(("account.grant", "account.revoke")))
            .order_by(AuditEntry.id)
        ).all()
    assert log == ["account.grant", "account.grant", "account.revoke"]


def test_a_role_given_again_has_no_end(platform: Platform, make_account: None, unit: Unit) -> None:
    with platform.open_session(True) as session:
        account = session.scalars(select(Account)).one()
        ended = RoleGrant(role="editor", unit_id=unit.id, valid_until=date(2020, 1, 1))
        account.grants.append(ended)
        session.flush()
        assert accounts.actor(account, platform.clock.today()).grants == frozenset()
        assert accounts.grant(session, account, "editor", unit.id)
        assert not accounts.grant(session, account, "editor", unit.id)
        session.commit()
        assert len(account.grants) == 1
        assert accounts.actor(account, platform.clock.today()).can("news.edit", unit.id)


@pytest.mark.parametrize("role", ["editor", "platform_admin"])
def test_no_role_is_in_the_table_twice(
    platform: Platform, make_account: None, unit: Unit, role: str
) -> None:
    place = None if role == "platform_admin" else unit.id
    with platform.open_session(True) as session:
        account = session.scalars(select(Account.id)).one()
        session.add(RoleGrant(account_id=account, role=role, unit_id=place))
        session.flush()
        session.add(RoleGrant(account_id=account, role=role, unit_id=place))
        with pytest.raises(IntegrityError):
            session.flush()


def test_a_role_given_and_taken_by_many_at_once_is_given_and_taken_once(
    at_once: Callable[..., list[Any]], unit: Unit, grants: Any
) -> None:
    given = at_once(6, lambda s, account: accounts.grant(s, account, "editor", unit.id))
    assert sorted(given) == [False] * 5 + [True]
    assert grants(EMAIL) == {("editor", unit.id)}
    taken = at_once(
        6, lambda s, account: bool(account.grants) and accounts.revoke(s, account.grants[0])
    )
    assert sorted(taken) == [False] * 5 + [True]
    assert grants(EMAIL) == set()


def test_guesses_made_at_once_are_all_counted(
    at_once: Callable[..., list[Any]], platform: Platform, clock: FrozenClock
) -> None:
    def guess(session: Any, account: Account, password: str = "sai mật khẩu rồi") -> bool:
        return accounts.authenticate(session, EMAIL, password, clock.now()) is not None

    assert at_once(accounts.ATTEMPTS - 1, guess) == [False] * (accounts.ATTEMPTS - 1)
    with platform.open_session(False) as session:
        assert session.scalars(select(Account.failed_logins)).one() == accounts.ATTEMPTS - 1
    assert at_once(2, guess) == [False, False]
    with platform.open_session(True) as session:
        account = session.scalars(select(Account)).one()
        assert account.locked_until == clock.now() + accounts.LOCKED_FOR
        assert not guess(session, account, PASSWORD), "locked, even for who knows it"
        clock.move(accounts.LOCKED_FOR + timedelta(seconds=1))
        assert guess(session, account, PASSWORD)
