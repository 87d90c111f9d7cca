"""The Alembic environment of every lineage: core's and each plugin's, each with its own table."""

from __future__ import annotations

from alembic import context
from sqlalchemy import JSON, Connection

config = context.config


def include_object(
    item: object, name: str | None, kind: str, reflected: bool, other: object
) -> bool:
    """Compare only the tables of this lineage."""
    return kind != "table" or name in config.attributes["tables"]


def render_item(kind: str, item: object, autogen: object) -> str | bool:
    """Write our column types as what they are in the database: migrations import none of ours."""
    if kind == "type" and isinstance(getattr(item, "impl", item), JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return "sa.DateTime(timezone=True)" if type(item).__name__ == "Instant" else False


def run(connection: Connection | None) -> None:
    """Configure the context for this lineage and run its migrations."""
    options: dict[str, object] = {
        "version_table": config.attributes["version_table"],
        "target_metadata": config.attributes.get("metadata"),
        "include_object": include_object,
        "render_item": render_item,
        "compare_type": False,
        "transaction_per_migration": False,
    }
    if connection is None:
        context.configure(
            url=config.get_main_option("sqlalchemy.url"), literal_binds=True, **options
        )
    else:
        context.configure(connection=connection, **options)
    with context.begin_transaction():
        context.run_migrations()


run(None if context.is_offline_mode() else config.attributes["connection"])
