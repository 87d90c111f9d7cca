"""keep what was agreed to with an opinion"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "legal_documents_0003"
down_revision = "legal_documents_0002"

COMMENT = sa.table(
    "legal_consultation_comment",
    sa.column("consent", sa.Boolean()),
    sa.column("consent_version", sa.String()),
)


def upgrade() -> None:
    op.add_column(
        "legal_consultation_comment",
        sa.Column(
            "consent_version", sa.String(length=40), nullable=False, server_default=sa.text("''")
        ),
    )
    # Until now there was one text: that of the tick itself.
    op.execute(
        COMMENT.update().where(COMMENT.c.consent.is_(sa.true())).values(consent_version="opinion-1")
    )


def downgrade() -> None:
    op.drop_column("legal_consultation_comment", "consent_version")
