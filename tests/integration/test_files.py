"""Files: what is taken in, who may have it, and how it is handed out."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.content import File, Item, Refused, actions, files
from hoitu.core.extensions import KEY
from hoitu.core.units import Unit

TYPE = "legal_document"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde"
EXE = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0@\0"
ELF = b"\x7fELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0>\0"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def docx() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return buffer.getvalue()


Upload = Callable[..., Any]


@pytest.fixture
def upload(desk: Any, app: Any) -> Upload:
    """Return a function that uploads bytes and returns (id, name, media type, size)."""

    def send(name: str, data: bytes, at: Unit | None = None) -> tuple[int, str, str, int]:
        with desk(at) as work:
            row = files.upload(work, app.extensions[KEY].files, name, BytesIO(data))
            return row.id, row.name, row.media_type, row.size

    return send


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("Kế hoạch 389.pdf", PDF, "application/pdf"),
        ("ảnh.PNG", PNG, "image/png"),
        ("số liệu.csv", "năm,số\n2023,1\n".encode(), "text/csv"),
        ("a.txt", b"x < y", "text/plain"),
        (
            "mẫu đơn.docx",
            docx(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("tất cả.zip", docx(), "application/zip"),
    ],
)
def test_what_is_taken_in(upload: Upload, name: str, data: bytes, media_type: str) -> None:
    assert upload(name, data)[1:] == (name, media_type, len(data))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("virus.exe", EXE),
        ("Kế hoạch.pdf", EXE),
        ("Kế hoạch.pdf", ELF),
        ("Kế hoạch.pdf", HTML),
        ("Kế hoạch.docx", PDF),
        ("ảnh.png", PDF),
        ("ảnh.jpg", PNG),
        ("ảnh.svg", b"<svg onload='alert(1)'/>"),
        ("trang.html", HTML),
        ("a.txt", HTML),
        ("a.csv", b"  \n<HTML><body>"),
        ("a.txt", b"<script>alert(1)</script>"),
        ("a.txt", b"\0\1\2"),
        ("a.pdf", b""),
        ("a.txt", b""),
        ("pdf", PDF),
        ("", PDF),
        ("a.pdf.exe", PDF),
    ],
)
def test_what_is_refused(upload: Upload, instance: Path, name: str, data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        upload(name, data)
    assert [problem.field for problem in caught.value.problems] == ["attachments"]
    stored = [path for path in (instance / "files").rglob("*") if path.is_file()]
    assert stored == []


def test_the_same_bytes_are_kept_once_and_belong_to_each_unit(
    upload: Upload, instance: Path, other_unit: Unit
) -> None:
    first, again, renamed = upload("a.pdf", PDF), upload("a.pdf", PDF), upload("b.pdf", PDF)
    theirs = upload("a.pdf", PDF, at=other_unit)
    assert first == again
    assert len({first[0], renamed[0], theirs[0]}) == 3
    stored = [path for path in (instance / "files").rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert stored[0].read_bytes() == PDF


# -- handing out -------------------------------------------------------------------------------


@pytest.fixture
def attached(upload: Upload, desk: Any, document: Any) -> Callable[..., tuple[int, int]]:
    """Return a function that publishes a document with a file; the ids of file and document."""

    def publish(name: str = "Kế hoạch 389.pdf", data: bytes = PDF) -> tuple[int, int]:
        file_id = upload(name, data)[0]
        with desk() as work:
            item = actions.create(work, TYPE, document(attachments=[file_id]))
            actions.publish(work, item)
            return file_id, item.id

    return publish


def get(site: Any, path: str) -> Any:
    return site().get(path, buffered=True)


def test_an_attached_file_is_handed_out_under_its_own_name(site: Any, attached: Any) -> None:
    file_id, _ = attached()
    path = f"/tep/{file_id}/ke_hoach_389.pdf"
    answer = get(site, path)
    assert (answer.status_code, answer.data) == (200, PDF)
    assert answer.content_type == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "K%E1%BA%BF%20ho%E1%BA%A1ch%20389.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("inline")
    unchanged = site().client.get(
        path, headers={"Host": "mot.test", "If-None-Match": answer.headers["ETag"]}, buffered=True
    )
    assert unchanged.status_code == 304
    moved = get(site, f"/tep/{file_id}/cu.pdf")
    assert (moved.status_code, moved.headers["Location"]) == (301, path)


def test_what_a_browser_might_run_is_a_download(site: Any, attached: Any) -> None:
    file_id, _ = attached("số liệu.csv", b"a,b\n")
    answer = get(site, f"/tep/{file_id}/so_lieu.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_file_is_as_public_as_the_items_it_is_attached_to(
    site: Any, attached: Any, upload: Upload, desk: Any
) -> None:
    loose = upload("b.pdf", PDF + b"loose")[0]
    assert get(site, f"/tep/{loose}/b.pdf").status_code == 404
    file_id, item_id = attached()
    path = f"/tep/{file_id}/ke_hoach_389.pdf"
    # Attached to a waiting version only: not yet.
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, item_id), {"attachments": [file_id, loose]})
    assert get(site, f"/tep/{loose}/b.pdf").status_code == 404
    assert get(site, path).status_code == 200
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        actions.discard_draft(work, item)
        actions.unpublish(work, item, "Sai")
    assert get(site, path).status_code == 404


def test_order_and_removal_of_attachments(desk: Any, upload: Upload, document: Any) -> None:
    a, b, c = (upload(f"{name}.txt", name.encode())[0] for name in "abc")
    with desk() as work:
        item: Any = actions.create(work, TYPE, document(attachments=[a, b]))
        actions.edit(work, item, {"attachments": [c, a]})
        item_id = item.id
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        assert item.attachments == [c, a]
        # The file itself stays: versions may still name it.
        assert len(work.session.scalars(select(File)).all()) == 3


def test_another_unit_does_not_hand_it_out(site: Any, attached: Any, other_unit: Unit) -> None:
    file_id, _ = attached()
    answer = site(other_unit).get(f"/tep/{file_id}/ke_hoach_389.pdf")
    assert answer.status_code == 404


def test_bytes_that_are_gone_are_not_an_error(site: Any, attached: Any, instance: Path) -> None:
    file_id, item_id = attached()
    for path in (instance / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    assert get(site, f"/tep/{file_id}/ke_hoach_389.pdf").status_code == 404
    assert get(site, f"/van-ban/{item_id}").status_code == 301


def test_an_upload_beyond_the_limit_is_told_so(make_app: Any) -> None:
    app = make_app(upload_limit_mb=1)
    answer = app.test_client().post(
        "/quan-tri/dang-nhap",
        data=b"email=" + b"x" * (1 << 20),
        content_type="application/x-www-form-urlencoded",
        headers={"Host": "mot.test"},
    )
    assert answer.status_code == 413
    assert "<h1" in answer.text
