"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from datetime import date

    from flask import Blueprint

    from hoitu.core.content import ContentType, Item, Problem
    from hoitu.core.requirements import Requirement
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class LegalDocuments:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """One type: the legal document."""
        from hoitu.sections.legal_documents.types import legal_document

        return [legal_document]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """``/van-ban``."""
        from hoitu.sections.legal_documents.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """One heading."""
        from hoitu.sections.legal_documents.panels import menu

        return menu()

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Show the newest documents."""
        from hoitu.sections.legal_documents.panels import newest

        return newest(unit)

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Rules of form and of time."""
        from hoitu.sections.legal_documents.models import LegalDocument
        from hoitu.sections.legal_documents.rules import problems

        return problems(item) if isinstance(item, LegalDocument) else []

    @hookimpl
    def freshness(self, unit: Unit, requirement: Requirement) -> list[date]:
        """Return the day of the newest published document that serves the requirement."""
        from hoitu.core.content import queries
        from hoitu.sections.legal_documents.models import LegalDocument

        return queries.newest_day(LegalDocument, requirement.id)


section = LegalDocuments()
