"""Blacking out: words that tell who somebody is give way to ``[…]``, however they are written.

Pure. Words are found with or without marks, in capitals or not, a number however it is grouped, in
plain text, in HTML (also where tags part them) and in addresses of links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from hoitu.core import text

#: What stands in the place of words that were blacked out.
MARK: Final = "[…]"
#: Shorter ones would black out half a text.
SHORTEST: Final = 2
#: Most words a text is searched for at once, and the longest of them.
MOST, LONGEST = 40, 300
#: What may lie between two words of a name: spaces and signs, tags, entities, an encoded space.
#: Taken once and never given back: what a visitor wrote decides how often it could be tried.
_GAP: Final = r"(?>(?:<[^<>]*>|&\w{1,10};|&\#\w{1,8};|%20|%c2%a0|[\W_])+)"
#: What may lie between two digits of one number.
_GROUPING: Final = r"(?:&nbsp;|%20|[ .\-()/\u00a0])*"
_EMAIL: Final = re.compile(
    r"[^\s@<>\"'(),;:\[\]]{1,64}@[^\s@<>\"'(),;:\[\]]{1,255}\.\w+", re.UNICODE
)
_PHONE: Final = re.compile(r"(?<![\d/.-])(?:\+84|0)(?:[ .\-]?\d){8,10}(?!\d)", re.ASCII)
_IDENTITY: Final = re.compile(r"(?<!\d)(?:\d{12}|\d{9})(?!\d)", re.ASCII)
_SHAPED_LIKE_NUMBER: Final = re.compile(r"[+\d .()/\-\u00a0]*\d[+\d .()/\-\u00a0]*")

NAME, PHONE, EMAIL, ADDRESS, IDENTITY = "name", "phone", "email", "address", "identity"
_PATTERNS: Final = ((_EMAIL, EMAIL), (_PHONE, PHONE), (_IDENTITY, IDENTITY))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words of a text that may tell who somebody is; ``why`` is one of the constants above."""

    words: str
    why: str
    #: In how many places they stand.
    places: int


def blacked(said: str, words: Iterable[str]) -> tuple[str, int]:
    """Return a text with every place of the words blacked out, and how many places there were.

    >>> blacked("Ông Zo Hò, ĐT 0912.345.678", ["zo ho", "0912345678"])
    ('Ông […], ĐT […]', 2)
    """
    count = 0
    # The longest first: a name is not left half because its last word was marked, too.
    for wanted in sorted(set(words), key=len, reverse=True):
        pattern = _pattern(text.fold(wanted).strip())
        if pattern is not None and said:
            said, found = _black_out(said, pattern)
            count += found
    return said, count


def blacked_value(value: Any, words: Sequence[str]) -> tuple[Any, int]:
    """Do so with every text of a JSON value."""
    if isinstance(value, str):
        return blacked(value, words)
    if isinstance(value, Mapping):
        pairs = {key: blacked_value(each, words) for key, each in value.items()}
        return {key: pair[0] for key, pair in pairs.items()}, sum(p[1] for p in pairs.values())
    if isinstance(value, list | tuple):
        parts = [blacked_value(each, words) for each in value]
        return [part for part, _found in parts], sum(found for _part, found in parts)
    return value, 0


def telling(said: str, of_person: Iterable[str] = ()) -> list[str]:
    """Return the words of a text that tell who somebody is, and those known of a person."""
    plain = text.plain(said)
    found = [each.rstrip(".") for pattern, _why in _PATTERNS for each in pattern.findall(plain)]
    return [*of_person, *found]


def places(said: str, words: str) -> int:
    """Return in how many places the words stand in a text."""
    return blacked(said, [words])[1]


def candidates(said: Iterable[str], of_person: Mapping[str, str]) -> list[Candidate]:
    """Return what of some texts may tell who somebody is, each once.

    ``of_person`` are the data of whoever wrote, by the constants above; then come telephone and
    identity numbers and mail addresses of anybody. Words that stand nowhere are left out.
    """
    whole = "\n".join(filter(None, said))
    plain = text.plain(whole)
    known = [(value, why) for why, value in of_person.items() if len(value.strip()) >= SHORTEST]
    for pattern, why in _PATTERNS:
        known += [(found.rstrip("."), why) for found in pattern.findall(plain)]
    different: dict[str, Candidate] = {}
    for words, why in known:
        key = "".join(text.words(words))
        if key and key not in different and (count := places(whole, words)):
            different[key] = Candidate(words.strip(), why, count)
    return list(different.values())


@lru_cache(maxsize=512)
def _pattern(wanted: str) -> re.Pattern[str] | None:
    """Return the pattern of folded words, with one group for each; None for none."""
    if len(wanted) < SHORTEST or len(wanted) > LONGEST:
        return None
    if _SHAPED_LIKE_NUMBER.fullmatch(wanted):
        digits = "".join(sign for sign in wanted if sign.isdigit())
        own = digits.removeprefix("84") if wanted.startswith("+") else digits.removeprefix("0")
        if wanted.startswith(("+84", "0")) and len(own) >= 8:
            joined = _GROUPING.join(own)
            before = rf"(?:(?:\+|%2b)?84{_GROUPING}|0{_GROUPING}|\({_GROUPING}0{_GROUPING})?"
            return re.compile(rf"(?<!\d)({before}{joined})(?!\d)")
        return re.compile(rf"(?<!\d)({_GROUPING.join(digits)})(?!\d)")
    if "@" in wanted:
        name, _at, domain = wanted.partition("@")
        at = r"(?:@|%40|&\#64;|&commat;)"
        return re.compile(rf"({re.escape(name)}{at}{re.escape(domain)})")
    parts = [f"({re.escape(part)})" for part in text.words(wanted)]
    if not parts:
        return None
    return re.compile(rf"(?<![^\W_]){_GAP.join(parts)}(?![^\W_])")


def _black_out(said: str, pattern: re.Pattern[str]) -> tuple[str, int]:
    folded = _folded(said)
    pieces: list[str] = []
    last, count = 0, 0
    for match in pattern.finditer(folded):
        count += 1
        pieces += [said[last : match.start(1)], MARK]
        last = match.end(1)
        for group in range(2, (match.lastindex or 1) + 1):
            # Tags between the words stay: without their second half the text would change.
            pieces += re.findall(r"<[^<>]*>", said[last : match.start(group)])
            last = match.end(group)
    pieces.append(said[last:])
    return "".join(pieces), count


def _folded(said: str) -> str:
    """Return the key of a text in which every sign keeps its place."""
    key = text.fold(said)
    if len(key) == len(said) and text.nfc(said) == said:
        return key
    return "".join((text.fold(sign) or " ")[0] for sign in said)
