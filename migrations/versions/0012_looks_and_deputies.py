"""looks and deputies: texts before they changed, who read what, kept filters, standing in, hand-over of a desk

Revision 0012, after 0011, 2026-11-24 21:25:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
VERBS = [
    "submit", "take", "release", "hand_over", "return", "resubmit", "resume", "endorse", "elect", "decline", "pass", "propose",
    "recall", "post", "object", "dismiss", "uphold", "withdraw", "merge", "undo",
]


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def _verbs(verbs: list[str]) -> None:
    with op.batch_alter_table("nomination_decision") as batch:
        batch.drop_constraint(op.f("ck_nomination_decision_verb"), type_="check")
        batch.create_check_constraint(op.f("ck_nomination_decision_verb"), sa.column("verb").in_(verbs))


def upgrade() -> None:
    _verbs([*VERBS, "entrust"])
    with op.batch_alter_table("nomination_decision") as batch:
        batch.add_column(sa.Column("stands_for_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_nomination_decision_stands_for_id_user"), "user", ["stands_for_id"], ["id"])
    op.create_table(
        "nomination_revision",
        sa.Column("id", KEY, nullable=False),
        sa.Column("nomination_id", KEY, nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        _moment("at"),
        _refers("nomination_revision", "nomination_id", "nomination"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination_revision")),
    )
    op.create_index("ix_nomination_revision_nomination", "nomination_revision", ["nomination_id", "field", "id"])
    op.create_table(
        "nomination_look",
        sa.Column("nomination_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        _moment("at"),
        _refers("nomination_look", "nomination_id", "nomination"),
        _refers("nomination_look", "user_id", "user"),
        sa.PrimaryKeyConstraint("nomination_id", "user_id", name=op.f("pk_nomination_look")),
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("query", sa.String(length=300), nullable=False),
        _moment("created_at"),
        _refers("saved_filter", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_filter_user_id_name")),
    )
    op.create_table(
        "deputy",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("deputy_id", KEY, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        _moment("named_at"),
        _moment("ended_at", nullable=True),
        sa.Column("ended_by_id", KEY, nullable=True),
        sa.CheckConstraint("until >= since", name=op.f("ck_deputy_term_in_order")),
        sa.CheckConstraint("user_id <> deputy_id", name=op.f("ck_deputy_not_oneself")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_deputy_ended_by_somebody")),
        _refers("deputy", "user_id", "user"),
        _refers("deputy", "deputy_id", "user"),
        _refers("deputy", "ended_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    op.create_index("ix_deputy_deputy", "deputy", ["deputy_id", "until"])
    op.create_index("ix_deputy_user", "deputy", ["user_id", "until"])


def downgrade() -> None:
    for table in ("deputy", "saved_filter", "nomination_look", "nomination_revision"):
        op.drop_table(table)
    # The older program knows no such row; the case's own status says the same before and after it.
    op.execute("DELETE FROM nomination_decision WHERE verb = 'entrust'")
    with op.batch_alter_table("nomination_decision") as batch:
        batch.drop_constraint(op.f("fk_nomination_decision_stands_for_id_user"), type_="foreignkey")
        batch.drop_column("stands_for_id")
    _verbs(VERBS)
