"""Whoever looks into uploads may take their time: nobody waits for a transaction meanwhile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from PIL import Image
from sqlalchemy import select

from hoitu.core import db
from hoitu.core.content import File
from hoitu.core.extensions import Platform
from hoitu.core.units import all_units

#: Writes in a session of its own while it looks, as another request would; on SQLite the one who
#: holds the lock meanwhile makes it fail, and the upload with it.
CLERK = """
@hookimpl
def check_upload(self, name):
    from hoitu.core import stamp
    from hoitu.core.extensions import platform

    with platform.open_session(True) as session:
        stamp.bump(session)
        session.commit()
    return []
"""


@pytest.fixture
def app(plant: Callable[..., str], make_app: Callable[..., Any], monkeypatch: Any) -> Any:
    """Return the application with a plugin that writes while it looks at uploads."""
    plant("clerk", CLERK)
    configure = db._configure_sqlite

    def impatient(connection: Any, record: Any) -> None:
        configure(connection, record)
        connection.execute("pragma busy_timeout=300")

    monkeypatch.setattr(db, "_configure_sqlite", impatient)
    return make_app()


def png(colour: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (200, 100), colour).save(target, "PNG")
    return target.getvalue()


def sent(colour: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(png(colour)), f"{colour}.png"


def kept(platform: Platform) -> list[str]:
    with platform.open_session(False) as session, all_units("a test"):
        return sorted(session.scalars(select(File.name)))


ROWS = (
    ["Nhóm nội dung", "Loại văn bản", "Số, ký hiệu", "Cơ quan ban hành", "Ngày ban hành"],
    ["Văn bản quản lý hành chính", "Kế hoạch", "1/KH-UBND", "Ủy ban nhân dân phường", "27/11/2023"],
)
BOTH = ["blue.png", "red.png"]


def test_files_of_a_text(staff: Callable[..., Any], platform: Platform) -> None:
    editor, path = staff("editor"), "/quan-tri/legal_document/moi"
    form = editor.open(path).form(path)
    shown = editor.send(form, summary="Kế hoạch", attachments=[sent("red"), sent("blue")])
    assert shown.status == 303, shown.text
    assert kept(platform) == BOTH


def test_files_of_a_text_after_one_that_was_refused(
    staff: Callable[..., Any], platform: Platform
) -> None:
    editor, path = staff("editor"), "/quan-tri/legal_document/moi"
    form = editor.open(path).form(path)
    wrong = (io.BytesIO(b"MZ"), "a.exe")
    shown = editor.send(form, attachments=[sent("red"), wrong, sent("blue")])
    assert shown.status == 422
    assert kept(platform) == BOTH


def test_a_mark_and_a_banner(staff: Callable[..., Any], platform: Platform) -> None:
    admin = staff("unit_admin")
    form = admin.open("/quan-tri/dien-mao").form("/quan-tri/dien-mao")
    assert admin.send(form, mark=sent("red"), banner=sent("blue")).status == 303
    assert kept(platform) == BOTH


def test_files_for_the_library(staff: Callable[..., Any], platform: Platform) -> None:
    editor = staff("editor")
    form = editor.open("/quan-tri/thu-vien").form("/quan-tri/thu-vien")
    assert editor.send(form, files=[sent("red"), sent("blue")]).status == 303
    assert kept(platform) == BOTH
    answer = editor.post("/quan-tri/tep/tai-len", file=sent("green"))
    assert answer.status == 201


def test_the_files_of_an_import_later_ones_and_those_in_a_zip_file(
    staff: Callable[..., Any], platform: Platform
) -> None:
    editor, path = staff("editor"), "/quan-tri/legal_document/nhap"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as folder:
        for colour in ("red", "blue"):
            folder.writestr(f"{colour}.png", png(colour))
    book, table = openpyxl.Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(table)
    table.seek(0)
    first = (io.BytesIO(target.getvalue()), "tep.zip")
    shown = editor.post(path, bang=(table, "bang.xlsx"), tep=[first, sent("green")])
    assert shown.status == 303, shown.text
    assert kept(platform) == ["blue.png", "green.png", "red.png"]
    more = editor.post(f"{shown.response.location}/tep", tep=[sent("white"), sent("black")])
    assert more.status == 303, more.text
    assert kept(platform) == ["black.png", "blue.png", "green.png", "red.png", "white.png"]
