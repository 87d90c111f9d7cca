"""Link translations to what they translate"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0005"
down_revision = "core_0004"


def upgrade() -> None:
    original_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("item", sa.Column("original_id", original_id, nullable=True))
    op.create_index(
        "ix_item_original",
        "item",
        ["unit_id", "original_id"],
        unique=False,
        sqlite_where=sa.text("original_id is not null"),
        postgresql_where=sa.text("original_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_item_original", table_name="item")
    op.drop_column("item", "original_id")
