"""Vocabularies: the keys a choice offers, with their labels, read from a section's data files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from flask_babel import get_locale

from hoitu.core.package_data import package_data


@dataclass(frozen=True, slots=True)
class Term:
    """One key of a vocabulary with its labels; a section adds what else its file tells."""

    key: str
    vi: str
    en: str


T = TypeVar("T", bound=Term)


class Vocabulary(Generic[T]):
    """The terms of ``data/<name>.toml`` of a package: a table per key, its entries those of ``T``.

    >>> GENRES = Vocabulary("hoitu.sections.news", "genres", Genre)
    >>> genre = field(Choice(GENRES.options), label=_("Genre"))
    """

    def __init__(self, package: str, name: str, term: type[T]) -> None:
        self._package = package
        self._name = name
        self._term = term

    @cached_property
    def terms(self) -> Mapping[str, T]:
        """The terms by key, in the order of the file."""
        entries = package_data(self._package, self._name)
        return {key: self._term(key=key, **entry) for key, entry in entries.items()}

    def options(self) -> Sequence[tuple[str, str]]:
        """Return (key, label) pairs, in the language of the request or else Vietnamese."""
        locale = get_locale()
        english = locale is not None and locale.language == "en"
        return [(t.key, t.en if english else t.vi) for t in self.terms.values()]
