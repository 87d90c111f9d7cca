"""Two people in one entry: each sees the other, and nobody's text is lost."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, ItemVersion, OpenForm, actions
from hoitu.core.extensions import Platform
from hoitu.core.units import all_units

pytestmark = pytest.mark.both_databases

Staff = Callable[..., Any]
Write = Callable[..., str]
Desk = Callable[..., AbstractContextManager[ActionContext]]

TYPE = "legal_document"
KEEP, PRESENCE = f"/quan-tri/{TYPE}/tu-luu", f"/quan-tri/{TYPE}/dang-mo"
ROUNDS = 12


def number(path: str) -> str:
    return path.rpartition("/")[2]


def tell(person: Any, address: str, path: str, form: Any, sequence: str, **typed: Any) -> Any:
    """Send what the script of an open form sends."""
    values = {n: v for n, v in form.values.items() if n != "csrf_token"}
    values |= {"form-item": number(path), "form-sequence": sequence, **typed}
    token = form.values["csrf_token"][0]
    headers = {"Host": person.site.host, "X-CSRFToken": token}
    return person.site.client.post(address, data=values, headers=headers)


def hello(person: Any, path: str, form: Any) -> int:
    answer = tell(person, PRESENCE, path, form, "")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return int(answer.json["sequence"])


def rename(platform: Platform, person: Any, name: str) -> None:
    with platform.open_session(True) as session:
        session.scalars(select(Account).where(Account.email == person.email)).one().name = name
        session.commit()


def summaries(desk: Desk, path: str) -> list[str]:
    """Return the summary of each version of an item, the oldest first."""
    with desk() as work:
        chosen = select(ItemVersion).where(ItemVersion.item_id == int(number(path)))
        found = work.session.scalars(chosen.order_by(ItemVersion.number))
        return [version.values["summary"] for version in found]


# -- presence ------------------------------------------------------------------------------------


def test_each_sees_the_other_by_name_and_when_they_last_typed(
    staff: Staff, write: Write, platform: Platform, clock: FrozenClock
) -> None:
    first, second = staff("editor"), staff("editor")
    rename(platform, first, "Nguyễn Thị Lan")
    path = write(second)
    form = first.open(path).form(path)
    sequence = hello(first, path, form)
    assert "Nguyễn Thị Lan cũng đang mở bài này." in second.open(path).text
    clock.move(timedelta(minutes=5))
    tell(first, KEEP, path, form, str(sequence + 1), summary="Đang gõ")
    shown = second.open(path)
    assert "Nguyễn Thị Lan cũng đang mở bài này, gõ lần cuối 09:05." in shown.text
    own = shown.form(path)
    answer = tell(second, PRESENCE, path, own, "")
    assert answer.json["others"] == ["Nguyễn Thị Lan cũng đang mở bài này, gõ lần cuối 09:05."]
    assert "Nguyễn Thị Lan cũng đang mở" not in first.open(path).text

    clock.move(timedelta(seconds=61))
    assert "Nguyễn Thị Lan cũng đang mở" not in second.open(path).text


def test_whoever_closes_the_page_is_gone_at_once_unless_something_is_unsaved(
    staff: Staff, write: Write, platform: Platform
) -> None:
    first, second = staff("editor"), staff("editor")
    path = write(second)
    form = first.open(path).form(path)
    sequence = hello(first, path, form)
    tell(first, PRESENCE, path, form, str(sequence + 1), **{"form-leaving": "1"})
    assert "cũng đang mở bài này" not in second.open(path).text

    form = first.open(path).form(path)
    sequence = hello(first, path, form)
    tell(first, KEEP, path, form, str(sequence + 1), summary="Chưa lưu")
    tell(first, PRESENCE, path, form, str(sequence + 2), **{"form-leaving": "1"})
    assert first.open(path).form(path).values["summary"] == ["Chưa lưu"]


def test_an_open_page_hears_that_a_newer_version_was_saved(
    staff: Staff, write: Write, clock: FrozenClock, platform: Platform
) -> None:
    first, second = staff("editor"), staff("editor")
    rename(platform, second, "Trần Văn Bình")
    path = write(first)
    form = first.open(path).form(path)
    sequence = hello(first, path, form)
    clock.move(timedelta(minutes=2))
    second.send(second.open(path).form(path), summary="Đã lưu trước")
    answer = tell(first, KEEP, path, form, str(sequence + 1), summary="Vẫn đang gõ")
    assert "Trần Văn Bình" in answer.json["newer"]
    assert "09:02" in answer.json["newer"]
    # Opened again, the unsaved text is still for the version it was typed for.
    again = first.open(path)
    assert "Trần Văn Bình" in again.text
    assert first.send(again.form(path)).status == 409


# -- a conflict is decided field by field ---------------------------------------------------------


def test_the_loser_chooses_for_each_field_and_saves_in_one_go(
    staff: Staff, write: Write, desk: Desk
) -> None:
    first, second = staff("editor"), staff("editor")
    path = write(first, summary="Ban đầu", signer="Ông A")
    slow = second.open(path).form(path)
    theirs = {"summary": "Của người thứ nhất", "signer": "Bà B", "body": "<p>Đoạn của họ.</p>"}
    first.send(first.open(path).form(path), **theirs)
    mine = {"summary": "Của người thứ hai", "signer": "Ông C", "body": "<p>Đoạn của tôi.</p>"}
    shown = second.send(slow, **mine)
    assert shown.status == 409
    form = shown.form(path)
    for name in ("summary", "signer", "body"):
        assert form.values[f"choose-{name}"], name
        assert f'name="choose-{name}" value="mine" checked' in shown.text
    assert 'name="choose-number"' not in shown.text

    choices = {"choose__summary": "theirs", "choose__signer": "mine", "choose__body": "theirs"}
    assert second.send(form, **choices).status == 303
    with desk() as work:
        item: Any = work.session.get_one(Item, int(number(path)))
        assert (item.summary, item.signer) == ("Của người thứ nhất", "Ông C")
        assert item.body == "<p>Đoạn của họ.</p>"
    assert summaries(desk, path) == ["Ban đầu", "Của người thứ nhất", "Của người thứ nhất"]


def test_tables_and_attachments_can_be_taken_from_the_other_text_too(
    staff: Staff, write: Write, desk: Desk
) -> None:
    first, second = staff("editor"), staff("editor")
    with desk() as work:
        columns: Any = work.types[TYPE].fields["relations"].kind
        relation = str(columns.columns[0].kind.options()[0][0])
    row = {"relations-0-relation": relation, "relations-0-target_number": "54/2023/QĐ-UBND"}
    path = write(first, **row)
    slow = second.open(path).form(path)
    first.send(first.open(path).form(path), **{"relations-0-note": "Của họ"})
    shown = second.send(slow, **{"relations-0-note": "Của tôi"})
    assert shown.status == 409
    assert shown.form(path).values["relations-0-note"] == ["Của tôi"]
    second.send(shown.form(path), choose__relations="theirs")
    assert second.open(path).form(path).values["relations-0-note"] == ["Của họ"]


def test_a_choice_made_too_late_is_put_before_the_editor_again(
    staff: Staff, write: Write, desk: Desk
) -> None:
    first, second = staff("editor"), staff("editor")
    path = write(first, summary="Ban đầu")
    slow = second.open(path).form(path)
    first.send(first.open(path).form(path), summary="Lần một")
    shown = second.send(slow, summary="Của tôi", signer="Tôi")
    first.send(first.open(path).form(path), summary="Lần hai")
    again = second.send(shown.form(path), choose__summary="mine")
    assert again.status == 409
    assert "Lần hai" in again.text
    assert second.send(again.form(path)).status == 303
    assert summaries(desk, path) == ["Ban đầu", "Lần một", "Lần hai", "Của tôi"]


def test_the_words_that_differ_are_marked_not_by_colour_alone(staff: Staff, write: Write) -> None:
    first, second = staff("editor"), staff("editor")
    same = "".join(f"<p>Đoạn {n} giữ nguyên.</p>" for n in range(8))
    path = write(first, body=f"{same}<p>Thời hạn là mười ngày.</p>")
    slow = second.open(path).form(path)
    first.send(
        first.open(path).form(path), body=f"{same}<p>Thời hạn là năm ngày làm việc.</p><p>Thêm.</p>"
    )
    shown = second.send(slow, summary="Khác")
    marks = re.findall(
        r'<(del|ins)><span class="visually-hidden">(.+?) </span>(.*?)</\1>', shown.text
    )
    # On the left what was saved, on the right what was entered.
    assert ("del", "đã bỏ:", "năm") in marks
    assert ("ins", "đã thêm:", "mười") in marks
    assert ("del", "đã bỏ:", "Thêm.") in marks
    assert "8 dòng không thay đổi" in shown.text


# -- every write path compares the version --------------------------------------------------------


def stale(staff: Staff, write: Write) -> tuple[Any, str, Any]:
    """Return somebody who opened a published entry before somebody else changed it."""
    editor, approver = staff("editor"), staff("approver")
    path = write(editor, summary="Công khai", then__step="submit")
    approver.send(approver.open(path).form(path), then__step="publish")
    editor.send(editor.open(path).form(path), summary="Bản chờ")
    seen = approver.open(path)
    editor.send(editor.open(path).form(path), summary="Bản chờ thứ hai")
    return approver, path, seen


@pytest.mark.parametrize(
    "way", ["save", "discard", "unpublish", "archive", "restore", "publish", "submit"]
)
def test_no_way_of_writing_acts_on_what_the_account_did_not_see(
    staff: Staff, write: Write, desk: Desk, way: str
) -> None:
    late, path, seen = stale(staff, write)
    main = seen.form(path)
    old = main.values["expected-version"][0]
    with desk() as work:
        before = work.session.get_one(Item, int(number(path))).version
        first = work.session.scalars(select(ItemVersion.id).order_by(ItemVersion.id)).first()
    ways: dict[str, Callable[[], Any]] = {
        "save": lambda: late.send(main, summary="Đè lên"),
        "submit": lambda: late.send(main, then__step="submit"),
        "publish": lambda: late.send(main, then__step="publish"),
        "discard": lambda: late.post(f"{path}/bo-ban-cho", expected__version=old),
        "restore": lambda: late.post(f"{path}/phien-ban/{first}", expected__version=old),
        "unpublish": lambda: late.post(f"{path}/buoc/unpublish", expected__version=old, note="x"),
        "archive": lambda: late.post(f"{path}/buoc/archive", expected__version=old, note="x"),
    }
    assert ways[way]().status in (303, 409)
    with desk() as work:
        item = work.session.get_one(Item, int(number(path)))
        assert (item.version, item.state) == (before, "published")
        assert actions.waiting_values(work, item)["summary"] == "Bản chờ thứ hai"


def test_in_a_race_with_autosave_no_text_is_lost(
    staff: Staff, write: Write, desk: Desk, platform: Platform
) -> None:
    """Both read the same version, both save: one wins, the other is shown both and saves again."""
    people = [staff("editor"), staff("editor")]
    path = write(people[0], summary="từ v0: bắt đầu")
    both_have_read = threading.Barrier(len(people))
    refused = [0, 0]

    def write_on(mine: int) -> list[str]:
        person, saved = people[mine], []
        for turn in range(ROUNDS):
            form = person.open(path).form(path)
            sequence = hello(person, path, form)
            both_have_read.wait(60)
            while True:
                seen = form.values["expected-version"][0]
                wording = f"từ v{seen}: người {mine}, lượt {turn}"
                sequence += 1
                kept = tell(person, KEEP, path, form, str(sequence), summary=wording)
                assert kept.status_code == 200, kept.get_data(as_text=True)
                shown = person.send(form, summary=wording)
                if shown.status == 303:
                    saved.append(wording)
                    break
                assert shown.status == 409, shown.text
                refused[mine] += 1
                form = shown.form(path)
                sequence = hello(person, path, form)
        return saved

    with ThreadPoolExecutor(len(people)) as threads:
        written = [*threads.map(write_on, range(len(people)))]
    saved = [wording for texts in written for wording in texts]
    assert len(saved) == ROUNDS * len(people)
    assert sum(refused) >= ROUNDS  # in each round somebody came second

    with desk() as work:
        item = work.session.get_one(Item, int(number(path)))
        assert item.version == 1 + len(saved)
        chosen = select(ItemVersion).where(ItemVersion.item_id == item.id)
        versions = {v.number: v.values["summary"] for v in work.session.scalars(chosen)}
        assert item.summary == versions[item.version]
    # Each version was written by somebody who had seen the one before it.
    assert sorted(versions) == list(range(1, 2 + len(saved)))
    for at, wording in versions.items():
        assert wording.startswith(f"từ v{at - 1}:"), versions
    assert sorted(versions.values()) == sorted([*saved, "từ v0: bắt đầu"])
    with platform.open_session(False) as session, all_units("a test"):
        left = session.scalars(select(OpenForm).where(OpenForm.typed_at.is_not(None))).all()
        assert left == []


def test_a_step_and_a_save_at_the_same_moment_do_not_both_win(
    staff: Staff, write: Write, desk: Desk
) -> None:
    editor, approver = staff("editor"), staff("approver")
    path = write(editor, summary="Bản trình", then__step="submit")
    ready = threading.Barrier(2)

    for turn in range(5):
        seen, form = approver.open(path), editor.open(path).form(path)
        version = form.values["expected-version"][0]

        def send_back(seen: Any = seen) -> int:
            ready.wait(60)
            step = seen.form("/buoc/return")
            return int(approver.send(step, note="Xem lại").status)

        def save(form: Any = form, turn: int = turn) -> int:
            ready.wait(60)
            return int(editor.send(form, summary=f"Sửa lần {turn}").status)

        with ThreadPoolExecutor(2) as threads:
            outcomes = [threads.submit(send_back), threads.submit(save)]
            saved = outcomes[1].result() == 303
            outcomes[0].result()
        with desk() as work:
            item = work.session.get_one(Item, int(number(path)))
            returned = item.state == "returned"
            assert returned != saved, (returned, saved)
            assert item.version == int(version) + 1
        if returned:
            editor.send(editor.open(path).form(path), then__step="submit")
