"""Breaches: the clock of the law, reminders, steps, and the notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hoitu.core import clock as clocks
from hoitu.core import mail
from hoitu.core.access.audit import AuditEntry
from hoitu.core.extensions import platform
from hoitu.core.jobs.queue import JobRow
from hoitu.core.privacy import Breach, laws
from hoitu.core.privacy import breaches as incidents

if TYPE_CHECKING:
    from hoitu.core.clock import FrozenClock
    from hoitu.core.extensions import Platform

PATH = "/quan-tri/vi-pham-du-lieu"
Staff = Callable[..., Any]


def typed(instant: Any) -> str:
    return clocks.local(instant).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def boss(staff: Staff) -> Any:
    return staff("platform_admin")


@pytest.fixture
def breach(boss: Any, clock: FrozenClock) -> str:
    """Return the page of a breach that was found just now."""
    form = boss.open(f"{PATH}/moi").form("/moi")
    answer = boss.send(form, what="Lộ danh sách người hỏi", found_at=typed(clock.now()))
    assert answer.status == 303, answer.text
    return str(answer.response.location)


def mails(platform: Platform) -> list[str]:
    with platform.open_session(False) as session:
        rows = session.scalars(select(JobRow).where(JobRow.name == mail.JOB).order_by(JobRow.id))
        return [row.payload.get("subject", "") for row in rows]


def test_only_administrators_of_the_platform_see_breaches(staff: Staff, breach: str) -> None:
    admin = staff("unit_admin")
    for path in (PATH, f"{PATH}/moi", breach, f"{breach}/thong-bao"):
        assert admin.open(path).status == 403


def test_a_new_law_counts_from_its_day(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        catalogue = platform.catalogues.on(date(2026, 11, 28))
        newer = {
            "id": laws.BREACH, "ref": "Luật mới (secondary:S1)", "hours": 48,
            "valid_from": date(2027, 1, 1),
        }  # fmt: skip
        both = [newer, *catalogue.data["personal_data_laws"]]
        monkeypatch.setitem(catalogue.data, "personal_data_laws", both)
        monkeypatch.setattr(type(platform.catalogues), "on", lambda _self, _day: catalogue)
        assert laws.hours(laws.BREACH, date(2026, 12, 31)) == 72
        assert laws.hours(laws.BREACH, date(2027, 1, 1)) == 48
        assert laws.reference(laws.BREACH, date(2027, 1, 1)) == "Luật mới"
        # Before there was one, the first.
        assert laws.hours(laws.BREACH, date(2020, 1, 1)) == 72


def test_the_hours_are_those_of_the_law(
    app: Any, boss: Any, breach: str, clock: FrozenClock
) -> None:
    with app.app_context():
        assert laws.hours(laws.BREACH, clock.today()) == 72
        assert "91/2025/QH15" in laws.reference(laws.BREACH, clock.today())
    assert "72" in boss.open(breach).text
    clock.move(timedelta(hours=10, minutes=30))
    assert boss.sign_in().status == 303
    assert "61" in boss.open(breach).text


@pytest.mark.both_databases
def test_reminders_come_at_24_48_and_66_hours_until_it_is_reported(
    platform: Platform, app: Any, boss: Any, breach: str, clock: FrozenClock
) -> None:
    def remind() -> int:
        with app.app_context(), platform.open_session(True) as session:
            count = incidents.remind(session, clock.now())
            session.commit()
            return count

    sent = []
    for _hour in range(80):
        clock.move(timedelta(hours=1))
        sent.append(remind())
    assert [hour + 1 for hour, count in enumerate(sent) if count] == [24, 48, 66]
    assert len(mails(platform)) == 3


def test_no_reminder_after_it_was_reported(
    platform: Platform, app: Any, boss: Any, breach: str, clock: FrozenClock
) -> None:
    boss.send(boss.open(breach).form("/buoc/report"), xong="1")
    clock.move(timedelta(hours=50))
    with app.app_context(), platform.open_session(True) as session:
        assert incidents.remind(session, clock.now()) == 0


def test_steps_say_who_and_when_and_are_in_the_log(
    platform: Platform, boss: Any, breach: str
) -> None:
    answer = boss.send(boss.open(breach).form("/buoc/stop"), xong="1")
    assert answer.status == 303
    assert "Ông platform_admin" in boss.open(breach).text
    boss.send(boss.open(breach).form("/buoc/stop"), xong="0")
    with platform.open_session(False) as session:
        chosen = select(AuditEntry.action).where(AuditEntry.object_type == "breach")
        assert session.scalars(chosen.order_by(AuditEntry.id)).all() == [
            "breach.open", "breach.step", "breach.unstep",
        ]  # fmt: skip
    assert boss.post(f"{breach}/buoc/khong-co", xong="1").status == 303


def test_the_notice_has_every_part_in_order(boss: Any, breach: str) -> None:
    assert "Hậu quả" in boss.open(breach).text
    form = boss.open(breach).form(breach)
    answer = boss.send(
        form, kinds="Họ tên, điện thoại", people="120", effects="Bị gọi quấy rối",
        measures="Đã gỡ", contact="Văn phòng",
    )  # fmt: skip
    assert answer.status == 303, answer.text
    page = boss.open(f"{breach}/thong-bao").text
    places = [page.index(word) for word in (
        "Điều 23", "Lộ danh sách", "Họ tên, điện thoại", "120", "Bị gọi", "Đã gỡ", "Văn phòng",
    )]  # fmt: skip
    assert places == sorted(places)


@pytest.mark.parametrize(
    "wrong",
    [{"found_at": ""}, {"what": " "}, {"people": "nhiều"}, {"found_at": "hôm qua"}],
    ids=str,
)
def test_bad_input_is_told_and_kept(
    platform: Platform, boss: Any, clock: FrozenClock, wrong: dict[str, str]
) -> None:
    form = boss.open(f"{PATH}/moi").form("/moi")
    values = {"what": "Lộ dữ liệu zq", "found_at": typed(clock.now()), "kinds": "Họ tên", **wrong}
    answer = boss.send(form, **values)
    assert answer.status == 422
    assert "Họ tên" in answer.text
    with platform.open_session(False) as session:
        assert session.scalars(select(Breach)).all() == []


def test_a_time_to_come_is_refused(boss: Any, clock: FrozenClock) -> None:
    form = boss.open(f"{PATH}/moi").form("/moi")
    found_at = typed(clock.now() + timedelta(hours=2))
    assert boss.send(form, what="Lộ dữ liệu", found_at=found_at).status == 422
