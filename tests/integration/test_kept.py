"""Parts of pages are kept in memory, and are never older than what the database says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hoitu.core import stamp
from hoitu.core.content import Item, actions, queries
from hoitu.core.kept import LIFE, LIMIT, Kept
from hoitu.core.units import all_units
from hoitu.core.web import Panel
from hoitu.core.web.site import kept

ARTICLE = {
    "requirement": "unit_activities",
    "genre": "news",
    "origin": "own",
    "title": "Phường ra quân dọn vệ sinh",
    "summary": "Sáng nay.",
    "body": "<p>Sáng nay.</p>",
}


@pytest.fixture
def contents(platform: Any) -> Callable[[], int]:
    """Return a function that reads the content stamp."""

    def read() -> int:
        with platform.open_session(False) as session:
            return stamp.read(session)[1]

    return read


def test_another_process_shows_the_change_at_its_next_request(
    make_app: Callable[..., Any], publish: Callable[..., int], site: Any
) -> None:
    visitor = make_app().test_client()
    host = {"Host": site().host}
    for path in ("/", "/tin-tuc"):
        assert "dọn vệ sinh" not in visitor.get(path, headers=host).text
    publish("news_article", **ARTICLE)
    for path in ("/", "/tin-tuc"):
        assert "dọn vệ sinh" in visitor.get(path, headers=host).text
    assert "1 kết quả" in visitor.get("/tin-tuc", headers=host).text


def test_a_unit_never_sees_what_another_unit_keeps(
    site: Any, publish: Callable[..., int], other_unit: Any
) -> None:
    publish("news_article", **ARTICLE)
    assert "dọn vệ sinh" in site().get("/").text
    assert "dọn vệ sinh" not in site(other_unit).get("/").text
    assert "Trang chủ" not in site().get("/en/").text


def test_what_was_planned_shows_within_a_minute(site: Any, desk: Any, clock: Any) -> None:
    with desk() as work:
        item = actions.publish(work, actions.create(work, "news_article", ARTICLE))
        item.published_from = work.now() + timedelta(hours=1)
    assert "dọn vệ sinh" not in site().get("/").text
    clock.move(timedelta(hours=1) - LIFE / 2)
    assert "dọn vệ sinh" not in site().get("/").text
    clock.move(LIFE)
    assert "dọn vệ sinh" in site().get("/").text


def test_every_way_of_writing_moves_the_stamp(
    publish: Callable[..., int], desk: Any, contents: Callable[[], int]
) -> None:
    item_id = publish("news_article", **ARTICLE)
    before = contents()
    with desk() as work:
        work.session.execute(update(Item).where(Item.id == item_id).values(summary="Chiều nay."))
    assert contents() == before + 1
    with desk() as work:
        for title in ("Một", "Hai"):
            work.session.get(Item, item_id).title = title
            work.session.flush()
    assert contents() == before + 2


def test_a_savepoint_rolled_back_does_not_hide_a_later_change(
    publish: Callable[..., int], desk: Any, contents: Callable[[], int]
) -> None:
    item_id = publish("news_article", **ARTICLE)
    before = contents()
    with desk() as work:
        item = work.session.get(Item, item_id)
        savepoint = work.session.begin_nested()
        item.title = "Bỏ"
        work.session.flush()
        savepoint.rollback()
        item.title = "Giữ"
    assert contents() == before + 1


def test_reading_moves_nothing(
    publish: Callable[..., int], platform: Any, contents: Callable[[], int], site: Any
) -> None:
    publish("news_article", **ARTICLE)
    before = contents()
    site().get("/tin-tuc")
    with platform.open_session(False) as session, all_units("a test"):
        assert queries.public(Item, platform.clock.now()) is not None
        session.rollback()
    assert contents() == before


def test_what_a_failing_plugin_left_out_is_not_kept(
    site: Any, platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [Panel("x", "Khung", "no/such/template.html", {}, 1)]
    monkeypatch.setattr(platform.hooks, "home_panels", lambda unit: broken)
    assert site().get("/").status_code == 200
    monkeypatch.undo()
    assert "panel" in site().get("/").text


def test_no_more_is_kept_than_the_limit() -> None:
    shelf = Kept()
    for number in range(LIMIT + 1):
        shelf.store(number, number)
    assert shelf.find(LIMIT - 1) == LIMIT - 1
    assert shelf.find(LIMIT) is None


def test_late_results_do_not_reach_the_next_state(app: Any, site: Any, platform: Any) -> None:
    with app.test_request_context(base_url=f"http://{site().host}"):
        app.preprocess_request()

        def compute() -> str:
            platform.kept = Kept()
            return "old"

        assert kept("late", compute) == "old"
    assert platform.kept.find("late") is None
    assert not platform.kept._values


def test_names_that_visitors_choose_fill_no_memory(site: Any, platform: Any, app: Any) -> None:
    own = site()
    own.get("/")
    kept_before = len(platform.kept._values)
    assert kept_before
    for port in range(1000, 1005):
        assert own.client.get("/", headers={"Host": f"{own.host}:{port}"}).status_code == 200
    assert len(platform.kept._values) == kept_before
