"""kiosks, pairings, keys of events, scans, member cards, kit; and when a place was last touched

Revision 0009, after 0008, 2026-11-24 21:08:05.583614
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('member_card',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('pin', sa.Text(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('revoked_for', sa.String(length=200), nullable=True),
    sa.CheckConstraint('(revoked_at IS NULL) = (revoked_by_id IS NULL) AND (revoked_at IS NULL) = (revoked_for IS NULL)', name=op.f('ck_member_card_revoked_has_reason')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['user.id'], name=op.f('fk_member_card_issued_by_id_user')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_member_card_person_id_person')),
    sa.ForeignKeyConstraint(['revoked_by_id'], ['user.id'], name=op.f('fk_member_card_revoked_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member_card')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_member_card_token_digest'))
    )
    with op.batch_alter_table('member_card', schema=None) as batch_op:
        batch_op.create_index('uq_member_card_valid', ['person_id'], unique=True, sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    op.create_table('event_key',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_event_key_event_id_event')),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_event_key'))
    )
    op.create_table('kiosk',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('scope', sa.Enum('region', 'team', 'event', name='scope', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_path', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('team_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('key_digest', sa.String(length=64), nullable=True),
    sa.Column('paired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pin_salt', sa.String(length=24), nullable=False),
    sa.Column('pin_rounds', sa.Integer(), nullable=False),
    sa.Column('pin_digest', sa.String(length=44), nullable=False),
    sa.Column('browser', sa.String(length=60), nullable=True),
    sa.Column('app', sa.String(length=20), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('battery', sa.Double(), nullable=True),
    sa.Column('drift', sa.Double(), nullable=True),
    sa.Column('drift_before', sa.Double(), nullable=True),
    sa.Column('queued', sa.Integer(), nullable=True),
    sa.Column('oldest_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('roster_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('revoked_for', sa.String(length=200), nullable=True),
    sa.CheckConstraint("(scope = 'region' AND team_id IS NULL AND event_id IS NULL) OR (scope = 'team' AND team_id IS NOT NULL AND event_id IS NULL) OR (scope = 'event' AND event_id IS NOT NULL AND team_id IS NULL)", name=op.f('ck_kiosk_scope_names_its_thing')),
    sa.CheckConstraint('(key_digest IS NULL) = (paired_at IS NULL)', name=op.f('ck_kiosk_paired_has_key')),
    sa.CheckConstraint('(revoked_at IS NULL) = (revoked_by_id IS NULL) AND (revoked_at IS NULL) = (revoked_for IS NULL)', name=op.f('ck_kiosk_revoked_has_reason')),
    sa.CheckConstraint('battery IS NULL OR battery BETWEEN 0 AND 1', name=op.f('ck_kiosk_battery_sane')),
    sa.CheckConstraint('pin_rounds >= 100000', name=op.f('ck_kiosk_pin_is_dear')),
    sa.CheckConstraint('queued IS NULL OR queued >= 0', name=op.f('ck_kiosk_queued_sane')),
    sa.CheckConstraint('until > created_at', name=op.f('ck_kiosk_period_in_order')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_kiosk_created_by_id_user')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_kiosk_event_id_event')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_kiosk_region_id_region')),
    sa.ForeignKeyConstraint(['revoked_by_id'], ['user.id'], name=op.f('fk_kiosk_revoked_by_id_user')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_kiosk_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kiosk')),
    sa.UniqueConstraint('key_digest', name=op.f('uq_kiosk_key_digest'))
    )
    with op.batch_alter_table('kiosk', schema=None) as batch_op:
        batch_op.create_index('ix_kiosk_event', ['event_id'], unique=False)
        batch_op.create_index('ix_kiosk_region', ['region_path', 'id'], unique=False)
        batch_op.create_index('ix_kiosk_team', ['team_id'], unique=False)

    op.create_table('pairing',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kiosk_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code_digest', sa.String(length=64), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('expires_at > opened_at', name=op.f('ck_pairing_lasts')),
    sa.ForeignKeyConstraint(['kiosk_id'], ['kiosk.id'], name=op.f('fk_pairing_kiosk_id_kiosk')),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_pairing_opened_by_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pairing')),
    sa.UniqueConstraint('code_digest', name=op.f('uq_pairing_code_digest'))
    )
    with op.batch_alter_table('pairing', schema=None) as batch_op:
        batch_op.create_index('ix_pairing_kiosk', ['kiosk_id', 'id'], unique=False)

    op.create_table('scan',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kiosk_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('scan_id', sa.String(length=64), nullable=False),
    sa.Column('content', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.Enum('punch', 'undo', 'kit', 'walk_in', name='kind', native_enum=False, create_constraint=True, length=30), nullable=True),
    sa.Column('counter', sa.BigInteger(), nullable=True),
    sa.Column('device_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('offset', sa.Double(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=True),
    sa.Column('place_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('alias', sa.String(length=40), nullable=True),
    sa.Column('direction', sa.Enum('in', 'out', name='direction', native_enum=False, create_constraint=True, length=30), nullable=True),
    sa.Column('way', sa.Enum('phone', 'card', 'wedge', 'tail', 'list', name='way', native_enum=False, create_constraint=True, length=30), nullable=True),
    sa.Column('raw', sa.Text(), nullable=True),
    sa.Column('undoes', sa.String(length=64), nullable=True),
    sa.Column('kit', sa.String(length=20), nullable=True),
    sa.Column('outcome', sa.Enum('recorded', 'undecided', 'refused', name='outcome', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('code', sa.Enum('in', 'out', 'undone', 'kit', 'again', 'second_kiosk', 'out_first', 'cancelled', 'not_signed_up', 'unknown_code', 'outside_window', 'clock_off', 'counted_already', 'malformed', 'not_yours', 'scan_id_reused', 'undo_unknown', 'undo_too_late', name='code', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('punch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decision', sa.Enum('count', 'count_at', 'drop', 'undone', 'resolved', name='decision', native_enum=False, create_constraint=True, length=30), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_for', sa.String(length=200), nullable=True),
    sa.Column('counts_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(counts_at IS NOT NULL) = (decision IS NOT NULL AND decision = 'count_at')", name=op.f('ck_scan_other_time_is_named')),
    sa.CheckConstraint("(outcome = 'recorded' AND code IN ('again', 'in', 'kit', 'out', 'undone')) OR (outcome = 'undecided' AND code IN ('cancelled', 'clock_off', 'counted_already', 'not_signed_up', 'out_first', 'outside_window', 'second_kiosk', 'unknown_code')) OR (outcome = 'refused' AND code IN ('malformed', 'not_yours', 'scan_id_reused', 'undo_too_late', 'undo_unknown'))", name=op.f('ck_scan_code_fits_outcome')),
    sa.CheckConstraint("code NOT IN ('in', 'out') OR punch_id IS NOT NULL", name=op.f('ck_scan_recorded_is_a_punch')),
    sa.CheckConstraint("decision IS NULL OR (decision IN ('count', 'count_at', 'drop')) = (decided_by_id IS NOT NULL)", name=op.f('ck_scan_decided_by_somebody')),
    sa.CheckConstraint("decision IS NULL OR outcome = 'undecided'", name=op.f('ck_scan_only_undecided_is_decided')),
    sa.CheckConstraint("outcome = 'refused' OR (kind IS NOT NULL AND device_at IS NOT NULL AND at IS NOT NULL)", name=op.f('ck_scan_understood_has_times')),
    sa.CheckConstraint('(decision IS NULL) = (decided_at IS NULL)', name=op.f('ck_scan_decided_has_time')),
    sa.CheckConstraint('counts_at IS NULL OR decided_for IS NOT NULL', name=op.f('ck_scan_other_time_has_reason')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_scan_decided_by_id_user')),
    sa.ForeignKeyConstraint(['kiosk_id'], ['kiosk.id'], name=op.f('fk_scan_kiosk_id_kiosk')),
    sa.ForeignKeyConstraint(['place_id'], ['sign_up.id'], name=op.f('fk_scan_place_id_sign_up')),
    sa.ForeignKeyConstraint(['punch_id'], ['punch.id'], name=op.f('fk_scan_punch_id_punch')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan')),
    sa.UniqueConstraint('kiosk_id', 'scan_id', name=op.f('uq_scan_kiosk_id_scan_id'))
    )
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.create_index('ix_scan_open', ['kiosk_id', 'id'], unique=False, sqlite_where=sa.text("outcome = 'undecided' AND decision IS NULL"), postgresql_where=sa.text("outcome = 'undecided' AND decision IS NULL"))
        batch_op.create_index('ix_scan_out_first', ['place_id'], unique=False, sqlite_where=sa.text("outcome = 'undecided' AND decision IS NULL AND code = 'out_first'"), postgresql_where=sa.text("outcome = 'undecided' AND decision IS NULL AND code = 'out_first'"))
        batch_op.create_index('ix_scan_punch', ['punch_id'], unique=False)

    op.create_table('kit_line',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('scan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item', sa.String(length=20), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('count IN (1, -1)', name=op.f('ck_kit_line_one_at_a_time')),
    sa.ForeignKeyConstraint(['place_id'], ['sign_up.id'], name=op.f('fk_kit_line_place_id_sign_up')),
    sa.ForeignKeyConstraint(['scan_id'], ['scan.id'], name=op.f('fk_kit_line_scan_id_scan')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kit_line')),
    sa.UniqueConstraint('scan_id', name=op.f('uq_kit_line_scan_id'))
    )
    with op.batch_alter_table('kit_line', schema=None) as batch_op:
        batch_op.create_index('ix_kit_line_place', ['place_id', 'item'], unique=False)

    with op.batch_alter_table('punch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kiosk_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_punch_kiosk_id_kiosk'), 'kiosk', ['kiosk_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_punch_kiosk_is_the_means'), "kiosk_id IS NULL OR means = 'kiosk'")

    with op.batch_alter_table('sign_up', schema=None) as batch_op:
        batch_op.add_column(sa.Column('touched_at', sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE sign_up SET touched_at = at")
    with op.batch_alter_table('sign_up', schema=None) as batch_op:
        batch_op.alter_column('touched_at', existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index('ix_sign_up_touched', ['shift_id', 'touched_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('sign_up', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_up_touched')
        batch_op.drop_column('touched_at')

    with op.batch_alter_table('punch', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_punch_kiosk_is_the_means'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_punch_kiosk_id_kiosk'), type_='foreignkey')
        batch_op.drop_column('kiosk_id')

    with op.batch_alter_table('kit_line', schema=None) as batch_op:
        batch_op.drop_index('ix_kit_line_place')

    op.drop_table('kit_line')
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.drop_index('ix_scan_punch')
        batch_op.drop_index('ix_scan_out_first', sqlite_where=sa.text("outcome = 'undecided' AND decision IS NULL AND code = 'out_first'"), postgresql_where=sa.text("outcome = 'undecided' AND decision IS NULL AND code = 'out_first'"))
        batch_op.drop_index('ix_scan_open', sqlite_where=sa.text("outcome = 'undecided' AND decision IS NULL"), postgresql_where=sa.text("outcome = 'undecided' AND decision IS NULL"))

    op.drop_table('scan')
    with op.batch_alter_table('pairing', schema=None) as batch_op:
        batch_op.drop_index('ix_pairing_kiosk')

    op.drop_table('pairing')
    with op.batch_alter_table('kiosk', schema=None) as batch_op:
        batch_op.drop_index('ix_kiosk_team')
        batch_op.drop_index('ix_kiosk_region')
        batch_op.drop_index('ix_kiosk_event')

    op.drop_table('kiosk')
    op.drop_table('event_key')
    with op.batch_alter_table('member_card', schema=None) as batch_op:
        batch_op.drop_index('uq_member_card_valid', sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    op.drop_table('member_card')
