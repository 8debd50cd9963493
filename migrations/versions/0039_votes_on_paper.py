"""votes on paper beside votes on phones, and why somebody stays out

Revision 0039, after 0040, 2026-11-30 20:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0040'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
BY = "fk_council_recusal_by_id_user"


def upgrade() -> None:
    with op.batch_alter_table("council_vote") as batch:
        batch.add_column(sa.Column("on_paper", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("council_vote") as batch:
        batch.alter_column("on_paper", server_default=None)
    with op.batch_alter_table("council_recusal") as batch:
        batch.add_column(sa.Column("words", sa.String(length=300), nullable=True))
        batch.add_column(sa.Column("by_id", KEY, nullable=True))
        batch.create_foreign_key(BY, "user", ["by_id"], ["id"])
    # Scores of meetings on paper are the only votes that were kept from paper so far.
    op.execute("UPDATE council_vote SET on_paper = (1 = 1) WHERE meeting_id IN (SELECT id FROM council_meeting WHERE is_on_paper)")


def downgrade() -> None:
    with op.batch_alter_table("council_recusal") as batch:
        batch.drop_constraint(BY, type_="foreignkey")
        batch.drop_column("by_id")
        batch.drop_column("words")
    with op.batch_alter_table("council_vote") as batch:
        batch.drop_column("on_paper")
