"""The content types: form layouts and what follows from the values."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.content import ContentType, FieldGroup, path_below
from hoitu.core.text import number_key
from hoitu.sections.procedures.models import OnlineService, Procedure


def derive(item: Procedure | OnlineService) -> None:
    """Fill the key by which procedure and service find each other."""
    item.code_key = number_key(item.code or "")


procedure = ContentType(
    name="procedure",
    label=_("Administrative procedure"),
    label_plural=_("Administrative procedures"),
    model=Procedure,
    requirements={"administrative_procedures": _("Administrative procedures")},
    labels={"title": _("Name"), "summary": _("Description")},
    derive=derive,
    columns=("code", "title", "level"),
    layout=(
        FieldGroup(
            _("Procedure"),
            ("code", "title", "level", "field_name", "summary", "subjects", "decision"),
        ),
        FieldGroup(_("How it is settled"), ("ways", "dossier", "steps", "results")),
        FieldGroup(
            _("Bodies"), ("executing", "authority", "authorised", "coordinating", "receiving")
        ),
        FieldGroup(
            _("Conditions and bases"),
            ("conditions", "bases", "related", "keywords"),
            collapsed=True,
        ),
        FieldGroup(_("Of this agency"), ("local_note", "attachments")),
    ),
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
    layout=(
        FieldGroup(
            _("Service"),
            ("code", "title", "summary", "service_level", "deep_link", "processing"),
        ),
        FieldGroup(_("To be found by"), ("field_name", "audience", "life_event")),
    ),
)

TYPES = (procedure, online_service)
