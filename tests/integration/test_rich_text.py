"""The editor of rich text on the desk's forms, what it links to, and what is stored of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from hoitu.core.app import Portal
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, actions
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]
Publish = Callable[..., int]

NEW = "/quan-tri/legal_document/moi"
SEARCH = "/quan-tri/lien-ket.json"
WORD = Path(__file__).parents[1] / "samples" / "word_clipboard.html"
EDITOR = """
    @hookimpl
    def resolve_rich_text_editor(self):
        from hoitu.core.web import RichTextEditor
        {answer}
"""


@dataclass(frozen=True)
class Told:
    """What the head of a form tells the scripts of an editor."""

    attributes: dict[str, str]
    texts: dict[str, str]
    scripts: list[str]


def told(page: str) -> Told | None:
    element = re.search(r'<meta name="rich-text"([^>]*)>', page)
    if element is None:
        return None
    found = {n: unescape(v) for n, v in re.findall(r'data-([a-z-]+)="([^"]*)"', element[1])}
    texts = json.loads(found.pop("texts"))
    return Told(found, texts, re.findall(r'<script src="(/assets/ckeditor/[^"]+)" defer', page))


# -- the hook -------------------------------------------------------------------------------------


def test_a_form_with_rich_text_loads_the_editor(staff: Staff) -> None:
    editor = staff("editor")
    page = editor.open(NEW).text
    found = told(page)
    assert found is not None
    assert found.attributes == {
        "language": "vi",
        "content-language": "vi",
        "upload": "/quan-tri/tep/tai-len",
        "library": "/quan-tri/thu-vien.json",
        "links": SEARCH,
    }
    assert found.texts["linkTitle"] == "Liên kết đến một bài của cổng này"
    assert [path.rpartition("/")[2] for path in found.scripts] == [
        "ckeditor.js", "base.js", "markup.js", "pasting.js", "uploads.js", "links.js", "editor.js",
    ]  # fmt: skip
    styles = re.findall(r'<link rel="stylesheet" href="(/assets/ckeditor/[^"]+)"', page)
    for path in [*found.scripts, *styles]:
        answer = editor.site.get(path, buffered=True)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_the_editor_speaks_the_language_of_the_page(staff: Staff) -> None:
    found = told(staff("editor").open(f"/en{NEW}").text)
    assert found is not None
    assert found.attributes["language"] == "en"
    assert found.attributes["content-language"] == "vi"
    assert found.attributes["links"] == f"/en{SEARCH}"
    assert found.texts["linkTitle"] == "Link to an entry of this site"


def test_a_form_without_rich_text_loads_no_editor(staff: Staff) -> None:
    assert told(staff("platform_admin").open("/quan-tri/portal_link/moi").text) is None


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        ("return RichTextEditor(('a_editor/x.js',))", "a_editor/x.js"),
        ("return None", "ckeditor/vendor/ckeditor.js"),
        ("raise RuntimeError('x')", "ckeditor/vendor/ckeditor.js"),
        ("return ['x.js']", "ckeditor/vendor/ckeditor.js"),
    ],
)
def test_the_first_plugin_that_answers_is_the_editor(
    plant: Callable[..., str], make_app: Callable[..., Portal], answer: str, first: str
) -> None:
    # Plugins of one weight are asked in the order of their names.
    plant("a_editor", EDITOR.format(answer=answer))
    app = make_app()
    with app.app_context():
        found = app.extensions["hoitu"].hooks.resolve_rich_text_editor()
    assert found is not None
    assert found.scripts[0] == first


def test_html_typed_without_the_editor_is_cleaned(
    app: Portal, staff: Staff, write: Callable[..., str], desk: Desk
) -> None:
    app.extensions["hoitu"].plugins.manager.unregister(name="ckeditor")
    editor = staff("editor")
    page = editor.open(NEW).text
    assert told(page) is None
    assert re.search(r'<textarea id="body" name="body"[^>]* data-rich-text="true"', page)
    path = write(editor, body=WORD.read_text("utf-8"))
    (stored,) = editor.open(path).form(path).values["body"]
    assert stored.startswith("<h2>KẾ HOẠCH CẢI CÁCH HÀNH CHÍNH NĂM 2024</h2><p><strong>Căn cứ")
    assert '<ol><li>Rà soát thủ tục hành chính<ol type="a"><li>Cấp huyện</li>' in stored
    assert '<td colspan="2"><strong>Nội dung</strong></td>' in stored
    assert not re.search(r"mso|style|class|<o:p|<span|xml", stored, re.IGNORECASE)


def test_saving_a_stored_text_again_changes_nothing(
    staff: Staff, write: Callable[..., str], count: Callable[[], tuple[int, ...]]
) -> None:
    editor = staff("editor")
    path = write(editor, body=WORD.read_text("utf-8"))
    before = count()
    assert editor.send(editor.open(path).form(path)).status == 303
    assert count() == before


# -- what can be linked to ------------------------------------------------------------------------


@pytest.fixture
def search(staff: Staff) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that searches as an editor, or as somebody else."""
    people: dict[str, Any] = {}

    def titles(words: str = "", role: str = "editor") -> list[dict[str, Any]]:
        if role not in people:
            people[role] = staff(role)
        answer = people[role].site.get(SEARCH, query_string={"q": words}, buffered=True)
        assert answer.status_code == 200
        found: list[dict[str, Any]] = answer.get_json()["items"]
        return found

    return titles


def test_an_entry_is_told_with_its_lasting_address(
    search: Callable[..., list[dict[str, Any]]], publish: Publish, document: Values
) -> None:
    made = publish("legal_document", **document())
    (found,) = search()
    assert found == {
        "id": made,
        "title": "Kế hoạch 389/KH-UBND",
        "summary": "Xây dựng nền tảng hội tụ",
        "type": "Văn bản",
        "state": "Đã xuất bản",
        "path": f"/bai/{made}",
    }


def test_an_entry_of_another_unit_is_not_offered(
    search: Callable[..., list[dict[str, Any]]],
    publish: Publish,
    document: Values,
    other_unit: Unit,
) -> None:
    publish("legal_document", other_unit, **document())
    assert search() == []
    assert search("389/KH-UBND") == []


@pytest.mark.parametrize(
    "words",
    ["nền tảng hội tụ", "ke hoach 389", "KẾ HOẠCH 389", "389/KH-UBND", "389 kh ubnd", "389khubnd"],
)
def test_an_entry_is_found_with_and_without_marks_and_by_its_number(
    search: Callable[..., list[dict[str, Any]]], publish: Publish, document: Values, words: str
) -> None:
    wanted = publish("legal_document", **document())
    other = {"summary": "Phòng, chống cháy rừng", "body": "<p>Khác</p>"}
    publish("legal_document", **document("12/QĐ-UBND", **other))
    assert [item["id"] for item in search(words)] == [wanted]


def test_signs_of_the_search_are_only_signs(
    search: Callable[..., list[dict[str, Any]]], publish: Publish, document: Values
) -> None:
    publish("legal_document", **document())
    assert search("%") == []
    assert search("_" * 5) == []


def test_drafts_are_offered_to_those_who_work_on_them_and_the_trash_to_nobody(
    search: Callable[..., list[dict[str, Any]]], desk: Desk, document: Values
) -> None:
    with desk() as work:
        draft = actions.create(work, "legal_document", document())
        gone = actions.create(work, "legal_document", document("2/KH-UBND"))
        actions.advance(work, gone, "trash")
        ids = draft.id, gone.id
    (found,) = search()
    assert found["id"] == ids[0]
    assert found["state"] == "Bản nháp"


def test_the_newest_twenty_are_offered_at_a_constant_price(
    search: Callable[..., list[dict[str, Any]]],
    desk: Desk,
    document: Values,
    clock: FrozenClock,
    statements: Callable[[], list[str]],
) -> None:
    ids = []
    for number in range(1, 26):
        clock.move(timedelta(minutes=1))
        with desk() as work:
            ids.append(actions.create(work, "legal_document", document(f"{number}/KH-UBND")).id)
    search()
    statements()
    found = [item["id"] for item in search("ubnd")]
    assert found == ids[:-21:-1]
    assert len(statements()) <= 5


def test_a_visitor_is_not_answered(visitor: Callable[..., Any]) -> None:
    assert visitor().open(SEARCH).status == 302
