"""qualifications, which a post may ask for; places in question since something became known late; when a drift was measured

Revision 0035, after 0039, 2026-11-30 19:40:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0039'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
OPEN = sa.text("ended IS NULL")


def upgrade() -> None:
    op.create_table(
        "qualification_kind",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("course", sa.String(length=80), nullable=False),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_qualification_kind_term_in_order")),
        sa.CheckConstraint("months IS NULL OR months BETWEEN 1 AND 120", name=op.f("ck_qualification_kind_months_sane")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification_kind")),
        sa.UniqueConstraint("name", name=op.f("uq_qualification_kind_name")),
    )
    op.create_table(
        "qualification",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("team_id", KEY, nullable=False),
        sa.Column("region_path", sa.String(length=120).with_variant(sa.String(length=120, collation="C"), "postgresql"), nullable=False),
        sa.Column("course", sa.String(length=80), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by_id", KEY, nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", KEY, nullable=True),
        sa.Column("revoked_for", sa.String(length=200), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_qualification_term_in_order")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL) AND (revoked_at IS NULL) = (revoked_for IS NULL)",
            name=op.f("ck_qualification_revoked_has_reason"),
        ),
        sa.ForeignKeyConstraint(["kind_id"], ["qualification_kind.id"], name=op.f("fk_qualification_kind_id_qualification_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_qualification_person_id_person")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_qualification_team_id_team")),
        sa.ForeignKeyConstraint(["given_by_id"], ["user.id"], name=op.f("fk_qualification_given_by_id_user")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["user.id"], name=op.f("fk_qualification_revoked_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
    )
    op.create_index("ix_qualification_person", "qualification", ["person_id", "kind_id"])
    op.create_index("ix_qualification_region", "qualification", ["region_path", "id"])
    op.create_index("ix_qualification_until", "qualification", ["until"])
    op.create_table(
        "recheck",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sign_up_id", KEY, nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.Enum("cleared", "read", "taken_off", name="ended", native_enum=False, create_constraint=True, length=30), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", KEY, nullable=True),
        sa.CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name=op.f("ck_recheck_ended_has_time")),
        sa.CheckConstraint("ended IS NULL OR ended <> 'taken_off' OR ended_by_id IS NOT NULL", name=op.f("ck_recheck_taken_off_by_somebody")),
        sa.ForeignKeyConstraint(["sign_up_id"], ["sign_up.id"], name=op.f("fk_recheck_sign_up_id_sign_up")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["user.id"], name=op.f("fk_recheck_ended_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck")),
    )
    op.create_index("uq_recheck_open", "recheck", ["sign_up_id", "code"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    with op.batch_alter_table("post") as batch:
        batch.add_column(sa.Column("needs_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_post_needs_id_qualification_kind"), "qualification_kind", ["needs_id"], ["id"])
    with op.batch_alter_table("kiosk") as batch:
        batch.add_column(sa.Column("drift_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("drift_before_at", sa.DateTime(timezone=True), nullable=True))
    # A drift was measured when the device was last heard; what it was before that nobody knows any more.
    op.execute("UPDATE kiosk SET drift_at = seen_at WHERE drift IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("kiosk") as batch:
        batch.drop_column("drift_before_at")
        batch.drop_column("drift_at")
    with op.batch_alter_table("post") as batch:
        batch.drop_constraint(op.f("fk_post_needs_id_qualification_kind"), type_="foreignkey")
        batch.drop_column("needs_id")
    op.drop_table("recheck")
    op.drop_table("qualification")
    op.drop_table("qualification_kind")
