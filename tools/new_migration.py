"""Write a new migration for one lineage from the difference between its models and its tables.

Usage: python tools/new_migration.py LINEAGE "message"

The lineage is brought to its head in a throw-away SQLite database first. Read and edit the result:
a migration is frozen code and imports no model.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from hoitu.core import schema
from hoitu.core.app import create_app
from hoitu.core.db import Base
from hoitu.core.extensions import KEY


def main(name: str, message: str) -> None:
    """Write the migration."""
    with tempfile.TemporaryDirectory() as folder:
        platform = create_app(instance=Path(folder)).extensions[KEY]
        every = schema.lineages(platform.plugins)
        for lineage in every:
            schema.upgrade(platform.engine, lineage)
        chosen = next(lineage for lineage in every if lineage.name == name)
        number = len(list(chosen.versions.glob("*.py"))) + 1
        config = schema.alembic_config(chosen)
        config.attributes["tables"] = schema.tables_of(chosen, every)
        config.attributes["metadata"] = Base.metadata
        with platform.engine.connect() as connection:
            config.attributes["connection"] = connection
            revision = f"{name}_{number:04d}"
            command.revision(config, message, autogenerate=True, rev_id=revision)


if __name__ == "__main__":
    main(*sys.argv[1:3])
