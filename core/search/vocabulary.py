"""The words of an index with their marks: what a correction may propose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hoitu.core.text import fold

#: Folded word -> its forms with marks -> in how many documents each stands.
Forms = Mapping[str, Mapping[str, int]]


class Vocabulary:
    """The words of each segment of an index; one that was read stays as it is.

    A commit writes a small segment and leaves the large ones, so that little is read after it.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Forms] = {}

    def of(self, leaves: Iterable[Any]) -> Forms:
        """Return the words of these readers of segments, those of deleted documents too."""
        kept = {}
        for leaf in leaves:
            segment = leaf.segment()  # None while the index is empty.
            name = segment.segment_id() if segment else ""
            kept[name] = self._kept.get(name) or _read(leaf)
        self._kept = kept
        largest, *others = sorted(kept.values(), key=len, reverse=True)
        found = dict(largest)
        for forms in others:
            for folded, numbers in forms.items():
                known = found.get(folded, {})
                found[folded] = {
                    **known, **{form: n + known.get(form, 0) for form, n in numbers.items()}
                }  # fmt: skip
        return found


def _read(leaf: Any) -> Forms:
    """Return the words of one segment, some microseconds for each."""
    found: dict[str, dict[str, int]] = {}
    for term, info in leaf.iter_prefix("words", "="):
        form = term.decode()[1:]
        if form.isalpha():
            found.setdefault(fold(form), {})[form] = int(info.doc_frequency())
    return found
