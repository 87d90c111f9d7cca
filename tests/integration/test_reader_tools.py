"""Tools of an item's page: the PDF is made of the site's own files alone, sharing asks nobody."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from hoitu.core.access import SYSTEM
from hoitu.core.content import Item, actions
from hoitu.core.extensions import KEY, session
from hoitu.core.jobs import JobContext
from hoitu.core.settings import SettingRow
from hoitu.core.settings.refresh import refresh
from hoitu.core.units import Unit, unit_scope
from hoitu.plugins.reader_tools import fonts, limits, printing

TITLE = "Kế hoạch 389/KH-UBND"
BODY = "<p>Ủy ban nhân dân phường nghiêng ngả, ngoằn ngoèo, khuỷu tay, quỷ quyệt.</p>"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    limits.forget()


@pytest.fixture
def item_id(publish: Any, document: Any) -> int:
    return int(publish("legal_document", **document("389/KH-UBND", body=BODY)))


def words_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return " ".join(page.get_textpage().get_text_range() for page in pages).replace("\r\n", " ")


def test_the_pdf_says_in_vietnamese_what_the_page_says(site: Any, item_id: int) -> None:
    visitor = site()
    page = visitor.get(f"/van-ban/{item_id}", follow_redirects=True).text
    assert f'href="/luu-pdf/{item_id}.pdf"' in page
    answer = visitor.get(f"/luu-pdf/{item_id}.pdf", buffered=True)
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert "ke-hoach-389-kh-ubnd.pdf" in answer.headers["Content-Disposition"]
    said = words_of(answer.data)
    for part in ("Ủy ban nhân dân phường Một", "khuỷu tay, quỷ quyệt", "mot.test", "23/11/2026"):
        assert part in said, said
    made = pypdfium2.PdfDocument(answer.data)
    assert TITLE in made.get_metadata_dict()["Title"]
    assert made.is_tagged()
    assert b"/Lang" in answer.data or b"/Lang" in _unpacked(answer.data)


def _unpacked(content: bytes) -> bytes:
    import re
    import zlib

    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    out = b""
    for part in found:
        try:
            out += zlib.decompress(part)
        except zlib.error:
            continue
    return out


def test_the_files_of_one_font_are_one() -> None:
    sheet = """@font-face { font-family: "A"; src: url("v"); unicode-range: U+1EA0; }
@font-face { font-family: "A"; src: url("l"); unicode-range: U+0000-00FF; }
@font-face { font-family: "A"; font-weight: 700; src: url("w"); }
:root { --font: "A", sans-serif; }"""
    found = fonts.together(sheet)
    assert found.count("@font-face") == 2
    assert 'url("v#with=l")' in found
    assert "unicode-range" not in found
    assert 'font-weight: 700; src: url("w")' in found
    assert fonts.parts_of("http://a/css/v#with=../l|m") == [
        "http://a/css/v",
        "http://a/l",
        "http://a/css/m",
    ]


def test_it_is_made_once_for_each_version_and_language(
    site: Any, item_id: int, platform: Any, desk: Any
) -> None:
    folder: Path = platform.instance / printing.FOLDER
    for path in (f"/luu-pdf/{item_id}.pdf", f"/luu-pdf/{item_id}.pdf"):
        assert site().get(path, buffered=True).status_code == 200
    assert len(list(folder.iterdir())) == 1
    assert site().get(f"/en/luu-pdf/{item_id}.pdf", buffered=True).status_code == 200
    assert len(list(folder.iterdir())) == 2
    with desk() as work:
        item = work.session.scalars(select(Item).where(Item.id == item_id)).one()
        actions.edit(work, item, {"body": "<p>Lời văn mới</p>"})
        actions.publish(work, item)
    assert "Lời văn mới" in words_of(site().get(f"/luu-pdf/{item_id}.pdf", buffered=True).data)


@pytest.fixture
def folder(platform: Any) -> Path:
    """Return the folder with the files made."""
    return Path(platform.instance / printing.FOLDER)


@pytest.fixture
def not_drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Draw nothing, and return the pages that would have been."""
    drawn: list[str] = []

    def note(page: str, _root: str) -> bytes:
        drawn.append(page)
        return b"%PDF-1.7 " + str(len(drawn)).encode()

    monkeypatch.setattr(printing, "_made", note)
    return drawn


@pytest.mark.usefixtures("not_drawn")
def test_whatever_changes_the_page_makes_another(
    site: Any, item_id: int, platform: Any, unit: Unit, folder: Path
) -> None:
    path = f"/luu-pdf/{item_id}.pdf"
    first = site().get(path)
    assert site().get(path).data == first.data
    assert site().get(path).headers["ETag"] == first.headers["ETag"]
    with platform.open_session(True) as session:
        scope = f"unit:{unit.id}"
        platform.settings.store(
            session, SYSTEM, scope, "core.look", "theme", "heritage", platform.clock.now()
        )
        session.commit()
    assert site().get(path).data != first.data
    assert len(list(folder.iterdir())) == 2


@pytest.mark.usefixtures("not_drawn")
def test_under_a_name_that_visitors_choose_nothing_is_kept(
    site: Any, app: Any, item_id: int, folder: Path
) -> None:
    for port in (1, 2):
        host = {"Host": f"{site().host}:{port}"}
        assert app.test_client().get(f"/luu-pdf/{item_id}.pdf", headers=host).status_code == 200
    assert not folder.exists()
    assert site().get(f"/luu-pdf/{item_id}.pdf").status_code == 200
    assert len(list(folder.iterdir())) == 1


def test_two_processes_write_drafts_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts, replace = [], Path.replace

    def note(draft: Path, target: Path) -> Path:
        drafts.append(draft)
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", note)
    for _ in range(2):
        printing._write(tmp_path / "pdf" / "a.pdf", b"%PDF")
    assert len(set(drafts)) == 2
    assert [path.name for path in (tmp_path / "pdf").iterdir()] == ["a.pdf"]


def test_the_folder_has_a_ceiling(
    app: Any, platform: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "CEILING", 25)
    folder.mkdir()
    now = platform.clock.now().timestamp()
    for age in range(4):
        path = folder / f"{age}.pdf"
        path.write_bytes(b"x" * 10)
        os.utime(path, (now - age, now - age))
    (job,) = printing.JOBS
    with app.app_context(), platform.open_session(True) as session:
        job.run(JobContext(session, {}, platform.clock))
    assert sorted(path.name for path in folder.iterdir()) == ["0.pdf", "1.pdf"]


def test_one_waits_a_moment_and_all_others_come_again(
    site: Any, item_id: int, not_drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "PATIENCE", 0.01)
    path = f"/luu-pdf/{item_id}.pdf"
    with printing._turn:
        waited = site().get(path)
        # Somebody waits already: there is no waiting at all, however long that would be.
        monkeypatch.setattr(printing, "PATIENCE", 3600)
        with printing._next:
            refused = site().get(path)
    for answer in (waited, refused):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "60"
        assert "sau một phút" in answer.text
    assert not_drawn == []
    assert site().get(path).status_code == 200


def test_no_transaction_is_open_while_it_is_made(
    site: Any, item_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []

    def look(_page: str, _root: str) -> bytes:
        found.append(session().in_transaction())
        return b"%PDF"

    monkeypatch.setattr(printing, "_made", look)
    assert site().get(f"/luu-pdf/{item_id}.pdf").status_code == 200
    assert found == [False]


def test_what_visitors_do_not_see_is_no_pdf(
    site: Any, desk: Any, document: Any, item_id: int, other_unit: Unit
) -> None:
    with desk() as work:
        draft = actions.create(work, "legal_document", document("1/KH-UBND")).id
    for path in (f"/luu-pdf/{draft}.pdf", "/luu-pdf/999999.pdf"):
        assert site().get(path).status_code == 404
    assert site(other_unit).get(f"/luu-pdf/{item_id}.pdf", buffered=True).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
        "https://ngoai.example/anh.png",
        "http://mot.test:8080/assets/civic/x/css/site.css",
        "http://mot.test/quan-tri/",
        "http://mot.test/van-ban",
        "http://mot.test/tep/999/mat.png",
        "http://mot.test/assets/civic/x/../../../../../etc/passwd",
        "ftp://mot.test/x",
        "data:image/svg+xml,<svg/>",
        "//[",
    ],
)
def test_nothing_but_own_files_is_fetched(app: Any, address: str) -> None:
    with pytest.raises(printing.Forbidden):
        printing.own_file(app, address, "http://mot.test/")


def test_a_hostile_page_reaches_neither_network_nor_disk(
    app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "bi-mat.txt"
    secret.write_text("mật khẩu là 1234", "utf-8")
    tried: list[Any] = []

    def refuse(*arguments: Any, **_options: Any) -> Any:
        tried.append(arguments)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    hostile = f"""<html lang="vi"><head><title>Bẫy</title>
<link rel="stylesheet" href="http://ngoai.example/x.css">
<link rel="attachment" href="file://{secret}"><style>@import url("file://{secret}");
body {{ background: url("http://ngoai.example/b.png") }}
@font-face {{ font-family: x; src: url("file://{secret}") }}</style></head>
<body><p style="font-family: x">Lành</p><img src="file://{secret}" alt="a">
<img src="http://127.0.0.1:1/x.png" alt="b"><a rel="attachment" href="file://{secret}">c</a>
<object data="file://{secret}"></object><embed src="file://{secret}">
<svg width="9" height="9"><image href="file://{secret}"/></svg></body></html>"""
    with app.test_request_context(base_url="http://mot.test/"):
        made = printing._made(hostile, "http://mot.test/")
    assert "Lành" in words_of(made)
    assert tried == []
    assert "1234" not in words_of(made)
    assert b"1234" not in made + _unpacked(made)


def test_a_network_may_not_keep_the_server_busy(
    site: Any, item_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST", 1)
    assert site().get(f"/luu-pdf/{item_id}.pdf", buffered=True).status_code == 200
    assert site().get(f"/luu-pdf/{item_id}.pdf", buffered=True).status_code == 200, "made already"
    refused = site().get(f"/en/luu-pdf/{item_id}.pdf", buffered=True)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "600"
    assert "ten minutes" in refused.text


def test_without_the_library_there_is_no_tool(
    site: Any, item_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "_library", lambda: None)
    assert "/luu-pdf/" not in site().get(f"/van-ban/{item_id}", follow_redirects=True).text
    assert site().get(f"/luu-pdf/{item_id}.pdf", buffered=True).status_code == 404


def test_sharing_is_links_and_nothing_from_elsewhere(site: Any, item_id: int) -> None:
    page = site().get(f"/en/van-ban/{item_id}", follow_redirects=True).text
    shared = f"https%3A%2F%2Fmot.test%2Fen%2Fbai%2F{item_id}"
    assert f'href="https://www.facebook.com/sharer/sharer.php?u={shared}"' in page
    assert f'href="https://zalo.me/share?url={shared}" rel="noopener external nofollow"' in page
    assert "target=" not in page.partition('class="share"')[2].partition("</details>")[0]
    assert "twitter.com" not in page
    assert 'hidden><button type="button" data-copy="https://mot.test/en/bai/' in page
    assert "mailto:?subject=K%E1%BA%BF%20ho%E1%BA%A1ch" in page


def test_the_operator_says_which_networks(site: Any, item_id: int, app: Any, unit: Unit) -> None:
    parts = app.extensions[KEY]
    with parts.open_session(True) as session, unit_scope(unit.id):
        row = SettingRow(scope="platform", plugin="reader_tools", key="networks", value="")
        session.add(row)
        session.commit()
    with parts.open_session(False) as session:
        parts.settings.reload(session)
        refresh(parts, session)
    page = site().get(f"/van-ban/{item_id}", follow_redirects=True).text
    assert "facebook.com/sharer" not in page
    assert "mailto:" in page
