"""drafts at addresses of their own

Revision 0030, after 0032, 2026-11-30 19:40
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0032'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('nomination_draft', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('uq_nomination_draft_token_digest'), type_='unique')
        batch_op.alter_column('token_digest', new_column_name='holder_digest', existing_type=sa.String(length=64), existing_nullable=False)
        batch_op.add_column(sa.Column('key', sa.String(length=43), nullable=True))
        batch_op.add_column(sa.Column('is_on_shared_device', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('voice_id', KEY, nullable=True))
    draft = sa.table('nomination_draft', sa.column('id'), sa.column('key'))
    connection = op.get_bind()
    for (number,) in connection.execute(sa.select(draft.c.id)).all():
        connection.execute(draft.update().where(draft.c.id == number).values(key=secrets.token_urlsafe(32)))
    with op.batch_alter_table('nomination_draft', schema=None) as batch_op:
        batch_op.alter_column('key', existing_type=sa.String(length=43), nullable=False)
        batch_op.alter_column('is_on_shared_device', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch_op.create_unique_constraint(op.f('uq_nomination_draft_key'), ['key'])
        batch_op.create_foreign_key(op.f('fk_nomination_draft_voice_id_nomination_voice'), 'nomination_voice', ['voice_id'], ['id'])
        batch_op.create_index('ix_nomination_draft_holder', ['holder_digest'], unique=False)


def downgrade() -> None:
    # A browser had one draft: of several only the last stays.
    connection = op.get_bind()
    draft = sa.table('nomination_draft', sa.column('id'), sa.column('holder_digest'))
    last = sa.select(sa.func.max(draft.c.id)).group_by(draft.c.holder_digest)
    older = [number for (number,) in connection.execute(sa.select(draft.c.id).where(draft.c.id.not_in(last))).all()]
    photo = sa.table('nomination_photo', sa.column('draft_id'))
    connection.execute(photo.delete().where(photo.c.draft_id.in_(older)))
    connection.execute(draft.delete().where(draft.c.id.in_(older)))
    with op.batch_alter_table('nomination_draft', schema=None) as batch_op:
        batch_op.drop_index('ix_nomination_draft_holder')
        batch_op.drop_constraint(op.f('fk_nomination_draft_voice_id_nomination_voice'), type_='foreignkey')
        batch_op.drop_constraint(op.f('uq_nomination_draft_key'), type_='unique')
        batch_op.drop_column('voice_id')
        batch_op.drop_column('is_on_shared_device')
        batch_op.drop_column('key')
        batch_op.alter_column('holder_digest', new_column_name='token_digest', existing_type=sa.String(length=64), existing_nullable=False)
        batch_op.create_unique_constraint(op.f('uq_nomination_draft_token_digest'), ['token_digest'])
