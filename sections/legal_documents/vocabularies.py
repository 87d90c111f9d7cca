"""Vocabularies of documents: kinds, effect states, relations. Data, read from ``data/*.toml``."""

from __future__ import annotations

import re
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
    inverse: str = ""
    normative: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A form that document numbers take, with an example for the editor."""

    kind: str
    regex: re.Pattern[str]
    example: str


@cache
def vocabulary(name: str) -> Mapping[str, Term]:
    """Return a vocabulary by key, in the order of its file."""
    return {key: Term(key, **entry) for key, entry in _data(name).items()}


@cache
def patterns() -> Sequence[Pattern]:
    """Return the forms of document numbers; the first that matches counts."""
    return [
        Pattern(kind, re.compile(entry["regex"]), entry["example"])
        for kind, entry in _data("numbers").items()
    ]


def options(name: str) -> Callable[[], Sequence[tuple[str, Any]]]:
    """Return a function that gives (key, label) pairs in the language of the request."""

    def current() -> Sequence[tuple[str, Any]]:
        tongue = "en" if language() == "en" else "vi"
        return [(t.key, getattr(t, tongue)) for t in vocabulary(name).values()]

    return current


def _data(name: str) -> dict[str, Any]:
    folder = resources.files("hoitu.sections.legal_documents") / "data"
    return tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
