"""hand overs and paper sheets

Revision 0006, after 0005, 2026-11-24 21:02:24.326929
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('paper_sheet',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('shift_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('photo_key', sa.String(length=60), nullable=False),
    sa.Column('status', sa.Enum('typed', 'confirmed', 'returned', 'replaced', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('typed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('typed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('returned_for', sa.String(length=300), nullable=True),
    sa.CheckConstraint("(status = 'returned') = (returned_for IS NOT NULL)", name=op.f('ck_paper_sheet_returned_has_reason')),
    sa.CheckConstraint("(status IN ('confirmed', 'returned')) = (checked_by_id IS NOT NULL)", name=op.f('ck_paper_sheet_checked_by_somebody')),
    sa.CheckConstraint('(checked_by_id IS NULL) = (checked_at IS NULL)', name=op.f('ck_paper_sheet_checked_has_time')),
    sa.CheckConstraint('checked_by_id IS NULL OR checked_by_id <> typed_by_id', name=op.f('ck_paper_sheet_two_people')),
    sa.ForeignKeyConstraint(['checked_by_id'], ['user.id'], name=op.f('fk_paper_sheet_checked_by_id_user')),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_paper_sheet_shift_id_shift')),
    sa.ForeignKeyConstraint(['typed_by_id'], ['user.id'], name=op.f('fk_paper_sheet_typed_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_sheet'))
    )
    with op.batch_alter_table('paper_sheet', schema=None) as batch_op:
        batch_op.create_index('ix_paper_sheet_shift', ['shift_id', 'id'], unique=False)
        batch_op.create_index('uq_paper_sheet_typed', ['shift_id'], unique=True, sqlite_where=sa.text("status = 'typed'"), postgresql_where=sa.text("status = 'typed'"))

    op.create_table('hand_over',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sign_up_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('to_person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('asked_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Enum('asked', 'taken', 'declined', 'lapsed', 'called_back', 'over', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(status = 'asked') = (ended_at IS NULL)", name=op.f('ck_hand_over_ended_has_time')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user.id'], name=op.f('fk_hand_over_asked_by_id_user')),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_hand_over_shift_id_shift')),
    sa.ForeignKeyConstraint(['sign_up_id'], ['sign_up.id'], name=op.f('fk_hand_over_sign_up_id_sign_up')),
    sa.ForeignKeyConstraint(['to_person_id'], ['person.id'], name=op.f('fk_hand_over_to_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_over')),
    sa.UniqueConstraint('sign_up_id', 'times', 'to_person_id', name=op.f('uq_hand_over_sign_up_id_times_to_person_id'))
    )
    with op.batch_alter_table('hand_over', schema=None) as batch_op:
        batch_op.create_index('ix_hand_over_due', ['until'], unique=False, sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))
        batch_op.create_index('ix_hand_over_to', ['to_person_id'], unique=False, sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))
        batch_op.create_index('uq_hand_over_open', ['sign_up_id'], unique=True, sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))
        batch_op.create_index('uq_hand_over_to', ['shift_id', 'to_person_id'], unique=True, sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))

    op.create_table('paper_line',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sheet_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sign_up_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('came_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('went_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('went_at IS NULL OR went_at >= came_at', name=op.f('ck_paper_line_times_in_order')),
    sa.ForeignKeyConstraint(['sheet_id'], ['paper_sheet.id'], name=op.f('fk_paper_line_sheet_id_paper_sheet')),
    sa.ForeignKeyConstraint(['sign_up_id'], ['sign_up.id'], name=op.f('fk_paper_line_sign_up_id_sign_up')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_line')),
    sa.UniqueConstraint('sheet_id', 'sign_up_id', name=op.f('uq_paper_line_sheet_id_sign_up_id'))
    )


def downgrade() -> None:
    op.drop_table('paper_line')
    with op.batch_alter_table('hand_over', schema=None) as batch_op:
        batch_op.drop_index('uq_hand_over_to', sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))
        batch_op.drop_index('uq_hand_over_open', sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))
        batch_op.drop_index('ix_hand_over_to', sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))
        batch_op.drop_index('ix_hand_over_due', sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))

    op.drop_table('hand_over')
    with op.batch_alter_table('paper_sheet', schema=None) as batch_op:
        batch_op.drop_index('uq_paper_sheet_typed', sqlite_where=sa.text("status = 'typed'"), postgresql_where=sa.text("status = 'typed'"))
        batch_op.drop_index('ix_paper_sheet_shift')

    op.drop_table('paper_sheet')
