"""Shares: the parts of a whole."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import gettext as _
from markupsafe import Markup

from hoitu.core import numbers
from hoitu.core.web.charts import svg
from hoitu.core.web.charts.figure import Chart, drawing, figure, written, written_lines
from hoitu.core.web.charts.svg import LINE, NARROW, Value, across, element, lines_of, rem, shown


def shares(parts: Iterable[tuple[object, Value]], *, title: object, unit: object = "") -> Markup:
    """Return a bar for each part of a whole with its percentage, such as answers of a survey.

    Empty when there is nothing, all is zero, or a part is negative.
    """
    given = [(" ".join(str(label).split()), svg.finite(value)) for label, value in parts]
    values = [value or Decimal(0) for _label, value in given]
    total = sum(values, Decimal(0))
    if not total or min(values) < 0:
        return Markup()
    chart = Chart([label for label, _value in given], [""], [list(values)], str(title), str(unit))
    drawn: list[Markup] = []
    at = 0.0
    for label, value in zip(chart.labels, values, strict=True):
        share = value / total
        count = f"{_percentage(share)} ({shown(value)})"
        text = lines_of(label, NARROW - svg.width_of([count]) - 0.5)
        drawn += written_lines(text, at)
        drawn.append(written(count, "100%", at + 1, "end", "chart-value"))
        at += LINE * len(text) + 0.2
        drawn += [
            element("rect", class_="chart-track", width="100%", y=rem(at), height=rem(0.9)),
            element(
                "rect", class_="chart-bar chart-1", fill="currentColor", y=rem(at),
                width=across(float(share)), height=rem(0.9),
            ),
        ]  # fmt: skip
        at += 0.9 + 0.8
    largest = max(range(len(values)), key=lambda i: values[i])
    description = _(
        "Largest part: %(label)s, %(share)s. All figures are in the table.",
        label=chart.labels[largest],
        share=_percentage(values[largest] / total),
    )
    return figure(chart, drawing(chart, Markup("").join(drawn), at - 0.5, description))


def _percentage(share: Decimal) -> str:
    return numbers.write((share * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)) + "%"
