"""looks at flags: what stood out is put aside with a word; when a leader said that somebody stayed

Revision 0027, after 0026, 2026-11-25 00:55:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        "flag_look",
        sa.Column("id", KEY, nullable=False),
        sa.Column("flag", sa.String(length=60), nullable=False),
        sa.Column("region_id", KEY, nullable=False),
        sa.Column("newest", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_user_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_flag_look_region_id_region")),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_flag_look_by_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_look")),
        sa.UniqueConstraint("flag", "region_id", "newest", name=op.f("uq_flag_look_flag_region_id_newest")),
    )
    with op.batch_alter_table("hours") as batch:
        batch.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("hours") as batch:
        batch.drop_column("confirmed_at")
    op.drop_table("flag_look")
