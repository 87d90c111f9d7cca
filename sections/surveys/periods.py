"""Periods: the spans of time within which a browser answers once, and results are counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

#: Months of a period, by the name of the setting; keys have its first letter.
LENGTHS = {"month": 1, "quarter": 3, "year": 12}
_KEY = re.compile(r"(\d{4})-([mqy])(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month, quarter or year; ``key`` names it in addresses and rows: ``2026-q4``."""

    first: date
    months: int

    @property
    def last(self) -> date:
        """The last day."""
        end = self.first.year * 12 + self.first.month - 1 + self.months
        return date(end // 12, end % 12 + 1, 1) - timedelta(days=1)

    @property
    def number(self) -> int:
        """Which one of its year it is, from 1."""
        return (self.first.month - 1) // self.months + 1

    @property
    def key(self) -> str:
        """The name in addresses and rows."""
        letter = next(name[0] for name, months in LENGTHS.items() if months == self.months)
        return f"{self.first.year}-{letter}{self.number}"

    @property
    def label(self) -> str:
        """The name as a reader is told it."""
        year = self.first.year
        if self.months == LENGTHS["year"]:
            return str(_("Year %(year)d", year=year))
        if self.months == LENGTHS["month"]:
            return f"{self.first:%m/%Y}"
        return str(_("Quarter %(number)d of %(year)d", number=self.number, year=year))


def period_of(day: date, name: str) -> Period:
    """Return the period a day lies in; ``name`` is that of the setting, any other a quarter.

    >>> period_of(date(2026, 11, 23), "quarter").key
    '2026-q4'
    """
    months = LENGTHS.get(name, LENGTHS["quarter"])
    return Period(date(day.year, (day.month - 1) // months * months + 1, 1), months)


def period_named(key: str) -> Period | None:
    """Return the period with a key; None where there is none."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    months = next(months for name, months in LENGTHS.items() if name[0] == match[2])
    year, month = int(match[1]), (int(match[3]) - 1) * months + 1
    return Period(date(year, month, 1), months) if year and 1 <= month <= 12 else None
