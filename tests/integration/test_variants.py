"""Smaller copies of pictures: made by a job, served to whoever may read the picture."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image
from sqlalchemy import delete, select, update

from hoitu.core.content import File, FileVariant, actions, files
from hoitu.core.extensions import Platform
from hoitu.core.jobs.queue import JobRow
from hoitu.core.media import variants
from hoitu.core.units import Unit


def photograph(width: int, height: int, kind: str = "JPEG", **options: Any) -> bytes:
    """Return a picture of many colours."""
    target = BytesIO()
    noise = Image.effect_noise((width, height), 60).convert("RGB")
    noise.save(target, kind, **options)
    return target.getvalue()


def animation() -> bytes:
    target = BytesIO()
    frames = [Image.new("RGB", (400, 300), colour) for colour in ("red", "blue")]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    return target.getvalue()


@pytest.fixture
def keep(desk: Any, platform: Platform) -> Callable[..., int]:
    """Return a function that uploads a file to a unit and returns its id."""

    def upload(name: str, content: bytes, at: Unit | None = None) -> int:
        with desk(at) as work:
            return files.upload(work, platform.files, name, BytesIO(content)).id

    return upload


@pytest.fixture
def made(desk: Any) -> Callable[[int], dict[tuple[int, str], tuple[int, str]]]:
    """Return a function that gives (height, hash) of a picture's copies by (width, format)."""

    def read(file_id: int) -> dict[tuple[int, str], tuple[int, str]]:
        with desk() as work:
            rows = work.session.scalars(select(FileVariant).where(FileVariant.file_id == file_id))
            return {(r.width, r.format): (r.height, r.sha256) for r in rows}

    return read


@pytest.mark.parametrize(
    ("size", "kind", "name", "widths", "formats"),
    [
        ((1800, 900), "JPEG", "a.jpg", {320, 640, 1024, 1600}, {"avif", "webp", "jpg"}),
        ((700, 300), "PNG", "a.png", {320, 640, 700}, {"avif", "webp", "png"}),
        ((700, 300), "WEBP", "a.webp", {320, 640, 700}, {"avif", "webp"}),
        ((320, 100), "GIF", "a.gif", {320}, {"avif", "webp", "png"}),
        ((40, 30), "PNG", "a.png", {40}, {"avif", "webp", "png"}),
    ],
)
def test_copies_are_made_after_the_upload_and_never_larger_than_the_picture(
    keep: Any, made: Any, drain: Any, size: tuple[int, int], kind: str, name: str,
    widths: set[int], formats: set[str],
) -> None:  # fmt: skip
    file_id = keep(name, photograph(*size, kind))
    assert made(file_id) == {}
    drain()
    found = made(file_id)
    assert set(found) == {(width, extension) for width in widths for extension in formats}
    assert all(h == max(1, round(size[1] * w / size[0])) for (w, _), (h, _) in found.items())


def test_a_copy_stands_upright_and_tells_nothing_of_its_maker(
    keep: Any, made: Any, drain: Any, platform: Platform, desk: Any
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (16.0, 27.0, 30.0)
    sent = BytesIO()
    lying = Image.new("RGB", (400, 200), "white")
    lying.paste("red", (0, 0, 100, 200))  # upright, this is at the top
    lying.save(sent, "JPEG", exif=exif)
    file_id = keep("a.jpg", sent.getvalue())
    drain()
    for (width, extension), (height, sha256) in made(file_id).items():
        with platform.files.open(sha256) as stream:
            copy = Image.open(BytesIO(stream.read()))
        assert copy.size == (width, height) == (200, 400), extension
        assert dict(copy.getexif()) == {}, extension
        shown = copy.convert("RGB")
        top, bottom = shown.getpixel((100, 20)), shown.getpixel((100, 380))
        assert top[0] > 200 and top[1] < 80, extension
        assert min(bottom) > 200, extension


def test_the_job_may_run_twice(keep: Any, made: Any, drain: Any, desk: Any) -> None:
    file_id = keep("a.png", photograph(400, 300, "PNG"))
    drain()
    first = made(file_id)
    with desk() as work:
        work.session.execute(update(JobRow).values(state="ready"))
    drain()
    assert made(file_id) == first


def test_the_job_belongs_to_the_transaction_of_the_upload(
    desk: Any, platform: Platform, drain: Any
) -> None:
    with desk() as work:
        files.upload(work, platform.files, "a.png", BytesIO(photograph(400, 300, "PNG")))
        work.session.rollback()
    with desk() as work:
        assert work.session.scalars(select(JobRow.name)).all() == []
        files.upload(work, platform.files, "a.pdf", BytesIO(b"%PDF-1.7\n%%EOF\n"))
        files.upload(work, platform.files, "a.png", BytesIO(photograph(400, 300, "PNG")))
    with desk() as work:
        names = work.session.scalars(select(JobRow.name)).all()
        assert sorted(names) == ["core.media_texts", "core.media_variants"]


def test_an_animation_keeps_moving(keep: Any, made: Any, drain: Any) -> None:
    file_id = keep("a.gif", animation())
    drain()
    assert made(file_id) == {}


def test_an_animation_does_not_lack_copies_and_a_lost_picture_does(
    keep: Any, desk: Any, platform: Platform, unit: Unit, instance: Any
) -> None:
    lost = keep("mat.png", photograph(300, 200, "PNG"))
    [stored] = [path for path in (instance / "files").rglob("*") if path.is_file()]
    stored.unlink()
    keep("a.gif", animation())
    still = keep("b.png", photograph(400, 300, "PNG"))
    with desk() as work:
        found = list(variants.lacking(work.session, platform.files))
    assert found == [(unit.id, lost), (unit.id, still)]


def test_a_picture_whose_bytes_are_gone_stops_no_worker(
    keep: Any, made: Any, drain: Any, instance: Any, desk: Any
) -> None:
    file_id = keep("a.png", photograph(400, 300, "PNG"))
    [kept] = [path for path in (instance / "files").rglob("*") if path.is_file()]
    kept.unlink()
    drain()
    assert made(file_id) == {}
    with desk() as work:
        of_copies = select(JobRow.state).where(JobRow.name == "core.media_variants")
        assert work.session.scalars(of_copies).all() == ["done"]


def test_a_copy_is_public_exactly_when_the_picture_is(
    keep: Any, drain: Any, visitor: Any, staff: Any, desk: Any, publish: Any, document: Any,
    other_unit: Unit,
) -> None:  # fmt: skip
    file_id = keep("a.png", photograph(400, 300, "PNG"))
    drain()
    path = f"/tep/{file_id}/320.webp"
    assert visitor().open(path).status == 404
    early = staff("editor").open(path).response
    assert (early.status_code, early.mimetype) == (200, "image/webp")
    assert early.headers["Cache-Control"] == "private, no-store"
    item_id = publish("legal_document", **document(attachments=[file_id]))
    shown = visitor().open(path).response
    assert (shown.status_code, shown.mimetype) == (200, "image/webp")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" not in shown.headers.get("Cache-Control", "")
    assert Image.open(BytesIO(shown.data)).size == (320, 240)
    assert visitor(other_unit).open(path).status == 404
    with desk() as work:
        from hoitu.core.content import Item

        actions.unpublish(work, work.session.get_one(Item, item_id), "Sai")
    assert visitor().open(path).status == 404


def test_a_copy_that_is_not_there_leads_to_the_picture(
    keep: Any, drain: Any, visitor: Any, publish: Any, document: Any
) -> None:
    file_id = keep("a.png", photograph(400, 300, "PNG"))
    publish("legal_document", **document(attachments=[file_id]))
    for name in ("320.webp", "640.avif"):
        answer = visitor().open(f"/tep/{file_id}/{name}").response
        assert (answer.status_code, answer.location) == (301, f"/tep/{file_id}/a.png")
    drain()
    assert visitor().open(f"/tep/{file_id}/321.webp").status == 301
    assert visitor().open("/tep/999/320.webp").status == 404


def test_a_picture_may_be_called_like_a_copy(
    keep: Any, drain: Any, visitor: Any, publish: Any, document: Any
) -> None:
    content = photograph(400, 300, "PNG")
    file_id = keep("320.png", content)
    drain()
    publish("legal_document", **document(attachments=[file_id]))
    assert visitor().open(f"/tep/{file_id}/320.png").response.data == content


def test_the_command_makes_what_is_missing_and_only_that(
    keep: Any, made: Any, drain: Any, desk: Any, hoitu: Any, other_unit: Unit, instance: Any
) -> None:
    done, old = (
        keep("a.png", photograph(400, 300, "PNG")),
        keep("b.png", photograph(500, 300, "PNG")),
    )
    foreign = keep("c.png", photograph(600, 300, "PNG"), at=other_unit)
    drain()
    before = made(done)
    for at, file_id in ((None, old), (other_unit, foreign)):
        with desk(at) as work:
            work.session.execute(delete(FileVariant).where(FileVariant.file_id == file_id))
            row = work.session.get_one(File, file_id)
            row.width = row.height = None  # as of a picture uploaded before there were copies
    told = hoitu("media", "variants")
    assert told.exit_code == 0, told.output
    assert "2 pictures have new copies." in told.output
    assert made(done) == before
    assert {width for width, _ in made(old)} == {320, 500}
    with desk() as work:
        assert work.session.get_one(File, old).width == 500
    with desk(other_unit) as work:
        assert work.session.get_one(File, foreign).height == 300
    assert "0 pictures have new copies." in hoitu("media", "variants").output


def test_the_command_names_pictures_it_can_do_nothing_with(
    keep: Any, hoitu: Any, instance: Any
) -> None:
    file_id = keep("a.png", photograph(400, 300, "PNG"))
    [kept] = [path for path in (instance / "files").rglob("*") if path.is_file()]
    kept.unlink()
    told = hoitu("media", "variants")
    assert told.exit_code == 0
    assert f"No copies of file {file_id}" in told.output


def test_making_copies_holds_no_lock(
    keep: Any, platform: Platform, monkeypatch: pytest.MonkeyPatch, desk: Any, unit: Unit
) -> None:
    """Somebody saves while a picture is being resized."""
    from hoitu.core import imaging

    file_id, real = keep("a.png", photograph(400, 300, "PNG")), imaging.copies

    def slowly(*given: Any) -> Any:
        with desk() as work:
            work.session.get_one(File, file_id).rights = "x"
        return real(*given)

    monkeypatch.setattr(imaging, "copies", slowly)
    with desk() as work:
        assert work.unit == unit
    assert variants.make(platform, unit.id, file_id).copies


def test_covers_come_in_all_sizes_with_one_statement(
    keep: Any, drain: Any, desk: Any, publish: Any, statements: Any
) -> None:
    from hoitu.core.web import covers

    shown = []
    for n in range(3):
        other = keep(f"{n}.txt", f"{n}".encode())
        first = keep(f"{n}-a.png", photograph(400 + n, 300, "PNG"))
        second = keep(f"{n}-b.png", photograph(500 + n, 300, "PNG"))
        item_id = publish(
            "news_article", requirement="unit_activities", genre="news", title=f"Tin {n}",
            summary="Tóm tắt", body="<p>Toàn văn</p>", origin="own", cover_alt="Cầu",
            attachments=[other, first, second],
        )  # fmt: skip
        shown.append((item_id, first, 400 + n))
    drain()
    with desk():
        statements()
        found = covers({item_id: "Cầu" for item_id, _, _ in shown})
        assert len(statements()) == 1
        for item_id, first, width in shown:
            assert found[item_id].file.id == first
            drawn = found[item_id].drawn("row-picture", "9rem")
            assert (
                f'srcset="/tep/{first}/320.avif 320w, /tep/{first}/{width}.avif {width}w"' in drawn
            )
            assert f'width="{width}" height="300"' in drawn
            assert 'alt="Cầu" class="row-picture"' in drawn
