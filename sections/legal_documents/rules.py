"""Rules of a legal document: pure functions, tested as tables of cases."""

from __future__ import annotations

from flask_babel import gettext as _

from hoitu.core.content import Problem
from hoitu.sections.legal_documents.models import LegalDocument
from hoitu.sections.legal_documents.vocabularies import RELATIONS, Pattern, patterns


def problems(document: LegalDocument) -> list[Problem]:
    """Return everything that is wrong with a document."""
    return [*_number(document), *_dates(document), *_relations(document)]


def pattern_of(number: str) -> Pattern | None:
    """Return the form a document number has, or None."""
    return next((p for p in patterns() if p.regex.match(number)), None)


def _number(document: LegalDocument) -> list[Problem]:
    if not document.number:
        return []
    pattern = pattern_of(document.number)
    if pattern is None:
        examples = ", ".join(p.example for p in patterns())
        text = _("This is not the form of a document number. Examples: %(list)s.", list=examples)
        return [Problem("number", text)]
    normative = document.requirement == "normative_documents"
    if normative and pattern.kind == "administrative":
        text = _("A normative document has the year in its number, for example 54/2023/QĐ-UBND.")
        return [Problem("number", text)]
    return []


def _dates(document: LegalDocument) -> list[Problem]:
    found = []
    issued, effective, expires = document.issued_on, document.effective_on, document.expires_on
    if issued and effective and effective < issued:
        found.append(Problem("effective_on", _("It cannot be in force before it was issued.")))
    if expires and (start := effective or issued) and expires <= start:
        found.append(Problem("expires_on", _("It must end after it began to be in force.")))
    return found


def _relations(document: LegalDocument) -> list[Problem]:
    known = RELATIONS.terms
    rows = document.relations
    if any(not r["relation"] or r["relation"] not in known or not r["target_number"] for r in rows):
        text = _("Each relation needs its kind and the number of the other document.")
        return [Problem("relations", text)]
    if any(r["target_number"] == document.number for r in rows):
        return [Problem("relations", _("A document cannot be related to itself."))]
    return []
