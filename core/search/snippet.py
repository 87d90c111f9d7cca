"""The piece of a document under its title in the results, with the words that were looked for."""

from __future__ import annotations

import re
from itertools import islice

from markupsafe import Markup, escape

from hoitu.core.search import language
from hoitu.core.search.wording import Wording, read_words, spellings
from hoitu.core.text import fold

_WIDTH = 240
#: Characters shown before the first marked word.
_LEAD = 40
#: More matches than this do not make the choice of the piece better, only slower.
_MAX_MATCHES = 50

_Span = tuple[int, int]


class Snippets:
    """Cuts and marks the texts of the hits of one query."""

    def __init__(self, wording: Wording) -> None:
        self._typed = {word.exact for word in wording.needed} if wording.marked else frozenset()
        words = dict.fromkeys(word.folded for word in wording.needed)
        longs = (form for word in words for form in language.long_forms().get(word, ()))
        meant = [r"\W+".join(map(spellings, form)) for form in longs]
        anyword = "|".join([*meant, *map(spellings, words)])
        self._pattern = re.compile(rf"(?<![^\W_])(?:{anyword})(?![^\W_])")

    def build(self, *texts: str) -> tuple[Markup, int | None]:
        """Return the best piece of the first text with a match, and which text that is.

        Without a match it is the start of the first text that says anything, and None.
        """
        for place, text in enumerate(texts):
            if spans := self._spans(text):
                return _piece(text, _best_start(text, spans), spans), place
        return _piece(next(filter(None, texts), ""), 0, []), None

    def _spans(self, text: str) -> list[_Span]:
        """Return where the words stand; those that belong together share a span."""
        spans: list[_Span] = []
        for match in islice(self._pattern.finditer(_aligned_fold(text)), _MAX_MATCHES):
            start, end = match.span()
            # Who types marks does not want other words that only look alike without them.
            if self._typed and not self._means(text[start:end]):
                continue
            if spans and text[spans[-1][1] : start] in {" ", "/", "-"}:
                start = spans.pop()[0]
            spans.append((start, end))
        return spans

    def _means(self, words: str) -> bool:
        """Say whether a word is one of those typed; several are what a short form stands for."""
        found = read_words(words)
        return len(found) != 1 or found[0].exact in self._typed


def _aligned_fold(text: str) -> str:
    """Return the folded text with as many characters as ``text``, so that positions agree."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded
    return "".join((fold(character) or " ")[0] for character in text)


def _best_start(text: str, spans: list[_Span]) -> int:
    """Return the start of the piece that shows the most of the spans."""

    def shown(first: _Span) -> int:
        return sum(b - a for a, b in spans if first[0] <= a and b <= first[0] + _WIDTH - _LEAD)

    if len(text) <= _WIDTH:
        return 0
    return text.rfind(" ", 0, max(0, max(spans, key=shown)[0] - _LEAD)) + 1


def _piece(text: str, start: int, spans: list[_Span]) -> Markup:
    end = len(text)
    if end - start > _WIDTH:
        end = max(text.rfind(" ", start, start + _WIDTH), start + _WIDTH // 2)
    html = ["…" if start else ""]
    position = start
    for first, last in spans:
        if start <= first and last <= end:
            html.append(f"{escape(text[position:first])}<mark>{escape(text[first:last])}</mark>")
            position = last
    html += [str(escape(text[position:end])), "…" if end < len(text) else ""]
    return Markup("".join(html))  # noqa: S704 - every piece of text above is escaped
