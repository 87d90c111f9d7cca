"""The import: quiet and light, so that one plugin's trouble is nobody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pluggy

from hoitu.core import hookspecs
from hoitu.core.app import create_app
from hoitu.core.extensions import KEY, Platform
from hoitu.core.plugin import ManifestError
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.installed import PortalPlugin, run, unconfigured
from hoitu.core.testing.conformance.levels import bronze
from hoitu.core.testing.conformance.snapshot import Snapshot

#: Loaded when they are used, not when plugins are listed.
HEAVY = frozenset({"sqlalchemy", "flask", "jinja2", "wtforms", "alembic", "whoosh"})
LATE = ("models", "views", "types", "forms", "panels")

LIGHT = """
import importlib, json, sys
import hoitu.core.hookspecs
before = set(sys.modules)
importlib.import_module({module!r})
with open({target!r}, "w") as target:
    json.dump(sorted(set(sys.modules) - before), target)
"""
WHOLE = """
import importlib, json, pkgutil, warnings
found = []
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    package = importlib.import_module({package!r})
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
for one in caught:
    if one.filename.startswith({folder!r}):
        found.append(f"{{one.filename}}:{{one.lineno}} {{one.category.__name__}}: {{one.message}}")
with open({target!r}, "w") as target:
    json.dump(found, target)
"""


@bronze
def test_the_import_is_silent(portal_plugin: PortalPlugin, tmp_path: Path) -> None:
    """Importing every module of the package prints nothing and warns of nothing."""
    target = tmp_path / "found.json"
    folder = str(portal_plugin.folder)
    code = WHOLE.format(package=portal_plugin.package, folder=folder, target=str(target))
    done = run(code, tmp_path)
    found = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if target.is_file():
        found += json.loads(target.read_text("utf-8"))
    demand(found, "Let an import say nothing: log in functions, mend what is warned of.")


@bronze
def test_the_import_is_light(portal_plugin: PortalPlugin, tmp_path: Path) -> None:
    """The module of the entry point brings along no models, no views and no framework."""
    target = tmp_path / "modules.json"
    code = LIGHT.format(module=portal_plugin.entry.module, target=str(target))
    done = run(code, tmp_path)
    modules = json.loads(target.read_text("utf-8")) if target.is_file() else []
    found = [done.stderr.strip()] if not modules else []
    late = tuple(f"{portal_plugin.package}.{name}" for name in LATE)
    found += [name for name in modules if name in HEAVY or name.startswith(late)]
    demand(
        found,
        "Import inside the hooks: the entry-point module is imported for every command, "
        "on every unit.",
    )


@bronze
def test_no_hook_is_misspelt(portal_plugin: PortalPlugin) -> None:
    """Every implemented hook exists, with these arguments."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    found = []
    try:
        manager.register(portal_plugin.entry.load(), portal_plugin.name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ImportError, AttributeError) as error:
        found.append(error)
    demand(found, "Spell hooks and arguments as hoitu.core.hookspecs does.")


@bronze
def test_it_works_alone(snapshot: Snapshot) -> None:
    """It starts, migrates and publishes where no other plugin is installed but those it needs."""
    demand(
        [snapshot.failure] if snapshot.failure else [],
        "Make it start with core and `requires_sections` alone; the log above tells where it fell.",
    )


@bronze
def test_it_works_beside_the_others(portal_plugin: PortalPlugin, tmp_path: Path) -> None:
    """It starts where all installed plugins are, and takes no address of theirs."""
    try:
        needs = portal_plugin.manifest.requires_sections
    except ManifestError as error:
        demand([error], "Mend section.toml.")
        return
    with unconfigured():
        app = create_app(instance=tmp_path / "instance")
    parts: Platform = app.extensions[KEY]
    found = parts.plugins.get(portal_plugin.name)
    reasons = [] if found and found.is_active else [found.reason if found else "not found"]
    own: dict[str, str] = {}
    taken: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        is_own = rule.endpoint.partition(".")[0] == portal_plugin.name
        (own if is_own else taken).setdefault(rule.rule, rule.endpoint)
    reasons += [f"{path} is {taken[path]}'s already" for path in sorted(own.keys() & taken.keys())]
    parts.search.close()
    parts.engine.dispose()
    advice = f"Choose names and paths that no other plugin has (it needs: {needs or 'none'})."
    demand(reasons, advice)
