"""Actions: what they demand, what they change, and what they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import PermissionDenied
from hoitu.core.access.audit import AuditEntry
from hoitu.core.clock import FrozenClock
from hoitu.core.content import (
    ActionContext,
    Conflict,
    Field,
    Item,
    ItemVersion,
    Reference,
    Refused,
    Rows,
    actions,
    files,
)
from hoitu.core.content.kinds import Files
from hoitu.core.events import OutboxEntry
from hoitu.core.units import Unit, all_units

pytestmark = pytest.mark.both_databases

Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]
TYPE = "legal_document"


@pytest.fixture
def draft(desk: Desk, document: Values) -> int:
    with desk() as work:
        return actions.create(work, TYPE, document()).id


@pytest.fixture
def public(desk: Desk, draft: int) -> int:
    with desk() as work:
        actions.publish(work, work.session.get_one(Item, draft))
    return draft


def find(work: ActionContext, item_id: int) -> Any:
    return work.session.get_one(Item, item_id)


def trail(work: ActionContext) -> list[tuple[str, str]]:
    """Return (action, actor) of the audit log, and check that each has its event."""
    entries = work.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    events = [kind for kind in _appended(work) if kind != "StepTaken"]
    assert len(entries) == len(events)
    return [(entry.action, entry.actor) for entry in entries]


def kinds(work: ActionContext) -> list[str]:
    """Return what visitors may notice; that each step was taken is told besides."""
    return [kind for kind in _appended(work) if kind != "StepTaken"]


def _appended(work: ActionContext) -> list[str]:
    return list(work.session.scalars(select(OutboxEntry.kind).order_by(OutboxEntry.id)))


def problems(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {problem.field for problem in caught.value.problems}


def test_a_new_item_is_a_draft_of_the_unit(desk: Desk, document: Values, unit: Unit) -> None:
    with desk(role="editor") as work:
        item: Any = actions.create(work, TYPE, document())
        assert (item.unit_id, item.state, item.version) == (unit.id, "draft", 1)
        assert (item.section, item.type) == ("legal_documents", TYPE)
        assert (item.title, item.slug) == ("Kế hoạch 389/KH-UBND", "ke-hoach-389-kh-ubnd")
        assert item.sort_at.isoformat() == "2023-11-27T12:00:00+07:00"
        assert item.published_from is None
        assert trail(work) == [("item.create", "Thử editor")]
        assert work.session.scalars(select(ItemVersion.number)).all() == [1]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("editor", {"create", "edit", "submit"}),
        ("reviewer", {"create", "edit", "submit"}),
        ("approver", {"create", "edit", "submit", "publish", "unpublish"}),
        ("unit_admin", {"create", "edit", "submit", "publish", "unpublish", "trash"}),
        ("platform_admin", {"create", "edit", "submit", "publish", "unpublish", "trash"}),
    ],
)
def test_what_a_role_may_do(desk: Desk, document: Values, role: str, allowed: set[str]) -> None:
    """Approve what others submit, that is; nobody approves what they submitted themselves."""
    steps: dict[str, Callable[[ActionContext, Item], object]] = {
        "create": lambda work, item: actions.create(work, TYPE, document("1/KH-UBND")),
        "edit": lambda work, item: actions.edit(work, item, {"summary": "mới"}),
        "submit": actions.submit,
        "publish": actions.publish,
        "unpublish": lambda work, item: actions.unpublish(work, item, "Sai số liệu"),
        "trash": actions.trash,
    }
    with desk() as work:
        item_id = actions.create(work, TYPE, document()).id
    done = set()
    for name, step in steps.items():
        if name == "publish":
            with desk() as work:
                actions.advance(work, find(work, item_id), "return", "Để người khác trình")
                actions.submit(work, find(work, item_id))
        with desk(role=role) as work:
            try:
                step(work, find(work, item_id))
                done.add(name)
            except PermissionDenied:
                pass
            except Refused:
                # Without the step before, this one does not lead out of the present state.
                assert name not in allowed
    assert done == allowed


def test_nobody_acts_in_a_unit_where_they_have_no_role(
    desk: Desk, document: Values, draft: int, other_unit: Unit
) -> None:
    with desk(other_unit, role="unit_admin") as work:
        assert work.session.get(Item, draft) is None
        mine = work.actor
    with desk() as work, pytest.raises(PermissionDenied):
        stranger = ActionContext(
            work.session, mine, work.unit, work.types, work.hooks, work.switchboard, work.clock
        )
        actions.edit(stranger, find(work, draft), {"summary": "x"})


def test_what_is_refused_leaves_nothing_behind(desk: Desk, document: Values) -> None:
    wrong = document(kind="XX", issued_on="31/02/2023", source_url="x")
    with desk() as work:
        with pytest.raises(Refused) as caught:
            actions.create(work, TYPE, wrong)
        assert problems(caught) == {"kind", "issued_on", "source_url"}
        with pytest.raises(Refused) as caught:
            actions.create(work, TYPE, document(state="published"))
        assert problems(caught) == {"state"}
    with desk() as work:
        assert trail(work) == []
        assert work.session.scalars(select(Item)).all() == []


def test_an_incomplete_item_is_not_shown_to_anyone(desk: Desk) -> None:
    with desk() as work:
        item = actions.create(work, TYPE, {"number": "54/2023/QĐ-UBND"})
        for step in (actions.submit, actions.publish):
            with pytest.raises(Refused) as caught:
                step(work, item)
            # Everything that is missing at once.
            assert problems(caught) >= {"requirement", "kind", "issuer", "issued_on"}
        assert (item.state, item.published_from) == ("draft", None)
        assert trail(work) == [("item.create", "system")]


def test_a_section_that_is_off_takes_no_new_items(desk: Desk, document: Values) -> None:
    with desk() as work:
        work.switchboard.section_on = lambda *_: False  # type: ignore[method-assign]
        with pytest.raises(Refused):
            actions.create(work, TYPE, document())


def test_edit_and_publish(desk: Desk, draft: int, clock: FrozenClock) -> None:
    clock.move(timedelta(hours=1))
    with desk(role="editor") as work:
        item = actions.edit(work, find(work, draft), {"number": "390/KH-UBND"}, note="số mới")
        assert (item.version, item.title) == (2, "Kế hoạch 390/KH-UBND")
        actions.submit(work, item)
    clock.move(timedelta(hours=1))
    with desk(role="approver") as work:
        item = actions.publish(work, find(work, draft))
        assert (item.state, item.published_from) == ("published", clock.now())
        assert kinds(work) == ["ItemChanged", "ItemChanged", "ItemChanged", "ItemPublished"]
        assert [a.removeprefix("item.") for a, _ in trail(work)] == [
            "create", "edit", "submit", "publish",
        ]  # fmt: skip
        assert _appended(work).count("StepTaken") == 2


def test_the_public_text_stays_until_the_new_one_is_published(
    desk: Desk, public: int, clock: FrozenClock
) -> None:
    clock.move(timedelta(days=1))
    with desk() as work:
        first = find(work, public).published_from
        item: Any = actions.edit(work, find(work, public), {"summary": "Bản mới"})
        assert (item.summary, item.state) == ("Xây dựng nền tảng hội tụ", "published")
        assert actions.work_state(item) == "draft"
        assert actions.waiting_values(work, item)["summary"] == "Bản mới"
        # A second edit goes on from the first one.
        actions.edit(work, item, {"signer": "Nguyễn Văn A"})
        assert kinds(work)[-2:] == ["ItemChanged", "ItemChanged"]
    with desk() as work:
        item = actions.publish(work, find(work, public))
        assert (item.summary, item.signer) == ("Bản mới", "Nguyễn Văn A")
        assert (item.draft_id, item.draft_state) == (None, "")
        assert item.published_from == first
        assert kinds(work)[-1] == "ItemPublished"


def test_a_waiting_version_can_be_submitted_returned_and_forgotten(desk: Desk, public: int) -> None:
    with desk() as work:
        item: Any = actions.edit(work, find(work, public), {"summary": "Bản mới"})
        actions.submit(work, item)
        assert (item.state, item.draft_state) == ("published", "submitted")
        with pytest.raises(Refused) as caught:
            actions.advance(work, item, "return")
        assert problems(caught) == {"note"}
        actions.advance(work, item, "return", "Thiếu căn cứ")
        assert (item.state, item.draft_state) == ("published", "returned")
        actions.discard_draft(work, item)
        assert actions.work_state(item) == "published"
        assert item.summary == "Xây dựng nền tảng hội tụ"


def test_a_waiting_version_that_is_incomplete_is_refused_and_the_public_text_stays(
    desk: Desk, public: int
) -> None:
    with desk() as work:
        item: Any = actions.edit(work, find(work, public), {"issuer": ""})
        with pytest.raises(Refused) as caught:
            actions.publish(work, item)
        assert problems(caught) == {"issuer"}
        assert (item.issuer, item.draft_state) == ("Ủy ban nhân dân tỉnh", "draft")


def test_what_waits_becomes_the_draft_when_the_item_leaves_the_public(
    desk: Desk, public: int
) -> None:
    with desk() as work:
        item: Any = actions.edit(work, find(work, public), {"summary": "Bản mới"})
        with pytest.raises(Refused):
            actions.trash(work, item)
        actions.unpublish(work, item, "Sai số liệu")
        assert (item.state, item.summary, item.draft_id) == ("unpublished", "Bản mới", None)
        actions.edit(work, item, {"summary": "Bản cuối"})
        actions.publish(work, item)
        assert item.summary == "Bản cuối"
        assert kinds(work)[-3:] == ["ItemUnpublished", "ItemChanged", "ItemPublished"]


def test_the_trash_and_back(desk: Desk, draft: int, clock: FrozenClock) -> None:
    with desk() as work:
        item = actions.trash(work, find(work, draft))
        assert (item.state, item.trashed_at) == ("trashed", clock.now())
        with pytest.raises(Refused):
            actions.publish(work, item)
        actions.advance(work, item, "restore")
        assert (item.state, item.trashed_at) == ("draft", None)


def test_an_old_version_comes_back_as_a_new_one(desk: Desk, draft: int, clock: FrozenClock) -> None:
    with desk() as work:
        first = work.session.scalars(select(ItemVersion)).one()
        clock.move(timedelta(minutes=1))
        relations = [{"relation": "amends", "target_number": "1/QĐ-UBND", "note": ""}]
        item: Any = actions.edit(
            work, find(work, draft), {"summary": "Hai", "relations": relations}
        )
        clock.move(timedelta(minutes=1))
        actions.restore_version(work, item, first)
        assert (item.summary, item.relations) == ("Xây dựng nền tảng hội tụ", [])
        numbers = work.session.scalars(select(ItemVersion.number).order_by(ItemVersion.id))
        assert list(numbers) == [1, 2, 3]


def test_what_is_newer_than_an_old_version_stays_when_that_comes_back(
    desk: Desk, draft: int
) -> None:
    with desk() as work:
        first = work.session.scalars(select(ItemVersion)).one()
        first.values = {k: v for k, v in first.values.items() if k != "summary"}
        item: Any = actions.edit(work, find(work, draft), {"summary": "Hai", "issuer": "Khác"})
        actions.restore_version(work, item, first)
        assert (item.summary, item.issuer) == ("Hai", first.values["issuer"])


def test_who_saves_over_somebody_elses_work_is_told(desk: Desk, draft: int) -> None:
    with desk() as work:
        seen = find(work, draft).version
        actions.edit(work, find(work, draft), {"summary": "Người thứ nhất"}, expected_version=seen)
    with desk() as work, pytest.raises(Conflict):
        actions.edit(work, find(work, draft), {"summary": "Người thứ hai"}, expected_version=seen)
    with desk() as work:
        assert find(work, draft).summary == "Người thứ nhất"


def test_a_refusal_keeps_what_was_saved_before_in_the_same_transaction(
    desk: Desk, document: Values
) -> None:
    with desk() as work:
        good = actions.create(work, TYPE, document()).id
        item = actions.create(work, TYPE, {"number": "1/KH-UBND"})
        bad = item.id
        with pytest.raises(Refused):
            actions.publish(work, item)
    with desk() as work:
        assert find(work, good).state == "draft"
        assert find(work, bad).state == "draft"


@pytest.mark.parametrize("state", ["archived", "trashed"])
def test_what_rests_is_restored_before_it_is_edited(
    desk: Desk, public: int, state: str, count: Callable[[], Any]
) -> None:
    with desk() as work:
        item = find(work, public)
        actions.unpublish(work, item, "Sai số liệu")
        actions.advance(work, item, "archive" if state == "archived" else "trash")
        first = work.session.scalars(select(ItemVersion)).first()
        assert first is not None
    before = count()
    with desk() as work:
        item = find(work, public)
        for change in (
            lambda: actions.edit(work, item, {"summary": "x"}),
            lambda: actions.restore_version(work, item, first),
        ):
            with pytest.raises(Refused) as caught:
                change()
            assert problems(caught) == {""}
    assert count() == before
    with desk() as work:
        item = find(work, public)
        assert (item.state, item.summary) == (state, "Xây dựng nền tảng hội tụ")
        actions.advance(work, item, "restore")
        assert actions.edit(work, item, {"summary": "x"}).summary == "x"


def test_references_and_files_of_another_unit_cannot_be_chosen(
    desk: Desk, document: Values, other_unit: Unit, app: Any
) -> None:
    store = app.extensions["hoitu"].files
    with desk(other_unit) as work:
        foreign = files.upload(work, store, "a.txt", BytesIO(b"x")).id
    with desk() as work:
        with pytest.raises(Refused) as caught:
            actions.create(work, TYPE, document(attachments=[foreign]))
        assert problems(caught) == {"attachments"}


def test_tables_name_only_what_the_unit_has(
    desk: Desk, document: Values, other_unit: Unit, platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = platform.types[TYPE]
    columns = Field(Reference(TYPE), "Item", name="item"), Field(Files(), "Files", name="files")
    table = {"relations": Field(Rows(columns), "Relations", name="relations")}
    monkeypatch.setitem(vars(kind), "fields", {**kind.fields, **table})

    def made(at: Unit | None = None) -> tuple[int, int, int]:
        """Return ids of a document, of an item of another type, and of a file."""
        with desk(at) as work:
            page = {"requirement": "functions_duties", "title": "x"}
            return (
                actions.create(work, TYPE, document()).id,
                actions.create(work, "agency_page", page).id,
                files.upload(work, platform.files, "a.txt", BytesIO(b"x")).id,
            )

    (item, page, file), (their_item, _page, their_file) = made(), made(other_unit)
    allowed = {"item": item, "files": [file]}
    for wrong in (
        {"item": their_item},
        {"item": page},
        {"item": 2**62},
        {"files": [file, their_file]},
        {"files": [2**62]},
    ):
        # The unit of the action decides, not what the caller happens to see.
        with desk() as work, all_units("a test"), pytest.raises(Refused) as caught:
            actions.create(work, TYPE, document(relations=[allowed, {**allowed, **wrong}]))
        assert problems(caught) == {"relations"}
        assert "2" in str(caught.value.problems[0])
    with desk() as work:
        assert actions.create(work, TYPE, document(relations=[allowed, {"item": None}])).id


def test_steps_offer_what_the_actor_may_do_now(desk: Desk, public: int) -> None:
    names = {"editor": set[str](), "approver": {"unpublish", "archive"}}
    for role, expected in names.items():
        with desk(role=role) as work:
            assert {t.name for t in actions.steps(work, find(work, public))} == expected
    with desk() as work:
        actions.edit(work, find(work, public), {"summary": "x"})
    with desk(role="editor") as work:
        assert {t.name for t in actions.steps(work, find(work, public))} == {"submit"}
