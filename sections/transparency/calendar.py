"""Reception days: the next ones, those of a month, and both as iCalendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from hoitu.core.clock import ZONE
from hoitu.core.content import Item, queries
from hoitu.core.extensions import session
from hoitu.core.web import now
from hoitu.sections.transparency.models import ReceptionDay

#: Longest line in octets, its end not counted.
LINE = 75


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a calendar."""

    year: int
    number: int

    @classmethod
    def of(cls, typed: str, day: date) -> Month:
        """Return the month an address names as ``2026-11``; that of ``day`` when it names none."""
        year, dash, number = typed.partition("-")
        if dash and typed.isascii() and year.isdigit() and number.isdigit() and len(typed) == 7:
            found = cls(int(year), int(number))
            if 1900 <= found.year <= 2200 and 1 <= found.number <= 12:
                return found
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def title(self) -> str:
        """The month as it is written, e.g. ``11/2026``."""
        return f"{self.number:02}/{self.year}"

    @property
    def start(self) -> datetime:
        """The instant at which it begins."""
        return datetime(self.year, self.number, 1, tzinfo=ZONE)

    def moved(self, by: int) -> Month:
        """Return the month so many months later."""
        years, number = divmod(self.number - 1 + by, 12)
        return Month(self.year + years, number + 1)


def upcoming(limit: int) -> list[ReceptionDay]:
    """Return the reception days that are not over, the next first: one statement."""
    chosen = queries.public(ReceptionDay, now()).where(ReceptionDay.ends_at > now())
    return list(session().scalars(chosen.order_by(Item.sort_at, Item.id).limit(limit)))


def of_month(month: Month) -> list[ReceptionDay]:
    """Return the reception days of a month in their order: one statement."""
    chosen = queries.public(ReceptionDay, now()).where(
        Item.sort_at >= month.start, Item.sort_at < month.moved(1).start
    )
    return list(session().scalars(chosen.order_by(Item.sort_at, Item.id).limit(200)))


def as_icalendar(days: Sequence[ReceptionDay], name: str, host: str) -> bytes:
    """Return a calendar of reception days for any calendar program."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Hoi Tu//{host}//VI",
             f"X-WR-CALNAME:{_escaped(name)}"]  # fmt: skip
    for day in days:
        lines += _event(day, host)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _event(day: ReceptionDay, host: str) -> Iterator[str]:
    starts_at, ends_at = day.starts_at, day.ends_at
    if starts_at is None or ends_at is None:
        return
    yield "BEGIN:VEVENT"
    yield f"UID:{day.uid}@{host}"
    yield f"DTSTAMP:{_instant(day.revised_at or day.updated_at)}"
    yield f"DTSTART:{_instant(starts_at)}"
    yield f"DTEND:{_instant(ends_at)}"
    yield f"SUMMARY:{_escaped(day.title)}"
    yield f"LOCATION:{_escaped(day.place)}"
    told = (", ".join(filter(None, (day.post, day.official))), day.note)
    yield "DESCRIPTION:" + _escaped("\n".join(filter(None, told)))
    yield "END:VEVENT"


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(value: str) -> str:
    r"""Return a text as a value.

    >>> _escaped("Số 1; phòng 2, tầng 3\nMang theo giấy tờ")
    'Số 1\\; phòng 2\\, tầng 3\\nMang theo giấy tờ'
    """
    for sign in ("\\", ";", ","):
        value = value.replace(sign, f"\\{sign}")
    return "\\n".join(value.splitlines())


def _folded(line: str) -> Iterator[str]:
    """Yield a line in parts of at most ``LINE`` octets, no character torn apart."""
    part, size = "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > LINE:
            yield part
            part, size = " ", 1
        part, size = part + sign, size + octets
    yield part
