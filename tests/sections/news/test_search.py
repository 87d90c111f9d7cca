from __future__ import annotations

from collections.abc import Callable

import pytest

from hoitu.core.testing.fixtures import Site

TITLE = "Đối thoại với hợp tác xã nông nghiệp"
VALUES = {
    "requirement": "unit_activities",
    "genre": "news",
    "origin": "own",
    "title": TITLE,
    "body": "<p>Nhiều câu hỏi về thủy lợi được trả lời ngay.</p>",
}


@pytest.mark.parametrize(
    "words", ["hợp tác xã", "hop tac xa", "HỢP TÁC XÃ", "thuy loi", "thủy lợi"]
)
def test_found_after_publishing_and_gone_after_unpublishing(
    words: str,
    site: Callable[..., Site],
    publish: Callable[..., int],
    unpublish: Callable[..., None],
    drain: Callable[[], None],
) -> None:
    places = [f"/tim-kiem?q={words}", f"/tin-tuc?q={words}"]
    item_id = publish("news_article", **VALUES)
    address = f'href="/tin-tuc/{item_id}-doi-thoai-voi-hop-tac-xa-nong-nghiep"'
    drain()
    assert all(address in site().get(place).text for place in places)
    unpublish(item_id)
    drain()
    assert not any(address in site().get(place).text for place in places)


def test_found_by_the_name_of_its_source(
    site: Callable[..., Site], publish: Callable[..., int], drain: Callable[[], None]
) -> None:
    publish("news_article", **VALUES, source_name="Bản tin khuyến nông")
    drain()
    assert TITLE in site().get("/tin-tuc?q=ban tin khuyen nong").text
