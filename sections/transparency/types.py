"""The content types: form layout, list columns and what follows from the values."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from hoitu.core.clock import format_date, local
from hoitu.core.content import INTAKE, ContentType, FieldGroup, path_below
from hoitu.sections.transparency import metadata
from hoitu.sections.transparency.models import (
    ContactOfficer,
    DisclosedDocument,
    EmergencyNotice,
    InformationList,
    InformationRequest,
    ReceptionDay,
    RecruitmentNotice,
)
from hoitu.sections.transparency.vocabularies import RECEPTION_KINDS

#: The catalogue key that three types serve together.
ACCESS = "access_to_information"


def name_officer(officer: ContactOfficer) -> None:
    """Call a person by name and post."""
    officer.title = ", ".join(filter(None, (officer.full_name, officer.post)))


def name_reception(reception: ReceptionDay) -> None:
    """Call a reception day by its kind and date."""
    kind = RECEPTION_KINDS.terms.get(reception.kind or "")
    day = format_date(local(reception.starts_at).date()) if reception.starts_at else ""
    reception.title = " ".join(filter(None, (kind.vi if kind else "", day)))


information_request = ContentType(
    name="information_request",
    label=_("Request for information"),
    label_plural=_("Requests for information"),
    model=InformationRequest,
    requirements={ACCESS: _("Answered requests for information")},
    labels={"title": _("Subject as it is published"), "body": _("Answer")},
    columns=("title", "due_on", "complexity"),
    derive=InformationRequest.settle,
    path=path_below("transparency.information_request_index"),
    workflow=INTAKE,
    receivable=True,
    receipt_endpoint="transparency.follow",
    sent_words=("information",),
    layout=(
        FieldGroup(_("What is asked for"), ("information", "purpose", "delivery")),
        FieldGroup(_("Who asks"), ("requester", "address", "phone", "email")),
        FieldGroup(_("Handling"), ("complexity", "due_on")),
        FieldGroup(_("Answer, without personal data"), ("title", "body", "attachments")),
    ),
)

information_list = ContentType(
    name="information_list",
    label=_("List of information"),
    label_plural=_("What is public, what is given on request"),
    model=InformationList,
    requirements={ACCESS: _("What is public, what is given on request")},
    path=path_below("transparency.information_list_index"),
    layout=(FieldGroup(_("Page"), ("title", "summary", "body", "attachments")),),
)

contact_officer = ContentType(
    name="contact_officer",
    label=_("Contact for information"),
    label_plural=_("Contacts for information"),
    model=ContactOfficer,
    requirements={
        ACCESS: _("Contacts for information"),
        "spokesperson": _("Spokespersons"),
    },
    columns=("full_name", "post", "requirement"),
    derive=name_officer,
    path=path_below("transparency.contact_officer_index"),
    describe=metadata.describe_officer,
    layout=(
        FieldGroup(_("Person"), ("requirement", "full_name", "post", "phone", "email")),
        FieldGroup(_("In charge"), ("since", "until", "decision")),
    ),
)

reception_day = ContentType(
    name="reception_day",
    label=_("Reception day"),
    label_plural=_("Reception of citizens"),
    model=ReceptionDay,
    requirements={"citizen_reception": _("Reception of citizens")},
    columns=("starts_at", "post", "place"),
    sort_field="starts_at",
    derive=name_reception,
    path=path_below("transparency.reception_day_index"),
    describe=metadata.describe_reception,
    layout=(
        FieldGroup(_("When and where"), ("kind", "starts_at", "ends_at", "place")),
        FieldGroup(_("Who receives"), ("post", "official", "note", "late_reason")),
    ),
)

disclosed_document = ContentType(
    name="disclosed_document",
    label=_("Disclosed document"),
    label_plural=_("Disclosed documents"),
    model=DisclosedDocument,
    requirements={
        "inspection_conclusions": _("Inspection conclusions"),
        "land_disclosure": _("Land: prices, plans of use"),
        "public_assets": _("Public assets"),
        "grassroots_democracy": _("Local disclosures (grassroots democracy)"),
    },
    columns=("title", "requirement", "issued_on"),
    sort_field="issued_on",
    path=path_below("transparency.disclosed_document_index"),
    layout=(
        FieldGroup(_("Document"), ("requirement", "kind", "title", "number", "issued_on", "year")),
        FieldGroup(_("Content"), ("subject", "summary", "body", "attachments")),
        FieldGroup(_("Posting"), ("shown_from", "shown_days")),
    ),
)

recruitment_notice = ContentType(
    name="recruitment_notice",
    label=_("Notice of recruitment"),
    label_plural=_("Recruitment"),
    model=RecruitmentNotice,
    requirements={"recruitment": _("Recruitment")},
    columns=("title", "post", "apply_until"),
    path=path_below("transparency.recruitment_notice_index"),
    layout=(
        FieldGroup(
            _("Post to be filled"),
            ("title", "summary", "post", "wanted", "apply_until", "how_to_apply"),
        ),
        FieldGroup(_("Text and files"), ("body", "attachments")),
    ),
)

emergency_notice = ContentType(
    name="emergency_notice",
    label=_("Emergency notice"),
    label_plural=_("Epidemics, disasters, warnings"),
    model=EmergencyNotice,
    requirements={"emergency_information": _("Epidemics, disasters, warnings")},
    columns=("title", "severity", "ends_at"),
    sort_field="starts_at",
    path=path_below("transparency.emergency_notice_index"),
    describe=metadata.describe_notice,
    layout=(
        FieldGroup(_("Notice"), ("title", "severity", "summary", "area", "starts_at", "ends_at")),
        FieldGroup(_("What to do"), ("body", "attachments")),
    ),
)

TYPES = (
    information_request,
    information_list,
    contact_officer,
    reception_day,
    disclosed_document,
    recruitment_notice,
    emergency_notice,
)
