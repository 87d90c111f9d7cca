"""Isolation: its own tables, templates and settings, and core by its doors only."""

from __future__ import annotations

from collections.abc import Callable

from hoitu.core.db import Base
from hoitu.core.testing import source
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.installed import PortalPlugin, installed
from hoitu.core.testing.conformance.levels import bronze
from hoitu.core.testing.conformance.trial import Trial
from hoitu.core.units import UnitScoped


def _faults(plugin: PortalPlugin, find: source.Find) -> list[str]:
    return source.faults(plugin.folder.parent, plugin.modules, find)


@bronze
def test_tables_carry_the_prefix(trial: Trial) -> None:
    """Every table starts with the manifest's ``table_prefix``, which is the plugin's alone."""
    prefix = trial.manifest.table_prefix
    found = [f"{table} does not start with {prefix!r}" for table in trial.tables if not prefix]
    if prefix:
        found = [
            f"{t} does not start with {prefix}" for t in trial.tables if not t.startswith(prefix)
        ]
        if not prefix.endswith("_"):
            found.append(f"table_prefix {prefix!r} does not end with an underscore")
        strangers = set(Base.metadata.tables) - set(trial.tables)
        found += [f"{table} of somebody else starts with {prefix}" for table in sorted(strangers)
                  if table.startswith(prefix)]  # fmt: skip
    demand(found, "Rename the tables, or choose a `table_prefix` of your own in section.toml.")


@bronze
def test_rows_belong_to_a_unit(trial: Trial) -> None:
    """Every model is scoped to a unit; rows of others would be seen by every unit."""
    inside = f"{trial.plugin.package}."
    found = [
        mapper.class_.__qualname__
        for mapper in Base.registry.mappers
        if f"{mapper.class_.__module__}.".startswith(inside)
        and not issubclass(mapper.class_, UnitScoped)
    ]
    demand(found, "Let the class inherit from UnitScoped (hoitu.core.units), as Item does.")


@bronze
def test_settings_are_its_own(trial: Trial) -> None:
    """Settings are declared by a dataclass of the plugin's own package."""
    schema = trial.platform.settings.schemas().get(trial.name)
    module = schema.__module__ if schema else trial.plugin.package
    is_own = f"{module}.".startswith(f"{trial.plugin.package}.")
    demand([] if is_own else [module], "Declare the settings in the plugin's own package.")


@bronze
def test_templates_are_in_their_own_folder(portal_plugin: PortalPlugin) -> None:
    """Templates lie in ``templates/<name>/``: elsewhere they replace those of others."""
    folder = portal_plugin.folder / "templates"
    own = folder / portal_plugin.name
    found = [
        path.relative_to(portal_plugin.folder)
        for path in portal_plugin.templates
        if path.is_relative_to(folder) and not path.is_relative_to(own)
    ]
    demand(found, f"Move them to templates/{portal_plugin.name}/.")


@bronze
def test_it_enters_core_by_its_doors(portal_plugin: PortalPlugin) -> None:
    """It imports only what ``__all__`` of ``hoitu.core.<package>`` names."""
    demand(
        _faults(portal_plugin, source.closed_doors),
        "Import the public name from hoitu.core.<package>; what has none may change any day.",
    )


@bronze
def test_it_imports_no_other_plugin(portal_plugin: PortalPlugin) -> None:
    """It knows core only, no other section, plugin or theme."""
    others = {e.module.rpartition(".")[0] for e in installed().values()} - {portal_plugin.package}
    find = source.imports_of([*sorted(others), "hoitu.themes"])
    demand(
        _faults(portal_plugin, find),
        "Ask core for the other's data (content.queries, a type's name) or define a hook.",
    )


@bronze
def test_it_writes_no_raw_sql(portal_plugin: PortalPlugin) -> None:
    """No SQL text and no bare table: the unit scope sees neither."""
    demand(
        _faults(portal_plugin, source.raw_sql),
        "Select mapped classes; text() and __table__ show the rows of every unit.",
    )


@bronze
def test_it_lifts_no_scope(portal_plugin: PortalPlugin) -> None:
    """Nothing asks for the rows of all units."""
    demand(
        _faults(portal_plugin, source.scope_lifts),
        "Use content.queries.of_units for what a unit keeps for the sites of others.",
    )


@bronze
def test_it_reads_no_clock(portal_plugin: PortalPlugin) -> None:
    """The time comes from the platform, so that one page has one day and tests have theirs."""
    demand(
        _faults(portal_plugin, source.clock_reads),
        "Ask hoitu.core.web.now() or today() in views, context.clock in jobs and actions.",
    )


@bronze
def test_templates_obey_the_content_security_policy(portal_plugin: PortalPlugin) -> None:
    """No inline script, style or event handler, and nothing loaded from elsewhere."""
    read: Callable[[str], list[str]] = source.template_faults
    found = [
        f"{path.relative_to(portal_plugin.folder)}: {', '.join(wrong)}"
        for path in portal_plugin.templates
        if (wrong := read(path.read_text("utf-8")))
    ]
    demand(found, "Use classes of the theme and its scripts; browsers drop what is inline.")
