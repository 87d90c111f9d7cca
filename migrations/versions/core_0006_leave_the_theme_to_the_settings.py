"""Leave the theme to the settings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0006"
down_revision = "core_0005"


def upgrade() -> None:
    # Nothing ever wrote it: the theme of a unit is a setting.
    op.drop_column("unit", "theme")


def downgrade() -> None:
    theme = sa.Column("theme", sa.String(length=40), server_default="", nullable=False)
    op.add_column("unit", theme)
