"""letters of one person and deed go out together; jobs keep how they ended

Revision 0032, after 0021, 2026-11-30 19:40
"""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0021'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
GROUPED = sa.text("status = 'waiting' AND group_key IS NOT NULL")
FAILED = sa.text("status = 'failed'")
LETTERS = (("group_key", sa.String(length=120)), ("again_at", MOMENT), ("sent_with_id", KEY))
JOBS = (("failed_at", MOMENT), ("failure", sa.String(length=80)), ("holder", sa.String(length=32)))


def upgrade() -> None:
    for name, kind in LETTERS:
        op.add_column("outbox_message", sa.Column(name, kind, nullable=True))
    op.create_index("ix_outbox_message_group", "outbox_message", ["group_key", "recipient_id"], sqlite_where=GROUPED, postgresql_where=GROUPED)
    op.create_index("ix_outbox_message_failed", "outbox_message", ["id"], sqlite_where=FAILED, postgresql_where=FAILED)
    # Whether a job went well was not kept so far: what is known is that it ended.
    op.execute("ALTER TABLE job_run RENAME COLUMN finished_at TO succeeded_at")
    for name, kind in JOBS:
        op.add_column("job_run", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name, _kind in JOBS:
        op.execute(f"ALTER TABLE job_run DROP COLUMN {name}")
    op.execute("ALTER TABLE job_run RENAME COLUMN succeeded_at TO finished_at")
    op.drop_index("ix_outbox_message_failed", "outbox_message")
    op.drop_index("ix_outbox_message_group", "outbox_message")
    for name, _kind in LETTERS:
        op.execute(f"ALTER TABLE outbox_message DROP COLUMN {name}")
