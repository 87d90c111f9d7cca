"""Keep personal data by the law"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0010"
down_revision = "core_0009"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "seal_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_mark")),
    )
    op.create_table(
        "personal_view",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", BIG, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_personal_view_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("account_id", "item_id", "day", name=op.f("pk_personal_view")),
    )
    op.create_index("ix_personal_view_unit", "personal_view", ["unit_id", "day", "item_id"])
    op.create_index(op.f("ix_personal_view_day"), "personal_view", ["day"])
    op.create_table(
        "breach",
        sa.Column("id", BIG, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("reported_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach")),
    )
    op.create_index(op.f("ix_breach_found_at"), "breach", ["found_at"])
    op.create_table(
        "breach_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("breach_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("done_at", INSTANT, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breach.id"],
            name=op.f("fk_breach_step_breach_id_breach"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_step")),
        sa.UniqueConstraint("breach_id", "key", name=op.f("uq_breach_step_breach_id_key")),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("breach_step")
    op.drop_index(op.f("ix_breach_found_at"), table_name="breach")
    op.drop_table("breach")
    op.drop_index(op.f("ix_personal_view_day"), table_name="personal_view")
    op.drop_index("ix_personal_view_unit", table_name="personal_view")
    op.drop_table("personal_view")
    op.drop_table("seal_mark")
