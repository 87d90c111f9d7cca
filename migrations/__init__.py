"""Core migration lineage and the Alembic environment that every lineage shares."""
