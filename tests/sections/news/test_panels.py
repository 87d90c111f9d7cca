from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hoitu.core.clock import FrozenClock
from hoitu.core.testing.fixtures import Site

Open = Callable[..., Site]
Publish = Callable[..., int]


def article(publish: Publish, clock: FrozenClock, title: str, channel: str) -> None:
    clock.move(timedelta(minutes=1))
    values: dict[str, Any] = {"genre": "news", "origin": "own", "summary": f"Tóm tắt {title}."}
    publish("news_article", requirement=channel, title=title, **values)


def panels(site: Open) -> dict[str, list[str]]:
    """Return the titles in each news panel of the home page."""
    blocks = re.findall(
        r'<section class="panel" aria-labelledby="panel-(news_\w+)">(.*?)</section>',
        site().get("/").text,
        re.DOTALL,
    )
    return {name: re.findall(r'href="/tin-tuc/\d[^>]*>([^<]+)</a>', text) for name, text in blocks}


def test_no_panel_without_news(site: Open) -> None:
    assert panels(site) == {}


def test_newest_article_is_large_and_first(
    site: Open, publish: Publish, clock: FrozenClock
) -> None:
    for n in range(7):
        article(publish, clock, f"Tin {n}", "unit_activities")
    assert panels(site) == {"news_hot": ["Tin 6", "Tin 5", "Tin 4", "Tin 3", "Tin 2", "Tin 1"]}
    page = site().get("/").text
    large = page[page.index('class="hot"') : page.index("</article>")]
    assert "Tin 6" in large
    assert "Tóm tắt Tin 6." in large


def test_channels_have_panels_of_what_is_not_shown_yet(
    site: Open, publish: Publish, clock: FrozenClock
) -> None:
    for n in range(6):
        article(publish, clock, f"Lãnh đạo {n}", "leader_activities")
    for n in range(2):
        article(publish, clock, f"Chuyển đổi {n}", "digital_transformation")
    found = panels(site)
    assert found["news_hot"] == [
        "Chuyển đổi 1", "Chuyển đổi 0", "Lãnh đạo 5", "Lãnh đạo 4", "Lãnh đạo 3", "Lãnh đạo 2",
    ]  # fmt: skip
    assert found["news_leader_activities"] == ["Lãnh đạo 1", "Lãnh đạo 0"]
    assert "news_digital_transformation" not in found


def test_panel_of_a_channel_that_is_off_is_left_out(
    site: Open, publish: Publish, clock: FrozenClock, waive: Callable[..., None]
) -> None:
    for n in range(8):
        article(publish, clock, f"Lãnh đạo {n}", "leader_activities")
    assert set(panels(site)) == {"news_hot", "news_leader_activities"}
    waive("news", "leader_activities")
    assert panels(site) == {}


def test_menu_has_a_child_for_each_channel(site: Open) -> None:
    page = site().get("/").text
    for key in ("unit_activities", "leader_activities", "digital_transformation"):
        assert f'href="/tin-tuc?nhom={key}"' in page
