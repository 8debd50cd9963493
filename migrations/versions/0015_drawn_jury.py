"""the drawn public jury, residents whose card was seen

Revision 0015, after 0014, 2026-11-24 21:40
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("attested_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("attested_by_id", KEY, nullable=True))
        batch.create_check_constraint(op.f("ck_person_attested_by_somebody"), sa.text("(attested_at IS NULL) = (attested_by_id IS NULL)"))
    with op.batch_alter_table("level_rule") as batch:
        batch.add_column(sa.Column("jury_size", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("panel_weight", sa.Integer(), server_default="60", nullable=False))
    with op.batch_alter_table("level_rule") as batch:
        batch.alter_column("jury_size", server_default=None)
        batch.alter_column("panel_weight", server_default=None)
        batch.create_check_constraint(
            op.f("ck_level_rule_jury_beside_panel"),
            sa.text("jury_size = 0 OR (jury_size BETWEEN 3 AND 200 AND council = 'panel' AND level >= 4)"),
        )
        batch.create_check_constraint(op.f("ck_level_rule_panel_weight_sane"), sa.text("panel_weight BETWEEN 1 AND 99"))
    op.create_table(
        "jury",
        sa.Column("id", KEY, nullable=False),
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("region_path", sa.String(length=120).with_variant(sa.String(length=120, collation="C"), "postgresql"), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("list_digest", sa.String(length=64), nullable=False),
        sa.Column("listed", sa.Text(), nullable=False),
        sa.Column("drawn_by_id", KEY, nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", _words("status", "open", "closed"), nullable=False),
        sa.Column("closed_by_id", KEY, nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size BETWEEN 3 AND 200", name=op.f("ck_jury_size_sane")),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)", name=op.f("ck_jury_closed_has_closer")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user.id"], name=op.f("fk_jury_closed_by_id_user")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["user.id"], name=op.f("fk_jury_drawn_by_id_user")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_jury_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury")),
    )
    op.create_index("ix_jury_round", "jury", ["round_id"], unique=False)
    op.create_index("uq_jury_open", "jury", ["round_id"], unique=True, sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))
    op.create_table(
        "juror",
        sa.Column("id", KEY, nullable=False),
        sa.Column("jury_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("status", _words("status", "asked", "accepted", "declined", "replaced"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'asked') = (answered_at IS NULL)", name=op.f("ck_juror_answered_has_time")),
        sa.ForeignKeyConstraint(["jury_id"], ["jury.id"], name=op.f("fk_juror_jury_id_jury")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juror_person_id_person")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_juror_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror")),
        sa.UniqueConstraint("jury_id", "position", name=op.f("uq_juror_jury_id_position")),
        sa.UniqueConstraint("jury_id", "user_id", name=op.f("uq_juror_jury_id_user_id")),
    )
    op.create_index("ix_juror_user", "juror", ["user_id"], unique=False)
    op.create_table(
        "jury_case",
        sa.Column("id", KEY, nullable=False),
        sa.Column("jury_id", KEY, nullable=False),
        sa.Column("nomination_id", KEY, nullable=False),
        sa.Column("given", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("is_conflicting", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(given IS NULL) = (score IS NULL)", name=op.f("ck_jury_case_scored_whole")),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10000", name=op.f("ck_jury_case_score_in_range")),
        sa.ForeignKeyConstraint(["jury_id"], ["jury.id"], name=op.f("fk_jury_case_jury_id_jury")),
        sa.ForeignKeyConstraint(["nomination_id"], ["nomination.id"], name=op.f("fk_jury_case_nomination_id_nomination")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_case")),
        sa.UniqueConstraint("jury_id", "nomination_id", name=op.f("uq_jury_case_jury_id_nomination_id")),
    )
    op.create_index("ix_jury_case_nomination", "jury_case", ["nomination_id"], unique=False)
    op.create_table(
        "juror_mark",
        sa.Column("id", KEY, nullable=False),
        sa.Column("juror_id", KEY, nullable=False),
        sa.Column("nomination_id", KEY, nullable=False),
        sa.Column("ground", _words("ground", "self", "kin", "nominator", "unit", "declared"), nullable=True),
        sa.ForeignKeyConstraint(["juror_id"], ["juror.id"], name=op.f("fk_juror_mark_juror_id_juror")),
        sa.ForeignKeyConstraint(["nomination_id"], ["nomination.id"], name=op.f("fk_juror_mark_nomination_id_nomination")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_mark")),
        sa.UniqueConstraint("juror_id", "nomination_id", name=op.f("uq_juror_mark_juror_id_nomination_id")),
    )
    op.create_index("ix_juror_mark_nomination", "juror_mark", ["nomination_id"], unique=False)
    op.create_table(
        "jury_score",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("jury_id", KEY, nullable=False),
        sa.Column("nomination_id", KEY, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_jury_score_score_in_range")),
        sa.ForeignKeyConstraint(["jury_id"], ["jury.id"], name=op.f("fk_jury_score_jury_id_jury")),
        sa.ForeignKeyConstraint(["nomination_id"], ["nomination.id"], name=op.f("fk_jury_score_nomination_id_nomination")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_score")),
    )
    op.create_index("ix_jury_score_jury", "jury_score", ["jury_id", "nomination_id"], unique=False)


def downgrade() -> None:
    for table in ("jury_score", "juror_mark", "jury_case", "juror", "jury"):
        op.drop_table(table)
    with op.batch_alter_table("level_rule") as batch:
        batch.drop_constraint(op.f("ck_level_rule_jury_beside_panel"), type_="check")
        batch.drop_constraint(op.f("ck_level_rule_panel_weight_sane"), type_="check")
        batch.drop_column("jury_size")
        batch.drop_column("panel_weight")
    with op.batch_alter_table("person") as batch:
        batch.drop_constraint(op.f("ck_person_attested_by_somebody"), type_="check")
        batch.drop_column("attested_at")
        batch.drop_column("attested_by_id")
