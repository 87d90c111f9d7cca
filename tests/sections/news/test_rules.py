from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hoitu.sections.news.models import NewsArticle
from hoitu.sections.news.rules import problems
from hoitu.sections.news.vocabularies import GENRES, ORIGINS

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SOURCE = {
    "source_name": "Bản tin khuyến nông",
    "source_url": "https://nguon.example/1",
    "source_published_at": NOW - timedelta(hours=3),
}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in SOURCE.items() if name not in names}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"origin": "own"}, []),
        ({"origin": "syndicated_unit"}, []),
        ({"origin": "external", **SOURCE}, []),
        ({"origin": "external", **without("source_name")}, ["source_name"]),
        ({"origin": "external", **without("source_url")}, ["source_url"]),
        ({"origin": "external", **without("source_published_at")}, ["source_published_at"]),
        ({"origin": "external"}, ["source_name", "source_url", "source_published_at"]),
        ({"origin": "external", **SOURCE, "source_published_at": NOW}, []),
        (
            {"origin": "external", **SOURCE, "source_published_at": NOW + timedelta(minutes=1)},
            ["source_published_at"],
        ),
        (
            {"origin": "own", "source_published_at": NOW + timedelta(days=1)},
            ["source_published_at"],
        ),
    ],
)
def test_problems(values: dict[str, Any], fields: list[str]) -> None:
    assert [problem.field for problem in problems(NewsArticle(**values), NOW)] == fields


def test_press_genres_are_known_and_marked() -> None:
    genres = GENRES.terms
    marked = {key for key, term in genres.items() if term.investigative}
    assert marked == {"investigation", "investigative_report", "serial_criticism"}
    assert not genres["news"].investigative
    assert all(term.vi and term.en for term in (*genres.values(), *ORIGINS.terms.values()))
