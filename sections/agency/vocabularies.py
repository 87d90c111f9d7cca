"""Vocabularies of the agency: kinds of departments, levels of maps, ranks, positions."""

from __future__ import annotations

from dataclasses import dataclass

from hoitu.core.content import Term, Vocabulary

PACKAGE = "hoitu.sections.agency"


@dataclass(frozen=True, slots=True)
class Position(Term):
    """A position; who holds one that ``heads`` the committee is the only one to do so."""

    heads: bool = False


DEPARTMENT_KINDS = Vocabulary(PACKAGE, "department_kinds", Term)
LEVELS = Vocabulary(PACKAGE, "levels", Term)
RANKS = Vocabulary(PACKAGE, "heritage_ranks", Term)
POSITIONS = Vocabulary(PACKAGE, "positions", Position)
