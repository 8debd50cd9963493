"""benefits: courtesies because of an honour, looking again whether it holds, classes with a term

Revision 0019, after 0018, 2026-11-24 21:50:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
PATH = sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql')
DUE = sa.text("status = 'active' AND review_due IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("category") as batch:
        batch.create_check_constraint(op.f("ck_category_term_in_order"), sa.text("until IS NULL OR until >= since"))
    with op.batch_alter_table("level_rule") as batch:
        batch.add_column(sa.Column("review_months", sa.Integer(), nullable=True))
        batch.create_check_constraint(op.f("ck_level_rule_review_months_sane"), sa.text("review_months IS NULL OR review_months BETWEEN 1 AND 120"))
    with op.batch_alter_table("honour") as batch:
        batch.add_column(sa.Column("review_months", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("review_due", sa.Date(), nullable=True))
        batch.create_check_constraint(op.f("ck_honour_review_months_sane"), sa.text("review_months IS NULL OR review_months BETWEEN 1 AND 120"))
        batch.create_check_constraint(op.f("ck_honour_review_every_so_often"), sa.text("review_due IS NULL OR review_months IS NOT NULL"))
    op.create_index("ix_honour_review", "honour", ["review_due"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_honour_region", "honour", ["region_path", "id"])
    op.create_table(
        "honour_review",
        sa.Column("id", KEY, nullable=False),
        sa.Column("honour_id", KEY, nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["honour_id"], ["honour.id"], name=op.f("fk_honour_review_honour_id_honour")),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_honour_review_actor_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_review")),
    )
    op.create_index("ix_honour_review_honour", "honour_review", ["honour_id"])
    op.create_table(
        "benefit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("honour_id", KEY, nullable=False),
        sa.Column("region_path", PATH, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("provider", sa.String(length=80), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by_id", KEY, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=200), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_benefit_term_in_order")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_benefit_ended_has_reason")),
        sa.ForeignKeyConstraint(["honour_id"], ["honour.id"], name=op.f("fk_benefit_honour_id_honour")),
        sa.ForeignKeyConstraint(["given_by_id"], ["user.id"], name=op.f("fk_benefit_given_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit")),
    )
    op.create_index("ix_benefit_honour", "benefit", ["honour_id"])
    op.create_index("ix_benefit_region", "benefit", ["region_path", "id"])
    op.create_table(
        "benefit_use",
        sa.Column("id", KEY, nullable=False),
        sa.Column("benefit_id", KEY, nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["benefit_id"], ["benefit.id"], name=op.f("fk_benefit_use_benefit_id_benefit")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_benefit_use_recorded_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_use")),
    )
    op.create_index("ix_benefit_use_benefit", "benefit_use", ["benefit_id"])


def downgrade() -> None:
    for table in ("benefit_use", "benefit", "honour_review"):
        op.drop_table(table)
    op.drop_index("ix_honour_region", "honour")
    op.drop_index("ix_honour_review", "honour")
    with op.batch_alter_table("honour") as batch:
        for name in ("review_months_sane", "review_every_so_often"):
            batch.drop_constraint(op.f(f"ck_honour_{name}"), type_="check")
        batch.drop_column("review_due")
        batch.drop_column("review_months")
    with op.batch_alter_table("level_rule") as batch:
        batch.drop_constraint(op.f("ck_level_rule_review_months_sane"), type_="check")
        batch.drop_column("review_months")
    with op.batch_alter_table("category") as batch:
        batch.drop_constraint(op.f("ck_category_term_in_order"), type_="check")
