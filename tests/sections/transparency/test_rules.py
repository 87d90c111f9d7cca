from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hoitu.core.clock import ZONE
from hoitu.sections.transparency.deadlines import due_on, is_late, working_days
from hoitu.sections.transparency.models import (
    ContactOfficer,
    DisclosedDocument,
    EmergencyNotice,
    InformationList,
    InformationRequest,
    ReceptionDay,
    RecruitmentNotice,
)
from hoitu.sections.transparency.rules import problems, unreachable
from hoitu.sections.transparency.types import name_officer, name_reception
from hoitu.sections.transparency.vocabularies import (
    COMPLEXITIES,
    CONSENTS,
    DELIVERIES,
    DISCLOSURE_KINDS,
    RECEPTION_KINDS,
    SEVERITIES,
)

DAY = date(2026, 11, 23)
TEXT = "<p>Nội dung</p>"


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


def fields_of(item: Any, day: date = DAY) -> list[str]:
    return [problem.field for problem in problems(item, day)]


ASKED = {
    "requester": "Lê Thị Thử",
    "address": "Số 9 Lê Lợi",
    "phone": "0234 000 111",
    "email": "thu@vidu.example",
}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"title": "Danh sách điểm Wi-Fi", "body": TEXT}, []),
        ({"title": "Danh sách điểm Wi-Fi", "body": ""}, ["body"]),
        ({"title": "K7M2-9QXP", "body": TEXT}, ["title"]),
        ({"title": "Yêu cầu của lê thị thử", "body": TEXT}, ["title"]),
        ({"title": "Điểm Wi-Fi", "body": "<p>Kính gửi bà LE THI THU,</p>"}, ["body"]),
        ({"title": "Điểm Wi-Fi", "body": "<p>Gọi 0234 000 111</p>"}, ["body"]),
        ({"title": "Điểm Wi-Fi", "body": "<p>thu@vidu.example</p>"}, ["body"]),
        ({"title": "Số 9 Lê Lợi có gì", "body": TEXT}, ["title"]),
    ],
)
def test_request(values: dict[str, Any], fields: list[str]) -> None:
    assert fields_of(InformationRequest(code="K7M2-9QXP", **ASKED, **values)) == fields


def test_request_without_contacts_names_nobody() -> None:
    nobody = dict.fromkeys(ASKED, "")
    assert fields_of(InformationRequest(code="x", title="Điểm", body=TEXT, **nobody)) == []


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({"phone": "0234 000 1"}, []),
        ({}, ["email"]),
        ({"delivery": "by_email", "phone": "0234 000 1"}, ["email"]),
        ({"delivery": "by_email", "email": "a@b.example"}, []),
        ({"delivery": "by_post", "email": "a@b.example"}, ["address"]),
        ({"delivery": "by_post", "address": "Số 1"}, []),
        ({"delivery": "unknown", "address": "Số 1"}, []),
    ],
)
def test_unreachable(sent: dict[str, str], fields: list[str]) -> None:
    empty = {"delivery": "portal", "address": "", "phone": "", "email": ""}
    assert [problem.field for problem in unreachable({**empty, **sent})] == fields


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"phone": "0234 000 1"}, []),
        ({"email": "a@b.example"}, []),
        ({}, ["phone"]),
        ({"phone": "1", "since": DAY, "until": DAY}, []),
        ({"phone": "1", "since": DAY, "until": DAY - timedelta(days=1)}, ["until"]),
    ],
)
def test_officer(values: dict[str, Any], fields: list[str]) -> None:
    assert fields_of(ContactOfficer(**values)) == fields


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [
        (None, None, True),
        (DAY, DAY, True),
        (DAY + timedelta(days=1), None, False),
        (None, DAY - timedelta(days=1), False),
    ],
)
def test_officer_holds(since: date | None, until: date | None, holds: bool) -> None:
    assert ContactOfficer(since=since, until=until).holds_on(DAY) is holds


# Five working days from Monday 23/11/2026, the Tuesday being a public holiday: 01/12.
ON_TIME, LATE = date(2026, 12, 1), date(2026, 11, 30)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, []),
        ({"held": LATE}, ["late_reason"]),
        ({"held": LATE, "late_reason": "Lịch đột xuất"}, []),
        ({"held": LATE, "published_from": datetime(2026, 11, 19, 2, tzinfo=UTC)}, []),
        ({"held": DAY - timedelta(days=3)}, ["late_reason"]),
        ({"hours": (11, 8)}, ["ends_at"]),
        ({"hours": (8, 8)}, ["ends_at"]),
        ({"ends_on": ON_TIME + timedelta(days=1)}, ["ends_at"]),
        ({"hours": None}, []),
    ],
)
def test_reception(values: dict[str, Any], fields: list[str]) -> None:
    held, hours = values.pop("held", ON_TIME), values.pop("hours", (8, 11))
    ends_on = values.pop("ends_on", held)
    if hours:
        values |= {"starts_at": at(held, hours[0]), "ends_at": at(ends_on, hours[1])}
    assert fields_of(ReceptionDay(**values)) == fields


def test_reception_just_before_midnight_counts_by_the_day_in_vietnam() -> None:
    # 17:30 UTC on 22/11 is 23/11 in Vietnam.
    first = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
    held = ReceptionDay(starts_at=at(LATE, 8), ends_at=at(LATE, 11), published_from=first)
    assert fields_of(held) == ["late_reason"]


LAND = {"requirement": "land_disclosure", "kind": "land_price_table"}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({**LAND, "number": "1/QĐ-UBND", "year": 2026, "body": TEXT}, []),
        ({**LAND, "number": "1/QĐ-UBND", "year": 2026, "body": ""}, ["body"]),
        ({**LAND, "number": "", "year": None, "body": TEXT}, ["number", "year"]),
        ({**LAND, "requirement": "public_assets", "number": "1", "year": 2026, "body": TEXT},
         ["kind"]),
        ({"requirement": "grassroots_democracy", "kind": "local_works", "body": TEXT},
         ["shown_from", "shown_days"]),
        ({"requirement": "inspection_conclusions", "kind": "inspection_conclusion", "body": TEXT},
         ["number", "issued_on", "subject"]),
        ({"requirement": "land_disclosure", "kind": "land_auction", "body": TEXT}, []),
        ({"requirement": "land_disclosure", "kind": "lost", "body": TEXT}, []),
    ],
)  # fmt: skip
def test_document(values: dict[str, Any], fields: list[str]) -> None:
    assert fields_of(DisclosedDocument(**values)) == fields


@pytest.mark.parametrize(
    ("start", "days", "until"),
    [(DAY, 1, DAY), (DAY, 30, date(2026, 12, 22)), (None, 30, None), (DAY, None, None)],
)
def test_posting_ends(start: date | None, days: int | None, until: date | None) -> None:
    assert DisclosedDocument(shown_from=start, shown_days=days).shown_until == until


@pytest.mark.parametrize("model", [InformationList, RecruitmentNotice])
def test_text_or_file(model: type[Any]) -> None:
    assert fields_of(model(body="")) == ["body"]
    assert fields_of(model(body=TEXT)) == []


@pytest.mark.parametrize(("last", "is_open"), [(DAY, True), (DAY - timedelta(days=1), False)])
def test_recruitment_closes(last: date, is_open: bool) -> None:
    assert RecruitmentNotice(apply_until=last).is_open(DAY) is is_open


def test_emergency() -> None:
    start, end = at(DAY, 8), at(DAY, 18)
    assert fields_of(EmergencyNotice(starts_at=start, ends_at=end)) == []
    assert fields_of(EmergencyNotice(starts_at=end, ends_at=start)) == ["ends_at"]
    notice = EmergencyNotice(starts_at=start, ends_at=end)
    moments = (start - timedelta(seconds=1), start, end - timedelta(seconds=1), end)
    assert [notice.is_running(moment) for moment in moments] == [False, True, True, False]


@pytest.mark.parametrize(
    ("complexity", "day"), [("simple", date(2026, 11, 27)), ("complex", date(2026, 12, 15))]
)
def test_requests_are_due_after_working_days(complexity: str, day: date) -> None:
    assert due_on(DAY, complexity) == day


def test_no_deadline_before_the_law() -> None:
    assert due_on(date(2018, 6, 30), "simple") is None
    assert working_days("citizen_reception", "notice", date(2014, 6, 30)) is None
    assert not is_late(date(2014, 6, 2), date(2014, 6, 3))


def test_day_that_somebody_set_stays() -> None:
    created_at = datetime(2026, 11, 23, 2, tzinfo=UTC)
    request = InformationRequest(created_at=created_at, code="K7M2-9QXP", complexity="complex")
    request.settle()
    assert (request.title, request.due_on) == ("K7M2-9QXP", date(2026, 12, 15))
    request.due_on, request.title = date(2026, 12, 31), "Điểm Wi-Fi"
    request.settle()
    assert (request.title, request.due_on) == ("Điểm Wi-Fi", date(2026, 12, 31))


def test_names() -> None:
    officer = ContactOfficer(full_name="Trần Thị Mẫu", post="Chánh Văn phòng")
    name_officer(officer)
    assert officer.title == "Trần Thị Mẫu, Chánh Văn phòng"
    reception = ReceptionDay(kind="regular", starts_at=at(DAY, 8))
    name_reception(reception)
    assert reception.title == "Tiếp công dân định kỳ 23/11/2026"
    empty = ReceptionDay()
    name_reception(empty)
    assert empty.title == ""


@pytest.mark.parametrize(
    "vocabulary", [COMPLEXITIES, DELIVERIES, DISCLOSURE_KINDS, RECEPTION_KINDS, SEVERITIES]
)
def test_vocabularies_are_in_both_languages(vocabulary: Any) -> None:
    assert all(term.vi and term.en for term in vocabulary.terms.values())


def test_needs_name_fields() -> None:
    fields = DisclosedDocument.fields()
    assert {name for term in DISCLOSURE_KINDS.terms.values() for name in term.needs} <= set(fields)
    kept = InformationRequest.fields()
    assert {term.needs for term in DELIVERIES.terms.values() if term.needs} <= set(kept)


def test_consent_is_the_one_of_the_day() -> None:
    assert CONSENTS.on(DAY).version == CONSENTS.on(date(2000, 1, 1)).version == "request-1"
