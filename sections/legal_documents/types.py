"""The content types: form layout, list columns and what follows from the values."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import INTAKE, ContentType, FieldGroup, SearchFacet, path_below
from hoitu.core.text import number_key
from hoitu.sections.legal_documents import consultations, metadata
from hoitu.sections.legal_documents.consultations import REQUIREMENT
from hoitu.sections.legal_documents.models import LegalDocument
from hoitu.sections.legal_documents.vocabularies import FORCE_STATES, KINDS, WITHDRAWN


def derive(document: LegalDocument) -> None:
    """Fill title and number key: a document is called by its kind and number."""
    kind = KINDS.terms.get(document.kind or "")
    document.title = " ".join(filter(None, (kind.vi if kind else "", document.number)))
    document.number_key = number_key(document.number or "")


legal_document = ContentType(
    name="legal_document",
    label=_("Document"),
    label_plural=_("Documents"),
    model=LegalDocument,
    requirements={
        "normative_documents": _("Normative documents"),
        "administrative_documents": _("Administrative documents"),
    },
    sort_field="issued_on",
    cited_by="number_key",
    derive=derive,
    name_fields=("title", "summary"),
    search_facets={
        "effect": SearchFacet(_("Effect"), "hieu-luc", FORCE_STATES.options, LegalDocument.force_on)
    },
    labels={"summary": _("Abstract"), "body": _("Full text")},
    columns=("number", "summary", "issued_on"),
    layout=(
        FieldGroup(
            _("Document"),
            ("requirement", "kind", "number", "summary", "issuer", "signer", "signer_title"),
        ),
        FieldGroup(_("Effect"), ("issued_on", "effective_on", "expires_on", "force")),
        FieldGroup(_("Text and files"), ("body", "attachments", "source_url")),
        FieldGroup(_("Relations"), ("relations",), collapsed=True),
    ),
    describe=metadata.describe,
)


def comment_path(comment: Any) -> str:
    """Return the place of an opinion on the page of its draft."""
    page, place = "legal_documents.draft_consultation_by_id", f"y-kien-{comment.id}"
    return url_for(page, item_id=comment.consultation, _anchor=place)


draft_consultation = ContentType(
    name="draft_consultation",
    label=_("Consultation on a draft"),
    label_plural=_("Consultations on drafts"),
    model=consultations.DraftConsultation,
    requirements={REQUIREMENT: _("Consultations on drafts")},
    sort_field="opens_on",
    derive=consultations.DraftConsultation.follow,
    labels={"title": _("Title of the draft"), "body": _("Introduction")},
    columns=("title", "opens_on", "closes_on", "explained_on"),
    path=path_below("legal_documents.draft_consultation_index"),
    layout=(
        FieldGroup(_("The draft"), ("title", "summary", "kind", "level", "drafter", "target")),
        FieldGroup(_("Days"), ("opens_on", "closes_on", "shortened", "period_note", "change_note")),
        FieldGroup(_("Text and files"), ("body", "articles", "attachments", "send_to")),
        FieldGroup(_("Result"), ("explanation", "explained_on", "resulting_number")),
    ),
)

consultation_comment = ContentType(
    name="consultation_comment",
    label=_("Opinion on a draft"),
    label_plural=_("Opinions on drafts"),
    model=consultations.ConsultationComment,
    requirements={REQUIREMENT: _("Consultations on drafts")},
    derive=consultations.ConsultationComment.follow,
    labels={"title": _("Code of the opinion")},
    columns=("title", "consultation", "article", "outcome", "hidden_reason"),
    path=comment_path,
    workflow=INTAKE,
    receivable=True,
    receipt_endpoint="legal_documents.comment_status",
    sent_words=("text",),
    withdrawn_with={"hidden_reason": WITHDRAWN},
    is_page=False,
    layout=(
        FieldGroup(_("Opinion"), ("consultation", "article", "text")),
        FieldGroup(_("Sender (never published)"), ("sender", "phone", "email", "consent")),
        FieldGroup(_("Handling"), ("outcome", "response", "hidden_reason")),
    ),
)

TYPES = (legal_document, draft_consultation, consultation_comment)
