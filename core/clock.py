"""The time: where "now" comes from, how dates are read and written, which days are worked."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import yaml

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""The zone of every date and time that a person reads."""

_DAY = timedelta(days=1)
_VIETNAMESE_DATE = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME_OF_DAY = re.compile(r"(\d{1,2})(?::|h|g)(\d{2})?", re.ASCII | re.IGNORECASE)


class Clock(ABC):
    """The only source of the present; everything that depends on it is given a clock."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""

    def today(self) -> date:
        """Return the present day in Vietnam."""
        return local(self.now()).date()


class SystemClock(Clock):
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


class FrozenClock(Clock):
    """A clock that stands still until it is moved, for tests and replays."""

    def __init__(self, instant: datetime) -> None:
        self._instant = _aware(instant).astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant at which the clock stands, aware, in UTC."""
        return self._instant

    def move(self, by: timedelta) -> None:
        """Set the clock forward, or back when `by` is negative."""
        self._instant += by


def local(instant: datetime) -> datetime:
    """Return the same instant in Vietnamese time; a naive `instant` raises ValueError."""
    return _aware(instant).astimezone(ZONE)


def format_date(day: date) -> str:
    """Return `dd/mm/yyyy`; an instant raises TypeError, its day depends on the zone."""
    _require_day(day)
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def format_instant(instant: datetime) -> str:
    """Return `HH:MM dd/mm/yyyy` in Vietnamese time; a naive `instant` raises ValueError."""
    moment = local(instant)
    return f"{moment:%H:%M} {format_date(moment.date())}"


def write_instant(instant: datetime) -> str:
    """Return an instant for machines: ISO 8601 with its zone, in Vietnamese time, to the second.

    A naive `instant` raises ValueError.
    """
    return local(instant).isoformat(timespec="seconds")


def add_months(day: date, months: int) -> date:
    """Return the day so many months later; the last of a month where that one is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def parse_date(text: str) -> date:
    """Read `dd/mm/yyyy`, `d/m/yyyy`, `d-m-yyyy` or ISO `yyyy-mm-dd`, blanks around it ignored.

    Raises ValueError for any other form and for days that do not exist, such as 31/02.
    """
    text = text.strip()
    if match := _VIETNAMESE_DATE.fullmatch(text):
        day, _, month, year = match.groups()
        return date(int(year), int(month), int(day))
    if _ISO_DATE.fullmatch(text):
        return date.fromisoformat(text)
    raise ValueError(f"not a date: {text[:40]!r}")


def parse_instant(text: str) -> datetime:
    """Read a day and a time of day in Vietnamese time; return the instant in UTC.

    The day as :func:`parse_date` reads it, the time as `hh:mm`, `8h`, `8h30` or `8g30`, in either
    order with a blank between them. Raises ValueError for any other form.
    """
    parts = text.replace("T", " ").split()
    if len(parts) != 2:
        raise ValueError(f"not a day and a time: {text[:40]!r}")
    times = [match for part in parts if (match := _TIME_OF_DAY.fullmatch(part))]
    days = [part for part in parts if not _TIME_OF_DAY.fullmatch(part)]
    if len(times) != 1:
        raise ValueError(f"not a day and a time: {text[:40]!r}")
    day = parse_date(days[0])
    hour, minute = times[0].groups()
    if minute is None and ":" in times[0].group():
        raise ValueError(f"not a time of day: {text[:40]!r}")
    moment = datetime(day.year, day.month, day.day, int(hour), int(minute or 0), tzinfo=ZONE)
    return moment.astimezone(UTC)


class Calendar:
    """The working days of state agencies: weekly rest, public holidays, announced swaps.

    `data` has the form of `data/holidays.yaml`, where every entry names its legal source. In
    years not announced there, only the weekly rest and the holidays of every year are known.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._announced_years = range(data["years"]["first"], data["years"]["last"] + 1)
        self._rest_weekdays = frozenset(data["weekly_rest"]["weekdays"])
        self._yearly = tuple(data["yearly"])
        self._announced = frozenset(
            day for entry in data["days_off"] for day in _days(entry["from"], entry["to"])
        )
        self._swapped_off = frozenset(swap["rest"] for swap in data["swaps"])
        self._swapped_in = frozenset(swap["work"] for swap in data["swaps"])
        self._days_off = cache(self._find_days_off)
        self._working_days = cache(self._find_working_days)

    def covers(self, day: date) -> bool:
        """Tell whether the days off announced for the year of `day` are known."""
        return day.year in self._announced_years

    def is_working_day(self, day: date) -> bool:
        """Tell whether agencies work on `day`."""
        _require_day(day)
        if day in self._swapped_in:
            return True
        return not self._is_weekly_rest(day) and day not in self._days_off(day.year)

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`, which itself is not counted.

        `count` 0 gives `day` as it is; a negative count raises ValueError.
        """
        _require_day(day)
        if count < 0:
            raise ValueError("working days are counted forward only")
        if count == 0:
            return day
        year = day.year
        index = bisect_right(self._working_days(year), day) + count - 1
        while index >= len(self._working_days(year)):
            index -= len(self._working_days(year))
            year += 1
        return self._working_days(year)[index]

    def working_days_between(self, start: date, end: date) -> int:
        """Return the number of working days after `start` up to and including `end`.

        Negative when `end` is before `start`: the working days that have to be taken back.
        """
        _require_day(start)
        _require_day(end)
        if end < start:
            return -self.working_days_between(end, start)
        whole_years = sum(len(self._working_days(year)) for year in range(start.year, end.year))
        before_start = bisect_right(self._working_days(start.year), start)
        return whole_years - before_start + bisect_right(self._working_days(end.year), end)

    def _is_weekly_rest(self, day: date) -> bool:
        return day.isoweekday() in self._rest_weekdays

    def _find_working_days(self, year: int) -> tuple[date, ...]:
        every_day = _days(date(year, 1, 1), date(year, 12, 31))
        return tuple(day for day in every_day if self.is_working_day(day))

    def _find_days_off(self, year: int) -> frozenset[date]:
        holidays = {day for day in self._announced if day.year == year}
        for entry in self._yearly:
            day_of_month, month = map(int, entry["day"].split("-"))
            day = date(year, month, day_of_month)
            if entry["valid_from"] <= day <= (entry["valid_to"] or date.max):
                holidays.add(day)
        off = holidays | self._swapped_off
        for holiday in sorted(holidays):
            if self._is_weekly_rest(holiday):
                in_lieu = holiday
                while in_lieu in off or self._is_weekly_rest(in_lieu):
                    in_lieu += _DAY
                off.add(in_lieu)
        return frozenset(off)


@cache
def default_calendar() -> Calendar:
    """Return the calendar of the holidays shipped with the platform, read once."""
    source = files("hoitu.core") / "data" / "holidays.yaml"
    return Calendar(yaml.safe_load(source.read_text("utf-8")))


def _days(first: date, last: date) -> Iterator[date]:
    """Yield every day from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + offset * _DAY


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no place in time")
    return instant


def _require_day(day: date) -> None:
    # A datetime passes for a date in Python but equals none, and its UTC day may be the wrong one.
    if isinstance(day, datetime):
        raise TypeError("expected a day, not an instant: use local(instant).date()")
