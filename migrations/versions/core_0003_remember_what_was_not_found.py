"""Remember what visitors did not find"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0003"
down_revision = "core_0002"


def upgrade() -> None:
    op.create_table(
        "unfound_search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_unfound_search_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unfound_search")),
        sa.UniqueConstraint("unit_id", "key", name=op.f("uq_unfound_search_unit_id_key")),
    )
    op.create_index(op.f("ix_unfound_search_unit_id"), "unfound_search", ["unit_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_unfound_search_unit_id"), table_name="unfound_search")
    op.drop_table("unfound_search")
