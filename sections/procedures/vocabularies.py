"""Vocabularies of procedures and services; the levels of a service are open."""

from __future__ import annotations

from typing import Any

from hoitu.core import text
from hoitu.core.content import Choice, Term, Vocabulary

PACKAGE = "hoitu.sections.procedures"

LEVELS = Vocabulary(PACKAGE, "levels", Term)
METHODS = Vocabulary(PACKAGE, "methods", Term)
TIME_UNITS = Vocabulary(PACKAGE, "time_units", Term)
SERVICE_LEVELS = Vocabulary(PACKAGE, "service_levels", Term)
AUDIENCES = Vocabulary(PACKAGE, "audiences", Term)
LIFE_EVENTS = Vocabulary(PACKAGE, "life_events", Term)


class OpenChoice(Choice):
    """A key of a vocabulary that the law goes on extending: an unknown one is kept and shown."""

    LIMIT = 60

    def clean(self, value: Any) -> str:
        """Return the key, known or not."""
        return text.nfc(str(value or "")).strip()[: self.LIMIT]
