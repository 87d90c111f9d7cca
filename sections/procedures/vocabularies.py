"""Vocabularies of procedures and services; those of the national portal are open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hoitu.core import text
from hoitu.core.content import Choice, Term, Vocabulary

PACKAGE = "hoitu.sections.procedures"


@dataclass(frozen=True, slots=True)
class Named(Term):
    """A term that records of the national database name in one of several ways."""

    words: Sequence[str] = ()

    def is_named_in(self, told: str) -> bool:
        """Say whether a text names the term; marks, case and punctuation do not count."""
        return any(_phrase(word) in _phrase(told) for word in self.words)


LEVELS = Vocabulary(PACKAGE, "levels", Named)
FIELDS = Vocabulary(PACKAGE, "fields", Named)
AUDIENCES = Vocabulary(PACKAGE, "audiences", Named)
METHODS = Vocabulary(PACKAGE, "methods", Term)
TIME_UNITS = Vocabulary(PACKAGE, "time_units", Term)
SERVICE_LEVELS = Vocabulary(PACKAGE, "service_levels", Term)
LIFE_EVENTS = Vocabulary(PACKAGE, "life_events", Term)


class OpenChoice(Choice):
    """A key of a vocabulary that others go on extending: an unknown one is kept and shown."""

    LIMIT = 60

    def clean(self, value: Any) -> str:
        """Return the key, known or not."""
        return text.nfc(str(value or "")).strip()[: self.LIMIT]


def first_named(terms: Iterable[Named], told: str) -> str:
    """Return the key of the first term that a text names; 'other' when it names none."""
    return next((term.key for term in terms if term.is_named_in(told)), "other")


def audience_of(subjects: str) -> str:
    """Return whom a procedure is for, told from its subjects; '' when they do not say."""
    named = [term.key for term in AUDIENCES.terms.values() if term.is_named_in(subjects)]
    return "everybody" if len(named) > 1 else "".join(named)


def field_of(name: str) -> str:
    """Return the group a field of the national database belongs to; '' for no field."""
    return first_named(FIELDS.terms.values(), name) if name else ""


def _phrase(told: str) -> str:
    return f" {' '.join(text.words(told))} "
