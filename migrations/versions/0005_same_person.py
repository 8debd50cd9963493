"""same person: rows joined by somebody's word, likenesses answered, cases merged, years of the rules

Revision 0005, after 0004, 2026-11-24 21:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

STATUSES = ["submitted", "in_review", "returned", "ready", "proposed", "noticed", "held", "elected", "declined", "withdrawn"]
VERBS = [
    "submit", "take", "release", "hand_over", "return", "resubmit", "resume", "endorse", "elect", "decline", "pass", "propose",
    "recall", "post", "object", "dismiss", "uphold", "withdraw",
]  # fmt: skip
KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _words(statuses: list[str], verbs: list[str], ended: str, reasons: str) -> None:
    """Exchange the CHECKs that name statuses and verbs."""
    with op.batch_alter_table("nomination") as batch:
        for name in ("status", "ended_has_time"):
            batch.drop_constraint(op.f(f"ck_nomination_{name}"), type_="check")
        batch.create_check_constraint(op.f("ck_nomination_status"), sa.column("status").in_(statuses))
        batch.create_check_constraint(op.f("ck_nomination_ended_has_time"), sa.text(f"(status IN ({ended})) = (decided_at IS NOT NULL)"))
    with op.batch_alter_table("nomination_decision") as batch:
        for name in ("verb", "before", "after", "reason_given"):
            batch.drop_constraint(op.f(f"ck_nomination_decision_{name}"), type_="check")
        batch.create_check_constraint(op.f("ck_nomination_decision_verb"), sa.column("verb").in_(verbs))
        for name in ("before", "after"):
            batch.create_check_constraint(op.f(f"ck_nomination_decision_{name}"), sa.column(name).in_(statuses))
        batch.create_check_constraint(
            op.f("ck_nomination_decision_reason_given"), sa.text(f"verb NOT IN ({reasons}) OR reason IS NOT NULL")
        )


def upgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("same_as_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_person_same_as_id_person"), "person", ["same_as_id"], ["id"])
        batch.create_check_constraint(op.f("ck_person_same_as_the_first"), sa.text("same_as_id IS NULL OR same_as_id < id"))
        batch.create_index(
            "ix_person_same_as", ["same_as_id"], unique=False, sqlite_where=sa.text("same_as_id IS NOT NULL"),
            postgresql_where=sa.text("same_as_id IS NOT NULL"),
        )  # fmt: skip
    with op.batch_alter_table("level_rule") as batch:
        batch.add_column(sa.Column("again_years", sa.Integer(), server_default="3", nullable=False))
        batch.add_column(sa.Column("deed_years", sa.Integer(), server_default="5", nullable=False))
        batch.add_column(sa.Column("brave_deed_years", sa.Integer(), server_default="2", nullable=False))
    with op.batch_alter_table("level_rule") as batch:
        for name in ("again_years", "deed_years", "brave_deed_years"):
            batch.alter_column(name, server_default=None)
        batch.create_check_constraint(
            op.f("ck_level_rule_years_sane"),
            sa.text("again_years BETWEEN 0 AND 60 AND deed_years BETWEEN 1 AND 60 AND brave_deed_years BETWEEN 1 AND 60"),
        )
    with op.batch_alter_table("nomination") as batch:
        batch.add_column(sa.Column("deed_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("merged_into_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_nomination_merged_into_id_nomination"), "nomination", ["merged_into_id"], ["id"])
    _words(
        [*STATUSES, "merged"], [*VERBS, "merge"], "'elected', 'declined', 'withdrawn', 'merged'",
        "'return', 'decline', 'hand_over', 'recall', 'uphold', 'merge'",
    )  # fmt: skip
    with op.batch_alter_table("nomination") as batch:
        batch.create_check_constraint(op.f("ck_nomination_merged_points_on"), sa.text("(status = 'merged') = (merged_into_id IS NOT NULL)"))
        batch.create_check_constraint(op.f("ck_nomination_not_into_itself"), sa.text("merged_into_id IS NULL OR merged_into_id <> id"))
    op.create_table(
        "likeness",
        sa.Column("id", KEY, nullable=False),
        sa.Column("first_id", KEY, nullable=False),
        sa.Column("second_id", KEY, nullable=False),
        sa.Column("ground", sa.Enum("identity", "unit", "community", name="ground", native_enum=False, create_constraint=True, length=30), nullable=False),
        sa.Column("answer", sa.Enum("merged", "same", "different", name="answer", native_enum=False, create_constraint=True, length=30), nullable=False),
        sa.Column("answered_by_id", KEY, nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_likeness_one_row_a_pair")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_likeness_answered_by_id_user")),
        sa.ForeignKeyConstraint(["first_id"], ["nomination.id"], name=op.f("fk_likeness_first_id_nomination")),
        sa.ForeignKeyConstraint(["second_id"], ["nomination.id"], name=op.f("fk_likeness_second_id_nomination")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likeness")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_likeness_first_id_second_id")),
    )
    op.create_index("ix_likeness_second", "likeness", ["second_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_likeness_second", table_name="likeness")
    op.drop_table("likeness")
    with op.batch_alter_table("nomination") as batch:
        batch.drop_constraint(op.f("ck_nomination_merged_points_on"), type_="check")
        batch.drop_constraint(op.f("ck_nomination_not_into_itself"), type_="check")
    _words(STATUSES, VERBS, "'elected', 'declined', 'withdrawn'", "'return', 'decline', 'hand_over', 'recall', 'uphold'")
    with op.batch_alter_table("nomination") as batch:
        batch.drop_constraint(op.f("fk_nomination_merged_into_id_nomination"), type_="foreignkey")
        batch.drop_column("merged_into_id")
        batch.drop_column("deed_on")
    with op.batch_alter_table("level_rule") as batch:
        batch.drop_constraint(op.f("ck_level_rule_years_sane"), type_="check")
        for name in ("again_years", "deed_years", "brave_deed_years"):
            batch.drop_column(name)
    with op.batch_alter_table("person") as batch:
        batch.drop_index("ix_person_same_as")
        batch.drop_constraint(op.f("ck_person_same_as_the_first"), type_="check")
        batch.drop_constraint(op.f("fk_person_same_as_id_person"), type_="foreignkey")
        batch.drop_column("same_as_id")
