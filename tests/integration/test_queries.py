"""Queries of public content: every item once, in order, and only while it is public."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import Cursor, Item, ItemPlacement, Page, actions, queries
from hoitu.core.content.queries import by_ids, capped_count, find, page, placed, public
from hoitu.core.extensions import Platform
from hoitu.core.testing.fixtures import TODAY
from hoitu.core.units import Unit, unit_scope

pytestmark = pytest.mark.both_databases

TYPE, SECTION = "legal_document", "legal_documents"


@pytest.fixture
def fill(desk: Any, document: Any) -> Callable[..., list[int]]:
    """Return a function that publishes documents of the given days, all in one transaction."""

    def make(days: list[int], at: Unit | None = None) -> list[int]:
        with desk(at) as work:
            found = []
            for day in days:
                values = document(f"{len(found) + 1}/KH-UBND", issued_on=f"{day:02}/11/2023")
                item = actions.create(work, TYPE, values)
                found.append(actions.publish(work, item).id)
            return found

    return make


@pytest.fixture
def reader(platform: Platform, unit: Unit) -> Callable[[], Any]:
    """Return a function that opens a reading session of the unit."""

    @contextmanager
    def read() -> Iterator[Any]:
        with platform.open_session(False) as session, unit_scope(unit.id):
            yield session

    return read


@pytest.fixture
def place(desk: Any, unit: Unit) -> Callable[..., None]:
    """Return a function that shows items of another unit at this one."""

    def show(item_ids: list[int], owner: Unit) -> None:
        with desk(owner) as work:
            found = {i: work.session.get_one(Item, i).sort_at for i in item_ids}
        with desk() as work:
            for item_id, sort_at in found.items():
                work.session.add(
                    ItemPlacement(
                        item_id=item_id,
                        owner_id=owner.id,
                        section=SECTION,
                        type=TYPE,
                        requirement="administrative_documents",
                        sort_at=sort_at,
                    )
                )

    return show


@pytest.fixture
def pages(reader: Any, platform: Platform) -> Callable[..., Any]:
    """Return a function that reads one page, placements merged in."""
    model: Any = platform.types[TYPE].model

    def read(cursor: Cursor | None = None, size: int = 4) -> Page[Any]:
        with reader() as session:
            now = platform.clock.now()
            on = frozenset(platform.types[TYPE].requirements)
            found = placed(session, model, SECTION, now, requirements=None, on_at=lambda owner: on)
            here = found.around(session, cursor, size) if found else ()
            return page(session, public(model, now), cursor=cursor, size=size, placed_here=here)

    return read


def walk(pages: Any, size: int) -> tuple[list[list[int]], list[list[int]]]:
    """Return the ids of all pages, as read on the way down and on the way back up."""
    down, up, cursor = [], [], None
    while True:
        found = pages(cursor, size)
        down.append([item.id for item in found.items])
        assert len(down) < 100
        if found.older is None:
            break
        # As an address carries it.
        cursor = Cursor.decode(found.older.encode())
    up.append(down[-1])
    while found.newer is not None:
        found = pages(Cursor.decode(found.newer.encode()), size)
        if not found.items:
            break
        up.append([item.id for item in found.items])
        assert len(up) < 100
    return down, up


def flat(pages: Iterable[list[int]]) -> list[int]:
    return list(chain.from_iterable(pages))


def expected(reader: Any, *units: Unit) -> list[int]:
    with reader() as session, unit_scope(*(u.id for u in units)):
        return list(session.scalars(select(Item.id).order_by(Item.sort_at.desc(), Item.id.desc())))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 11, 12, 20])
def test_pages_show_every_item_once_both_ways(
    fill: Any, pages: Any, reader: Any, unit: Unit, size: int
) -> None:
    # Ties longer than a page, and across its edge.
    fill([5, 5, 5, 7, 7, 7, 7, 7, 9, 3, 9, 5])
    wanted = expected(reader, unit)
    down, up = walk(pages, size)
    assert flat(down) == wanted
    assert flat(reversed(up)) == wanted
    assert all(len(one) == size for one in down[:-1])


def test_a_page_keeps_its_place_when_something_is_published(
    fill: Any, pages: Any, reader: Any, unit: Unit
) -> None:
    fill([1, 2, 3, 4, 5, 6])
    first = pages(None, 2)
    fill([20])
    second = pages(first.older, 2)
    assert [i.issued_on.day for i in (*first.items, *second.items)] == [6, 5, 4, 3]
    # An item that was the edge of a page may be gone.
    assert [i.issued_on.day for i in pages(second.newer, 9).items] == [20, 6, 5]


def test_an_empty_list_has_one_empty_page(pages: Any) -> None:
    assert pages() == Page(())
    assert pages(Cursor(TODAY, 5)) == Page(())
    assert pages(Cursor(TODAY, 5, backwards=True)) == Page(())


# -- placements --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 5, 20])
def test_items_of_others_are_merged_in(
    fill: Any, place: Any, pages: Any, reader: Any, unit: Unit, other_unit: Unit, size: int
) -> None:
    fill([2, 4, 5, 5, 8])
    place(fill([1, 3, 5, 5, 5, 9], other_unit), other_unit)
    wanted = expected(reader, unit, other_unit)
    down, up = walk(pages, size)
    assert flat(down) == wanted
    assert flat(reversed(up)) == wanted


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_what_its_owner_withdrew_disappears_and_hides_nothing(
    desk: Any, fill: Any, place: Any, pages: Any, reader: Any, unit: Unit, other_unit: Unit,
    size: int,
) -> None:  # fmt: skip
    own = fill([2, 4])
    foreign = fill([1, 3, 5, 6, 7, 8, 9, 10], other_unit)
    place(foreign, other_unit)
    with desk(other_unit) as work:
        for item_id in foreign[3:]:
            actions.unpublish(work, work.session.get_one(Item, item_id), "Sai số liệu")
    down, up = walk(pages, size)
    wanted = [foreign[2], own[1], foreign[1], own[0], foreign[0]]
    assert flat(down) == wanted
    assert flat(reversed(up)) == wanted


def test_a_placement_shows_one_item_and_no_more_of_its_unit(
    fill: Any, place: Any, reader: Any, site: Any, platform: Platform, other_unit: Unit
) -> None:
    shown, hidden = fill([5, 6], other_unit)
    place([shown], other_unit)
    now, model = platform.clock.now(), platform.types[TYPE].model
    with reader() as session:
        found = find(session, model, shown, now)
        assert found is not None
        assert found.unit_id == other_unit.id
        assert find(session, model, hidden, now) is None
        assert by_ids(session, [shown, hidden], now) == []
        # The scope is the unit's again.
        assert session.scalars(select(Item)).all() == []
    listed = site().get("/van-ban").text
    assert listed.count("1/KH-UBND") > 0
    assert "2/KH-UBND" not in listed
    assert f"hai.test/van-ban/{shown}" in listed


def test_without_placements_one_statement_is_asked(fill: Any, pages: Any, statements: Any) -> None:
    fill([1, 2])
    statements()
    pages()
    assert len(statements()) == 2


# -- cursors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("backwards", [True, False])
@pytest.mark.parametrize(
    "instant",
    [TODAY, datetime(1945, 9, 2, tzinfo=UTC), datetime(2023, 11, 27, 5, 0, 0, 123457, tzinfo=UTC)],
)
def test_a_cursor_survives_its_address(instant: datetime, backwards: bool) -> None:
    cursor = Cursor(instant, 12345, backwards)
    assert Cursor.decode(cursor.encode()) == cursor
    assert cursor.encode().isascii()


def forged(raw: str) -> str:
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "value",
    [
        None, "", "x", "====", "Ế", "\0", "a" * 10_000, forged(""), forged(">"), forged(">~"),
        forged(">1"), forged(">1~"), forged(">1~x"), forged(">x~1"), forged(">nan~1"),
        forged(">inf~1"), forged(">1e300~1"), forged(">-1e300~1"), forged(">1~" + "9" * 30),
        forged(">99999999999999~1"), forged(">1~1~1"),
    ],
)  # fmt: skip
def test_a_cursor_that_was_tampered_with_is_none(value: str | None) -> None:
    assert Cursor.decode(value) is None


@pytest.mark.parametrize("raw", [">0~0", "<0~-5", ">-62135596800~1", "<253402300799~1", "?5~7"])
def test_a_cursor_somebody_made_up_is_a_place_like_any(fill: Any, pages: Any, raw: str) -> None:
    fill([1, 2, 3])
    cursor = Cursor.decode(forged(raw))
    assert cursor is not None
    assert len(pages(cursor, 20).items) in (0, 3)


# -- counting and choosing ---------------------------------------------------------------------


def test_a_count_stops_at_its_limit(
    fill: Any, reader: Any, platform: Platform, publish: Any
) -> None:
    fill([1, 2, 3, 4, 5])
    model: Any = platform.types[TYPE].model
    chosen = public(model, platform.clock.now())
    with reader() as session:
        assert capped_count(session, chosen) == 5
        assert [capped_count(session, chosen, n) for n in (3, 4, 5, 6)] == [4, 5, 5, 5]
        # A condition on a column of the narrow table must not multiply the rows.
        assert capped_count(session, chosen.where(model.number == "2/KH-UBND")) == 1
        assert capped_count(session, chosen.where(model.number == "none")) == 0


def test_by_ids_keeps_the_order_asked_for(
    fill: Any, reader: Any, desk: Any, platform: Platform, other_unit: Unit
) -> None:
    a, b, c, gone = fill([1, 2, 3, 4])
    (foreign,) = fill([1], other_unit)
    with desk() as work:
        actions.unpublish(work, work.session.get_one(Item, gone), "Sai")
    with reader() as session:
        now = platform.clock.now()
        found = by_ids(session, [b, foreign, 999, c, gone, a], now)
        assert [item.id for item in found] == [b, c, a]
        assert by_ids(session, [], now) == []


def test_an_item_is_public_from_its_time_until_its_time(
    fill: Any, desk: Any, reader: Any, pages: Any, platform: Platform, clock: FrozenClock, site: Any
) -> None:
    (item_id,) = fill([1])
    start, end = TODAY + timedelta(hours=1), TODAY + timedelta(hours=2)
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        item.published_from, item.published_until = start, end
    model = platform.types[TYPE].model

    def is_shown() -> set[bool]:
        now = clock.now()
        with reader() as session:
            return {
                find(session, model, item_id, now) is not None,
                by_ids(session, [item_id], now) != [],
                pages().items != [] and pages().items != (),
                capped_count(session, public(model, now)) == 1,
                site().get(f"/van-ban/{item_id}", follow_redirects=True).status_code == 200,
                f"{item_id}-" in site().get("/sitemap.xml").text,
            }

    instants = {
        timedelta(0): False,
        timedelta(hours=1) - timedelta(microseconds=1): False,
        timedelta(hours=1): True,
        timedelta(hours=2) - timedelta(microseconds=1): True,
        timedelta(hours=2): False,
    }
    for offset, shown in instants.items():
        clock.move(TODAY + offset - clock.now())
        assert is_shown() == {shown}, offset


@pytest.mark.parametrize("state", ["draft", "submitted", "unpublished", "archived", "trashed"])
def test_no_other_state_is_public(
    app: Flask, fill: Any, desk: Any, reader: Any, platform: Platform, state: str
) -> None:
    (item_id,) = fill([1])
    with desk() as work:
        work.session.get_one(Item, item_id).state = state
    with app.app_context(), reader() as session:
        now = platform.clock.now()
        assert session.scalars(public(Item, now)).all() == []
        assert queries.find(session, Item, item_id, now) is None


def test_requirements_narrow_the_choice(fill: Any, reader: Any, platform: Platform) -> None:
    fill([1, 2])
    with reader() as session:
        now = platform.clock.now()
        for wanted, found in (
            (["administrative_documents"], 2),
            (["normative_documents"], 0),
            ([], 0),
        ):
            assert len(session.scalars(public(Item, now, wanted)).all()) == found


# -- through addresses -------------------------------------------------------------------------


def test_filters_search_and_years_combine(
    publish: Any, document: Any, site: Any, drain: Any
) -> None:
    publish(TYPE, **document("1/KH-UBND"))
    publish(TYPE, **document("2/QĐ-UBND", kind="QĐ", summary="cầu"))
    publish(TYPE, **document("3/QĐ-UBND", kind="QĐ", summary="cầu", issued_on="31/12/2024"))
    drain()

    def numbers(query: str) -> list[str]:
        found = site().get(f"/van-ban/data.json?{query}").get_json()
        assert found["total"] == len(found["items"])
        return [item["fields"]["number"] for item in found["items"]]

    everything = ["3/QĐ-UBND", "2/QĐ-UBND", "1/KH-UBND"]
    for query, expected_numbers in {
        "": everything,
        "loai=QĐ": everything[:2],
        "nam=2023": everything[1:],
        "nam=2023&loai=QĐ": ["2/QĐ-UBND"],
        "q=cau&nam=2024": ["3/QĐ-UBND"],
        "q=cau&loai=KH": [],
        "loai=khong-co": [],
        "nam=abc": everything,
        "khac=1": everything,
    }.items():
        assert numbers(query) == expected_numbers, query


def test_addresses_lead_through_every_item_of_the_unit_and_those_placed_there(
    fill: Any, place: Any, site: Any, other_unit: Unit
) -> None:
    own = fill([*range(1, 26)] * 2)
    foreign = fill([3, 9, 17], other_unit)
    place(foreign, other_unit)
    seen, path = [], "/van-ban/data.json"
    while path:
        page_ = site().get(path).get_json()
        assert page_["total"] == len(own) + len(foreign)
        seen += [item["id"] for item in page_["items"]]
        path = page_["older"].replace("/van-ban?", "/van-ban/data.json?")
    assert sorted(seen) == sorted([*own, *foreign])
