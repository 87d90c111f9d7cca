"""leave counting to core"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "subscriptions_0002"
down_revision = "subscriptions_0001"


def upgrade() -> None:
    op.drop_index(op.f("ix_subscriptions_attempt_network"), table_name="subscriptions_attempt")
    op.drop_index(op.f("ix_subscriptions_attempt_address"), table_name="subscriptions_attempt")
    op.drop_table("subscriptions_attempt")


def downgrade() -> None:
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
