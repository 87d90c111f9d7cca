"""Feeding search: what one item does wrong is its own affair."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ContentType, Item
from hoitu.core.events import OutboxEntry
from hoitu.core.extensions import Platform
from hoitu.core.jobs import indexing
from hoitu.core.jobs.queue import DONE, READY, JobRow
from hoitu.core.search import SearchDocument, SearchQuery
from hoitu.core.units import all_units

TYPE = "legal_document"
NEWS = {"requirement": "unit_activities", "genre": "news", "origin": "own"}


@pytest.fixture
def three(publish: Callable[..., int], document: Callable[..., dict[str, object]]) -> list[int]:
    """The ids of three documents nobody was told of yet; the second is the bad one."""
    return [publish(TYPE, **document(f"{n}/KH-UBND")) for n in (1, 2, 3)]


@pytest.fixture
def found(platform: Platform) -> Callable[[], set[int]]:
    def ids() -> set[int]:
        return {hit.id for hit in platform.search.search(SearchQuery("hội tụ")).hits}

    return ids


@pytest.fixture
def again(platform: Platform) -> Callable[[], list[tuple[str, int]]]:
    """Return a function that lists (state, attempts) of the jobs that feed search again."""

    def jobs() -> list[tuple[str, int]]:
        with platform.open_session(False) as session:
            rows = session.scalars(select(JobRow).where(JobRow.name == "core.index"))
            return [(row.state, row.attempts) for row in rows]

    return jobs


def undelivered(platform: Platform) -> list[int]:
    with platform.open_session(False) as session:
        waiting = select(OutboxEntry.id).where(OutboxEntry.delivered_at.is_(None))
        return list(session.scalars(waiting))


def test_numbers_and_days_are_found_as_text(
    platform: Platform, three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = platform.types[TYPE]
    odd = replace(kind, name_fields=("id", "issued_on", "effective_on", "number"))
    monkeypatch.setitem(
        odd.__dict__,
        "fields",
        {
            n: replace(f, search="exact") if f.search != "text" else f
            for n, f in kind.fields.items()
        },
    )
    with platform.open_session(False) as session, all_units("a test"):
        item: Any = session.get_one(Item, three[0])
        assert (item.issued_on, item.effective_on) == (date(2023, 11, 27), None)
        made = odd.search_document(item)
    assert made.title == f"{three[0]} 2023-11-27 1/KH-UBND"
    assert {"2023-11-27", "1/KH-UBND"} <= set(made.number.split())
    assert "None" not in made.number


def test_an_item_without_a_document_keeps_no_other_out(
    platform: Platform,
    three: list[int],
    found: Any,
    again: Any,
    drain: Any,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make = ContentType.search_document

    def broken(kind: ContentType, item: Item) -> SearchDocument:
        if item.id == three[1]:
            raise TypeError("not a text")
        return make(kind, item)

    with monkeypatch.context() as patch:
        patch.setattr(ContentType, "search_document", broken)
        drain()
        assert found() == {three[0], three[2]}
        assert undelivered(platform) == []
        assert again() == [(READY, 1)]
        with platform.open_session(False) as session, all_units("a rebuild"):
            read = indexing.documents(session, platform.types, clock.now())
            assert platform.search.rebuild(read) == 2
    clock.move(timedelta(seconds=2))
    drain()
    assert found() == set(three)
    assert again() == [(DONE, 2)]


def test_a_document_the_engine_refuses_keeps_no_other_out(
    platform: Platform,
    three: list[int],
    found: Any,
    again: Any,
    drain: Any,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drain()
    index = platform.search.index

    def picky(documents: Iterable[SearchDocument]) -> int:
        given = list(documents)
        if any(d.id == three[1] for d in given):
            raise ValueError("no such word")
        return index(given)

    with platform.open_session(True) as session:
        for entry in session.scalars(select(OutboxEntry)):
            entry.delivered_at = None
        session.commit()
    with monkeypatch.context() as patch:
        patch.setattr(platform.search, "index", picky)
        drain()
        assert found() == {three[0], three[2]}, "its old text is not found either"
        assert undelivered(platform) == []
    clock.move(timedelta(seconds=2))
    drain()
    assert found() == set(three)
    assert again() == [(DONE, 2)]


def test_a_type_that_cannot_be_read_keeps_no_other_out(
    platform: Platform,
    three: list[int],
    publish: Callable[..., int],
    found: Any,
    drain: Any,
    clock: FrozenClock,
) -> None:
    article = publish("news_article", title="Nền tảng hội tụ", **NEWS)
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("alter table legal_document rename to elsewhere")
    drain()
    assert found() == {article}
    assert undelivered(platform) == []
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("alter table elsewhere rename to legal_document")
    clock.move(timedelta(seconds=2))
    drain()
    assert found() == {article, *three}


def test_an_index_out_of_reach_is_fed_when_it_is_back(
    platform: Platform,
    three: list[int],
    found: Any,
    again: Any,
    drain: Any,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable(_documents: Iterable[SearchDocument]) -> int:
        raise ConnectionRefusedError("nobody listens")

    with monkeypatch.context() as patch:
        patch.setattr(platform.search, "index", unreachable)
        for _ in range(12):
            drain()
            clock.move(timedelta(minutes=1))
        assert undelivered(platform) == []
        assert again() == [(READY, 0)] * 3, "an outage is nobody's fault"
    drain()
    assert found() == set(three)
