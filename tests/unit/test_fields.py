from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import BigInteger

from hoitu.core.clock import ZONE
from hoitu.core.content import (
    Amount,
    Choice,
    Day,
    Email,
    Field,
    Flag,
    Invalid,
    Kind,
    Line,
    Moment,
    Number,
    Paragraphs,
    Point,
    Reference,
    RichText,
    Rows,
    Url,
)
from hoitu.core.content.kinds import LIMIT, Files

OPTIONS = Choice(lambda: (("KH", "Kế hoạch"), ("QD", "Quyết định")))
TABLE = Rows((Field(OPTIONS, "Kind", name="kind"), Field(Line(5), "Note", name="note")))
WIDE = Rows(
    (
        Field(Files(), "Files", name="files"),
        Field(Number(), "Number", name="number"),
        Field(Flag(), "Flag", name="flag"),
    )
)
NOUGHT = {"files": [], "number": 0, "flag": False}
DECOMPOSED = unicodedata.normalize("NFD", "Huế đẹp")

#: Kind, what is entered, what is stored.
ACCEPTED: list[tuple[Kind, Any, Any]] = [
    (Line(), None, ""),
    (Line(), "  a \t b\n c ", "a b c"),
    (Line(), DECOMPOSED, "Huế đẹp"),
    (Line(3), "abc", "abc"),
    (Line(3), DECOMPOSED[:5], "Huế"),
    (Line(), 389, "389"),
    (Paragraphs(), " một\n\nhai ", "một\n\nhai"),
    (RichText(), "<p>Huế <b>đẹp</b></p>", "<p>Huế <strong>đẹp</strong></p>"),
    (RichText(), "<script>alert(1)</script>x", "x"),
    (RichText(), '<p onclick="x()" style="color:red" class="a">x</p>', "<p>x</p>"),
    (RichText(), '<a href="javascript:x()">x</a>', "x"),
    (RichText(), '<img src="data:image/png;base64,x">', ""),
    (RichText(), '<iframe src="https://x.vn"></iframe>', ""),
    (RichText(), '<th scope="row" colspan="2">x</th>', "x"),
    (Day(), "", None),
    (Day(), "27/11/2023", date(2023, 11, 27)),
    (Day(), "2023-11-27", date(2023, 11, 27)),
    (Day(), date(2023, 11, 27), date(2023, 11, 27)),
    (Day(), datetime(2023, 11, 26, 17, tzinfo=UTC), date(2023, 11, 27)),
    (Moment(), "2023-11-27T08:30", datetime(2023, 11, 27, 8, 30, tzinfo=ZONE)),
    (Moment(), datetime(2023, 11, 27, tzinfo=UTC), datetime(2023, 11, 27, tzinfo=UTC)),
    (Moment(), None, None),
    (Number(), " 42 ", 42),
    (Number(), 0, 0),
    (Number(), "", None),
    (Number(0, 100), "100", 100),
    (Amount(), "1.250.000.000", 1_250_000_000),
    (Amount(), "1 250 000 đ", 1_250_000),
    (Amount(), "-5000", -5000),
    (Amount(), "", None),
    (Point(), " 16.4637,107.5909 ", "16.463700, 107.590900"),
    (Point(), "(16.4637; 107.5909)", "16.463700, 107.590900"),
    (Point(), None, ""),
    (Reference("unit_page"), "7", 7),
    (Reference("unit_page"), 2**62, 2**62),
    (Flag(), "on", True),
    (Flag(), "false", False),
    (Flag(), None, False),
    (OPTIONS, "KH", "KH"),
    (OPTIONS, None, ""),
    (Url(), "https://hue.gov.vn/van-ban?x=1", "https://hue.gov.vn/van-ban?x=1"),
    (Url(), "", ""),
    (Email(), "ten@hue.gov.vn", "ten@hue.gov.vn"),
    (TABLE, [{"kind": "KH", "note": ""}, {}, {"note": None}], [{"kind": "KH", "note": ""}]),
    (TABLE, None, []),
    (WIDE, [{"files": []}, {"number": 0}, {"flag": "off"}], [NOUGHT]),
    (Files(), ["3", 1, 3, ""], [3, 1]),
    (Files(), [2**62], [2**62]),
]
#: Kind and what is refused.
REFUSED: list[tuple[Kind, Any]] = [
    (Line(3), "abcd"),
    (Paragraphs(3), "abcd"),
    (RichText(3), "abcd"),
    (Paragraphs(), "x" * (LIMIT + 1)),
    (Day(), "31/02/2023"),
    (Day(), "hôm qua"),
    (Day(), "01/01/1799"),
    (Day(), "01/01/2201"),
    (Moment(), "8 giờ"),
    (Number(), "năm"),
    (Number(), "1.5"),
    (Number(), 2**31),
    (Number(0, 100), "101"),
    (Number(0, 100), -1),
    (Amount(), "1.25"),
    (Amount(), "1,5 tỷ"),
    (Amount(), 2**63),
    (Point(), "107.5909, 16.4637"),
    (Point(), "48.85, 2.35"),
    (Point(), "Huế"),
    (Reference("unit_page"), "abc"),
    (Reference("unit_page"), 2**63),
    (OPTIONS, "Kế hoạch"),
    (Url(), "hue.gov.vn"),
    (Url(), "javascript:alert(1)"),
    (Url(), "https://"),
    (Url(), "http://[x"),
    (Email(), "hue.gov.vn"),
    (Email(), "a b@hue.gov.vn"),
    (TABLE, [{"kind": "KH"}, {"kind": "XX"}]),
    (TABLE, [{"note": "abcdef"}]),
    (Files(), ["abc"]),
    (Files(), ["7x"]),
    (Files(), [2**64]),
]


@pytest.fixture(autouse=True)
def _translations() -> Iterator[None]:
    app = Flask("fields")
    Babel(app, locale_selector=lambda: "en")
    with app.test_request_context():
        yield


def test_swapped_coordinates_are_told_the_right_way_round() -> None:
    with pytest.raises(Invalid, match=r"16\.4637, 107\.5909"):
        Point().clean("107.5909, 16.4637")


def test_a_place_is_read_back() -> None:
    assert Point.coordinates("16.463700, 107.590900") == (16.4637, 107.5909)
    assert Point.coordinates("") is None


def label(value: object) -> str:
    """Name a case the same in every process."""
    return type(value).__name__ if isinstance(value, Kind) else ascii(value)[:40]


@pytest.mark.parametrize(("kind", "entered", "stored"), ACCEPTED, ids=label)
def test_what_is_stored(kind: Kind, entered: Any, stored: Any) -> None:
    cleaned = kind.clean(entered)
    assert cleaned == stored
    assert type(cleaned) is type(stored)
    # Cleaning is idempotent and survives a version, which is kept as JSON.
    assert kind.clean(cleaned) == cleaned
    assert kind.load(json.loads(json.dumps(kind.dump(cleaned)))) == cleaned


@pytest.mark.parametrize(("kind", "entered"), REFUSED, ids=label)
def test_what_is_refused_with_a_sentence(kind: Kind, entered: Any) -> None:
    with pytest.raises(Invalid) as caught:
        kind.clean(entered)
    assert str(caught.value.message).endswith((".", "https://"))


@pytest.mark.parametrize(
    ("kind", "value", "compared"),
    [
        (Number(), "42", 42),
        (Reference("unit_page"), "7", 7),
        (Day(), "2023-11-27", date(2023, 11, 27)),
        (Day(), "27/11/2023", date(2023, 11, 27)),
        (Moment(), "2023-11-27T08:30", datetime(2023, 11, 27, 8, 30, tzinfo=ZONE)),
        (Flag(), "1", True),
        (Flag(), "0", False),
        (OPTIONS, "KH", "KH"),
        (Line(), DECOMPOSED, "Huế đẹp"),
        (Url(), "https://hue.gov.vn/", "https://hue.gov.vn/"),
    ],
    ids=label,
)
def test_what_a_filter_compares_with(kind: Kind, value: str, compared: Any) -> None:
    found = kind.from_address(value)
    assert found == compared
    assert type(found) is type(compared)
    python_type = kind.column().python_type
    assert isinstance(found, python_type)


@pytest.mark.parametrize(
    "kind",
    [Number(), Reference("unit_page"), Day(), Moment(), Flag(), OPTIONS, Url(), TABLE, Files()],
    ids=label,
)
@pytest.mark.parametrize("value", ["", " ", "x", "\0", "9" * 40, "1e9", "31/02/2023", "['1']"])
def test_what_no_value_can_match_is_refused(kind: Kind, value: str) -> None:
    with pytest.raises(Invalid):
        kind.from_address(value)


def test_the_column_of_a_reference_holds_every_key() -> None:
    assert isinstance(Reference("unit_page").column(), BigInteger)


def test_the_row_at_fault_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        TABLE.clean([{"kind": "KH"}, {"kind": "XX"}])
    assert str(caught.value.message).startswith("Row 2: ")


def test_a_key_the_vocabulary_lost_is_shown_as_it_is() -> None:
    assert OPTIONS.label("KH") == "Kế hoạch"
    assert OPTIONS.label("gone") == "gone"


@pytest.mark.parametrize("value", [None, "", [], ()])
def test_nothing_entered(value: Any) -> None:
    assert Field(Line(), "x").is_empty(value)
    assert not Field(Number(), "x").is_empty(0)
    assert not Field(Flag(), "x").is_empty(False)
