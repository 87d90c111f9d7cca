"""Whether a text that is to be published tells who a person is that kept data belongs to.

Pure, and careful both ways: a telephone number is found however it is written, and one word of a
name is no reason to object, since it is any word.
"""

from __future__ import annotations

import re

from hoitu.core import text

#: A run of digits with what people write between them.
_NUMBER = re.compile(r"\+?\d[\d .()/-]*\d")
#: Fewer digits are not taken for somebody's telephone or identity number.
_SHORTEST = 8
#: Identity cards have nine or twelve digits, telephones nine to eleven, written in one run.
_LONG_RUN = re.compile(
    r"(?<![\d/.-])(?:\+84|0)(?:[ .-]?\d){8,10}(?!\d)|(?<!\d)\d{9,12}(?!\d)", re.ASCII
)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w")
_COUNTRY = "84"
#: Words of a name and of an address that must come together to be taken for it.
NAME_WORDS, ADDRESS_WORDS = 2, 3


def tells_of(
    said: str, *, name: str = "", phone: str = "", email: str = "", address: str = ""
) -> bool:
    """Say whether a text, be it HTML, has the name, number or address of a person."""
    said = text.plain(said or "")
    return (
        has_number(said, phone or "")
        or bool(email and email.casefold() in said.casefold())
        or has_words(said, name or "", NAME_WORDS)
        or has_words(said, address or "", ADDRESS_WORDS)
    )


def has_contact(said: str) -> bool:
    """Say whether a text has anybody's e-mail address, telephone or identity number."""
    said = text.plain(said or "")
    return bool(_EMAIL.search(said) or _LONG_RUN.search(said))


def has_number(said: str, number: str) -> bool:
    """Say whether a text has a telephone number, however either is written.

    >>> has_number("gọi 0912.345.678 giúp tôi", "+84 912 345 678")
    True
    """
    wanted = _digits(number)
    if len(wanted) < _SHORTEST:
        return False
    return any(wanted in _digits(found) for found in _NUMBER.findall(said))


def has_words(said: str, wanted: str, least: int) -> bool:
    """Say whether a text has a run of at least ``least`` words, with or without marks."""
    words = text.words(wanted)
    return len(words) >= least and f" {' '.join(words)} " in f" {' '.join(text.words(said))} "


def _digits(number: str) -> str:
    """Return a number without what stands between its digits, nor trunk prefix or country code."""
    digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
    if number.strip().startswith(("+", "00")):
        return digits.removeprefix("00").removeprefix(_COUNTRY)
    return digits.removeprefix("0")
