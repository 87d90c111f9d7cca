"""create the emergency tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "emergency_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "emergency_banner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("below", sa.Boolean(), nullable=False),
        sa.Column("issued_at_id", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("headline", sa.String(length=160), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.Column("headline_en", sa.String(length=160), nullable=False),
        sa.Column("detail_en", sa.String(length=1000), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_emergency_banner_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["issued_at_id"], ["unit.id"], name=op.f("fk_emergency_banner_issued_at_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_emergency_banner_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_banner")),
        sa.UniqueConstraint("uid", name=op.f("uq_emergency_banner_uid")),
    )
    op.create_index(
        op.f("ix_emergency_banner_unit_id"), "emergency_banner", ["unit_id"], unique=False
    )
    op.create_index(
        "ix_emergency_banner_now", "emergency_banner", ["unit_id", "ends_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_emergency_banner_now", table_name="emergency_banner")
    op.drop_index(op.f("ix_emergency_banner_unit_id"), table_name="emergency_banner")
    op.drop_table("emergency_banner")
