"""paper ballots entered by two clerks

Revision 0011, after 0010, 2026-11-24 21:25
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        "council_paper_entry",
        sa.Column("id", KEY, nullable=False),
        sa.Column("meeting_id", KEY, nullable=False),
        sa.Column("clerk_id", KEY, nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clerk_id"], ["user.id"], name=op.f("fk_council_paper_entry_clerk_id_user")),
        sa.ForeignKeyConstraint(["meeting_id"], ["council_meeting.id"], name=op.f("fk_council_paper_entry_meeting_id_council_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_paper_entry")),
        sa.UniqueConstraint("meeting_id", "clerk_id", name=op.f("uq_council_paper_entry_meeting_id_clerk_id")),
    )


def downgrade() -> None:
    op.drop_table("council_paper_entry")
