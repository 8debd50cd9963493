"""birthdays put right, and why

Revision 0040, after 0033, 2026-11-30 20:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0040'
down_revision = '0033'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
OWN = sa.text("NOT is_by_staff")


def upgrade() -> None:
    op.create_table(
        "birth_correction",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("is_by_staff", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_birth_correction_person_id_person")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_birth_correction_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_birth_correction")),
    )
    op.create_index("ix_birth_correction_person", "birth_correction", ["person_id"])
    op.create_index("uq_birth_correction_own", "birth_correction", ["person_id"], unique=True, sqlite_where=OWN, postgresql_where=OWN)


def downgrade() -> None:
    op.drop_table("birth_correction")
