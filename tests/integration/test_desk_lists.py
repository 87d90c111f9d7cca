"""Lists of the desk: what they show, how they are narrowed, and what a page costs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Values = Callable[..., dict[str, object]]

TYPE = "legal_document"
LIST = f"/quan-tri/{TYPE}"


@pytest.fixture
def documents(desk: Desk, document: Values) -> Callable[..., list[int]]:
    """Return a function that writes drafts numbered from one up."""

    def write(how_many: int, at: Unit | None = None, **values: Any) -> list[int]:
        with desk(at) as work:
            made = [
                actions.create(work, TYPE, document(f"{n}/KH-UBND", **values))
                for n in range(1, how_many + 1)
            ]
            return [item.id for item in made]

    return write


def shown_ids(page: Any) -> list[int]:
    rows = re.findall(rf'<th scope="row"><a href="{LIST}/(\d+)">', page.text)
    return [int(row) for row in rows]


def test_a_list_shows_its_unit_only(
    staff: Staff, documents: Callable[..., list[int]], other_unit: Unit
) -> None:
    own = documents(3)
    documents(3, other_unit)
    assert sorted(shown_ids(staff("editor").open(LIST))) == own


def test_pages_lead_through_everything_once_and_back(
    staff: Staff, documents: Callable[..., list[int]]
) -> None:
    ids, editor = documents(60), staff("editor")
    seen, path, paths = [], LIST, []
    while path:
        page = editor.open(path)
        paths.append(path)
        seen.append(shown_ids(page))
        found = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = found[1].replace("&amp;", "&") if found else ""
    assert [len(part) for part in seen] == [25, 25, 10]
    assert [one for part in seen for one in part] == ids[::-1]
    back = re.search(r'rel="prev" href="([^"]+)"', editor.open(paths[2]).text)
    assert back is not None
    assert shown_ids(editor.open(back[1].replace("&amp;", "&"))) == seen[1]


@pytest.mark.parametrize(
    "words",
    [
        "KẾ HOẠCH 7/KH",
        "ke hoach 7",
        "7/KH-UBND",
        "7-KH-UBND",
        unicodedata.normalize("NFD", "kế hoạch 7"),
    ],
)
def test_search_needs_no_marks(
    staff: Staff, documents: Callable[..., list[int]], words: str
) -> None:
    ids = documents(9)
    page = staff("editor").open(f"{LIST}?q={words}")
    assert shown_ids(page) == [ids[6]]


@pytest.mark.parametrize(
    "query",
    [
        "q=%25", "q=_", "q=%00", "q=%27%22%3B--", "q=%F0%9F%93%84", "q=" + "x" * 5000,
        "trang-thai=nowhere", "loai=no-such", "loai=%00", "nhom=x", "tu=x", "tu=Pg", "tu=%00",
        "tu=PjE3MDAwMDAwMDAuMDAwMDAwfjk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "tu=PmluZn4x", "tu=Pm5hbn4x",
    ],
)  # fmt: skip
def test_any_query_is_answered(
    staff: Staff, documents: Callable[..., list[int]], query: str
) -> None:
    documents(2)
    assert staff("editor").open(f"{LIST}?{query}").status == 200


def test_a_percent_sign_is_no_wildcard(staff: Staff, documents: Callable[..., list[int]]) -> None:
    documents(2)
    assert shown_ids(staff("editor").open(f"{LIST}?q=%25")) == []


def test_filters_narrow_and_survive_the_next_page(
    staff: Staff, documents: Callable[..., list[int]]
) -> None:
    documents(3)
    decisions = documents(30, kind="QĐ", summary="Riêng")
    editor = staff("editor")
    page = editor.open(f"{LIST}?loai=QĐ&q=Riêng")
    assert len(shown_ids(page)) == 25
    following = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert following is not None
    rest = editor.open(following[1].replace("&amp;", "&"))
    assert sorted(shown_ids(page) + shown_ids(rest)) == decisions


def test_states_are_filtered_by_where_the_work_stands(
    staff: Staff, documents: Callable[..., list[int]], desk: Desk
) -> None:
    draft, submitted, public, waiting, trashed = documents(5)
    with desk() as work:
        items = {i: work.session.get_one(Item, i) for i in (submitted, public, waiting, trashed)}
        actions.submit(work, items[submitted])
        actions.publish(work, items[public])
        actions.publish(work, items[waiting])
        actions.edit(work, items[waiting], {"summary": "Mới"})
        actions.submit(work, items[waiting])
        actions.trash(work, items[trashed])
    editor = staff("editor")

    def with_state(state: str) -> set[int]:
        return set(shown_ids(editor.open(f"{LIST}?trang-thai={state}")))

    assert with_state("draft") == {draft}
    assert with_state("submitted") == {submitted, waiting}
    assert with_state("published") == {public, waiting}
    assert with_state("trashed") == {trashed}
    assert set(shown_ids(editor.open(LIST))) == {draft, submitted, public, waiting}


def test_the_first_page_shows_what_waits_for_whom(
    staff: Staff, desk: Desk, document: Values, clock: FrozenClock
) -> None:
    editor, approver = staff("editor"), staff("approver")
    for number in ("1/KH-UBND", "2/KH-UBND"):
        form = editor.open(f"{LIST}/moi").form("/moi")
        editor.send(form, **document(number), then__step="submit" if number[0] == "2" else None)
    clock.move(timedelta(minutes=1))

    def pile(person: Any, name: str) -> str:
        text = person.open("/quan-tri/").text
        found = re.search(rf'aria-labelledby="pile-{name}">(.*?)</section>', text, re.S)
        return found[1] if found else ""

    assert "1/KH-UBND" in pile(editor, "drafts")
    assert "2/KH-UBND" not in pile(editor, "drafts")
    assert pile(editor, "waiting") == ""
    assert "2/KH-UBND" in pile(approver, "waiting")
    assert "1/KH-UBND" not in pile(approver, "drafts")


@pytest.mark.parametrize("path", [LIST, f"{LIST}?q=KH&loai=KH&trang-thai=draft", "/quan-tri/"])
def test_a_page_costs_the_same_however_long_the_list(
    staff: Staff,
    documents: Callable[..., list[int]],
    statements: Callable[[], list[str]],
    path: str,
) -> None:
    editor = staff("editor")

    def cost() -> int:
        assert editor.open(path).status == 200
        statements()
        editor.open(path)
        return len(statements())

    documents(10)
    few = cost()
    documents(1000)
    many = cost()
    if path.startswith(LIST):
        assert many == few
        assert many <= 8
    else:
        # A pile that shows all it has needs no count.
        assert many <= few + 3
