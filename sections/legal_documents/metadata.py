"""What documents are to machines: schema.org's Legislation."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hoitu.core.web import today
from hoitu.sections.legal_documents.models import LegalDocument
from hoitu.sections.legal_documents.vocabularies import FORCE_STATES, KINDS, RELATIONS

#: What schema.org calls the states of legal force.
_FORCE = "https://schema.org/{}"


def describe(document: LegalDocument) -> dict[str, Any]:
    """Return number, kind, days, effect as of today, who passed it, and what it changes."""
    day = today()
    force = FORCE_STATES.terms.get(document.force_on(day))
    starts, ends = document.effective_on, document.expires_on
    period = f"{starts or '..'}/{ends or '..'}" if starts or ends else ""
    signer = {"@type": "Person", "name": document.signer, "jobTitle": document.signer_title}
    return {
        "@type": "Legislation",
        "name": ": ".join(filter(None, (document.title, document.summary))),
        "legislationIdentifier": document.number,
        "legislationType": dict(KINDS.options()).get(document.kind),
        "legislationDate": document.issued_on,
        "legislationDateVersion": day,
        "legislationDateOfApplicability": starts,
        "legislationPassedBy": {"@type": "GovernmentOrganization", "name": document.issuer},
        "legislationResponsible": signer if document.signer else None,
        "legislationLegalForce": _FORCE.format(force.schema) if force and force.schema else None,
        "temporalCoverage": period,
        "sameAs": document.source_url,
        **_relations(document),
    }


def _relations(document: LegalDocument) -> dict[str, list[dict[str, str]]]:
    """Return the documents that this one changes, by property, named by their numbers."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in document.relation_rows:
        relation = RELATIONS.terms.get(row.relation)
        if relation is not None and relation.schema:
            number = row.target_number
            named = {"@type": "Legislation", "name": number, "legislationIdentifier": number}
            found[relation.schema].append(named)
    return dict(found)
