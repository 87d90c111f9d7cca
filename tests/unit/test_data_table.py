"""The macro that draws tables of figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from gettext import NullTranslations
from typing import Any
from xml.etree import ElementTree

import pytest
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from hoitu.core import clock, numbers
from hoitu.core.plugin.manifest import package_folder
from hoitu.core.web import prose

ROWS = [
    ("Phường A", Decimal("1234.50"), date(2025, 7, 1), True),
    ("Phường B <b>", None, None, False),
]
HEADER = ("Tên", "Số tiền", "Ngày", "Đạt")


@pytest.fixture(scope="module")
def ui() -> Any:
    templates = package_folder("hoitu.themes.base") / "templates"
    environment = Environment(
        loader=FileSystemLoader(templates), extensions=["jinja2.ext.i18n"], autoescape=True
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        NullTranslations(), newstyle=True
    )
    environment.filters.update(date=clock.format_date, number=numbers.write, prose=prose.draw)
    for name in ("moment", "local", "excerpt", "plain", "file_size", "file_kind"):
        environment.filters[name] = str
    environment.globals["asset"] = "/assets/{}".format
    return environment.get_template("macros.html").module


def parsed(drawn: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{drawn}</div>".replace("data-sortable", 'data-sortable=""')
                                  .replace(" defer>", ' defer="">'))  # fmt: skip


def test_cells(ui: Any) -> None:
    page = parsed(ui.data_table("Kinh phí & vốn", HEADER, ROWS))
    caption = page.find(".//caption")
    assert caption is not None
    assert caption.text == "Kinh phí & vốn"
    head = page.findall(".//thead//th")
    assert [(th.get("scope"), th.get("class")) for th in head] == [
        ("col", None), ("col", "number"), ("col", None), ("col", None),
    ]  # fmt: skip
    first, second = page.findall(".//tbody/tr")
    name, amount, day, flag = first
    assert (name.tag, name.get("scope"), name.text) == ("th", "row", "Phường A")
    assert (amount.get("class"), amount.get("data-value")) == ("number", "1234.50")
    assert amount.text == "1.234,5"
    assert day.get("data-value") == "2025-07-01"
    assert "".join(day.itertext()) == "01/07/2025"
    assert flag.text == "Yes"
    assert [cell.text for cell in second] == ["Phường B <b>", None, None, "No"]
    assert page.find(".//script") is None


def test_a_table_that_can_be_sorted_brings_its_script(ui: Any) -> None:
    page = parsed(ui.data_table("t", HEADER, iter(ROWS), sortable=True))
    script = page.find(".//script")
    assert script is not None
    assert script.attrib == {"src": "/assets/js/sort.js", "defer": ""}
    # One row is in order as it is.
    assert parsed(ui.data_table("t", HEADER, ROWS[:1], sortable=True)).find(".//script") is None


def test_links_are_kept_and_empty_tables_left_out(ui: Any) -> None:
    link = Markup('<a href="/x">X</a>')
    assert link in ui.data_table("t", ["a", "b"], [("x", link)])
    assert not ui.data_table("t", HEADER, []).strip()


def test_numbers_in_the_first_column_name_no_row(ui: Any) -> None:
    page = parsed(ui.data_table("t", ["Hạng", "Số"], [(1, 1024), (2, 2.5)]))
    assert page.findall(".//tbody//th") == []
    assert [td.text for td in page.findall(".//td")] == ["1", "1.024", "2", "2,5"]
