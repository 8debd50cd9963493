"""What the hours' desk asks for is an index range: missed places of a month, hours to fill in that nobody decided yet.

Revision ID: 0013
Revises: 0012
"""

from alembic import op
from sqlalchemy import text

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('sign_up', schema=None) as batch_op:
        batch_op.create_index('ix_sign_up_missed', ['starts_at', 'id'], unique=False, sqlite_where=text("status = 'missed'"), postgresql_where=text("status = 'missed'"))
    with op.batch_alter_table('attestation', schema=None) as batch_op:
        batch_op.create_index('ix_attestation_open', ['id'], unique=False, sqlite_where=text('decided_at IS NULL'), postgresql_where=text('decided_at IS NULL'))


def downgrade() -> None:
    with op.batch_alter_table('attestation', schema=None) as batch_op:
        batch_op.drop_index('ix_attestation_open')
    with op.batch_alter_table('sign_up', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_up_missed')
