"""The rules at work: each type of content to its own, with what the rules ask for."""

from __future__ import annotations

from hoitu.core.content import Item, Problem
from hoitu.core.extensions import platform, session
from hoitu.sections.legal_documents.consultation_rules import comment_problems, draft_problems
from hoitu.sections.legal_documents.consultations import ConsultationComment, DraftConsultation
from hoitu.sections.legal_documents.models import LegalDocument
from hoitu.sections.legal_documents.periods import periods
from hoitu.sections.legal_documents.rules import problems


def problems_of(item: Item) -> list[Problem]:
    """Return everything that is wrong with an item of this section."""
    if isinstance(item, LegalDocument):
        return problems(item)
    if isinstance(item, DraftConsultation):
        # The law of the day on which the draft opens.
        day = item.opens_on or platform.clock.today()
        return draft_problems(item, periods(platform.catalogues.on(day)))
    if isinstance(item, ConsultationComment):
        draft = session().get(DraftConsultation, item.consultation) if item.consultation else None
        return comment_problems(item, [part[0] for part in draft.parts()] if draft else [])
    return []
