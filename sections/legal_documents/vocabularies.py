"""Vocabularies of documents and consultations, and the forms of document numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from hoitu.core.content import Term, Vocabulary, package_data
from hoitu.core.privacy import Consents

PACKAGE = "hoitu.sections.legal_documents"
CONSENTS = Consents(PACKAGE)


@dataclass(frozen=True, slots=True)
class DocumentKind(Term):
    """A kind of document; its key is the type code in the symbol."""

    normative: bool = False


@dataclass(frozen=True, slots=True)
class Relation(Term):
    """What one document says of another; ``inverse`` is what the other says of the first.

    ``schema`` is the property of schema.org for it, if any.
    """

    inverse: str = ""
    schema: str = ""


@dataclass(frozen=True, slots=True)
class ForceState(Term):
    """An effect of a document; ``schema`` is what schema.org calls it, if anything."""

    schema: str = ""


@dataclass(frozen=True, slots=True)
class Level(Term):
    """A level that issues documents; ``catalogue`` are its names in the table of periods."""

    kinds: Sequence[str] = ()
    catalogue: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ConsultationState(Term):
    """A state of a consultation: its name in addresses and the tone of its badge."""

    address: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Outcome(Term):
    """What became of an opinion; ``reason`` = the answer must say why."""

    reason: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A form that document numbers take, with an example for the editor."""

    kind: str
    regex: re.Pattern[str]
    example: str


KINDS = Vocabulary(PACKAGE, "kinds", DocumentKind)
FORCE_STATES = Vocabulary(PACKAGE, "force_states", ForceState)
RELATIONS = Vocabulary(PACKAGE, "relations", Relation)
LEVELS = Vocabulary(PACKAGE, "levels", Level)
CONSULTATION_STATES = Vocabulary(PACKAGE, "consultation_states", ConsultationState)
OUTCOMES = Vocabulary(PACKAGE, "outcomes", Outcome)
HIDING_REASONS = Vocabulary(PACKAGE, "hiding_reasons", Term)
#: Of them, that of an opinion whose sender took it back.
WITHDRAWN = "withdrawn"


@cache
def patterns() -> Sequence[Pattern]:
    """Return the forms of document numbers; the first that matches counts."""
    return [
        Pattern(kind, re.compile(entry["regex"]), entry["example"])
        for kind, entry in package_data(PACKAGE, "numbers").items()
    ]
