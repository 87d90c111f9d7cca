"""Files: what is accepted, kept once, and handed out only where it was published."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import File, Refused, actions, files
from hoitu.core.content.files import LocalFiles
from hoitu.core.extensions import Platform
from hoitu.core.units import Unit
from hoitu.core.web.files import path_of

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
#: One white pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63f80f"
    "0001010100b138f6140000000049454e44ae426082"
)
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\x00" * 100
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def office(main: str, kind: str, **more: bytes) -> bytes:
    """Return the smallest package an office program writes, its type named by its last words."""
    media_type = f"application/vnd.openxmlformats-officedocument.{kind}.main+xml"
    override = f'<Override PartName="/{main}" ContentType="{media_type}"/>'
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", f"<Types>{override}</Types>")
        package.writestr("_rels/.rels", "<Relationships/>")
        package.writestr(main, "<x/>")
        for name, content in more.items():
            package.writestr(name, content)
    return target.getvalue()


def plain_zip(*contents: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", "<x/>")
        for number, content in enumerate(contents):
            package.writestr(str(number), content)
    return target.getvalue()


DOCX = office("word/document.xml", "wordprocessingml.document")
#: Unpacks to some hundred times its size.
BOMB = bytes(32 << 20)
LAYER = b'{"type": "FeatureCollection", "features": []}'

Upload = Callable[..., int]


@pytest.fixture
def upload(desk: Any, platform: Platform) -> Upload:
    """Return a function that uploads a file to a unit and returns its id."""

    def send(name: str, content: bytes, at: Unit | None = None) -> int:
        with desk(at) as work:
            return files.upload(work, platform.files, name, BytesIO(content)).id

    return send


@pytest.fixture
def attach(publish: Callable[..., int], document: Any) -> Callable[..., int]:
    """Return a function that publishes a document with files attached."""

    def make(*file_ids: int, at: Unit | None = None) -> int:
        return publish("legal_document", at, **document(attachments=list(file_ids)))

    return make


# -- what is accepted --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("Kế hoạch.pdf", PDF, "application/pdf"),
        ("KE HOACH.PDF", PDF, "application/pdf"),
        ("a.docx", DOCX, files.ALLOWED[".docx"]),
        ("a.xlsx", office("xl/workbook.xml", "spreadsheetml.sheet"), files.ALLOWED[".xlsx"]),
        ("a.zip", DOCX, "application/zip"),
        ("a.png", PNG, "image/png"),
        ("a.txt", "Tiếng Việt".encode(), "text/plain"),
        ("a.txt", "Tiếng Việt".encode("utf-8-sig"), "text/plain"),
        # Cut in the middle of a character where the upload stops looking.
        pytest.param(
            "a.txt", b"\xfe\xff" + "📄".encode("utf-16-be") * 5000, "text/plain", id="long"
        ),
        ("a.csv", b"a;b\n1;2\n", "text/csv"),
        ("lop.geojson", LAYER, "application/geo+json"),
        ("lop.geojson", b"\xef\xbb\xbf" + LAYER, "application/geo+json"),
        ("du-lieu.zip", plain_zip(b"x" * 5000, LAYER), "application/zip"),
        ("a.csv", "tên;số\r\nHuế;1\r\n".encode("utf-16"), "text/csv"),
    ],
)
def test_accepted(desk: Any, upload: Upload, name: str, content: bytes, media_type: str) -> None:
    file_id = upload(name, content)
    with desk() as work:
        row = work.session.get_one(File, file_id)
        assert (row.name, row.media_type, row.size) == (name, media_type, len(content))
        assert row.sha256 == sha256(content).hexdigest()
        assert (row.unit_id, row.uploaded_by) == (work.unit.id, "system")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("virus.exe", EXE),
        ("anh.jpg", EXE),
        ("van-ban.pdf", EXE),
        ("van-ban.docx", EXE),
        ("van-ban.pdf.exe", PDF),
        ("bang.xlsx", PDF),
        ("anh.png", PDF),
        ("anh.svg", SVG),
        ("anh.png", SVG),
        ("trang.html", b"<html></html>"),
        ("trang.txt", b"  \n<!DOCTYPE html><html><script>alert(1)</script></html>"),
        ("trang.txt", b"\xef\xbb\xbf<html>"),
        ("bang.csv", b"<script>alert(1)</script>"),
        ("nhi-phan.txt", b"abc\x00def"),
        ("trang.txt", "<html>".encode("utf-16")),
        ("nhi-phan.csv", "a\0b".encode("utf-16")),
        ("nhi-phan.csv", b"\xff\xfe\x00\xd8a\x00"),
        ("nen.docx", plain_zip()),
        ("nen.odt", plain_zip()),
        ("bang.xlsx", DOCX),
        ("bom.zip", plain_zip(BOMB)),
        ("bom.docx", office("word/document.xml", "wordprocessingml.document", x=BOMB)),
        ("bom.xlsx", office("xl/workbook.xml", "spreadsheetml.sheet", x=BOMB)),
        ("nhieu.zip", plain_zip(*[b""] * 10_001)),
        ("hong.zip", plain_zip(b"x" * 100)[:-40]),
        ("virus.zip", EXE),
        ("macro.xlsx", office("xl/workbook.xml", "spreadsheetml.sheet.macroEnabled")),
        ("lop.json", LAYER),
        ("lop.geojson", b'{"features": []}'),
        ("lop.geojson", b'{"type": "Topology"}'),
        ("lop.geojson", b'{"type": ["Feature"]}'),
        ("lop.geojson", b'["FeatureCollection"]'),
        ("lop.geojson", b'{"type": "Point", "coordinates": [NaN, 1]}'),
        ("lop.geojson", LAYER[:-1]),
        ("lop.geojson", LAYER.decode().encode("utf-16")),
        pytest.param("lop.geojson", b"[" * 100_000, id="deep"),
        ("lop.geojson", b"<script>alert(1)</script>"),
        ("lop.geojson", EXE),
        ("rong.pdf", b""),
        ("rong.txt", b""),
        ("khong-duoi", PDF),
        (".pdf", PDF),
        ("", PDF),
    ],
)
def test_refused(desk: Any, platform: Platform, instance: Path, name: str, content: bytes) -> None:
    with desk() as work:
        with pytest.raises(Refused) as caught:
            files.upload(work, platform.files, name, BytesIO(content))
        assert {problem.field for problem in caught.value.problems} == {"attachments"}
        assert work.session.scalar(select(func.count(File.id))) == 0
    assert not [path for path in (instance / "files").rglob("*") if path.is_file()]


def test_a_refusal_names_the_file_and_what_is_accepted(desk: Any, platform: Platform) -> None:
    with desk() as work, pytest.raises(Refused) as caught:
        files.upload(work, platform.files, "bản vẽ.dwg", BytesIO(b"AC1027"))
    assert "bản vẽ.dwg" in str(caught.value)
    assert "pdf" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.zip", plain_zip(BOMB), "độc hại"), ("a.zip", plain_zip(*[b""] * 10_001), "10002 tệp"),
     ("a.geojson", b" " * (10 << 20) + LAYER, "10 MB")],
    ids=["bomb", "many", "layer"],
)  # fmt: skip
def test_a_refusal_says_what_to_do(
    desk: Any, platform: Platform, name: str, content: bytes, said: str
) -> None:
    with desk() as work, pytest.raises(Refused) as caught:
        files.upload(work, platform.files, name, BytesIO(content))
    assert name in str(caught.value)
    assert said in str(caught.value)


def test_an_upload_beyond_the_limit_is_told_in_the_frame_of_the_desk(staff: Any) -> None:
    editor = staff("editor")
    client, host = editor.site.client, editor.site.host
    limit = client.application.config["MAX_CONTENT_LENGTH"]
    assert limit == 50 << 20
    field = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"\r\n\r\n'
    answer = client.post(
        "/quan-tri/news_article/moi",
        headers={"Host": host, "X-CSRFToken": editor.token()},
        data=field + PDF + bytes(limit) + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert "Trang quản trị" in answer.text
    assert "site-header" not in answer.text
    assert "Tệp tải lên quá lớn" in answer.text


# -- how they are kept -------------------------------------------------------------------------


def test_the_same_bytes_are_kept_once(
    desk: Any, upload: Upload, instance: Path, other_unit: Unit
) -> None:
    first = upload("a.pdf", PDF)
    assert upload("a.pdf", PDF) == first
    assert upload("b.pdf", PDF) == first
    foreign = upload("a.pdf", PDF, other_unit)
    assert foreign != first
    kept = [path for path in (instance / "files").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [sha256(PDF).hexdigest()]
    with desk() as work:
        assert work.session.get(File, foreign) is None


def test_what_breaks_off_leaves_no_part(tmp_path: Path) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError("the connection was lost")
            return super().read(10)

    with pytest.raises(OSError, match="lost"):
        LocalFiles(tmp_path / "files").put(Broken(PDF))
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


# -- how they are handed out -------------------------------------------------------------------


def test_only_what_is_attached_to_a_public_item_is_handed_out(
    site: Any, desk: Any, upload: Upload, document: Any, clock: FrozenClock
) -> None:
    file_id = upload("a.pdf", PDF)

    def answer() -> int:
        return int(site().get(f"/tep/{file_id}/a.pdf", buffered=True).status_code)

    assert answer() == 404
    with desk() as work:
        values = document(attachments=[file_id])
        item = actions.create(work, "legal_document", values)
    assert answer() == 404
    with desk() as work:
        actions.publish(work, work.session.get_one(type(item), item.id))
    assert answer() == 200
    with desk() as work:
        found = work.session.get_one(type(item), item.id)
        found.published_until = clock.now() + timedelta(hours=1)
    assert answer() == 200
    clock.move(timedelta(hours=2))
    assert answer() == 404
    with desk() as work:
        found = work.session.get_one(type(item), item.id)
        found.published_until = None
        actions.unpublish(work, found, "Sai")
    assert answer() == 404


def test_another_unit_hands_out_nothing_of_this_one(
    site: Any, upload: Upload, attach: Any, other_unit: Unit
) -> None:
    file_id = upload("a.pdf", PDF)
    attach(file_id)
    assert site().get(f"/tep/{file_id}/a.pdf", buffered=True).status_code == 200
    assert site(other_unit).get(f"/tep/{file_id}/a.pdf").status_code == 404


def test_a_file_waiting_behind_a_public_item_is_not_public(
    site: Any, desk: Any, upload: Upload, attach: Any
) -> None:
    from hoitu.core.content import Item

    old, new = upload("cu.pdf", PDF), upload("moi.pdf", PDF + b"2")
    item_id = attach(old)
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, item_id), {"attachments": [new]})
    assert site().get(f"/tep/{old}/cu.pdf", buffered=True).status_code == 200
    assert site().get(f"/tep/{new}/moi.pdf").status_code == 404
    with desk() as work:
        actions.publish(work, work.session.get_one(Item, item_id))
    assert site().get(f"/tep/{old}/cu.pdf").status_code == 404
    assert site().get(f"/tep/{new}/moi.pdf", buffered=True).data == PDF + b"2"


def test_a_wrong_name_leads_to_the_right_one(site: Any, upload: Upload, attach: Any) -> None:
    file_id = upload("Kế hoạch số 12 – đợt 1.pdf", PDF)
    attach(file_id)
    answer = site().get(f"/tep/{file_id}/x.exe")
    assert answer.status_code == 301
    target = answer.headers["Location"]
    assert re.fullmatch(rf"/tep/{file_id}/[A-Za-z0-9_.-]+\.pdf", target)
    assert site().get(target, buffered=True).data == PDF


@pytest.mark.parametrize(
    ("name", "content", "shown"), [("a.pdf", PDF, True), ("a.png", PNG, True),
                                   ("a.txt", b"<b>x</b>", False), ("a.docx", DOCX, False)],
)  # fmt: skip
def test_nothing_uploaded_can_run(
    site: Any, upload: Upload, attach: Any, name: str, content: bytes, shown: bool
) -> None:
    file_id = upload(name, content)
    attach(file_id)
    answer = site().get(f"/tep/{file_id}/{name}", buffered=True)
    headers = answer.headers
    assert (answer.status_code, answer.data) == (200, content)
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = "frame-ancestors 'self'" if name == "a.pdf" else "default-src 'none'; sandbox"
    assert headers["Content-Security-Policy"] == policy
    assert headers["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert answer.mimetype == files.ALLOWED[Path(name).suffix]


def test_a_file_known_already_is_not_sent_again(site: Any, upload: Upload, attach: Any) -> None:
    file_id = upload("a.pdf", PDF)
    attach(file_id)
    visitor = site()
    first = visitor.get(f"/tep/{file_id}/a.pdf", buffered=True)
    again = visitor.client.get(
        f"/tep/{file_id}/a.pdf",
        headers={"Host": visitor.host, "If-None-Match": first.headers["ETag"]},
        buffered=True,
    )
    assert (again.status_code, again.data) == (304, b"")


def test_a_file_gone_from_the_disk_is_404_and_its_item_stays(
    site: Any, upload: Upload, attach: Any, instance: Path
) -> None:
    file_id = upload("a.pdf", PDF)
    item_id = attach(file_id)
    [kept] = [path for path in (instance / "files").rglob("*") if path.is_file()]
    kept.unlink()
    assert site().get(f"/tep/{file_id}/a.pdf").status_code == 404
    assert site().get(f"/van-ban/{item_id}", follow_redirects=True).status_code == 200
    assert upload("a.pdf", PDF) == file_id
    assert site().get(f"/tep/{file_id}/a.pdf", buffered=True).data == PDF


def test_attachments_keep_their_order_and_leave_without_their_file(
    desk: Any, upload: Upload, document: Any
) -> None:
    from hoitu.core.content import Item

    a, b, c = (upload(f"{name}.txt", name.encode()) for name in "abc")
    with desk() as work:
        item: Any = actions.create(work, "legal_document", document(attachments=[a, b]))
        actions.edit(work, item, {"attachments": [c, a]})
        item_id = item.id
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        assert item.attachments == [c, a]
        # Versions may still name it.
        assert work.session.scalar(select(func.count(File.id))) == 3


def test_a_name_is_one_line(desk: Any, upload: Upload) -> None:
    file_id = upload("kế\nhoạch \t\0 12.txt", b"x")
    with desk() as work:
        assert work.session.get_one(File, file_id).name == "kế hoạch 12.txt"


def test_a_name_of_two_lines_that_was_stored_earlier_can_be_downloaded(
    desk: Any, upload: Upload, site: Any, attach: Any
) -> None:
    file_id = upload("a b.txt", b"x")
    with desk() as work:
        work.session.get_one(File, file_id).name = "a\nb.txt"
        work.session.commit()
        address = path_of(work.session.get_one(File, file_id))
    attach(file_id)
    answer = site().get(address, buffered=True)
    assert answer.status_code == 200
    assert 'filename="a b.txt"' in answer.headers["Content-Disposition"]
