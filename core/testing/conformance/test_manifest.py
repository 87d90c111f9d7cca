"""The manifest: valid, under one name, and true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packaging.version import InvalidVersion, Version
from sqlalchemy import Table

from hoitu.core.access import PUBLIC, VERBS
from hoitu.core.content import ContentType, Field, Rows
from hoitu.core.db import Base
from hoitu.core.plugin import ManifestError
from hoitu.core.plugin.manifest import VISITOR
from hoitu.core.privacy.laws import is_known
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.installed import PortalPlugin
from hoitu.core.testing.conformance.levels import bronze
from hoitu.core.testing.conformance.snapshot import EMPTY, HERE
from hoitu.core.testing.conformance.trial import Trial
from hoitu.core.web import MenuEntry


@bronze
def test_the_manifest_is_valid(portal_plugin: PortalPlugin) -> None:
    """``section.toml`` is read, has both titles, and a version that can be compared."""
    try:
        manifest = portal_plugin.manifest
    except ManifestError as error:
        demand([error], "Mend section.toml; docs: how-to/write-a-section, step 2.")
        return
    found = []
    try:
        Version(manifest.version)
    except InvalidVersion:
        found.append(f"version {manifest.version!r} is no version like 1.4.0")
    found += [f"title has no text for {n!r}" for n in ("vi", "en") if not manifest.title[n].strip()]
    demand(found, "Mend section.toml.")


@bronze
def test_one_name_everywhere(portal_plugin: PortalPlugin, trial: Trial) -> None:
    """Entry point, package, blueprint and template folder are called the same."""
    name = portal_plugin.name
    found = []
    if portal_plugin.package.rpartition(".")[2] != name:
        found.append(f"the package is called {portal_plugin.package}")
    blueprints = {rule.endpoint.partition(".")[0] for rule in trial.rules}
    found += [f"a blueprint is called {blueprint}" for blueprint in blueprints - {name}]
    folder = portal_plugin.folder / "templates"
    if folder.is_dir() and not (folder / name).is_dir():
        found.append(f"the templates are not in templates/{name}/")
    demand(found, f"Call everything {name}, as the entry point is called.")


@bronze
def test_permissions_are_declared(trial: Trial) -> None:
    """The manifest declares the permissions that types and routes need, and no other."""
    used = {kind.permission(verb) for kind in trial.kinds for verb in VERBS}
    used |= {p for p in map(trial.access_of, trial.rules) if p not in (PUBLIC,)}
    used = {name for name in used if not name.startswith("core.")}
    declared = set(trial.manifest.permissions)
    found = [f"{name} is used and not declared" for name in sorted(used - declared)]
    found += [f"{name} is declared and not used" for name in sorted(declared - used)]
    demand(found, "Make `permissions` in section.toml say what the code asks for.")


@bronze
def test_requirements_are_in_the_catalogue(trial: Trial) -> None:
    """Every requirement is a key of the legal catalogue, and some unit may have it."""
    today = trial.platform.clock.today()
    known = trial.platform.catalogues.on(today).duties
    wanted = trial.manifest.requirements
    found = [f"{key} is in no catalogue" for key in wanted if key not in known]
    living = [key for key in wanted if key in known and known[key].holds_on(today)]
    found += [f"{key}: no unit may have it" for key in living if key not in trial.on()]
    demand(
        found,
        "Name catalogue keys in `requirements` (hoitu requirements lists them); "
        "`allowed_unit_types` must leave units that may have them.",
    )


@bronze
def test_requirements_are_served(trial: Trial) -> None:
    """Every requirement is served by a content type, or by a page of the plugin's own."""
    served = {key for kind in trial.kinds for key in kind.requirements}
    for slug in (HERE, EMPTY):
        with trial.site(slug) as unit:
            served |= set(_named(trial.platform.hooks.menu_entries(unit)))
            # A page that fulfils a duty knows since when.
            duties = map(trial.platform.switchboard.requirement, trial.manifest.requirements)
            served |= {d.id for d in duties if d and trial.platform.hooks.freshness(unit, d)}
    found = [key for key in trial.manifest.requirements if key not in served]
    demand(
        found,
        "Serve each requirement by a ContentType (`requirements=`), or by a page that a menu entry "
        "(`requirement=`) or the hook `freshness` names; or take it out of section.toml.",
    )


def _named(entries: Iterable[MenuEntry]) -> Iterator[str]:
    for entry in entries:
        yield entry.requirement or ""
        yield from _named(entry.children)


@bronze
def test_personal_data_is_declared(trial: Trial) -> None:
    """The manifest names the fields with personal data, so that the register can."""
    personal = {n for kind in trial.kinds for n, f in _fields(kind) if f.personal}
    private = {n for kind in trial.kinds for n, f in _fields(kind) if getattr(f, "private", False)}
    declared = {name for data in trial.manifest.personal_data for name in data.fields}
    columns = {name for name in declared if "." in name}
    found = [f"{name} is personal and not declared" for name in sorted(personal - declared)]
    strangers = sorted(declared - columns - personal - private)
    found += [f"{name} is declared; no field of the name is personal" for name in strangers]
    own = _columns(trial.manifest.table_prefix)
    found += [f"{name} is declared; there is no such column" for name in sorted(columns - own)]
    demand(found, "Make `[[personal_data]]` name the fields declared with personal=True.")


@bronze
def test_what_visitors_send_is_not_kept_for_ever(trial: Trial) -> None:
    """Personal data of visitors have a day on which they are forgotten."""
    ending = {
        name
        for data in trial.manifest.personal_data
        if data.of == VISITOR and data.kept_days
        for name in data.fields
    }
    sent = {
        name
        for kind in trial.kinds
        if kind.receivable
        for name, declared in kind.model.fields().items()
        if declared.personal
    }
    found = [
        f"{name} is sent by visitors and kept without an end" for name in sorted(sent - ending)
    ]
    demand(found, 'Declare them in `[[personal_data]]` with of = "visitor" and kept_days.')


@bronze
def test_bases_of_personal_data_are_known(trial: Trial) -> None:
    """Every legal basis of the register is a key of the catalogue."""
    today = trial.platform.clock.today()
    with trial.app.app_context():
        bases = {data.basis for data in trial.manifest.personal_data} - {""}
        found = [f"{key} is in no catalogue" for key in sorted(bases) if not is_known(key, today)]
    demand(found, "Name keys of the catalogue in `basis`, or leave it out.")


def _columns(prefix: str) -> set[str]:
    """Return the columns of the plugin's own tables, as ``table.column``."""
    tables = {mapper.local_table for mapper in Base.registry.mappers}
    return {
        f"{table.name}.{column.name}"
        for table in tables
        if isinstance(table, Table) and prefix and table.name.startswith(prefix)
        for column in table.columns
    }


def _fields(kind: ContentType) -> Iterator[tuple[str, Field]]:
    """Yield (name, field) of a type, columns of tables included."""
    for name, declared in kind.model.fields().items():
        yield name, declared
        if isinstance(declared.kind, Rows):
            yield from ((column.name, column) for column in declared.kind.columns)
