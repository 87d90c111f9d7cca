"""Numbers as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hoitu.core import numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.234.567,5", "1234567.5"),
        ("1,234,567.5", "1234567.5"),
        ("1 234 567,5", "1234567.5"),
        ("1\u00a0234\u202f567,5", "1234567.5"),
        ("1234567.5", "1234567.5"),
        ("1234567,5", "1234567.5"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1.234", "1234"),
        ("12.345", "12345"),
        ("1,234", "1.234"),
        ("1.234,567", "1234.567"),
        ("1,234.567", "1234.567"),
        ("1234.567", "1234.567"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1.25", "1.25"),
        ("1.2345", "1.2345"),
        (",5", "0.5"),
        ("12,5 %", "0.125"),
        ("12,5%", "0.125"),
        ("(1.234)", "-1234"),
        ("( 5 )", "-5"),
        ("-1.234", "-1234"),
        ("\u22125", "-5"),
        ("\u20135", "-5"),
        ("+5", "5"),
        (" 007 ", "7"),
        ("0", "0"),
    ],
)
def test_a_number(text: str, expected: str) -> None:
    assert numbers.read(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "%", "()", "(5", "5)", "5.", "1.23.456", "1.234,567.8", "1..234", "1,23,4",
     "1e5", "--5", "NaN", "Infinity", "0x1F", "1_000", "\u0661", "\u00bd", "12/5",
     "5 đồng", "9" * 41],
)  # fmt: skip
def test_no_number(text: str) -> None:
    assert numbers.read(text) is None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-0.0, "0"),
        (Decimal("-0.00"), "0"),
        (5, "5"),
        (100, "100"),
        (0.1, "0,1"),
        (1234.5, "1.234,5"),
        (Decimal("1.50"), "1,5"),
        (Decimal("-1234567.891"), "-1.234.567,891"),
        (Decimal("1E+3"), "1.000"),
        (1e21, "1.000.000.000.000.000.000.000"),
    ],
)
def test_write(value: Decimal | float, written: str) -> None:
    assert numbers.write(value) == written


@pytest.mark.parametrize("value", ["0", "0.5", "-12.25", "1234.5", "1234567", "999999.125"])
def test_what_is_written_is_read(value: str) -> None:
    assert numbers.read(numbers.write(Decimal(value))) == Decimal(value)
