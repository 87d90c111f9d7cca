"""What the section contributes to menu and home page."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _

from hoitu.core.content import queries
from hoitu.core.extensions import platform, session
from hoitu.core.units import Unit
from hoitu.core.web import MenuEntry, Panel, now
from hoitu.sections.legal_documents.models import LegalDocument

SHOWN = 6


def menu() -> list[MenuEntry]:
    """Return the heading "Documents"."""
    return [MenuEntry(_("Documents"), "legal_documents.index", weight=30)]


def newest(unit: Unit) -> list[Panel]:
    """Return the block of the newest documents; none while there are no documents."""
    on = platform.switchboard.requirements_on(unit, "legal_documents")
    chosen = queries.public(LegalDocument, now(), on)
    found = queries.page(session(), chosen, size=SHOWN).items
    if not found:
        return []
    return [
        Panel(
            "legal_documents",
            _("New documents"),
            "legal_documents/panel.html",
            {"documents": found},
            weight=30,
            more=url_for("legal_documents.index"),
        )
    ]
