"""guardians of children, nominations written down for somebody

Revision 0008, after 0007, 2026-11-24 21:10
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
METHODS = ("in_person", "by_phone", "on_paper", "online", "next_of_kin")


def upgrade() -> None:
    op.create_table(
        "nomination_guardian",
        sa.Column("nomination_id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("method", sa.Enum(*METHODS, name="method", native_enum=False, create_constraint=True, length=30), nullable=False),
        sa.Column("wording", sa.String(length=20), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", KEY, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["nomination_id"], ["nomination.id"], name=op.f("fk_nomination_guardian_nomination_id_nomination")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_nomination_guardian_recorded_by_id_user")),
        sa.PrimaryKeyConstraint("nomination_id", name=op.f("pk_nomination_guardian")),
    )
    with op.batch_alter_table("level_rule") as batch:
        batch.add_column(sa.Column("enterer_recused", sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table("level_rule") as batch:
        batch.alter_column("enterer_recused", server_default=None)
    with op.batch_alter_table("nomination_voice") as batch:
        batch.add_column(sa.Column("told_how", sa.String(length=30), nullable=True))
        batch.add_column(sa.Column("entered_by_id", KEY, nullable=True))
        batch.add_column(sa.Column("sheet_key", sa.String(length=120), nullable=True))
        batch.create_foreign_key(op.f("fk_nomination_voice_entered_by_id_user"), "user", ["entered_by_id"], ["id"])
        batch.drop_constraint(op.f("ck_nomination_voice_reachable"), type_="check")
    with op.batch_alter_table("nomination_voice") as batch:
        batch.create_check_constraint(op.f("ck_nomination_voice_told_how"), sa.column("told_how").in_(["phone", "paper", "in_person"]))
        batch.create_check_constraint(
            op.f("ck_nomination_voice_reachable"), sa.text("phone IS NOT NULL OR email IS NOT NULL OR entered_by_id IS NOT NULL")
        )
        batch.create_check_constraint(op.f("ck_nomination_voice_told_and_entered"), sa.text("(told_how IS NULL) = (entered_by_id IS NULL)"))
        batch.create_check_constraint(op.f("ck_nomination_voice_paper_has_sheet"), sa.text("told_how <> 'paper' OR sheet_key IS NOT NULL"))


def downgrade() -> None:
    with op.batch_alter_table("nomination_voice") as batch:
        for name in ("told_how", "told_and_entered", "paper_has_sheet", "reachable"):
            batch.drop_constraint(op.f(f"ck_nomination_voice_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_nomination_voice_entered_by_id_user"), type_="foreignkey")
    op.execute("DELETE FROM nomination_voice WHERE phone IS NULL AND email IS NULL")
    with op.batch_alter_table("nomination_voice") as batch:
        batch.create_check_constraint(op.f("ck_nomination_voice_reachable"), sa.text("phone IS NOT NULL OR email IS NOT NULL"))
        for name in ("sheet_key", "entered_by_id", "told_how"):
            batch.drop_column(name)
    with op.batch_alter_table("level_rule") as batch:
        batch.drop_column("enterer_recused")
    op.drop_table("nomination_guardian")
