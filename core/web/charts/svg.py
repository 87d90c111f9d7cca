"""The parts charts are made of: elements of SVG, round numbers for an axis, room for text.

Across, everything is in per cent of the width there is; up and down in rem. So a chart fills a
telephone as it fills a page, and its text keeps the size of the page's text on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, floor, isfinite, log10
from textwrap import wrap

from markupsafe import Markup

from hoitu.core import numbers

#: Width of an average character of a label, in rem, and of one that is narrow in every font.
CHARACTER, SLIM = 0.54, 0.26
_SLIM_ONES = frozenset(" .,:;'-()|/iIl")
#: The width within a telephone's page, and from which a chart may show more (see site.css), in rem.
NARROW, WIDE = 19.0, 44.0
#: Words have narrow letters and spaces, numbers hardly any.
_AVERAGE = 0.47
LINE = 1.2
#: Kinds of filling and of line, in the order of the series; as many can be told apart.
SERIES = 4
DASHES = ("", "7 4", "2 4", "11 4 2 4")

Value = Decimal | float | None


def element(name: str, *content: Markup | str, **attributes: object) -> Markup:
    """Return an element, everything in it escaped; ``class_`` is class, ``a_b`` is ``a-b``."""
    pairs = (
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _measure(value))
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    start = Markup("<{}{}>").format(name, Markup("").join(pairs))
    return start + Markup("").join(content) + Markup("</{}>").format(name)


def across(share: float) -> str:
    """Return a measure in per cent of the width."""
    return f"{_measure(share * 100)}%"


def rem(length: float) -> str:
    """Return a measure that grows with the reader's text."""
    return f"{_measure(length)}rem"


def mark(kind: int, x: str, y: str) -> Markup:
    """Return the mark of a series at a point: dot, square, diamond or triangle."""
    shape = (
        element("circle", r=4),
        element("path", d="M-4-4H4V4H-4Z"),
        element("path", d="M0-5.5L5.5 0L0 5.5L-5.5 0Z"),
        element("path", d="M0-5L5 4H-5Z"),
    )[kind]
    # Only a drawing of its own can begin at per cent across and rem down.
    inner = element("g", shape, class_="chart-mark", fill="currentColor")
    return element("svg", inner, x=x, y=y, overflow="visible", width=1, height=1)


def pattern(chart: str, kind: int) -> Markup:
    """Return the definition of a series' filling; the first is plain and has none."""
    drawn = (
        Markup(),
        element("path", d="M-1 7L7-1M-1 1L1-1M5 7L7 5", stroke_width=1.6),
        element("circle", cx=3, cy=3, r=1.4, fill="currentColor"),
        element("path", d="M0 3H6", stroke_width=1.8),
    )[kind]
    if not drawn:
        return drawn
    return element(
        "pattern",
        element("g", drawn, stroke="currentColor"),
        id=f"{chart}-{kind}",
        class_=f"chart-{kind + 1}",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
    )


def filling(chart: str, kind: int) -> str:
    """Return the value of ``fill`` for a series."""
    return f"url(#{chart}-{kind})" if kind else "currentColor"


def lines_of(label: str, room: float) -> list[str]:
    """Return a label in lines that fit into some rem; a word that is too long stays whole."""
    return wrap(label, max(1, int(room / _AVERAGE)), break_long_words=False) or [""]


def width_of(texts: Iterable[str]) -> float:
    """Return the width of the widest of some texts in rem; fonts differ, it is an estimate."""
    return max(sum(SLIM if c in _SLIM_ONES else CHARACTER for c in text) for text in texts)


def finite(value: Value) -> Decimal | None:
    """Return a value as it is computed with; None for what is no number."""
    if value is None or not isfinite(value):
        return None
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    # What has no place on a screen has none in a chart.
    return exact if abs(exact) < Decimal("1e30") else None


def shown(value: Decimal) -> str:
    """Return a value as it is written beside its bar or point; the table has its last digits."""
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2
    return numbers.write(value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return some four to six round numbers, evenly spaced, that enclose a range."""
    if low == high:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    if low == high:
        high = Decimal(1)
    span = float(high - low)
    power = floor(log10(span / 4))
    rough = span / 4 / 10**power
    nice = next(Decimal(n) for n in ("1", "2", "2.5", "5", "10") if rough <= float(n) + 1e-9)
    step = nice.scaleb(power)
    first, last = floor(low / step), ceil(high / step)
    return [step * n for n in range(first, max(last, first + 1) + 1)]


def places(values: Sequence[Decimal | None]) -> list[tuple[int, Decimal]]:
    """Return index and value of those that are known."""
    return [(index, value) for index, value in enumerate(values) if value is not None]


def _measure(value: object) -> object:
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
