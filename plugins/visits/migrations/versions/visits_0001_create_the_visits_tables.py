"""create the visits tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "visits_0001"
down_revision = None


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table, period in (("visits_page", "day"), ("visits_page_month", "month")):
        op.create_table(
            table,
            sa.Column("unit_id", sa.Integer(), nullable=False),
            sa.Column(period, sa.Date(), nullable=False),
            sa.Column("item_id", _key(), autoincrement=False, nullable=False),
            sa.Column("path", sa.String(length=200), nullable=False),
            sa.Column("views", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=f"fk_{table}_unit_id_unit"),
            sa.PrimaryKeyConstraint("unit_id", period, "item_id", "path", name=f"pk_{table}"),
        )
    op.create_table(
        "visits_day",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_visits_day_unit_id_unit"),
        sa.PrimaryKeyConstraint("unit_id", "day", name="pk_visits_day"),
    )
    op.create_table(
        "visits_trace",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_visits_trace_unit_id_unit"),
        sa.PrimaryKeyConstraint("unit_id", "day", "bucket", name="pk_visits_trace"),
    )
    op.create_index(
        "ix_visits_trace_seen", "visits_trace", ["unit_id", "day", "seen_at"], unique=False
    )
    op.create_table(
        "visits_key",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_visits_key"),
    )


def downgrade() -> None:
    op.drop_table("visits_key")
    op.drop_index("ix_visits_trace_seen", table_name="visits_trace")
    op.drop_table("visits_trace")
    op.drop_table("visits_day")
    op.drop_table("visits_page_month")
    op.drop_table("visits_page")
