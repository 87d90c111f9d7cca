"""Discovery and loading of plugins, one by one, so that a broken one stops only itself."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version

import pluggy
from packaging.specifiers import SpecifierSet

from hoitu.core import hookspecs
from hoitu.core.plugin import manifest as manifests
from hoitu.core.plugin.manifest import Manifest, ManifestError
from hoitu.core.plugin.state import PluginState

GROUP = "hoitu.plugins"
#: Packages of the platform's own wheel; all that safe mode loads.
OWN = "hoitu."
#: States that outlive a start, until a command ends them. What is stored as blocked is a plugin
#: whose migration failed: its code and its tables do not fit each other.
REMEMBERED = (PluginState.QUARANTINED, PluginState.RETIRED, PluginState.BLOCKED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plugin:
    """One discovered plugin and where it stands in this process."""

    name: str
    package: str
    state: PluginState
    manifest: Manifest | None = None
    reason: str = ""

    @property
    def is_active(self) -> bool:
        """Say whether its code is loaded and in use."""
        return self.state is PluginState.ACTIVE


class Plugins:
    """Every plugin of the installation; the pluggy manager of those that are active."""

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self._plugins: dict[str, Plugin] = {}

    @classmethod
    def load(cls, *, own_only: bool = False, remembered: Mapping[str, tuple[str, str]]) -> Plugins:
        """Discover, check and register the installed plugins.

        ``own_only`` is safe mode: nothing outside the platform's wheel is imported. ``remembered``
        holds (state, reason) by name from the last run; see :data:`REMEMBERED`.
        """
        plugins = cls()
        found = [e for e in entry_points(group=GROUP) if not own_only or e.module.startswith(OWN)]
        discovered = plugins.discover(found, remembered)
        for entry in discovered:
            plugins.register(entry)
        for name, (_, _) in remembered.items():
            if name not in plugins._plugins and not own_only:
                plugins._note(Plugin(name, "", PluginState.MISSING, reason="its package is gone"))
        return plugins

    def discover(
        self, entries: Iterable[EntryPoint], remembered: Mapping[str, tuple[str, str]]
    ) -> list[EntryPoint]:
        """Read the manifests; return the entry points that may be imported, in load order."""
        loadable: dict[str, EntryPoint] = {}
        # Our own first: nobody replaces a section of the platform by taking its name.
        for entry in sorted(entries, key=lambda e: (e.name, not e.module.startswith(OWN))):
            if entry.name in self._plugins:
                log.error("plugin %s of %s is ignored: the name is taken", entry.name, entry.module)
                continue
            plugin = self._examine(entry, remembered.get(entry.name))
            self._note(plugin)
            if plugin.state is PluginState.DISCOVERED:
                loadable[entry.name] = entry
        return [loadable[name] for name in self._dependency_order(loadable)]

    def register(self, entry: EntryPoint) -> None:
        """Import a plugin and register its hooks; an error quarantines it, with the reason."""
        plugin = self._plugins[entry.name]
        try:
            loaded = entry.load()
            self.manager.register(loaded, entry.name)
            self.manager.check_pending()
        except (Exception, SystemExit) as error:
            if self.manager.has_plugin(entry.name):
                self.manager.unregister(name=entry.name)
            reason = f"{type(error).__name__}: {error}"
            log.exception("plugin %s is quarantined", entry.name)
            self._note(replace(plugin, state=PluginState.QUARANTINED, reason=reason))
        else:
            self._note(replace(plugin, state=PluginState.ACTIVE))

    def withdraw(self, name: str, state: PluginState, reason: str) -> None:
        """Take a plugin out of use in this process: its hooks are no longer called."""
        if self.manager.has_plugin(name):
            self.manager.unregister(name=name)
        self._note(replace(self._plugins[name], state=state, reason=reason))
        log.error("plugin %s is %s: %s", name, state, reason)

    def withdraw_dependents(self) -> None:
        """Block every active plugin that needs one which is not; theirs in turn, too."""
        for name in [p.name for p in self.all() if p.is_active]:
            if missing := [n for n in self._needs(name) if not self.is_active(n)]:
                reason = f"needs {', '.join(missing)}, which is not active"
                self.withdraw(name, PluginState.BLOCKED, reason)
                self.withdraw_dependents()
                return

    def all(self) -> list[Plugin]:
        """Return every plugin by name, whatever its state."""
        return [self._plugins[name] for name in sorted(self._plugins)]

    def get(self, name: str) -> Plugin | None:
        """Return a plugin by name."""
        return self._plugins.get(name)

    def is_active(self, name: str) -> bool:
        """Say whether the plugin's code is loaded and in use."""
        plugin = self._plugins.get(name)
        return plugin is not None and plugin.is_active

    def manifests(self) -> list[Manifest]:
        """Return the manifests of the active plugins, by weight and name."""
        found = [p.manifest for p in self._plugins.values() if p.is_active and p.manifest]
        return sorted(found, key=lambda m: (m.weight, m.name))

    def sections(self) -> list[Manifest]:
        """Return the manifests of the active sections, by weight and name."""
        return [manifest for manifest in self.manifests() if not manifest.service]

    def _note(self, plugin: Plugin) -> None:
        self._plugins[plugin.name] = plugin

    def _examine(self, entry: EntryPoint, remembered: tuple[str, str] | None) -> Plugin:
        package = manifests.package_of(entry)
        try:
            manifest = manifests.read(entry)
        except ManifestError as error:
            return Plugin(entry.name, package, PluginState.BLOCKED, reason=str(error))
        if remembered and remembered[0] in REMEMBERED:
            state, reason = remembered
            return Plugin(entry.name, package, PluginState(state), manifest, reason)
        reason = _incompatible(manifest)
        state = PluginState.BLOCKED if reason else PluginState.DISCOVERED
        return Plugin(entry.name, package, state, manifest, reason)

    def _dependency_order(self, loadable: Mapping[str, EntryPoint]) -> list[str]:
        ordered: list[str] = []
        waiting = dict.fromkeys(loadable)
        while waiting:
            ready = [n for n in waiting if not set(self._needs(n)) - set(ordered)]
            if not ready:
                for name in waiting:
                    missing = ", ".join(sorted(set(self._needs(name)) - set(ordered)))
                    reason = f"needs {missing}, which is not active"
                    self._note(
                        replace(self._plugins[name], state=PluginState.BLOCKED, reason=reason)
                    )
                break
            for name in ready:
                ordered.append(name)
                del waiting[name]
        return ordered

    def _needs(self, name: str) -> tuple[str, ...]:
        manifest = self._plugins[name].manifest
        return manifest.requires_sections if manifest else ()


@cache
def _core_version() -> str:
    """Return the version of the core; it does not change while the core runs."""
    return version("hoitu")


def _incompatible(manifest: Manifest) -> str:
    """Return why this core cannot run a plugin, or an empty string."""
    if manifest.api != hookspecs.API:
        return f"speaks hook interface {manifest.api}, this core speaks {hookspecs.API}"
    core = _core_version()
    if not SpecifierSet(manifest.requires_core).contains(core, prereleases=True):
        return f"needs core {manifest.requires_core}, this is {core}"
    return ""
