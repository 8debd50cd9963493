"""reasons of endings: why a role, a seat, a meeting or a jury ended, and why a council judges a case again

Revision 0031, after 0030, 2026-11-30 19:40
"""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

REASONS = (
    ("grant", "end_reason"), ("council_member", "end_reason"),
    ("council_meeting", "again_reason"), ("council_meeting", "off_reason"), ("jury", "off_reason"),
)


def upgrade() -> None:
    for table, column in REASONS:
        op.add_column(table, sa.Column(column, sa.String(length=1000), nullable=True))


def downgrade() -> None:
    for table, column in reversed(REASONS):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
