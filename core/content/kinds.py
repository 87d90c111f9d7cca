"""Kinds: what a value of a field is, how it is stored, cleaned and written as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, Boolean, Date, Integer, String, Text
from sqlalchemy.types import TypeEngine

from hoitu.core import clock, text
from hoitu.core.content import rich_text
from hoitu.core.db import BigId, Instant

#: Longest text of a field without a limit of its own, in characters.
LIMIT = 200_000
NOT_OFFERED = _("Choose one of the options of the list.")


class Invalid(ValueError):
    """A value a field refuses; the message is translated and says what to do."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


class Kind:
    """What a value is: how it is stored, cleaned and written as JSON."""

    #: JSON Schema of the value.
    schema: ClassVar[Mapping[str, Any]] = {"type": "string"}
    #: What "nothing entered" is for this kind.
    empty: ClassVar[Any] = ""

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Text()

    def clean(self, value: Any) -> Any:
        """Return the value to store; raise :class:`Invalid` with a message for the editor."""
        return value

    def dump(self, value: Any) -> Any:
        """Return the value as JSON."""
        return value

    def load(self, value: Any) -> Any:
        """Return the value read back from :meth:`dump`."""
        return value

    def from_address(self, value: str) -> Any:
        """Return the value, fit to be compared with the column, of a filter in a public address.

        :raises Invalid: the text names no value of this kind; nothing can match it.
        """
        found = self.clean(value)
        if found in (None, ""):
            raise Invalid(NOT_OFFERED)
        return found


@dataclass(frozen=True)
class Line(Kind):
    """One line of text of at most ``limit`` characters, NFC, spaces folded."""

    limit: int = 250

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return String(self.limit)

    def clean(self, value: Any) -> str:
        """Return one NFC line."""
        line = text.one_line(str(value or ""))
        if len(line) > self.limit:
            raise Invalid(
                _("Too long: %(n)d characters, at most %(m)d.", n=len(line), m=self.limit)
            )
        return line


class Citation(Line):
    """The number of a document, e.g. ``389/KH-UBND``; pages link it where a site here holds it."""


@dataclass(frozen=True)
class Paragraphs(Kind):
    """Plain text with line breaks."""

    limit: int = LIMIT

    def clean(self, value: Any) -> str:
        """Return NFC text."""
        found = text.nfc(str(value or "")).strip()
        if len(found) > self.limit:
            raise Invalid(
                _("Too long: %(n)d characters, at most %(m)d.", n=len(found), m=self.limit)
            )
        return found


@dataclass(frozen=True)
class RichText(Paragraphs):
    """HTML, reduced to what the platform shows: no style, no script, no event handler.

    The limit is that of what is stored; what Word puts around a text may be many times as long.
    """

    #: How much longer than the limit a text may come in.
    MARGIN: ClassVar[int] = 15

    def clean(self, value: Any) -> str:
        """Return the fragment in the one form that is stored, nothing in it that is not allowed."""
        typed = Paragraphs(self.limit * self.MARGIN).clean(value)
        return Paragraphs(self.limit).clean(rich_text.clean(typed))


class Day(Kind):
    """A calendar date, typed and shown as dd/mm/yyyy."""

    schema = {"type": "string", "format": "date"}  # noqa: RUF012
    empty = None

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Date()

    def clean(self, value: Any) -> date | None:
        """Return the date; text may be dd/mm/yyyy or ISO."""
        if value in (None, ""):
            return None
        if isinstance(value, datetime):
            return clock.local(value).date()
        try:
            found = value if isinstance(value, date) else clock.parse_date(str(value))
        except ValueError as error:
            raise Invalid(
                _("Not a date. Write it as dd/mm/yyyy, for example 27/11/2023.")
            ) from error
        if not 1800 <= found.year <= 2200:
            raise Invalid(_("The year must lie between 1800 and 2200."))
        return found

    def dump(self, value: date | None) -> str | None:
        """Return ISO."""
        return value.isoformat() if value else None

    def load(self, value: str | None) -> date | None:
        """Return the date."""
        return date.fromisoformat(value) if value else None


class Moment(Day):
    """An instant; the editor types local time."""

    schema = {"type": "string", "format": "date-time"}  # noqa: RUF012

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Instant()

    def clean(self, value: Any) -> Any:
        """Return the instant, in UTC."""
        if value in (None, ""):
            return None
        if not isinstance(value, datetime):
            try:
                value = datetime.fromisoformat(str(value))
            except ValueError as error:
                raise Invalid(_("Not a date and time.")) from error
        if not 1800 <= value.year <= 2200:
            raise Invalid(_("The year must lie between 1800 and 2200."))
        return (value if value.tzinfo else value.replace(tzinfo=clock.ZONE)).astimezone(UTC)

    def load(self, value: str | None) -> Any:
        """Return the instant."""
        return datetime.fromisoformat(value) if value else None


@dataclass(frozen=True)
class Number(Kind):
    """A whole number from ``low`` to ``high``, both included; by default of 32 bits."""

    low: int = -(2**31)
    high: int = 2**31 - 1
    schema = {"type": "integer"}  # noqa: RUF012
    empty = None

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Integer()

    def clean(self, value: Any) -> int | None:
        """Return the number."""
        found = _whole(value, 2**31)
        if found is not None and not self.low <= found <= self.high:
            raise Invalid(
                _("Give a number from %(low)d to %(high)d.", low=self.low, high=self.high)
            )
        return found


class Amount(Kind):
    """A sum of money in whole VND; typed with or without points between the thousands."""

    schema = {"type": "integer"}  # noqa: RUF012
    empty = None
    _GROUPED: ClassVar[re.Pattern[str]] = re.compile(r"-?\d{1,3}(?:[. ]\d{3})+|-?\d+", re.ASCII)

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return BigInteger()

    def clean(self, value: Any) -> int | None:
        """Return the sum in VND."""
        if isinstance(value, str):
            typed = text.nfc(value).strip().rstrip("\u20ab\u0111\u0110").strip()
            if typed and not self._GROUPED.fullmatch(typed):
                raise Invalid(_("Not a sum in VND, for example 1.250.000.000."))
            value = typed.replace(".", "").replace(" ", "")
        return _whole(value, 2**62)


class Point(Kind):
    """A place on the map, latitude before longitude: ``16.463700, 107.590900`` (WGS 84)."""

    #: Where Viet Nam lies, islands included: (lowest, highest) latitude and longitude in degrees.
    LATITUDES: ClassVar[tuple[float, float]] = (6.0, 24.0)
    LONGITUDES: ClassVar[tuple[float, float]] = (102.0, 118.0)
    _FORM: ClassVar[re.Pattern[str]] = re.compile(
        r"\(?(-?\d{1,3}\.\d+|-?\d{1,3})\s*[,;]\s*(-?\d{1,3}\.\d+|-?\d{1,3})\)?", re.ASCII
    )

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return String(40)

    def clean(self, value: Any) -> str:
        """Return the place as text in one form, '' for none."""
        typed = text.nfc(str(value or "")).strip()
        if not typed:
            return ""
        match = self._FORM.fullmatch(typed)
        if match is None:
            raise Invalid(_("Not a place. Write latitude, longitude, for example 16.4637, 107.59."))
        latitude, longitude = map(float, match.groups())
        if self._inside(longitude, latitude) and not self._inside(latitude, longitude):
            raise Invalid(_("Latitude comes first: %(place)s.", place=f"{longitude}, {latitude}"))
        if not self._inside(latitude, longitude):
            raise Invalid(_("This place does not lie in Viet Nam. Write latitude, longitude."))
        return f"{latitude:.6f}, {longitude:.6f}"

    @staticmethod
    def coordinates(value: str) -> tuple[float, float] | None:
        """Return (latitude, longitude) in degrees of a stored place; None for none."""
        latitude, comma, longitude = (value or "").partition(", ")
        return (float(latitude), float(longitude)) if comma else None

    def _inside(self, latitude: float, longitude: float) -> bool:
        south, north = self.LATITUDES
        west, east = self.LONGITUDES
        return south <= latitude <= north and west <= longitude <= east


class Flag(Kind):
    """Yes or no."""

    WORDS: ClassVar[frozenset[str]] = frozenset({"1", "0", "true", "false", "on", "off"})
    schema = {"type": "boolean"}  # noqa: RUF012
    empty = False

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return Boolean()

    def clean(self, value: Any) -> bool:
        """Return the flag."""
        return bool(value) and value not in ("false", "0", "off")

    def from_address(self, value: str) -> bool:
        """Return the flag; anything but a plain yes or no is none."""
        if value not in self.WORDS:
            raise Invalid(NOT_OFFERED)
        return self.clean(value)


@dataclass(frozen=True)
class Choice(Kind):
    """One key of a vocabulary; ``options`` returns (key, label) pairs, in the order to show."""

    options: Callable[[], Sequence[tuple[str, Any]]]

    def column(self) -> TypeEngine[Any]:
        """Return the column type."""
        return String(60)

    def clean(self, value: Any) -> str:
        """Return a key of the vocabulary."""
        key = str(value or "").strip()
        if key and key not in dict(self.options()):
            raise Invalid(NOT_OFFERED)
        return key

    def label(self, key: str) -> Any:
        """Return the label of a key; the key itself when the vocabulary lost it."""
        return dict(self.options()).get(key, key)


class Url(Line):
    """A web address (http or https)."""

    schema = {"type": "string", "format": "uri"}  # noqa: RUF012

    def clean(self, value: Any) -> str:
        """Return the address."""
        found = super().clean(value)
        try:
            parts = urlsplit(found)
        except ValueError as error:
            raise Invalid(_("Not a web address. It starts with https://")) from error
        if found and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise Invalid(_("Not a web address. It starts with https://"))
        return found


class Email(Line):
    """An e-mail address."""

    schema = {"type": "string", "format": "email"}  # noqa: RUF012
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

    def clean(self, value: Any) -> str:
        """Return the address."""
        found = super().clean(value)
        if found and not self.PATTERN.fullmatch(found):
            raise Invalid(_("Not an e-mail address, for example ten@hue.gov.vn."))
        return found


@dataclass(frozen=True)
class Reference(Kind):
    """The id of another item of the same unit, of content type ``type``; '' = of any type."""

    type: str = ""
    schema = {"type": "integer"}  # noqa: RUF012
    empty = None

    def column(self) -> TypeEngine[Any]:
        """Return the column type: that of the keys it holds."""
        return BigId

    def clean(self, value: Any) -> int | None:
        """Return the id; whether such an item exists is checked by the action."""
        return _whole(value, 2**63)


class Files(Kind):
    """Attachments: a list of file ids, in order."""

    schema = {"type": "array", "items": {"type": "integer"}}  # noqa: RUF012
    empty = ()

    def clean(self, value: Any) -> list[int]:
        """Return the ids, each once."""
        ids = [_whole(entry, 2**63) for entry in value or ()]
        return [entry for entry in dict.fromkeys(ids) if entry is not None]

    def from_address(self, value: str) -> Any:
        """Refuse: attachments are no filter."""
        raise Invalid(NOT_OFFERED)


def _whole(value: Any, limit: int) -> int | None:
    """Return a whole number below ``limit``; None for nothing entered."""
    if value in (None, ""):
        return None
    try:
        found = int(str(value).strip())
    except ValueError as error:
        raise Invalid(_("Not a whole number.")) from error
    if not -limit <= found < limit:
        raise Invalid(_("The number is too large."))
    return found
