"""The schema: up from nothing, equal to the models, down to nothing; one lineage per plugin."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from hoitu.core import schema
from hoitu.core.db import Base, make_engine
from hoitu.core.extensions import KEY, Platform
from hoitu.core.plugin import PluginRow, PluginState
from hoitu.core.schema import CORE, Lineage, SchemaError

pytestmark = pytest.mark.both_databases

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "archive_0001"
down_revision = None

def upgrade():
    op.create_table("archive_box", sa.Column("id", sa.Integer(), primary_key=True))
    {more}

def downgrade():
    op.drop_table("archive_box")
"""


@pytest.fixture
def lineages(platform: Platform) -> list[Lineage]:
    return schema.lineages(platform.plugins)


@pytest.fixture
def empty(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database without any table."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    if database == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        name = f"empty_{abs(hash(str(tmp_path)))}"
        admin = make_engine(server)
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'create database "{name}"'))
        admin.dispose()
        url = f"{server.rpartition('/')[0]}/{name}"
    engine = make_engine(url)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_up_from_nothing_gives_the_models_and_down_leaves_nothing(
    empty: Engine, lineages: list[Lineage]
) -> None:
    assert not schema.is_initialised(empty)
    for lineage in lineages:
        schema.upgrade(empty, lineage)
        assert schema.status(empty, lineage).is_current
    assert schema.is_initialised(empty)
    versions = {lineage.version_table for lineage in lineages}
    assert tables(empty) == set(Base.metadata.tables) | versions
    for lineage in lineages:
        assert schema.drift(empty, lineage, lineages) == []
    for lineage in reversed(lineages):
        schema.downgrade(empty, lineage)
    assert tables(empty) == set()


def test_drift_is_noticed(platform: Platform, lineages: list[Lineage]) -> None:
    with platform.engine.begin() as connection:
        connection.execute(text("alter table unit add column colour varchar(10)"))
        connection.execute(text("drop index ix_legal_document_kind"))
        connection.execute(text("drop index ix_item_work"))
    found = {x.name: schema.drift(platform.engine, x, lineages) for x in lineages}
    assert len(found[CORE]) == 2
    assert "colour" in " ".join(found[CORE])
    assert "ix_item_work" in " ".join(found[CORE])
    assert "ix_legal_document_kind" in " ".join(found["legal_documents"])
    assert not any(found[name] for name in found if name not in (CORE, "legal_documents"))


def test_every_table_belongs_to_one_lineage(lineages: list[Lineage]) -> None:
    owned = [schema.tables_of(lineage, lineages) for lineage in lineages]
    assert sorted(name for names in owned for name in names) == sorted(Base.metadata.tables)


def test_lineages_are_linear_and_frozen(lineages: list[Lineage]) -> None:
    assert lineages[0].name == CORE
    for lineage in lineages:
        scripts = ScriptDirectory.from_config(schema.alembic_config(lineage))
        assert len(scripts.get_heads()) == 1
        assert len(scripts.get_bases()) == 1
        for path in lineage.versions.glob("*.py"):
            imported = {
                (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or ""
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Import | ast.ImportFrom)
            }
            assert imported <= {
                "__future__", "alembic", "sqlalchemy", "sqlalchemy.dialects",
            }, path  # fmt: skip


@pytest.fixture
def archive(plant: Callable[..., str]) -> Callable[..., None]:
    def install(more: str = "") -> None:
        plant(
            "archive",
            extra='table_prefix = "archive_"',
            files={"migrations/versions/archive_0001.py": MIGRATION.format(more=more)},
        )

    return install


def test_a_plugin_comes_goes_and_comes_back(
    archive: Callable[..., None], make_app: Any, tmp_path: Path, hoitu: Any
) -> None:
    archive()
    app = make_app()
    parts: Platform = app.extensions[KEY]
    assert [s.name for s in schema.pending(parts.engine, parts.plugins)] == ["archive"]
    assert "schema: archive None -> archive_0001" in hoitu("doctor").output
    assert hoitu("upgrade").exit_code == 0
    assert {"archive_box", "migration_archive"} <= tables(parts.engine)
    # The package goes: everything else can still be upgraded, and its data stays.
    site_packages = str(tmp_path / "site-packages")
    sys.path.remove(site_packages)
    importlib.invalidate_caches()
    assert hoitu("upgrade").exit_code == 0
    without: Platform = make_app().extensions[KEY]
    assert without.plugins.get("archive").state is PluginState.MISSING  # type: ignore[union-attr]
    assert "archive_box" in tables(without.engine)
    assert {lineage.name for lineage in schema.lineages(without.plugins)} >= {CORE, "news"}
    # It comes back to where it was.
    sys.path.insert(0, site_packages)
    importlib.invalidate_caches()
    again: Platform = make_app().extensions[KEY]
    assert again.plugins.is_active("archive")
    assert schema.pending(again.engine, again.plugins) == []


BROKEN = "op.execute('this is not sql')"


@pytest.mark.parametrize("command", ["init", "upgrade"])
def test_a_failing_migration_blocks_its_plugin_and_nobody_else(
    archive: Callable[..., None], plant: Callable[..., str], make_app: Any, hoitu: Any, command: str
) -> None:
    archive(BROKEN)
    plant("shelves", extra='requires_sections = ["archive"]')
    first = hoitu(command)
    assert first.exit_code == 1
    assert "archive: " in first.output and "Nothing of it was changed" in first.output
    assert "Blocked until its migration succeeds: archive." in first.output
    assert "is ready:" not in first.output
    # No later start takes it into use without its tables; all sites go on.
    app = make_app()
    parts: Platform = app.extensions[KEY]
    assert "archive_box" not in tables(parts.engine)
    found = parts.plugins.get("archive")
    assert found is not None
    assert found.state is PluginState.BLOCKED
    assert found.reason.startswith("its migration failed: ")
    assert not parts.plugins.is_active("shelves")
    assert app.test_client().get("/", headers={"Host": "mot.test"}).status_code == 200
    examined = hoitu("doctor")
    assert "FAIL  plugin archive: blocked its migration failed" in examined.output
    assert "then: hoitu upgrade" in examined.output
    # The package is mended: the same command takes it into use.
    archive()
    assert hoitu(command).exit_code == 0
    parts = make_app().extensions[KEY]
    assert parts.plugins.is_active("archive") and parts.plugins.is_active("shelves")
    assert "archive_box" in tables(parts.engine)
    with parts.open_session(False) as session:
        row = session.get_one(PluginRow, "archive")
        assert (row.state, row.version, row.reason) == ("active", "1.0", "")


def test_a_migration_that_is_not_even_python_blocks_its_plugin_only(
    plant: Callable[..., str], archive: Callable[..., None], make_app: Any, hoitu: Any
) -> None:
    plant("torn", files={"migrations/versions/torn_0001.py": "def ("})
    archive()
    done = hoitu("upgrade")
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    parts: Platform = make_app().extensions[KEY]
    assert parts.plugins.get("torn").state is PluginState.BLOCKED  # type: ignore[union-attr]
    assert "archive_box" in tables(parts.engine)


def test_a_dry_run_prints_the_sql_and_changes_nothing(
    archive: Callable[..., None], make_app: Any, hoitu: Any
) -> None:
    archive()
    result = hoitu("upgrade", "--dry-run")
    assert result.exit_code == 0
    assert "-- archive: nothing -> archive_0001" in result.output
    assert "CREATE TABLE archive_box" in result.output
    assert "CREATE TABLE item" not in result.output
    assert "archive_box" not in tables(make_app().extensions[KEY].engine)


def test_a_rebuilt_table_keeps_the_rows_that_refer_to_it(platform: Platform) -> None:
    """What Alembic's batch mode does on SQLite: copy, drop, rename."""
    engine = platform.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("only SQLite rebuilds tables")
    with engine.begin() as connection:
        connection.exec_driver_sql("create table box (id integer primary key)")
        connection.exec_driver_sql(
            "create table paper (id integer primary key, "
            "box_id integer references box(id) on delete cascade)"
        )
        connection.exec_driver_sql("insert into box values (1)")
        connection.exec_driver_sql("insert into paper values (7, 1)")
    with schema._exclusive(engine) as connection:
        connection.exec_driver_sql("create table copy (id integer primary key, note text)")
        connection.exec_driver_sql("insert into copy select id, '' from box")
        connection.exec_driver_sql("drop table box")
        connection.exec_driver_sql("alter table copy rename to box")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select id, box_id from paper").all() == [(7, 1)]
        assert connection.exec_driver_sql("pragma foreign_keys").scalar() == 1
    with pytest.raises(SchemaError, match="references"), schema._exclusive(engine) as connection:
        connection.exec_driver_sql("delete from box")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select id from box").all() == [(1,)]
        assert connection.exec_driver_sql("pragma foreign_keys").scalar() == 1


def test_foreign_keys_hold_on_both_databases(platform: Platform) -> None:
    with platform.engine.begin() as connection, pytest.raises(IntegrityError):
        connection.execute(text("insert into host (unit_id, name) values (4711, 'x')"))
