"""guests: from one phone a table or a kiosk makes one person, whatever comes at once

Revision 0028, after 0027, 2026-11-25 01:05:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

GUEST = sa.text("is_guest")


def upgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("is_guest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("uq_person_guest", "person", ["phone_digest"], unique=True, sqlite_where=GUEST, postgresql_where=GUEST)


def downgrade() -> None:
    op.drop_index("uq_person_guest", "person")
    with op.batch_alter_table("person") as batch:
        batch.drop_column("is_guest")
