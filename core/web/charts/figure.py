"""What all charts have in common: their figures, the frame, the axis, what is read aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from flask_babel import gettext as _
from markupsafe import Markup

from hoitu.core import numbers
from hoitu.core.web.charts import svg
from hoitu.core.web.charts.svg import (
    LINE,
    SERIES,
    Value,
    element,
    places,
    rem,
    shown,
)

#: Height of what is drawn and of the room above it, in rem.
PLOT, TOP = 12.0, 1.5


@dataclass(frozen=True, slots=True)
class Series:
    """What is compared: a name and one value for each label, None where it is not known."""

    label: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Chart:
    """The figures of a chart, all of one length, and what is written around them."""

    labels: list[str]
    names: list[str]
    rows: list[list[Decimal | None]]
    title: str
    unit: str

    @classmethod
    def of(
        cls, labels: Iterable[object], series: Sequence[Series], title: object, unit: object
    ) -> Chart | None:
        """Return the chart; None when there is nothing to draw, or more than can be told apart."""
        names = [" ".join(str(label).split()) for label in labels]
        if len(series) > SERIES:
            return None
        rows = [[svg.finite(v) for v in s.values][: len(names)] for s in series]
        rows = [row + [None] * (len(names) - len(row)) for row in rows]
        if all(value is None for row in rows for value in row):
            return None
        return cls(names, [str(s.label) for s in series], rows, str(title), str(unit))

    @property
    def id(self) -> str:
        """The same for the same chart, so that a page does not change when nothing did."""
        content = repr((self.labels, self.names, self.rows, self.title, self.unit))
        return f"chart-{crc32(content.encode()):08x}"

    @property
    def known(self) -> list[Decimal]:
        """All values there are."""
        return [value for row in self.rows for value in row if value is not None]

    def patterns(self) -> Markup:
        """Return the definitions of the fillings, for bars."""
        found = Markup("").join(svg.pattern(self.id, kind) for kind in range(len(self.rows)))
        return element("defs", found) if found else found


def figure(chart: Chart, body: Markup, *, is_line: bool = False) -> Markup:
    """Return the whole figure: caption, names of the series, the drawing."""
    unit = element("span", f"({chart.unit})", class_="chart-unit") if chart.unit else ""
    caption = element("figcaption", chart.title, " " if unit else "", unit)
    key = _key(chart, is_line) if len(chart.names) > 1 else Markup()
    return element(
        "figure", caption, key, element("div", body, class_="chart-body"), class_="chart"
    )


def _key(chart: Chart, is_line: bool) -> Markup:
    """Return the names of the series with their filling, or their line and mark."""
    entries = []
    for kind, name in enumerate(chart.names):
        if is_line:
            line = element("line", x1=0, y1=7, x2=28, y2=7)
            sample = course(kind, [line], [svg.mark(kind, "14", "7")])
        else:
            sample = element(
                "rect", class_=f"chart-bar chart-{kind + 1}", x=1, y=1, width=26, height=12,
                fill=svg.filling(chart.id, kind),
            )  # fmt: skip
        drawn = element("svg", sample, aria_hidden="true", width=28, height=14)
        entries.append(element("li", drawn, " ", name))
    return element("ul", *entries, class_="chart-key")


def plot(chart: Chart, scale: list[Decimal], content: Markup, height: float) -> Markup:
    """Return the drawing beside its axis, which is read in the table and not aloud."""
    up = upward(scale)
    axis = element(
        "svg",
        *(written(numbers.write(t), "100%", up(t) + 0.3, "end", "chart-tick") for t in scale),
        class_="chart-axis",
        aria_hidden="true",
        width=rem(axis_width(scale) - 0.5),
        height=rem(height),
    )
    return axis + drawing(chart, content, height, summary(chart))


def drawing(chart: Chart, content: Markup, height: float, description: str) -> Markup:
    """Return the drawing as one picture with a name and a description."""
    title, desc = f"{chart.id}-title", f"{chart.id}-desc"
    return element(
        "svg",
        element("title", chart.title, id=title),
        element("desc", description, id=desc),
        content,
        class_="chart-plot",
        role="img",
        aria_labelledby=f"{title} {desc}",
        width="100%",
        height=rem(height),
    )


def summary(chart: Chart) -> str:
    """Return in one sentence what a glance at the chart tells."""
    found = [
        (value, ", ".join(filter(None, (chart.labels[index], name))))
        for name, row in zip(chart.names, chart.rows, strict=True)
        for index, value in places(row)
    ]
    unit = f" {chart.unit}" if chart.unit else ""
    high, low = (
        f"{label}: {shown(value)}{unit}"
        for value, label in (max(found, key=lambda f: f[0]), min(found, key=lambda f: f[0]))
    )
    return str(
        _(
            "Highest: %(high)s. Lowest: %(low)s. All figures are in the table.",
            high=high,
            low=low,
        )
    )


def upward(scale: list[Decimal]) -> Callable[[Decimal], float]:
    """Return the function from a value to its place down the drawing, in rem."""
    low, high = scale[0], scale[-1]
    return lambda value: TOP + PLOT * float((high - value) / (high - low))


def axis_width(scale: list[Decimal]) -> float:
    """Return the room the numbers of the axis take, with the gap beside them, in rem."""
    return svg.width_of(numbers.write(tick) for tick in scale) + 0.7


def grid(scale: list[Decimal], up: Callable[[Decimal], float]) -> Markup:
    """Return the lines across, at each number of the axis."""
    return Markup("").join(
        element(
            "line", class_="chart-grid" if tick else "chart-grid chart-zero", x1=0, x2="100%",
            y1=rem(up(tick)), y2=rem(up(tick)),
        )
        for tick in scale
    )  # fmt: skip


def course(kind: int, strokes: Iterable[Markup], marks: Iterable[Markup]) -> Markup:
    """Return the strokes and marks of a series; the marks are never dashed."""
    dashed = element("g", *strokes, stroke="currentColor", stroke_dasharray=svg.DASHES[kind])
    return element("g", dashed, *marks, class_=f"chart-line chart-{kind + 1}")


def written_lines(text: list[str], at: float) -> list[Markup]:
    """Return the lines of a label, the first one at some rem down."""
    return [
        written(line, "0", at + 1 + LINE * n, "start", "chart-label") for n, line in enumerate(text)
    ]


def written(
    content: str, x: str, y: float, anchor: str, name: str = "", *, dx: float | None = None
) -> Markup:
    """Return text whose foot stands ``y`` rem down, and ``dx`` rem beside ``x``."""
    shift = None if dx is None else rem(dx)
    return element(
        "text", content, class_=name, x=x, y=rem(y), dx=shift,
        text_anchor=None if anchor == "start" else anchor,
    )  # fmt: skip
