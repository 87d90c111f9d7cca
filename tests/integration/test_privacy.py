"""Personal data: the register, the end of keeping, who looked, and blacking out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from hoitu.core.access.audit import AuditEntry
from hoitu.core.care import unfound
from hoitu.core.content import Item, ItemVersion, Refused, actions
from hoitu.core.content.open_forms import OpenForm
from hoitu.core.jobs import JobContext, housekeeping
from hoitu.core.plugin.manifest import VISITOR
from hoitu.core.privacy import register, retention
from hoitu.core.privacy.viewing import KEPT, PersonalView, View, write
from hoitu.core.units import all_units

if TYPE_CHECKING:
    from hoitu.core.clock import FrozenClock
    from hoitu.core.content import ActionContext
    from hoitu.core.extensions import Platform
    from hoitu.core.units import Unit

NAME, PHONE, MAIL = "Zotenz Hotenz", "0234 000 987", "zhopthuz@thu.example"
ASKED = {
    "title": "Cấp đổi giấy tờ", "topic": "civil_status", "question": f"Tôi là {NAME}",
    "asker_name": NAME, "phone": PHONE, "email": MAIL, "address": "Zdiachiz số chín",
    "may_publish": True, "suspected_complaint": False,
}  # fmt: skip
Desk = Callable[..., "AbstractContextManager[ActionContext]"]


@pytest.fixture
def ask(desk: Desk, clock: FrozenClock) -> Callable[..., int]:
    """Return a function that takes in a question, answers it in public if asked: the id."""
    numbers = iter(range(1, 100))

    def receive(*, answered: bool = True, at: Unit | None = None, **changed: Any) -> int:
        number = next(numbers)
        with desk(at) as work:
            item, _new = actions.receive(
                work, "question", {**ASKED, **changed}, key=f"{number:032x}",
                stamped={"code": f"AAAA-{number:04}", "received_on": clock.today()},
            )  # fmt: skip
            if answered:
                actions.edit(work, item, {"summary": "Đổi ở đâu?", "body": "<p>Ở phường.</p>"})
                actions.publish(work, item)
            return int(item.id)

    return receive


def values_of(work: ActionContext, item_id: int) -> list[dict[str, Any]]:
    """Return the values of an item and of all its versions."""
    item = work.session.get_one(Item, item_id)
    kept = select(ItemVersion.values).where(ItemVersion.item_id == item_id)
    return [actions.values_of(work.types[item.type], item), *work.session.scalars(kept)]


# -- the register ----------------------------------------------------------------------------------


def test_every_declared_field_is_found_somewhere(app: Any) -> None:
    with app.app_context():
        found_entries = register.entries()
    for entry in found_entries:
        found = {name for place in entry.places for name in place.names}
        declared = {name.rpartition(".")[2] for name in entry.data.fields}
        assert found == declared, (entry.owner, declared - found)


def test_core_says_the_days_it_keeps(platform: Platform) -> None:
    days = {name: data.kept_days for data in register.own() for name in data.fields}
    assert days["unfound_search.words"] == unfound.KEPT.days
    assert days["job.payload"] == housekeeping.KEPT.days
    assert days["personal_view.account_id"] == KEPT.days


def test_the_register_counts_what_the_unit_has(
    ask: Any, staff: Any, unit: Unit, other_unit: Unit
) -> None:
    ask()
    ask(at=other_unit)
    page = staff("unit_admin").open("/quan-tri/du-lieu-ca-nhan")
    assert page.status == 200
    assert "Trả lời câu hỏi của người gửi" in page.text
    table = staff("unit_admin").open("/quan-tri/du-lieu-ca-nhan.xlsx").response.data
    rows = list(load_workbook(BytesIO(table)).active.iter_rows(values_only=True))
    (questions,) = [row for row in rows if "Trả lời câu hỏi" in str(row[4])]
    assert (questions[5], questions[7]) == (730, 1)
    accounts = next(row for row in rows if row[1] == "Tài khoản cán bộ: họ tên, thư điện tử")
    assert (accounts[7], accounts[10]) == (None, "account: email, name")
    (questions,) = [row for row in rows if "Trả lời câu hỏi" in str(row[4])]
    assert questions[9] == "nền tảng đề xuất, chờ tỉnh xác nhận"
    # Each is called something that people understand, not by its table.
    assert not [row for row in rows[1:] if "_" in str(row[1]) or not row[1]]
    assert "2 năm" in page.text
    assert not re.search("secondary:|unverified", page.text)
    table = staff("platform_admin").open("/quan-tri/du-lieu-ca-nhan.xlsx").response.data
    rows = list(load_workbook(BytesIO(table)).active.iter_rows(values_only=True))
    assert [row[7] for row in rows if "Trả lời câu hỏi" in str(row[4])] == [2]
    assert staff("editor").open("/quan-tri/du-lieu-ca-nhan").status == 403


def test_visitors_are_told_purpose_days_and_law(site: Any) -> None:
    page = site().get("/en/quyen-rieng-tu").text
    assert "To answer the question, and to call back where needed" in page
    assert "730" in page
    assert "91/2025/QH15" in page


# -- the end of keeping ----------------------------------------------------------------------------


def forget(platform: Platform, app: Any, unit: Unit) -> int:
    with app.app_context(), platform.open_session(True) as session:
        count = retention.forget_due(JobContext(session, {}, platform.clock), unit)
        session.commit()
        return count


@pytest.mark.both_databases
def test_the_sender_is_forgotten_after_the_days_of_the_manifest(
    app: Any, platform: Platform, ask: Any, desk: Desk, unit: Unit, clock: FrozenClock
) -> None:
    answered, waiting = ask(), ask(answered=False)
    with desk() as work:
        work.session.add(
            OpenForm(
                key="a" * 32, type="question", item_id=answered, account_id=1, account_name="A",
                typed=[["asker_name", NAME]], opened_at=clock.now(), seen_at=clock.now(),
            )
        )  # fmt: skip
    clock.move(timedelta(days=729))
    assert forget(platform, app, unit) == 0
    clock.move(timedelta(days=2))
    assert forget(platform, app, unit) == 1
    assert forget(platform, app, unit) == 0
    with desk() as work:
        for values in values_of(work, answered):
            assert not any(
                values[n] for n in ("asker_name", "phone", "email", "address", "question")
            )
        item = work.session.get_one(Item, answered)
        assert (item.state, item.title, item.body) == (
            "published", ASKED["title"], "<p>Ở phường.</p>",
        )  # fmt: skip
        assert work.session.scalar(select(func.count(OpenForm.key))) == 0
        # Whoever still waits for an answer can still be called.
        assert values_of(work, waiting)[0]["asker_name"] == NAME
        logged = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "item.forget"))
        (entry,) = logged.all()
        assert entry.detail["why"] == "retention"
        assert NAME not in json.dumps(entry.detail, ensure_ascii=False)


@pytest.mark.parametrize(("chosen", "days"), [(0, 730), (100, 100), (3000, 730)])
def test_a_unit_keeps_less_but_never_longer(
    chosen: int, days: int, platform: Platform, app: Any, desk: Desk, unit: Unit
) -> None:
    from hoitu.core.settings.refresh import refresh

    with desk() as work:
        platform.settings.store(
            work.session, work.actor, f"unit:{unit.id}", retention.NAME, "most_days", chosen,
            work.now(),
        )  # fmt: skip
    with app.app_context(), platform.open_session(False) as session:
        refresh(platform, session)
        kind = platform.types["question"]
        assert retention.end_of_keeping(kind, unit) == days
        ((_name, data), *_rest) = register.of_kind(kind, VISITOR)
        assert retention.days_of(data, unit) == days


def test_the_job_does_every_unit(
    app: Any, ask: Any, desk: Desk, other_unit: Unit, clock: FrozenClock, drain: Any
) -> None:
    here, there = ask(), ask(at=other_unit)
    clock.move(timedelta(days=800))
    drain()
    for item_id, at in ((here, None), (there, other_unit)):
        with desk(at) as work:
            assert values_of(work, item_id)[0]["asker_name"] == ""


def test_what_the_unit_wrote_itself_has_no_sender(desk: Desk, publish: Any, document: Any) -> None:
    item_id = publish("legal_document", **document())
    with desk() as work, pytest.raises(Refused):
        actions.forget_sender(work, work.session.get_one(Item, item_id))


# -- who looked ------------------------------------------------------------------------------------


def views(platform: Platform) -> list[tuple[int, int]]:
    with platform.open_session(False) as session:
        found = session.scalars(select(PersonalView).order_by(PersonalView.item_id))
        return [(view.item_id, view.times) for view in found]


@pytest.mark.both_databases
def test_who_looks_at_a_message_is_noted_once_a_day(
    platform: Platform, ask: Any, staff: Any, clock: FrozenClock
) -> None:
    item_id, other = ask(answered=False), ask(answered=False, title="Khác")
    editor = staff("editor")
    for _time in range(3):
        assert editor.open(f"/quan-tri/question/{item_id}").status == 200
    assert editor.open("/quan-tri/question").status == 200
    assert views(platform) == [(item_id, 3)]
    assert editor.open(f"/quan-tri/question/{item_id}/phien-ban").status == 200
    assert editor.open("/quan-tri/question/tai-ve.csv").status == 200
    assert views(platform) == [(item_id, 5), (other, 1)]
    page = staff("unit_admin").open("/quan-tri/du-lieu-ca-nhan/ai-da-xem")
    assert page.status == 200
    assert "Ông editor" in page.text
    assert editor.open("/quan-tri/du-lieu-ca-nhan/ai-da-xem").status == 403


def test_pages_without_a_sender_are_not_noted(
    platform: Platform, staff: Any, publish: Any, document: Any
) -> None:
    item_id = publish("legal_document", **document())
    editor = staff("editor")
    assert editor.open(f"/quan-tri/legal_document/{item_id}").status == 200
    assert editor.open("/quan-tri/question/999").status == 404
    assert views(platform) == []


def test_another_unit_does_not_see_who_looked(ask: Any, staff: Any, other_unit: Unit) -> None:
    item_id = ask(answered=False)
    staff("editor").open(f"/quan-tri/question/{item_id}")
    page = staff("unit_admin", at=other_unit).open("/quan-tri/du-lieu-ca-nhan/ai-da-xem")
    assert page.status == 200
    assert "Ông editor" not in page.text


@pytest.mark.both_databases
def test_views_add_up_and_are_forgotten_after_a_year(
    platform: Platform, unit: Unit, clock: FrozenClock, drain: Any
) -> None:
    for _time in range(2):
        with platform.open_session(True) as session:
            write(session, [View(1, unit.id, 5, clock.now()), View(1, unit.id, 6, clock.now())])
            session.commit()
    assert views(platform) == [(5, 2), (6, 2)]
    clock.move(timedelta(days=366))
    drain()
    assert views(platform) == []


# -- blacking out ----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_words_are_blacked_out_everywhere(
    platform: Platform, ask: Any, desk: Desk, staff: Any, site: Any, drain: Any
) -> None:
    item_id = ask()
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        item.title, item.summary = f"Về {NAME}", f"{NAME} gọi {PHONE}"
        item.body = "<p>Gửi <b>Zotenz</b> Hotenz, 0234.000.987, CCCD 046099001234</p>"
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, item_id), {"summary": f"{NAME} hỏi lại"})
    drain()
    editor = staff("editor")
    page = editor.open(f"/quan-tri/question/{item_id}/bo-ten")
    assert page.status == 200
    form = page.form("/bo-ten")
    assert set(form.values["tu-ngu"]) == {NAME, PHONE, "046099001234"}
    answer = editor.send(form, **{"tu-khac": "giấy tờ"})
    assert answer.status == 303, answer.text
    with desk() as work:
        for values in values_of(work, item_id):
            said = json.dumps([values[n] for n in ("title", "summary", "body")], ensure_ascii=False)
            for word in ("Zotenz", "Hotenz", "000 987", "000.987", "046099", "giấy"):
                assert word not in said
        item = work.session.get_one(Item, item_id)
        assert item.title == "Về […]"
        assert item.slug == "ve"
        # The desk still knows who asked.
        assert values_of(work, item_id)[0]["asker_name"] == NAME
        entry = work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "item.redact")
        ).one()
        assert entry.detail["places"] >= 7
        assert "otenz" not in json.dumps(entry.detail)
    drain()
    assert NAME not in site().get(f"/hoi-dap/{item_id}-ve").text
    assert f"/hoi-dap/{item_id}-" not in site().get("/tim-kiem?q=Zotenz").text


def test_a_form_with_nothing_or_unknown_words_keeps_what_was_typed(
    ask: Any, staff: Any, desk: Desk
) -> None:
    item_id = ask()
    editor = staff("editor")
    form = editor.open(f"/quan-tri/question/{item_id}/bo-ten").form("/bo-ten")
    assert editor.send(form).status == 422
    answer = editor.send(form, **{"tu-khac": "Không Đâu Có"})
    assert answer.status == 422
    assert "Không Đâu Có" in answer.text
    assert editor.send(form, **{"tu-khac": "x" * 400}).status == 422
    stale = editor.send(form, **{"tu-khac": "phường", "expected-version": "1"})
    assert stale.status == 303
    with desk() as work:
        assert work.session.get_one(Item, item_id).body == "<p>Ở phường.</p>"


def test_only_what_visitors_send_can_be_blacked_out(
    publish: Any, document: Any, staff: Any
) -> None:
    article = publish("legal_document", **document())
    editor = staff("editor")
    assert editor.open(f"/quan-tri/legal_document/{article}/bo-ten").status == 404


def test_a_note_in_the_log_does_not_name_the_sender(
    ask: Any, desk: Desk, platform: Platform
) -> None:
    item_id = ask(answered=False)
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        actions.advance(work, item, "archive", f"Đã gọi cho zotenz hotenz theo số {PHONE}")
    with platform.open_session(False) as session, all_units("test"):
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "item.archive")).one()
        assert entry.detail["note"] == "Đã gọi cho […] theo số […]"
