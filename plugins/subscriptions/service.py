"""The plugin at a glance: what it listens to, shows and sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoitu.core.hookspecs import hookimpl

if TYPE_CHECKING:
    from flask import Blueprint

    from hoitu.core.content import Item
    from hoitu.core.events import Event
    from hoitu.core.jobs import Job
    from hoitu.core.people import Person
    from hoitu.core.privacy import PersonRecord
    from hoitu.core.units import Unit
    from hoitu.core.web import Panel


class Subscriptions:
    """Plugin object of the service."""

    @hookimpl
    def register_settings(self) -> list[type]:
        """Return whether a unit writes to readers, and at what hour."""
        from hoitu.plugins.subscriptions.settings import SubscriptionSettings

        return [SubscriptionSettings]

    @hookimpl
    def register_blueprints(self) -> list[Blueprint]:
        """Return ``/theo-doi``, and the page of the desk with the counts."""
        from hoitu.plugins.subscriptions.views import blueprint

        return [blueprint]

    @hookimpl
    def register_jobs(self) -> list[Job]:
        """Return the jobs that write to readers, and forget those who never confirmed."""
        from hoitu.plugins.subscriptions.delivery import JOBS

        return list(JOBS)

    @hookimpl
    def handle_event(self, event: Event) -> None:
        """Note what is new, and which addresses take no mail."""
        from hoitu.plugins.subscriptions.delivery import note_refusal
        from hoitu.plugins.subscriptions.news import announce, recall

        announce(event)
        recall(event)
        note_refusal(event)

    @hookimpl
    def person_panels(self, person: Person) -> list[Panel]:
        """Return what the person's confirmed address follows."""
        from hoitu.plugins.subscriptions.panels import followed_by

        return followed_by(person)

    @hookimpl
    def person_data(self, person: Person) -> list[PersonRecord]:
        """Return what a person's mail address follows."""
        from hoitu.plugins.subscriptions.readers import records_of

        return records_of(person)

    @hookimpl
    def erase_person(self, person: Person) -> None:
        """Forget a person's mail address and all it follows."""
        from hoitu.plugins.subscriptions.readers import forget

        forget(person)

    @hookimpl
    def slot_panels(self, slot: str, unit: Unit, item: Item | None) -> list[Panel]:
        """Return the tool that leads to the form."""
        from hoitu.plugins.subscriptions.panels import link_to_follow

        return link_to_follow(unit, item) if slot == "tools" else []


service = Subscriptions()
