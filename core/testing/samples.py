"""Sample values: what a section's own ``demo.yaml`` says, and values made from a field's kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from hoitu.core.content import (
    Amount,
    Choice,
    Day,
    Email,
    Field,
    Flag,
    Kind,
    Line,
    Moment,
    Number,
    Paragraphs,
    Point,
    RichText,
    Rows,
    Url,
)
from hoitu.core.demo import loading
from hoitu.core.demo.loading import InDays

#: Stands in every text made here, and in no other.
MARK = "Zbimatz"
#: Found under the same letters without marks, too.
MARKED_WORDS = "đường tráng lệ"
DAY = "27/11/2023"
#: So long are texts that stand on pages by chance.
SHORT = 5


class NoValue(LookupError):
    """No value can be made for a kind that core does not know; ``demo.yaml`` must have one."""


@dataclass(frozen=True, slots=True)
class DemoEntry:
    """One item of a section's ``demo.yaml``; ``fields`` is as written, references as keys."""

    key: str
    type: str
    state: str
    fields: Mapping[str, Any]
    stamped: Mapping[str, Any]
    files: tuple[Path, ...] = ()


def demo_entries(folder: Path, today: date) -> list[DemoEntry]:
    """Return the entries of the ``demo.yaml`` of a package; none when it has none."""
    path = folder / "demo.yaml"
    if not path.is_file():
        return []
    return [
        DemoEntry(
            key=str(entry["key"]),
            type=entry["type"],
            state=entry.get("state", "published"),
            fields=_dated({**entry["fields"], **_listed(entry)}, today),
            stamped=_dated(entry.get("stamped") or {}, today),
            files=tuple(folder / "demo" / name for name in entry.get("files") or ()),
        )
        for entry in _read(path, path.stat().st_mtime_ns)
    ]


@cache
def _read(path: Path, _changed_at: int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = loading.read(path.read_text("utf-8"))["items"]
    return found


def _listed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables that stand beside the fields."""
    return {"relations": entry["relations"]} if entry.get("relations") else {}


def _dated(value: Any, today: date) -> Any:
    if isinstance(value, InDays):
        return value.on(today)
    if isinstance(value, dict):
        return {name: _dated(part, today) for name, part in value.items()}
    if isinstance(value, list):
        return [_dated(part, today) for part in value]
    return value


class Values:
    """Makes a value for any field, by its kind; texts hold ``mark``."""

    def __init__(self, mark: str = MARK) -> None:
        self.mark = mark
        self._numbers = count(100)

    def of(self, declared: Field, *, dates: bool = False) -> Any:
        """Return a value; with ``dates``, optional dates get one, too.

        References and attachments are empty: they name rows, which are not made here.

        :raises NoValue: the kind is none of core's, nor derived from one.
        """
        kind = declared.kind
        if isinstance(kind, Day) and not (declared.required or dates):
            return None
        make = next((_MADE[k] for k in type(kind).__mro__ if k in _MADE), None)
        if make is None:
            if type(kind).__module__.startswith("hoitu.core."):
                return kind.empty
            raise NoValue(f"{declared.name}: no sample value for the kind {type(kind).__name__}")
        return make(self, kind)

    def line(self, limit: int) -> str:
        """Return a line that no other is equal to."""
        # Three digits: what is dialled has as many.
        return f"{self.mark} {self.number()} {MARKED_WORDS}"[:limit].strip()

    def number(self) -> int:
        """Return a number that no other text has."""
        return next(self._numbers)

    def row(self, kind: Rows) -> dict[str, Any]:
        """Return a row of a table."""
        return {column.name: self.of(column) for column in kind.columns}


_Make = Callable[[Values, Any], Any]
#: By the nearest ancestor of a kind.
_MADE: Mapping[type[Kind], _Make] = {
    Email: lambda values, _kind: f"{values.mark}{values.number()}@bimat.vn",
    Url: lambda values, _kind: f"https://{values.mark.lower()}.vn/{values.number()}",
    RichText: lambda values, _kind: f"<p>{values.mark} toàn văn {values.number()}</p>",
    Line: lambda values, kind: values.line(kind.limit),
    Paragraphs: lambda values, kind: values.line(kind.limit),
    Day: lambda _values, _kind: DAY,
    Moment: lambda _values, _kind: "2023-11-27T08:30",
    Number: lambda _values, kind: max(kind.low, min(kind.high, 7)),
    Amount: lambda _values, _kind: 7_000_000,
    Point: lambda _values, _kind: "16.46, 107.59",
    Flag: lambda _values, _kind: True,
    Choice: lambda _values, kind: next((key for key, _label in kind.options() if key), ""),
    Rows: lambda values, kind: [values.row(kind)],
}


def texts(declared: Field, value: Any) -> Iterator[str]:
    """Yield the texts of a stored value by which it is known again."""
    kind = declared.kind
    if isinstance(kind, Rows):
        for row in value or ():
            for column in kind.columns:
                yield from texts(column, row.get(column.name))
    # The key of a vocabulary is nobody's: every form offers it.
    elif isinstance(value, str) and len(value) > SHORT and not isinstance(kind, Choice):
        yield value
