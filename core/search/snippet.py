"""The piece of a document under its title in the results, with the words that were looked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from markupsafe import Markup, escape

from hoitu.core.search.wording import Word, aligned_fold, aligned_lower

WIDTH = 240
#: Characters shown before the first marked word.
_LEAD = 40
#: More matches than this do not make the choice of the piece better, only slower.
_MAX_MATCHES = 30
#: What stands between the words of a phrase and between the parts of a document number.
_JOINTS = frozenset(" /-")


class _Match(NamedTuple):
    start: int
    end: int
    word: str


class Snippets:
    """Cuts and marks the texts of the hits of one query."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._forms: dict[str, set[str] | None] = {}
        for word in words:
            # Someone who types marks does not want other words that only look alike without them.
            self._forms[word.folded] = {word.folded, word.exact} if word.marked else None
        alternatives = "|".join(map(re.escape, sorted(self._forms, key=len, reverse=True)))
        self._pattern = re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])")

    def build(self, *texts: str) -> Markup:
        """Return the best piece of the first text with a match, else the start of the first."""
        for text in texts:
            if matches := self._matches(text):
                return self._marked(text, matches)
        first = next(filter(None, texts), "")
        return self._piece(first, 0, [])

    def _matches(self, text: str) -> list[_Match]:
        lower: str | None = None
        found = []
        for match in islice(self._pattern.finditer(aligned_fold(text)), _MAX_MATCHES):
            forms = self._forms[match.group()]
            if forms is not None:
                lower = aligned_lower(text) if lower is None else lower
                if lower[match.start() : match.end()] not in forms:
                    continue
            found.append(_Match(match.start(), match.end(), match.group()))
        return found

    def _marked(self, text: str, matches: list[_Match]) -> Markup:
        def different_words(first: _Match) -> int:
            end = first.start + WIDTH - _LEAD
            return len({m.word for m in matches if m.start >= first.start and m.end <= end})

        best = max(matches, key=different_words)
        start = best.start - _LEAD
        if start <= 0 or len(text) <= WIDTH:
            start = 0
        else:
            start = min(text.find(" ", start) + 1 or best.start, best.start)
        return self._piece(text, start, matches)

    def _piece(self, text: str, start: int, matches: list[_Match]) -> Markup:
        end = len(text)
        if end - start > WIDTH:
            end = text.rfind(" ", start + 1, start + WIDTH)
            end = end if end > start else start + WIDTH
        html = ["…" if start else ""]
        position = start
        for first, last in _merged(text, [m for m in matches if start <= m.start and m.end <= end]):
            html.append(f"{escape(text[position:first])}<mark>{escape(text[first:last])}</mark>")
            position = last
        html.append(str(escape(text[position:end])))
        html.append("…" if end < len(text) else "")
        return Markup("".join(html))  # noqa: S704 - every piece of text above is escaped


def _merged(text: str, matches: list[_Match]) -> list[tuple[int, int]]:
    """Return the spans to mark; words that belong together share a mark."""
    spans: list[tuple[int, int]] = []
    for match in matches:
        if spans and text[spans[-1][1] : match.start] in _JOINTS:
            spans[-1] = (spans[-1][0], match.end)
        else:
            spans.append((match.start, match.end))
    return spans
