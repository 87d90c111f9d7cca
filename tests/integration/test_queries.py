"""Public lists: what is public, in which order, page by page, and what is shown for others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hoitu.core.clock import FrozenClock
from hoitu.core.content import Cursor, Item, ItemPlacement, Redirect, actions, queries
from hoitu.core.extensions import Platform
from hoitu.core.units import Unit, all_units, unit_scope
from hoitu.sections.legal_documents.models import LegalDocument

TYPE = "legal_document"
Values = Callable[..., dict[str, object]]


@pytest.fixture
def fill(platform: Platform, unit: Unit) -> Callable[..., list[int]]:
    """Return a function that adds public documents of a unit, one a day; ids, newest first."""

    def add(count: int, at: Unit | None = None, *, same_instant: bool = False) -> list[int]:
        owner = (at or unit).id
        now = platform.clock.now()
        first = datetime(2026, 1, 1, tzinfo=UTC)
        with platform.open_session(True) as session, unit_scope(owner):
            rows = [
                LegalDocument(
                    uid=f"{owner}-{number}", section="legal_documents", state="published",
                    requirement="administrative_documents", title=f"Kế hoạch {number}/KH-UBND",
                    slug=f"ke-hoach-{number}", number=f"{number}/KH-UBND", kind="KH",
                    issuer="UBND", number_key=f"{number}khubnd", published_from=first,
                    sort_at=first if same_instant else first + timedelta(hours=number),
                    created_at=now, updated_at=now,
                )
                for number in range(count)
            ]  # fmt: skip
            session.add_all(rows)
            session.commit()
            return [row.id for row in reversed(rows)]

    return add


def walk(session: Any, chosen: Any, size: int, start: Cursor | None = None) -> list[list[int]]:
    """Return the ids of every page from ``start`` to the older end."""
    pages, cursor = [], start
    while True:
        page = queries.page(session, chosen, cursor=cursor, size=size)
        pages.append([item.id for item in page.items])
        if page.older is None:
            return pages
        cursor = page.older


def test_only_what_is_published_and_due_is_public(
    desk: Any, document: Values, site: Any, clock: FrozenClock
) -> None:
    with desk() as work:
        ids = {}
        for number, name in enumerate(("draft", "public", "later", "over", "trashed"), start=1):
            item = actions.create(work, TYPE, document(f"{number}/KH-UBND"))
            ids[name] = item.id
            if name in ("public", "later", "over"):
                actions.publish(work, item)
            if name == "later":
                item.published_from = clock.now() + timedelta(hours=1)
            if name == "over":
                item.published_until = clock.now() + timedelta(hours=1)
            if name == "trashed":
                actions.trash(work, item)

    def shown() -> set[str]:
        listed = site().get("/van-ban/data.json").get_json()["items"]
        found = {name for name, item_id in ids.items() if item_id in [i["id"] for i in listed]}
        opened = {n for n, i in ids.items() if site().get(f"/van-ban/{i}").status_code == 301}
        assert found == opened
        return found

    assert shown() == {"public", "over"}
    clock.move(timedelta(hours=1))
    assert shown() == {"public", "later"}


@pytest.mark.parametrize("same_instant", [False, True])
def test_pages_fit_together_in_both_directions(
    fill: Any, platform: Platform, unit: Unit, same_instant: bool
) -> None:
    ids = fill(47, same_instant=same_instant)
    with platform.open_session(False) as session, unit_scope(unit.id):
        chosen = queries.public(LegalDocument, platform.clock.now())
        pages = walk(session, chosen, 10)
        assert [len(page) for page in pages] == [10, 10, 10, 10, 7]
        assert [i for page in pages for i in page] == ids
        # And back again from the oldest.
        last = session.get_one(Item, ids[-1])
        cursor = Cursor(last.sort_at, last.id, backwards=True)
        back: list[list[int]] = []
        while cursor is not None:
            page = queries.page(session, chosen, cursor=cursor, size=10)
            back.insert(0, [item.id for item in page.items])
            cursor = page.newer  # type: ignore[assignment]
        assert [i for page in back for i in page] == ids[:-1]


def test_a_new_item_does_not_shift_the_pages_a_reader_is_in(
    fill: Any, site: Any, publish: Any, document: Values
) -> None:
    ids = fill(25)
    first = site().get("/van-ban/data.json").get_json()
    publish(TYPE, **document(issued_on="22/11/2026"))
    older = first["older"].replace("/van-ban?", "/van-ban/data.json?")
    second = site().get(older).get_json()
    seen = [item["id"] for item in first["items"] + second["items"]]
    assert seen == ids
    assert site().get("/van-ban/data.json").get_json()["total"] == 26


def test_a_cursor_survives_its_trip_through_an_address() -> None:
    for at in (
        datetime(1802, 6, 1, tzinfo=UTC),
        datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC),
    ):
        for backwards in (False, True):
            cursor = Cursor(at, 10**17, backwards)
            assert Cursor.decode(cursor.encode()) == cursor
    for nonsense in (None, "", "x", "é", "====", "Pg"):
        assert Cursor.decode(nonsense) is None


def test_a_count_stops_where_readers_stop_counting(
    fill: Any, platform: Platform, unit: Unit
) -> None:
    fill(12)
    with platform.open_session(False) as session, unit_scope(unit.id):
        chosen = queries.public(LegalDocument, platform.clock.now())
        assert queries.capped_count(session, chosen, 100) == 12
        assert queries.capped_count(session, chosen, 10) == 11


def test_filters_search_and_years_combine(
    publish: Any, document: Values, site: Any, drain: Any
) -> None:
    publish(TYPE, **document("1/KH-UBND", issued_on="27/11/2023"))
    publish(TYPE, **document("2/QĐ-UBND", kind="QĐ", issued_on="27/11/2023", summary="cầu"))
    publish(TYPE, **document("3/QĐ-UBND", kind="QĐ", issued_on="31/12/2024", summary="cầu"))
    drain()

    def numbers(query: str) -> list[str]:
        found = site().get(f"/van-ban/data.json?{query}").get_json()
        assert found["total"] == len(found["items"])
        return [item["number"] for item in found["items"]]

    assert numbers("") == ["3/QĐ-UBND", "2/QĐ-UBND", "1/KH-UBND"]
    assert numbers("loai=QĐ") == ["3/QĐ-UBND", "2/QĐ-UBND"]
    assert numbers("nam=2023") == ["2/QĐ-UBND", "1/KH-UBND"]
    assert numbers("nam=2023&loai=QĐ") == ["2/QĐ-UBND"]
    assert numbers("q=cau&nam=2024") == ["3/QĐ-UBND"]
    assert numbers("q=cau&loai=KH") == []
    assert numbers("loai=khong-co") == []
    assert numbers("nam=abc") == numbers("")
    assert numbers("khac=1") == numbers("")


# -- shown for others --------------------------------------------------------------------------


@pytest.fixture
def placed(
    platform: Platform, publish: Any, document: Values, unit: Unit, other_unit: Unit, clock: Any
) -> int:
    """Publish a document of B and show it at A."""
    item_id: int = publish(TYPE, at=other_unit, **document("777/KH-UBND", issued_on="01/06/2026"))
    with platform.open_session(True) as session, all_units("placing"):
        item = session.get_one(Item, item_id)
        session.add(
            ItemPlacement(
                item_id=item_id, unit_id=unit.id, owner_id=other_unit.id,
                section="legal_documents", type=TYPE, requirement="administrative_documents",
                sort_at=item.sort_at,
            )
        )  # fmt: skip
        session.commit()
    return item_id


def test_what_is_placed_at_a_unit_is_listed_there_in_its_order(
    placed: int, site: Any, publish: Any, document: Values, units: Any
) -> None:
    publish(TYPE, **document("1/KH-UBND", issued_on="01/05/2026"))
    publish(TYPE, **document("2/KH-UBND", issued_on="01/07/2026"))
    listed = site().get("/van-ban/data.json").get_json()
    assert [i["number"] for i in listed["items"]] == ["2/KH-UBND", "777/KH-UBND", "1/KH-UBND"]
    assert site().get(f"/van-ban/{placed}").status_code == 301
    # At its own unit it has its address; at a third one it is not known.
    assert "hai.test" in listed["items"][1]["address"]
    assert site(units("so-thu")).get(f"/van-ban/{placed}").status_code == 404
    assert "777" not in site(units("so-thu")).get("/van-ban").text


def test_what_its_owner_withdraws_is_gone_everywhere(
    placed: int, site: Any, desk: Any, other_unit: Unit
) -> None:
    with desk(other_unit) as work:
        actions.unpublish(work, work.session.get_one(Item, placed), "Sai")
    assert "777" not in site().get("/van-ban").text
    assert site().get(f"/van-ban/{placed}").status_code == 404


def test_pages_fit_together_with_placed_items_among_them(placed: int, fill: Any, site: Any) -> None:
    ids = fill(45)
    seen, path = [], "/van-ban/data.json"
    while path:
        page = site().get(path).get_json()
        seen += [item["id"] for item in page["items"]]
        path = page["older"].replace("/van-ban?", "/van-ban/data.json?") if page["older"] else ""
    assert sorted(seen) == sorted([*ids, placed])


# -- old addresses -----------------------------------------------------------------------------


def test_old_addresses_lead_on_or_say_that_it_is_gone(
    platform: Platform, site: Any, unit: Unit, other_unit: Unit
) -> None:
    with platform.open_session(True) as session, unit_scope(unit.id):
        session.add(Redirect(path="/cu/bai-1.html", target="/van-ban"))
        session.add(Redirect(path="/cu/bai-2.html", target=""))
        session.commit()
    answer = site().get("/cu/bai-1.html")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/van-ban")
    assert site().get("/cu/bai-2.html").status_code == 410
    assert site(other_unit).get("/cu/bai-1.html").status_code == 404
