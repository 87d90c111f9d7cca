"""Vocabularies of guidance: whom it is for."""

from __future__ import annotations

from hoitu.core.content import Term, Vocabulary

AUDIENCES = Vocabulary("hoitu.sections.guidance", "audiences", Term)
