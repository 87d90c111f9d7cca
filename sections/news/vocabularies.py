"""Vocabularies of articles: genres and origins. Data, read from ``data/*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from hoitu.core.web import language


@dataclass(frozen=True, slots=True)
class Term:
    """One key of a vocabulary with its labels."""

    key: str
    vi: str
    en: str
    #: A genre of the press, not of an agency's portal (catalogue: press_likeness_rules BH-10).
    investigative: bool = False


@cache
def vocabulary(name: str) -> Mapping[str, Term]:
    """Return a vocabulary by key, in the order of its file."""
    file = resources.files("hoitu.sections.news") / "data" / f"{name}.toml"
    entries = tomllib.loads(file.read_text("utf-8"))
    return {key: Term(key, **entry) for key, entry in entries.items()}


def options(name: str) -> Callable[[], Sequence[tuple[str, Any]]]:
    """Return a function that gives (key, label) pairs in the language of the request."""

    def current() -> Sequence[tuple[str, Any]]:
        tongue = "en" if language() == "en" else "vi"
        return [(term.key, getattr(term, tongue)) for term in vocabulary(name).values()]

    return current
