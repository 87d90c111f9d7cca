"""The schema: up from nothing, equal to the models, down to nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, inspect

from hoitu.core import schema
from hoitu.core.db import make_engine
from hoitu.core.schema import Lineage
from hoitu.core.testing.conformance.findings import demand
from hoitu.core.testing.conformance.levels import bronze, silver
from hoitu.core.testing.conformance.trial import Trial

#: What a migration may import: it is frozen, models are not.
FROZEN = frozenset({"__future__", "alembic", "sqlalchemy", "datetime", "json"})


@pytest.fixture
def empty(new_database: Callable[..., str]) -> Iterator[Engine]:
    """Return a database without any table."""
    engine = make_engine(new_database())
    yield engine
    engine.dispose()


def _lineages(trial: Trial) -> tuple[list[Lineage], Lineage | None]:
    found = schema.lineages(trial.platform.plugins)
    return found, next((line for line in found if line.name == trial.name), None)


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


@bronze
def test_the_tables_equal_the_models(trial: Trial, empty: Engine) -> None:
    """Up from nothing, the migrations give the tables that the models describe."""
    every, own = _lineages(trial)
    if own is None:
        demand(trial.tables, "Write a migration: python tools/new_migration.py NAME 'what it does'")
        return
    for lineage in every:
        schema.upgrade(empty, lineage)
    missing = [f"{table} is not created" for table in trial.tables if table not in _tables(empty)]
    differences = schema.drift(empty, own, every)
    demand([*missing, *differences], "Add a migration for what changed in the models.")


@bronze
def test_down_leaves_nothing(trial: Trial, empty: Engine) -> None:
    """Down to nothing, no table of the plugin is left, and none of anybody else is gone."""
    every, own = _lineages(trial)
    if own is None:
        return
    for lineage in (line for line in every if line is not own):
        schema.upgrade(empty, lineage)
    before = _tables(empty)
    schema.upgrade(empty, own)
    schema.downgrade(empty, own)
    after = _tables(empty)
    found = [f"{table} is left" for table in sorted(after - before)]
    found += [f"{table} of somebody else is gone" for table in sorted(before - after)]
    demand(found, "Let `downgrade` undo all that `upgrade` does, and nothing else.")


@silver
def test_migrations_are_one_frozen_line(trial: Trial) -> None:
    """Migrations follow one another and import nothing that changes."""
    _every, own = _lineages(trial)
    if own is None:
        return
    first, last = schema.ends(own)
    found = []
    if len(first) != 1 or len(last) != 1:
        found.append(f"heads {last}, bases {first}")
    for path in sorted(own.versions.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "."]
            else:
                continue
            strange = [name for name in names if name.partition(".")[0] not in FROZEN]
            found += [f"{path.name}:{node.lineno} imports {name}" for name in strange]
    demand(found, "Keep one line of migrations and write values into them instead of importing.")
