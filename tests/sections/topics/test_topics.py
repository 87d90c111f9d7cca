from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest

from hoitu.core.clock import FrozenClock
from hoitu.core.content import File, Item, ItemFile, Refused, actions
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
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63f80f0001"
    "010100b138f6140000000049454e44ae426082"
)


def main(visitor: Site, path: str, **options: Any) -> str:
    """Return the page without its frame: the menu names topics, too."""
    page = visitor.get(path, **options).text
    return page.partition("<main")[2].partition("</main")[0]


def panel(visitor: Site) -> str:
    """Return the block of topics on the home page."""
    return visitor.get("/").text.partition('id="panel-topics"')[2].partition("</section")[0]


def picture(media_type: str) -> ItemFile:
    return ItemFile(file=File(media_type=media_type))


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
        (Topic(entries=[], attachment_rows=[picture("image/png")]), ["banner_alt"]),
        (Topic(entries=[], attachment_rows=[picture("image/png")], banner_alt="Cầu"), []),
        (Topic(entries=[], attachment_rows=[picture("application/pdf")]), []),
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
    foreign = publish("news_article", at=other_unit, **NEWS)
    with desk() as work:
        with pytest.raises(Refused):
            actions.create(work, "topic", {**TOPIC, "entries": [{"item": foreign, "note": ""}]})
        work.session.rollback()


def test_the_clock_moves_a_topic_from_list_to_archive(
    site: Callable[..., Site], publish: Callable[..., int], clock: FrozenClock
) -> None:
    publish("topic", **TOPIC)
    later = publish(
        "topic", **{**TOPIC, "title": "Tết", "starts_on": "01/12/2026", "ends_on": None}
    )
    page = main(site(), "/chuyen-de")
    assert "Chuyên đề đang diễn ra" in page
    for path in ("", "/feed.atom", "/data.json", "/data.csv"):
        assert "Tết" not in site().get(f"/chuyen-de{path}").text, path
    assert site().get(f"/chuyen-de/{later}").status_code == 404
    assert "Chuyển đổi số" in panel(site())
    clock.move(timedelta(days=9))
    page = main(site(), "/chuyen-de")
    assert page.index("Tết") < page.index("Chuyên đề trước đây") < page.index("Chuyển đổi số</a>")
    assert "Tết" in panel(site())
    assert "Chuyển đổi số" not in panel(site())


def test_a_first_day_put_forward_opens_the_topic_at_once(
    site: Callable[..., Site], publish: Callable[..., int], desk: Callable[..., Any]
) -> None:
    topic = publish("topic", **{**TOPIC, "starts_on": "01/12/2026", "ends_on": None})
    assert site().get(f"/chuyen-de/{topic}").status_code == 404
    with desk() as work:
        item = work.session.get(Topic, topic)
        actions.edit(work, item, {"starts_on": "20/11/2026"})
        actions.publish(work, item)
    assert site().get(f"/chuyen-de/{topic}", follow_redirects=True).status_code == 200


def test_search_knows_a_topic_that_the_clock_opened(
    app: Any,
    desk: Any,
    site: Callable[..., Site],
    publish: Callable[..., int],
    clock: FrozenClock,
    drain: Callable[[], None],
) -> None:
    topic = publish("topic", **{**TOPIC, "title": "Tết", "starts_on": "24/11/2026"})
    with desk() as work:
        draft = actions.translate(work, work.session.get_one(Item, topic), "en")
        actions.publish(work, actions.edit(work, draft, {"title": "Lunar holiday"}))
    drain()
    assert "Tết</a>" not in site().get("/tim-kiem?q=tet").text
    clock.move(timedelta(days=2))
    drain()
    assert "Tết" in main(site(), "/tim-kiem?q=tet").partition("<ul")[2]
    assert "Lunar holiday" in main(site(), "/en/tim-kiem?q=lunar").partition("<ul")[2]


def test_all_running_topics_stand_before_those_that_are_over(
    site: Callable[..., Site], publish: Callable[..., int]
) -> None:
    old = {**TOPIC, "title": "Kênh lâu năm", "starts_on": "01/01/2020", "ends_on": None}
    publish("topic", **old)
    for number in range(22):
        over = {"starts_on": "01/10/2026", "ends_on": "31/10/2026"}
        publish("topic", **{**TOPIC, **over, "title": f"Đợt {number}"})
    page = main(site(), "/chuyen-de")
    assert page.index("Kênh lâu năm") < page.index("Đợt 21")
    older = re.search(r'href="([^"]*tu=[^"]*)"', page)
    assert older is not None
    page = main(site(), unescape(older[1]))
    assert "Kênh lâu năm" not in page
    assert "Đợt 0" in page
    assert "Kênh lâu năm" in main(site(), "/chuyen-de?nam=2020")


def test_keywords_bring_the_newest_that_name_them(
    site: Callable[..., Site],
    publish: Callable[..., int],
    other_unit: Any,
    drain: Callable[[], None],
    waive: Callable[..., None],
) -> None:
    chosen = publish("news_article", **{**NEWS, "title": "Bài đã chọn về an toàn giao thông"})
    publish("news_article", **{**NEWS, "title": "Tháng An toàn giao thông"})
    publish("news_article", **{**NEWS, "title": "An toàn lao động và giao thông"})
    publish("news_article", at=other_unit, **{**NEWS, "title": "Nơi khác an toàn giao thông"})
    topic = publish(
        "topic",
        **{**TOPIC, "title": "An toàn giao thông"},
        keywords="an toan giao thong, ,",
        entries=[{"item": chosen, "note": ""}],
    )
    drain()
    page = main(site(), f"/chuyen-de/{topic}", follow_redirects=True)
    assert page.count("Bài đã chọn") == 1
    assert page.index("Mới nhất về chuyên đề") < page.index("Tháng An toàn giao thông")
    assert "An toàn lao động" not in page
    assert "Nơi khác" not in page
    waive("news", "unit_activities")
    page = main(site(), f"/chuyen-de/{topic}", follow_redirects=True)
    assert "Tháng An toàn" not in page
    assert "chưa có bài nào" in page


def test_a_banner_needs_a_description(
    app: Any, site: Callable[..., Site], publish: Callable[..., int], desk: Callable[..., Any]
) -> None:
    with desk() as work:
        file = upload(work, app.extensions["hoitu"].files, "anh.png", BytesIO(PNG)).id
    with pytest.raises(Refused):
        publish("topic", **TOPIC, attachments=[file])
    told = publish("topic", **TOPIC, attachments=[file], banner_alt="Cầu Trường Tiền")
    page = main(site(), f"/chuyen-de/{told}", follow_redirects=True)
    assert page.count('alt="Cầu Trường Tiền"') == 1
    assert "anh.png" not in page.partition("</figure>")[2]


@pytest.mark.parametrize("path", ["", "/in", ".json"])
def test_nothing_is_shown_at_another_unit(
    site: Callable[..., Site], publish: Callable[..., int], other_unit: Any, path: str
) -> None:
    place = f"/chuyen-de/{publish('topic', **TOPIC)}-chuyen-doi-so{path}"
    assert site().get(place).status_code == 200
    assert site(other_unit).get(place).status_code == 404


def test_what_is_off_is_gone(
    site: Callable[..., Site], publish: Callable[..., int], waive: Callable[..., None]
) -> None:
    topic = publish("topic", **TOPIC)
    waive("topics", "topic_channels")
    for path in ("", f"/{topic}", "/feed.atom"):
        assert site().get(f"/chuyen-de{path}").status_code == 404
    home = site().get("/").text
    assert '"/chuyen-de' not in home


@pytest.mark.parametrize("query", ["tu=%00", "nam=abcd", "q=%3Cscript%3E", "tu=Pg"])
def test_odd_addresses_are_answered(site: Callable[..., Site], query: str) -> None:
    assert site().get(f"/chuyen-de?{query}").status_code == 200


def test_lists_cost_the_same_at_any_length(
    cost: Callable[[str], int], publish: Callable[..., int]
) -> None:
    publish("topic", **TOPIC)
    few = cost("/chuyen-de")
    for _ in range(10):
        publish("topic", **TOPIC)
    assert cost("/chuyen-de") == few <= 8
