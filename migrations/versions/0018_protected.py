"""brave deeds that must not become public, and their seven days

Revision 0018, after 0017, 2026-11-24 22:05
"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table("level_rule") as batch:
        batch.add_column(sa.Column("brave_notice_days", sa.Integer(), server_default="7", nullable=False))
    with op.batch_alter_table("level_rule") as batch:
        batch.alter_column("brave_notice_days", server_default=None)
        batch.create_check_constraint(op.f("ck_level_rule_brave_notice_days_sane"), sa.text("brave_notice_days BETWEEN 1 AND 60"))
    with op.batch_alter_table("nomination") as batch:
        batch.add_column(sa.Column("protected_reason", sa.Text(), nullable=True))
        batch.add_column(sa.Column("protected_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("protected_by_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_nomination_protected_by_id_user"), "user", ["protected_by_id"], ["id"])
    with op.batch_alter_table("nomination") as batch:
        batch.create_check_constraint(
            op.f("ck_nomination_protected_never_on_the_wall"),
            sa.text(
                "(protected_at IS NULL) = (protected_reason IS NULL) AND (protected_at IS NULL) = (protected_by_id IS NULL)"
                " AND (protected_at IS NULL OR status NOT IN ('noticed', 'held'))"
            ),
        )


def downgrade() -> None:
    with op.batch_alter_table("nomination") as batch:
        batch.drop_constraint(op.f("ck_nomination_protected_never_on_the_wall"), type_="check")
        batch.drop_constraint(op.f("fk_nomination_protected_by_id_user"), type_="foreignkey")
        for name in ("protected_by_id", "protected_at", "protected_reason"):
            batch.drop_column(name)
    with op.batch_alter_table("level_rule") as batch:
        batch.drop_constraint(op.f("ck_level_rule_brave_notice_days_sane"), type_="check")
        batch.drop_column("brave_notice_days")
