"""What the section reads from its data: fields of work, consent texts, words of complaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from hoitu.core import text
from hoitu.core.content import Term, Vocabulary, package_data

PACKAGE = "hoitu.sections.questions"
TOPICS = Vocabulary(PACKAGE, "topics", Term)


@dataclass(frozen=True, slots=True)
class Consent:
    """One version of what a person agrees to when sending a question."""

    version: str
    valid_from: date
    vi: str
    en: str
    basis: str
    evidence: str

    def wording(self, language: str) -> str:
        """Return the text in a language."""
        return self.en if language == "en" else self.vi


@cache
def consents() -> Sequence[Consent]:
    """Return the versions of the consent text, oldest first."""
    found = (Consent(**entry) for entry in package_data(PACKAGE, "consents")["consent"])
    return sorted(found, key=lambda consent: consent.valid_from)


def consent_on(day: date) -> Consent:
    """Return the consent text in use on ``day``; before the first, the first."""
    return next((c for c in reversed(consents()) if c.valid_from <= day), consents()[0])


def sounds_like_complaint(said: str) -> bool:
    """Say whether a text has words of a complaint or denunciation, typed with marks or without."""
    phrases = package_data(PACKAGE, "complaint_words")["phrases"]
    marked = f" {' '.join(text.nfc(said).lower().split())} "
    plain = f" {' '.join(text.words(said))} "
    # Without any mark "to cao" can only be guessed at; with marks the words must be the very ones.
    is_marked = text.fold(marked) != marked
    return any(
        phrase in marked or (not is_marked and f" {' '.join(text.words(phrase))} " in plain)
        for phrase in phrases
    )
