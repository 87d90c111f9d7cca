from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from hoitu.core.clock import ZONE
from hoitu.sections.transparency.calendar import LINE, Month, as_icalendar
from hoitu.sections.transparency.models import ReceptionDay

DAY = date(2026, 11, 23)


def reception(**values: Any) -> ReceptionDay:
    return ReceptionDay(
        **{
            "uid": "0a1b",
            "title": "Tiếp công dân định kỳ 10/12/2026",
            "starts_at": datetime(2026, 12, 10, 8, tzinfo=ZONE),
            "ends_at": datetime(2026, 12, 10, 11, 30, tzinfo=ZONE),
            "place": "Phòng 1",
            "post": "Chủ tịch",
            "official": "",
            "note": "",
            "updated_at": datetime(2026, 11, 1, 3, tzinfo=UTC),
            **values,
        }
    )


def unfolded(calendar: bytes) -> list[str]:
    return calendar.decode().replace("\r\n ", "").split("\r\n")


def test_event_has_its_hours_in_utc() -> None:
    lines = unfolded(as_icalendar([reception()], "Lịch", "mot.test"))
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hoi Tu//mot.test//VI"]
    for line in (
        "UID:0a1b@mot.test",
        "DTSTAMP:20261101T030000Z",
        "DTSTART:20261210T010000Z",
        "DTEND:20261210T043000Z",
        "SUMMARY:Tiếp công dân định kỳ 10/12/2026",
        "DESCRIPTION:Chủ tịch",
    ):
        assert line in lines
    assert lines[-3:] == ["END:VEVENT", "END:VCALENDAR", ""]


def test_values_are_escaped() -> None:
    event = reception(
        place="Số 1; phòng 2, tầng 3\\B", note="Dòng một\r\nBEGIN:VEVENT", official="Bà Mẫu"
    )
    lines = unfolded(as_icalendar([event], "Lịch", "mot.test"))
    assert "LOCATION:Số 1\\; phòng 2\\, tầng 3\\\\B" in lines
    assert "DESCRIPTION:Chủ tịch\\, Bà Mẫu\\nDòng một\\nBEGIN:VEVENT" in lines
    assert lines.count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize("place", ["Trụ sở Ủy ban nhân dân phường " * 9, "x" * 300, "🏛" * 90])
def test_lines_are_folded_between_characters(place: str) -> None:
    calendar = as_icalendar([reception(place=place)], "Lịch", "mot.test")
    assert calendar.count(b"\n") == calendar.count(b"\r\n")
    assert max(len(line) for line in calendar.split(b"\r\n")) <= LINE
    for line in calendar.split(b"\r\n"):
        line.decode()
    assert f"LOCATION:{place}" in unfolded(calendar)


def test_calendar_without_days_is_one() -> None:
    assert unfolded(as_icalendar([], "Lịch", "mot.test"))[-2:] == ["END:VCALENDAR", ""]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-12", "2026-12"),
        ("2026-1", "2026-11"),
        ("2026-13", "2026-11"),
        ("2026-00", "2026-11"),
        ("1899-12", "2026-11"),
        ("9999-12", "2026-11"),
        ("", "2026-11"),
        ("abcd-ef", "2026-11"),
        ("２０２６-12", "2026-11"),
        ("2026-12-01", "2026-11"),
        ("²026-12", "2026-11"),
    ],
)
def test_month_of_an_address(typed: str, expected: str) -> None:
    assert str(Month.of(typed, DAY)) == expected


@pytest.mark.parametrize(
    ("by", "expected"), [(0, "2026-11"), (1, "2026-12"), (2, "2027-01"), (-11, "2025-12")]
)
def test_months_follow_one_another(by: int, expected: str) -> None:
    assert str(Month(2026, 11).moved(by)) == expected


def test_month_begins_at_midnight_in_vietnam() -> None:
    assert Month(2026, 12).start == datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert Month(2026, 12).title == "12/2026"
