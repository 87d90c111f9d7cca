"""Columns and bars: quantities beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from markupsafe import Markup

from hoitu.core.web.charts import svg
from hoitu.core.web.charts.figure import (
    PLOT,
    TOP,
    Chart,
    Series,
    axis_width,
    drawing,
    figure,
    grid,
    plot,
    summary,
    upward,
    written,
    written_lines,
)
from hoitu.core.web.charts.svg import LINE, NARROW, WIDE, across, element, lines_of, rem, shown

#: Most lines of a label below a column; longer ones turn the chart on its side.
_LABEL_LINES = 3
_MISSING = "–"
#: Height of a lying bar, in rem.
_THICK = 1.0
#: Class of a text that fits from a width on, and that width.
_SIZES = {"": NARROW, "chart-wide": WIDE}


def bars(
    labels: Iterable[object], series: Sequence[Series], *, title: object, unit: object = ""
) -> Markup:
    """Return columns side by side for each label, such as planned and spent in each year.

    Labels that would not fit below their columns on a telephone turn the chart on its side. Empty
    without any value, and with more than four series, which nobody can tell apart.
    """
    chart = Chart.of(labels, series, title, unit)
    if chart is None:
        return Markup()
    scale = svg.ticks(min(*chart.known, Decimal(0)), max(*chart.known, Decimal(0)))
    room = (NARROW - axis_width(scale)) / len(chart.labels)
    wrapped = [lines_of(label, room) for label in chart.labels]
    below = max(map(len, wrapped))
    if below > _LABEL_LINES or svg.width_of(line for w in wrapped for line in w) > room:
        return _lying(chart)
    return _standing(chart, scale, wrapped, below)


def _standing(chart: Chart, scale: list[Decimal], wrapped: list[list[str]], below: int) -> Markup:
    """Return columns, their labels below them."""
    up = upward(scale)
    middle = [(index + 0.5) / len(chart.labels) for index in range(len(chart.labels))]
    count = len(chart.rows)
    width = min((0.76 if count == 1 else 0.86) / len(chart.labels) / count, 0.14)
    # Beyond a width for which there is no room the value is in the table only.
    room = {kind: (size - axis_width(scale)) * width for kind, size in _SIZES.items()}
    needed = svg.width_of(shown(value) for value in chart.known)
    sized = next((kind for kind, size in room.items() if needed <= size), None)
    parts = [chart.patterns(), grid(scale, up)]
    for kind, row in enumerate(chart.rows):
        for index, value in enumerate(row):
            left = middle[index] + width * (kind - count / 2)
            parts.append(_column(chart, kind, value, (left, width), up, sized))
    bottom = TOP + PLOT + 0.2
    for index, text in enumerate(wrapped):
        for line, words in enumerate(text):
            parts.append(written(words, across(middle[index]), bottom + 1 + line * LINE, "middle"))
    body = plot(chart, scale, Markup("").join(parts), bottom + below * LINE + 0.3)
    return figure(chart, body)


def _column(
    chart: Chart,
    kind: int,
    value: Decimal | None,
    place: tuple[float, float],
    up: Callable[[Decimal], float],
    sized: str | None,
) -> Markup:
    left, width = place
    zero = up(Decimal(0))
    x = across(left + width / 2)
    if value is None:
        return written(_MISSING, x, zero - 0.3, "middle", "chart-value")
    top, bottom = sorted((up(value), zero))
    drawn = element(
        "rect", class_=f"chart-bar chart-{kind + 1}", fill=svg.filling(chart.id, kind),
        x=across(left + width * 0.06), y=rem(top), width=across(width * 0.88),
        # Zero is a value: it is seen as a line.
        height=rem(max(bottom - top, 0.06)),
    )  # fmt: skip
    if sized is None:
        return drawn
    y = bottom + 0.95 if value < 0 else top - 0.35
    return drawn + written(shown(value), x, y, "middle", f"chart-value {sized}".strip())


def _lying(chart: Chart) -> Markup:
    """Return bars, the label above each group of them."""
    low, high = min(*chart.known, Decimal(0)), max(*chart.known, Decimal(0))
    span = float(high - low) or 1.0
    # The value stands behind its bar, on a telephone as well.
    widest = svg.width_of(shown(value) for value in chart.known)
    room = max(0.4, 1 - (widest + 0.8) / NARROW)
    zero = float(-low) / span * room
    parts, at = [chart.patterns()], 0.0
    for index, label in enumerate(chart.labels):
        found = lines_of(label, NARROW)
        parts += written_lines(found, at)
        at += LINE * len(found) + 0.25
        for kind, row in enumerate(chart.rows):
            length = float(row[index] or 0) / span * room
            parts.append(_bar(chart, kind, row[index], (zero, length), at))
            at += _THICK + 0.25
        at += 0.6
    return figure(chart, drawing(chart, Markup("").join(parts), at - 0.5, summary(chart)))


def _bar(
    chart: Chart, kind: int, value: Decimal | None, place: tuple[float, float], at: float
) -> Markup:
    zero, length = place
    behind = across(zero + max(length, 0))
    words = _MISSING if value is None else shown(value)
    note = written(words, behind, at + _THICK - 0.2, "start", "chart-value", dx=0.4)
    if value is None:
        return note
    drawn = element(
        "rect", class_=f"chart-bar chart-{kind + 1}", fill=svg.filling(chart.id, kind),
        x=across(zero + min(length, 0)), y=rem(at), width=across(max(abs(length), 0.004)),
        height=rem(_THICK),
    )  # fmt: skip
    return drawn + note
