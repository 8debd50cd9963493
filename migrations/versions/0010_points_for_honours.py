"""points for honours

Revision 0010, after 0009, 2026-11-24 21:20:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('point_tariff', schema=None) as batch_op:
        batch_op.add_column(sa.Column('nominee_points', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('nominator_points', sa.Integer(), nullable=False, server_default='0'))
        batch_op.create_check_constraint(
            op.f('ck_point_tariff_honours_sane'), 'nominee_points BETWEEN 0 AND 10000 AND nominator_points BETWEEN 0 AND 10000'
        )
    # The default was for the rows that were there; from now on the application says it.
    with op.batch_alter_table('point_tariff', schema=None) as batch_op:
        batch_op.alter_column('nominee_points', server_default=None)
        batch_op.alter_column('nominator_points', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('point_tariff', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_point_tariff_honours_sane'), type_='check')
        batch_op.drop_column('nominator_points')
        batch_op.drop_column('nominee_points')
