"""Lines: how something went on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from math import ceil

from markupsafe import Markup

from hoitu.core.web.charts import svg
from hoitu.core.web.charts.figure import (
    PLOT,
    TOP,
    Chart,
    Series,
    axis_width,
    course,
    figure,
    grid,
    plot,
    upward,
    written,
)
from hoitu.core.web.charts.svg import LINE, NARROW, WIDE, across, element, places, rem, shown

#: How far a text may stand out to the right, where every page has a margin, in rem.
_MARGIN = 0.9
#: Marks of a line beyond which some are left out.
_MARKS = 18


def lines(
    labels: Iterable[object], series: Sequence[Series], *, title: object, unit: object = ""
) -> Markup:
    """Return a line for each series over labels in their order, such as months.

    Where a value is not known the line has a gap. Empty as for :func:`bars`.
    """
    chart = Chart.of(labels, series, title, unit)
    if chart is None:
        return Markup()
    low, high = min(chart.known), max(chart.known)
    # Small movements far from zero are the message of a line; a column must begin at zero.
    if low * 2 < high or low < 0:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    scale = svg.ticks(low, high)
    up = upward(scale)
    count = len(chart.labels)
    middle = [0.02 + 0.96 * i / (count - 1) for i in range(count)] if count > 1 else [0.5]
    parts = [grid(scale, up)]
    for kind, row in enumerate(chart.rows):
        found = places(row)
        strokes = (
            element(
                "line", x1=across(middle[i]), y1=rem(up(a)), x2=across(middle[j]), y2=rem(up(b))
            )
            for (i, a), (j, b) in pairwise(found)
            if j == i + 1
        )  # fmt: skip
        marked = _marked(row)
        marks = (svg.mark(kind, across(middle[i]), rem(up(v))) for i, v in found if i in marked)
        parts.append(course(kind, strokes, marks))
    parts.append(_ends(chart, up, middle))
    parts.append(_spaced_labels(chart, scale, middle))
    body = plot(chart, scale, Markup("").join(parts), TOP + PLOT + LINE + 0.4)
    return figure(chart, body, is_line=True)


def _marked(row: Sequence[Decimal | None]) -> set[int]:
    """Return where a line has marks: at points without neighbours, the last one, and on the way."""
    every = ceil(len(row) / _MARKS)
    known = {index for index, _value in places(row)}
    alone = {i for i in known if not {i - 1, i + 1} & known}
    return alone | {i for i in known if i % every == 0} | {max(known, default=0)}


def _ends(chart: Chart, up: Callable[[Decimal], float], middle: list[float]) -> Markup:
    """Return the last value of each line, unless it would stand on another one's."""
    taken: list[tuple[float, float]] = []
    parts = []
    for row in sorted(filter(places, chart.rows), key=lambda row: places(row)[-1][1], reverse=True):
        index, value = places(row)[-1]
        x = middle[index] * NARROW
        for y in (up(value) - 0.6, up(value) + 1.3):
            if all(abs(x - a) >= 2 * LINE or abs(y - b) >= LINE for a, b in taken):
                parts.append(_below(shown(value), index, middle, y, "chart-value"))
                taken.append((x, y))
                break
    return Markup("").join(parts)


def _below(
    words: str, index: int, middle: list[float], y: float, name: str, axis: float = 0
) -> Markup:
    """Return a text centred on a point of a line, moved as far as it would leave the drawing."""
    half = svg.width_of([words]) / 2
    anchor, shift = "middle", None
    if len(middle) == 1:
        pass
    elif index == 0:
        anchor, shift = "start", -min(half, axis)
    elif index == len(middle) - 1:
        anchor, shift = "end", min(half, _MARGIN)
    return written(words, across(middle[index]), y, anchor, name, dx=shift)


def _spaced_labels(chart: Chart, scale: list[Decimal], middle: list[float]) -> Markup:
    """Return as many labels below the lines as there is room for, evenly spaced."""
    count = len(chart.labels)
    texts = [label if len(label) <= 14 else label[:13] + "…" for label in chart.labels]
    widest = svg.width_of(texts) + 1
    axis = axis_width(scale)
    # On a telephone every nth of those of a page, so that the others can be hidden there.
    every_wide = ceil(widest * count / (WIDE - axis))
    every = every_wide * ceil(widest * count / every_wide / (NARROW - axis))
    y = TOP + PLOT + 1.2
    return Markup("").join(
        _below(
            texts[index], index, middle, y,
            "chart-tick" if index % every == 0 else "chart-tick chart-wide", axis,
        )
        for index in range(0, count, every_wide)
    )  # fmt: skip
