"""Deputies at the desk: who may name whom, for which days, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, Deputy
from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock, add_months, format_date
from hoitu.core.content import ActionContext, Item
from hoitu.core.extensions import Platform
from hoitu.core.units import Unit

Desk = Callable[..., AbstractContextManager[ActionContext]]
Staff = Callable[..., Any]
PATH = "/quan-tri/uy-quyen"


@pytest.fixture
def account_of(platform: Platform) -> Callable[[Any], int]:
    """Return a function that finds the account of somebody at the desk."""

    def find(person: Any) -> int:
        with platform.open_session(False) as session:
            found = session.scalar(select(Account.id).where(Account.email == person.email))
        assert found is not None
        return found

    return find


@pytest.fixture
def rows(platform: Platform) -> Callable[[], list[tuple[int, int, date, date]]]:
    """Return a function that lists who stands in for whom, and when."""

    def read() -> list[tuple[int, int, date, date]]:
        with platform.open_session(False) as session:
            found = session.scalars(select(Deputy).order_by(Deputy.id))
            return [(d.account_id, d.deputy_id, d.valid_from, d.valid_until) for d in found]

    return read


def name(person: Any, deputy: int | str, first: date, last: date, **more: Any) -> Any:
    typed = {"valid_from": format_date(first), "valid_until": format_date(last), **more}
    return person.send(person.open(PATH).form(PATH), deputy=str(deputy), **typed)


def test_an_approver_names_a_deputy_who_then_finds_the_work_in_their_list(
    staff: Staff, write: Callable[..., str], account_of: Callable[[Any], int], desk: Desk,
    clock: FrozenClock, rows: Callable[[], list[Any]], platform: Platform,
) -> None:  # fmt: skip
    approver, deputy, author = staff("approver"), staff("editor"), staff("editor")
    path = write(author, summary="x", body="<p>x</p>")
    asked = {"step-submit-reviewer": account_of(approver)}
    author.send(author.open(path).form(path), then__step="submit", **asked)
    assert "/KH-UBND" not in deputy.open("/quan-tri/viec/cho-duyet").text
    today = clock.today()
    last = today + timedelta(days=6)
    assert name(approver, account_of(deputy), today, last).status == 303
    assert rows() == [(account_of(approver), account_of(deputy), today, last)]
    work = deputy.open("/quan-tri/viec/cho-duyet").text
    assert "/KH-UBND" in work
    assert "được ủy quyền" in work
    assert deputy.send(deputy.open(path).form(path), then__step="publish").status == 303
    with desk() as opened:
        assert opened.session.get_one(Item, int(path.rpartition("/")[2])).state == "published"
        entry = opened.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "account.deputy")
        ).one()
        assert entry.detail["until"] == last.isoformat()
        assert entry.account_id == account_of(approver)


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (-1, 3, "ngày hôm nay"),
        (3, 2, "trước ngày đầu"),
        (0, 400, "một năm"),
    ],
)
def test_days_that_cannot_be_are_refused_and_stay_in_the_form(
    staff: Staff, account_of: Callable[[Any], int], clock: FrozenClock, first: int, last: int,
    told: str, rows: Callable[[], list[Any]],
) -> None:  # fmt: skip
    approver, deputy = staff("approver"), staff("editor")
    days = [clock.today() + timedelta(days=n) for n in (first, last)]
    shown = name(approver, account_of(deputy), *days)
    assert shown.status == 422
    assert told in shown.text
    assert f'value="{format_date(days[1])}"' in shown.text
    assert f'value="{account_of(deputy)}" selected' in shown.text
    assert rows() == []


def test_a_year_is_the_longest(
    staff: Staff, account_of: Callable[[Any], int], clock: FrozenClock
) -> None:
    approver, deputy = staff("approver"), staff("editor")
    today = clock.today()
    assert name(approver, account_of(deputy), today, add_months(today, 12)).status == 303


def test_days_that_overlap_are_refused_with_the_name_and_the_days(
    staff: Staff, account_of: Callable[[Any], int], clock: FrozenClock,
    rows: Callable[[], list[Any]],
) -> None:  # fmt: skip
    approver, one, two = staff("approver"), staff("editor"), staff("reviewer")
    today = clock.today()

    def day(number: int) -> date:
        return today + timedelta(days=number)

    assert name(approver, account_of(one), day(5), day(9)).status == 303
    for first, last in ((5, 9), (0, 5), (9, 20), (6, 7), (0, 30)):
        shown = name(approver, account_of(two), day(first), day(last))
        assert shown.status == 422
        assert "Ông editor" in shown.text
        assert format_date(day(9)) in shown.text
    assert len(rows()) == 1
    for first, last in ((0, 4), (10, 12)):
        assert name(approver, account_of(two), day(first), day(last)).status == 303


def test_only_people_of_the_unit_and_nobody_for_themselves(
    staff: Staff, account_of: Callable[[Any], int], clock: FrozenClock, other_unit: Unit,
    rows: Callable[[], list[Any]],
) -> None:  # fmt: skip
    approver, stranger = staff("approver"), staff("approver", at=other_unit)
    today = clock.today()
    page = approver.open(PATH).text
    assert f'value="{account_of(stranger)}"' not in page
    for wrong in (account_of(stranger), account_of(approver), "", "x", 2**40):
        assert name(approver, wrong, today, today).status == 422
    # A field the form does not have changes nothing: one names for oneself.
    other, deputy = staff("approver"), staff("editor")
    shown = name(approver, account_of(deputy), today, today, account=str(account_of(other)))
    assert shown.status == 303
    assert [row[0] for row in rows()] == [account_of(approver)]


def test_whoever_approves_nothing_names_nobody(
    staff: Staff, account_of: Callable[[Any], int], clock: FrozenClock
) -> None:
    editor, approver = staff("editor"), staff("approver")
    assert editor.open(PATH).status == 200
    assert not [f for f in editor.open(PATH).forms if f.action == PATH]
    today = clock.today()
    data = {"valid_from": format_date(today), "valid_until": format_date(today)}
    assert editor.post(PATH, deputy=str(account_of(approver)), **data).status == 403
    # Nor does a deputy hand on what was lent to them.
    assert name(approver, account_of(editor), today, today).status == 303
    assert editor.post(PATH, deputy=str(account_of(approver)), **data).status == 403


def test_an_administrator_names_a_deputy_for_somebody_who_is_away(
    staff: Staff, account_of: Callable[[Any], int], clock: FrozenClock,
    rows: Callable[[], list[Any]],
) -> None:  # fmt: skip
    admin, away, editor = staff("unit_admin"), staff("approver"), staff("editor")
    today = clock.today()
    wrong = name(admin, account_of(away), today, today, account=str(account_of(editor)))
    assert wrong.status == 422
    done = name(admin, account_of(editor), today, today, account=str(account_of(away)))
    assert done.status == 303
    assert rows()[0][:2] == (account_of(away), account_of(editor))


def test_it_ends_at_once_when_it_is_ended(
    staff: Staff, account_of: Callable[[Any], int], clock: FrozenClock,
    rows: Callable[[], list[Any]], other_unit: Unit,
) -> None:  # fmt: skip
    approver, deputy, other = staff("approver"), staff("editor"), staff("approver")
    today = clock.today()
    name(approver, account_of(deputy), today, today + timedelta(days=9))
    form = approver.open(PATH).form("/ket-thuc")
    assert not [f for f in other.open(PATH).forms if f.action.endswith("/ket-thuc")]
    assert other.send(other.open(PATH).form(PATH), to=form.action).status == 403
    foreign = staff("unit_admin", at=other_unit)
    assert foreign.post(form.action).status == 404
    assert deputy.open("/quan-tri/legal_document").status == 200
    clock.move(timedelta(days=2))
    for person in (approver, deputy):
        assert person.sign_in().status == 303
    assert approver.send(approver.open(PATH).form("/ket-thuc")).status == 303
    assert rows() == [(account_of(approver), account_of(deputy), today, today + timedelta(days=1))]
    assert account_of(deputy)
    assert "Hiện không có ủy quyền nào" in deputy.open(PATH).text
    # One that has not begun leaves nothing behind but the log.
    later = clock.today() + timedelta(days=5)
    assert name(approver, account_of(deputy), later, later).status == 303
    assert approver.send(approver.open(PATH).form("/ket-thuc")).status == 303
    assert len(rows()) == 1
