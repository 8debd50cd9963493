"""errands: long work that somebody asked for, carried out by the worker

Revision 0021, after 0029, 2026-11-25 01:15
"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0029'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
STATUSES = ("waiting", "running", "done", "stopped", "failed")


def upgrade() -> None:
    op.create_table(
        "errand",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("asked_by_id", KEY, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("status", sa.Enum(*STATUSES, name="status", native_enum=False, create_constraint=True, length=30), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("stop_asked_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("file_key", sa.String(length=120), nullable=True),
        sa.CheckConstraint("(status = 'running') = (holder IS NOT NULL) AND (holder IS NULL) = (held_until IS NULL)", name=op.f("ck_errand_running_is_held")),
        sa.CheckConstraint("(status IN ('done', 'stopped', 'failed')) = (ended_at IS NOT NULL)", name=op.f("ck_errand_ended_has_time")),
        sa.CheckConstraint("(status = 'failed') = (problem IS NOT NULL)", name=op.f("ck_errand_failed_says_why")),
        sa.CheckConstraint("file_key IS NULL OR status = 'done'", name=op.f("ck_errand_file_is_whole")),
        sa.CheckConstraint("done >= 0 AND tries >= 0", name=op.f("ck_errand_counted")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_errand_asked_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
    )
    for name, columns, unique, where in (
        ("uq_errand_open", ["key"], True, "ended_at IS NULL"),
        ("ix_errand_waiting", ["id"], False, "ended_at IS NULL"),
        ("ix_errand_ended", ["ended_at"], False, "ended_at IS NOT NULL"),
    ):
        op.create_index(name, "errand", columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_errand_asked_by", "errand", ["asked_by_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("errand")
