"""boards free times letters

Revision 0016, after 0015, 2026-11-24 21:34:52.275775
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('board_name',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('nickname', sa.String(length=12), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_board_name_person_id_person')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_board_name_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_board_name')),
    sa.UniqueConstraint('team_id', 'nickname', name=op.f('uq_board_name_team_id_nickname')),
    sa.UniqueConstraint('team_id', 'person_id', name=op.f('uq_board_name_team_id_person_id'))
    )
    with op.batch_alter_table('board_name', schema=None) as batch_op:
        batch_op.create_index('ix_board_name_person', ['person_id'], unique=False)

    op.create_table('letter_choice',
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('way', sa.Enum('auto', 'email', 'sms', name='way', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('quiet_from', sa.Integer(), nullable=False),
    sa.Column('quiet_until', sa.Integer(), nullable=False),
    sa.Column('wants_reminders', sa.Boolean(), nullable=False),
    sa.CheckConstraint('quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23', name=op.f('ck_letter_choice_hours_sane')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_letter_choice_user_id_user')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_letter_choice'))
    )
    with op.batch_alter_table('volunteer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('free_times', sa.String(length=21), nullable=True))
        batch_op.create_check_constraint(op.f('ck_volunteer_free_times_whole'), 'free_times IS NULL OR length(free_times) = 21')


def downgrade() -> None:
    with op.batch_alter_table('volunteer', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_volunteer_free_times_whole'), type_='check')
        batch_op.drop_column('free_times')

    op.drop_table('letter_choice')
    with op.batch_alter_table('board_name', schema=None) as batch_op:
        batch_op.drop_index('ix_board_name_person')

    op.drop_table('board_name')
