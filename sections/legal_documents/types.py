"""The content type: form layout, list columns and what follows from the values."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup
from hoitu.core.text import number_key
from hoitu.sections.legal_documents.models import LegalDocument
from hoitu.sections.legal_documents.vocabularies import KINDS


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
    derive=derive,
    name_fields=("title", "summary"),
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
)
