"""The content types: form layouts and what follows from the values."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup, path_below
from hoitu.core.text import number_key
from hoitu.sections.procedures import metadata
from hoitu.sections.procedures.models import OnlineService, Procedure
from hoitu.sections.procedures.vocabularies import audience_of, field_of


def derive(item: Procedure | OnlineService) -> None:
    """Fill the key that joins procedure and service, and what lists are filtered by."""
    item.code_key = number_key(item.code or "")
    item.field_group = item.field_group or field_of(item.field_name or "")
    if isinstance(item, Procedure):
        item.audience = item.audience or audience_of(item.subjects or "")


procedure = ContentType(
    name="procedure",
    label=_("Administrative procedure"),
    label_plural=_("Administrative procedures"),
    model=Procedure,
    requirements={"administrative_procedures": _("Administrative procedures")},
    labels={"title": _("Name"), "summary": _("Description of the procedure")},
    derive=derive,
    columns=("code", "title", "level"),
    layout=(
        FieldGroup(
            _("Procedure"),
            ("code", "title", "level", "field_name", "summary", "subjects", "decision"),
        ),
        FieldGroup(_("To be found by"), ("field_group", "audience", "keywords"), collapsed=True),
        FieldGroup(_("How it is settled"), ("ways", "dossier", "steps", "results")),
        FieldGroup(
            _("Bodies"), ("executing", "authority", "authorised", "coordinating", "receiving")
        ),
        FieldGroup(
            _("Conditions and bases"),
            ("conditions", "bases", "related"),
            collapsed=True,
        ),
        FieldGroup(_("Of this agency"), ("local_note", "attachments")),
    ),
    describe=metadata.describe_procedure,
)

online_service = ContentType(
    name="online_service",
    label=_("Online service"),
    label_plural=_("Online services"),
    model=OnlineService,
    requirements={"online_services": _("Online services")},
    labels={"title": _("Name")},
    derive=derive,
    columns=("code", "title", "service_level"),
    path=path_below("procedures.online_service_index"),
    describe=metadata.describe_service,
    layout=(
        FieldGroup(
            _("Service"),
            ("code", "title", "summary", "service_level", "deep_link", "processing"),
        ),
        FieldGroup(_("To be found by"), ("field_name", "field_group", "audience", "life_event")),
    ),
)

TYPES = (procedure, online_service)
