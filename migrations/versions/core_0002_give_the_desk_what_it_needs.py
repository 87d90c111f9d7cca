"""Give the desk what it needs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "core_0002"
down_revision = "core_0001"


#: Of what there may be one only, before and after.
BEFORE = ("account_id", "role", "unit_id")
AFTER = (*BEFORE, "section")


def _role_grant(one_of: tuple[str, ...]) -> sa.Table:
    """The table as it stands: SQLite builds it anew without its constraint, in a dry run as well."""
    table = sa.Table(
        "role_grant",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False, server_default=sa.text("''")),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_role_grant_account_id_account"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_role_grant_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_role_grant"),
        sa.UniqueConstraint(*one_of, name="_".join(("uq_role_grant", *one_of))),
    )
    sa.Index("ix_role_grant_account_id", table.c.account_id)
    sa.Index("ix_role_grant_unit_id", table.c.unit_id)
    sa.Index(
        "uq_role_grant_everywhere",
        table.c.account_id,
        table.c.role,
        unique=True,
        sqlite_where=sa.text("unit_id is null"),
        postgresql_where=sa.text("unit_id is null"),
    )
    return table


def upgrade() -> None:
    op.create_table(
        "link_check",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("broken_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_link_check")),
    )
    op.create_index(op.f("ix_link_check_checked_at"), "link_check", ["checked_at"], unique=False)
    op.create_index(
        "ix_link_check_broken",
        "link_check",
        ["broken_since"],
        unique=False,
        sqlite_where=sa.text("broken_since is not null"),
        postgresql_where=sa.text("broken_since is not null"),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_batch_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_account_id"), "batch", ["account_id"], unique=False)
    op.create_index(op.f("ix_batch_unit_id"), "batch", ["unit_id"], unique=False)
    op.create_table(
        "deputy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_deputy_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["account.id"], name=op.f("fk_deputy_deputy_id_account")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_deputy_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    op.create_index(op.f("ix_deputy_account_id"), "deputy", ["account_id"], unique=False)
    op.create_index(op.f("ix_deputy_deputy_id"), "deputy", ["deputy_id"], unique=False)
    op.create_index(op.f("ix_deputy_unit_id"), "deputy", ["unit_id"], unique=False)
    op.create_table(
        "open_form",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("account_name", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("typed", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_open_form_unit_id_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_open_form")),
    )
    op.create_index(op.f("ix_open_form_account_id"), "open_form", ["account_id"], unique=False)
    op.create_index(op.f("ix_open_form_item_id"), "open_form", ["item_id"], unique=False)
    op.create_index(op.f("ix_open_form_unit_id"), "open_form", ["unit_id"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_saved_view_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint(
            "unit_id",
            "account_id",
            "type",
            "name",
            name=op.f("uq_saved_view_unit_id_account_id_type_name"),
        ),
    )
    op.create_index(op.f("ix_saved_view_unit_id"), "saved_view", ["unit_id"], unique=False)
    op.create_table(
        "batch_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column(
            "values", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_batch_row_batch_id_batch")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_batch_row_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_row")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_batch_row_batch_id_position")),
    )
    op.create_index(op.f("ix_batch_row_batch_id"), "batch_row", ["batch_id"], unique=False)
    op.create_index(op.f("ix_batch_row_unit_id"), "batch_row", ["unit_id"], unique=False)
    op.create_table(
        "file_variant",
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id", "unit_id"],
            ["file.id", "file.unit_id"],
            name=op.f("fk_file_variant_file_id_unit_id_file"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_file_variant_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("file_id", "width", "format", name=op.f("pk_file_variant")),
    )
    op.create_index(op.f("ix_file_variant_unit_id"), "file_variant", ["unit_id"], unique=False)
    op.create_table(
        "item_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("target", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id", "unit_id"],
            ["item.id", "item.unit_id"],
            name=op.f("fk_item_link_item_id_unit_id_item"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_item_link_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_link")),
    )
    op.create_index(op.f("ix_item_link_item_id"), "item_link", ["item_id"], unique=False)
    op.create_index("ix_item_link_target", "item_link", ["unit_id", "kind", "target"], unique=False)
    op.create_index(
        "ix_item_link_key",
        "item_link",
        ["unit_id", "key"],
        unique=False,
        sqlite_where=sa.text("key is not null"),
        postgresql_where=sa.text("key is not null"),
    )
    op.create_index(op.f("ix_item_link_unit_id"), "item_link", ["unit_id"], unique=False)
    op.create_table(
        "preview_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id", "unit_id"],
            ["item.id", "item.unit_id"],
            name=op.f("fk_preview_link_item_id_unit_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_preview_link_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_preview_link_token_hash")),
    )
    op.create_index(op.f("ix_preview_link_item_id"), "preview_link", ["item_id"], unique=False)
    op.create_index(op.f("ix_preview_link_unit_id"), "preview_link", ["unit_id"], unique=False)
    op.create_table(
        "scheduled_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id", "unit_id"],
            ["item.id", "item.unit_id"],
            name=op.f("fk_scheduled_step_item_id_unit_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_scheduled_step_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_step")),
    )
    op.create_index("ix_scheduled_step_due", "scheduled_step", ["state", "run_at"], unique=False)
    op.create_index(op.f("ix_scheduled_step_item_id"), "scheduled_step", ["item_id"], unique=False)
    op.create_index(op.f("ix_scheduled_step_unit_id"), "scheduled_step", ["unit_id"], unique=False)
    op.add_column(
        "account",
        sa.Column(
            "notices", sa.String(length=10), nullable=False, server_default=sa.text("'each'")
        ),
    )
    op.add_column(
        "file",
        sa.Column("alt", sa.String(length=300), nullable=False, server_default=sa.text("''")),
    )
    op.add_column(
        "file", sa.Column("decorative", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "file",
        sa.Column("source", sa.String(length=200), nullable=False, server_default=sa.text("''")),
    )
    op.add_column(
        "file",
        sa.Column("rights", sa.String(length=200), nullable=False, server_default=sa.text("''")),
    )
    op.add_column("file", sa.Column("width", sa.Integer(), nullable=True))
    op.add_column("file", sa.Column("height", sa.Integer(), nullable=True))
    op.add_column(
        "file", sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "file",
        sa.Column("origin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
    op.add_column(
        "file",
        sa.Column("folded", sa.String(length=600), nullable=False, server_default=sa.text("''")),
    )
    op.add_column("item", sa.Column("reviewed_on", sa.Date(), nullable=True))
    op.add_column("item", sa.Column("author_id", sa.Integer(), nullable=True))
    op.add_column("item", sa.Column("responsible_id", sa.Integer(), nullable=True))
    op.add_column("item", sa.Column("submitter_id", sa.Integer(), nullable=True))
    op.add_column("item", sa.Column("reviewer_id", sa.Integer(), nullable=True))
    op.add_column("item", sa.Column("approve_by", sa.Date(), nullable=True))
    op.add_column("item", sa.Column("urgent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("item", sa.Column("urgent_by_id", sa.Integer(), nullable=True))
    op.add_column(
        "item",
        sa.Column(
            "withdrawn_for", sa.String(length=20), nullable=False, server_default=sa.text("''")
        ),
    )
    op.add_column(
        "item",
        sa.Column(
            "withdrawn_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
    )
    op.create_index(
        "ix_item_work",
        "item",
        [
            "unit_id",
            sa.text("(case when draft_state = '' then state else draft_state end)"),
            "type",
            "updated_at",
            "id",
            "responsible_id",
        ],
        unique=False,
    )
    op.create_index(
        "ix_item_responsible",
        "item",
        ["unit_id", "responsible_id", "type", "updated_at", "id"],
        unique=False,
    )
    op.create_index("ix_item_desk_title", "item", ["unit_id", "type", "slug", "id"], unique=False)
    op.create_index("ix_item_desk_sort", "item", ["unit_id", "type", "sort_at", "id"], unique=False)
    op.create_index("ix_item_review", "item", ["unit_id", "review_by"], unique=False)
    op.create_index(
        "ix_item_urgent",
        "item",
        ["unit_id", "urgent_at"],
        unique=False,
        sqlite_where=sa.text("urgent_at is not null"),
        postgresql_where=sa.text("urgent_at is not null"),
    )
    op.create_index(
        "ix_item_state",
        "item",
        ["unit_id", "state", "type", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_item_withdrawn_to",
        "item",
        ["unit_id", "withdrawn_to"],
        unique=False,
        sqlite_where=sa.text("withdrawn_to is not null"),
        postgresql_where=sa.text("withdrawn_to is not null"),
    )
    op.create_index("ix_item_file_file", "item_file", ["file_id"], unique=False)
    op.create_index("ix_item_recent", "item", ["unit_id", "updated_at", "id"], unique=False)
    op.create_index(
        "ix_audit_entry_object", "audit_entry", ["object_type", "object_id"], unique=False
    )
    op.add_column(
        "role_grant",
        sa.Column("section", sa.String(length=60), nullable=False, server_default=sa.text("''")),
    )
    with op.batch_alter_table("role_grant", copy_from=_role_grant(BEFORE)) as table:
        table.drop_constraint(op.f("uq_role_grant_account_id_role_unit_id"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_role_grant_account_id_role_unit_id_section"),
            ["account_id", "role", "unit_id", "section"],
        )
    _name_people()


#: Account of the first or last entry in the log about an item.
_LOGGED = """(
    select audit_entry.account_id from audit_entry
    where audit_entry.unit_id = item.unit_id
      and audit_entry.object_type = item.type
      and audit_entry.object_id = cast(item.id as varchar(60))
      and audit_entry.action = '{action}'
    order by audit_entry.id {order} limit 1
)"""


def _name_people() -> None:
    """Read from the log who began each item, and who handed in what waits for approval."""
    author = _LOGGED.format(action="item.create", order="asc")
    op.execute(f"update item set author_id = {author}, responsible_id = {author}")  # noqa: S608
    submitter = _LOGGED.format(action="item.submit", order="desc")
    waits = "state = 'submitted' or draft_state = 'submitted'"
    op.execute(f"update item set submitter_id = {submitter} where {waits}")  # noqa: S608


def downgrade() -> None:
    # A role in one section only would become one in the whole unit.
    op.execute("delete from role_grant where section <> ''")
    with op.batch_alter_table("role_grant", copy_from=_role_grant(AFTER)) as table:
        table.drop_constraint(op.f("uq_role_grant_account_id_role_unit_id_section"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_role_grant_account_id_role_unit_id"), ["account_id", "role", "unit_id"]
        )
        table.drop_column("section")
    op.drop_index("ix_item_recent", table_name="item")
    op.drop_index("ix_item_file_file", table_name="item_file")
    op.drop_index(
        "ix_item_withdrawn_to",
        table_name="item",
        sqlite_where=sa.text("withdrawn_to is not null"),
        postgresql_where=sa.text("withdrawn_to is not null"),
    )
    op.drop_index("ix_item_state", table_name="item")
    op.drop_index("ix_audit_entry_object", table_name="audit_entry")
    op.drop_index(
        "ix_item_urgent",
        table_name="item",
        sqlite_where=sa.text("urgent_at is not null"),
        postgresql_where=sa.text("urgent_at is not null"),
    )
    op.drop_index("ix_item_review", table_name="item")
    op.drop_index("ix_item_desk_sort", table_name="item")
    op.drop_index("ix_item_desk_title", table_name="item")
    op.drop_index("ix_item_responsible", table_name="item")
    op.drop_index("ix_item_work", table_name="item")
    op.drop_column("item", "withdrawn_to")
    op.drop_column("item", "withdrawn_for")
    op.drop_column("item", "urgent_by_id")
    op.drop_column("item", "urgent_at")
    op.drop_column("item", "approve_by")
    op.drop_column("item", "reviewer_id")
    op.drop_column("item", "submitter_id")
    op.drop_column("item", "responsible_id")
    op.drop_column("item", "author_id")
    op.drop_column("item", "reviewed_on")
    op.drop_column("file", "folded")
    op.drop_column("file", "origin_id")
    op.drop_column("file", "shared")
    op.drop_column("file", "height")
    op.drop_column("file", "width")
    op.drop_column("file", "rights")
    op.drop_column("file", "source")
    op.drop_column("file", "decorative")
    op.drop_column("file", "alt")
    op.drop_column("account", "notices")
    op.drop_index(op.f("ix_scheduled_step_unit_id"), table_name="scheduled_step")
    op.drop_index(op.f("ix_scheduled_step_item_id"), table_name="scheduled_step")
    op.drop_index("ix_scheduled_step_due", table_name="scheduled_step")
    op.drop_table("scheduled_step")
    op.drop_index(op.f("ix_preview_link_unit_id"), table_name="preview_link")
    op.drop_index(op.f("ix_preview_link_item_id"), table_name="preview_link")
    op.drop_table("preview_link")
    op.drop_index(op.f("ix_item_link_unit_id"), table_name="item_link")
    op.drop_index(
        "ix_item_link_key",
        table_name="item_link",
        sqlite_where=sa.text("key is not null"),
        postgresql_where=sa.text("key is not null"),
    )
    op.drop_index("ix_item_link_target", table_name="item_link")
    op.drop_index(op.f("ix_item_link_item_id"), table_name="item_link")
    op.drop_table("item_link")
    op.drop_index(op.f("ix_file_variant_unit_id"), table_name="file_variant")
    op.drop_table("file_variant")
    op.drop_index(op.f("ix_batch_row_unit_id"), table_name="batch_row")
    op.drop_index(op.f("ix_batch_row_batch_id"), table_name="batch_row")
    op.drop_table("batch_row")
    op.drop_index(op.f("ix_saved_view_unit_id"), table_name="saved_view")
    op.drop_table("saved_view")
    op.drop_index(op.f("ix_open_form_unit_id"), table_name="open_form")
    op.drop_index(op.f("ix_open_form_item_id"), table_name="open_form")
    op.drop_index(op.f("ix_open_form_account_id"), table_name="open_form")
    op.drop_table("open_form")
    op.drop_index(op.f("ix_deputy_unit_id"), table_name="deputy")
    op.drop_index(op.f("ix_deputy_deputy_id"), table_name="deputy")
    op.drop_index(op.f("ix_deputy_account_id"), table_name="deputy")
    op.drop_table("deputy")
    op.drop_index(op.f("ix_batch_unit_id"), table_name="batch")
    op.drop_index(op.f("ix_batch_account_id"), table_name="batch")
    op.drop_table("batch")
    op.drop_index(
        "ix_link_check_broken",
        table_name="link_check",
        sqlite_where=sa.text("broken_since is not null"),
        postgresql_where=sa.text("broken_since is not null"),
    )
    op.drop_index(op.f("ix_link_check_checked_at"), table_name="link_check")
    op.drop_table("link_check")
