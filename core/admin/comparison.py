"""Two sets of values of an item side by side: versions, or what two people entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hoitu.core.admin import wording
from hoitu.core.content import ContentType, Field, RichText
from hoitu.core.forms import shown


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field on both sides."""

    name: str
    label: str
    passages: Sequence[wording.Passage]
    differs: bool

    @property
    def reads_alike(self) -> bool:
        """Whether the words are the same on both sides, though what is stored differs."""
        same = all(pair.same for passage in self.passages for pair in passage.pairs)
        return self.differs and same


def comparisons(
    kind: ContentType, left: Mapping[str, Any], right: Mapping[str, Any]
) -> list[Comparison]:
    """Return every field that holds something on either side, in the order of the form."""
    found = []
    for name, declared in kind.fields.items():
        old, new = left.get(name), right.get(name)
        if not (declared.is_empty(old) and declared.is_empty(new)):
            passages = wording.passages(_lines(declared, old), _lines(declared, new))
            differs = name in differing(kind, left, right, (name,))
            found.append(Comparison(name, str(declared.label), passages, differs))
    return found


def differing(
    kind: ContentType,
    left: Mapping[str, Any],
    right: Mapping[str, Any],
    names: Sequence[str] | None = None,
) -> list[str]:
    """Return the names of the fields whose stored values differ."""
    return [
        name
        for name in (kind.fields if names is None else names)
        if _stored(kind.fields[name], left.get(name)) != _stored(kind.fields[name], right.get(name))
    ]


def _stored(declared: Field, value: Any) -> Any:
    return None if declared.is_empty(value) else declared.kind.dump(value)


def _lines(declared: Field, value: Any) -> list[str]:
    if isinstance(declared.kind, RichText):
        return wording.lines_of(str(value or ""))
    return [line for line in shown(declared, value).splitlines() if line.strip()]
