"""What the section reads from its data: fields of work, consent texts, words of complaints."""

from __future__ import annotations

from hoitu.core import text
from hoitu.core.content import Term, Vocabulary, package_data
from hoitu.core.privacy import Consents

PACKAGE = "hoitu.sections.questions"
TOPICS = Vocabulary(PACKAGE, "topics", Term)
CONSENTS = Consents(PACKAGE)


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
