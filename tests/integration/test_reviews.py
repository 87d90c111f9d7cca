"""Reviews: what is published is looked at again, that is an act of its own, and people are told."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, accounts
from hoitu.core.access.audit import AuditEntry
from hoitu.core.care import reviews as care
from hoitu.core.content import ActionContext, Item, ItemVersion, actions
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import Unit, unit_scope

Desk = Callable[..., AbstractContextManager[ActionContext]]
PATH = "/quan-tri/ra-soat"
TODAY = date(2026, 11, 23)


@pytest.fixture
def published(desk: Desk, document: Any) -> Callable[..., int]:
    """Return a function that publishes a document that is due on a day."""

    def make(
        number: str,
        review_by: date | None,
        owner: int | None = None,
        author: int | None = 1,
        **at: Any,
    ) -> int:
        with desk(**at) as work:
            item = actions.create(work, "legal_document", document(number))
            actions.publish(work, item)
            item.review_by, item.responsible_id = review_by, owner
            item.author_id = author
            return item.id

    return make


def of(platform: Any, email: str) -> int:
    with platform.open_session(False) as session:
        return int(session.scalars(select(Account.id).where(Account.email == email)).one())


def item_of(platform: Any, unit: Unit, item_id: int) -> Any:
    with platform.open_session(False) as session, unit_scope(unit.id):
        return session.scalars(select(Item).where(Item.id == item_id)).one()


def test_what_is_due_is_listed_mine_first_then_by_section(
    staff: Any, published: Any, platform: Any
) -> None:
    editor = staff("editor")
    mine = of(platform, editor.email)
    published("1/KH-UBND", TODAY + timedelta(days=30))
    published("2/KH-UBND", TODAY - timedelta(days=5), mine)
    published("3/KH-UBND", TODAY + timedelta(days=31))
    published("4/KH-UBND", None)
    page = editor.open(PATH)
    assert page.status == 200
    assert re.findall(r"(\d)/KH-UBND</a>", page.text) == ["2", "1"]
    headings = re.findall(r'<h2 id="pile-\d">([^<]+)</h2>', page.text)
    assert headings[0] == "Của bạn"
    assert len(headings) == 2
    assert page.text.count("quá hạn") >= 1


def test_one_tap_says_that_it_is_still_right(
    staff: Any, published: Any, platform: Any, unit: Unit
) -> None:
    item_id = published("1/KH-UBND", TODAY)
    editor = staff("editor")
    before = item_of(platform, unit, item_id)
    form = editor.open(PATH).form(f"/{item_id}/ra-soat")
    done = editor.send(form)
    assert (done.status, done.response.location) == (303, PATH)
    after = item_of(platform, unit, item_id)
    assert (after.reviewed_on, after.review_by) == (TODAY, date(2027, 11, 23))
    assert (after.state, after.revised_at) == ("published", before.revised_at)
    assert f"{item_id}/ra-soat" not in editor.open(PATH).text
    with platform.open_session(False) as session, unit_scope(unit.id):
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        versions = session.scalars(select(ItemVersion).where(ItemVersion.item_id == item_id)).all()
    assert (entry.action, entry.object_id) == ("item.confirm", str(item_id))
    assert len(versions) == 1, "the text did not change"


def test_on_its_page_the_next_date_can_be_chosen(
    staff: Any, published: Any, platform: Any, unit: Unit
) -> None:
    item_id = published("1/KH-UBND", TODAY)
    editor = staff("editor")
    path = f"/quan-tri/legal_document/{item_id}"
    form = editor.open(path).form("/ra-soat")
    assert form.values["next-review"] == ["23/11/2027"], "as the unit's rule says"
    assert editor.send(form, next__review="1/2/2027").status == 303
    assert item_of(platform, unit, item_id).review_by == date(2027, 2, 1)
    form = editor.open(path).form("/ra-soat")
    assert editor.send(form, next__review="").status == 303
    assert item_of(platform, unit, item_id).review_by is None


@pytest.mark.parametrize("typed", ["31/2/2027", "mai", "23/11/2026", "1/1/2020", "\0"])
def test_a_date_that_is_none_or_past_is_told_and_changes_nothing(
    staff: Any, published: Any, platform: Any, unit: Unit, typed: str
) -> None:
    item_id = published("1/KH-UBND", TODAY)
    editor = staff("editor")
    form = editor.open(f"/quan-tri/legal_document/{item_id}").form("/ra-soat")
    answer = editor.send(form, next__review=typed)
    assert answer.status == 303
    assert 'class="notice problem"' in editor.open(answer.response.location).text
    assert item_of(platform, unit, item_id).reviewed_on is None


def test_what_changed_since_it_was_read_is_read_again_first(
    staff: Any, published: Any, desk: Desk, platform: Any, unit: Unit
) -> None:
    item_id = published("1/KH-UBND", TODAY)
    editor = staff("editor")
    form = editor.open(PATH).form(f"/{item_id}/ra-soat")
    with desk() as work:
        item = work.session.scalars(select(Item).where(Item.id == item_id)).one()
        actions.edit(work, item, {"summary": "Khác"})
    assert editor.send(form).status == 303
    assert item_of(platform, unit, item_id).reviewed_on is None


def test_only_who_may_edit_here_confirms(
    staff: Any, published: Any, platform: Any, unit: Unit, other_unit: Unit
) -> None:
    item_id = published("1/KH-UBND", TODAY)
    path = f"/quan-tri/legal_document/{item_id}/ra-soat"
    stranger = staff("approver", at=other_unit, visits=unit)
    assert stranger.post(path).status == 403
    assert staff("approver", at=other_unit).post(path).status == 404
    assert item_of(platform, unit, item_id).reviewed_on is None


def test_a_draft_cannot_be_confirmed(staff: Any, write: Any) -> None:
    editor = staff("editor")
    path = write(editor)
    assert "/ra-soat" not in [f.action[-8:] for f in editor.open(path).forms]
    answer = editor.post(f"{path}/ra-soat", **{"expected-version": "1"})
    assert answer.status == 303
    assert "problem" in editor.open(path).text


def test_the_table_to_take_away_has_all_of_them(staff: Any, published: Any) -> None:
    published("1/KH-UBND", TODAY)
    answer = staff("editor").open(f"{PATH}.csv")
    assert answer.status == 200
    assert answer.response.headers["Content-Type"].startswith("text/csv")
    lines = answer.text.splitlines()
    assert len(lines) == 2
    assert "2026-11-23" in lines[1]


@pytest.fixture
def mails(platform: Any, drain: Any) -> Callable[[], dict[str, str]]:
    """Return a function that sends what waits: the texts by receiver."""

    def read() -> dict[str, str]:
        drain()
        found = {}
        for path in sorted((platform.instance / "outbox").glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            address = message["To"].addresses[0].addr_spec
            found[address] = f"{message['Subject']}\n{message.get_content()}"
            path.unlink()
        return found

    return read


def test_each_week_everybody_is_told_what_is_theirs(
    published: Any, platform: Any, clock: Any, mails: Any, unit: Unit, other_unit: Unit
) -> None:
    ids = {}
    with platform.open_session(True) as session:
        for name, role, at in (
            ("mot", "editor", unit), ("hai", "editor", unit), ("im", "editor", unit),
            ("quan-tri", "unit_admin", unit), ("khac", "unit_admin", other_unit),
            ("da-di", "editor", unit),
        ):  # fmt: skip
            account = accounts.create(
                session, email=f"{name}@thu.example", name=name, password=PASSWORD
            )
            accounts.grant(session, account, role, at.id)
            account.notices = "none" if name == "im" else "each"
            account.active = name != "da-di"
            session.flush()
            ids[name] = account.id
        session.commit()
    published("1/KH-UBND", TODAY - timedelta(days=1), ids["mot"])
    published("2/KH-UBND", TODAY + timedelta(days=20), ids["mot"])
    published("3/KH-UBND", TODAY + timedelta(days=60), ids["hai"])
    published("4/KH-UBND", TODAY, ids["im"])
    published("5/KH-UBND", None, None)
    published("6/KH-UBND", TODAY, ids["da-di"])
    mails()
    clock.move(timedelta(days=7))
    told = mails()
    assert set(told) == {"mot@thu.example", "quan-tri@thu.example"}
    first = told["mot@thu.example"]
    assert first.startswith("[phường Một] Số mục cần rà soát: 2\n")
    assert "22/11/2026 (quá hạn): Văn bản: Kế hoạch 1/KH-UBND" in first
    assert "https://mot.test/quan-tri/ra-soat" in first
    second = told["quan-tri@thu.example"]
    assert re.findall(r"(\d)/KH-UBND", second) == ["6", "5"], (
        "nobody's, and of who has left; no date last"
    )
    assert mails() == {}, "once a week"


@pytest.fixture
def member(platform: Any, unit: Unit) -> Callable[..., int]:
    """Return a function that makes somebody of the unit's staff: the id."""

    def make(name: str, role: str, section: str = "") -> int:
        with platform.open_session(True) as session:
            account = accounts.create(
                session, email=f"{name}@thu.example", name=name, password=PASSWORD
            )
            accounts.grant(session, account, role, unit.id, section)
            session.commit()
            return account.id

    return make


def test_who_may_no_longer_write_it_is_not_told_but_who_may_publish_it(
    published: Any, member: Any, clock: Any, mails: Any
) -> None:
    moved = member("chuyen-muc", "editor", "news")
    member("duyet", "approver", "legal_documents")
    member("duyet-tin", "approver", "news")
    published("1/KH-UBND", TODAY, moved)
    published("2/KH-UBND", TODAY + timedelta(days=60), moved)
    mails()
    clock.move(timedelta(days=7))
    told = mails()
    assert set(told) == {"duyet@thu.example"}
    assert re.findall(r"(\d)/KH-UBND", told["duyet@thu.example"]) == ["1"]


def test_of_what_was_brought_in_without_a_person_nobody_is_reminded(
    published: Any, member: Any, clock: Any, mails: Any
) -> None:
    member("quan-tri", "unit_admin")
    published("1/KH-UBND", None, author=None)
    mails()
    clock.move(timedelta(days=7))
    assert mails() == {}
    published("2/KH-UBND", TODAY, author=None)
    clock.move(timedelta(days=7))
    assert re.findall(r"(\d)/KH-UBND", mails()["quan-tri@thu.example"]) == ["2"], "it has a date"


def test_a_long_list_is_counted_and_only_its_beginning_read(
    published: Any, member: Any, clock: Any, mails: Any, statements: Any, drain: Any
) -> None:
    member("quan-tri", "unit_admin")
    for number in range(care.NAMED + 3):
        published(f"{number}/KH-UBND", None)
    mails()
    clock.move(timedelta(days=7))
    statements()
    drain()
    reading = [s.lower() for s in statements() if "review_by is null" in s.lower()]
    (listed,) = [s for s in reading if "order by" in s]
    assert "limit" in listed
    assert "summary" not in listed, "only what the mail names"
    text = mails()["quan-tri@thu.example"]
    assert text.count("/KH-UBND") == care.NAMED
    assert f"{care.NAMED + 3}\n" in text.splitlines(keepends=True)[0]
    assert "và 3 mục khác" in text


def test_the_list_costs_the_same_however_long_it_is(
    staff: Any, published: Any, statements: Any, platform: Any
) -> None:
    editor = staff("editor")
    for number in range(2):
        published(f"{number}/KH-UBND", TODAY, of(platform, editor.email))
    editor.open(PATH)
    statements()
    editor.open(PATH)
    few = len(statements())
    for number in range(2, 9):
        published(f"{number}/KH-UBND", TODAY)
    statements()
    editor.open(PATH)
    assert len(statements()) == few
