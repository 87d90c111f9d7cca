"""The database schema: one migration lineage for core and one per plugin, each with its own table.

A shared version table breaks every upgrade once a plugin's package is removed; separate tables
``migration_<name>`` do not. Migrations never run when the application starts, only by command.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from alembic import autogenerate, command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Index, inspect, text

from hoitu.core.db import Base
from hoitu.core.plugin import Manifest, Plugins
from hoitu.core.plugin.manifest import package_folder

CORE = "core"
#: Key of the advisory lock under which PostgreSQL upgrades run.
_LOCK = 389_1


class SchemaError(RuntimeError):
    """The schema cannot be brought to the wanted state; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """The migrations of core or of one plugin."""

    name: str
    versions: Path
    table_prefix: str

    @property
    def version_table(self) -> str:
        """The table that records how far this lineage has come."""
        return f"migration_{self.name}"


@dataclass(frozen=True, slots=True)
class Status:
    """How far one lineage has come, and how far it can go."""

    name: str
    current: str | None
    head: str | None

    @property
    def is_current(self) -> bool:
        """Say whether nothing is left to do."""
        return self.current == self.head


def lineages(plugins: Plugins) -> list[Lineage]:
    """Return core's lineage and those of the installed plugins, in the order to migrate."""
    core = Path(str(resources.files("hoitu.migrations") / "versions"))
    found = [Lineage(CORE, core, "")]
    for manifest in _in_dependency_order(plugins.manifests()):
        plugin = plugins.get(manifest.name)
        assert plugin is not None
        versions = package_folder(plugin.package) / "migrations" / "versions"
        if versions.is_dir():
            found.append(Lineage(manifest.name, versions, manifest.table_prefix))
    return found


def status(engine: Engine, lineage: Lineage) -> Status:
    """Return how far a lineage has come; no lock, no change."""
    with engine.connect() as connection:
        found = MigrationContext.configure(
            connection, opts={"version_table": lineage.version_table}
        ).get_current_revision()
    head = ScriptDirectory.from_config(alembic_config(lineage)).get_current_head()
    return Status(lineage.name, found, head)


def ends(lineage: Lineage) -> tuple[list[str], list[str]]:
    """Return the first and the last revisions of a lineage: one of each, if it is one line."""
    scripts = ScriptDirectory.from_config(alembic_config(lineage))
    return list(scripts.get_bases()), list(scripts.get_heads())


def pending(engine: Engine, plugins: Plugins) -> list[Status]:
    """Return the lineages that have something to do."""
    found = (status(engine, lineage) for lineage in lineages(plugins))
    return [s for s in found if not s.is_current]


def upgrade(engine: Engine, lineage: Lineage) -> None:
    """Bring one lineage to its head; on an error nothing of it stays."""
    with _exclusive(engine) as connection:
        config = alembic_config(lineage)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def downgrade(engine: Engine, lineage: Lineage) -> None:
    """Take one lineage back to nothing and drop its version table."""
    with _exclusive(engine) as connection:
        config = alembic_config(lineage)
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.exec_driver_sql(f'drop table if exists "{lineage.version_table}"')


def sql(engine: Engine, lineage: Lineage) -> str:
    """Return the SQL that :func:`upgrade` would run."""
    now = status(engine, lineage)
    if now.is_current:
        return ""
    config = alembic_config(lineage)
    config.output_buffer = io.StringIO()
    config.set_main_option("sqlalchemy.url", engine.url.render_as_string().replace("%", "%%"))
    command.upgrade(config, f"{now.current or 'base'}:head", sql=True)
    return config.output_buffer.getvalue()


def drift(engine: Engine, lineage: Lineage, all_lineages: Iterable[Lineage]) -> list[str]:
    """Return the differences between a lineage's models and its tables in the database."""
    tables = tables_of(lineage, all_lineages)

    def is_compared(item: Any, name: str | None, kind: str, *_rest: Any) -> bool:
        return name in tables if kind == "table" else not _is_of_expression(item)

    options = {"version_table": lineage.version_table, "include_object": is_compared}
    with engine.connect() as connection, warnings.catch_warnings():
        # Of an index of an expression one database tells nothing, which it says each time, and the
        # other the expression in words of its own: of these, names are compared.
        warnings.filterwarnings("ignore", ".*expression-based index")
        context = MigrationContext.configure(connection, opts=options)
        found = [str(d) for d in autogenerate.compare_metadata(context, Base.metadata)]
        rows = connection.execute(text(_INDEXES[engine.dialect.name]))
        present = {row.name for row in rows}
    return found + [
        f"missing index {index.name}"
        for name in sorted(tables)
        for index in Base.metadata.tables[name].indexes
        if _is_of_expression(index) and index.name not in present
    ]


#: How the names of all indexes are asked for.
_INDEXES = {
    "sqlite": "select name from sqlite_master where type = 'index'",
    "postgresql": "select indexname as name from pg_indexes",
}


def _is_of_expression(item: Any) -> bool:
    return isinstance(item, Index) and len(item.columns) < len(item.expressions)


def is_initialised(engine: Engine) -> bool:
    """Say whether the database has been set up at all."""
    return inspect(engine).has_table("unit")


def tables_of(lineage: Lineage, all_lineages: Iterable[Lineage]) -> frozenset[str]:
    """Return the mapped tables that belong to a lineage: by prefix, the rest to core."""
    prefixes = tuple(other.table_prefix for other in all_lineages if other.table_prefix)
    names = Base.metadata.tables.keys()
    if lineage.name == CORE:
        return frozenset(n for n in names if not n.startswith(prefixes or ("\0",)))
    return frozenset(
        n for n in names if lineage.table_prefix and n.startswith(lineage.table_prefix)
    )


def alembic_config(lineage: Lineage) -> AlembicConfig:
    """Return the Alembic configuration of one lineage."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(resources.files("hoitu.migrations")))
    config.set_main_option("version_locations", str(lineage.versions))
    config.set_main_option("path_separator", "os")
    config.attributes["version_table"] = lineage.version_table
    config.attributes["tables"] = frozenset()
    return config


@contextmanager
def _exclusive(engine: Engine) -> Iterator[Connection]:
    """Open the one connection that may change the schema now, in one transaction."""
    with engine.connect() as connection, _unchecked_keys(connection), connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("set local lock_timeout = '4s'"))
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection
        _check_foreign_keys(connection)


@contextmanager
def _unchecked_keys(connection: Connection) -> Iterator[None]:
    """On SQLite, let a batch rebuild replace a table without touching the rows that refer to it.

    The pragma does nothing inside a transaction, so the driver is asked before one begins.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("pragma foreign_keys=off")
    try:
        yield
    finally:
        driver.execute("pragma foreign_keys=on")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.engine.dialect.name != "sqlite":
        return
    broken: list[Any] = list(connection.exec_driver_sql("pragma foreign_key_check"))
    if broken:
        raise SchemaError(f"the migration would break references: {broken[:3]}")


def _in_dependency_order(manifests: Iterable[Manifest]) -> list[Manifest]:
    waiting, ordered = list(manifests), list[Manifest]()
    while waiting:
        done = {m.name for m in ordered}
        ready = [m for m in waiting if set(m.requires_sections) <= done] or waiting
        ordered += ready
        waiting = [m for m in waiting if m not in ready]
    return ordered
