"""``/van-ban``: list, detail with effect and relations; the pages of consultations below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from hoitu.core.content import queries
from hoitu.core.extensions import platform, session
from hoitu.core.web import SectionPages, active_unit, now, today
from hoitu.sections.legal_documents import consultation_pages
from hoitu.sections.legal_documents.models import DocumentRelation, LegalDocument
from hoitu.sections.legal_documents.vocabularies import FORCE_STATES, KINDS, RELATIONS


@dataclass(frozen=True, slots=True)
class RelatedDocument:
    """A document named by a relation; ``item`` is None when this portal does not hold it."""

    number: str
    note: str
    item: LegalDocument | None


def labels(_subject: Any) -> dict[str, Any]:
    """Return the label functions that list and detail use."""
    return {
        "kind_label": dict(KINDS.options()).get,
        "force_label": dict(FORCE_STATES.options()).get,
        "day": today(),
    }


def detail(document: LegalDocument) -> dict[str, Any]:
    """Return relations in both directions and the consultations it came from."""
    return {
        **labels(document),
        "relations": related(document),
        "consultations": consultation_pages.consultations_of(document.number_key),
    }


def related(document: LegalDocument) -> dict[str, list[RelatedDocument]]:
    """Return the related documents by label: three statements, however many there are."""
    names = dict(RELATIONS.options())
    told = [(r.relation, r.target_key, r.target_number, r.note) for r in document.relation_rows]
    inverse = {key: term.inverse or key for key, term in RELATIONS.terms.items()}
    told += [(inverse[r], key, number, note) for r, key, number, note in _pointing_here(document)]
    held = _held({key for _, key, _, _ in told})
    grouped: dict[str, list[RelatedDocument]] = {}
    for relation, key, number, note in told:
        group = grouped.setdefault(names.get(relation, relation), [])
        if all(known.number != number for known in group):
            group.append(RelatedDocument(number, note, held.get(key)))
    return grouped


def _pointing_here(document: LegalDocument) -> list[tuple[str, str, str, str]]:
    """Return (relation, key, number, note) of public documents whose relations name this one."""
    rows = session().execute(
        select(DocumentRelation.relation, LegalDocument.number_key, LegalDocument.number,
               DocumentRelation.note)
        .join(LegalDocument, LegalDocument.id == DocumentRelation.item_id)
        .where(
            DocumentRelation.target_key == document.number_key,
            LegalDocument.requirement.in_(_on()),
            queries.is_public(now()),
            queries.is_original(),
        )
        .order_by(LegalDocument.sort_at.desc())
        .limit(200)
    )  # fmt: skip
    return [(r.relation, r.number_key, r.number, r.note) for r in rows]


def _held(keys: set[str]) -> dict[str, LegalDocument]:
    chosen = queries.public(LegalDocument, now(), _on())
    found = session().scalars(chosen.where(LegalDocument.number_key.in_(keys))) if keys else ()
    return {document.number_key: document for document in found}


def _on() -> list[str]:
    return sorted(platform.switchboard.requirements_on(active_unit(), "legal_documents"))


pages = SectionPages(
    "legal_documents",
    __name__,
    path="/van-ban",
    content_type="legal_document",
    extend_list=labels,
    extend_detail=detail,
)
consultation_pages.add_to(pages)
