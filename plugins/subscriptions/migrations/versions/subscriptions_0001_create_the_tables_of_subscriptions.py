"""create the tables of subscriptions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "subscriptions_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "subscriptions_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions_attempt")),
    )
    op.create_index(
        op.f("ix_subscriptions_attempt_address"), "subscriptions_attempt", ["address"], unique=False
    )
    op.create_index(
        op.f("ix_subscriptions_attempt_network"), "subscriptions_attempt", ["network"], unique=False
    )
    op.create_table(
        "subscriptions_reader",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("refused_on", sa.Date(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions_reader")),
        sa.UniqueConstraint("address", name=op.f("uq_subscriptions_reader_address")),
    )
    op.create_table(
        "subscriptions_announcement",
        sa.Column(
            "item_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_subscriptions_announcement_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_subscriptions_announcement")),
    )
    op.create_index(
        "ix_subscriptions_announced",
        "subscriptions_announcement",
        ["due_at", "unit_id"],
        unique=False,
    )
    op.create_table(
        "subscriptions_subscription",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "reader_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("wide", sa.Boolean(), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column(
            "filters", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("frequency", sa.String(length=10), nullable=False),
        sa.Column("confirm_hash", sa.String(length=64), nullable=True),
        sa.Column("confirm_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reader_id"],
            ["subscriptions_reader.id"],
            name=op.f("fk_subscriptions_subscription_reader_id_subscriptions_reader"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_subscriptions_subscription_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions_subscription")),
        sa.UniqueConstraint(
            "confirm_hash", name=op.f("uq_subscriptions_subscription_confirm_hash")
        ),
    )
    op.create_index(
        "ix_subscriptions_due",
        "subscriptions_subscription",
        ["unit_id", "frequency", "told_until"],
        unique=False,
    )
    op.create_index(
        op.f("ix_subscriptions_subscription_reader_id"),
        "subscriptions_subscription",
        ["reader_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_subscriptions_subscription_reader_id"), table_name="subscriptions_subscription"
    )
    op.drop_index("ix_subscriptions_due", table_name="subscriptions_subscription")
    op.drop_table("subscriptions_subscription")
    op.drop_index("ix_subscriptions_announced", table_name="subscriptions_announcement")
    op.drop_table("subscriptions_announcement")
    op.drop_table("subscriptions_reader")
    op.drop_index(op.f("ix_subscriptions_attempt_network"), table_name="subscriptions_attempt")
    op.drop_index(op.f("ix_subscriptions_attempt_address"), table_name="subscriptions_attempt")
    op.drop_table("subscriptions_attempt")
