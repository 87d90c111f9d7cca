from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import pytest
import yaml

from hoitu.core.clock import (
    ZONE,
    Calendar,
    FrozenClock,
    SystemClock,
    default_calendar,
    format_date,
    format_instant,
    local,
    parse_date,
)

NEW_YEAR = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
NAIVE = datetime(2026, 1, 1, 12, 0)  # noqa: DTZ001


@pytest.fixture(scope="module")
def data() -> Any:
    return yaml.safe_load((files("hoitu.core") / "data" / "holidays.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return default_calendar()


def every_day(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=offset) for offset in range((end - start).days + 1)]


def test_system_clock_tells_aware_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_frozen_clock_moves_only_when_told() -> None:
    clock = FrozenClock(datetime(2026, 12, 31, 23, 59, tzinfo=ZONE))
    assert clock.now() == clock.now() == datetime(2026, 12, 31, 16, 59, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    assert clock.today() == date(2026, 12, 31)
    clock.move(timedelta(minutes=1))
    assert clock.today() == date(2027, 1, 1)
    clock.move(timedelta(days=-1))
    assert clock.now() == NEW_YEAR - timedelta(days=1)


@pytest.mark.parametrize("read", [local, format_instant, FrozenClock])
def test_naive_instants_are_refused(read: Any) -> None:
    with pytest.raises(ValueError, match="time zone"):
        read(NAIVE)


def test_local_is_seven_hours_ahead_of_utc() -> None:
    assert local(NEW_YEAR).isoformat() == "2027-01-01T00:00:00+07:00"
    assert local(datetime(2026, 7, 1, 8, tzinfo=timezone(timedelta(hours=9)))).hour == 6


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2024, 2, 29), "29/02/2024"),
        (date(2026, 1, 5), "05/01/2026"),
        (date(805, 1, 5), "05/01/0805"),
    ],
)
def test_format_date(day: date, text: str) -> None:
    assert format_date(day) == text
    assert parse_date(text) == day


def test_format_instant_is_local() -> None:
    assert format_instant(NEW_YEAR) == "00:00 01/01/2027"
    assert format_instant(NEW_YEAR - timedelta(minutes=1)) == "23:59 31/12/2026"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("27/11/2023", date(2023, 11, 27)),
        ("7/1/2023", date(2023, 1, 7)),
        ("7-1-2023", date(2023, 1, 7)),
        ("07-01-2023", date(2023, 1, 7)),
        ("2023-01-07", date(2023, 1, 7)),
        (" 29/2/2024\n", date(2024, 2, 29)),
        ("31/12/9999", date(9999, 12, 31)),
    ],
)
def test_parse_date(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31/02/2024",
        "29/02/2023",
        "29/2/1900",
        "2023-02-29",
        "00/01/2024",
        "1/13/2024",
        "1/1/0000",
        "1/1/24",
        "1/1-2024",
        "2024/01/01",
        "2024-1-1",
        "20240101",
        "2024-W01-1",
        "2024-01-01T00:00",
        "1/1/2024 và",
        "١/١/٢٠٢٤",
        "hôm nay",
        "1" * 100_000,
    ],
)
def test_parse_date_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|day|month|year|range"):
        parse_date(text)


# Periods off as announced, weekends and days in lieu included, and the working days around them.
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2022-12-31", "2023-01-02"),
        ("2023-01-20", "2023-01-26"),
        ("2023-04-29", "2023-05-03"),
        ("2023-09-01", "2023-09-04"),
        ("2023-12-30", "2024-01-01"),
        ("2024-02-08", "2024-02-14"),
        ("2024-04-18", "2024-04-18"),
        ("2024-04-27", "2024-05-01"),
        ("2024-08-31", "2024-09-03"),
        ("2025-01-01", "2025-01-01"),
        ("2025-01-25", "2025-02-02"),
        ("2025-04-05", "2025-04-07"),
        ("2025-04-30", "2025-05-04"),
        ("2025-08-30", "2025-09-02"),
        ("2026-01-01", "2026-01-04"),
        ("2026-02-14", "2026-02-22"),
        ("2026-04-25", "2026-04-27"),
        ("2026-04-30", "2026-05-03"),
        ("2026-08-29", "2026-09-02"),
        ("2027-01-01", "2027-01-03"),
        ("2027-02-04", "2027-02-10"),
        ("2027-04-16", "2027-04-18"),
        ("2027-04-30", "2027-05-03"),
        ("2027-09-02", "2027-09-05"),
    ],
)
def test_announced_periods(calendar: Calendar, first: str, last: str) -> None:
    period = every_day(first, last)
    assert not any(calendar.is_working_day(day) for day in period)
    assert calendar.is_working_day(period[0] - timedelta(days=1))
    assert calendar.is_working_day(period[-1] + timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2024-02-29", True),
        ("2024-05-04", True),
        ("2024-05-11", False),
        ("2025-04-26", True),
        ("2026-01-10", True),
        ("2026-08-22", True),
        ("2020-12-31", True),
        ("2021-04-30", False),
        ("2025-11-24", True),
        ("2028-09-02", False),
        ("2028-09-04", False),
        ("2028-09-05", True),
    ],
)
def test_is_working_day(calendar: Calendar, day: str, worked: bool) -> None:
    assert calendar.is_working_day(date.fromisoformat(day)) is worked


@pytest.mark.parametrize(
    ("name", "days"),
    [
        # First day of the first lunar month, tenth day of the third, reckoned at UTC+7.
        ("Tết", ["2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06"]),
        ("Giỗ Tổ", ["2023-04-29", "2024-04-18", "2025-04-07", "2026-04-26", "2027-04-16"]),
    ],
)
def test_lunar_holidays(data: Any, name: str, days: list[str]) -> None:
    entries = [entry for entry in data["days_off"] if entry["name"].startswith(name)]
    assert len(entries) == len(days)
    for entry, day in zip(entries, days, strict=True):
        assert entry["from"] <= date.fromisoformat(day) <= entry["to"]


def test_data_is_complete_and_names_its_sources(data: Any) -> None:
    years = range(data["years"]["first"], data["years"]["last"] + 1)
    statutory_days = {"Tết": 5, "Giỗ Tổ": 1, "Quốc khánh": 2}
    for year in years:
        for name, length in statutory_days.items():
            (entry,) = (
                entry
                for entry in data["days_off"]
                if entry["name"].startswith(name) and entry["from"].year == year
            )
            assert (entry["to"] - entry["from"]).days + 1 == length
    for swap in data["swaps"]:
        assert swap["rest"].isoweekday() <= 5
        assert swap["work"].isoweekday() == 6
    for entry in (data["weekly_rest"], *data["yearly"], *data["days_off"], *data["swaps"]):
        assert entry["source"]
        assert entry["evidence"] in {"secondary", "computed", "unverified"}


def test_covers_announced_years_only(calendar: Calendar) -> None:
    assert calendar.covers(date(2023, 1, 1))
    assert calendar.covers(date(2027, 12, 31))
    assert not calendar.covers(date(2022, 12, 31))
    assert not calendar.covers(date(2028, 1, 1))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2025-03-03", 0, "2025-03-03"),
        ("2025-03-08", 0, "2025-03-08"),
        ("2025-03-03", 1, "2025-03-04"),
        ("2025-03-07", 1, "2025-03-10"),
        ("2025-03-08", 1, "2025-03-10"),
        ("2024-02-28", 1, "2024-02-29"),
        ("2024-02-28", 2, "2024-03-01"),
        ("2025-01-24", 1, "2025-02-03"),
        ("2025-01-29", 5, "2025-02-07"),
        ("2024-05-03", 1, "2024-05-04"),
        ("2024-05-03", 2, "2024-05-06"),
        ("2025-12-31", 1, "2026-01-05"),
        ("2025-12-30", 2, "2026-01-05"),
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_working_days(calendar: Calendar, start: str, count: int, end: str) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert calendar.add_working_days(first, count) == last
    assert calendar.working_days_between(first, last) == count
    assert calendar.working_days_between(last, first) == -count


@pytest.mark.parametrize("start", every_day("2024-12-20", "2025-02-10")[::3])
@pytest.mark.parametrize("count", [1, 5, 260, 777])
def test_adding_agrees_with_counting_day_by_day(
    calendar: Calendar, start: date, count: int
) -> None:
    day, left = start, count
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    assert calendar.add_working_days(start, count) == day
    assert calendar.working_days_between(start, day) == count


def test_between_rest_days_is_nothing(calendar: Calendar) -> None:
    assert calendar.working_days_between(date(2025, 1, 25), date(2025, 2, 2)) == 0


def test_adding_refuses_to_go_back(calendar: Calendar) -> None:
    with pytest.raises(ValueError, match="forward"):
        calendar.add_working_days(date(2025, 1, 1), -1)


def test_instants_are_not_days(calendar: Calendar) -> None:
    with pytest.raises(TypeError, match="not an instant"):
        format_date(NEW_YEAR)
    with pytest.raises(TypeError, match="not an instant"):
        calendar.is_working_day(NEW_YEAR)
    with pytest.raises(TypeError, match="not an instant"):
        calendar.add_working_days(NEW_YEAR, 1)
    with pytest.raises(TypeError, match="not an instant"):
        calendar.working_days_between(date(2025, 1, 1), NEW_YEAR)


def test_calendar_follows_its_data() -> None:
    day_off = {"from": date(2030, 5, 4), "to": date(2030, 5, 6)}
    short_lived = {"day": "08-05", "valid_from": date(2030, 1, 1), "valid_to": date(2030, 12, 31)}
    calendar = Calendar(
        {
            "years": {"first": 2030, "last": 2030},
            "weekly_rest": {"weekdays": [7]},
            "yearly": [short_lived],
            "days_off": [day_off],
            "swaps": [{"rest": date(2030, 5, 9), "work": date(2030, 5, 12)}],
        }
    )
    worked = [
        day.day for day in every_day("2030-05-01", "2030-05-14") if calendar.is_working_day(day)
    ]
    assert worked == [1, 2, 3, 10, 11, 12, 13, 14]
    assert calendar.is_working_day(date(2031, 5, 8))


def test_default_calendar_is_read_once() -> None:
    assert default_calendar() is default_calendar()
