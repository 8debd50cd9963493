"""silent jurors make room by the clock, and second looks that are late are told of

Revision 0023, after 0020, 2026-11-25 00:40
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0020'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table("level_rule") as batch:
        batch.add_column(sa.Column("jury_answer_days", sa.Integer(), server_default="3", nullable=False))
    with op.batch_alter_table("level_rule") as batch:
        batch.alter_column("jury_answer_days", server_default=None)
        batch.create_check_constraint(op.f("ck_level_rule_jury_answer_days_sane"), sa.text("jury_answer_days BETWEEN 1 AND 20"))
    with op.batch_alter_table("juror") as batch:
        batch.add_column(sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("instead_of_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_juror_instead_of_id_juror"), "juror", ["instead_of_id"], ["id"])
        batch.create_unique_constraint(op.f("uq_juror_instead_of_id"), ["instead_of_id"])
    with op.batch_alter_table("juror") as batch:
        batch.create_check_constraint(op.f("ck_juror_reminded_before"), sa.text("remind_at IS NULL OR remind_at < answer_by"))
    with op.batch_alter_table("second_look") as batch:
        batch.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("second_look") as batch:
        batch.drop_column("escalated_at")
        batch.drop_column("reminded_at")
    with op.batch_alter_table("juror") as batch:
        batch.drop_constraint(op.f("ck_juror_reminded_before"), type_="check")
        batch.drop_constraint(op.f("uq_juror_instead_of_id"), type_="unique")
        batch.drop_constraint(op.f("fk_juror_instead_of_id_juror"), type_="foreignkey")
        for name in ("instead_of_id", "reminded_at", "remind_at"):
            batch.drop_column(name)
    with op.batch_alter_table("level_rule") as batch:
        batch.drop_constraint(op.f("ck_level_rule_jury_answer_days_sane"), type_="check")
        batch.drop_column("jury_answer_days")
