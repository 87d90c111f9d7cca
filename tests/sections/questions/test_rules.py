from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from hoitu.core.app import Portal
from hoitu.core.content.leaks import has_number, has_words
from hoitu.sections.questions.deadlines import at_most
from hoitu.sections.questions.figures import months_until
from hoitu.sections.questions.models import Question
from hoitu.sections.questions.rules import problems
from hoitu.sections.questions.vocabularies import CONSENTS, sounds_like_complaint

DAY = date(2026, 11, 23)
GOOD: dict[str, Any] = {
    "title": "Cấp đổi giấy tờ",
    "summary": "Giấy tờ cũ có phải đổi không?",
    "body": "<p>Không phải đổi ngay.</p>",
    "asker_name": "Trần Thị Mẫu",
    "phone": "0912 345 678",
    "email": "tran.mau@thu.vn",
    "address": "12 đường Thử Nghiệm, phường Một",
    "may_publish": True,
    "suspected_complaint": False,
    "received_on": date(2026, 11, 10),
}


@pytest.fixture(autouse=True)
def context(app: Portal) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, []),
        ({"summary": ""}, ["summary"]),
        ({"body": ""}, ["body"]),
        ({"body": "<p> </p>"}, ["body"]),
        ({"may_publish": False}, ["may_publish"]),
        ({"suspected_complaint": True}, ["suspected_complaint"]),
        ({"title": "Gọi 0912.345.678"}, ["title"]),
        ({"summary": "Gọi +84 912 345 678 giúp tôi"}, ["summary"]),
        ({"body": "<p>Đã gọi 09<b>12345678</b></p>"}, ["body"]),
        ({"summary": "Thư: TRAN.MAU@thu.vn"}, ["summary"]),
        ({"summary": "Tôi là Trần Thị Mẫu"}, ["summary"]),
        ({"body": "<p>Chào bà tran thi mau,</p>"}, ["body"]),
        ({"answered_by": "Trần Thị Mẫu"}, ["answered_by"]),
        ({"summary": "Nhà ở 12, đường Thử Nghiệm, phường Một"}, ["summary"]),
        ({"summary": "Mẫu đơn lấy ở đâu?"}, []),
        ({"summary": "Gọi 0912 345 679"}, ["summary"]),
        ({"acknowledged_on": date(2026, 11, 9)}, ["acknowledged_on"]),
        ({"answered_on": date(2026, 11, 24)}, ["answered_on"]),
        ({"answered_on": DAY, "acknowledged_on": date(2026, 11, 10)}, []),
        ({"forwarded_on": DAY}, ["forwarded_to"]),
        ({"forwarded_on": DAY, "forwarded_to": "Sở Thử"}, []),
    ],
)
def test_problems(changed: dict[str, Any], fields: list[str]) -> None:
    assert [p.field for p in problems(Question(**{**GOOD, **changed}), DAY)] == fields


@pytest.mark.parametrize(
    ("said", "number", "found"),
    [
        ("gọi (0234) 3822-822", "02343822822", True),
        ("gọi 0234 3822 822 hoặc", "0084 234 3822822", True),
        ("số 12 năm 2026", "12", False),
        ("", "0912345678", False),
        ("gọi 0912345678", "", False),
        ("gọi 0912345678", "09", False),
    ],
)
def test_telephone_numbers_in_any_writing(said: str, number: str, found: bool) -> None:
    assert has_number(said, number) is found


def test_one_word_of_a_name_is_a_word_of_the_language() -> None:
    assert not has_words("Bình an", "An", 2)
    assert has_words("ông nguyen van an.", "Nguyễn Văn An", 2)


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        ("Tôi khiếu nại quyết định này", True),
        ("TỐ CÁO ông A", True),
        ("toi to cao ong A", True),
        ("toi khieu nai", True),
        ("Giá trần là bao nhiêu?", False),
        ("Tờ cáo thị cũ ở đâu?", False),
        ("Hỏi về thủ tục đăng ký kết hôn", False),
        ("", False),
    ],
)
def test_words_of_complaints(said: str, is_one: bool) -> None:
    assert sounds_like_complaint(said) is is_one


@pytest.mark.parametrize(
    ("chosen", "lawful", "found"), [(0, 10, 10), (5, 10, 5), (30, 10, 10), (-1, 2, 2), (3, None, 3)]
)
def test_a_unit_may_promise_less_never_more(chosen: int, lawful: int | None, found: int) -> None:
    assert at_most(chosen, lawful) == found


@pytest.mark.parametrize(
    ("changed", "day", "late"),
    [
        ({"state": "submitted"}, date(2026, 11, 24), False),
        ({"state": "submitted"}, date(2026, 11, 25), True),
        ({"state": "published"}, date(2026, 11, 25), False),
        ({"state": "submitted", "due_on": None}, date(2027, 1, 1), False),
    ],
)
def test_overdue_from_the_day_after(changed: dict[str, Any], day: date, late: bool) -> None:
    assert Question(**{"due_on": date(2026, 11, 24), **changed}).is_overdue(day) is late


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({"state": "submitted", "body": "x", "answered_on": DAY}, None),
        ({"state": "archived", "body": ""}, None),
        ({"state": "archived", "body": "x"}, date(2026, 11, 20)),
        ({"state": "archived", "body": "x", "answered_on": DAY}, DAY),
        ({"state": "published", "body": "x", "answered_on": DAY}, DAY),
    ],
)
def test_an_answer_counts_when_the_question_is_closed(
    values: dict[str, Any], day: date | None
) -> None:
    # Half past eleven in the evening in Greenwich is the next morning here.
    question = Question(**values, updated_at=datetime(2026, 11, 19, 23, 30, tzinfo=UTC))
    assert question.replied_on() == day


def test_the_last_twelve_months() -> None:
    found = months_until(date(2026, 1, 31))
    assert (len(found), found[0], found[-1]) == (12, date(2025, 2, 1), date(2026, 1, 1))


def test_consent_texts_are_complete_and_found_by_day() -> None:
    assert all(c.vi and c.en and c.basis and c.evidence for c in CONSENTS.all)
    assert len({c.version for c in CONSENTS.all}) == len(CONSENTS.all)
    assert CONSENTS.on(date(1990, 1, 1)) == CONSENTS.all[0]
    assert CONSENTS.on(date(2100, 1, 1)) == CONSENTS.all[-1]
