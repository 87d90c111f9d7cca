"""Mails of work, through a real server: who did it, what is asked, by when, and where."""

from __future__ import annotations

import email
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from hoitu.core.access import Account, accounts
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.content.actions import StepDetails
from hoitu.core.settings.refresh import refresh
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import Unit

NAME = "Văn bản: Kế hoạch 12/KH-UBND"


class _Postbox:
    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        found = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken.append((envelope.rcpt_tos[0], found["Subject"], found.get_content()))
        return "250 taken"


class _Server(Controller):
    def _trigger_server(self) -> None:
        # The library asks port 0 for its greeting; the real one is known now.
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def postbox() -> Iterator[tuple[_Postbox, int]]:
    found = _Postbox()
    server = _Server(found, hostname="127.0.0.1", port=0)
    server.start()
    yield found, server.port
    server.stop()


@pytest.fixture
def app(make_app: Callable[..., Any], postbox: tuple[_Postbox, int]) -> Any:
    return make_app(
        mail_url=f"smtp://127.0.0.1:{postbox[1]}?tls=none", mail_from="Cổng <cong@hue.example>"
    )


@pytest.fixture
def people(platform: Any, unit: Unit) -> dict[str, Account]:
    with platform.open_session(True) as opened:
        made = {}
        for role in ("editor", "reviewer", "approver", "unit_admin"):
            account = accounts.create(
                opened, email=f"{role}@thu.example", name=f"Bà {role}", password=PASSWORD
            )
            accounts.grant(opened, account, role, unit.id, "")
            account.notices = "each"
            made[role] = account
        opened.commit()
        return made


@pytest.fixture
def act(in_request: Callable[..., Any], people: dict[str, Account]) -> Callable[..., Any]:
    """Return a function that does something as whoever has a role, and returns what it gave."""
    return lambda role, work: in_request(people[role], work)


@pytest.fixture
def submitted(act: Any, document: Any) -> int:
    def work(context: ActionContext) -> int:
        item = actions.create(context, "legal_document", document("12/KH-UBND"))
        actions.advance(context, item, "submit", details=StepDetails(due_on=date(2026, 11, 27)))
        return item.id

    return int(act("editor", work))


@pytest.fixture
def mails(postbox: tuple[_Postbox, int], drain: Callable[[], None]) -> Callable[..., Any]:
    """Return a function that sends what waits: (subject, text) of the new mails, by receiver."""

    def read() -> dict[str, tuple[str, str]]:
        drain()
        found = {to.partition("@")[0]: (subject, text) for to, subject, text in postbox[0].taken}
        postbox[0].taken.clear()
        return found

    return read


def item_of(context: ActionContext, item_id: int) -> Item:
    return context.session.scalars(select(Item).where(Item.id == item_id)).one()


def take(act: Any, role: str, item_id: int, name: str, note: str = "") -> None:
    act(role, lambda context: actions.advance(context, item_of(context, item_id), name, note))


def plan(act: Any, platform: Any, item_id: int) -> None:
    at = platform.clock.now() + timedelta(hours=2)
    act("approver", lambda c: actions.schedule(c, item_of(c, item_id), "publish", at))


def tells(mail: tuple[str, str], subject: str, item_id: int, *lines: str) -> None:
    assert mail[0] == f"[phường Một] {subject}: {NAME}"
    for line in (*lines, f"https://mot.test/quan-tri/legal_document/{item_id}"):
        assert line in mail[1].splitlines(), mail[1]


def test_what_is_handed_in_tells_the_approver_who_what_and_by_when(
    submitted: int, mails: Any
) -> None:
    tells(
        mails()["approver"], "Chờ duyệt", submitted,
        "Bà editor gửi duyệt lúc 09:00 23/11/2026.",
        "Đề nghị duyệt: xuất bản, hoặc trả lại và nêu lý do.",
        "Hạn: 27/11/2026",
    )  # fmt: skip


def test_what_is_returned_tells_the_editor_by_whom_and_why(
    submitted: int, act: Any, mails: Any
) -> None:
    mails()
    take(act, "approver", submitted, "return", "Thiếu căn cứ")
    tells(
        mails()["editor"], "Bà approver đã trả lại bạn", submitted,
        "Bà approver trả lại lúc 09:00 23/11/2026.",
        "Lý do: Thiếu căn cứ",
        "Đề nghị sửa rồi gửi duyệt lại.",
    )  # fmt: skip


def test_what_is_published_tells_the_editor(submitted: int, act: Any, mails: Any) -> None:
    mails()
    take(act, "approver", submitted, "publish")
    tells(
        mails()["editor"], "Đã xuất bản", submitted,
        "Bà approver xuất bản lúc 09:00 23/11/2026.",
        "Bạn không cần làm gì thêm.",
    )  # fmt: skip


def test_what_is_approved_for_a_time_tells_the_editor_when(
    submitted: int, act: Any, mails: Any, platform: Any
) -> None:
    mails()
    plan(act, platform, submitted)
    tells(
        mails()["editor"], "Đã duyệt, sẽ xuất bản lúc 11:00 23/11/2026", submitted,
        "Bà approver duyệt lúc 09:00 23/11/2026.",
        "Bạn không cần làm gì thêm. Nếu bài được sửa trước lúc đó thì phải duyệt lại.",
    )  # fmt: skip


def test_what_needs_approval_anew_tells_who_planned_it_and_who_approves(
    submitted: int, act: Any, mails: Any, platform: Any
) -> None:
    plan(act, platform, submitted)
    mails()
    act("editor", lambda c: actions.edit(c, item_of(c, submitted), {"summary": "Khác"}))
    found = mails()
    assert set(found) == {"approver", "unit_admin"}
    for mail in found.values():
        tells(
            mail, "Hẹn xuất bản lúc 11:00 23/11/2026, cần duyệt lại", submitted,
            "Bà editor đã sửa bài hoặc thay đổi quy định duyệt lúc 09:00 23/11/2026.",
            "Đề nghị duyệt: xuất bản, hoặc trả lại và nêu lý do.",
        )  # fmt: skip


def test_who_may_not_see_a_text_any_more_is_not_told_of_it(
    submitted: int, act: Any, mails: Any, platform: Any, unit: Unit, people: Any
) -> None:
    plan(act, platform, submitted)
    with platform.open_session(True) as opened:
        planner = opened.get_one(Account, people["approver"].id)
        for grant in list(planner.grants):
            opened.delete(grant)
        opened.flush()
        accounts.grant(opened, planner, "editor", unit.id, "news")
        opened.commit()
    mails()
    act("editor", lambda c: actions.edit(c, item_of(c, submitted), {"summary": "Khác"}))
    assert set(mails()) == {"unit_admin"}


def test_a_planned_text_that_is_returned_tells_who_planned_it(
    submitted: int, act: Any, mails: Any, platform: Any
) -> None:
    plan(act, platform, submitted)
    mails()
    take(act, "unit_admin", submitted, "return", "Thiếu căn cứ")
    found = mails()
    assert set(found) == {"approver", "editor"}
    subject = "Hẹn xuất bản lúc 11:00 23/11/2026, cần duyệt lại"
    assert found["approver"][0].startswith(f"[phường Một] {subject}")


def test_rules_that_the_operator_changed_tell_the_reviewer_and_who_planned_it(
    submitted: int, act: Any, mails: Any, platform: Any, hoitu: Callable[..., Any]
) -> None:
    plan(act, platform, submitted)
    mails()
    answer = hoitu("setting", "set", "core.editorial.approval", "three_step")
    assert "1 planned publications need approval anew" in answer.output
    with platform.open_session(True) as opened:
        refresh(platform, opened)
    found = mails()
    subject = "Hẹn xuất bản lúc 11:00 23/11/2026, cần duyệt lại"
    asked = "Đề nghị kiểm tra: chuyển người duyệt, hoặc trả lại và nêu lý do."
    for role in ("reviewer", "approver"):
        tells(found[role], subject, submitted, asked, "Hạn: 27/11/2026")
    kept = "Bài chưa được xuất bản cho đến khi có người duyệt lại. Giờ đã hẹn vẫn được giữ."
    tells(found["editor"], subject, submitted, kept)


def test_what_was_published_urgently_tells_the_approver_why(
    act: Any, document: Any, mails: Any
) -> None:
    def work(context: ActionContext) -> int:
        item = actions.create(context, "legal_document", document("12/KH-UBND"))
        actions.advance(context, item, "publish_urgently", "Bão số 5")
        return item.id

    item_id = int(act("unit_admin", work))
    tells(
        mails()["approver"], "Đã xuất bản khẩn, cần duyệt sau", item_id,
        "Bà unit_admin xuất bản khẩn lúc 09:00 23/11/2026.",
        "Lý do: Bão số 5",
        "Đề nghị duyệt sau, hoặc gỡ khỏi trang.",
    )  # fmt: skip


def test_a_planned_step_that_failed_tells_the_editor_why(
    submitted: int, act: Any, mails: Any, platform: Any, clock: Any
) -> None:
    plan(act, platform, submitted)
    with platform.open_session(True) as opened:
        opened.scalars(
            select(Account).where(Account.email.startswith("approver"))
        ).one().active = False
        opened.commit()
    mails()
    clock.move(timedelta(hours=3))
    mail = mails()["editor"]
    tells(
        mail, "Bước đã hẹn giờ không thực hiện được", submitted,
        "Đề nghị mở bài, sửa chỗ chưa đúng rồi hẹn giờ lại.",
    )  # fmt: skip
    assert "Lý do: " in mail[1]
