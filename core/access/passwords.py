"""Passwords: how they are kept, and which are too easily guessed to be taken.

There are no rules about capitals and signs: people meet those in ways that guessers know. What
counts is length, and that a password is not one everybody tries: neither on the list of known ones,
nor made of a word or two from it with a year or a row of the keyboard, nor the person's own name.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hoitu.core import text

#: 19 MiB, two passes, one lane: the OWASP minimum, about 30 ms on a small server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Verified when the account does not exist, so that both answers take the same time.
_NOBODY = _hasher.hash(secrets.token_hex(16))

MINIMUM_LENGTH: Final = 14
#: Why a password is not taken: too short, too easily guessed, or with a name of one's own.
SHORT, COMMON, OWN = "short", "common", "own"

#: What fingers and tongues run along.
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "q1w2e3r4t5y6u7i8o9p0",
)  # fmt: skip
_RUNS: Final = (*_ROWS, *(row[::-1] for row in _ROWS))
_SHORTEST_RUN: Final = 4
#: Signs that stand for letters.
_SIGNS: Final = re.compile(r"(?<=[a-z])[@4301!$5]+(?=[a-z])")
_MEANT: Final = str.maketrans("@4301!$5", "aaeoiiss")
_PIECES: Final = re.compile(r"[a-z]+|[0-9]+|[^a-z0-9\s]+")
_YEARS: Final = re.compile(r"(?:[0-3]\d[01]\d)?(?:19|20)\d\d")
#: Whoever types more is not guessed by what follows.
_LOOKED_AT: Final = 200
#: What a known word, and a year or row, is worth, in letters that have to be guessed one by one.
_WORD, _YEAR, _ENOUGH = 2, 1, 6
#: The shortest word that is looked for inside a longer one, and the shortest name of one's own.
_SHORTEST_WORD, _SHORTEST_NAME = 4, 6


def hashed(password: str) -> str:
    """Return what is kept of a password (argon2id)."""
    return _hasher.hash(password)


def matches(kept: str, password: str) -> bool:
    """Say whether this is the password of which ``kept`` is kept."""
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def matches_nobody(password: str) -> bool:
    """Take as long as :func:`matches`, and say no."""
    return matches(_NOBODY, password) and False


def is_outdated(kept: str) -> bool:
    """Say whether a password is kept with less work than is asked for today."""
    return _hasher.check_needs_rehash(kept)


def weakness(password: str, own: Iterable[str] = ()) -> str:
    """Return why a password is not taken: ``SHORT``, ``COMMON`` or ``OWN``; '' when it is.

    ``own`` are names that others know: the person's, their address, those of their unit.
    """
    if len(password) < MINIMUM_LENGTH:
        return SHORT
    plain = text.fold(password[:_LOOKED_AT])
    names = {name for one in own if len(name := _squashed(one)) >= _SHORTEST_NAME}
    squashed = _squashed(plain)
    if any(name in squashed for name in names):
        return OWN
    parts = {part for one in own for part in _PIECES.findall(text.fold(one))}
    known = _known()
    if plain in known or squashed in known:
        return COMMON
    meant = _SIGNS.sub(lambda found: found[0].translate(_MEANT), plain)
    for said in (plain, meant, "".join(plain.split())):
        if _worth(said, known) < _ENOUGH:
            return COMMON
        if _worth(said, known | parts) < _ENOUGH:
            return OWN
    return ""


def _worth(plain: str, known: frozenset[str]) -> int:
    """Return how many letters somebody has to guess who knows words, years and rows."""
    rest, runs = _without_runs(plain)
    pieces = {_repeated(piece) for piece in _PIECES.findall(rest)}
    tokens = {token for piece in pieces for token in _split(piece, known)}
    return len(runs) * _YEAR + sum(_worth_of(token, known) for token in tokens)


def _worth_of(token: str, known: frozenset[str]) -> int:
    if token in known:
        return min(_WORD, len(token))
    if years := set(_YEARS.findall(token)):
        return len(years) * _YEAR + len(_YEARS.sub("", token))
    return len(token) if token.isalnum() else len(set(token))


def _without_runs(plain: str) -> tuple[str, set[str]]:
    """Return a text without rows of the keyboard and repeated signs, and those that were there."""
    found, kept, at = set(), [], 0
    while at < len(plain):
        run = _run_at(plain, at)
        if run:
            found.add(run[0])
            kept.append(" ")
        else:
            kept.append(plain[at])
        at += len(run) or 1
    return "".join(kept), found


def _run_at(plain: str, at: int) -> str:
    """Return the row or repetition that begins here, as long as it goes on; '' when none does."""
    end = at + _SHORTEST_RUN
    start = plain[at:end]
    if len(start) < _SHORTEST_RUN or start.isspace():
        return ""
    rows = start[0] * len(plain), *_RUNS
    row = next((row for row in rows if start in row), "")
    while row and end < len(plain) and plain[at : end + 1] in row:
        end += 1
    return plain[at:end] if row else ""


def _repeated(piece: str) -> str:
    """Return what a text repeats; one that repeats nothing itself."""
    length = (piece + piece).find(piece, 1)
    return piece[:length]


def _split(piece: str, known: frozenset[str]) -> Iterator[str]:
    """Yield the known words in a text, the longest first found, and what is between them."""
    at, unknown = 0, ""
    while at < len(piece):
        lengths = range(len(piece) - at, _SHORTEST_WORD - 1, -1)
        word = next((piece[at : at + n] for n in lengths if piece[at : at + n] in known), "")
        if word:
            yield word
        else:
            unknown += piece[at]
        at += len(word) or 1
    if unknown:
        yield unknown


def _squashed(value: str) -> str:
    return "".join(filter(str.isalnum, text.fold(value)))


@cache
def _known() -> frozenset[str]:
    """Return the passwords and words that guessers begin with."""
    folder = resources.files("hoitu.core.access") / "data"
    names = ("common_passwords.txt", "own_words.txt")
    return frozenset(word for n in names for word in (folder / n).read_text("utf-8").split())
