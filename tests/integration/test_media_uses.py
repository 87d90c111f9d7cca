"""Where files are used: by items, by the look of the site, and by imports that wait."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core import batches
from hoitu.core.access import SYSTEM, Account
from hoitu.core.access.audit import AuditEntry
from hoitu.core.batches import Batch, imports
from hoitu.core.content import File, Item, ItemLink, Refused, actions, files
from hoitu.core.extensions import Platform
from hoitu.core.media import library, usage
from hoitu.core.settings import setting
from hoitu.core.units import Unit

LIBRARY = "/quan-tri/thu-vien"


@pytest.fixture
def keep(desk: Any, platform: Platform) -> Callable[..., int]:
    """Return a function that uploads a text file to a unit and returns its id."""

    def upload(name: str, at: Unit | None = None) -> int:
        with desk(at) as work:
            return files.upload(work, platform.files, name, BytesIO(name.encode())).id

    return upload


@pytest.fixture
def frame(platform: Platform, unit: Unit, clock: Any) -> Callable[..., None]:
    """Return a function that chooses a picture of the frame of the unit's site."""

    def choose(part: str, file_id: int | None, scope: str = f"unit:{unit.id}") -> None:
        owner = "core.site" if part == "badge" else "core.look"
        with platform.open_session(True) as session:
            platform.settings.store(session, SYSTEM, scope, owner, part, file_id, clock.now())
            session.commit()

    return choose


def used_in(page: str) -> str:
    """Return the part of a file's page that says where it is used."""
    found = re.search(r'aria-labelledby="used-in">(.*?)</section>', page, re.S)
    assert found is not None
    return found[1]


def not_used(person: Any) -> str:
    return str(person.open(f"{LIBRARY}?loai={library.UNUSED}&xem=danh-sach").text)


@pytest.mark.parametrize(
    ("part", "where", "told"),
    [
        ("mark", "Diện mạo", "Biểu trưng cạnh tên"),
        ("banner", "Diện mạo", "Ảnh"),
        ("badge", "Thiết lập của trang", "Ảnh dấu tín nhiệm"),
    ],
)
def test_a_picture_of_the_frame_stays_until_the_look_lets_go_of_it(
    staff: Any, keep: Any, frame: Any, desk: Any, part: str, where: str, told: str
) -> None:
    file_id, admin = keep("khung.txt"), staff("unit_admin")
    frame(part, file_id)
    editor, path = staff("editor"), f"{LIBRARY}/{file_id}"
    page = used_in(editor.open(path).text)
    assert where in page and told in page
    assert "Không có bài nào dùng tệp này" not in page
    assert "khung.txt" not in not_used(editor)
    assert editor.post(f"{path}/xoa").status == 403, "the look is not an editor's"
    with desk() as work:
        with pytest.raises(Refused):
            library.remove(work, work.session.get_one(File, file_id))
        assert work.session.get(File, file_id) is not None
    assert admin.post(f"{path}/xoa").status == 409
    frame(part, None)
    assert "khung.txt" in not_used(editor)
    assert editor.post(f"{path}/xoa").status == 303


def test_a_setting_says_by_itself_that_it_names_a_file(
    staff: Any, keep: Any, desk: Any, platform: Platform, unit: Unit, clock: Any
) -> None:
    @dataclass(frozen=True)
    class Stamp:
        picture: int = setting(0, label="Con dấu", names_file=True)
        copies: int = setting(0, label="Số bản")

    platform.settings.register("stamps", Stamp)
    seal, other, of_type = keep("dau.txt"), keep("khac.txt"), keep("chung.txt")
    with platform.open_session(True) as session:
        for scope, key, value in (
            (f"unit:{unit.id}", "picture", seal),
            (f"unit:{unit.id}", "copies", other),
            (f"type:{unit.type}", "picture", of_type),
            ("unit:987654", "picture", other),
        ):
            platform.settings.store(session, SYSTEM, scope, "stamps", key, value, clock.now())
        session.commit()
    with desk() as work:
        used = {one: usage.is_set(work.session, unit.id, one) for one in (seal, other, of_type)}
        assert used == {seal: True, other: False, of_type: True}
        free = select(File.name).where(usage.unused(work.session, unit.id, ()))
        assert set(work.session.scalars(free)) == {"khac.txt"}
    assert "Con dấu" in used_in(staff("unit_admin").open(f"{LIBRARY}/{seal}").text)


def test_files_of_an_import_stay_until_it_is_finished(
    staff: Any, keep: Any, desk: Any, other_unit: Unit
) -> None:
    file_id, theirs = keep("kem-theo.txt"), keep("kem-theo.txt", other_unit)
    with desk() as work:
        batch = batches.start(
            work,
            imports.IMPORT,
            [],
            {"type": "legal_document", imports.UPLOADS: {"kem-theo.txt": file_id}},
            title="Bảng",
            type="legal_document",
        )
        batch_id = batch.id
    editor, path = staff("editor"), f"{LIBRARY}/{file_id}"
    assert "Lần nhập từ bảng chưa hoàn thành" in used_in(editor.open(path).text)
    assert "kem-theo.txt" not in not_used(editor)
    assert editor.post(f"{path}/xoa").status == 409
    elsewhere = staff("editor", at=other_unit)
    assert "kem-theo.txt" in not_used(elsewhere)
    assert elsewhere.post(f"{LIBRARY}/{theirs}/xoa").status == 303
    with desk() as work:
        work.session.get_one(Batch, batch_id).state = batches.DONE
    assert "kem-theo.txt" in not_used(editor)
    assert editor.post(f"{path}/xoa").status == 303


def test_of_entries_that_are_not_the_reader_s_work_only_the_type_is_told(
    platform: Any, staff: Any, keep: Any, desk: Any, document: Any
) -> None:
    file_id = keep("chung.txt")
    with desk() as work:
        values = document("7/KH-UBND", summary="Kín chưa công bố", attachments=[file_id])
        item = actions.create(work, "legal_document", values)
        item_id, title = item.id, item.title
    editor, reporter = staff("editor"), staff("editor")
    with platform.open_session(True) as session:
        account = session.scalars(select(Account).where(Account.email == reporter.email)).one()
        account.grants[0].section = "news"
        session.commit()
    assert title in used_in(editor.open(f"{LIBRARY}/{file_id}").text)
    page = used_in(reporter.open(f"{LIBRARY}/{file_id}").text)
    assert "Văn bản" in page
    assert title not in page and "Kín" not in page
    assert f"/quan-tri/legal_document/{item_id}" not in page


def test_a_file_of_many_entries_shows_the_first_and_how_many_more_at_one_price(
    staff: Any, keep: Any, desk: Any, document: Any, statements: Any
) -> None:
    file_id, editor = keep("logo.txt"), staff("editor")
    path = f"{LIBRARY}/{file_id}"

    def attach(first: int, last: int) -> None:
        with desk() as work:
            for number in range(first, last):
                values = document(f"{number}/KH-UBND", attachments=[file_id])
                actions.create(work, "legal_document", values)

    def cost() -> tuple[int, str]:
        editor.open(path)
        statements()
        page = used_in(editor.open(path).text)
        return len(statements()), page

    attach(0, 3)
    few, page = cost()
    assert page.count('<th scope="row">') == 3
    attach(3, usage.SHOWN + 4)
    many, page = cost()
    assert page.count('<th scope="row">') == usage.SHOWN
    assert re.search(r"\b4\b", page) and str(usage.SHOWN + 4) in page
    assert many == few + 1, "one counts the others"


def test_a_file_attached_to_a_version_that_waits_is_found_without_reading_versions(
    keep: Any, desk: Any, publish: Any, document: Any, statements: Any
) -> None:
    file_id = keep("a.txt")
    item_id = publish("legal_document", **document())
    with desk() as work:
        item: Any = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"attachments": [file_id]})
    with desk() as work:
        statements()
        found = usage.uses(work.session, file_id, frozenset({"legal_document"}))
        free = usage.unused(work.session, work.unit.id, ())
        assert work.session.scalars(select(File.id).where(free)).all() == []
        asked = statements()
        assert not [sql for sql in asked if "item_version" in sql], asked
        assert [(use.item.id, use.attached, use.attached_waiting) for use in found.shown] == [
            (item_id, False, True)
        ]
        actions.publish(work, work.session.get_one(Item, item_id))
        rows = select(ItemLink).where(ItemLink.kind == "file")
        assert work.session.scalars(rows).all() == []
        [use] = usage.uses(work.session, file_id, frozenset({"legal_document"})).shown
        assert (use.attached, use.attached_waiting) == (True, False)


def test_a_discarded_version_lets_go_of_its_attachments(
    keep: Any, desk: Any, publish: Any, document: Any
) -> None:
    file_id = keep("a.txt")
    item_id = publish("legal_document", **document())
    with desk() as work:
        item: Any = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"attachments": [file_id]})
        assert usage.is_used(work.session, file_id)
        actions.discard_draft(work, item)
        assert not usage.is_used(work.session, file_id)
        library.remove(work, work.session.get_one(File, file_id))
        deleted = select(AuditEntry.object_id).where(AuditEntry.action == "file.delete")
        assert work.session.scalars(deleted).all() == [str(file_id)]


def test_more_files_than_a_statement_takes_parameters_can_be_held(keep: Any, desk: Any) -> None:
    held, free = keep("a.txt"), keep("b.txt")
    with desk() as work:
        many = [held, *range(1_000_000, 1_300_000)]
        found = select(File.id).where(usage.unused(work.session, work.unit.id, many))
        assert work.session.scalars(found).all() == [free]
