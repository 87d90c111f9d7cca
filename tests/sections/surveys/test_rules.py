from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hoitu.core.app import Portal
from hoitu.sections.surveys.models import Survey, SurveyRemark
from hoitu.sections.surveys.periods import LENGTHS, Period, period_named, period_of
from hoitu.sections.surveys.polls import Question, wording_of
from hoitu.sections.surveys.results import periods_of, results
from hoitu.sections.surveys.rules import MOST_OPTIONS, problems

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
ONE: dict[str, Any] = {"question": "Có hay không?", "kind": "one_of", "options": "Có\nKhông"}
FREE: dict[str, Any] = {"question": "Ý kiến khác?", "kind": "free", "options": ""}


@pytest.fixture(autouse=True)
def context(app: Portal) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, []),
        ({"questions": [ONE, FREE]}, []),
        ({"opens_on": LAST, "closes_on": FIRST}, ["closes_on"]),
        ({"opens_on": LAST, "closes_on": LAST}, []),
        ({"questions": []}, ["questions"]),
        ({"questions": [{**ONE, "question": ""}]}, ["questions"]),
        ({"questions": [{**ONE, "kind": ""}]}, ["questions"]),
        ({"questions": [{**ONE, "options": "Có"}]}, ["questions"]),
        ({"questions": [{**ONE, "options": "Có\n  có "}]}, ["questions"]),
        ({"questions": [{**ONE, "options": "\n".join("abcdefghijklm")}]}, ["questions"]),
        ({"questions": [{**FREE, "options": "Có"}]}, ["questions"]),
        ({"questions": [{**ONE, "options": None}, {**FREE, "options": None}]}, ["questions"]),
    ],
)
def test_problems_of_a_survey(changed: dict[str, Any], fields: list[str]) -> None:
    survey = Survey(**{"opens_on": FIRST, "closes_on": LAST, "questions": [ONE], **changed})
    assert [problem.field for problem in problems(survey)] == fields


def test_limit_of_options_is_reachable() -> None:
    rows = [{**ONE, "options": "\n".join("abcdefghijklm"[:MOST_OPTIONS])}]
    assert problems(Survey(opens_on=FIRST, closes_on=LAST, questions=rows)) == []


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, []),
        ({"question": "Có  hay không?"}, ["questions"]),
        ({"options": "Có\nKhông\nTùy"}, ["questions"]),
        ({"options": "Không\nCó"}, ["questions"]),
        ({"options": " Có \n\nKhông\n"}, []),
    ],
)
def test_answered_questions_keep_their_words(changed: dict[str, Any], fields: list[str]) -> None:
    voted = wording_of([ONE])
    survey = Survey(opens_on=FIRST, closes_on=LAST, questions=[{**ONE, **changed}])
    assert [problem.field for problem in problems(survey, voted)] == fields
    assert problems(survey) == []


@pytest.mark.parametrize(
    ("summary", "fields"),
    [
        ("Tăng cỡ chữ", []),
        ("", ["summary"]),
        ("chữ nhỏ QUÁ!", ["summary"]),
        ("Gọi 0234 000 001", ["summary"]),
        ("Gửi về a@b.example", ["summary"]),
    ],
)
def test_remark_is_published_in_the_units_words(summary: str, fields: list[str]) -> None:
    remark = SurveyRemark(remark="Chữ nhỏ quá", summary=summary)
    assert [problem.field for problem in problems(remark)] == fields


@pytest.mark.parametrize(
    ("day", "name", "key", "first", "last"),
    [
        (date(2026, 11, 23), "quarter", "2026-q4", date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 1, 1), "quarter", "2026-q1", date(2026, 1, 1), date(2026, 3, 31)),
        (date(2024, 2, 29), "month", "2024-m2", date(2024, 2, 1), date(2024, 2, 29)),
        (date(2026, 12, 31), "year", "2026-y1", date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 6, 30), "nonsense", "2026-q2", date(2026, 4, 1), date(2026, 6, 30)),
    ],
)
def test_periods(day: date, name: str, key: str, first: date, last: date) -> None:
    found = period_of(day, name)
    assert (found.key, found.first, found.last) == (key, first, last)
    assert period_named(key) == found


def test_periods_follow_one_another_without_a_gap() -> None:
    for name in LENGTHS:
        day = date(2024, 1, 1)
        for _turn in range(30):
            found = period_of(day, name)
            assert found.first == day
            assert period_named(found.key) == found
            assert period_of(found.last, name) == found
            day = found.last + timedelta(days=1)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "2026-q5",
        "2026-q0",
        "2026-m13",
        "2026-m0",
        "0000",
        "26-q1",
        "2026-x1",
        "2026-y2",
        "٢٠٢٦-q1",
    ],
)
def test_no_such_period(key: str) -> None:
    assert period_named(key) is None


def test_shares_are_of_one_question_and_lost_options_keep_their_votes() -> None:
    question = Question("q", "Câu hỏi", "", [("a", "A"), ("b", "B")], "Câu hỏi")
    votes = {"2026-q4": {"q": {"a": 2, "gone": 1}}, "2026-q3": {"q": {"b": 5}}}
    periods = periods_of(votes, Period(date(2026, 10, 1), 3))
    (found,) = results(votes, [question], "2026-q4", periods)
    assert found.total == 3
    assert list(found.rows) == [
        ("A", 2, Decimal("66.7")),
        ("B", 0, Decimal("0.0")),
        ("gone", 1, Decimal("33.3")),
    ]
    assert [row[1:] for row in found.history] == [(2, 0, 1, 3), (0, 5, 0, 5)]


def test_nothing_is_shared_where_nobody_voted() -> None:
    question = Question("q", "Câu hỏi", "", [("a", "A")], "Câu hỏi")
    (found,) = results({}, [question], "2026-q4")
    assert (found.total, list(found.rows), found.chart) == (0, [("A", 0, None)], "")
