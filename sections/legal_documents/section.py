"""The section at a glance: what it registers and contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from datetime import date

    from flask import Blueprint

    from hoitu.core.content import ContentType, Item, Problem, Transition
    from hoitu.core.jobs import Job
    from hoitu.core.requirements import Requirement
    from hoitu.core.units import Unit
    from hoitu.core.web import MenuEntry, Panel


class LegalDocuments:
    """Plugin object of the section."""

    @hookimpl
    def register_content_types(self) -> list[ContentType]:
        """Return documents, consultations on drafts, and the opinions people send."""
        from hoitu.sections.legal_documents.types import TYPES

        return list(TYPES)

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/van-ban``."""
        from hoitu.sections.legal_documents.views import pages

        return [pages.blueprint]

    @hookimpl
    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return one heading with documents and consultations below it."""
        from hoitu.sections.legal_documents.panels import menu

        return menu(unit)

    @hookimpl
    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the drafts that are open and the newest documents."""
        from hoitu.sections.legal_documents.panels import newest, open_drafts

        return open_drafts(unit) + newest(unit)

    @hookimpl
    def register_jobs(self) -> list[Job]:
        """Return the job that tells search of effects that begin or end."""
        from hoitu.sections.legal_documents.jobs import JOBS

        return JOBS

    @hookimpl
    def check_item(self, item: Item) -> list[Problem]:
        """Return what is wrong with form, time and text."""
        from hoitu.sections.legal_documents.checks import problems_of

        return problems_of(item)

    @hookimpl
    def check_transition(self, item: Item, transition: Transition) -> list[Problem]:
        """Return why an opinion may not be closed without publishing."""
        from hoitu.sections.legal_documents.consultation_rules import hiding_problems

        return hiding_problems(item, transition.name)

    @hookimpl
    def freshness(self, unit: Unit, requirement: Requirement) -> list[date]:
        """Return the day of the newest document or draft; opinions are not the unit's work."""
        from hoitu.core.content import queries
        from hoitu.sections.legal_documents.types import TYPES

        models = [kind.model for kind in TYPES if requirement.id in kind.requirements]
        return [day for model in models for day in queries.newest_day(model, requirement.id)]


section = LegalDocuments()
