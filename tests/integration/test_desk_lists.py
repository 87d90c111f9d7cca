"""Lists of the desk: what they show, how they are narrowed, and what a page costs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.access import Account, accounts
from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, actions
from hoitu.core.extensions import Platform
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

    assert "1/KH-UBND" in pile(editor, "ban-nhap")
    assert "2/KH-UBND" not in pile(editor, "ban-nhap")
    assert pile(editor, "cho-duyet") == ""
    assert "2/KH-UBND" in pile(approver, "cho-duyet")
    assert "1/KH-UBND" not in pile(approver, "ban-nhap")


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
        # Four of them for who may be responsible: today's staff with their deputies, and the rest;
        # one for what is planned of the unit's texts.
        assert many <= 12
    else:
        # A pile that shows all it has needs no count.
        assert many <= few + 3


def test_responsible_are_todays_staff_and_whoever_still_has_entries(
    staff: Staff,
    documents: Callable[..., list[int]],
    desk: Desk,
    platform: Platform,
    unit: Unit,
    clock: Any,
    hire: Callable[..., int],
) -> None:
    [entry], editor = documents(1), staff("editor")
    today, day = clock.today(), timedelta(days=1)
    left, gone, coming, here = (hire(name) for name in ("Còn", "Hết", "Sắp", "Đang"))
    days = {left: (None, today - day), gone: (None, today - day), coming: (today + day, None)}
    with platform.open_session(True) as session:
        for account_id in (left, gone, coming, here):
            first, last = days.get(account_id, (today, today))
            found = session.get_one(Account, account_id)
            found.active = account_id != left
            accounts.grant(session, found, "editor", unit.id, valid_from=first, valid_until=last)
        session.commit()
    with desk() as work:
        work.session.get_one(Item, entry).responsible_id = left
    offered = editor.open(LIST).text.partition('name="phu-trach"')[2].partition("</select>")[0]
    shown = {i for i in (left, gone, coming, here) if f'value="{i}"' in offered}
    assert shown == {left, here}
    assert shown_ids(editor.open(f"{LIST}?phu-trach={left}")) == [entry]


def test_a_list_is_narrowed_to_whoever_is_responsible(
    staff: Staff, documents: Callable[..., list[int]], desk: Desk
) -> None:
    ids, editor = documents(3), staff("editor")
    staff("editor")
    mine, others, nobodys = ids
    with desk() as work:
        account = select(Account.id).where(Account.email == editor.email)
        work.session.get_one(Item, mine).responsible_id = work.session.scalar(account)
        other = select(Account.id).where(Account.email != editor.email)
        other_id = work.session.scalar(other)
        work.session.get_one(Item, others).responsible_id = other_id
    assert shown_ids(editor.open(f"{LIST}?phu-trach=toi")) == [mine]
    assert shown_ids(editor.open(f"{LIST}?phu-trach=toi&trang-thai=draft")) == [mine]
    assert shown_ids(editor.open(f"{LIST}?phu-trach={other_id}")) == [others]
    assert shown_ids(editor.open(f"{LIST}?phu-trach=khong")) == [nobodys]
    assert len(shown_ids(editor.open(f"{LIST}?phu-trach=999999"))) == 3, "nobody of the unit"


def test_a_list_is_narrowed_to_the_days_of_the_last_change(
    staff: Staff, documents: Callable[..., list[int]], clock: FrozenClock
) -> None:
    before = documents(1)
    clock.move(timedelta(days=2))
    after = documents(1)
    editor = staff("editor")

    def shown(query: str) -> list[int]:
        return shown_ids(editor.open(f"{LIST}?{query}"))

    assert shown("sua-tu=25/11/2026") == after
    assert shown("sua-den=23/11/2026") == before
    assert shown("sua-tu=25112026") == after
    assert shown("sua-tu=23/11/2026&sua-den=25/11/2026") == after + before
    wrong = editor.open(f"{LIST}?sua-tu=31/02/2026")
    assert "31/02/2026" in wrong.text
    assert 'aria-invalid="true"' in wrong.text


def test_a_list_is_narrowed_to_what_lacks_something(
    staff: Staff, documents: Callable[..., list[int]]
) -> None:
    documents(2)
    without = documents(2, kind="")
    assert sorted(shown_ids(staff("editor").open(f"{LIST}?loai=-"))) == without


@pytest.mark.parametrize("order", ["ten", "ngay", ""])
def test_every_order_leads_through_everything_once_and_back(
    staff: Staff, desk: Desk, document: Values, order: str
) -> None:
    with desk() as work:
        made = {
            n: actions.create(
                work, TYPE, document(f"{n * 37 % 61}/KH-UBND", issued_on=f"{n % 28 + 1:02}/01/2024")
            ).id
            for n in range(60)
        }
        rows = [work.session.get_one(Item, i) for i in made.values()]
        keys = {item.id: (item.slug, item.sort_at, item.updated_at) for item in rows}
    wanted = {
        "ten": sorted(keys, key=lambda i: (keys[i][0], i)),
        "ngay": sorted(keys, key=lambda i: (keys[i][1], i), reverse=True),
        "": sorted(keys, key=lambda i: (keys[i][2], i), reverse=True),
    }[order]
    editor = staff("editor")
    seen, path, last = [], f"{LIST}?thu-tu={order}", ""
    while path:
        page = editor.open(path)
        seen.append(shown_ids(page))
        found = re.search(r'rel="next" href="([^"]+)"', page.text)
        path, last = (found[1].replace("&amp;", "&") if found else ""), page.text
    assert [one for part in seen for one in part] == wanted
    back = re.search(r'rel="prev" href="([^"]+)"', last)
    assert back is not None
    assert shown_ids(editor.open(back[1].replace("&amp;", "&"))) == seen[-2]


def test_a_place_of_another_order_is_the_beginning(
    staff: Staff, documents: Callable[..., list[int]]
) -> None:
    documents(30)
    editor = staff("editor")
    following = re.search(r'rel="next" href="([^"]+)"', editor.open(LIST).text)
    assert following is not None
    place = following[1].partition("tu=")[2]
    assert len(shown_ids(editor.open(f"{LIST}?thu-tu=ten&tu={place}"))) == 25


# -- what a newcomer reads ------------------------------------------------------------------------


def test_with_nothing_to_do_the_first_page_says_so_once_and_leads_to_help(
    staff: Staff,
) -> None:
    editor = staff("editor")
    page = editor.open("/quan-tri/").text
    assert page.count("Không có mục nào chờ bạn xử lý") == 1
    assert "Bản nháp của tôi" in editor.open("/quan-tri/huong-dan").text
    assert 'href="/quan-tri/huong-dan"' in page
    form = editor.open(f"{LIST}/moi").form(f"{LIST}/moi")
    assert editor.send(form, number="9/KH-UBND").status == 303
    assert "Không có mục nào chờ bạn" not in editor.open("/quan-tri/").text


@pytest.mark.parametrize("path", [LIST, f"{LIST}/moi"])
def test_how_to_write_a_day_is_told_in_the_language_of_the_desk(staff: Staff, path: str) -> None:
    page = staff("editor").open(path).text
    assert "05/09/2026" in page
    assert "dd/mm/yyyy" not in page


def test_where_an_entry_stands_is_read_before_its_form(
    staff: Staff, documents: Callable[..., list[int]]
) -> None:
    (item_id,) = documents(1)
    page = staff("approver").open(f"{LIST}/{item_id}").text
    assert page.index('id="aside-state"') < page.index('id="writing"') < page.index("aside-look")


def test_visitors_are_led_only_to_what_is_public(
    staff: Staff, documents: Callable[..., list[int]], publish: Any, document: Values
) -> None:
    (draft,) = documents(1)
    public = publish(TYPE, **document("77/KH-UBND"))
    approver = staff("approver")

    def found(query: str) -> set[int]:
        answer = approver.site.get(f"/quan-tri/lien-ket.json?q=KH-UBND{query}", buffered=True)
        return {one["id"] for one in answer.json["items"]}

    assert found("") == {draft, public}
    assert found("&public=1") == {public}
    # Without the script the same field takes the address of the entry.
    page = approver.open(f"{LIST}/{public}").text
    assert 'data-entry-search="/quan-tri/lien-ket.json?public=1"' in page
    assert 'name="step-unpublish-to"' in page
