"""Charts: drawn by the server, read by everyone, no script in the browser.

A chart is a `<figure class="chart">` that belongs beside a table of the same figures
(``ui.data_table``): it shows the course of things, the table has every number. Colours come from
the theme (`site.css`); each series has a filling, line and mark of its own besides. Numbers are in
Vietnamese form in all languages, as days are.
"""

from __future__ import annotations

from hoitu.core.web.charts.columns import bars
from hoitu.core.web.charts.courses import lines
from hoitu.core.web.charts.figure import Series
from hoitu.core.web.charts.portions import shares

__all__ = ["Series", "bars", "lines", "shares"]
