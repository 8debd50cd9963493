"""undo

Revision 0007, after 0006, 2026-11-24 21:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
VERBS = [
    "submit", "take", "release", "hand_over", "return", "resubmit", "resume", "endorse", "elect", "decline", "pass", "propose",
    "recall", "post", "object", "dismiss", "uphold", "withdraw", "merge",
]
HONOURS = ["active", "suspended", "revoked", "expired"]
LEVEL_WORDS = "verb IN ('endorse', 'elect', 'decline', 'uphold')"
CHECKS = {
    "back_from_click": "was IS NULL OR verb IN ('return', 'pass', 'endorse', 'elect', 'decline', 'hand_over')",
    "undone_had_way_back": "undone_at IS NULL OR was IS NOT NULL",
    "undone_by_somebody": "(undone_at IS NULL) = (undone_by_id IS NULL)",
}


def _statuses(statuses: list[str]) -> None:
    """Exchange the CHECKs that name what may become of an honour."""
    with op.batch_alter_table("honour") as batch:
        batch.drop_constraint(op.f("ck_honour_status"), type_="check")
        batch.create_check_constraint(op.f("ck_honour_status"), sa.column("status").in_(statuses))
    with op.batch_alter_table("honour_change") as batch:
        for name in ("before", "after"):
            batch.drop_constraint(op.f(f"ck_honour_change_{name}"), type_="check")
            batch.create_check_constraint(op.f(f"ck_honour_change_{name}"), sa.column(name).in_(statuses))


def _level_index(where: str) -> None:
    op.create_index(
        "uq_nomination_decision_level", "nomination_decision", ["nomination_id", "level"], unique=True,
        sqlite_where=sa.text(where), postgresql_where=sa.text(where),
    )


def upgrade() -> None:
    op.drop_index("uq_nomination_decision_level", "nomination_decision")
    with op.batch_alter_table("nomination_decision") as batch:
        batch.add_column(sa.Column("was", sa.Text(), nullable=True))
        batch.add_column(sa.Column("batch", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("undone_by_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_nomination_decision_undone_by_id_user"), "user", ["undone_by_id"], ["id"])
        batch.drop_constraint(op.f("ck_nomination_decision_verb"), type_="check")
        batch.create_check_constraint(op.f("ck_nomination_decision_verb"), sa.column("verb").in_([*VERBS, "undo"]))
        for name, words in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_nomination_decision_{name}"), sa.text(words))
    _level_index(f"{LEVEL_WORDS} AND undone_at IS NULL")
    op.create_index(
        "ix_nomination_decision_batch", "nomination_decision", ["batch"], sqlite_where=sa.text("batch IS NOT NULL"),
        postgresql_where=sa.text("batch IS NOT NULL"),
    )
    _statuses([*HONOURS, "taken_back"])
    with op.batch_alter_table("honour") as batch:
        batch.add_column(sa.Column("public_from", sa.DateTime(timezone=True), nullable=True))
        batch.drop_constraint(op.f("uq_honour_nomination_id_level"), type_="unique")
    op.execute("UPDATE honour SET public_from = awarded_at")
    with op.batch_alter_table("honour") as batch:
        batch.alter_column("public_from", nullable=False)
    where = sa.text("status <> 'taken_back'")
    op.create_index("uq_honour_level", "honour", ["nomination_id", "level"], unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    # Rows of honours taken back mean nothing to the older program, and their case may have another of the level.
    op.execute("DELETE FROM honour_change WHERE honour_id IN (SELECT id FROM honour WHERE status = 'taken_back')")
    op.execute("DELETE FROM honour WHERE status = 'taken_back'")
    op.drop_index("uq_honour_level", "honour")
    with op.batch_alter_table("honour") as batch:
        batch.drop_column("public_from")
        batch.create_unique_constraint(op.f("uq_honour_nomination_id_level"), ["nomination_id", "level"])
    _statuses(HONOURS)
    op.drop_index("ix_nomination_decision_batch", "nomination_decision")
    op.drop_index("uq_nomination_decision_level", "nomination_decision")
    op.execute("DELETE FROM nomination_decision WHERE verb = 'undo' OR undone_at IS NOT NULL")
    with op.batch_alter_table("nomination_decision") as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(f"ck_nomination_decision_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_nomination_decision_undone_by_id_user"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_nomination_decision_verb"), type_="check")
        batch.create_check_constraint(op.f("ck_nomination_decision_verb"), sa.column("verb").in_(VERBS))
        for name in ("was", "batch", "undone_at", "undone_by_id"):
            batch.drop_column(name)
    _level_index(LEVEL_WORDS)
