"""Notices: whoever has to do something learns of it once, and nobody learns what is not theirs."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, Deputy, accounts
from hoitu.core.content import ActionContext, Item, ScheduledStep, actions
from hoitu.core.content.actions import StepDetails
from hoitu.core.events import OutboxEntry
from hoitu.core.jobs.queue import JobRow
from hoitu.core.testing.fixtures import PASSWORD
from hoitu.core.units import Unit, unit_scope
from hoitu.plugins.work_notices import digest
from hoitu.sections.questions.vocabularies import TOPICS

LINK = "https://mot.test"


@pytest.fixture
def hire(platform: Any, unit: Unit) -> Callable[..., Account]:
    """Return a function that makes somebody of the unit's staff."""

    def make(name: str, *roles: str, at: Unit | None = None, **values: Any) -> Account:
        with platform.open_session(True) as opened:
            account = accounts.create(
                opened, email=f"{name}@thu.example", name=name.title(), password=PASSWORD
            )
            for role in roles:
                section = values.get("section", "")
                accounts.grant(opened, account, role, (at or unit).id, section)
            account.notices = values.get("notices", "each")
            opened.commit()
            return account

    return make


@pytest.fixture
def sent(platform: Any, drain: Callable[[], None]) -> Callable[[], dict[str, list[str]]]:
    """Return a function that sends what waits: the new mails by receiver, subject and text."""
    seen: set[str] = set()

    def read() -> dict[str, list[str]]:
        drain()
        found: dict[str, list[str]] = {}
        for path in sorted((platform.instance / "outbox").glob("*.eml")):
            if path.name in seen:
                continue
            seen.add(path.name)
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            receiver = message["To"].addresses[0].addr_spec
            text = f"{message['Subject']}\n{message.get_content()}"
            found.setdefault(receiver.partition("@")[0], []).append(text)
        return found

    return read


@pytest.fixture
def draft(in_request: Any, document: Any) -> Callable[..., int]:
    """Return a function that lets somebody write a draft and hand it in: its id."""

    def write(author: Account, number: str = "12/KH-UBND", **details: Any) -> int:
        def work(context: ActionContext) -> int:
            item = actions.create(context, "legal_document", document(number))
            actions.advance(context, item, "submit", details=StepDetails(**details))
            return item.id

        return int(in_request(author, work))

    return write


def step(in_request: Any, account: Account, item_id: int, name: str, note: str = "") -> None:
    def work(context: ActionContext) -> None:
        item = context.session.scalars(select(Item).where(Item.id == item_id)).one()
        actions.advance(context, item, name, note)

    in_request(account, work)


def test_all_who_may_approve_are_told_and_nobody_else(
    hire: Any, draft: Any, sent: Any, other_unit: Unit
) -> None:
    author = hire("tac-gia", "editor", "approver")
    hire("bien-tap", "editor")
    hire("duyet", "approver")
    hire("quan-tri", "unit_admin")
    hire("tin-tuc", "approver", section="news")
    hire("noi-khac", "approver", at=other_unit)
    draft(author)
    mails = sent()
    assert set(mails) == {"duyet", "quan-tri"}
    (text,) = mails["duyet"]
    assert text.startswith("[phường Một] Chờ duyệt: Văn bản: Kế hoạch 12/KH-UBND\n")
    assert re.search(rf"{LINK}/quan-tri/legal_document/\d+", text)
    assert f"{LINK}/quan-tri/thong-bao" in text, "where one changes it"
    assert "Xây dựng nền tảng" not in text, "what is written in it stays at the desk"


def test_whoever_was_asked_is_told_with_their_deputies_of_the_day(
    hire: Any, draft: Any, sent: Any, platform: Any, unit: Unit
) -> None:
    author, asked = hire("tac-gia", "editor"), hire("duyet", "approver")
    hire("duyet-khac", "approver")
    today = platform.clock.today()
    with platform.open_session(True) as opened:
        for name, first in (("thay", today), ("thay-sau", today + timedelta(days=1))):
            deputy = hire(name, "editor")
            opened.add(
                Deputy(
                    unit_id=unit.id, account_id=asked.id, deputy_id=deputy.id,
                    valid_from=first, valid_until=first, created_at=platform.clock.now(),
                )
            )  # fmt: skip
            opened.commit()
    draft(author, reviewer_id=asked.id)
    assert set(sent()) == {"duyet", "thay"}


def test_in_three_steps_the_reviewer_is_told_first_then_the_approver(
    hire: Any, in_request: Any, draft: Any, sent: Any, platform: Any, unit: Unit, three_steps: None
) -> None:
    author, reviewer = hire("tac-gia", "editor"), hire("kiem-tra", "reviewer")
    approver = hire("duyet", "approver")
    item_id = draft(author)
    assert set(sent()) == {"kiem-tra", "duyet"}, "an approver may check as well"
    step(in_request, reviewer, item_id, "forward")
    mails = sent()
    assert set(mails) == {"duyet"}
    step(in_request, approver, item_id, "publish")
    assert set(sent()) == {"tac-gia"}


@pytest.fixture
def three_steps(platform: Any, unit: Unit) -> None:
    """Let the unit check before it approves."""
    from hoitu.core.access import SYSTEM
    from hoitu.core.settings.refresh import refresh

    with platform.open_session(True) as opened:
        scope, now = f"unit:{unit.id}", platform.clock.now()
        own = (scope, "core.editorial", "approval", "three_step", now)
        platform.settings.store(opened, SYSTEM, *own)
        opened.commit()
        refresh(platform, opened)


def test_a_returned_text_comes_back_with_the_reason(
    hire: Any, in_request: Any, draft: Any, sent: Any
) -> None:
    author, approver = hire("tac-gia", "editor"), hire("duyet", "approver")
    item_id = draft(author)
    sent()
    step(in_request, approver, item_id, "return", "Thiếu căn cứ pháp lý")
    mails = sent()
    assert set(mails) == {"tac-gia"}
    assert "Duyet đã trả lại bạn" in mails["tac-gia"][0]
    assert "Lý do: Thiếu căn cứ pháp lý" in mails["tac-gia"][0]


def test_what_was_published_urgently_is_told_to_all_who_may_approve_it(
    hire: Any, in_request: Any, draft: Any, sent: Any
) -> None:
    author = hire("tac-gia", "editor", "approver")
    hire("duyet", "approver")
    hire("bien-tap", "editor")
    item_id = draft(author)
    sent()
    step(in_request, author, item_id, "publish_urgently", "Bão số 5")
    mails = sent()
    assert set(mails) == {"duyet"}
    assert "Lý do: Bão số 5" in mails["duyet"][0]


def test_a_planned_step_that_failed_is_told_to_whoever_is_responsible(
    hire: Any, in_request: Any, document: Any, sent: Any, clock: Any, platform: Any
) -> None:
    owner, planner = hire("tac-gia", "editor"), hire("duyet", "approver")

    def write(context: ActionContext) -> int:
        return actions.create(context, "legal_document", document()).id

    item_id = in_request(owner, write)
    with platform.open_session(True) as opened:
        opened.add(
            ScheduledStep(
                unit_id=unit_of(platform), item_id=item_id, step="unpublish",
                run_at=clock.now() + timedelta(hours=1), account_id=planner.id,
                account_name=planner.name, created_at=clock.now(),
            )
        )  # fmt: skip
        with unit_scope(unit_of(platform)):
            opened.commit()
    clock.move(timedelta(hours=2))
    mails = sent()
    assert set(mails) == {"tac-gia"}
    assert "Bước đã hẹn giờ không thực hiện được" in mails["tac-gia"][0]
    assert "Lý do:" in mails["tac-gia"][0]


def unit_of(platform: Any) -> int:
    found = platform.units.by_slug("phuong-mot")
    return int(found.id)


def test_a_hundred_texts_at_once_are_not_a_hundred_mails(
    hire: Any, in_request: Any, document: Any, sent: Any, clock: Any
) -> None:
    author = hire("tac-gia", "editor")
    hire("duyet", "approver")

    def write(context: ActionContext) -> None:
        for number in range(30):
            item = actions.create(context, "legal_document", document(f"{number}/KH-UBND"))
            actions.submit(context, item)

    in_request(author, write)
    mails = sent()["duyet"]
    assert len(mails) == 20
    assert sum("Trong giờ này còn việc khác" in text for text in mails) == 1
    clock.move(timedelta(hours=1, minutes=1))

    def one_more(context: ActionContext) -> None:
        item = actions.create(context, "legal_document", document("99/KH-UBND"))
        actions.submit(context, item)

    in_request(author, one_more)
    assert len(sent()["duyet"]) == 1


def test_what_somebody_else_was_faster_with_is_not_told(
    hire: Any, in_request: Any, draft: Any, sent: Any
) -> None:
    author, approver = hire("tac-gia", "editor"), hire("duyet", "approver")
    hire("duyet-khac", "approver")
    item_id = draft(author)
    step(in_request, approver, item_id, "publish")
    assert set(sent()) == {"tac-gia"}


def test_told_of_the_same_step_again_nobody_gets_it_again(
    hire: Any, draft: Any, sent: Any, platform: Any
) -> None:
    author = hire("tac-gia", "editor")
    hire("duyet", "approver")
    draft(author)
    assert len(sent()["duyet"]) == 1
    with platform.open_session(True) as opened:
        for entry in opened.scalars(select(OutboxEntry)):
            entry.delivered_at = None
            entry.attempts = 0
        opened.commit()
    assert sent() == {}


def test_each_person_chooses_each_mail_one_a_day_or_none(
    hire: Any, draft: Any, sent: Any, clock: Any
) -> None:
    author = hire("tac-gia", "editor")
    hire("moi-viec", "approver")
    hire("moi-ngay", "approver", notices="daily")
    hire("khong-nhan", "approver", notices="none")
    draft(author, "12/KH-UBND")
    draft(author, "13/KH-UBND")
    mails = sent()
    assert {name: len(texts) for name, texts in mails.items()} == {"moi-viec": 2}
    clock.move(timedelta(hours=21, minutes=59))
    assert sent() == {}, "not before seven in the morning"
    clock.move(timedelta(minutes=2))
    mails = sent()
    assert {name: len(texts) for name, texts in mails.items()} == {"moi-ngay": 1}
    (text,) = mails["moi-ngay"]
    assert text.startswith("[phường Một] Thông báo trong ngày: 2\n")
    assert "12/KH-UBND" in text
    assert "13/KH-UBND" in text
    clock.move(timedelta(days=1))
    assert sent() == {}, "each day's notices once"


def test_the_digest_leaves_out_what_was_done_meanwhile(
    hire: Any, in_request: Any, draft: Any, sent: Any, clock: Any
) -> None:
    author, approver = hire("tac-gia", "editor"), hire("duyet", "approver")
    hire("moi-ngay", "approver", notices="daily")
    item_id = draft(author)
    step(in_request, approver, item_id, "publish")
    sent()
    clock.move(timedelta(days=1))
    assert sent() == {}


def test_a_day_on_which_no_worker_ran_is_told_later(
    hire: Any, draft: Any, sent: Any, clock: Any
) -> None:
    author = hire("tac-gia", "editor")
    hire("moi-ngay", "approver", notices="daily")
    draft(author, "12/KH-UBND")
    sent()
    clock.move(timedelta(hours=12))
    draft(author, "13/KH-UBND")
    clock.move(timedelta(days=2))
    draft(author, "14/KH-UBND")
    (text,) = sent()["moi-ngay"]
    assert re.findall(r"(\d+)/KH-UBND", text) == ["12", "13"]
    clock.move(timedelta(days=1))
    (text,) = sent()["moi-ngay"]
    assert re.findall(r"(\d+)/KH-UBND", text) == ["14"], "and nothing twice"


def test_each_digest_is_written_by_a_job_of_its_own(
    hire: Any, draft: Any, sent: Any, clock: Any, platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = hire("tac-gia", "editor")
    hire("mot-ngay", "approver", notices="daily")
    hire("hai-ngay", "approver", notices="daily")
    draft(author)
    sent()
    real = digest.write

    def fail_for_one(notices: Any, *rest: Any) -> None:
        if notices[0].account.name == "Mot-Ngay":
            raise RuntimeError
        real(notices, *rest)

    monkeypatch.setattr(digest, "write", fail_for_one)
    clock.move(timedelta(days=1))
    assert set(sent()) == {"hai-ngay"}, "the failure of one holds up nobody else"


def test_a_digest_asks_for_the_staff_once_however_much_happened(
    hire: Any, draft: Any, sent: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = hire("tac-gia", "editor")
    hire("moi-ngay", "approver", notices="daily")
    for number in range(5):
        draft(author, f"{number}/KH-UBND")
    sent()
    asked: list[int] = []
    real = digest.staff_of

    def count(opened: Any, unit_id: int, day: Any) -> Any:
        asked.append(unit_id)
        return real(opened, unit_id, day)

    monkeypatch.setattr(digest, "staff_of", count)
    clock.move(timedelta(days=1))
    assert len(re.findall("/KH-UBND", sent()["moi-ngay"][0])) == 5
    assert len(asked) == 1


@pytest.fixture
def move_to_news(platform: Any) -> Callable[[Account], None]:
    """Return a function that lets somebody write news from now on, and nothing else."""

    def move(account: Account) -> None:
        with platform.open_session(True) as opened:
            for grant in opened.get_one(Account, account.id).grants:
                grant.section = "news"
            opened.commit()

    return move


def test_what_comes_back_to_somebody_who_lost_the_section_goes_to_who_may_publish(
    hire: Any, in_request: Any, draft: Any, sent: Any, move_to_news: Any
) -> None:
    author, approver = hire("tac-gia", "editor"), hire("duyet", "approver")
    hire("duyet-khac", "approver")
    hire("duyet-tin", "approver", section="news")
    item_id = draft(author)
    sent()
    move_to_news(author)
    step(in_request, approver, item_id, "return", "Thiếu căn cứ pháp lý")
    mails = sent()
    assert set(mails) == {"duyet-khac"}
    assert "Lý do: Thiếu căn cứ pháp lý" in mails["duyet-khac"][0]
    assert "trả lại bạn" not in mails["duyet-khac"][0]


def test_who_lost_the_section_is_not_told_what_is_published_there(
    hire: Any, in_request: Any, draft: Any, sent: Any, move_to_news: Any
) -> None:
    author, approver = hire("tac-gia", "editor"), hire("duyet", "approver")
    item_id = draft(author)
    sent()
    move_to_news(author)
    step(in_request, approver, item_id, "publish")
    assert sent() == {}


def test_a_locked_account_is_told_nothing(hire: Any, draft: Any, sent: Any, platform: Any) -> None:
    author, locked = hire("tac-gia", "editor"), hire("duyet", "approver")
    with platform.open_session(True) as opened:
        opened.get_one(Account, locked.id).active = False
        opened.commit()
    draft(author)
    assert sent() == {}


def test_what_a_visitor_wrote_is_in_no_mail(
    hire: Any, in_request: Any, sent: Any, desk: Any, platform: Any, unit: Unit
) -> None:
    hire("duyet", "approver")
    editor = hire("tra-loi", "editor")
    with desk() as work:
        values = {
            "topic": next(iter(TOPICS.options()))[0],
            "question": "Nội dung riêng tư",
            "asker_name": "Nguyễn Thị Hai",
            "phone": "0905123456",
            "may_publish": True,
        }
        item, _new = actions.receive(work, "question", values, key="a" * 32)
        item_id = item.id

    def hand_on(context: ActionContext) -> None:
        found = context.session.scalars(select(Item).where(Item.id == item_id)).one()
        answer = {"title": "Hỏi về đất, riêng tư", "summary": "Riêng tư", "body": "<p>Trả lời</p>"}
        actions.edit(context, found, answer)
        actions.advance(context, found, "forward")

    in_request(editor, hand_on)
    mails = sent()
    assert set(mails) == {"duyet"}
    assert f"Câu hỏi {item_id}" in mails["duyet"][0]
    with platform.open_session(False) as opened:
        payloads = str([job.payload for job in opened.scalars(select(JobRow))])
    for private in ("Nguyễn Thị Hai", "riêng tư", "0905123456"):
        assert private not in mails["duyet"][0]
        assert private not in payloads


def test_mails_of_work_are_queued_with_the_step_or_not_at_all(
    hire: Any, in_request: Any, document: Any, sent: Any
) -> None:
    author = hire("tac-gia", "editor")
    hire("duyet", "approver")

    def work(context: ActionContext) -> None:
        item = actions.create(context, "legal_document", document())
        actions.submit(context, item)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        in_request(author, work)
    assert sent() == {}


def test_everybody_chooses_their_own_notices(staff: Any, platform: Any) -> None:
    editor = staff("editor")
    page = editor.open("/quan-tri/thong-bao")
    assert page.status == 200
    form = next(f for f in page.forms if "notices" in f.names)
    assert editor.send(form, "/quan-tri/thong-bao", notices="daily").status == 303
    assert editor.send(form, "/quan-tri/thong-bao", notices="hourly").status == 422
    with platform.open_session(False) as opened:
        chosen = opened.scalar(select(Account.notices).where(Account.email == editor.email))
    assert chosen == "daily"
