"""Forms from declared fields: which entry a kind gets, what it reads and what it refuses."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict

from hoitu.core.content import (
    Choice,
    Day,
    Email,
    Field,
    Flag,
    Kind,
    Line,
    Moment,
    Number,
    Paragraphs,
    Problem,
    Reference,
    RichText,
    Rows,
    Url,
)
from hoitu.core.content.kinds import Files
from hoitu.core.forms import EntryForm, form_of, shown

COLOURS = Choice(lambda: (("r", "Đỏ"), ("g", "Lục")))


@pytest.fixture(autouse=True)
def _request() -> Iterator[None]:
    app = Flask("forms")
    Babel(app, default_locale="en")
    with app.test_request_context():
        yield


def form(kind: Kind, sent: Any = None, stored: Any = None, **options: Any) -> EntryForm:
    """Return the form of one field called `x`."""
    made = form_of([Field(kind, "X", name="x", **options)])
    formdata = None if sent is None else MultiDict(sent if isinstance(sent, list) else {"x": sent})
    return made(formdata, {} if stored is None else {"x": stored})


class OurLine(Line):
    """A plugin's kind."""


class OurKind(Kind):
    """A plugin's kind of no known sort."""


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        (Line(), "line"),
        (Paragraphs(), "text"),
        (RichText(), "text"),
        (Day(), "line"),
        (Moment(), "line"),
        (Number(), "line"),
        (Flag(), "flag"),
        (COLOURS, "choice"),
        (Url(), "line"),
        (Email(), "line"),
        (Reference("x"), "choice"),
        (Rows(()), "rows"),
        (Files(), "files"),
        (OurLine(), "line"),
        (OurKind(), "line"),
    ],
)
def test_every_kind_has_an_entry(kind: Kind, drawn: str) -> None:
    assert form(kind).entry("x").drawn == drawn


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (Line(), unicodedata.normalize("NFD", "  Thủ  tục "), "Thủ tục"),
        (Line(), "Chào 👋🏽 buổi sáng", "Chào 👋🏽 buổi sáng"),
        (Line(), "a\0b\x07c\ud800", "abc"),
        (Paragraphs(), "một\r\nhai", "một\nhai"),
        (Paragraphs(), "đ" * 200_000, "đ" * 200_000),
        (RichText(), "<p onclick=x>a<script>b</script></p>", "<p>a</p>"),
        (Day(), "27/11/2023", date(2023, 11, 27)),
        (Day(), " 7-2-2024 ", date(2024, 2, 7)),
        (Day(), "2024-02-29", date(2024, 2, 29)),
        (Day(), "27112023", date(2023, 11, 27)),
        (Day(), "", None),
        (Moment(), "27/11/2023 08:30", datetime(2023, 11, 27, 1, 30, tzinfo=UTC)),
        (Moment(), "27/11/2023 08:30:15", datetime(2023, 11, 27, 1, 30, 15, tzinfo=UTC)),
        (Moment(), "27/11/2023 8g05", datetime(2023, 11, 27, 1, 5, tzinfo=UTC)),
        (Number(), " 12 ", 12),
        (COLOURS, "g", "g"),
        (COLOURS, "", ""),
        (Url(), "https://hue.gov.vn/a?b=c", "https://hue.gov.vn/a?b=c"),
        (Email(), "ten@hue.gov.vn", "ten@hue.gov.vn"),
    ],
)
def test_what_is_typed_is_read(kind: Kind, typed: str, value: Any) -> None:
    filled = form(kind, typed)
    assert filled.validate()
    assert kind.clean(filled.values()["x"]) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Line(10), "x" * 11),
        (Line(), "x" * 200_000),
        (Paragraphs(), "x" * 200_001),
        (Day(), "31/02/2024"),
        (Day(), "29/02/2023"),
        (Day(), "00/00/0000"),
        (Day(), "1/1/9999"),
        (Day(), "hôm qua"),
        (Day(), "27/11/2023\0\ud800x"),
        (Day(), "٢٧/١١/٢٠٢٣"),
        (Moment(), "27/11/2023"),
        (Moment(), "27/11/2023 25:00"),
        (Moment(), "0001-01-01T00:00"),
        (Moment(), "99/99/9999 99:99"),
        (Number(), "nhiều"),
        (Number(), "99999999999999999999"),
        (Number(), "9" * 10_000),
        (COLOURS, "b"),
        (COLOURS, "r" * 200_000),
        (Url(), "javascript:alert(1)"),
        (Url(), "http://[::1"),
        (Email(), "không phải"),
        (Reference("x"), "abc"),
        (Reference("x"), "9" * 40),
    ],
)
def test_what_cannot_be_stored_is_refused_and_shown_again(kind: Kind, typed: str) -> None:
    filled = form(kind, typed)
    assert not filled.validate()
    (complaint,) = filled.complaints()
    assert (complaint.entry_id, complaint.label) == ("x", "X")
    assert complaint.message
    assert filled.entry("x")._value() == typed


@pytest.mark.parametrize(
    ("kind", "stored", "typed"),
    [
        (Day(), date(2023, 11, 27), "27/11/2023"),
        (Moment(), datetime(2023, 11, 27, 1, 30, tzinfo=UTC), "27/11/2023 08:30"),
        (Moment(), datetime(2023, 11, 27, 1, 30, 15, tzinfo=UTC), "27/11/2023 08:30:15"),
        (Number(), 0, "0"),
        (Line(), "a", "a"),
        (Line(), None, ""),
    ],
)
def test_a_stored_value_is_shown_as_it_is_typed(kind: Kind, stored: Any, typed: str) -> None:
    assert form(kind, stored=stored).entry("x")._value() == typed


def test_a_field_the_form_did_not_send_keeps_its_value() -> None:
    kept = form(Line(), [("y", "1")], stored="cũ")
    assert kept.values() == {"x": "cũ"}


@pytest.mark.parametrize(
    ("sent", "stored", "value"),
    [
        ([("x-shown", "1"), ("x", "1")], False, True),
        ([("x-shown", "1")], True, False),
        ([("y", "1")], True, True),
    ],
)
def test_an_empty_box_is_a_no_only_where_it_was_shown(
    sent: list[tuple[str, str]], stored: bool, value: bool
) -> None:
    assert form(Flag(), sent, stored=stored).values() == {"x": value}


def test_names_that_forms_use_themselves_are_fine_for_fields() -> None:
    names = ["data", "errors", "kind", "meta", "validate", "fields", "process", "entries", "values"]
    made = form_of([Field(Line(), name, name=name) for name in names])
    filled = made(MultiDict({name: name.upper() for name in names}))
    assert filled.validate()
    assert filled.values() == {name: name.upper() for name in names}


def test_only_declared_fields_are_read() -> None:
    filled = form(Line(), [("x", "a"), ("unit_id", "7"), ("state", "published")])
    assert filled.values() == {"x": "a"}


def test_a_withheld_choice_is_neither_offered_nor_taken() -> None:
    filled = form(COLOURS, "r")
    entry: Any = filled.entry("x")
    entry.withheld = frozenset({"r"})
    assert not filled.validate()
    assert "g" in dict(entry.options)


def test_a_value_the_vocabulary_lost_stays_visible() -> None:
    entry: Any = form(COLOURS, stored="b").entry("x")
    assert ("b", "b") in entry.options


# -- tables --------------------------------------------------------------------------------------

RELATIONS = Rows((Field(COLOURS, "Quan hệ", name="relation"), Field(Line(5), "Số", name="data")))


def rows(*cells: tuple[str, str], count: str = "2", more: bool = False) -> list[tuple[str, str]]:
    button = [("x-more", "1")] if more else []
    return [("x-rows", count), *cells, *button]


def test_a_table_shows_its_rows_and_blank_ones() -> None:
    entry: Any = form(RELATIONS, stored=[{"relation": "r", "data": "1"}]).entry("x")
    assert [row["data"].data for row in entry.rows] == ["1", None, None, None]


def test_a_table_is_read_row_by_row() -> None:
    filled = form(RELATIONS, rows(("x-0-relation", "r"), ("x-1-data", "2")))
    assert filled.validate()
    assert RELATIONS.clean(filled.values()["x"]) == [
        {"relation": "r", "data": ""},
        {"relation": "", "data": "2"},
    ]


def test_an_emptied_table_is_empty() -> None:
    filled = form(RELATIONS, rows(("x-0-data", " ")), stored=[{"relation": "r", "data": "1"}])
    assert RELATIONS.clean(filled.values()["x"]) == []


def test_a_table_the_form_did_not_send_is_kept() -> None:
    stored = [{"relation": "r", "data": "1"}]
    filled = form(RELATIONS, [("y", "1")], stored=stored)
    assert RELATIONS.clean(filled.values()["x"]) == stored


def test_a_wrong_cell_is_named_with_its_row() -> None:
    filled = form(
        RELATIONS, rows(("x-0-data", "1"), ("x-1-data", "toolong"), ("x-1-relation", "?"))
    )
    assert not filled.validate()
    found = [(c.entry_id, c.label) for c in filled.complaints()]
    assert found == [("x-1-relation", "X, row 2: Quan hệ"), ("x-1-data", "X, row 2: Số")]


def test_more_rows_are_blank() -> None:
    entry: Any = form(RELATIONS, rows(("x-0-data", "1"), more=True)).entry("x")
    assert [row["data"].data for row in entry.rows] == ["1", None, None, None, None]


@pytest.mark.parametrize("count", ["-1", "501", "1e9", "²", "99999999999", "x" * 10_000])
def test_a_table_without_end_is_refused(count: str) -> None:
    filled = form(RELATIONS, rows(("x-0-data", "1"), count=count))
    assert not filled.validate()
    entry: Any = filled.entry("x")
    assert len(entry.rows) <= 500
    assert entry.rows[0]["data"].data == "1"


# -- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ([("y", "1")], [1, 2]),
        ([("x-remove", "1")], [2]),
        ([("x-remove", "2"), ("x-remove", "1")], []),
        ([("x-keep", "3")], [1, 2, 3]),
        ([("x-keep", "3"), ("x-remove", "3")], [1, 2]),
        ([("x-keep", "²"), ("x-keep", "-1"), ("x-keep", "9" * 30), ("x-remove", "a")], [1, 2]),
    ],
)
def test_files_are_kept_added_and_removed(sent: list[tuple[str, str]], value: list[int]) -> None:
    assert form(Files(), sent, stored=[1, 2]).values() == {"x": value}


# -- problems ------------------------------------------------------------------------------------


def test_problems_go_to_their_entries_the_rest_to_the_form() -> None:
    filled = form(Line(), "a")
    filled.refuse([Problem("x", "một"), Problem("", "hai"), Problem("title", "ba")])
    found = [(c.entry_id, c.message) for c in filled.complaints()]
    assert found == [("", "hai"), ("", "ba"), ("x", "một")]


@pytest.mark.parametrize(("typed", "fits"), [("a", True), ("", False), ("  \n", False)])
def test_demanded_entries_must_have_something(typed: str, fits: bool) -> None:
    assert form(Line(), typed).demand(["x"]) is fits


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Line(), "", ""),
        (Day(), date(2023, 11, 27), "27/11/2023"),
        (Day(), "31/02/2024", "31/02/2024"),
        (Moment(), datetime(2023, 11, 27, 1, 30, tzinfo=UTC), "08:30 27/11/2023"),
        (Flag(), False, "No"),
        (COLOURS, "r", "Đỏ"),
        (COLOURS, "lost", "lost"),
        (RichText(), "<p>a</p><p>b</p>", "a b"),
        (RELATIONS, [{"relation": "r", "data": "1"}, {"relation": "", "data": "2"}], "Đỏ; 1\n2"),
        (RELATIONS, [], ""),
        (OurKind(), 5, "5"),
    ],
)
def test_values_are_shown_as_text(kind: Kind, value: Any, text: str) -> None:
    assert shown(Field(kind, "X", name="x"), value) == text
