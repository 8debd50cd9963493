"""a deed may be known to the month only

Revision 0024, after 0022, 2026-11-25 00:50
"""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("nomination") as batch:
        batch.add_column(sa.Column("deed_to_month", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("nomination") as batch:
        batch.alter_column("deed_to_month", server_default=None)
        batch.create_check_constraint(op.f("ck_nomination_month_of_a_deed"), sa.text("deed_on IS NOT NULL OR NOT deed_to_month"))


def downgrade() -> None:
    with op.batch_alter_table("nomination") as batch:
        batch.drop_constraint(op.f("ck_nomination_month_of_a_deed"), type_="check")
        batch.drop_column("deed_to_month")
