"""Which pages can be listened to, and what they offer for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from hoitu.core.content import Item
from hoitu.core.plugin.manifest import package_folder
from hoitu.plugins.read_aloud.control import WORDS, is_long

LONG = f"<p>{'Phường lắp tháp báo lũ. ' * 20}</p>"


@pytest.fixture
def article(publish: Any) -> Any:
    """Return a function that publishes a news article and returns its path."""

    def make(**values: Any) -> str:
        told = {
            "requirement": "unit_activities", "genre": "news", "title": "Tháp báo lũ",
            "summary": "Tóm tắt", "body": LONG, "origin": "own",
        }  # fmt: skip
        return f"/tin-tuc/{publish('news_article', **(told | values))}-thap-bao-lu"

    return make


def test_a_text_is_long_by_its_words_and_not_by_its_markup() -> None:
    words = "chữ " * WORDS
    assert is_long(f"<p>{words}</p>")
    assert not is_long(f"<p>{words[4:]}</p>")
    assert not is_long('<p class="a b c d">chữ</p>' * (WORDS - 1))
    assert not is_long("")


def test_an_article_offers_it_hidden_until_a_script_shows_it(article: Any, visitor: Any) -> None:
    page = visitor().open(article()).text
    assert 'hidden data-read-aloud="vi"' in page
    assert "Nghe bài viết" in page
    assert re.search(r'<script src="/assets/read_aloud/\w+/read_aloud.js" defer></script>', page)


def test_a_short_text_does_not(article: Any, visitor: Any) -> None:
    assert "data-read-aloud" not in visitor().open(article(body="<p>Ngắn.</p>")).text


def test_a_list_does_not(article: Any, visitor: Any) -> None:
    article()
    assert "data-read-aloud" not in visitor().open("/tin-tuc").text


def test_the_voice_is_that_of_the_text_and_the_words_those_of_the_page(
    article: Any, visitor: Any, desk: Any
) -> None:
    path = article()
    page = visitor().open("/en" + path).text
    assert 'data-read-aloud="vi"' in page
    assert "Listen to this page" in page
    with desk() as work:
        work.session.scalars(select(Item)).one().language = "en"
    page = visitor().open(path).text
    assert 'data-read-aloud="en"' in page
    assert "Nghe bài viết" in page


def test_a_document_with_a_text_offers_it_too(publish: Any, document: Any, visitor: Any) -> None:
    item_id = publish("legal_document", **document(body=LONG))
    assert "data-read-aloud" in visitor().open(f"/van-ban/{item_id}-ke-hoach-389-kh-ubnd").text


def test_the_script_is_small() -> None:
    script = package_folder("hoitu.plugins.read_aloud") / "static" / "read_aloud.js"
    assert len(script.read_bytes()) < 3 << 10
