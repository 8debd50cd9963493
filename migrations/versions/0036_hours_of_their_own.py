"""hours of their own: rhythms and days of patterns, what was set by hand apart from what was generated, called off and taken down with their moments

Revision 0036, after 0037, 2026-11-30 19:40:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0037'
branch_labels = None
depends_on = None

RHYTHM = sa.Enum('workdays', 'daily', 'weekly', name='rhythm', native_enum=False, create_constraint=True, length=30)
MOMENT = sa.DateTime(timezone=True)
ALWAYS, DAYS, GENERATED = sa.text("first IS NULL"), sa.text("first IS NOT NULL"), sa.text("pattern_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("pattern") as batch:
        batch.drop_constraint(op.f("uq_pattern_event_id_starts_ends"), type_="unique")
        batch.drop_constraint(op.f("ck_pattern_in_order"), type_="check")
        batch.add_column(sa.Column("rhythm", RHYTHM, nullable=False, server_default="workdays"))
        batch.add_column(sa.Column("weekdays", sa.String(length=7), nullable=False, server_default=""))
        batch.add_column(sa.Column("first", sa.Date(), nullable=True))
        batch.add_column(sa.Column("last", sa.Date(), nullable=True))
    op.execute(sa.text("UPDATE pattern SET rhythm = 'daily' WHERE NOT working_days_only"))
    with op.batch_alter_table("pattern") as batch:
        batch.drop_column("working_days_only")
        batch.alter_column("rhythm", server_default=None, existing_type=RHYTHM, existing_nullable=False)
        batch.alter_column("weekdays", server_default=None, existing_type=sa.String(length=7), existing_nullable=False)
        batch.create_check_constraint(op.f("ck_pattern_lasts"), sa.text("ends <> starts"))
        batch.create_check_constraint(op.f("ck_pattern_weekly_has_days"), sa.text("(rhythm = 'weekly') = (weekdays <> '')"))
        batch.create_check_constraint(op.f("ck_pattern_days_in_order"), sa.text("(first IS NULL) = (last IS NULL) AND (first IS NULL OR last >= first)"))
    always = ["event_id", "starts", "ends", "rhythm", "weekdays"]
    op.create_index("uq_pattern_always", "pattern", always, unique=True, sqlite_where=ALWAYS, postgresql_where=ALWAYS)
    op.create_index("uq_pattern_days", "pattern", [*always, "first", "last"], unique=True, sqlite_where=DAYS, postgresql_where=DAYS)
    with op.batch_alter_table("shift") as batch:
        batch.add_column(sa.Column("called_off_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("hand_most", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("hand_ends_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("changed_at", MOMENT, nullable=True))
        batch.drop_constraint(op.f("uq_shift_post_id_starts_at"), type_="unique")
        batch.create_unique_constraint(op.f("uq_shift_post_id_starts_at_ends_at"), ["post_id", "starts_at", "ends_at"])
    # Calendars were told the moment of the event until now.
    op.execute(sa.text("UPDATE shift SET changed_at = (SELECT created_at FROM event WHERE event.id = shift.event_id)"))
    with op.batch_alter_table("shift") as batch:
        batch.alter_column("changed_at", nullable=False, existing_type=MOMENT)
        batch.alter_column("revision", server_default=None, existing_type=sa.Integer(), existing_nullable=False)
    op.create_index("uq_shift_generated", "shift", ["pattern_id", "post_id", "day"], unique=True, sqlite_where=GENERATED, postgresql_where=GENERATED)
    with op.batch_alter_table("event") as batch:
        batch.add_column(sa.Column("called_off_at", MOMENT, nullable=True))
        batch.create_check_constraint(op.f("ck_event_called_off_is_cancelled"), sa.text("called_off_at IS NULL OR status = 'cancelled'"))
    with op.batch_alter_table("good") as batch:
        batch.add_column(sa.Column("taken_down_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("taken_down_for", sa.String(length=200), nullable=True))
        batch.create_check_constraint(op.f("ck_good_taken_down_has_reason"), sa.text("(taken_down_at IS NULL) = (taken_down_for IS NULL)"))


def downgrade() -> None:
    with op.batch_alter_table("good") as batch:
        batch.drop_constraint(op.f("ck_good_taken_down_has_reason"), type_="check")
        batch.drop_column("taken_down_for")
        batch.drop_column("taken_down_at")
    with op.batch_alter_table("event") as batch:
        batch.drop_constraint(op.f("ck_event_called_off_is_cancelled"), type_="check")
        batch.drop_column("called_off_at")
    op.drop_index("uq_shift_generated", "shift")
    # What the narrow rule cannot hold is not thrown away: the step back waits until it is cleared by hand.
    with op.batch_alter_table("shift") as batch:
        batch.drop_constraint(op.f("uq_shift_post_id_starts_at_ends_at"), type_="unique")
        batch.create_unique_constraint(op.f("uq_shift_post_id_starts_at"), ["post_id", "starts_at"])
        for name in ("changed_at", "revision", "hand_ends_at", "hand_most", "called_off_at"):
            batch.drop_column(name)
    op.drop_index("uq_pattern_days", "pattern")
    op.drop_index("uq_pattern_always", "pattern")
    with op.batch_alter_table("pattern") as batch:
        for name in ("lasts", "weekly_has_days", "days_in_order"):
            batch.drop_constraint(op.f(f"ck_pattern_{name}"), type_="check")
        batch.add_column(sa.Column("working_days_only", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute(sa.text("UPDATE pattern SET working_days_only = (rhythm = 'workdays')"))
    with op.batch_alter_table("pattern") as batch:
        batch.alter_column("working_days_only", server_default=None, existing_type=sa.Boolean(), existing_nullable=False)
        batch.drop_constraint(op.f("ck_pattern_rhythm"), type_="check")
        for name in ("last", "first", "weekdays", "rhythm"):
            batch.drop_column(name)
        batch.create_check_constraint(op.f("ck_pattern_in_order"), sa.text("ends > starts"))
        batch.create_unique_constraint(op.f("uq_pattern_event_id_starts_ends"), ["event_id", "starts", "ends"])
