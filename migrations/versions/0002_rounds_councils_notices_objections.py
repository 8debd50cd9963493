"""rounds councils notices objections

Revision 0002, after 0001, 2026-11-24 11:20:06.869586
"""

from collections.abc import Iterable, Mapping
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

STATUSES = ["submitted", "in_review", "returned", "elected", "declined", "withdrawn"]
NEW_STATUSES = ["submitted", "in_review", "returned", "ready", "proposed", "noticed", "held", "elected", "declined", "withdrawn"]
VERBS = ["submit", "take", "release", "hand_over", "return", "resubmit", "resume", "endorse", "elect", "decline", "withdraw"]
NEW_VERBS = [*VERBS[:10], "pass", "propose", "recall", "post", "object", "dismiss", "uphold", "withdraw"]
LEVEL_WORDS = "verb IN ('endorse', 'elect', 'decline'%s)"

RULE_COLUMNS = [
    ("by_round", sa.Boolean(), sa.false()),
    ("council", sa.String(length=30), "council"),
    ("quorum_numerator", sa.Integer(), "2"),
    ("quorum_denominator", sa.Integer(), "3"),
    ("pass_percent", sa.Integer(), "50"),
    ("pass_score", sa.Integer(), "60"),
    ("notice_days", sa.Integer(), "5"),
    ("notice_in_working_days", sa.Boolean(), sa.true()),
    ("objection_days", sa.Integer(), "10"),
    ("needs_visit", sa.Boolean(), sa.false()),
    ("needs_opinions", sa.Boolean(), sa.false()),
]
RULE_CHECKS = {
    "council": sa.column("council").in_(["none", "council", "panel"]),
    "quorum_sane": sa.text("quorum_numerator BETWEEN 1 AND quorum_denominator"),
    "pass_sane": sa.text("pass_percent BETWEEN 50 AND 99 AND pass_score BETWEEN 1 AND 100"),
    "notice_days_sane": sa.text("notice_days BETWEEN 1 AND 60 AND objection_days BETWEEN 1 AND 60"),
    "board_days_sane": sa.text("board_days IS NULL OR board_days BETWEEN 1 AND 3660"),
}
CASE_CHECKS = {
    "proposed_has_round": sa.text("(status IN ('proposed', 'noticed', 'held')) = (round_id IS NOT NULL)"),
    "proposed_has_direction": sa.text("(round_id IS NULL) = (proposed_upward IS NULL)"),
    "nothing_above_city": sa.text("proposed_upward IS NOT TRUE OR level < 5"),
    "carried_sane": sa.text("carried BETWEEN 0 AND 3"),
}


def _decision_checks(statuses: list[str], verbs: list[str], reasons: str, deciders: str) -> dict:
    return {
        "verb": sa.column("verb").in_(verbs),
        "before": sa.column("before").in_(statuses),
        "after": sa.column("after").in_(statuses),
        "reason_given": sa.text(f"verb NOT IN ('return', 'decline', 'hand_over'{reasons}) OR reason IS NOT NULL"),
        "decided_by_somebody": sa.text(f"verb NOT IN ('endorse', 'elect', 'decline'{deciders}) OR actor_id IS NOT NULL"),
    }


@contextmanager
def altered(table: str, gone: Iterable[str] = (), new: Mapping = {}):  # noqa: B006
    """Alter a table and exchange some of its CHECKs."""
    with op.batch_alter_table(table) as batch:
        for name in gone:
            batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        yield batch
        for name, text in new.items():
            batch.create_check_constraint(op.f(f"ck_{table}_{name}"), text)


def _level_index(extra: str) -> None:
    where = sa.text(LEVEL_WORDS % extra)
    op.create_index(
        "uq_nomination_decision_level", "nomination_decision", ["nomination_id", "level"], unique=True,
        sqlite_where=where, postgresql_where=where,
    )


def upgrade() -> None:
    op.create_table('council_member',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_path', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('standing', sa.String(length=40), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('named_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('until >= since', name=op.f('ck_council_member_term_runs_forward')),
    sa.ForeignKeyConstraint(['named_by_id'], ['user.id'], name=op.f('fk_council_member_named_by_id_user')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_council_member_person_id_person')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_council_member_region_id_region')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_council_member'))
    )
    with op.batch_alter_table('council_member', schema=None) as batch_op:
        batch_op.create_index('ix_council_member_person', ['person_id'], unique=False)
        batch_op.create_index('uq_council_member_sitting', ['region_id', 'person_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('honour_change',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('honour_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('before', sa.Enum('active', 'suspended', 'revoked', 'expired', name='before', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('after', sa.Enum('active', 'suspended', 'revoked', 'expired', name='after', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('document', sa.String(length=80), nullable=True),
    sa.Column('actor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("after <> 'revoked' OR document IS NOT NULL", name=op.f('ck_honour_change_revoked_by_document')),
    sa.CheckConstraint("after = 'expired' OR actor_id IS NOT NULL", name=op.f('ck_honour_change_changed_by_somebody')),
    sa.CheckConstraint('before <> after', name=op.f('ck_honour_change_something_changed')),
    sa.ForeignKeyConstraint(['actor_id'], ['user.id'], name=op.f('fk_honour_change_actor_id_user')),
    sa.ForeignKeyConstraint(['honour_id'], ['honour.id'], name=op.f('fk_honour_change_honour_id_honour')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_honour_change'))
    )
    with op.batch_alter_table('honour_change', schema=None) as batch_op:
        batch_op.create_index('ix_honour_change_honour', ['honour_id'], unique=False)

    op.create_table('round',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_path', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('cadence', sa.Enum('monthly', 'quarterly', 'half_yearly', 'all_year', name='cadence', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('is_urgent', sa.Boolean(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('document', sa.String(length=80), nullable=True),
    sa.Column('rule_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('status', sa.Enum('open', 'noticed', 'closed', 'cancelled', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('opened_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)", name=op.f('ck_round_closed_has_closer')),
    sa.CheckConstraint('closes_on >= opens_on', name=op.f('ck_round_closes_after_opening')),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_round_level_known')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['user.id'], name=op.f('fk_round_closed_by_id_user')),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_round_opened_by_id_user')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_round_region_id_region')),
    sa.ForeignKeyConstraint(['rule_id'], ['level_rule.id'], name=op.f('fk_round_rule_id_level_rule')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round'))
    )
    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.create_index('ix_round_region_path', ['region_path', 'opens_on'], unique=False)
        batch_op.create_index('uq_round_running', ['region_id', 'is_urgent'], unique=True, sqlite_where=sa.text("status IN ('open', 'noticed')"), postgresql_where=sa.text("status IN ('open', 'noticed')"))

    op.create_table('council_meeting',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_path', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('is_secret', sa.Boolean(), nullable=False),
    sa.Column('is_on_paper', sa.Boolean(), nullable=False),
    sa.Column('by_score', sa.Boolean(), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('open', 'closed', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('minutes_key', sa.String(length=120), nullable=True),
    sa.Column('opened_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)", name=op.f('ck_council_meeting_closed_has_closer')),
    sa.CheckConstraint('seats >= 1', name=op.f('ck_council_meeting_has_seats')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['user.id'], name=op.f('fk_council_meeting_closed_by_id_user')),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_council_meeting_opened_by_id_user')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_council_meeting_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_council_meeting'))
    )
    with op.batch_alter_table('council_meeting', schema=None) as batch_op:
        batch_op.create_index('ix_council_meeting_round', ['round_id'], unique=False)
        batch_op.create_index('uq_council_meeting_open', ['round_id'], unique=True, sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))

    op.create_table('notice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_path', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('in_working_days', sa.Boolean(), nullable=False),
    sa.Column('published_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('days BETWEEN 1 AND 60', name=op.f('ck_notice_days_sane')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_notice_runs_forward')),
    sa.ForeignKeyConstraint(['published_by_id'], ['user.id'], name=op.f('fk_notice_published_by_id_user')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_notice_region_id_region')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_notice_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_round', ['round_id'], unique=False)

    op.create_table('round_quota',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('category_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.CheckConstraint('most BETWEEN 0 AND 1000', name=op.f('ck_round_quota_most_sane')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_round_quota_category_id_category')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_round_quota_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_quota')),
    sa.UniqueConstraint('round_id', 'category_id', name=op.f('uq_round_quota_round_id_category_id'))
    )
    op.create_table('council_attendance',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['council_meeting.id'], name=op.f('fk_council_attendance_meeting_id_council_meeting')),
    sa.ForeignKeyConstraint(['member_id'], ['council_member.id'], name=op.f('fk_council_attendance_member_id_council_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_council_attendance')),
    sa.UniqueConstraint('meeting_id', 'member_id', name=op.f('uq_council_attendance_meeting_id_member_id'))
    )
    op.create_table('council_recusal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('nomination_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ground', sa.Enum('self', 'kin', 'nominator', 'unit', 'declared', name='ground', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['council_meeting.id'], name=op.f('fk_council_recusal_meeting_id_council_meeting')),
    sa.ForeignKeyConstraint(['member_id'], ['council_member.id'], name=op.f('fk_council_recusal_member_id_council_member')),
    sa.ForeignKeyConstraint(['nomination_id'], ['nomination.id'], name=op.f('fk_council_recusal_nomination_id_nomination')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_council_recusal')),
    sa.UniqueConstraint('meeting_id', 'nomination_id', 'member_id', name=op.f('uq_council_recusal_meeting_id_nomination_id_member_id'))
    )
    op.create_table('council_verdict',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('nomination_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('yes', sa.Integer(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('abstain', sa.Integer(), nullable=False),
    sa.Column('present', sa.Integer(), nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('is_conflicting', sa.Boolean(), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=True),
    sa.CheckConstraint('(passed IS NULL) = (present IS NULL)', name=op.f('ck_council_verdict_settled_whole')),
    sa.CheckConstraint('present IS NULL OR yes + no + abstain <= present', name=op.f('ck_council_verdict_no_more_votes_than_present')),
    sa.CheckConstraint('yes >= 0 AND no >= 0 AND abstain >= 0', name=op.f('ck_council_verdict_counts_sane')),
    sa.ForeignKeyConstraint(['meeting_id'], ['council_meeting.id'], name=op.f('fk_council_verdict_meeting_id_council_meeting')),
    sa.ForeignKeyConstraint(['nomination_id'], ['nomination.id'], name=op.f('fk_council_verdict_nomination_id_nomination')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_council_verdict')),
    sa.UniqueConstraint('meeting_id', 'nomination_id', name=op.f('uq_council_verdict_meeting_id_nomination_id'))
    )
    with op.batch_alter_table('council_verdict', schema=None) as batch_op:
        batch_op.create_index('ix_council_verdict_nomination', ['nomination_id'], unique=False)

    op.create_table('council_vote',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meeting_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('nomination_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('choice', sa.Enum('yes', 'no', 'abstain', name='choice', native_enum=False, create_constraint=True, length=30), nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('choice IS NULL OR score IS NULL', name=op.f('ck_council_vote_choice_or_score')),
    sa.CheckConstraint('score IS NULL OR score BETWEEN 0 AND 100', name=op.f('ck_council_vote_score_in_range')),
    sa.ForeignKeyConstraint(['meeting_id'], ['council_meeting.id'], name=op.f('fk_council_vote_meeting_id_council_meeting')),
    sa.ForeignKeyConstraint(['member_id'], ['council_member.id'], name=op.f('fk_council_vote_member_id_council_member')),
    sa.ForeignKeyConstraint(['nomination_id'], ['nomination.id'], name=op.f('fk_council_vote_nomination_id_nomination')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_council_vote')),
    sa.UniqueConstraint('meeting_id', 'nomination_id', 'member_id', name=op.f('uq_council_vote_meeting_id_nomination_id_member_id'))
    )
    op.create_table('notice_item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('notice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('nomination_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('shown_name', sa.String(length=60), nullable=False),
    sa.Column('shown_sex', sa.String(length=10), nullable=True),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('headline', sa.String(length=70), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('days_left', sa.Integer(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_down_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(ends_at IS NULL) = (days_left IS NOT NULL)', name=op.f('ck_notice_item_runs_or_stands')),
    sa.CheckConstraint('taken_down_at IS NULL OR settled_at IS NOT NULL', name=op.f('ck_notice_item_taken_down_is_settled')),
    sa.ForeignKeyConstraint(['nomination_id'], ['nomination.id'], name=op.f('fk_notice_item_nomination_id_nomination')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_item_notice_id_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_item')),
    sa.UniqueConstraint('notice_id', 'nomination_id', name=op.f('uq_notice_item_notice_id_nomination_id'))
    )
    with op.batch_alter_table('notice_item', schema=None) as batch_op:
        batch_op.create_index('ix_notice_item_nomination', ['nomination_id'], unique=False)
        batch_op.create_index('ix_notice_item_running', ['ends_at', 'id'], unique=False, sqlite_where=sa.text('settled_at IS NULL'), postgresql_where=sa.text('settled_at IS NULL'))

    op.create_table('objection',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_path', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('kind', sa.Enum('untrue', 'somebody_else', 'more', 'wording', name='kind', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('contact', sa.Text(), nullable=True),
    sa.Column('status', sa.Enum('received', 'investigating', 'not_accepted', 'rejected', 'upheld', name='status', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('investigator_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('finding', sa.Text(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(status IN ('not_accepted', 'rejected', 'upheld')) = (closed_at IS NOT NULL AND answer IS NOT NULL)", name=op.f('ck_objection_closed_has_answer')),
    sa.CheckConstraint("status = 'received' OR investigator_id IS NOT NULL", name=op.f('ck_objection_worked_by_somebody')),
    sa.CheckConstraint("status NOT IN ('rejected', 'upheld') OR finding IS NOT NULL", name=op.f('ck_objection_finding_given')),
    sa.ForeignKeyConstraint(['investigator_id'], ['user.id'], name=op.f('fk_objection_investigator_id_user')),
    sa.ForeignKeyConstraint(['item_id'], ['notice_item.id'], name=op.f('fk_objection_item_id_notice_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objection'))
    )
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.create_index('ix_objection_item', ['item_id'], unique=False)
        batch_op.create_index('ix_objection_open', ['region_path', 'due_at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    op.add_column("honour", sa.Column("document", sa.String(length=80), nullable=True))
    op.add_column("honour", sa.Column("until", sa.Date(), nullable=True))
    active = sa.text("status = 'active'")
    op.create_index("ix_honour_until", "honour", ["until"], sqlite_where=active, postgresql_where=active)
    with altered("level_rule", new=RULE_CHECKS) as batch:
        for name, kind, default in RULE_COLUMNS:
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=default))
        batch.add_column(sa.Column("board_days", sa.Integer(), nullable=True))
    with altered("nomination", gone=["status"], new={"status": sa.column("status").in_(NEW_STATUSES), **CASE_CHECKS}) as batch:
        batch.add_column(sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch.add_column(sa.Column("proposed_upward", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("carried", sa.Integer(), nullable=False, server_default="0"))
        batch.create_foreign_key(op.f("fk_nomination_round_id_round"), "round", ["round_id"], ["id"])
    proposed = sa.text("round_id IS NOT NULL")
    op.create_index("ix_nomination_round", "nomination", ["round_id"], sqlite_where=proposed, postgresql_where=proposed)
    op.drop_index("uq_nomination_decision_level", "nomination_decision")
    new = _decision_checks(NEW_STATUSES, NEW_VERBS, ", 'recall', 'uphold'", ", 'uphold'")
    with altered("nomination_decision", gone=new, new=new):
        pass
    _level_index(", 'uphold'")


def downgrade() -> None:
    op.drop_index("uq_nomination_decision_level", "nomination_decision")
    old = _decision_checks(STATUSES, VERBS, "", "")
    with altered("nomination_decision", gone=old, new=old):
        pass
    _level_index("")
    op.drop_index("ix_nomination_round", "nomination")
    with altered("nomination", gone=["status", *CASE_CHECKS], new={"status": sa.column("status").in_(STATUSES)}) as batch:
        batch.drop_constraint(op.f("fk_nomination_round_id_round"), type_="foreignkey")
        for name in ("carried", "proposed_upward", "round_id"):
            batch.drop_column(name)
    with altered("level_rule", gone=RULE_CHECKS) as batch:
        for name in ("board_days", *(column[0] for column in RULE_COLUMNS)):
            batch.drop_column(name)
    op.drop_index("ix_honour_until", "honour")
    with altered("honour") as batch:
        batch.drop_column("until")
        batch.drop_column("document")
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.drop_index('ix_objection_open', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index('ix_objection_item')

    op.drop_table('objection')
    with op.batch_alter_table('notice_item', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_item_running', sqlite_where=sa.text('settled_at IS NULL'), postgresql_where=sa.text('settled_at IS NULL'))
        batch_op.drop_index('ix_notice_item_nomination')

    op.drop_table('notice_item')
    op.drop_table('council_vote')
    with op.batch_alter_table('council_verdict', schema=None) as batch_op:
        batch_op.drop_index('ix_council_verdict_nomination')

    op.drop_table('council_verdict')
    op.drop_table('council_recusal')
    op.drop_table('council_attendance')
    op.drop_table('round_quota')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_round')

    op.drop_table('notice')
    with op.batch_alter_table('council_meeting', schema=None) as batch_op:
        batch_op.drop_index('uq_council_meeting_open', sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))
        batch_op.drop_index('ix_council_meeting_round')

    op.drop_table('council_meeting')
    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.drop_index('uq_round_running', sqlite_where=sa.text("status IN ('open', 'noticed')"), postgresql_where=sa.text("status IN ('open', 'noticed')"))
        batch_op.drop_index('ix_round_region_path')

    op.drop_table('round')
    with op.batch_alter_table('honour_change', schema=None) as batch_op:
        batch_op.drop_index('ix_honour_change_honour')

    op.drop_table('honour_change')
    with op.batch_alter_table('council_member', schema=None) as batch_op:
        batch_op.drop_index('uq_council_member_sitting', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_council_member_person')

    op.drop_table('council_member')
