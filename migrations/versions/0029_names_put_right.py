"""names of accounts put right, and why

Revision 0029, after 0028, 2026-11-25 01:05
"""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        "name_correction",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_name_correction_person_id_person")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_name_correction_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_correction")),
    )
    op.create_index("ix_name_correction_person", "name_correction", ["person_id"])


def downgrade() -> None:
    op.drop_table("name_correction")
