"""What the section contributes to menu and home page."""

from __future__ import annotations

from dataclasses import replace

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, in_language, newest_panel, now, today
from hoitu.sections.legal_documents.consultation_pages import STATE, standing
from hoitu.sections.legal_documents.consultations import REQUIREMENT, DraftConsultation, state_is
from hoitu.sections.legal_documents.types import legal_document
from hoitu.sections.legal_documents.vocabularies import CONSULTATION_STATES

SHOWN, OPEN_SHOWN = 4, 2
MANAGEMENT = "administrative_documents"


def menu(unit: Unit) -> list[MenuEntry]:
    """Return "Documents" with what stands below it; parts of it stand under others, too."""
    groups = [
        MenuEntry(label, "legal_documents.index", requirement=key, arguments={"nhom": key})
        for key, label in legal_document.requirements.items()
    ]
    label, endpoint = _("Consultations on drafts"), "legal_documents.draft_consultation_index"
    drafts = MenuEntry(label, endpoint, requirement=REQUIREMENT)
    on = platform.switchboard.requirements_on(unit, "legal_documents")
    first = "legal_documents.index" if on - {REQUIREMENT} else endpoint
    own = MenuEntry(_("Documents"), first, 30, children=(*groups, drafts), under="documents")
    others = [e for e in groups if e.requirement == MANAGEMENT]
    managed = [replace(entry, weight=30, under="direction") for entry in others]
    return [own, *managed, replace(drafts, weight=82, under="questions")]


def newest(unit: Unit) -> list[Panel]:
    """Return the block of the newest documents; none while there are no documents."""
    title, where, drawn = _("New documents"), "legal_documents.index", "legal_documents/panel.html"
    return newest_panel(
        unit, "legal_document", title, endpoint=where, weight=30, size=SHOWN, template=drawn
    )


def open_drafts(unit: Unit) -> list[Panel]:
    """Return the block of drafts that are open for opinions, the soonest to close first."""
    if not platform.switchboard.section_on(unit, "legal_documents", REQUIREMENT):
        return []
    draft, address = DraftConsultation, CONSULTATION_STATES.terms["open"].address
    chosen = queries.public(draft, now(), [REQUIREMENT]).where(state_is("open", today()))
    soonest = chosen.order_by(draft.closes_on, draft.id).limit(OPEN_SHOWN)
    found = in_language(session().scalars(soonest).all())
    if not found:
        return []
    more = f"{url_for('legal_documents.draft_consultation_index')}?{STATE}={address}"
    template, title = "legal_documents/open_drafts.html", _("Drafts open for your opinion")
    values = {"found": found, **standing()}
    return [Panel("consultations", title, template, values, 28, more=more)]
