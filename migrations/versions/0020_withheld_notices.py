"""what hangs on notice and may no longer be read there

Revision 0020, after 0019, 2026-11-25 00:20
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notice_item") as batch:
        batch.add_column(sa.Column("withheld", sa.String(length=30), nullable=True))
        batch.add_column(sa.Column("withheld_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("notice_item") as batch:
        batch.create_check_constraint(op.f("ck_notice_item_withheld"), sa.column("withheld").in_(["name", "story", "mentioned"]))
        batch.create_check_constraint(op.f("ck_notice_item_withheld_has_time"), sa.text("(withheld IS NULL) = (withheld_at IS NULL)"))


def downgrade() -> None:
    with op.batch_alter_table("notice_item") as batch:
        batch.drop_constraint(op.f("ck_notice_item_withheld_has_time"), type_="check")
        batch.drop_constraint(op.f("ck_notice_item_withheld"), type_="check")
        batch.drop_column("withheld_at")
        batch.drop_column("withheld")
