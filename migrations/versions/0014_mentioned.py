"""mentioned: whom a story tells of besides the nominee, and the look into the credit record as a consent of its own

Revision 0014, after 0013, 2026-11-24 21:35:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
PURPOSES = ["name", "story", "photo"]
METHODS = ["in_person", "by_phone", "on_paper", "online", "next_of_kin"]


def _purposes(purposes: list[str]) -> None:
    with op.batch_alter_table("consent") as batch:
        batch.drop_constraint(op.f("ck_consent_purpose"), type_="check")
        batch.create_check_constraint(op.f("ck_consent_purpose"), sa.column("purpose").in_(purposes))


def upgrade() -> None:
    _purposes([*PURPOSES, "credit", "credit_waived"])
    op.create_table(
        "nomination_mentioned",
        sa.Column("id", KEY, nullable=False),
        sa.Column("nomination_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("is_recognisable", sa.Boolean(), nullable=False),
        sa.Column("agreement", sa.Enum("not_asked", "agreed", "refused", name="agreement", native_enum=False, create_constraint=True, length=30), nullable=False),
        sa.Column("method", sa.Enum(*METHODS, name="method", native_enum=False, create_constraint=True, length=30), nullable=True),
        sa.Column("wording", sa.String(length=20), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", KEY, nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(agreement = 'not_asked') = (method IS NULL)", name=op.f("ck_nomination_mentioned_asked_somehow")),
        sa.CheckConstraint("(method IS NULL) = (wording IS NULL)", name=op.f("ck_nomination_mentioned_asked_in_a_version")),
        sa.ForeignKeyConstraint(["nomination_id"], ["nomination.id"], name=op.f("fk_nomination_mentioned_nomination_id_nomination")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_nomination_mentioned_recorded_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination_mentioned")),
    )
    op.create_index("ix_nomination_mentioned_nomination", "nomination_mentioned", ["nomination_id"])


def downgrade() -> None:
    op.drop_table("nomination_mentioned")
    op.execute("DELETE FROM consent WHERE purpose IN ('credit', 'credit_waived')")
    _purposes(PURPOSES)
