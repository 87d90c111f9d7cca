"""Every extension point of the platform, by family.

=============  ===================================================================================
``register_*``  once, while the application starts; a list
contribution   per request, for the active unit; a list of small frozen dataclasses
``check_*``     inside the transaction of a change; a list of problems, empty = consent
``resolve_*``   exactly one answer is wanted; None passes the question on
``handle_*``    after commit, from the outbox, in a transaction of its own, at least once
=============  ===================================================================================

An implementation takes any subset of the arguments, by name; it must not change what it is given.
Order is (``weight`` of the manifest, plugin name), never the order of registration. A hook that
raises loses its own contribution and nobody else's; after repeated errors it is skipped for a
while, then its plugin is quarantined. A check that raises or is skipped counts as an objection; one
of a quarantined plugin is not asked any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path
    from typing import IO

    from flask import Blueprint

    from hoitu.core.access import Actor
    from hoitu.core.content import ContentType, Item, Problem, Transition
    from hoitu.core.content.files import FileStore
    from hoitu.core.demo import Companion
    from hoitu.core.events import Event
    from hoitu.core.jobs import Job
    from hoitu.core.people import LoginProvider, Person
    from hoitu.core.privacy import PersonRecord
    from hoitu.core.requirements import Requirement
    from hoitu.core.search import SearchBackend
    from hoitu.core.units import Unit
    from hoitu.core.web import HeadTag, MenuEntry, Panel, RichTextEditor

#: Number of the hook interface; a manifest that asks for another is blocked before import.
API = 1
PROJECT = "hoitu"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

# -- register_*: once, at start ----------------------------------------------------------------


@hookspec
def register_content_types() -> list[ContentType]:
    """Return the content types of this plugin. At start, no transaction, no query. Since 0.1."""
    return []


@hookspec
def register_blueprints() -> list[Blueprint]:
    """Return the blueprints of this plugin, named after it. At start, no query. Since 0.1.

    Every view must declare its access with ``public`` or ``requires``, and nothing may be
    registered for the whole application (``before_app_request`` and its like): otherwise the plugin
    is blocked.
    """
    return []


@hookspec
def register_settings() -> list[type]:
    """Return the frozen dataclasses of this plugin's settings. At start, no query. Since 0.1."""
    return []


@hookspec
def register_jobs() -> list[Job]:
    """Return the periodic and queued jobs of this plugin. At start, no query. Since 0.1."""
    return []


# -- contributions: per request, for the active unit -------------------------------------------


@hookspec
def menu_entries(unit: Unit) -> list[MenuEntry]:
    """Return entries of the unit's main menu. Kept per unit; no query; 1 ms. Since 0.1."""
    return []


@hookspec
def home_panels(unit: Unit) -> list[Panel]:
    """Return blocks of the unit's home page. Kept per unit; one or two queries; 3 ms. Since 0.1."""
    return []


@hookspec
def slot_panels(slot: str, unit: Unit, item: Item | None) -> list[Panel]:
    """Return blocks for a named slot of the theme. Per request; one query; 2 ms. Since 0.1."""
    return []


@hookspec
def head_tags(unit: Unit, item: Item | None) -> list[HeadTag]:
    """Return meta and link elements of a page's head. Per request; no query; 1 ms. Since 0.1."""
    return []


@hookspec
def person_panels(person: Person) -> list[Panel]:
    """Return blocks of the page of a person who signed in: what else is theirs.

    Per request; two queries; 5 ms. Not for one unit: whatever they have at the installation.
    Since 0.1.
    """
    return []


@hookspec
def dashboard_panels(unit: Unit, actor: Actor) -> list[Panel]:
    """Return blocks of the desk's first page. Per request; two queries; 5 ms. Since 0.1."""
    return []


# -- check_*: inside the transaction of a change -----------------------------------------------


@hookspec
def check_item(item: Item) -> list[Problem]:
    """Return what is wrong with an item about to be submitted or published.

    Inside the transaction, in a savepoint; may query the unit's items. One that raises keeps the
    item from being published. Since 0.1.
    """
    return []


@hookspec
def check_transition(item: Item, transition: Transition, actor: Actor) -> list[Problem]:
    """Return why an item may not take this step of its workflow. As ``check_item``. Since 0.1.

    Asked before steps that submit, publish, or close without publishing what a visitor sent.
    """
    return []


@hookspec
def check_enable(unit: Unit, section: str) -> list[Problem]:
    """Return why ``section`` may not be switched on for ``unit``. As ``check_item``. Since 0.1."""
    return []


@hookspec
def check_upload(unit: Unit, name: str, media_type: str, source: IO[bytes]) -> list[Problem]:
    """Return why a file that was sent may not be kept. No transaction, no query. Since 0.1.

    ``source`` is at its start and need not be rewound. Asked for every upload, once its content was
    found to be what its name says and before anything is stored. One that raises keeps it out.
    """
    return []


# -- resolve_*: exactly one answer -------------------------------------------------------------


@hookspec(firstresult=True)
def resolve_search_backend(name: str, instance: Path) -> SearchBackend | None:
    """Return the search engine called ``name``, if this plugin provides it. At start. Since 0.1."""
    return None


@hookspec(firstresult=True)
def resolve_storage(name: str, instance: Path) -> FileStore | None:
    """Return the file store called ``name``, if this plugin provides it. At start. Since 0.1."""
    return None


@hookspec(firstresult=True)
def resolve_rich_text_editor() -> RichTextEditor | None:
    """Return the editor of the desk's rich text. For each form; no query; 1 ms. Since 0.1."""
    return None


@hookspec(firstresult=True)
def resolve_login() -> LoginProvider | None:
    """Return the way in which citizens sign in. Per request; no query; 1 ms. Since 0.1."""
    return None


# -- personal data -----------------------------------------------------------------------------


@hookspec
def person_data(person: Person) -> list[PersonRecord]:
    """Return what this plugin keeps of a person in tables of its own, at all units.

    What they sent in as content is core's to tell. Per request, by the operator or the person; a
    few queries. A plugin that raises keeps the whole answer from being given. Since 0.1.
    """
    return []


@hookspec
def erase_person(person: Person) -> None:
    """Forget a person in the plugin's own tables, at all units, in the caller's transaction.

    Must not commit. Content they sent in is core's to empty. A plugin that raises, or is being left
    out after errors, keeps the person from being erased anywhere. Since 0.1.
    """


@hookspec
def demo_companions(folder: Path, port: int) -> list[Companion]:
    """Return programs that run beside a demonstration, to stand for services of the state.

    At the start of ``hoitu demo``, once; may take a minute to fetch what it needs into ``folder``.
    ``port`` is that of the demonstration. An empty list where something is missing. Since 0.1.
    """
    return []


# -- facts and duties --------------------------------------------------------------------------


@hookspec
def handle_event(event: Event) -> None:
    """Take note of a committed fact. Worker, own transaction, at least once. Since 0.1.

    A plugin that raises, or is being left out after errors, is told again later, alone; so an event
    may come after younger ones, and twice. Look at what the item is now, and be idempotent.
    """


@hookspec
def freshness(unit: Unit, requirement: Requirement) -> list[date]:
    """Return the day on which the unit last fulfilled a requirement this plugin serves, if ever.

    Worker or desk; one query. An empty list means "nothing published yet". A plugin whose duties
    are fulfilled by publishing items leaves the hook out: core finds the newest. Since 0.1.
    """
    return []
