"""Bulk work: what is ticked in a list or fits it becomes a batch, looked at and then done."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core import batches, stamp
from hoitu.core.access import Account, RoleGrant
from hoitu.core.batches import Batch, BatchRow
from hoitu.core.content import ActionContext, Item, PreviewLink, actions
from hoitu.core.units import Unit, unit_scope

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

TYPE = "legal_document"
LIST = f"/quan-tri/{TYPE}"


@pytest.fixture
def documents(desk: Desk, document: Values) -> Callable[..., list[int]]:
    """Return a function that writes drafts numbered from one up."""

    def write(how_many: int, at: Unit | None = None, **values: Any) -> list[int]:
        with desk(at) as work:
            made = [
                actions.create(work, TYPE, document(f"{n}/KH-UBND", **values))
                for n in range(1, how_many + 1)
            ]
            return [item.id for item in made]

    return write


@pytest.fixture
def states(desk: Desk) -> Callable[..., list[str]]:
    """Return a function that gives the state of the work on entries, in the order asked for."""

    def now(ids: list[int], at: Unit | None = None) -> list[str]:
        with desk(at) as work:
            return [actions.work_state(work.session.get_one(Item, i)) for i in ids]

    return now


def ticks(page: Any) -> list[str]:
    """Return the values of the boxes of a list."""
    return re.findall(r'name="chon" value="([\d.]+)"', page.text)


def prepare(
    person: Any, what: str, ids: list[int] | None = None, path: str = LIST, **more: Any
) -> Any:
    """Tick entries in a list and ask for something: the page of the batch."""
    page = person.open(path)
    boxes = [b for b in ticks(page) if ids is None or int(b.partition(".")[0]) in ids]
    sent = person.send(page.form("/hang-loat"), viec=what, chon=boxes, **more)
    assert sent.status == 303, sent.text
    return person.open(sent.response.location)


def do(person: Any, page: Any, **told: Any) -> Any:
    """Begin the batch of a page: the page after it."""
    form = page.form("/chay")
    sent = person.send(form, **told)
    return person.open(form.action.removesuffix("/chay")) if sent.status == 303 else sent


def results(desk: Desk) -> list[tuple[str, str]]:
    """Return state and message of the rows of the newest batch."""
    with desk() as work:
        newest = select(func.max(Batch.id)).scalar_subquery()
        rows = select(BatchRow).where(BatchRow.batch_id == newest).order_by(BatchRow.position)
        return [(row.state, row.message) for row in work.session.scalars(rows)]


def test_ticked_entries_are_submitted_and_each_is_told_of(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]], desk: Desk
) -> None:
    ids, editor = documents(4), staff("editor")
    page = prepare(editor, "step-submit", ids[:3])
    assert states(ids) == ["draft"] * 4, "nothing is done before it was looked at"
    after = do(editor, page)
    assert states(ids) == ["submitted"] * 3 + ["draft"]
    assert [state for state, _ in results(desk)] == ["ok"] * 3
    for item_id in ids[:3]:
        assert f'href="{LIST}/{item_id}"' in after.text


def test_one_that_is_refused_stops_no_other(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]], desk: Desk
) -> None:
    ids, editor = documents(3), staff("editor")
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, ids[1]), {"issuer": "", "issued_on": ""})
    do(editor, prepare(editor, "step-submit"))
    assert states(ids) == ["submitted", "draft", "submitted"]
    refused = [message for state, message in results(desk) if state == "refused"]
    assert len(refused) == 1
    assert "Cơ quan ban hành" in refused[0]
    assert "Ngày ban hành" in refused[0]


def test_a_version_nobody_saw_is_left_alone(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]], desk: Desk
) -> None:
    ids, editor = documents(2), staff("editor")
    page = prepare(editor, "step-submit")
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, ids[0]), {"summary": "Mới"})
    do(editor, page)
    assert states(ids) == ["draft", "submitted"]


def test_all_that_fit_are_those_of_the_filter_on_every_page(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]]
) -> None:
    documents(2)
    plans = documents(30, kind="QĐ")
    editor = staff("editor")
    page = editor.open(f"{LIST}?loai=QĐ")
    sent = editor.send(page.form("/hang-loat"), viec="step-submit", tat__ca="1")
    do(editor, editor.open(sent.response.location))
    assert states(plans) == ["submitted"] * 30
    assert len(ticks(editor.open(f"{LIST}?trang-thai=draft"))) == 2


def test_more_than_a_batch_may_have_is_refused_before_anything_is_done(
    staff: Staff,
    documents: Callable[..., list[int]],
    monkeypatch: pytest.MonkeyPatch,
    desk: Desk,
) -> None:
    monkeypatch.setattr("hoitu.core.admin.batches.bulk.MAX_ROWS", 5)
    documents(6)
    editor = staff("editor")
    sent = editor.send(editor.open(LIST).form("/hang-loat"), viec="step-submit", tat__ca="1")
    assert "hơn 5 mục" in editor.open(sent.response.location).text
    with desk() as work:
        assert work.session.scalar(select(func.count(Batch.id))) == 0


def test_an_editor_is_offered_no_publishing_and_cannot_ask_for_it(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]]
) -> None:
    ids, editor = documents(2), staff("editor")
    page = editor.open(LIST)
    assert 'value="step-submit"' in page.text
    assert 'value="step-publish"' not in page.text
    assert editor.send(page.form("/hang-loat"), viec="step-publish", chon=ticks(page)).status == 403
    assert states(ids) == ["draft", "draft"]


def test_rights_are_those_of_the_moment_it_is_done(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]], desk: Desk
) -> None:
    ids, admin = documents(2), staff("unit_admin")
    page = prepare(admin, "step-trash")
    with desk() as work:
        account = work.session.scalar(select(Account).where(Account.email == admin.email))
        grants = select(RoleGrant).where(RoleGrant.account_id == account.id)
        work.session.scalar(grants).role = "editor"
    do(admin, page)
    assert states(ids) == ["draft", "draft"]
    assert {state for state, _ in results(desk)} == {"refused"}


def test_entries_of_another_unit_are_refused_as_not_there(
    staff: Staff,
    documents: Callable[..., list[int]],
    states: Callable[..., list[str]],
    other_unit: Unit,
    desk: Desk,
) -> None:
    own, theirs = documents(1), documents(1, other_unit)
    editor = staff("editor")
    page = editor.open(LIST)
    boxes = [*ticks(page), f"{theirs[0]}.1"]
    sent = editor.send(page.form("/hang-loat"), viec="step-submit", chon=boxes)
    do(editor, editor.open(sent.response.location))
    assert states(own) == ["submitted"]
    assert states(theirs, other_unit) == ["draft"]
    assert sorted(state for state, _ in results(desk)) == ["ok", "refused"]


def test_a_role_in_another_section_opens_no_bulk_work(
    staff: Staff, documents: Callable[..., list[int]], desk: Desk
) -> None:
    documents(1)
    editor = staff("editor")
    token = editor.token()
    with desk() as work:
        account = work.session.scalar(select(Account).where(Account.email == editor.email))
        work.session.scalar(
            select(RoleGrant).where(RoleGrant.account_id == account.id)
        ).section = "news"
    assert editor.post(f"{LIST}/hang-loat", token, viec="step-submit").status == 403
    assert editor.open("/quan-tri/news_article").status == 200


def test_taking_off_the_site_asks_for_the_reason(
    staff: Staff,
    publish: Callable[..., int],
    document: Values,
    states: Callable[..., list[str]],
    desk: Desk,
) -> None:
    ids = [publish(TYPE, **document(f"{n}/KH-UBND")) for n in (1, 2)]
    approver = staff("approver")
    page = prepare(approver, "step-unpublish")
    refused = do(approver, page)
    assert refused.status == 422
    assert states(ids) == ["published", "published"]
    do(approver, refused, note="Ban hành nhầm", withdrawn_for="mistake")
    assert states(ids) == ["unpublished", "unpublished"]
    with desk() as work:
        assert work.session.get_one(Item, ids[0]).withdrawn_for == "mistake"


def test_the_page_tells_for_how_many_a_step_is_possible(
    staff: Staff, documents: Callable[..., list[int]], desk: Desk
) -> None:
    ids, editor = documents(5), staff("editor")
    with desk() as work:
        for item_id in ids[:2]:
            actions.submit(work, work.session.get_one(Item, item_id))
    page = prepare(editor, "step-submit")
    assert "với 3 mục" in page.text
    assert "2 mục" in page.text


def test_entries_are_moved_and_sorted_anew(
    staff: Staff,
    documents: Callable[..., list[int]],
    publish: Callable[..., int],
    document: Values,
    desk: Desk,
) -> None:
    (draft,) = documents(1)
    public = publish(TYPE, **document("9/KH-UBND"))
    editor = staff("editor")
    page = prepare(editor, "move")
    nothing = do(editor, page)
    assert nothing.status == 422
    do(editor, nothing, requirement="normative_documents", kind="QĐ")
    with desk() as work:
        changed, shown = (work.session.get_one(Item, i) for i in (draft, public))
        assert (changed.requirement, changed.kind) == ("normative_documents", "QĐ")
        assert (shown.requirement, shown.kind) == ("administrative_documents", "KH")
        waiting = actions.waiting_values(work, shown)
        assert (waiting["requirement"], waiting["kind"]) == ("normative_documents", "QĐ")


def test_somebody_else_is_made_responsible_if_they_may_edit(
    staff: Staff, documents: Callable[..., list[int]], other_unit: Unit, desk: Desk
) -> None:
    ids = documents(2)
    editor, colleague, stranger = staff("editor"), staff("editor"), staff("editor", other_unit)

    def account(person: Any) -> int:
        with desk() as work:
            found = select(Account.id).where(Account.email == person.email)
            return int(work.session.scalar(found) or 0)

    page = prepare(editor, "entrust")
    assert do(editor, page, account_id=str(account(stranger))).status == 422
    do(editor, page, account_id=str(account(colleague)))
    with desk() as work:
        found = {work.session.get_one(Item, i).responsible_id for i in ids}
        assert found == {account(colleague)}


def test_a_review_date_is_set_for_what_is_published(
    staff: Staff,
    documents: Callable[..., list[int]],
    publish: Callable[..., int],
    document: Values,
    desk: Desk,
) -> None:
    (draft,) = documents(1)
    public = publish(TYPE, **document("9/KH-UBND"))
    editor = staff("editor")
    page = prepare(editor, "review")
    assert do(editor, page, next_by="01/01/2020").status == 422
    do(editor, page, next_by="01/06/2027")
    with desk() as work:
        shown, other = (work.session.get_one(Item, i) for i in (public, draft))
        assert str(shown.review_by) == "2027-06-01"
        assert other.review_by is None
    assert sorted(state for state, _ in results(desk)) == ["ok", "refused"]


def test_trash_and_back(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]]
) -> None:
    ids, admin = documents(3), staff("unit_admin")
    do(admin, prepare(admin, "step-trash", ids[:2]))
    assert states(ids) == ["trashed", "trashed", "draft"]
    do(admin, prepare(admin, "step-restore", path=f"{LIST}?trang-thai=trashed"))
    assert states(ids) == ["draft"] * 3


@pytest.mark.parametrize("role", ["editor", "approver"])
def test_drafts_of_others_are_thrown_away_by_administrators_alone(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]],
    desk: Desk, role: str,
) -> None:  # fmt: skip
    ids = documents(2)
    person = staff(role)
    page = do(person, prepare(person, "step-trash"))
    assert states(ids) == ["draft"] * 2
    assert results(desk) == [("refused", "Bạn không có quyền làm việc này.")] * 2
    assert page.text.count("Bạn không có quyền làm việc này.") == 2, "each row tells why"
    admin = staff("unit_admin")
    do(admin, prepare(admin, "step-trash"))
    assert [state for state, _ in results(desk)] == ["ok"] * 2
    assert states(ids) == ["trashed"] * 2


def test_more_than_fifty_are_done_by_the_job_while_the_page_tells_how_far_it_is(
    staff: Staff,
    documents: Callable[..., list[int]],
    states: Callable[..., list[str]],
    drain: Callable[[], None],
) -> None:
    ids, editor = documents(60), staff("editor")
    page = editor.open(LIST)
    sent = editor.send(page.form("/hang-loat"), viec="step-submit", tat__ca="1")
    running = do(editor, editor.open(sent.response.location))
    assert "đang chạy" in running.text.lower()
    assert states(ids) == ["draft"] * 60
    path = sent.response.location
    told = editor.site.get(f"{path}/tien-do.json").json
    assert told == {"running": True, "done": 0, "total": 60}
    drain()
    assert states(ids) == ["submitted"] * 60
    assert editor.site.get(f"{path}/tien-do.json").json == {
        "running": False, "done": 60, "total": 60,
    }  # fmt: skip


def test_a_batch_that_runs_can_be_stopped_and_goes_on(
    staff: Staff,
    documents: Callable[..., list[int]],
    states: Callable[..., list[str]],
    drain: Callable[[], None],
) -> None:
    ids, editor = documents(55), staff("editor")
    sent = editor.send(editor.open(LIST).form("/hang-loat"), viec="step-submit", tat__ca="1")
    running = do(editor, editor.open(sent.response.location))
    editor.send(running.form("/dung"))
    drain()
    assert states(ids) == ["draft"] * 55
    do(editor, editor.open(sent.response.location))
    drain()
    assert states(ids) == ["submitted"] * 55


def test_nothing_happens_when_it_is_thrown_away(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]], desk: Desk
) -> None:
    ids, editor = documents(2), staff("editor")
    page = prepare(editor, "step-submit")
    form = page.form("/chay")
    sent = editor.send(form, to=form.action.replace("/chay", "/bo"))
    assert sent.status == 303
    assert states(ids) == ["draft", "draft"]
    with desk() as work:
        assert work.session.scalar(select(func.count(BatchRow.id))) == 0


def test_a_batch_is_shown_to_whoever_asked_and_to_administrators(
    staff: Staff, documents: Callable[..., list[int]], other_unit: Unit
) -> None:
    documents(1)
    editor = staff("editor")
    page = editor.open(LIST)
    path = editor.send(
        page.form("/hang-loat"), viec="step-submit", chon=ticks(page)
    ).response.location
    assert editor.open(path).status == 200
    assert staff("editor").open(path).status == 404
    admin = staff("unit_admin")
    assert admin.open(path).status == 200
    assert admin.post(f"{path}/chay").status == 404
    assert staff("unit_admin", other_unit).open(path).status == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_report_is_a_table_to_take_away(
    staff: Staff, documents: Callable[..., list[int]], form: str
) -> None:
    import io

    from hoitu.core import sheets

    ids, editor = documents(3), staff("editor")
    page = editor.open(LIST)
    path = editor.send(
        page.form("/hang-loat"), viec="step-submit", chon=ticks(page)
    ).response.location
    do(editor, editor.open(path))
    answer = editor.site.get(f"{path}/ket-qua.{form}", buffered=True)
    table = sheets.read(f"x.{form}", io.BytesIO(answer.data))
    assert len(table.rows) == 3
    assert all(row[2] == "Đã thực hiện" for row in table.rows)
    assert {str(row[4]).rpartition("/")[2] for row in table.rows} == {str(i) for i in ids}


@pytest.mark.parametrize("chon", ["x", "1", "1.x", "99999999999999999999.1", "-1.1", "0.0"])
def test_boxes_that_were_tampered_with_do_nothing(
    staff: Staff, documents: Callable[..., list[int]], states: Callable[..., list[str]], chon: str
) -> None:
    ids, editor = documents(1), staff("editor")
    page = editor.open(LIST)
    sent = editor.send(page.form("/hang-loat"), viec="step-submit", chon=[chon])
    assert sent.status == 303
    assert states(ids) == ["draft"]


def test_states_of_rows_are_known_to_the_page() -> None:
    from hoitu.core.admin.batches.reports import STATES

    assert set(STATES) == {batches.WAITING, batches.OK, batches.REFUSED, batches.LEFT_OUT}


def test_rows_do_not_repeat_what_a_visitor_wrote(staff: Staff, desk: Desk) -> None:
    with desk() as work:
        asked = actions.create(
            work, "question", {"title": "Bà Nguyễn Thị X", "question": "Khi nào?"}
        )
    page = prepare(staff("unit_admin"), "entrust", path="/quan-tri/question")
    assert "Nguyễn Thị X" not in page.text
    assert f"{asked.id}" in page.text
    with desk() as work:
        assert work.session.scalars(select(BatchRow.label)).all() == [f"Câu hỏi {asked.id}"]


def test_kept_batches_and_views_leave_public_pages_in_the_cache(
    staff: Staff, documents: Callable[..., list[int]], platform: Any, unit: Unit
) -> None:
    documents(2)
    editor = staff("editor")
    link = next(iter(documents(1)))

    def now() -> tuple[int, int]:
        with platform.open_session(False) as session:
            return stamp.read(session)

    before = now()
    prepare(editor, "step-submit")
    editor.send(editor.open(f"{LIST}?loai=KH").form("/loc-da-luu"), ten="Kế hoạch")
    with platform.open_session(True) as session, unit_scope(unit.id):
        until = platform.clock.now()
        session.add(
            PreviewLink(
                item_id=link, token_hash="0" * 64, created_by="", created_at=until, expires_at=until
            )
        )
        session.commit()
    assert now() == before
