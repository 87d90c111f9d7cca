"""The one place from which hooks are called.

pluggy fans out and stops at the first error, in reverse order of registration, and its results are
untyped. Here each implementation runs in its own ``try``, in the order (weight, plugin name), only
for plugins that are on for the unit, and each hook is a typed method.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, cast

from flask_babel import get_locale, gettext

from hoitu.core.plugin.breaker import Breaker
from hoitu.core.plugin.manager import Plugins
from hoitu.core.plugin.state import PluginState

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

log = logging.getLogger(__name__)

#: Says whether a plugin is on for a unit.
IsOn = Callable[["Unit", str], bool]
#: Wraps a call that may write, so that a failure undoes only its own statements.
Savepoint = Callable[[], AbstractContextManager[Any]]
#: Stands for the answer of an implementation that gave none.
_NO_ANSWER: Any = object()


class Dispatcher:
    """Calls hooks: typed, isolated, in a fixed order, for the plugins of a unit."""

    def __init__(self, plugins: Plugins, breaker: Breaker, results: Mapping[str, type]) -> None:
        self._plugins = plugins
        self._breaker = breaker
        #: What a hook must return: the type of a list's entries, or of the one answer.
        self._results = results
        self._order: dict[str, list[Any]] = {}
        #: Set once by the application factory, when the switchboard exists.
        self.is_on: IsOn = lambda unit, plugin: True
        #: Raises on a contribution that no page could show; that is the plugin's error.
        self.examine: Callable[[Any], None] = lambda entry: None
        #: The answer for plugins without the hook ``freshness``.
        self.standard_freshness: Callable[[Requirement], list[date]] = lambda requirement: []
        #: Called after an implementation failed, to give the session back in a usable state.
        self.recover: Callable[[], None] = lambda: None
        #: Contributions lost so far in this process: who keeps results keeps only complete ones.
        self.lost = 0

    # -- register_* ---------------------------------------------------------------------------

    def register_content_types(self) -> Iterator[tuple[str, list[ContentType]]]:
        """Yield (plugin, its content types)."""
        return self._lists("register_content_types")

    def register_blueprints(self) -> Iterator[tuple[str, list[Blueprint]]]:
        """Yield (plugin, its blueprints)."""
        return self._lists("register_blueprints")

    def register_settings(self) -> Iterator[tuple[str, list[type]]]:
        """Yield (plugin, its settings dataclasses)."""
        return self._lists("register_settings")

    def register_jobs(self) -> Iterator[tuple[str, list[Job]]]:
        """Yield (plugin, its jobs)."""
        return self._lists("register_jobs")

    # -- contributions ------------------------------------------------------------------------

    def menu_entries(self, unit: Unit) -> list[MenuEntry]:
        """Return the menu of a unit, by weight."""
        return self._contributions("menu_entries", unit)

    def home_panels(self, unit: Unit) -> list[Panel]:
        """Return the blocks of a unit's home page, by weight."""
        return self._contributions("home_panels", unit)

    def slot_panels(self, slot: str, unit: Unit, item: Item | None) -> list[Panel]:
        """Return the blocks of a slot, by weight."""
        return self._contributions("slot_panels", unit, slot=slot, item=item)

    def head_tags(self, unit: Unit, item: Item | None) -> list[HeadTag]:
        """Return the head elements of a page, by weight."""
        return self._contributions("head_tags", unit, item=item)

    def dashboard_panels(self, unit: Unit, actor: Actor) -> list[Panel]:
        """Return the blocks of the desk's first page, by weight."""
        return self._contributions("dashboard_panels", unit, actor=actor)

    def person_panels(self, person: Person) -> list[Panel]:
        """Return the blocks of a person's own page, by weight."""
        return self._contributions("person_panels", None, person=person)

    # -- check_* ------------------------------------------------------------------------------

    def check_item(self, item: Item, unit: Unit, savepoint: Savepoint) -> list[Problem]:
        """Return every problem any plugin sees in an item."""
        return self._objections("check_item", unit, {"item": item}, savepoint)

    def check_transition(
        self, item: Item, transition: Transition, actor: Actor, unit: Unit, savepoint: Savepoint
    ) -> list[Problem]:
        """Return every objection to a step of the workflow."""
        arguments = {"item": item, "transition": transition, "actor": actor}
        return self._objections("check_transition", unit, arguments, savepoint)

    def check_enable(self, unit: Unit, section: str, savepoint: Savepoint) -> list[Problem]:
        """Return every objection to switching a section on."""
        arguments = {"unit": unit, "section": section}
        return self._objections("check_enable", None, arguments, savepoint)

    def check_upload(
        self,
        unit: Unit,
        name: str,
        media_type: str,
        source: IO[bytes],
        from_the_start: Savepoint,
    ) -> list[Problem]:
        """Return every objection to keeping a file; each plugin reads it from its start."""
        arguments = {"unit": unit, "name": name, "media_type": media_type, "source": source}
        return self._objections("check_upload", unit, arguments, from_the_start)

    # -- resolve_*, events, duties ------------------------------------------------------------

    def resolve_search_backend(self, name: str, instance: Path) -> SearchBackend | None:
        """Return the first plugin's search engine of that name."""
        found = self._first("resolve_search_backend", name=name, instance=instance)
        return cast("SearchBackend | None", found)

    def resolve_storage(self, name: str, instance: Path) -> FileStore | None:
        """Return the first plugin's file store of that name."""
        found = self._first("resolve_storage", name=name, instance=instance)
        return cast("FileStore | None", found)

    def resolve_rich_text_editor(self) -> RichTextEditor | None:
        """Return the first plugin's editor of rich text; None leaves the plain text fields."""
        return cast("RichTextEditor | None", self._first("resolve_rich_text_editor"))

    def resolve_login(self) -> LoginProvider | None:
        """Return the first plugin's way to sign in; None where nobody signs in."""
        return cast("LoginProvider | None", self._first("resolve_login"))

    def demo_companions(self, folder: Path, port: int) -> list[Companion]:
        """Return the programs that run beside a demonstration."""
        arguments = {"folder": folder, "port": port}
        answers = self._each_list("demo_companions", None, arguments)
        return [one for _plugin, found in answers for one in found]

    def handle_event(
        self, event: Event, savepoint: Savepoint, only: str = ""
    ) -> dict[str, Exception | None]:
        """Tell every plugin, or ``only`` one, about a committed fact; return who missed it.

        With each name comes the error, or None where the hook is being left out for a while.
        """
        missed: dict[str, Exception | None] = {}
        for implementation in self._implementations("handle_event"):
            plugin = implementation.plugin_name
            if not self._plugins.is_active(plugin) or (only and plugin != only):
                continue
            if self._breaker.is_open(plugin, "handle_event"):
                missed[plugin] = None
                continue
            try:
                with savepoint():
                    implementation.function(**dict.fromkeys(implementation.argnames, event))
            except Exception as error:
                self._failed(plugin, "handle_event", error)
                missed[plugin] = error
        return missed

    def person_data(self, person: Person) -> Iterator[tuple[str, list[PersonRecord] | None]]:
        """Yield (plugin, what it keeps of a person); None from one that could not say."""
        for plugin, answer in self._all("person_data", None, {"person": person}, nullcontext):
            records = self._as_list(plugin, "person_data", answer)
            yield plugin, None if records is _NO_ANSWER else records

    def erase_person(self, person: Person, savepoint: Savepoint) -> dict[str, Exception]:
        """Have every plugin forget a person; return those that could not, with the reason."""
        failed: dict[str, Exception] = {}
        arguments = {"person": person}
        for plugin, answer in self._all("erase_person", None, arguments, savepoint):
            if answer is _NO_ANSWER:
                failed[plugin] = RuntimeError("it failed, or is being left out after errors")
        return failed

    def freshness(self, unit: Unit, requirement: Requirement) -> date | None:
        """Return the last day on which the requirement was fulfilled.

        Its plugin says so; for one that does not implement the hook, the newest published item
        that serves the requirement does.
        """
        arguments = {"unit": unit, "requirement": requirement}
        answers = dict(self._each_list("freshness", unit, arguments))
        serving = (self._plugins.get(name) for name in answers)
        if not any(p and p.manifest and requirement.id in p.manifest.requirements for p in serving):
            answers[""] = self.standard_freshness(requirement)
        return max((day for days in answers.values() for day in days), default=None)

    # -- the machinery ------------------------------------------------------------------------

    def _lists(self, hook: str) -> Iterator[tuple[str, list[Any]]]:
        return self._each_list(hook, None, {})

    def _contributions(self, hook: str, unit: Unit | None, **arguments: Any) -> list[Any]:
        found: list[Any] = []
        for plugin, part in self._each_list(hook, unit, {"unit": unit, **arguments}):
            try:
                for entry in part:
                    self.examine(entry)
            except Exception as error:
                self._failed(plugin, hook, error)
            else:
                found += part
        return sorted(found, key=lambda entry: entry.weight)

    def _objections(
        self, hook: str, unit: Unit | None, arguments: dict[str, Any], savepoint: Savepoint
    ) -> list[Problem]:
        """Return what the plugins object; one that could not check objects, too.

        A change that nobody could check must not pass as one that everybody consented to.
        """
        found: list[Problem] = []
        for plugin, answer in self._all(hook, unit, arguments, savepoint):
            problems = self._as_list(plugin, hook, answer)
            found += [self._unchecked(plugin, hook)] if problems is _NO_ANSWER else problems
        return found

    def _unchecked(self, plugin: str, hook: str) -> Problem:
        found, language = self._plugins.get(plugin), get_locale()
        manifest = found.manifest if found else None
        title = manifest.label(str(language or "vi")) if manifest else plugin
        message = gettext(
            "%(section)s could not check this. Please try again in a few minutes; if it cannot "
            "then either, tell the operator of the platform.",
            section=title,
        )
        return cast("Problem", self._results[hook]("", message))

    def _first(self, hook: str, **arguments: Any) -> Any:
        wanted = self._results.get(hook, object)
        for plugin, answer in self._each(hook, None, arguments):
            if answer is None:
                continue
            if isinstance(answer, wanted):
                return answer
            self._failed(plugin, hook, TypeError(f"returned {answer!r:.80}"))
        return None

    def _each_list(
        self, hook: str, unit: Unit | None, arguments: dict[str, Any]
    ) -> Iterator[tuple[str, list[Any]]]:
        for plugin, answer in self._each(hook, unit, arguments):
            entries = self._as_list(plugin, hook, answer)
            if entries is not _NO_ANSWER:
                yield plugin, entries

    def _as_list(self, plugin: str, hook: str, answer: Any) -> Any:
        """Return the answer if it is what the hook must return, else _NO_ANSWER."""
        wanted = self._results.get(hook, object)
        if answer is _NO_ANSWER:
            return _NO_ANSWER
        if isinstance(answer, list) and all(isinstance(entry, wanted) for entry in answer):
            return answer
        error = TypeError(f"returned {answer!r:.80}, not a list of {wanted.__name__}")
        self._failed(plugin, hook, error)
        return _NO_ANSWER

    def _each(
        self, hook: str, unit: Unit | None, arguments: dict[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        """Yield (plugin, answer) of those that answer."""
        for plugin, answer in self._all(hook, unit, arguments, nullcontext):
            if answer is not _NO_ANSWER:
                yield plugin, answer

    def _all(
        self, hook: str, unit: Unit | None, arguments: dict[str, Any], savepoint: Savepoint
    ) -> Iterator[tuple[str, Any]]:
        """Yield (plugin, answer) of all that are asked; _NO_ANSWER where none came."""
        for implementation in self._implementations(hook):
            plugin = implementation.plugin_name
            if not self._plugins.is_active(plugin):
                continue
            if unit is not None and not self.is_on(unit, plugin):
                continue
            if self._breaker.is_open(plugin, hook):
                yield plugin, _NO_ANSWER
                continue
            try:
                with savepoint():
                    wanted = {name: arguments[name] for name in implementation.argnames}
                    result = implementation.function(**wanted)
            except Exception as error:
                self._failed(plugin, hook, error)
                result = _NO_ANSWER
            yield plugin, result

    def _implementations(self, hook: str) -> list[Any]:
        """Return the implementations of a hook by (weight, plugin name)."""
        if hook not in self._order:
            found = getattr(self._plugins.manager.hook, hook).get_hookimpls()
            self._order[hook] = sorted(found, key=self._rank)
        return self._order[hook]

    def _rank(self, implementation: Any) -> tuple[int, str]:
        plugin = self._plugins.get(implementation.plugin_name)
        weight = plugin.manifest.weight if plugin and plugin.manifest else 100
        return weight, implementation.plugin_name

    def _failed(self, plugin: str, hook: str, error: Exception) -> None:
        log.error("plugin %s failed in %s", plugin, hook, exc_info=error)
        self.lost += 1
        self.recover()
        if hook.startswith("register_"):
            # Half a plugin is worse than none.
            reason = f"{hook}: {type(error).__name__}: {error}"
            self._plugins.withdraw(plugin, PluginState.BLOCKED, reason)
        else:
            self._breaker.record(plugin, hook, error)
