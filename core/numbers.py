"""Numbers as people in Viet Nam write them: 1.234.567,5 is a million and more."""

from __future__ import annotations

import re
from decimal import Decimal

#: Longer texts are no numbers that an office writes down.
LIMIT = 40

_MINUS = "\N{MINUS SIGN}\N{EN DASH}"
_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"\d+([.,]\d+)?|[.,]\d+", re.ASCII)
#: Groups of three, the first one not a lone zero: 0.125 is a fraction.
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([., ])\d{3})(?:\1\d{3})*(?:([.,])\d+)?", re.ASCII)


def read(text: str) -> Decimal | None:
    """Return the number a text is, in Vietnamese or international form; None when it is none.

    ==================  ============  =========================================================
    text                number        why
    ==================  ============  =========================================================
    1.234.567,5         1234567.5     points group, a comma divides
    1,234,567.5         1234567.5     the last sign divides
    1 234 567,5         1234567.5     spaces group
    1234567.5           1234567.5     the first group would have more than three digits
    1.234.567           1234567       what is repeated groups
    1,234,567           1234567
    1.234               1234          **ambiguous**: read as in Viet Nam, a point groups
    1,234               1.234         **ambiguous**: read as in Viet Nam, a comma divides
    0.125, 1.25         as it stands  no group of three
    12,5 %              0.125         as a spreadsheet keeps it
    (1.234), -1.234     -1234         brackets are a minus in accounts
    1.23.456, 5., 1e5   None
    ==================  ============  =========================================================
    """
    text = _SPACES.sub(" ", text).strip()
    if not text or len(text) > LIMIT:
        return None
    sign = 1
    if text[0] == "(" and text[-1] == ")":
        sign, text = -1, text[1:-1].strip()
    elif text[0] in "+-" + _MINUS:
        sign, text = (1 if text[0] == "+" else -1), text[1:].lstrip()
    is_percentage = text.endswith("%")
    found = _unsigned(text.removesuffix("%").rstrip())
    if found is None:
        return None
    return sign * (found.scaleb(-2) if is_percentage else found)


def write(value: Decimal | float) -> str:
    """Return a number in Vietnamese form: points group, a comma divides, no zeros at the end."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    # Minus zero is zero.
    whole, _, fraction = f"{exact or Decimal():,f}".partition(".")
    return ",".join(filter(None, (whole.replace(",", "."), fraction.rstrip("0"))))


def _unsigned(text: str) -> Decimal | None:
    if match := _GROUPED.fullmatch(text):
        group, divider = match.groups()
        is_one_comma = group == "," and divider is None and text.count(",") == 1
        if group != divider and not is_one_comma:
            whole, _, fraction = text.partition(divider) if divider else (text, "", "")
            return Decimal(".".join(filter(None, (whole.replace(group, ""), fraction))))
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace(",", "."))
    return None
