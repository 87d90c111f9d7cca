"""The shared library of the province: offered by it, seen and taken over by every unit."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import delete, func, select

from hoitu.core.access import PermissionDenied
from hoitu.core.access.audit import AuditEntry
from hoitu.core.content import File, FileVariant, Refused, files
from hoitu.core.extensions import Platform
from hoitu.core.jobs.queue import JobRow
from hoitu.core.media import Description, library, shared
from hoitu.core.units import Unit

LIBRARY = "/quan-tri/thu-vien"


def picture(width: int = 400) -> bytes:
    target = BytesIO()
    Image.linear_gradient("L").resize((width, 300)).save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def province(platform: Platform, unit: Unit) -> Unit:
    """Return the unit at the top."""
    found = platform.units.province()
    assert found is not None and found != unit
    return found


@pytest.fixture
def keep(desk: Any, platform: Platform) -> Callable[..., int]:
    """Return a function that uploads a file to a unit, offers it or not, and returns its id."""

    def upload(at: Unit, name: str, content: bytes, *, offered: bool = False, alt: str = "") -> int:
        with desk(at) as work:
            row = files.upload(work, platform.files, name, BytesIO(content))
            library.describe(work, row, Description(alt=alt, source="Báo tỉnh", rights="Tự do"))
            if offered:
                shared.offer(work, platform.units, row, True)
            return row.id

    return upload


def test_every_unit_is_shown_what_the_province_offers_and_nothing_else(
    keep: Any, staff: Any, province: Unit, other_unit: Unit, drain: Any
) -> None:
    offered = keep(province, "quoc-huy.png", picture(), offered=True, alt="Quốc huy")
    secret = keep(province, "noi-bo.png", picture(401))
    foreign = keep(other_unit, "cua-xa.png", picture(402))
    drain()
    editor = staff("editor")
    page = editor.open(f"{LIBRARY}?cua=tinh").text
    assert "quoc-huy.png" in page
    assert "noi-bo.png" not in page and "cua-xa.png" not in page
    found = editor.open(f"{LIBRARY}.json?from=tinh&q=quoc").response.get_json()["files"]
    assert [(f["id"], f["alt"], f["url"]) for f in found] == [(offered, "Quốc huy", None)]
    assert editor.open(found[0]["thumb"]).response.mimetype == "image/webp"
    whole = editor.open(f"{LIBRARY}/tinh/{offered}/quoc-huy.png").response
    assert whole.data == picture()
    assert whole.headers["Cache-Control"] == "no-store"
    for file_id in (secret, foreign):
        assert editor.open(f"{LIBRARY}/tinh/{file_id}/x.png").status == 404
        assert editor.open(f"{LIBRARY}/tinh/{file_id}/nho").status == 404
        assert editor.post(f"{LIBRARY}/tinh/{file_id}/lay").status == 404
        assert editor.open(f"/tep/{file_id}/x.png").status == 404
    own = editor.open(f"{LIBRARY}.json").response.get_json()["files"]
    assert own == []


def test_what_is_taken_over_is_a_file_of_the_unit_with_its_description_and_no_copy_of_the_bytes(
    keep: Any, staff: Any, province: Unit, unit: Unit, desk: Any, instance: Any, drain: Any
) -> None:
    offered = keep(province, "quoc-huy.png", picture(), offered=True, alt="Quốc huy")
    stored = len([p for p in (instance / "files").rglob("*") if p.is_file()])
    editor = staff("editor")
    answer = editor.site.client.post(
        f"{LIBRARY}/tinh/{offered}/lay",
        headers={
            "Host": editor.site.host,
            "X-CSRFToken": editor.token(),
            "Accept": "application/json",
        },
    )
    assert answer.status_code == 201
    told = answer.get_json()
    assert told["url"] == f"/tep/{told['id']}/quoc-huy.png"
    assert len([p for p in (instance / "files").rglob("*") if p.is_file()]) == stored
    with desk() as work:
        row = work.session.get_one(File, told["id"])
        assert (row.unit_id, row.origin_id, row.alt) == (unit.id, offered, "Quốc huy")
        assert (row.source, row.rights, row.shared) == ("Báo tỉnh", "Tự do", False)
        assert (row.width, row.height) == (400, 300)
    with desk(province) as work:
        assert work.session.get_one(File, offered).unit_id == province.id
    drain()
    assert editor.open(f"/tep/{told['id']}/320.webp").status == 200
    page = editor.open(f"{LIBRARY}/{told['id']}").text
    assert "Thư viện của tỉnh" in page


def test_what_is_taken_over_has_its_copies_at_once_and_none_is_made_again(
    keep: Any, staff: Any, province: Unit, desk: Any, drain: Any
) -> None:
    offered = keep(province, "quoc-huy.png", picture(), offered=True)
    bare = keep(province, "moi.png", picture(401), offered=True)
    drain()
    with desk(province) as work:
        work.session.execute(delete(FileVariant).where(FileVariant.file_id == bare))
    editor = staff("editor")

    def take(file_id: int) -> int:
        location = editor.post(f"{LIBRARY}/tinh/{file_id}/lay").response.location
        return int(location.rpartition("/")[2])

    def queued() -> list[Any]:
        with desk() as work:
            rows = select(JobRow.payload).where(JobRow.name == "core.media_variants")
            return list(work.session.scalars(rows.where(JobRow.state == "ready")))

    taken = take(offered)
    assert queued() == []
    assert editor.open(f"/tep/{taken}/320.webp").response.mimetype == "image/webp"
    columns = (
        FileVariant.width, FileVariant.height, FileVariant.format, FileVariant.sha256,
        FileVariant.size,
    )  # fmt: skip

    def copies(at: Unit | None, file_id: int) -> set[Any]:
        with desk(at) as work:
            rows = select(*columns).where(FileVariant.file_id == file_id)
            return {tuple(row) for row in work.session.execute(rows)}

    assert len(copies(None, taken)) >= 4
    assert copies(None, taken) == copies(province, offered)
    # One whose copies are not there yet gets them as every upload does.
    without = take(bare)
    assert [payload["file_id"] for payload in queued()] == [without]
    drain()
    assert editor.open(f"/tep/{without}/320.webp").response.mimetype == "image/webp"


def test_what_is_offered_is_read_beside_the_session_and_comes_as_plain_values(
    keep: Any, province: Unit, unit: Unit, desk: Any, platform: Platform, clock: Any
) -> None:
    offered = keep(province, "quoc-huy.png", picture(), offered=True, alt="Quốc huy")
    own = keep(unit, "cua-minh.png", picture(401))
    with desk() as work:
        mine = work.session.get_one(File, own)
        mine.alt = "chưa ghi"
        before = set(work.session.identity_map.keys())
        [found] = shared.page(platform, clock.today(), "", "quoc", size=10).files
        assert (found.id, found.alt, found.unit_id) == (offered, "Quốc huy", province.id)
        assert shared.offered(platform, clock.today(), offered) == found
        assert shared.offered(platform, clock.today(), own) is None
        assert not isinstance(found, File)
        assert not hasattr(found, "uploaded_by")
        assert set(work.session.identity_map.keys()) == before
        assert mine in work.session.dirty, "nothing was written on the way"


def test_units_are_not_told_who_put_a_file_into_the_library_of_the_province(
    keep: Any, staff: Any, province: Unit, desk: Any
) -> None:
    offered = keep(province, "quoc-huy.png", picture(), offered=True)
    with desk(province) as work:
        work.session.get_one(File, offered).uploaded_by = "Nguyễn Văn Kín"
    for way in ("&xem=danh-sach", ""):
        page = staff("editor").open(f"{LIBRARY}?cua=tinh{way}")
        assert "quoc-huy.png" in page.text and "Nguyễn Văn Kín" not in page.text
    own = staff("editor", at=province).open(f"{LIBRARY}?xem=danh-sach").text
    assert "Nguyễn Văn Kín" in own


def test_taking_the_same_twice_or_what_the_unit_has_adds_nothing(
    keep: Any, staff: Any, province: Unit, unit: Unit, desk: Any
) -> None:
    offered = keep(province, "quoc-huy.png", picture(), offered=True)
    own = keep(unit, "cua-minh.png", picture(), alt="Của mình")
    editor = staff("editor")
    for _ in range(2):
        taken = editor.post(f"{LIBRARY}/tinh/{offered}/lay")
        assert (taken.status, taken.response.location) == (303, f"{LIBRARY}/{own}")
    with desk() as work:
        assert work.session.scalar(select(func.count(File.id))) == 1


def test_what_was_taken_over_stays_when_it_is_no_longer_offered(
    keep: Any, staff: Any, province: Unit, desk: Any, platform: Platform
) -> None:
    offered = keep(province, "quoc-huy.png", picture(), offered=True)
    editor = staff("editor")
    location = editor.post(f"{LIBRARY}/tinh/{offered}/lay").response.location
    assert editor.open(location).status == 200
    approver = staff("approver", at=province)
    form = approver.open(f"{LIBRARY}/{offered}").form("/dung-chung")
    assert approver.send(form).status == 303
    assert "quoc-huy.png" not in editor.open(f"{LIBRARY}?cua=tinh").text
    assert editor.open(location).status == 200
    assert editor.post(f"{LIBRARY}/tinh/{offered}/lay").status == 404
    with desk(province) as work:
        entries = work.session.scalars(
            select(AuditEntry.action).where(AuditEntry.object_id == str(offered))
        )
        assert {"file.share", "file.unshare"} <= set(entries)


def test_only_who_may_publish_at_the_province_offers(
    keep: Any, staff: Any, province: Unit, unit: Unit, desk: Any, platform: Platform
) -> None:
    file_id = keep(province, "a.png", picture())
    editor = staff("editor", at=province)
    assert editor.post(f"{LIBRARY}/{file_id}/dung-chung", shared="1").status == 403
    assert "dung-chung" not in editor.open(f"{LIBRARY}/{file_id}").text
    approver = staff("approver", at=province)
    assert approver.post(f"{LIBRARY}/{file_id}/dung-chung", shared="1").status == 303
    assert "Dùng chung toàn tỉnh" in approver.open(LIBRARY).text
    # What all units are offered is not an editor's to delete.
    assert editor.post(f"{LIBRARY}/{file_id}/xoa").status == 403
    own = keep(unit, "b.png", picture(401))
    refused = staff("approver").post(f"{LIBRARY}/{own}/dung-chung", shared="1")
    assert refused.status == 422
    with desk() as work:
        assert not work.session.get_one(File, own).shared
        with pytest.raises(Refused):
            shared.offer(work, platform.units, work.session.get_one(File, own), True)
    with desk(province, "editor") as work, pytest.raises(PermissionDenied):
        shared.offer(work, platform.units, work.session.get_one(File, file_id), False)


def test_a_file_marked_at_a_unit_below_is_never_offered(
    keep: Any, staff: Any, other_unit: Unit, desk: Any
) -> None:
    """The mark alone does not open a file: only those of the units at the top are read."""
    file_id = keep(other_unit, "a.png", picture())
    with desk(other_unit) as work:
        work.session.get_one(File, file_id).shared = True
    editor = staff("editor")
    assert "a.png" not in editor.open(f"{LIBRARY}?cua=tinh").text
    assert editor.open(f"{LIBRARY}.json?from=tinh").response.get_json()["files"] == []
    assert editor.post(f"{LIBRARY}/tinh/{file_id}/lay").status == 404


def test_nothing_of_the_province_can_be_changed_from_elsewhere(
    keep: Any, staff: Any, province: Unit, desk: Any
) -> None:
    offered = keep(province, "quoc-huy.png", picture(), offered=True, alt="Quốc huy")
    admin = staff("unit_admin")
    for path in ("", "/xoa", "/dung-chung"):
        assert admin.post(f"{LIBRARY}/{offered}{path}", alt="Khác").status == 404
    with desk(province) as work:
        assert work.session.get_one(File, offered).alt == "Quốc huy"
