"""What the kit reads of a page, and the faults it sees in one."""

from __future__ import annotations

import pytest

from hoitu.core.testing.markup import Page


@pytest.mark.parametrize(
    ("markup", "faults"),
    [
        ("<h1>A</h1><h2>B</h2><h3>C</h3><h2>D</h2>", []),
        ("<h2>B</h2>", ["0 <h1>; a page has one"]),
        ("<h1>A</h1><h1>B</h1>", ["2 <h1>; a page has one"]),
        ("<h1>A</h1><h3>B</h3>", ["line 1 <h3> follows <h1>; levels are not left out"]),
        ("<h1>A</h1><h2> </h2>", ["line 1 <h2> is empty"]),
        ('<h1><img src="/a.png" alt="A"></h1>', []),
    ],
)
def test_headings(markup: str, faults: list[str]) -> None:
    assert Page(markup).heading_faults() == faults


@pytest.mark.parametrize(
    ("markup", "is_labelled"),
    [
        ('<label for="q">Q</label><input id="q">', True),
        ('<label for="q"></label><input id="q">', False),
        ("<label>Q <input></label>", True),
        ('<input aria-label="Q">', True),
        ('<b id="b">Q</b><select aria-labelledby="b"></select>', True),
        ('<select aria-labelledby="b"></select>', False),
        ("<textarea></textarea>", False),
        ('<input type="hidden"><input type="submit">', True),
        ('<p id="a"></p><p id="a"></p>', False),
    ],
)
def test_labels(markup: str, is_labelled: bool) -> None:
    assert (Page(markup).label_faults() == []) is is_labelled


@pytest.mark.parametrize(
    ("markup", "is_named"),
    [
        ('<a href="/">A</a><button>B</button><img src="/x" alt="">', True),
        ('<a href="/"><span></span></a>', False),
        ('<a href="/"><img src="/x" alt="X"></a>', True),
        ('<a href="/"><img src="/x" alt=""></a>', False),
        ('<a name="here"></a>', True),
        ("<button><svg></svg></button>", False),
        ('<button aria-label="Menu"></button>', True),
        ('<img src="/x">', False),
    ],
)
def test_names(markup: str, is_named: bool) -> None:
    assert (Page(markup).name_faults() == []) is is_named


@pytest.mark.parametrize(
    ("markup", "is_clean"),
    [
        ('<script src="/a.js"></script><link rel="stylesheet" href="/a.css">', True),
        ('<script type="application/ld+json">{}</script>', True),
        ("<script>go()</script>", False),
        ("<style>a {}</style>", False),
        ('<p style="color: red">', False),
        ('<p onclick="go()">', False),
        ('<a href=" JavaScript:go()">A</a>', False),
        ('<link rel="canonical" href="https://a.vn/">', True),
        ('<link rel="icon" href="https://a.vn/a.png">', False),
        ('<img alt="" src="//a.vn/a.png">', False),
    ],
)
def test_inline(markup: str, is_clean: bool) -> None:
    assert (Page(markup).inline_faults() == []) is is_clean


def test_a_form_sends_what_a_browser_sends() -> None:
    page = Page("""
    <form action="/x">
    <input name="a" value="1"><input name="b" type="checkbox">
    <input name="c" type="checkbox" checked>
    <input name="d" type="radio" value="1"><input name="d" type="radio" value="2" checked>
    <input name="e" type="file"><input name="f" disabled value="x"><button name="g">G</button>
    <textarea name="h">
Một &amp; hai
ba</textarea>
    <select name="i"><option value="">-</option><option value="2" selected>B</option></select>
    <select name="j"><option>C</option><option>D</option></select>
    <select name="k" multiple><option>E</option></select>
    </form>
    """)
    (form,) = page.all("form")
    assert page.form_data(form) == [
        ("a", "1"), ("c", "on"), ("d", "2"), ("h", "Một & hai\r\nba"), ("i", "2"), ("j", "C"),
    ]  # fmt: skip
