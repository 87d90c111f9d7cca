"""Claims: what the kinds of the service call things, brought to one form.

Numbers come as numbers or as texts, names under several keys, and much is left out for businesses
and organisations. Nothing is kept of what is not named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hoitu.core import text
from hoitu.core.oidc import LoginUntrusted
from hoitu.core.people import BUSINESS, CITIZEN, ORGANISATION, Known, LevelTooLow

#: Claims in which the kind, the name and the number stand, the best first.
KIND: Final = ("LoaiTaiKhoan", "accountType")
NAMES: Final[Mapping[int, tuple[str, ...]]] = {
    CITIZEN: ("HoVaTen", "fullName"),
    BUSINESS: ("TenDoanhNghiep", "HoVaTen", "fullName"),
    ORGANISATION: ("HoVaTen", "TenDoanhNghiep", "fullName"),
}
NUMBERS: Final[Mapping[int, tuple[str, ...]]] = {
    CITIZEN: ("SoDinhDanh", "citizenPid", "SoCMND"),
    BUSINESS: ("MaSoThue", "MaSoDoanhNghiep"),
    ORGANISATION: (),
}


def known(
    claims: Mapping[str, Any], *, issuer: str, subject: str,
    levels: Mapping[str, Mapping[str, int]], minimum: int, way_out: str = "",
) -> Known:  # fmt: skip
    """Return who the claims are about.

    :raises LoginUntrusted: they name nobody, or a kind of account that is not known.
    :raises LevelTooLow: the account, or this sign-in, is below the level that is asked for.
    """
    kind = _kind(claims)
    name = _first(claims, NAMES[kind])
    if not name:
        raise LoginUntrusted("the claims have no name")
    level = level_of(claims, levels)
    if level < minimum:
        raise LevelTooLow(f"level {level} is below {minimum}")
    number = _first(claims, NUMBERS[kind])
    number = "".join(sign for sign in number if sign.isascii() and sign.isalnum())
    return Known(issuer, subject, name, level, kind, number, way_out)


def level_of(claims: Mapping[str, Any], levels: Mapping[str, Mapping[str, int]]) -> int:
    """Return the lowest level that any claim tells; 0 when none does in words that are known.

    What was asked for does not count: a provider may answer lower.
    """
    told = [
        words.get(_text(claims[claim]), 0)
        for claim, words in levels.items()
        if claims.get(claim) not in (None, "")
    ]
    return min(told, default=0)


def _kind(claims: Mapping[str, Any]) -> int:
    told = _first(claims, KIND)
    if told not in ("", "1", "2", "3"):
        raise LoginUntrusted("a kind of account that is not known")
    return int(told or CITIZEN)


def _first(claims: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := _text(claims.get(name)))), "")


def _text(value: object) -> str:
    """Return a claim as text; what is neither text nor a whole number is none."""
    plain = isinstance(value, str | int) and not isinstance(value, bool)
    return " ".join(text.nfc(str(value)).split())[:300] if plain else ""
