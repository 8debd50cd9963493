"""visits opinions clues

Revision 0003, after 0002, 2026-11-24 12:04:25.846067
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clue',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('who', sa.String(length=60), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('category_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('deed', sa.String(length=70), nullable=False),
    sa.Column('is_from_media', sa.Boolean(), nullable=False),
    sa.Column('contact', sa.Text(), nullable=False),
    sa.Column('status', sa.Enum('new', 'merged', 'refused', 'converted', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('nomination_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint("(status = 'new') = (closed_at IS NULL)", name=op.f('ck_clue_closed_has_time')),
    sa.CheckConstraint("status <> 'refused' OR reason IS NOT NULL", name=op.f('ck_clue_refused_has_reason')),
    sa.CheckConstraint("status NOT IN ('merged', 'converted') OR nomination_id IS NOT NULL", name=op.f('ck_clue_became_a_case')),
    sa.CheckConstraint('(closed_at IS NULL) = (closed_by_id IS NULL)', name=op.f('ck_clue_closed_by_somebody')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_clue_category_id_category')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['user.id'], name=op.f('fk_clue_closed_by_id_user')),
    sa.ForeignKeyConstraint(['nomination_id'], ['nomination.id'], name=op.f('fk_clue_nomination_id_nomination')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clue'))
    )
    with op.batch_alter_table('clue', schema=None) as batch_op:
        batch_op.create_index('ix_clue_new', ['received_at', 'id'], unique=False, sqlite_where=sa.text("status = 'new'"), postgresql_where=sa.text("status = 'new'"))

    op.create_table('nominee_facts',
    sa.Column('nomination_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('is_party_member', sa.Boolean(), nullable=False),
    sa.Column('is_public_employee', sa.Boolean(), nullable=False),
    sa.Column('is_business_person', sa.Boolean(), nullable=False),
    sa.Column('is_head_of_enterprise', sa.Boolean(), nullable=False),
    sa.Column('recorded_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['nomination_id'], ['nomination.id'], name=op.f('fk_nominee_facts_nomination_id_nomination')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], name=op.f('fk_nominee_facts_recorded_by_id_user')),
    sa.PrimaryKeyConstraint('nomination_id', name=op.f('pk_nominee_facts'))
    )
    op.create_table('opinion_request',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('nomination_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('department', sa.Enum('police', 'court', 'discipline', 'personnel', 'market', 'tax', 'environment', 'emergency', name='department', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('asked_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('remind_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('escalate_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('escalated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Enum('no_objection', 'objection', 'no_record', name='outcome', native_enum=False, create_constraint=True, length=30), nullable=True),
    sa.Column('letter_number', sa.String(length=60), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.CheckConstraint('(outcome IS NULL) = (answered_at IS NULL)', name=op.f('ck_opinion_request_answered_has_outcome')),
    sa.CheckConstraint('(outcome IS NULL) = (valid_until IS NULL)', name=op.f('ck_opinion_request_answered_has_validity')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user.id'], name=op.f('fk_opinion_request_asked_by_id_user')),
    sa.ForeignKeyConstraint(['nomination_id'], ['nomination.id'], name=op.f('fk_opinion_request_nomination_id_nomination')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opinion_request')),
    sa.UniqueConstraint('nomination_id', 'level', 'department', 'asked_at', name=op.f('uq_opinion_request_nomination_id_level_department_asked_at'))
    )
    with op.batch_alter_table('opinion_request', schema=None) as batch_op:
        batch_op.create_index('ix_opinion_request_open', ['remind_at'], unique=False, sqlite_where=sa.text('outcome IS NULL'), postgresql_where=sa.text('outcome IS NULL'))

    op.create_table('visit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('nomination_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('visited_on', sa.Date(), nullable=False),
    sa.Column('visitor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('companion', sa.String(length=60), nullable=False),
    sa.Column('witnesses', sa.Integer(), nullable=False),
    sa.Column('report', sa.Text(), nullable=False),
    sa.Column('photo_keys', sa.Text(), nullable=False),
    sa.Column('is_true', sa.Boolean(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('valid_until > visited_on', name=op.f('ck_visit_valid_forward')),
    sa.CheckConstraint('witnesses >= 2', name=op.f('ck_visit_two_witnesses')),
    sa.ForeignKeyConstraint(['nomination_id'], ['nomination.id'], name=op.f('fk_visit_nomination_id_nomination')),
    sa.ForeignKeyConstraint(['visitor_id'], ['user.id'], name=op.f('fk_visit_visitor_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index('ix_visit_nomination', ['nomination_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_nomination')

    op.drop_table('visit')
    with op.batch_alter_table('opinion_request', schema=None) as batch_op:
        batch_op.drop_index('ix_opinion_request_open', sqlite_where=sa.text('outcome IS NULL'), postgresql_where=sa.text('outcome IS NULL'))

    op.drop_table('opinion_request')
    op.drop_table('nominee_facts')
    with op.batch_alter_table('clue', schema=None) as batch_op:
        batch_op.drop_index('ix_clue_new', sqlite_where=sa.text("status = 'new'"), postgresql_where=sa.text("status = 'new'"))

    op.drop_table('clue')
