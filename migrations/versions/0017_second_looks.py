"""second looks, hearts, clues on their county's desk

Revision 0017, after 0016, 2026-11-24 21:55
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
PATH = sa.String(length=120).with_variant(sa.String(length=120, collation="C"), "postgresql")
VERBS = [
    "submit", "take", "release", "hand_over", "return", "resubmit", "resume", "endorse", "elect", "decline", "pass", "propose",
    "recall", "post", "object", "dismiss", "uphold", "withdraw", "merge",
]  # fmt: skip
WORD = "verb IN ('endorse', 'elect', 'decline', 'uphold') AND undone_at IS NULL"


def _verbs(verbs: list[str], reasons: str) -> None:
    with op.batch_alter_table("nomination_decision") as batch:
        for name in ("verb", "reason_given"):
            batch.drop_constraint(op.f(f"ck_nomination_decision_{name}"), type_="check")
        batch.create_check_constraint(op.f("ck_nomination_decision_verb"), sa.column("verb").in_(verbs))
        batch.create_check_constraint(
            op.f("ck_nomination_decision_reason_given"), sa.text(f"verb NOT IN ({reasons}) OR reason IS NOT NULL")
        )


def _one_word(where: str) -> None:
    op.drop_index("uq_nomination_decision_level", table_name="nomination_decision")
    op.create_index(
        "uq_nomination_decision_level", "nomination_decision", ["nomination_id", "level"], unique=True, sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("nomination_decision") as batch:
        batch.add_column(sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("nomination_decision") as batch:
        batch.create_check_constraint(op.f("ck_nomination_decision_only_a_no_is_set_aside"), sa.text("set_aside_at IS NULL OR verb = 'decline'"))
    _verbs([*VERBS, "reopen", "undo", "entrust"], "'return', 'decline', 'hand_over', 'recall', 'uphold', 'merge', 'reopen'")
    _one_word(WORD + " AND set_aside_at IS NULL")
    op.create_table(
        "reaction",
        sa.Column("id", KEY, nullable=False),
        sa.Column("nomination_id", KEY, nullable=False),
        sa.Column("who_digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["nomination_id"], ["nomination.id"], name=op.f("fk_reaction_nomination_id_nomination")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reaction")),
        sa.UniqueConstraint("nomination_id", "who_digest", name=op.f("uq_reaction_nomination_id_who_digest")),
    )
    op.create_table(
        "second_look",
        sa.Column("id", KEY, nullable=False),
        sa.Column("nomination_id", KEY, nullable=False),
        sa.Column("objection_id", KEY, nullable=True),
        sa.Column("voice_id", KEY, nullable=True),
        sa.Column("region_path", PATH, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", KEY, nullable=True),
        sa.CheckConstraint("(objection_id IS NULL) = (voice_id IS NOT NULL)", name=op.f("ck_second_look_of_case_or_objection")),
        sa.CheckConstraint(
            "(changed IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_at IS NULL)"
            " AND (answered_by_id IS NULL) = (answered_at IS NULL)",
            name=op.f("ck_second_look_answered_whole"),
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_second_look_answered_by_id_user")),
        sa.ForeignKeyConstraint(["nomination_id"], ["nomination.id"], name=op.f("fk_second_look_nomination_id_nomination")),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name=op.f("fk_second_look_objection_id_objection")),
        sa.ForeignKeyConstraint(["voice_id"], ["nomination_voice.id"], name=op.f("fk_second_look_voice_id_nomination_voice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
        sa.UniqueConstraint("objection_id", name=op.f("uq_second_look_objection_id")),
    )
    for name, columns, unique, where in (
        ("uq_second_look_case", ["nomination_id"], True, "objection_id IS NULL"),
        ("ix_second_look_open", ["region_path", "due_at"], False, "answered_at IS NULL"),
    ):
        op.create_index(name, "second_look", columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_second_look_nomination", "second_look", ["nomination_id"], unique=False)
    with op.batch_alter_table("clue") as batch:
        batch.add_column(sa.Column("region_path", PATH, nullable=True))
    # Nobody said which county they were about: the city has them.
    op.execute("UPDATE clue SET region_path = COALESCE((SELECT MIN(path) FROM region WHERE level = 5), '')")
    with op.batch_alter_table("clue") as batch:
        batch.alter_column("region_path", existing_type=PATH, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("clue") as batch:
        batch.drop_column("region_path")
    op.drop_table("second_look")
    op.drop_table("reaction")
    _one_word(WORD)
    _verbs([*VERBS, "undo", "entrust"], "'return', 'decline', 'hand_over', 'recall', 'uphold', 'merge'")
    with op.batch_alter_table("nomination_decision") as batch:
        batch.drop_constraint(op.f("ck_nomination_decision_only_a_no_is_set_aside"), type_="check")
        batch.drop_column("set_aside_at")
