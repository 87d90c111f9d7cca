"""Find and replace: what is found, what is touched, and what becomes of each entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, true

from hoitu.core.care import replacing
from hoitu.core.care.passages import Search
from hoitu.core.content import ActionContext, Editorial, Item, ItemVersion, Refused, actions
from hoitu.core.units import Unit

Staff = Callable[..., Any]
Desk = Callable[..., AbstractContextManager[ActionContext]]
Article = Callable[..., int]

PAGE = "/quan-tri/thay-the"
ARTICLE: dict[str, Any] = {
    "requirement": "unit_activities", "genre": "news", "title": "Tin", "summary": "",
    "body": "<p>Toàn văn</p>", "origin": "own",
}  # fmt: skip
OLD, NEW = "UBND huyện Phú Lộc", "UBND xã Phú Lộc"


@pytest.fixture
def article(desk: Desk) -> Article:
    def write(at: Unit | None = None, *, public: bool = False, **values: Any) -> int:
        with desk(at) as work:
            item = actions.create(work, "news_article", {**ARTICLE, **values})
            return (actions.publish(work, item) if public else item).id

    return write


def spans(search: Search, said: str) -> list[str]:
    return [said[start:end] for start, end in search.spans(said)]


# -- what is found --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "said", "found"),
    [
        (Search("huyện", "xã"), "huyện Huyện HUYỆN huyen", ["huyện"]),
        (Search("huyen", "xã", fold=True), "huyện Huyện HUYỆN huyen", 4),
        (Search("Đồng", "x", fold=True), "đồng dong ĐÔNG", 3),
        (Search("an", "x"), "an toàn, bạn", ["an"]),
        (Search("an", "x", fold=True), "an toàn, bạn", ["an", "àn", "ạn"]),
        (Search("an", "x", whole_words=True, fold=True), "An toàn, ban", ["An"]),
        (Search("1.5", "x"), "1.5 và 125", ["1.5"]),
        (Search("a b", "x"), "a b, a\u00a0b, a\n  b, ab", ["a b", "a\u00a0b", "a\n  b"]),
        (Search("aa", "x"), "aaaa", ["aa", "aa"]),
        (Search("ss", "x", fold=True), "Straße", ["ß"]),
        (Search("R&D", "x"), "R&D", ["R&D"]),
        (Search("(a", "x", whole_words=True), "(a) b(a", ["(a"]),
    ],
)
def test_words_are_found(search: Search, said: str, found: list[str] | int) -> None:
    held = spans(search, said)
    assert held == found if isinstance(found, list) else len(held) == found
    assert search.may_be_in(said), "what stands in a text is not sifted out"


@pytest.mark.parametrize(
    ("wanted", "html", "may_be"),
    [
        ("quang nhieu", "<p>Thôn <b>QUẢNG&nbsp; Nhiêu</b></p>", True),
        ("quang nhieu", "<p>Thôn Quảng Nhiễm</p>", False),
        ("r&d, moi", "<p>R&amp;D, mới</p>", True),
        ("duong", "<p>\u0110\u01b0\u01a1\u0300ng</p>", True),
        ("duong", "<p>đư\u00adờng</p>", True),
        ("москва xa", "<p>Москва xã</p>", True),
        ("москва", "<p>Toàn văn</p>", True),
        ("москва xa", "<p>Toàn văn</p>", False),
        (";;", "<p>Toàn văn</p>", False),
        (";;", "<p>Toàn văn;;</p>", True),
        ("<", "<p>Toàn văn</p>", True),
    ],
)
def test_texts_without_the_words_are_sifted_out(wanted: str, html: str, may_be: bool) -> None:
    assert Search(wanted, "x", fold=True).may_be_in(html) is may_be


def test_only_words_that_are_read_are_touched(desk: Desk, article: Article) -> None:
    body = (
        "<h2>cau</h2><p>cau <strong>cau</strong> ca<em>u</em> c&amp;cau "
        '<a href="https://cau.vn/cau" title="cau">cau</a></p>'
        '<p><img src="/tep/1/cau.jpg" alt="cau"></p>'
    )
    item_id = article(title="cau", summary="cau\ncau", body=body)
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        replacing.apply_one(work, item, Search("cau", "<b>"), frozenset(range(99)))
        assert (item.title, item.summary) == ("<b>", "<b>\n<b>")
        assert item.body == (
            "<h2>&lt;b&gt;</h2><p>&lt;b&gt; <strong>&lt;b&gt;</strong> ca<em>u</em> "
            'c&amp;&lt;b&gt; <a href="https://cau.vn/cau" title="cau" '
            'rel="noopener noreferrer">&lt;b&gt;</a></p>'
            '<p><img src="/tep/1/cau.jpg" alt="cau"></p>'
        )
        assert item.slug == "b"


def test_chosen_places_only(desk: Desk, article: Article) -> None:
    item_id = article(title="a a", body="<p>a</p><p>a</p>")
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        replacing.apply_one(work, item, Search("a", "b"), frozenset({1, 3}))
        assert (item.title, item.body) == ("a b", "<p>a</p><p>b</p>")
        with pytest.raises(Refused):
            replacing.apply_one(work, item, Search("zz", "b"), frozenset({0}))


def test_tables_are_searched_and_the_number_of_a_document_is_not(
    desk: Desk, document: Callable[..., dict[str, object]]
) -> None:
    relation = {"relation": "basis", "target_number": "1/QĐ", "note": "thay 389/KH-UBND cũ"}
    with desk() as work:
        made = actions.create(work, "legal_document", document(relations=[relation]))
        item_id, kind = made.id, work.type_of(made)
    with desk() as work:
        search = Search("389/KH-UBND", "390/KH-UBND")
        found = replacing.find(work, search, [(kind, true())], most=9, most_places=9)
        (entry,) = found.entries
        assert [(o.before, o.found, o.after) for o in entry.occurrences] == [
            ("thay ", "389/KH-UBND", " cũ")
        ]
        item: Any = work.session.get_one(Item, item_id)
        replacing.apply_one(work, item, search, frozenset({0}))
        (row,) = item.relations
        assert (row["target_number"], row["note"]) == ("1/QĐ", "thay 390/KH-UBND cũ")
        assert item.number == "389/KH-UBND"


def find(work: ActionContext, search: Search, **limits: int) -> list[int]:
    kinds = [(kind, true()) for kind in replacing.kinds_of(work, work.types)]
    sizes = {"most": 99, "most_places": 99, **limits}
    return [entry.item.id for entry in replacing.find(work, search, kinds, **sizes).entries]


def test_every_type_is_searched_by_its_own_columns(desk: Desk, article: Article) -> None:
    """The narrowing by the database must be a statement that each type's tables understand."""
    item_id = article(body="<p>R&amp;D tại huyện</p>")
    with desk() as work:
        for search in (Search("huyện", "x"), Search("R&D", "x"), Search("HUYEN", "x", fold=True)):
            assert find(work, search) == [item_id]
        assert find(work, Search("&", "và")) == [item_id]
        assert find(work, Search("%", "x")) == []


def test_the_text_that_waits_is_searched(desk: Desk, article: Article) -> None:
    item_id = article(public=True, title="Cũ")
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, item_id), {"title": "Mới"})
    with desk() as work:
        assert find(work, Search("Mới", "x")) == [item_id]
        assert find(work, Search("Cũ", "x")) == []


def test_what_stands_around_is_cut_between_words(desk: Desk, article: Article) -> None:
    article(title=f"{'trước ' * 20}huyện{' sau' * 20}")
    with desk() as work:
        kinds = [(work.types["news_article"], true())]
        (entry,) = replacing.find(work, Search("huyện", "xã"), kinds, most=9, most_places=9).entries
        (place,) = entry.occurrences
    assert re.fullmatch(r"…(trước ){5,}", place.before)
    assert re.fullmatch(r"( sau){5,}…", place.after)


def test_what_rests_and_what_others_have_is_not_found(
    desk: Desk, article: Article, other_unit: Unit
) -> None:
    thrown, kept = article(title=OLD), article(title=OLD)
    article(other_unit, title=OLD)
    with desk() as work:
        actions.trash(work, work.session.get_one(Item, thrown))
        assert find(work, Search(OLD, NEW)) == [kept]


def test_a_search_ends_at_its_limits(desk: Desk, article: Article) -> None:
    for _ in range(3):
        article(title="a a")
    with desk() as work:
        kinds = [(work.types["news_article"], true())]

        def found(most: int, most_places: int) -> tuple[int, int, bool]:
            held = replacing.find(
                work, Search("a", "b", whole_words=True), kinds, most=most, most_places=most_places
            )
            return (
                len(held.entries), sum(len(e.occurrences) for e in held.entries), held.more
            )  # fmt: skip

        assert found(9, 9) == (3, 6, False)
        assert found(2, 9) == (2, 4, True)
        assert found(9, 4) == (2, 4, True)
        assert found(9, 3) == (2, 3, True)


def test_statements_do_not_grow_with_the_entries(
    desk: Desk, article: Article, document: Callable[..., dict[str, object]],
    statements: Callable[[], list[str]],
) -> None:  # fmt: skip
    def cost() -> int:
        with desk() as work:
            statements()
            find(work, Search("huyện", "xã"))
            return len(statements())

    def grow(number: int) -> None:
        article(title="huyện")
        with desk() as work:
            relation = {"relation": "basis", "target_number": "1/NQ-CP", "note": "huyện"}
            values = document(f"{number}/KH-UBND", relations=[relation])
            actions.create(work, "legal_document", values)

    grow(1)
    few = cost()
    for number in range(2, 8):
        grow(number)
    assert cost() == few


def test_texts_that_wait_are_read_by_parts_and_only_where_the_words_may_stand(
    desk: Desk, article: Article, statements: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    read: list[int] = []
    looked = replacing.occurrences

    def noting(kind: Any, values: Any, search: Search) -> Any:
        read.append(1)
        return looked(kind, values, search)

    monkeypatch.setattr(replacing, "occurrences", noting)

    def wait(title: str) -> int:
        item_id = article(public=True, title="Tin")
        with desk() as work:
            actions.edit(work, work.session.get_one(Item, item_id), {"title": title})
        return item_id

    def cost(search: Search) -> tuple[list[int], int, int]:
        read.clear()
        with desk() as work:
            statements()
            ids = find(work, search)
            return sorted(ids), len(read), len(statements())

    ids = [wait("Họp tại huyện 0")]
    found, _read, few = cost(Search("huyện", "xã"))
    assert found == ids
    ids += [wait(f"Họp tại huyện {number}") for number in range(1, 6)]
    others = [wait("Việc khác") for _ in range(4)]
    assert cost(Search("huyện", "xã")) == (ids, len(ids), few)
    assert cost(Search("HUYEN", "xã", fold=True)) == (ids, len(ids + others), few)


def test_one_search_reads_so_many_entries_of_all_types_together(
    desk: Desk, article: Article, document: Callable[..., dict[str, object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for number in range(2):
        article(title="huyện")
        with desk() as work:
            actions.create(work, "legal_document", document(f"{number}/KH", body="<p>huyện</p>"))

    def found(most: int) -> tuple[int, bool]:
        monkeypatch.setattr(replacing, "READ", most)
        with desk() as work:
            kinds = [(work.types[name], true()) for name in ("news_article", "legal_document")]
            held = replacing.find(work, Search("huyện", "xã"), kinds, most=9, most_places=9)
            return len(held.entries), held.more

    assert [found(most) for most in (1, 2, 3, 4)] == [(1, True), (2, True), (3, True), (4, False)]


# -- what becomes of entries ----------------------------------------------------------------------


def outcome(
    desk: Desk, item_id: int, role: str, *, publish: bool = False, four_eyes: bool = False
) -> tuple[str, Item]:
    with desk(role=role) as opened:
        work = replace(opened, editorial=Editorial(four_eyes=four_eyes))
        item = work.session.get_one(Item, item_id)
        places = frozenset({0})
        told = replacing.apply_one(work, item, Search(OLD, NEW), places, publish=publish)
        work.session.refresh(item)
        return told, item


def test_a_published_entry_gets_a_version_that_waits(desk: Desk, article: Article) -> None:
    item_id = article(public=True, title=OLD)
    told, item = outcome(desk, item_id, "editor")
    assert item.title == OLD and item.draft_state == "draft"
    assert told.startswith("Đã thay trong phiên bản mới")
    with desk() as work:
        version = work.session.get_one(ItemVersion, item.draft_id)
        assert version.values["title"] == NEW
        assert version.note == f"Thay “{OLD}” bằng “{NEW}”"


def test_where_one_pair_of_eyes_is_enough_it_is_published_at_once(
    desk: Desk, article: Article
) -> None:
    item_id = article(public=True, title=OLD)
    told, item = outcome(desk, item_id, "approver", publish=True)
    assert (item.title, item.draft_state, told) == (NEW, "", "Đã thay và xuất bản.")


def test_where_two_are_needed_it_is_submitted(desk: Desk, article: Article) -> None:
    item_id = article(public=True, title=OLD)
    told, item = outcome(desk, item_id, "approver", publish=True, four_eyes=True)
    assert (item.title, item.draft_state) == (OLD, "submitted")
    assert told == "Đã thay và gửi duyệt: người khác phải duyệt."


def test_other_changes_that_wait_are_not_published_along(desk: Desk, article: Article) -> None:
    item_id = article(public=True, title=OLD)
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, item_id), {"summary": "Chưa xong"})
    told, item = outcome(desk, item_id, "approver", publish=True)
    assert (item.title, item.summary, item.draft_state) == (OLD, "", "draft")
    assert "thay đổi khác" in told


def test_what_cannot_be_published_is_replaced_all_the_same(desk: Desk, article: Article) -> None:
    item_id = article(public=True, title=OLD, body="<h4>Mục</h4>")
    told, item = outcome(desk, item_id, "approver", publish=True)
    assert (item.title, item.draft_state) == (OLD, "draft")
    assert "chưa xuất bản" in told


# -- the page -------------------------------------------------------------------------------------


def tick(page: Any) -> Any:
    return page.form("/thay-the")


def test_from_the_search_to_the_result(
    staff: Staff, desk: Desk, article: Article, drain: Callable[[], None]
) -> None:
    one = article(title=f"{OLD} họp", body=f"<p>Tại {OLD}.</p>")
    two = article(public=True, title="Khác", body=f"<p>Cũng tại {OLD}.</p>")
    editor = staff("editor")
    assert "Không có chỗ nào" not in editor.open(PAGE).text
    page = editor.open(f"{PAGE}?tim={OLD}&thay={NEW}")
    assert page.status == 200
    assert "3 chỗ" in page.text and "trong 2 mục" in page.text
    assert f"Tại <del>{OLD}</del>." in page.text and f"Tại <ins>{NEW}</ins>." in page.text
    form = tick(page)
    boxes = re.findall(r'name="cho" value="([^"]+)"', page.text)
    kept = [box for box in boxes if not (box.startswith(f"{one}.") and box.endswith(".1"))]
    assert len(boxes) == 3 and len(kept) == 2
    done = editor.send(form, cho=kept)
    assert done.status == 303
    result = editor.open(done.response.location)
    assert "Đã thay." in result.text
    with desk() as work:
        first, second = work.session.get_one(Item, one), work.session.get_one(Item, two)
        assert (first.title, first.body) == (f"{NEW} họp", f"<p>Tại {OLD}.</p>")
        assert second.body == f"<p>Cũng tại {OLD}.</p>" and second.draft_state == "draft"


def test_an_entry_changed_meanwhile_is_left_alone(
    staff: Staff, desk: Desk, article: Article
) -> None:
    item_id = article(title=OLD)
    editor = staff("editor")
    page = editor.open(f"{PAGE}?tim={OLD}&thay={NEW}")
    with desk() as work:
        actions.edit(work, work.session.get_one(Item, item_id), {"title": f"Mới: {OLD}"})
    done = editor.send(tick(page), cho=re.findall(r'name="cho" value="([^"]+)"', page.text))
    assert "Người khác đã sửa" in editor.open(done.response.location).text
    with desk() as work:
        assert work.session.get_one(Item, item_id).title == f"Mới: {OLD}"


def test_foreign_entries_and_nonsense_are_left_out(
    staff: Staff, desk: Desk, article: Article, other_unit: Unit
) -> None:
    foreign = article(other_unit, title=OLD)
    article(title=OLD)
    editor = staff("editor")
    page = editor.open(f"{PAGE}?tim={OLD}&thay={NEW}")
    sent = [f"{foreign}.1.0", "x", "1.2", "-1.1.1", "9" * 30 + ".1.1", ""]
    assert editor.send(tick(page), cho=sent).status == 303
    with desk(other_unit) as work:
        assert work.session.get_one(Item, foreign).title == OLD


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("tim=&thay=x", "Hãy ghi từ ngữ cần thay."),
        ("tim=+&thay=x", "Hãy ghi từ ngữ cần thay."),
        ("tim=a&thay=a", "Hai bên giống nhau"),
        ("tim=" + "a" * 301, "nhiều nhất 300 ký tự"),
        ("tim=khongcodau&thay=x", "Không có chỗ nào"),
        ("tim=a&loai=khong-co", "Không có chỗ nào"),
    ],
)
def test_a_search_that_finds_nothing_says_why(staff: Staff, query: str, told: str) -> None:
    page = staff("editor").open(f"{PAGE}?{query}")
    assert page.status == 200
    assert told in page.text


def test_nothing_ticked_keeps_the_search(staff: Staff, article: Article) -> None:
    article(title=OLD)
    editor = staff("editor")
    page = editor.open(f"{PAGE}?tim={OLD}&thay={NEW}&tron-tu=1")
    back = editor.send(tick(page), cho=None)
    assert back.status == 303
    again = editor.open(back.response.location)
    assert "Hãy đánh dấu" in again.text and f'value="{OLD}"' in again.text


def test_who_may_not_edit_has_no_such_page(staff: Staff, other_unit: Unit, unit: Unit) -> None:
    assert staff("nobody").open(PAGE).status == 403
    assert staff("editor", at=other_unit, visits=unit).open(PAGE).status == 403


def test_every_replacement_is_a_version_of_its_own(desk: Desk, article: Article) -> None:
    item_id = article(title=OLD)
    outcome(desk, item_id, "editor")
    with desk() as work:
        versions = work.session.scalars(
            select(ItemVersion).where(ItemVersion.item_id == item_id).order_by(ItemVersion.number)
        ).all()
        assert [v.values["title"] for v in versions] == [OLD, NEW]
        assert versions[-1].author == "Thử editor"
