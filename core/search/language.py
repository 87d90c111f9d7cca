"""What is known of how people write in and around state offices: the data beside this module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from hoitu.core import text
from hoitu.core.package_data import package_data

#: Word that a phrase begins with -> the phrases, longest first, each with what it stands for.
Phrases = Mapping[str, Sequence[tuple[tuple[str, ...], str]]]


@cache
def _data() -> Mapping[str, Any]:
    return package_data("hoitu.core.search", "wording")


@cache
def abbreviations() -> Phrases:
    """Return the long forms, folded, with the short form of each, with its marks."""
    forms = _data()["abbreviations"].items()
    return _by_first_word((long, short) for short, longs in forms for long in longs)


@cache
def long_forms() -> Mapping[str, Sequence[list[str]]]:
    """Return the folded words of what each folded short form stands for."""
    forms = _data()["abbreviations"].items()
    return {text.fold(short): [text.words(long) for long in longs] for short, longs in forms}


@cache
def asking_phrases() -> Phrases:
    """Return the phrases that questions are asked with, folded."""
    return _by_first_word((phrase, "") for phrase in _data()["asking"]["phrases"])


@cache
def asking_words() -> frozenset[str]:
    """Return the words that questions are asked with; they count only with their marks."""
    return frozenset(_data()["asking"]["words"])


@cache
def syllables() -> frozenset[str]:
    """Return every folded syllable that can be a word."""
    onsets, rhymes = (_data()["syllables"][part].split() for part in ("onsets", "rhymes"))
    return frozenset(onset + rhyme for onset in ("", *onsets) for rhyme in rhymes)


@cache
def alike(place: str) -> Sequence[tuple[str, str]]:
    """Return pairs of sounds that are taken for each other: ``onsets`` or ``codas``."""
    return [(a, b) for one, other in _data()["alike"][place] for a, b in _both(one, other)]


def _both(one: str, other: str) -> Iterator[tuple[str, str]]:
    yield one, other
    yield other, one


def _by_first_word(phrases: Iterator[tuple[str, str]]) -> Phrases:
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, meaning in phrases:
        words = tuple(text.words(phrase))
        found.setdefault(words[0], []).append((words, meaning))
    return {first: sorted(all_, key=lambda p: -len(p[0])) for first, all_ in found.items()}
