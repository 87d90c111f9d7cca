from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hoitu.core.requirements import Catalogues
from hoitu.sections.legal_documents.consultation_rules import (
    comment_problems,
    draft_problems,
    hiding_problems,
)
from hoitu.sections.legal_documents.consultations import (
    ConsultationComment,
    DraftConsultation,
    article_key,
)
from hoitu.sections.legal_documents.periods import Period, period_of, periods
from hoitu.sections.legal_documents.vocabularies import CONSULTATION_STATES, LEVELS

OPENS = date(2026, 11, 2)
LAW = periods(Catalogues.load(Path("does-not-exist")).on(OPENS))
ROW = {"heading": "Điều 1. Phạm vi", "text": "Quy định này…"}
SOUND: dict[str, Any] = {
    "kind": "QĐ",
    "level": "province",
    "opens_on": OPENS,
    "closes_on": OPENS + timedelta(days=20),
    "articles": [ROW],
}
EXPLAINED = {"explanation": "<p>Tiếp thu.</p>", "explained_on": OPENS + timedelta(days=30)}


def draft(**values: Any) -> DraftConsultation:
    made = DraftConsultation(state="draft", **{**SOUND, **values})
    made.follow()
    return made


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, []),
        ({"closes_on": OPENS + timedelta(days=19)}, ["closes_on"]),
        ({"closes_on": OPENS + timedelta(days=19), "shortened": True}, ["period_note"]),
        ({"closes_on": OPENS, "shortened": True, "period_note": "Quyết định 1"}, []),
        ({"closes_on": OPENS - timedelta(days=1)}, ["closes_on"]),
        ({"level": "commune"}, ["period_note"]),
        ({"level": "commune", "closes_on": OPENS, "period_note": "Họp tổ dân phố"}, []),
        ({"kind": "KH"}, ["period_note"]),
        ({"kind": "NĐ", "level": "central", "closes_on": OPENS}, ["closes_on"]),
        ({"articles": []}, ["articles"]),
        ({"articles": [], "body": "<p>Dự thảo</p>"}, []),
        ({"articles": [{"heading": "", "text": "Chữ"}]}, ["articles"]),
        ({"articles": [ROW, {"heading": "Điều 1. Khác", "text": ""}]}, ["articles"]),
        ({"articles": [ROW, {"heading": "Điều 2. Khác", "text": ""}]}, []),
        (EXPLAINED, []),
        ({"explained_on": OPENS + timedelta(days=30)}, ["explanation"]),
        ({"explanation": "<p>Tiếp thu.</p>"}, ["explained_on"]),
        ({"explanation": "<p> </p>"}, []),
        ({**EXPLAINED, "explained_on": OPENS + timedelta(days=20)}, ["explained_on"]),
        ({**EXPLAINED, "resulting_number": "27/2026/QĐ-UBND"}, []),
        ({**EXPLAINED, "resulting_number": "hai bảy"}, ["resulting_number"]),
        ({"resulting_number": "27/2026/QĐ-UBND"}, ["explanation"]),
    ],
)
def test_draft_problems(values: dict[str, Any], fields: list[str]) -> None:
    assert [problem.field for problem in draft_problems(draft(**values), LAW)] == fields


def test_the_problem_names_the_least_time_the_regime_and_the_day() -> None:
    (problem,) = draft_problems(draft(closes_on=OPENS), LAW)
    for said in ("20", "64/2025/QH15", "22/11/2026"):
        assert said in str(problem.message)


@pytest.mark.parametrize(
    ("level", "kind", "day", "least"),
    [
        ("central", "TT", date(2025, 3, 31), 60),
        ("central", "TT", date(2025, 4, 1), 20),
        ("province", "QĐ", date(2024, 1, 1), 30),
        ("province", "NQ", date(2025, 4, 1), 20),
        ("province", "KH", date(2025, 4, 1), None),
        ("district", "QĐ", date(2024, 1, 1), 7),
        ("district", "QĐ", date(2025, 4, 1), None),
        ("commune", "QĐ", date(2024, 1, 1), None),
        ("commune", "QĐ", date(2026, 1, 1), None),
        ("", "QĐ", date(2026, 1, 1), None),
    ],
)
def test_the_law_of_the_first_day_holds(
    level: str, kind: str, day: date, least: int | None
) -> None:
    found = period_of(draft(level=level, kind=kind, opens_on=day), LAW)
    assert (found.min_days if found else None) == least


def test_every_line_of_the_table_has_a_level_and_a_regime() -> None:
    assert len(LAW) == 6
    assert all(line.level in LEVELS.terms for line in LAW)
    assert not [line for line in LAW if line.regime in ("", "same")]
    assert all(line.evidence for line in LAW)


def test_a_new_line_of_the_table_changes_what_is_asked() -> None:
    line = Period("commune", "Luật mới", 15, OPENS, None, "read")
    short = draft(level="commune", closes_on=OPENS + timedelta(days=14))
    assert [p.field for p in draft_problems(short, [line])] == ["closes_on"]
    assert draft_problems(draft(level="commune"), [line]) == []


def test_a_public_last_day_is_moved_with_a_reason() -> None:
    moved = draft(change_note="")
    moved.state = "published"
    moved.follow()
    assert draft_problems(moved, LAW) == []
    moved.closes_on = OPENS + timedelta(days=40)
    moved.follow()
    assert [p.field for p in draft_problems(moved, LAW)] == ["change_note"]
    moved.follow()
    assert moved.announced_before == OPENS + timedelta(days=20)
    moved.change_note = "Nhiều tổ chức xin thêm thời gian"
    assert draft_problems(moved, LAW) == []


DAY = timedelta(days=1)
LAST = OPENS + timedelta(days=20)


@pytest.mark.parametrize(
    ("values", "day", "state"),
    [
        ({}, OPENS - DAY, "upcoming"),
        ({}, OPENS, "open"),
        ({}, LAST, "open"),
        ({}, LAST + DAY, "closed"),
        (EXPLAINED, LAST, "open"),
        (EXPLAINED, LAST + DAY, "explained"),
        ({**EXPLAINED, "resulting_number": "1/2026/QĐ-UBND"}, LAST + DAY, "issued"),
        ({"resulting_number": "1/2026/QĐ-UBND"}, LAST, "open"),
        ({"opens_on": None}, LAST, "upcoming"),
        ({"closes_on": None}, LAST, "upcoming"),
    ],
)
def test_state_on(values: dict[str, Any], day: date, state: str) -> None:
    assert draft(**values).state_on(day) == state
    assert state in CONSULTATION_STATES.terms


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("Điều 3. Thời hạn", "dieu-3"),
        ("Điều 3a. Thời hạn", "dieu-3a"),
        ("Chương II", "chuong-ii"),
        ("  ", ""),
        ("...", ""),
    ],
)
def test_article_key(heading: str, key: str) -> None:
    assert article_key(heading) == key


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, []),
        ({"article": "dieu-1"}, []),
        ({"article": "dieu-9"}, ["article"]),
        ({"text": "Gọi cho tôi: 0234 000 1234"}, ["text"]),
        ({"text": "Gọi +84 905.000.111 nhé"}, ["text"]),
        ({"text": "Căn cước 046099000123"}, ["text"]),
        ({"text": "Thư tới an@mau.example"}, ["text"]),
        ({"text": "Khoản 2 Điều 3 của 27/2026/QĐ-UBND, từ 01/01/2026, 10.000.000 đồng"}, []),
        ({"outcome": "accepted"}, []),
        ({"outcome": "declined"}, ["response"]),
        ({"outcome": "partly", "response": "Đã sửa khoản 1"}, []),
    ],
)
def test_comment_problems(values: dict[str, Any], fields: list[str]) -> None:
    comment = ConsultationComment(**{"text": "Nên ghi rõ hơn", **values})
    assert [p.field for p in comment_problems(comment, ["dieu-1"])] == fields


@pytest.mark.parametrize(
    ("step", "reason", "fields"),
    [
        ("archive", "", ["hidden_reason"]),
        ("archive", "insult", []),
        ("publish", "", []),
    ],
)
def test_hiding_needs_a_reason(step: str, reason: str, fields: list[str]) -> None:
    comment = ConsultationComment(hidden_reason=reason)
    assert [p.field for p in hiding_problems(comment, step)] == fields


def test_hiding_is_a_matter_of_opinions_only() -> None:
    assert hiding_problems(draft(), "archive") == []
