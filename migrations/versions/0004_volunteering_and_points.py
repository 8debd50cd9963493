"""volunteering and points

Revision 0004, after 0003, 2026-11-24 14:47:16.818804
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


ROLES = ["steward", "reviewer", "region_admin", "city_admin", "auditor"]
FITS = (
    "(role = 'steward' AND level = 1) OR (role = 'reviewer' AND level BETWEEN 2 AND 5)"
    " OR (role = 'region_admin' AND level BETWEEN 2 AND 4) OR (role = 'city_admin' AND level = 5)"
)
AUDITOR = " OR (role = 'auditor' AND level BETWEEN 2 AND 5)"
ORGANISER = " OR (role IN ('organiser', 'auditor') AND level BETWEEN 2 AND 5)"


def _roles(roles: list[str], fits: str) -> None:
    """Exchange the two CHECKs that name the roles."""
    with op.batch_alter_table("grant") as batch:
        for name in ("role", "role_fits_level"):
            batch.drop_constraint(op.f(f"ck_grant_{name}"), type_="check")
        batch.create_check_constraint(op.f("ck_grant_role"), sa.column("role").in_(roles))
        batch.create_check_constraint(op.f("ck_grant_role_fits_level"), sa.text(FITS + fits))


def upgrade() -> None:
    _roles([*ROLES[:4], "organiser", "auditor"], ORGANISER)
    op.create_table('hours_policy',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('least_minutes', sa.Integer(), nullable=False),
    sa.Column('most_a_day', sa.Integer(), nullable=False),
    sa.Column('grace_minutes', sa.Integer(), nullable=False),
    sa.Column('missing_out_percent', sa.Integer(), nullable=False),
    sa.Column('objection_days', sa.Integer(), nullable=False),
    sa.Column('leader_days', sa.Integer(), nullable=False),
    sa.CheckConstraint('least_minutes BETWEEN 0 AND 120 AND most_a_day BETWEEN 60 AND 1440 AND grace_minutes BETWEEN 0 AND 240 AND missing_out_percent BETWEEN 0 AND 100 AND objection_days BETWEEN 0 AND 30 AND leader_days BETWEEN 0 AND 30', name=op.f('ck_hours_policy_numbers_sane')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hours_policy')),
    sa.UniqueConstraint('since', name=op.f('uq_hours_policy_since'))
    )
    op.create_table('point_tariff',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('per_hour', sa.Integer(), nullable=False),
    sa.Column('most_a_day', sa.Integer(), nullable=False),
    sa.Column('most_a_month', sa.Integer(), nullable=False),
    sa.Column('lasts_days', sa.Integer(), nullable=False),
    sa.CheckConstraint('lasts_days BETWEEN 1 AND 36600', name=op.f('ck_point_tariff_lasts_sane')),
    sa.CheckConstraint('most_a_day >= 0 AND most_a_month >= most_a_day', name=op.f('ck_point_tariff_caps_in_order')),
    sa.CheckConstraint('per_hour BETWEEN 0 AND 1000', name=op.f('ck_point_tariff_per_hour_sane')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_point_tariff')),
    sa.UniqueConstraint('since', name=op.f('uq_point_tariff_since'))
    )
    op.create_table('star_rule',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('stars', sa.Integer(), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.CheckConstraint('stars BETWEEN 1 AND 5 AND hours > 0', name=op.f('ck_star_rule_sane')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_star_rule')),
    sa.UniqueConstraint('since', 'stars', name=op.f('uq_star_rule_since_stars'))
    )
    op.create_table('volunteer_series',
    sa.Column('key', sa.String(length=10), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_volunteer_series'))
    )
    op.create_table('good',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_path', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('donor', sa.String(length=60), nullable=False),
    sa.Column('counter', sa.String(length=80), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('received', sa.Integer(), nullable=False),
    sa.Column('stock', sa.Integer(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.CheckConstraint('points BETWEEN 1 AND 100000', name=op.f('ck_good_points_sane')),
    sa.CheckConstraint('stock BETWEEN 0 AND received', name=op.f('ck_good_stock_sane')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_good_region_id_region')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_good'))
    )
    with op.batch_alter_table('good', schema=None) as batch_op:
        batch_op.create_index('ix_good_region', ['region_path'], unique=False)

    op.create_table('point_factor',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tariff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.CheckConstraint('percent BETWEEN 0 AND 500', name=op.f('ck_point_factor_percent_sane')),
    sa.ForeignKeyConstraint(['tariff_id'], ['point_tariff.id'], name=op.f('fk_point_factor_tariff_id_point_tariff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_point_factor')),
    sa.UniqueConstraint('tariff_id', 'role', name=op.f('uq_point_factor_tariff_id_role'))
    )
    op.create_table('team',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_path', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('calendar_key', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['parent_id'], ['team.id'], name=op.f('fk_team_parent_id_team')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_team_region_id_region')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('calendar_key', name=op.f('uq_team_calendar_key')),
    sa.UniqueConstraint('region_id', 'name', name=op.f('uq_team_region_id_name'))
    )
    with op.batch_alter_table('team', schema=None) as batch_op:
        batch_op.create_index('ix_team_region', ['region_path'], unique=False)

    op.create_table('certificate',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('records', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Enum('valid', 'revoked', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_for', sa.String(length=200), nullable=True),
    sa.CheckConstraint("(status = 'revoked') = (revoked_for IS NOT NULL)", name=op.f('ck_certificate_revoked_has_reason')),
    sa.CheckConstraint('last >= first AND minutes >= 0', name=op.f('ck_certificate_period_in_order')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_certificate_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('number', name=op.f('uq_certificate_number'))
    )
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.create_index('ix_certificate_person', ['person_id'], unique=False)

    op.create_table('point_balance',
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.CheckConstraint('points >= 0', name=op.f('ck_point_balance_never_negative')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_point_balance_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_point_balance'))
    )
    op.create_table('team_member',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('is_leader', sa.Boolean(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_team_member_person_id_person')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_member_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_member')),
    sa.UniqueConstraint('team_id', 'person_id', name=op.f('uq_team_member_team_id_person_id'))
    )
    with op.batch_alter_table('team_member', schema=None) as batch_op:
        batch_op.create_index('ix_team_member_person', ['person_id'], unique=False)

    op.create_table('volunteer',
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('guardian_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('guardian_consented_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('verified_minutes', sa.Integer(), nullable=False),
    sa.Column('attested_minutes', sa.Integer(), nullable=False),
    sa.Column('stars', sa.Integer(), nullable=False),
    sa.Column('calendar_key', sa.String(length=64), nullable=True),
    sa.CheckConstraint('guardian_id IS NULL OR guardian_id <> person_id', name=op.f('ck_volunteer_not_own_guardian')),
    sa.CheckConstraint('stars BETWEEN 0 AND 5', name=op.f('ck_volunteer_stars_sane')),
    sa.CheckConstraint('verified_minutes >= 0 AND attested_minutes >= 0', name=op.f('ck_volunteer_minutes_sane')),
    sa.ForeignKeyConstraint(['guardian_id'], ['person.id'], name=op.f('fk_volunteer_guardian_id_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_volunteer_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_volunteer')),
    sa.UniqueConstraint('calendar_key', name=op.f('uq_volunteer_calendar_key')),
    sa.UniqueConstraint('number', name=op.f('uq_volunteer_number'))
    )
    with op.batch_alter_table('volunteer', schema=None) as batch_op:
        batch_op.create_index('ix_volunteer_guardian', ['guardian_id'], unique=False)

    op.create_table('event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_path', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('subtitle', sa.String(length=40), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('requirements', sa.String(length=300), nullable=False),
    sa.Column('kit', sa.String(length=200), nullable=False),
    sa.Column('risk', sa.Enum('indoor', 'outdoor', 'road', 'high', name='risk', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('insurance_number', sa.String(length=60), nullable=True),
    sa.Column('insured_from', sa.Date(), nullable=True),
    sa.Column('insured_until', sa.Date(), nullable=True),
    sa.Column('briefing', sa.Text(), nullable=True),
    sa.Column('police_contact', sa.String(length=60), nullable=True),
    sa.Column('emergency_contact', sa.String(length=60), nullable=True),
    sa.Column('status', sa.Enum('draft', 'published', 'closed', 'cancelled', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('opens_days', sa.Integer(), nullable=False),
    sa.Column('closes_hours', sa.Integer(), nullable=False),
    sa.Column('withdraw_hours', sa.Integer(), nullable=False),
    sa.Column('gap_minutes', sa.Integer(), nullable=False),
    sa.Column('most_a_month', sa.Integer(), nullable=True),
    sa.Column('organiser_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("risk NOT IN ('road', 'high') OR status = 'draft' OR (insurance_number IS NOT NULL AND insured_from IS NOT NULL AND insured_until IS NOT NULL AND briefing IS NOT NULL AND police_contact IS NOT NULL AND emergency_contact IS NOT NULL)", name=op.f('ck_event_road_is_guarded')),
    sa.CheckConstraint("status = 'draft' OR published_at IS NOT NULL OR status = 'cancelled'", name=op.f('ck_event_published_has_time')),
    sa.CheckConstraint('insured_until IS NULL OR insured_from IS NULL OR insured_until >= insured_from', name=op.f('ck_event_cover_in_order')),
    sa.CheckConstraint('opens_days BETWEEN 1 AND 120 AND closes_hours BETWEEN 0 AND 240 AND withdraw_hours BETWEEN 0 AND 240 AND gap_minutes BETWEEN 0 AND 600', name=op.f('ck_event_times_sane')),
    sa.ForeignKeyConstraint(['organiser_id'], ['user.id'], name=op.f('fk_event_organiser_id_user')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_event_region_id_region')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_event_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.create_index('ix_event_region', ['region_path', 'id'], unique=False)
        batch_op.create_index('ix_event_team', ['team_id'], unique=False)

    op.create_table('point_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('earn', 'redeem', 'restore', 'expire', 'reverse', name='kind', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('balance_after', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.String(length=20), nullable=False),
    sa.Column('words', sa.String(length=80), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tariff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('actor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reverses_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint("(kind = 'reverse') = (reverses_id IS NOT NULL)", name=op.f('ck_point_entry_reverse_names_entry')),
    sa.CheckConstraint("(kind IN ('earn', 'restore') AND points >= 0) OR (kind NOT IN ('earn', 'restore') AND points <= 0)", name=op.f('ck_point_entry_sign_by_kind')),
    sa.CheckConstraint('balance_after >= 0', name=op.f('ck_point_entry_never_negative')),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_point_entry_actor_id_user')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_point_entry_person_id_person')),
    sa.ForeignKeyConstraint(['reverses_id'], ['point_entry.id'], name=op.f('fk_point_entry_reverses_id_point_entry')),
    sa.ForeignKeyConstraint(['tariff_id'], ['point_tariff.id'], name=op.f('fk_point_entry_tariff_id_point_tariff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_point_entry')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_point_entry_reverses_id')),
    sa.UniqueConstraint('source', 'reason', name=op.f('uq_point_entry_source_reason'))
    )
    with op.batch_alter_table('point_entry', schema=None) as batch_op:
        batch_op.create_index('ix_point_entry_day', ['person_id', 'day'], unique=False)
        batch_op.create_index('ix_point_entry_person', ['person_id', 'id'], unique=False)

    op.create_table('redemption',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('good_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('request', sa.String(length=40), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('held', 'handed', 'cancelled', 'lapsed', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('code_digest', sa.String(length=64), nullable=False),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint("(status = 'handed') = (handed_by_id IS NOT NULL)", name=op.f('ck_redemption_handed_by_somebody')),
    sa.CheckConstraint("(status = 'held') = (ended_at IS NULL)", name=op.f('ck_redemption_ended_has_time')),
    sa.ForeignKeyConstraint(['good_id'], ['good.id'], name=op.f('fk_redemption_good_id_good')),
    sa.ForeignKeyConstraint(['handed_by_id'], ['user.id'], name=op.f('fk_redemption_handed_by_id_user')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_redemption_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redemption')),
    sa.UniqueConstraint('person_id', 'request', name=op.f('uq_redemption_person_id_request'))
    )
    with op.batch_alter_table('redemption', schema=None) as batch_op:
        batch_op.create_index('ix_redemption_code', ['code_digest'], unique=True, sqlite_where=sa.text("status = 'held'"), postgresql_where=sa.text("status = 'held'"))
        batch_op.create_index('ix_redemption_due', ['until'], unique=False, sqlite_where=sa.text("status = 'held'"), postgresql_where=sa.text("status = 'held'"))
        batch_op.create_index('ix_redemption_good', ['good_id'], unique=False)
        batch_op.create_index('ix_redemption_person', ['person_id', 'id'], unique=False)

    op.create_table('pattern',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.Column('working_days_only', sa.Boolean(), nullable=False),
    sa.Column('least', sa.Integer(), nullable=False),
    sa.Column('normal', sa.Integer(), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.CheckConstraint('ends > starts', name=op.f('ck_pattern_in_order')),
    sa.CheckConstraint('least >= 1 AND normal >= least AND most >= normal AND most <= 500', name=op.f('ck_pattern_numbers_in_order')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_pattern_event_id_event')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pattern')),
    sa.UniqueConstraint('event_id', 'starts', 'ends', name=op.f('uq_pattern_event_id_starts_ends'))
    )
    op.create_table('point_lot',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('left', sa.Integer(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.CheckConstraint('points > 0 AND "left" BETWEEN 0 AND points', name=op.f('ck_point_lot_left_sane')),
    sa.ForeignKeyConstraint(['entry_id'], ['point_entry.id'], name=op.f('fk_point_lot_entry_id_point_entry')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_point_lot_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_point_lot')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_point_lot_entry_id'))
    )
    with op.batch_alter_table('point_lot', schema=None) as batch_op:
        batch_op.create_index('ix_point_lot_expiry', ['expires_on', 'id'], unique=False, sqlite_where=sa.text('"left" > 0'), postgresql_where=sa.text('"left" > 0'))
        batch_op.create_index('ix_point_lot_person', ['person_id', 'expires_on', 'id'], unique=False, sqlite_where=sa.text('"left" > 0'), postgresql_where=sa.text('"left" > 0'))

    op.create_table('point_shortfall',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decision', sa.String(length=300), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('(decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)', name=op.f('ck_point_shortfall_decided_whole')),
    sa.CheckConstraint('points > 0', name=op.f('ck_point_shortfall_short_of_something')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_point_shortfall_decided_by_id_user')),
    sa.ForeignKeyConstraint(['entry_id'], ['point_entry.id'], name=op.f('fk_point_shortfall_entry_id_point_entry')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_point_shortfall_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_point_shortfall')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_point_shortfall_entry_id'))
    )
    op.create_table('post',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('corner', sa.String(length=60), nullable=False),
    sa.Column('role', sa.Enum('guide', 'cycles', 'yielding', 'leader', 'recorder', 'station', 'general', name='role', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('is_on_carriageway', sa.Boolean(), nullable=False),
    sa.Column('x', sa.Integer(), nullable=True),
    sa.Column('y', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('(x IS NULL) = (y IS NULL) AND (x IS NULL OR (x BETWEEN 0 AND 400 AND y BETWEEN 0 AND 430))', name=op.f('ck_post_on_the_map')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_post_event_id_event')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post')),
    sa.UniqueConstraint('event_id', 'name', 'role', name=op.f('uq_post_event_id_name_role'))
    )
    op.create_table('point_lot_use',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('lot_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.CheckConstraint('points <> 0', name=op.f('ck_point_lot_use_uses_something')),
    sa.ForeignKeyConstraint(['entry_id'], ['point_entry.id'], name=op.f('fk_point_lot_use_entry_id_point_entry')),
    sa.ForeignKeyConstraint(['lot_id'], ['point_lot.id'], name=op.f('fk_point_lot_use_lot_id_point_lot')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_point_lot_use')),
    sa.UniqueConstraint('lot_id', 'entry_id', name=op.f('uq_point_lot_use_lot_id_entry_id'))
    )
    with op.batch_alter_table('point_lot_use', schema=None) as batch_op:
        batch_op.create_index('ix_point_lot_use_entry', ['entry_id'], unique=False)

    op.create_table('shift',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('post_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pattern_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('county_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('least', sa.Integer(), nullable=False),
    sa.Column('normal', sa.Integer(), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('waiting', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('open', 'cancelled', 'counted', 'settled', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('cancelled_for', sa.String(length=200), nullable=True),
    sa.CheckConstraint("(status = 'cancelled') = (cancelled_for IS NOT NULL)", name=op.f('ck_shift_cancelled_has_reason')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_shift_in_order')),
    sa.CheckConstraint('least >= 1 AND normal >= least AND most >= normal', name=op.f('ck_shift_numbers_in_order')),
    sa.CheckConstraint('taken BETWEEN 0 AND most', name=op.f('ck_shift_never_overfilled')),
    sa.CheckConstraint('waiting >= 0', name=op.f('ck_shift_waiting_sane')),
    sa.ForeignKeyConstraint(['county_id'], ['region.id'], name=op.f('fk_shift_county_id_region')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_shift_event_id_event')),
    sa.ForeignKeyConstraint(['pattern_id'], ['pattern.id'], name=op.f('fk_shift_pattern_id_pattern')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_shift_post_id_post')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shift')),
    sa.UniqueConstraint('post_id', 'starts_at', name=op.f('uq_shift_post_id_starts_at'))
    )
    with op.batch_alter_table('shift', schema=None) as batch_op:
        batch_op.create_index('ix_shift_county', ['county_id', 'starts_at', 'id'], unique=False, sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))
        batch_op.create_index('ix_shift_ended', ['ends_at'], unique=False, sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))
        batch_op.create_index('ix_shift_event_day', ['event_id', 'day'], unique=False)
        batch_op.create_index('ix_shift_open', ['starts_at', 'id'], unique=False, sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))

    op.create_table('sign_up',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('shift_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('status', sa.Enum('confirmed', 'waiting', 'offered', 'withdrawn', 'lapsed', 'cancelled', 'came', 'missed', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('basis', sa.Enum('self_signup', 'team_signup', 'unit_arranged', name='basis', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('is_working_time', sa.Boolean(), nullable=False),
    sa.Column('by_user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('offer_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('appeal', sa.String(length=300), nullable=True),
    sa.CheckConstraint("(status = 'offered') = (offer_until IS NOT NULL)", name=op.f('ck_sign_up_offer_has_end')),
    sa.CheckConstraint("status <> 'waiting' OR queued_at IS NOT NULL", name=op.f('ck_sign_up_waiting_has_turn')),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_sign_up_by_user_id_user')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_up_person_id_person')),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_sign_up_shift_id_shift')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_up')),
    sa.UniqueConstraint('shift_id', 'person_id', name=op.f('uq_sign_up_shift_id_person_id'))
    )
    with op.batch_alter_table('sign_up', schema=None) as batch_op:
        batch_op.create_index('ix_sign_up_line', ['shift_id', 'queued_at', 'id'], unique=False, sqlite_where=sa.text("status = 'waiting'"), postgresql_where=sa.text("status = 'waiting'"))
        batch_op.create_index('ix_sign_up_offer', ['offer_until'], unique=False, sqlite_where=sa.text("status = 'offered'"), postgresql_where=sa.text("status = 'offered'"))
        batch_op.create_index('ix_sign_up_person', ['person_id', 'starts_at'], unique=False)

    op.create_table('attestation',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sign_up_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('evidence', sa.String(length=300), nullable=False),
    sa.Column('requested_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_confirmed', sa.Boolean(), nullable=True),
    sa.CheckConstraint('minutes > 0', name=op.f('ck_attestation_minutes_sane')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> requested_by_id', name=op.f('ck_attestation_two_people')),
    sa.CheckConstraint('(decided_by_id IS NULL) = (decided_at IS NULL) AND (decided_by_id IS NULL) = (is_confirmed IS NULL)', name=op.f('ck_attestation_decided_whole')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_attestation_decided_by_id_user')),
    sa.ForeignKeyConstraint(['requested_by_id'], ['user.id'], name=op.f('fk_attestation_requested_by_id_user')),
    sa.ForeignKeyConstraint(['sign_up_id'], ['sign_up.id'], name=op.f('fk_attestation_sign_up_id_sign_up')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attestation')),
    sa.UniqueConstraint('sign_up_id', name=op.f('uq_attestation_sign_up_id'))
    )
    op.create_table('hours',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sign_up_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('shift_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('verified', 'attested', name='kind', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('policy_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('how', sa.String(length=30), nullable=False),
    sa.Column('earns_points', sa.Boolean(), nullable=False),
    sa.Column('drafted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('final_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('final_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('objection', sa.String(length=300), nullable=True),
    sa.Column('objected_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(length=300), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reverses_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint("kind = 'verified' OR NOT earns_points", name=op.f('ck_hours_attested_earns_nothing')),
    sa.CheckConstraint('(objection IS NULL) = (objected_at IS NULL) AND (answer IS NULL) = (answered_at IS NULL)', name=op.f('ck_hours_words_have_times')),
    sa.CheckConstraint('(reverses_id IS NULL) = (minutes >= 0)', name=op.f('ck_hours_sign_by_kind')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['user.id'], name=op.f('fk_hours_confirmed_by_id_user')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_hours_person_id_person')),
    sa.ForeignKeyConstraint(['policy_id'], ['hours_policy.id'], name=op.f('fk_hours_policy_id_hours_policy')),
    sa.ForeignKeyConstraint(['reverses_id'], ['hours.id'], name=op.f('fk_hours_reverses_id_hours')),
    sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], name=op.f('fk_hours_shift_id_shift')),
    sa.ForeignKeyConstraint(['sign_up_id'], ['sign_up.id'], name=op.f('fk_hours_sign_up_id_sign_up')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hours')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_hours_reverses_id'))
    )
    with op.batch_alter_table('hours', schema=None) as batch_op:
        batch_op.create_index('ix_hours_draft', ['final_from', 'id'], unique=False, sqlite_where=sa.text('final_at IS NULL'), postgresql_where=sa.text('final_at IS NULL'))
        batch_op.create_index('ix_hours_person', ['person_id', 'day', 'id'], unique=False)
        batch_op.create_index('ix_hours_shift', ['shift_id'], unique=False)
        batch_op.create_index('uq_hours_sign_up', ['sign_up_id'], unique=True, sqlite_where=sa.text('reverses_id IS NULL'), postgresql_where=sa.text('reverses_id IS NULL'))

    op.create_table('punch',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sign_up_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('direction', sa.Enum('in', 'out', name='direction', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('device_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('means', sa.Enum('tick', 'paper', 'kiosk', name='means', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('recorded_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('undoes_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('is_live', sa.Boolean(), nullable=False),
    sa.CheckConstraint('undoes_id IS NULL OR NOT is_live', name=op.f('ck_punch_undoing_counts_nothing')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], name=op.f('fk_punch_recorded_by_id_user')),
    sa.ForeignKeyConstraint(['sign_up_id'], ['sign_up.id'], name=op.f('fk_punch_sign_up_id_sign_up')),
    sa.ForeignKeyConstraint(['undoes_id'], ['punch.id'], name=op.f('fk_punch_undoes_id_punch')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_punch')),
    sa.UniqueConstraint('undoes_id', name=op.f('uq_punch_undoes_id'))
    )
    with op.batch_alter_table('punch', schema=None) as batch_op:
        batch_op.create_index('ix_punch_sign_up', ['sign_up_id', 'id'], unique=False)
        batch_op.create_index('uq_punch_live', ['sign_up_id', 'direction'], unique=True, sqlite_where=sa.text('is_live'), postgresql_where=sa.text('is_live'))

    op.create_table('sign_up_step',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sign_up_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('verb', sa.Enum('sign', 'wait', 'offer', 'accept', 'decline', 'lapse', 'withdraw', 'cancel', 'attend', 'miss', name='verb', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('after', sa.Enum('confirmed', 'waiting', 'offered', 'withdrawn', 'lapsed', 'cancelled', 'came', 'missed', name='after', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('actor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_sign_up_step_actor_id_user')),
    sa.ForeignKeyConstraint(['sign_up_id'], ['sign_up.id'], name=op.f('fk_sign_up_step_sign_up_id_sign_up')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_up_step'))
    )
    with op.batch_alter_table('sign_up_step', schema=None) as batch_op:
        batch_op.create_index('ix_sign_up_step_sign_up', ['sign_up_id', 'id'], unique=False)



def downgrade() -> None:
    op.execute("DELETE FROM \"grant\" WHERE role = 'organiser'")
    _roles(ROLES, AUDITOR)
    with op.batch_alter_table('sign_up_step', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_up_step_sign_up')

    op.drop_table('sign_up_step')
    with op.batch_alter_table('punch', schema=None) as batch_op:
        batch_op.drop_index('uq_punch_live', sqlite_where=sa.text('is_live'), postgresql_where=sa.text('is_live'))
        batch_op.drop_index('ix_punch_sign_up')

    op.drop_table('punch')
    with op.batch_alter_table('hours', schema=None) as batch_op:
        batch_op.drop_index('uq_hours_sign_up', sqlite_where=sa.text('reverses_id IS NULL'), postgresql_where=sa.text('reverses_id IS NULL'))
        batch_op.drop_index('ix_hours_shift')
        batch_op.drop_index('ix_hours_person')
        batch_op.drop_index('ix_hours_draft', sqlite_where=sa.text('final_at IS NULL'), postgresql_where=sa.text('final_at IS NULL'))

    op.drop_table('hours')
    with op.batch_alter_table('sign_up', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_up_person')
        batch_op.drop_index('ix_sign_up_offer', sqlite_where=sa.text("status = 'offered'"), postgresql_where=sa.text("status = 'offered'"))
        batch_op.drop_index('ix_sign_up_line', sqlite_where=sa.text("status = 'waiting'"), postgresql_where=sa.text("status = 'waiting'"))

    op.drop_table('attestation')
    op.drop_table('sign_up')
    with op.batch_alter_table('shift', schema=None) as batch_op:
        batch_op.drop_index('ix_shift_open', sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))
        batch_op.drop_index('ix_shift_event_day')
        batch_op.drop_index('ix_shift_ended', sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))
        batch_op.drop_index('ix_shift_county', sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))

    op.drop_table('shift')
    with op.batch_alter_table('point_lot_use', schema=None) as batch_op:
        batch_op.drop_index('ix_point_lot_use_entry')

    op.drop_table('point_lot_use')
    op.drop_table('post')
    op.drop_table('point_shortfall')
    with op.batch_alter_table('point_lot', schema=None) as batch_op:
        batch_op.drop_index('ix_point_lot_person', sqlite_where=sa.text('"left" > 0'), postgresql_where=sa.text('"left" > 0'))
        batch_op.drop_index('ix_point_lot_expiry', sqlite_where=sa.text('"left" > 0'), postgresql_where=sa.text('"left" > 0'))

    op.drop_table('point_lot')
    op.drop_table('pattern')
    with op.batch_alter_table('redemption', schema=None) as batch_op:
        batch_op.drop_index('ix_redemption_person')
        batch_op.drop_index('ix_redemption_good')
        batch_op.drop_index('ix_redemption_due', sqlite_where=sa.text("status = 'held'"), postgresql_where=sa.text("status = 'held'"))
        batch_op.drop_index('ix_redemption_code', sqlite_where=sa.text("status = 'held'"), postgresql_where=sa.text("status = 'held'"))

    op.drop_table('redemption')
    with op.batch_alter_table('point_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_point_entry_person')
        batch_op.drop_index('ix_point_entry_day')

    op.drop_table('point_entry')
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_index('ix_event_team')
        batch_op.drop_index('ix_event_region')

    op.drop_table('event')
    with op.batch_alter_table('volunteer', schema=None) as batch_op:
        batch_op.drop_index('ix_volunteer_guardian')

    op.drop_table('volunteer')
    with op.batch_alter_table('team_member', schema=None) as batch_op:
        batch_op.drop_index('ix_team_member_person')

    op.drop_table('team_member')
    op.drop_table('point_balance')
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.drop_index('ix_certificate_person')

    op.drop_table('certificate')
    with op.batch_alter_table('team', schema=None) as batch_op:
        batch_op.drop_index('ix_team_region')

    op.drop_table('team')
    op.drop_table('point_factor')
    with op.batch_alter_table('good', schema=None) as batch_op:
        batch_op.drop_index('ix_good_region')

    op.drop_table('good')
    op.drop_table('volunteer_series')
    op.drop_table('star_rule')
    op.drop_table('point_tariff')
    op.drop_table('hours_policy')
