"""The trash: thirty days in which nothing is lost, then gone for good, and by time alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from hoitu.core import batches
from hoitu.core.access.audit import AuditEntry, verify
from hoitu.core.batches import BatchRow
from hoitu.core.care import trash as care
from hoitu.core.content import (
    ActionContext,
    File,
    Item,
    ItemFile,
    ItemPlacement,
    ItemVersion,
    OpenForm,
    PreviewLink,
    Redirect,
    Refused,
    ScheduledStep,
    actions,
)
from hoitu.core.content.actions.purging import KEPT, purge
from hoitu.core.content.files import upload
from hoitu.core.content.item import DRAFT, TRASHED
from hoitu.core.content.linked import ItemLink
from hoitu.core.units import Unit, all_units, unit_scope
from hoitu.sections.legal_documents.models import DocumentRelation, LegalDocument

if TYPE_CHECKING:
    from hoitu.core.clock import FrozenClock
    from hoitu.core.extensions import Platform

Desk = Callable[..., AbstractContextManager[ActionContext]]
PATH = "/quan-tri/thung-rac"
PARTS = (
    ItemVersion, ItemFile, ItemLink, ItemPlacement, PreviewLink, ScheduledStep, OpenForm,
    DocumentRelation, LegalDocument, Item,
)  # fmt: skip


@pytest.fixture
def thrown_away(
    desk: Desk, document: Callable[..., Any], clock: FrozenClock, other_unit: Unit,
    platform: Platform,
) -> Callable[..., int]:  # fmt: skip
    """Return a function that publishes a document with everything there is, and trashes it."""

    def make(number: str = "12/KH-UBND", at: Unit | None = None) -> int:
        now = clock.now()
        with desk(at) as work:
            file = upload(work, platform.files, "tep.txt", BytesIO(b"Noi dung"))
            values = document(
                number,
                attachments=[file.id],
                body='<p>Xem <a href="https://a.example/">đây</a></p>',
                relations=[
                    {"relation": "amends", "target_number": "1/QĐ-UBND", "note": ""},
                ],
            )
            item = actions.create(work, "legal_document", values)
            actions.publish(work, item)
            work.session.add_all(
                [
                    PreviewLink(
                        item_id=item.id, token_hash=number * 3, created_by="A", created_at=now,
                        expires_at=now,
                    ),
                    ScheduledStep(
                        item_id=item.id, step="unpublish", run_at=now + timedelta(days=400),
                        account_name="A", created_at=now, state="cancelled",
                    ),
                    OpenForm(
                        key=f"{item.id:032x}", type=item.type, item_id=item.id, account_id=1,
                        account_name="A", opened_at=now, seen_at=now,
                    ),
                ]
            )  # fmt: skip
            work.session.flush()
            actions.unpublish(work, item, "Hết hiệu lực")
            actions.trash(work, item)
            item_id = item.id
        shown = other_unit if at is None else at
        with desk(shown) as work:
            work.session.add(
                ItemPlacement(
                    item_id=item_id, unit_id=shown.id, owner_id=_owner(work, item_id),
                    section="legal_documents", type="legal_document", sort_at=now,
                )
            )  # fmt: skip
        return item_id

    return make


def _owner(work: ActionContext, item_id: int) -> int:
    with all_units("the owner of an item, for a test"):
        return int(work.session.scalars(select(Item.unit_id).where(Item.id == item_id)).one())


def rows(platform: Platform, item_id: int) -> dict[str, int]:
    """Return how many rows of each part there are of an item."""
    with platform.open_session(False) as session, all_units("a test counts"):
        return {
            part.__name__: session.scalar(
                select(func.count()).select_from(part).where(_key(part) == item_id)
            )
            or 0
            for part in PARTS
        }


def _key(part: Any) -> Any:
    return part.id if issubclass(part, Item) else part.item_id


def test_the_trash_shows_what_who_when_and_how_long(
    staff: Any, desk: Desk, document: Any, clock: FrozenClock
) -> None:
    admin = staff("unit_admin")
    with desk(role="unit_admin") as work:
        kept = actions.create(work, "legal_document", document("1/KH-UBND"))
        gone = actions.create(work, "legal_document", document("2/KH-UBND"))
        actions.trash(work, gone)
        assert kept.id != gone.id
    clock.move(timedelta(days=3))
    admin.sign_in()
    page = admin.open(PATH)
    assert page.status == 200
    assert "2/KH-UBND" in page.text
    assert "1/KH-UBND" not in page.text
    assert "Thử unit_admin" in page.text
    assert '<td data-label="Số ngày còn lại">27</td>' in page.text


def test_restoring_keeps_id_address_versions_and_links(
    staff: Any, desk: Desk, platform: Platform, thrown_away: Any, site: Any, unit: Unit
) -> None:
    item_id = thrown_away()
    before = rows(platform, item_id)
    with platform.open_session(False) as session, unit_scope(unit.id):
        item = session.scalars(select(Item).where(Item.id == item_id)).one()
    admin = staff("unit_admin")
    form = admin.open(PATH).form(f"/{item_id}/buoc/restore")
    assert admin.send(form).status == 303
    after = rows(platform, item_id)
    assert after == before
    with platform.open_session(False) as session, unit_scope(unit.id):
        restored = session.scalars(select(Item).where(Item.id == item_id)).one()
        assert (restored.state, restored.trashed_at) == (DRAFT, None)
        assert (restored.slug, restored.uid) == (item.slug, item.uid)
        assert restored.published_from == item.published_from
    with desk() as work:
        again = work.session.scalars(select(Item).where(Item.id == item_id)).one()
        actions.publish(work, again)
        path = work.types["legal_document"].path(again)
    assert site().get(path).status_code == 200


def test_the_night_after_thirty_days_removes_it_with_all_its_parts(
    platform: Platform, thrown_away: Any, drain: Any, clock: FrozenClock, site: Any, unit: Unit
) -> None:
    item_id = thrown_away()
    before = rows(platform, item_id)
    assert all(before.values()), before
    path = public_path(platform, unit, item_id)
    clock.move(KEPT - timedelta(hours=1))
    drain()
    assert rows(platform, item_id)["Item"] == 1, "not an hour too early"
    clock.move(timedelta(days=1))
    drain()
    assert set(rows(platform, item_id).values()) == {0}
    assert site().get(path).status_code == 410
    with platform.open_session(False) as session, unit_scope(unit.id):
        assert session.scalar(select(func.count(File.id))) == 1, "files stay in the library"
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "item.purge")).one()
        assert (entry.actor, entry.unit_id, entry.object_id) == ("system", unit.id, str(item_id))
        assert entry.detail["title"] == "Kế hoạch 12/KH-UBND"
        assert verify(session).broken_id is None


def public_path(platform: Platform, unit: Unit, item_id: int) -> str:
    with platform.open_session(False) as session, unit_scope(unit.id):
        item = session.scalars(select(LegalDocument).where(LegalDocument.id == item_id)).one()
        return f"/van-ban/{item.id}-{item.slug}"


def test_what_was_never_public_leaves_no_address(
    desk: Desk, document: Any, platform: Platform, drain: Any, clock: FrozenClock
) -> None:
    with desk() as work:
        item = actions.create(work, "legal_document", document())
        actions.trash(work, item)
    clock.move(KEPT + timedelta(days=1))
    drain()
    with platform.open_session(False) as session, all_units("a test counts"):
        assert session.scalar(select(func.count(Item.id))) == 0
        assert session.scalar(select(func.count(Redirect.id))) == 0


def test_the_number_of_what_was_removed_is_given_to_nothing_else(
    desk: Desk, document: Any, drain: Any, clock: FrozenClock
) -> None:
    """Printed addresses and links by number must not lead to another entry one day."""
    with desk() as work:
        item = actions.create(work, "legal_document", document("1/KH-UBND"))
        actions.trash(work, item)
        gone = item.id
    clock.move(KEPT + timedelta(days=1))
    drain()
    with desk() as work:
        assert work.session.get(Item, gone) is None
        assert actions.create(work, "legal_document", document("2/KH-UBND")).id > gone


def test_only_time_empties_the_trash(desk: Desk, document: Any, clock: FrozenClock) -> None:
    with desk(role="unit_admin") as work:
        item = actions.create(work, "legal_document", document())
        actions.trash(work, item)
        clock.move(KEPT + timedelta(days=1))
        with pytest.raises(Refused):
            purge(work, item)
    with desk() as work:
        item = actions.create(work, "legal_document", document("2/KH-UBND"))
        with pytest.raises(Refused):
            purge(work, item)
        actions.trash(work, item)
        with pytest.raises(Refused):
            purge(work, item)


def test_each_unit_loses_its_own_only_and_long_trashes_go_by_slices(
    desk: Desk, document: Any, platform: Platform, drain: Any, clock: FrozenClock,
    other_unit: Unit, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(care, "SLICE", 2)
    with desk() as work:
        for number in range(5):
            item = actions.create(work, "legal_document", document(f"{number}/KH-UBND"))
            actions.trash(work, item)
    clock.move(timedelta(days=20))
    with desk(other_unit) as work:
        item = actions.create(work, "legal_document", document("9/KH-UBND"))
        actions.trash(work, item)
        other_id = item.id
    clock.move(timedelta(days=11))
    drain()
    with platform.open_session(False) as session, all_units("a test counts"):
        assert list(session.scalars(select(Item.id))) == [other_id]


def test_one_that_cannot_be_removed_holds_up_nobody(
    desk: Desk, document: Any, platform: Platform, drain: Any, clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with desk() as work:
        ids = []
        for number in range(3):
            item = actions.create(work, "legal_document", document(f"{number}/KH-UBND"))
            actions.trash(work, item)
            ids.append(item.id)

    def stubborn(context: ActionContext, item: Item, path: str = "") -> None:
        item_id = item.id
        purge(context, item, path)
        if item_id == ids[1]:
            raise RuntimeError("a plugin's table is locked")

    monkeypatch.setattr(care, "purge", stubborn)
    clock.move(KEPT + timedelta(days=1))
    drain()
    with platform.open_session(False) as session, all_units("a test counts"):
        assert list(session.scalars(select(Item.id))) == [ids[1]]
        assert session.scalar(select(Item.state)) == TRASHED


def test_what_leads_elsewhere_leads_there_no_more(
    desk: Desk, document: Any, platform: Platform, drain: Any, clock: FrozenClock
) -> None:
    with desk() as work:
        target = actions.create(work, "legal_document", document("1/KH-UBND"))
        actions.publish(work, target)
        merged = actions.create(work, "legal_document", document("2/KH-UBND"))
        actions.publish(work, merged)
        details = actions.StepDetails(withdrawn_for="merged", withdrawn_to=target.id)
        actions.advance(work, merged, "unpublish", "Trùng", details)
        actions.unpublish(work, target, "Sai")
        actions.trash(work, target)
        merged_id = merged.id
    clock.move(KEPT + timedelta(days=1))
    drain()
    with platform.open_session(False) as session, all_units("a test reads"):
        assert session.execute(select(Item.id, Item.withdrawn_to)).all() == [(merged_id, None)]


@pytest.mark.parametrize("role", ["editor", "nobody"])
def test_an_editor_of_another_unit_sees_nothing_of_it(
    staff: Any, desk: Desk, document: Any, other_unit: Unit, unit: Unit, role: str
) -> None:
    with desk() as work:
        item = actions.create(work, "legal_document", document("7/KH-UBND"))
        actions.trash(work, item)
    stranger = staff(role, at=other_unit, visits=unit)
    assert stranger.open(PATH).status == 403
    assert "7/KH-UBND" not in staff("editor", at=other_unit).open(PATH).text


def test_the_list_costs_the_same_however_long_it_is(
    staff: Any, desk: Desk, document: Any, statements: Any
) -> None:
    admin = staff("unit_admin")

    def cost() -> int:
        statements()
        assert admin.open(PATH).status == 200
        return len(statements())

    def fill(first: int, last: int) -> None:
        with desk() as work:
            for number in range(first, last):
                item = actions.create(work, "legal_document", document(f"{number}/KH-UBND"))
                actions.trash(work, item)

    fill(0, 2)
    admin.open(PATH)
    few = cost()
    fill(2, 12)
    assert cost() == few


def test_batches_forget_what_was_removed_was_called(
    desk: Desk, document: Any, clock: FrozenClock, drain: Any
) -> None:
    with desk() as work:
        gone, kept = (
            actions.create(work, "legal_document", document(f"{n}/KH-UBND")) for n in "12"
        )
        rows = [batches.NewRow(item.id, item.title) for item in (gone, kept)]
        batches.start(work, "entrust", rows, title="Thử")
        actions.trash(work, gone)
    clock.move(KEPT + timedelta(days=1))
    drain()
    with desk() as work:
        labels = select(BatchRow.label).order_by(BatchRow.position)
        assert work.session.scalars(labels).all() == ["", kept.title]
