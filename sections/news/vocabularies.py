"""Vocabularies of articles: genres and origins."""

from __future__ import annotations

from dataclasses import dataclass

from hoitu.core.content import Term, Vocabulary


@dataclass(frozen=True, slots=True)
class Genre(Term):
    """A genre of articles."""

    #: A genre of the press, not of an agency's portal (catalogue: press_likeness_rules BH-10).
    investigative: bool = False


GENRES = Vocabulary("hoitu.sections.news", "genres", Genre)
ORIGINS = Vocabulary("hoitu.sections.news", "origins", Term)
