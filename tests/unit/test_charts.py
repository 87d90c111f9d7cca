"""Charts: well-formed, legible, and honest about what is not known."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from hoitu.core.web.charts import Series, bars, lines, shares, svg

Draw = Callable[..., Markup]
YEARS = [2021, 2022, 2023]
PAIR = [Series("Kế hoạch", [1250, Decimal("1480.5"), 0]), Series("Giải ngân", [1100, None, -20])]
#: CSS that the policy of the site would not obey, and anything that runs.
FORBIDDEN = re.compile(r"\sstyle=|<style|<script|\son\w+=|javascript:|https?:")
BOTH = pytest.mark.parametrize("draw", [bars, lines])


def parsed(drawn: Markup) -> ElementTree.Element:
    assert isinstance(drawn, Markup)
    assert not FORBIDDEN.search(drawn)
    figure = ElementTree.fromstring(drawn)
    assert (figure.tag, figure.get("class")) == ("figure", "chart")
    ids = [e.get("id") for e in figure.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    [picture] = [e for e in figure.iter("svg") if e.get("role") == "img"]
    named = (picture.get("aria-labelledby") or "").split()
    assert [e.get("id") for e in picture if e.tag in ("title", "desc")] == named
    assert all(text_of(e) for e in picture if e.tag in ("title", "desc"))
    for used in re.findall(r"url\(#([^)]+)\)", drawn):
        assert used in ids
    for measure in re.findall(r'\s(?:x|y|x1|x2|y1|y2|width|height)="([^"]*)"', drawn):
        assert re.fullmatch(r"-?\d+(\.\d+)?(%|rem)?", measure), measure
    return figure


def text_of(element: ElementTree.Element) -> str:
    return "".join(element.itertext())


def texts(figure: ElementTree.Element, name: str = "") -> list[str]:
    return [text_of(e) for e in figure.iter("text") if name in (e.get("class") or "")]


def rectangles(figure: ElementTree.Element) -> list[dict[str, float]]:
    """Return the bars of the picture, in per cent and rem."""
    [picture] = [e for e in figure.iter("svg") if e.get("role") == "img"]
    return [
        {key: float(re.sub("%|rem", "", e.get(key, "0"))) for key in ("x", "y", "width", "height")}
        for e in picture.iter("rect")
        if "chart-bar" in e.get("class", "")
    ]


@BOTH
def test_the_parts_of_a_figure(draw: Draw) -> None:
    figure = parsed(draw(YEARS, PAIR, title="Vốn đầu tư công", unit="tỷ đồng"))
    caption = figure.find("figcaption")
    assert caption is not None
    assert text_of(caption) == "Vốn đầu tư công (tỷ đồng)"
    key = figure.find("ul")
    assert key is not None
    assert [text_of(li).strip() for li in key] == ["Kế hoạch", "Giải ngân"]
    assert {"2021", "2022", "2023"} <= set(texts(figure))
    description = text_of(next(figure.iter("desc")))
    assert "2022, Kế hoạch: 1.481 tỷ đồng" in description
    assert "2023, Giải ngân: -20 tỷ đồng" in description


@BOTH
def test_series_differ_by_more_than_their_colour(draw: Draw) -> None:
    four = [Series(name, [1, 2]) for name in "abcd"]
    drawn = draw(["x", "y"], four, title="t")
    parsed(drawn)
    if draw is bars:
        fills = re.findall(r'chart-bar chart-(\d)"[^>]*fill="([^"]+)"', drawn)
        assert len(set(fills)) == 4
        assert len({fill for _kind, fill in fills}) == 4
    else:
        assert set(re.findall(r'stroke-dasharray="([^"]+)"', drawn)) == set(svg.DASHES[1:])
        assert len({str(svg.mark(kind, "0", "0")) for kind in range(4)}) == 4
    assert draw(["x"], [*four, Series("e", [1])], title="t") == ""


@pytest.mark.parametrize(
    "drawn",
    [
        *(
            draw(*given, title="t")
            for draw in (bars, lines)
            for given in (
                ([], []), (["a"], []), ([], [Series("s", [1])]), (["a"], [Series("s", [])]),
                (["a"], [Series("s", [None])]), (["a"], [Series("s", [float("nan")])]),
                (["a"], [Series("s", [float("inf")])]), (["a"], [Series("s", [Decimal("1e40")])]),
            )
        ),
        *(
            shares(given, title="t")
            for given in (
                [], [("a", None)], [("a", 0)], [("a", 3), ("b", -1)], [("a", float("nan"))],
            )
        ),
    ],
)  # fmt: skip
def test_nothing_to_draw(drawn: Markup) -> None:
    assert drawn == ""
    assert isinstance(drawn, Markup)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a & b", "\"'>", "]]>", "{{ 1 }}"])
def test_labels_are_escaped(text: str) -> None:
    for drawn in (
        bars([text], [Series(text, [1]), Series("b", [2])], title=text, unit=text),
        bars([text * 9], [Series(text, [1]), Series("b", [2])], title=text, unit=text),
        lines([text], [Series(text, [1]), Series("b", [2])], title=text, unit=text),
        shares([(text, 1)], title=text, unit=text),
    ):
        figure = parsed(drawn)
        caption = figure.find("figcaption")
        assert caption is not None
        assert text_of(caption) == f"{text} ({text})"
        assert text[:1].strip() in " ".join(texts(figure))


def test_columns_stand_on_zero() -> None:
    figure = parsed(bars(["a", "b", "c", "d"], [Series("s", [4, -2, 0, None])], title="t"))
    up, down, zero = rectangles(figure)
    assert up["y"] + up["height"] == pytest.approx(down["y"]) == pytest.approx(zero["y"])
    assert up["height"] == pytest.approx(2 * down["height"])
    # Zero is drawn, what is not known is not.
    assert 0 < zero["height"] < 0.1
    assert texts(figure, "chart-value") == ["4", "-2", "0", "–"]


def test_columns_begin_at_zero_and_lines_need_not() -> None:
    values = [Series("s", [95.0, 96.5])]
    assert "0" in texts(parsed(bars("ab", values, title="t")), "chart-tick")
    ticks = texts(parsed(lines("ab", values, title="t")), "chart-tick")
    assert "0" not in ticks
    assert "95" in ticks
    assert "0" in texts(parsed(lines("ab", [Series("s", [10, 96])], title="t")), "chart-tick")


@pytest.mark.parametrize("values", [[5], [0], [-5], [0.0001], [1e20], [None, 7]])
@BOTH
def test_one_value(draw: Draw, values: list[Any]) -> None:
    parsed(draw(range(len(values)), [Series("s", values)], title="t"))


def test_long_labels_turn_the_chart_on_its_side() -> None:
    label = "Chi thường xuyên sự nghiệp giáo dục, đào tạo và dạy nghề"
    given = [Series("a", [30, -10, None]), Series("b", [60, 0, 5])]
    figure = parsed(bars([label, "x", "y"], given, title="t"))
    assert label in " ".join(texts(figure, "chart-label"))
    long, _zero, negative, *_rest = sorted(rectangles(figure), key=lambda r: -r["width"])
    bars_of = rectangles(figure)
    assert len(bars_of) == 5
    # Each in its own line, all from the same zero.
    assert len({bar["y"] for bar in bars_of}) == 5
    assert long["width"] == pytest.approx(2 * _zero["width"], rel=0.01)
    assert all(bar["x"] + bar["width"] <= 100 for bar in bars_of)
    assert negative["width"] > 0


def test_many_labels() -> None:
    labels = [f"{month:02}/{year}" for year in range(2000, 2025) for month in range(1, 13)]
    series = [Series("s", list(range(len(labels))))]
    figure = parsed(lines(labels, series, title="t"))
    shown = [t for t in texts(figure, "chart-tick") if "/" in t]
    assert 3 <= len(shown) <= 12
    assert shown[0] == "01/2000"
    on_telephones = [
        e for e in figure.iter("text") if e.get("class") == "chart-tick" and "/" in text_of(e)
    ]
    assert 1 <= len(on_telephones) <= 5
    marks = [e for e in figure.iter("g") if e.get("class") == "chart-mark"]
    assert len(marks) < 30
    assert len(rectangles(parsed(bars(labels, series, title="t")))) == 300


def test_a_gap_in_a_line() -> None:
    figure = parsed(lines("abcdef", [Series("s", [1, 2, None, 3, None, 4])], title="t"))
    strokes = [
        e for g in figure.iter("g") if g.get("stroke") for e in g.iter("line")
    ]  # fmt: skip
    assert len(strokes) == 1
    assert len([e for e in figure.iter("g") if e.get("class") == "chart-mark"]) == 4


def test_values_of_other_lengths() -> None:
    figure = parsed(bars("ab", [Series("s", [1, 2, 3]), Series("t", [4])], title="t"))
    assert len(rectangles(figure)) == 3


def test_shares_of_a_whole() -> None:
    parts = [("Hài lòng", 2), ("Không hài lòng", 1), ("Khác", 0), ("Bỏ trống", None)]
    figure = parsed(shares(parts, title="Khảo sát", unit="phiếu"))
    assert texts(figure, "chart-value") == ["66,7% (2)", "33,3% (1)", "0% (0)", "0% (0)"]
    assert [bar["width"] for bar in rectangles(figure)] == pytest.approx([66.667, 33.333, 0, 0])
    assert "Hài lòng, 66,7%" in text_of(next(figure.iter("desc")))
    assert figure.find("ul") is None


def test_the_same_chart_has_the_same_names() -> None:
    one, other = (bars(YEARS, PAIR, title=title) for title in ("a", "b"))
    assert one == bars(YEARS, PAIR, title="a")
    ids = [set(re.findall(r'id="([^"]+)"', drawn)) for drawn in (one, other)]
    assert ids[0].isdisjoint(ids[1])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("0", "1900", "0 500 1000 1500 2000"),
        ("0", "1", "0 0.25 0.5 0.75 1"),
        ("-1.25", "3.75", "-2 0 2 4"),
        ("0", "0", "0 0.25 0.5 0.75 1"),
        ("95", "96.8", "95 95.5 96 96.5 97"),
        ("7", "7", "0 2 4 6 8"),
    ],
)
def test_ticks(low: str, high: str, expected: str) -> None:
    found = svg.ticks(Decimal(low), Decimal(high))
    assert found == [Decimal(n) for n in expected.split()]


@pytest.mark.parametrize("exponent", range(-6, 20))
def test_ticks_enclose_their_range(exponent: int) -> None:
    for digits in range(1, 100):
        high = Decimal(digits).scaleb(exponent)
        found = svg.ticks(-high / 3, high)
        assert found[0] <= -high / 3
        assert found[-1] >= high
        assert 3 <= len(found) <= 8


def test_values_beside_bars_are_short() -> None:
    values = (Decimal("1250.5"), Decimal("100.04"), Decimal("2.345"), Decimal(7))
    assert [svg.shown(value) for value in values] == ["1.251", "100", "2,35", "7"]
