from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest

from hoitu.core.clock import FrozenClock
from hoitu.core.content.files import upload
from hoitu.core.testing.fixtures import Site
from hoitu.sections.topics.models import Topic
from hoitu.sections.topics.rules import problems

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
TOPIC: dict[str, Any] = {
    "title": "Chuyển đổi số",
    "starts_on": "01/11/2026",
    "ends_on": "30/11/2026",
    "mandate": "Chuyển đổi số",
}
NEWS: dict[str, Any] = {
    "requirement": "unit_activities",
    "genre": "news",
    "title": "Tin của chuyên đề",
    "origin": "own",
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000000"
    "00020001e221bc330000000049454e44ae426082"
)


@pytest.fixture
def context(app: Any) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        (Topic(starts_on=FIRST, ends_on=LAST, entries=[]), []),
        (Topic(starts_on=FIRST, ends_on=None, entries=[]), []),
        (Topic(starts_on=LAST, ends_on=FIRST, entries=[]), ["ends_on"]),
        (Topic(entries=[{"item": 1, "note": ""}, {"item": 2, "note": ""}]), []),
        (Topic(entries=[{"item": 1, "note": ""}, {"item": 1, "note": "x"}]), ["entries"]),
        (Topic(entries=[{"item": None, "note": "x"}]), ["entries"]),
        (Topic(id=7, entries=[{"item": 7, "note": ""}]), ["entries"]),
    ],
)
def test_problems(topic: Topic, fields: list[str]) -> None:
    assert [problem.field for problem in problems(topic)] == fields


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (FIRST - timedelta(days=1), "upcoming"),
        (FIRST, "running"),
        (LAST, "running"),
        (LAST + timedelta(days=1), "ended"),
    ],
)
def test_a_topic_runs_on_its_first_and_last_day(day: date, state: str) -> None:
    assert Topic(starts_on=FIRST, ends_on=LAST).state_on(day) == state


def test_entries_come_from_any_section_and_leave_with_it(
    site: Callable[..., Site],
    publish: Callable[..., int],
    document: Callable[..., dict[str, object]],
    waive: Callable[..., None],
    unpublish: Callable[..., None],
) -> None:
    news, paper = publish("news_article", **NEWS), publish("legal_document", **document())
    entries = [{"item": paper, "note": "Kế hoạch gốc"}, {"item": news, "note": ""}]
    topic = publish("topic", **TOPIC, entries=entries)
    page = site().get(f"/chuyen-de/{topic}", follow_redirects=True).text
    assert page.index("Kế hoạch gốc") < page.index("Tin của chuyên đề")
    assert "Kế hoạch gốc" in site().get(f"/chuyen-de/{topic}-chuyen-doi-so/in").text
    unpublish(paper)
    waive("news", "unit_activities")
    page = site().get(f"/chuyen-de/{topic}", follow_redirects=True).text
    assert "Kế hoạch gốc" not in page
    assert "Tin của chuyên đề" not in page


def test_an_entry_of_another_unit_is_refused(
    publish: Callable[..., int], other_unit: Any, desk: Callable[..., Any]
) -> None:
    from hoitu.core.content import Refused, actions

    foreign = publish("news_article", at=other_unit, **NEWS)
    with desk() as work:
        with pytest.raises(Refused):
            actions.create(work, "topic", {**TOPIC, "entries": [{"item": foreign, "note": ""}]})
        work.session.rollback()


def test_the_clock_moves_a_topic_from_list_to_archive(
    site: Callable[..., Site], publish: Callable[..., int], clock: FrozenClock
) -> None:
    publish("topic", **TOPIC)
    publish("topic", **{**TOPIC, "title": "Tết", "starts_on": "01/12/2026", "ends_on": None})
    page = site().get("/chuyen-de").text
    assert "Chuyên đề đang diễn ra" in page
    assert "Tết" not in page
    assert "Chuyển đổi số" in site().get("/").text
    clock.move(timedelta(days=9))
    page = site().get("/chuyen-de").text
    assert page.index("Tết") < page.index("Chuyên đề trước đây") < page.index("Chuyển đổi số</a>")


def test_the_banner_is_shown_once_it_is_described(
    app: Any, site: Callable[..., Site], publish: Callable[..., int], desk: Callable[..., Any]
) -> None:
    with desk() as work:
        file = upload(work, app.extensions["hoitu"].files, "anh.png", BytesIO(PNG)).id
    plain = publish("topic", **TOPIC, attachments=[file])
    assert (
        "<img"
        not in site()
        .get(f"/chuyen-de/{plain}", follow_redirects=True)
        .text.partition("<main")[2]
        .partition("</main")[0]
    )
    told = publish("topic", **TOPIC, attachments=[file], banner_alt="Cầu Trường Tiền")
    page = site().get(f"/chuyen-de/{told}", follow_redirects=True).text
    assert 'alt="Cầu Trường Tiền"' in page


def test_lists_cost_the_same_at_any_length(
    cost: Callable[[str], int], publish: Callable[..., int]
) -> None:
    publish("topic", **TOPIC)
    few = cost("/chuyen-de")
    for _ in range(10):
        publish("topic", **TOPIC)
    assert cost("/chuyen-de") == few <= 8
