"""Count what visitors send"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0007"
down_revision = "core_0006"


def upgrade() -> None:
    op.create_table(
        "sending",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
    )
    op.create_index("ix_sending_mark_at", "sending", ["mark", "at"], unique=False)
    op.create_index(op.f("ix_sending_at"), "sending", ["at"], unique=False)
    op.create_table(
        "refused_sending",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_refused_sending_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_sending")),
        sa.UniqueConstraint(
            "unit_id", "day", "reason", name=op.f("uq_refused_sending_unit_id_day_reason")
        ),
    )
    op.create_index(op.f("ix_refused_sending_unit_id"), "refused_sending", ["unit_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_refused_sending_unit_id"), table_name="refused_sending")
    op.drop_table("refused_sending")
    op.drop_index(op.f("ix_sending_at"), table_name="sending")
    op.drop_index("ix_sending_mark_at", table_name="sending")
    op.drop_table("sending")
