"""Vietnamese typed without an input method: the keys of Telex (quyeets) and VNI (quye6t1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from hoitu.core.text import tone_placed

_TELEX_TONES = {"f": "\u0300", "r": "\u0309", "x": "\u0303", "s": "\u0301", "j": "\u0323"}
_VNI_TONES = {"2": "\u0300", "3": "\u0309", "4": "\u0303", "1": "\u0301", "5": "\u0323"}
_TELEX_MARKS = {
    "a": {"a": "â", "w": "ă"},
    "e": {"e": "ê"},
    "o": {"o": "ô", "w": "ơ"},
    "u": {"w": "ư"},
}
_VNI_MARKS = {
    "a": {"6": "â", "8": "ă"},
    "e": {"6": "ê"},
    "o": {"6": "ô", "7": "ơ"},
    "u": {"7": "ư"},
}
_VOWELS = "aeiouy"


def decoded(typed: str) -> Iterator[str]:
    """Yield what a word in lower case says if its keys were meant for an input method.

    The result may be no Vietnamese word: look it up.
    """
    if not typed.isascii() or not typed.isalnum() or not typed[:1].isalpha():
        return
    ways = [(_VNI_TONES, _VNI_MARKS, "9")] if re.search(r"\d", typed) else []
    ways = ways or [(_TELEX_TONES, _TELEX_MARKS, "d")]
    for tones, marks, stroke in ways:
        word = _read(typed, tones, marks, stroke)
        if word is not None and word != typed:
            yield word


def _read(
    typed: str, tones: dict[str, str], marks: dict[str, dict[str, str]], stroke: str
) -> str | None:
    """Return the word, or None when a key has nothing to work on."""
    letters: list[str] = []
    tone = ""
    for key in typed:
        vowels = [place for place, letter in enumerate(letters) if letter[0] in _VOWELS]
        if key == stroke and letters and letters[0] == "d":
            letters[0] = "đ"
        elif key in tones and any(letter in _VOWELS or letter in "âăêôơư" for letter in letters):
            tone = tones[key]
        elif place := _target(letters, vowels, key, marks):
            _mark(letters, place - 1, key, marks)
        elif key == "w":
            letters.append("ư")
        elif key.isdigit():
            return None
        else:
            letters.append(key)
    vowel = next((n for n, letter in enumerate(letters) if letter in "aeiouyâăêôơư"), None)
    if vowel is None:
        return None
    for place in range(len(letters) - 1):
        if letters[place : place + 2] == ["ư", "o"] and place + 2 < len(letters):
            letters[place + 1] = "ơ"
    if tone:
        letters[vowel] = normalize("NFC", letters[vowel] + tone)
    return tone_placed("".join(letters))


def _target(
    letters: list[str], vowels: list[int], key: str, marks: dict[str, dict[str, str]]
) -> int:
    """Return the place after the vowel that a key gives its mark, 0 if there is none."""
    for place in reversed(vowels):
        if key in marks.get(letters[place], {}):
            return place + 1
    return 0


def _mark(letters: list[str], place: int, key: str, marks: dict[str, dict[str, str]]) -> None:
    letters[place] = marks[letters[place]][key]
    # One key marks both vowels of ươ.
    if letters[place] == "ơ" and place and letters[place - 1] == "u":
        letters[place - 1] = "ư"
