"""Links by mail: invitations and forgotten passwords; and accounts that nobody uses any more."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, invitations
from hoitu.core.access.audit import AuditEntry
from hoitu.core.access.models import AccountLink
from hoitu.core.admin.account import keeping
from hoitu.core.app import Portal
from hoitu.core.clock import FrozenClock
from hoitu.core.extensions import Platform, session_of_call
from hoitu.core.jobs import JobContext
from hoitu.core.jobs.queue import JobRow
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import Unit

Staff = Callable[..., Any]

PEOPLE, SIGN_IN = "/quan-tri/nguoi-dung", "/quan-tri/dang-nhap"
FORGOTTEN = "/quan-tri/quen-mat-khau"
CHOSEN = "mưa rơi trên mái ngói"
NEW = "moi@thu.example"


@pytest.fixture
def app(make_app: Callable[..., Portal]) -> Portal:
    """Return an application that sends mails."""
    return make_app(mail_url="smtp://127.0.0.1:9?tls=none", mail_from="Cổng <cong@thu.example>")


def mails(platform: Platform, to: str) -> list[dict[str, Any]]:
    with platform.open_session(False) as session:
        found = select(JobRow.payload).where(JobRow.name == "core.send_mail").order_by(JobRow.id)
        return [mail for mail in session.scalars(found) if mail.get("address") == to]


def path_in(mail: dict[str, Any]) -> str:
    found = re.search(r"https://[a-z.-]+(/quan-tri/chon-mat-khau/[\w-]+)", mail["text"])
    assert found is not None, mail
    return found[1]


def invite(root: Any, platform: Platform) -> tuple[int, str]:
    """Make an account; return its id and the path of the link that its owner gets."""
    form = next(f for f in root.open(f"{PEOPLE}/moi").forms if "email" in f.names)
    shown = root.send(form, f"{PEOPLE}/moi", email=NEW, name="Trần Thị Mới")
    assert shown.status == 200, shown.text
    assert root.send(shown.form(PEOPLE), role="editor").status == 303
    with platform.open_session(False) as session:
        account = session.scalars(select(Account).where(Account.email == NEW)).one()
    return account.id, path_in(mails(platform, NEW)[-1])


def choose(person: Any, path: str, password: str = CHOSEN) -> Any:
    form = next(f for f in person.open(path).forms if "chosen" in f.names)
    return person.send(form, path, chosen=password, again=password)


def ask(person: Any, email: str) -> Any:
    form = next(f for f in person.open(FORGOTTEN).forms if "email" in f.names)
    return person.send(form, FORGOTTEN, email=email)


def log_of(platform: Platform, action: str) -> list[AuditEntry]:
    with platform.open_session(False) as session:
        chosen = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return list(session.scalars(chosen))


# -- invitations ---------------------------------------------------------------------------------


def test_a_new_person_chooses_the_password_on_the_link_of_the_mail(
    staff: Staff, visitor: Any, platform: Platform
) -> None:
    account_id, path = invite(staff("platform_admin"), platform)
    person = type(visitor())(visitor().site, NEW)
    page = person.open(path)
    assert page.status == 200
    assert page.response.headers["Referrer-Policy"] == "same-origin"
    assert page.response.headers["Cache-Control"] == "no-store"
    assert choose(person, path, "Trần Thị Mới 2026").status == 422
    assert choose(person, path, "ngắn").status == 422
    assert choose(person, path).response.location == SIGN_IN
    assert person.open("/quan-tri/").status == 302, "it signs nobody in"
    assert person.sign_in(CHOSEN).status == 303
    assert person.open("/quan-tri/").status == 200
    assert person.open(path).status == 410
    [entry] = log_of(platform, "account.password")
    assert (entry.account_id, entry.object_id) == (account_id, str(account_id))
    assert entry.detail == {"email": NEW, "by": "invitation"}


def test_nobody_but_the_person_is_shown_a_way_in(staff: Staff, platform: Platform) -> None:
    root = staff("platform_admin")
    account_id, path = invite(root, platform)
    word = path.rpartition("/")[2]
    assert word not in root.open(f"{PEOPLE}/{account_id}").text
    with platform.open_session(False) as session:
        assert session.scalars(select(AccountLink)).one().word_hash != word
        assert word not in str(session.scalars(select(AuditEntry.detail)).all())
    [mail] = mails(platform, NEW)
    assert mail["fleeting"] is True, "nothing of it is kept once it was sent"


def test_an_invitation_is_sent_again_withdrawn_and_over_after_seven_days(
    staff: Staff, visitor: Any, platform: Platform, clock: FrozenClock
) -> None:
    root, nobody = staff("platform_admin"), visitor()
    account_id, first = invite(root, platform)
    page = root.open(f"{PEOPLE}/{account_id}")
    assert root.send(page.form("/moi-lai")).status == 303
    second = path_in(mails(platform, NEW)[-1])
    assert (nobody.open(first).status, nobody.open(second).status) == (410, 200)
    page = root.open(f"{PEOPLE}/{account_id}")
    assert root.send(page.form("/rut-loi-moi")).status == 303
    assert nobody.open(second).status == 410
    assert root.send(page.form("/moi-lai")).status == 404
    assert root.send(page.form(f"/nguoi-dung/{account_id}/mat-khau")).status == 303
    third = path_in(mails(platform, NEW)[-1])
    clock.move(timedelta(days=7) - timedelta(minutes=1))
    assert nobody.open(third).status == 200
    clock.move(timedelta(minutes=2))
    assert nobody.open(third).status == 410
    assert [len(log_of(platform, a)) for a in ("account.invite", "account.uninvite")] == [2, 1]


def test_administrators_of_units_invite_nobody(staff: Staff, platform: Platform) -> None:
    account_id, _path = invite(staff("platform_admin"), platform)
    admin = staff("unit_admin")
    for path in ("moi-lai", "rut-loi-moi", "bo-xac-thuc"):
        assert admin.post(f"{PEOPLE}/{account_id}/{path}").status == 404


@pytest.mark.both_databases
def test_a_link_used_by_many_at_once_is_used_once(
    platform: Platform, clock: FrozenClock, hire: Any
) -> None:
    account_id, start = hire("an"), Barrier(4)
    with platform.open_session(True) as session:
        account = session.get_one(Account, account_id)
        word = invitations.make(session, account, invitations.FORGOTTEN, clock.now())
        session.commit()

    def use(_number: int) -> bool:
        with platform.open_session(True) as session:
            start.wait(10)
            found = invitations.owner(session, word, clock.now())
            used = found is not None and invitations.use_up(session, found[0], word)
            session.commit()
            return used

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [False] * 3 + [True]


def test_without_mail_administrators_give_a_one_time_password(make_app: Any, staff: Staff) -> None:
    from hoitu.core.testing.fixtures import Site

    root = staff("platform_admin")
    plain = make_app()
    person = type(root)(Site(plain.test_client(), root.site.host), root.email)
    person.sign_in()
    form = next(f for f in person.open(f"{PEOPLE}/moi").forms if "email" in f.names)
    shown = person.send(form, f"{PEOPLE}/moi", email=NEW, name="Trần Thị Mới")
    assert 'class="secret"' in shown.text
    assert not any("email" in form.names for form in person.open(FORGOTTEN).forms)
    assert person.post(FORGOTTEN, email=root.email).status == 200


# -- forgotten passwords -------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_on_the_link(
    staff: Staff, visitor: Any, platform: Platform, clock: FrozenClock
) -> None:
    known = staff("editor")
    person = type(known)(visitor().site, known.email)
    assert ask(person, known.email.upper()).status == 200
    path = path_in(mails(platform, known.email)[-1])
    assert known.open("/quan-tri/").status == 200, "whoever asks ends nothing"
    assert choose(person, path).status == 303
    assert known.open("/quan-tri/").status == 302, "its sessions have ended"
    assert person.sign_in(PASSWORD).status == 400
    assert person.sign_in(CHOSEN).status == 303
    [entry] = log_of(platform, "account.link_asked")
    assert entry.actor == "stranger"
    clock.move(timedelta(minutes=6))
    ask(person, known.email)
    late = path_in(mails(platform, known.email)[-1])
    clock.move(timedelta(minutes=61))
    assert person.open(late).status == 410


def test_the_answer_is_the_same_for_any_address(
    staff: Staff, visitor: Any, platform: Platform
) -> None:
    known, locked = staff("editor"), staff("editor")
    with platform.open_session(True) as session:
        account = session.scalars(select(Account).where(Account.email == locked.email)).one()
        account.active = False
        session.commit()
    said = set()
    for address in (known.email, locked.email, "khong-ai@thu.example", known.email):
        shown = ask(visitor(), address)
        text = re.sub(r'value="[^"]{60,}"', "", shown.text)
        said.add((shown.status, text))
    assert len(said) == 1
    assert len(mails(platform, known.email)) == 1, "not again at once"
    assert mails(platform, locked.email) == []


def test_a_network_asks_so_often_an_hour(
    staff: Staff, visitor: Any, platform: Platform, clock: FrozenClock
) -> None:
    known, asking = staff("editor"), visitor()
    for number in range(5):
        assert ask(asking, f"ai{number}@thu.example").status == 200
    assert ask(asking, known.email).status == 429
    other = visitor()
    other.site.client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    assert ask(other, known.email).status == 200
    clock.move(timedelta(minutes=61))
    assert ask(asking, known.email).status == 200
    assert len(mails(platform, known.email)) == 2


@pytest.mark.parametrize("email", ["", "\0", "x" * 100_000, "không phải"])
def test_any_address_may_be_typed(visitor: Any, email: str) -> None:
    assert ask(visitor(), email).status in (200, 422)


@pytest.mark.parametrize("word", ["x", "%00", "..", "x" * 5_000])
def test_any_link_may_be_made_up(visitor: Any, word: str) -> None:
    assert visitor().open(f"/quan-tri/chon-mat-khau/{word}").status in (404, 410)


def test_a_forgotten_password_takes_nothing_from_an_invitation(
    staff: Staff, visitor: Any, platform: Platform, clock: FrozenClock
) -> None:
    invite(staff("platform_admin"), platform)
    ask(visitor(), NEW)
    clock.move(timedelta(days=6))
    assert visitor().open(path_in(mails(platform, NEW)[-1])).status == 200


# -- unused accounts -----------------------------------------------------------------------------


@pytest.fixture
def days(app: Portal, clock: FrozenClock, platform: Platform) -> Callable[[int], tuple[bool, int]]:
    """Return a function that lets days pass, each with the job that keeps accounts in order.

    It tells whether the editor's account is open, and how many warnings were sent to it.
    """

    def passed(number: int) -> tuple[bool, int]:
        for day in range(number + 1):
            clock.move(timedelta(days=min(day, 1)))
            with app.app_context(), session_of_call(True) as session:
                keeping.keep(JobContext(session, {}, clock))
                session.commit()
        with platform.open_session(False) as session:
            chosen = select(Account).where(Account.email.startswith("editor"))
            account = session.scalars(chosen).one()
            rows = session.scalars(select(JobRow.payload).where(JobRow.name == "core.send_mail"))
            return account.active, sum(row.get("account_id") == account.id for row in rows)

    return passed


def test_an_account_that_nobody_uses_is_locked_after_a_warning(
    staff: Staff, platform: Platform, days: Any, unit: Unit, visitor: Any
) -> None:  # fmt: skip
    root, editor = staff("platform_admin"), staff("editor")
    assert days(82) == (True, 0)
    assert days(1) == (True, 1)
    assert days(6) == (True, 1)
    assert days(1) == (False, 1)
    [entry] = log_of(platform, "account.idle")
    assert (entry.unit_id, entry.actor) == (unit.id, "system")
    assert entry.detail == {"email": editor.email}
    person = type(root)(visitor().site, root.email)
    assert person.sign_in().status == 303, "the last administrator of the platform stays"
    with platform.open_session(False) as session:
        chosen = select(Account.id).where(Account.email == editor.email)
        account_id = session.scalars(chosen).one()
    assert person.send(person.open(f"{PEOPLE}/{account_id}").form("/khoa")).status == 303
    assert days(1)[0] is True, "opened again, it is not locked the next day"


def test_it_is_a_job_of_every_day(app: Portal, platform: Platform) -> None:
    found = platform.jobs.get("core.keep_accounts")
    assert found is not None
    assert found[1].every == timedelta(days=1)


def test_whoever_signs_in_keeps_the_account(staff: Staff, days: Any, visitor: Any) -> None:
    editor = staff("editor")
    assert days(84) == (True, 1)
    person = type(editor)(visitor().site, editor.email)
    assert person.sign_in().status == 303
    assert days(30) == (True, 1)


def test_nobody_is_locked_without_having_been_told(
    staff: Staff, days: Any, clock: FrozenClock
) -> None:
    staff("editor")
    days(0)
    clock.move(timedelta(days=200))
    assert days(0) == (True, 1), "the worker did not run for a long time"
    assert days(6) == (True, 1)
    assert days(1) == (False, 1)
