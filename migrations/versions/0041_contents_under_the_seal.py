"""contents of rows under the seal, seals keyed with a secret that is not in the database, reasons kept

Revision 0041, after 0035, 2026-11-30 20:10
"""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

from civic.core import crypto
from civic.core.db import UtcDateTime

revision = '0041'
down_revision = '0035'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
BATCH = 5000
RECORD = sa.table(
    "audit_record", sa.column("id", KEY), sa.column("at", UtcDateTime()), sa.column("actor_id", KEY), sa.column("verb", sa.String()),
    sa.column("subject_kind", sa.String()), sa.column("subject_id", KEY), sa.column("region_path", sa.String()), sa.column("facts", sa.Text()),
    sa.column("seal_number", KEY), sa.column("seal", sa.String()),
)
HEAD = sa.table("audit_head", sa.column("seal", sa.String()))
SCORE = sa.table("jury_score", sa.column("id", KEY), sa.column("jury_id", KEY), sa.column("nomination_id", KEY), sa.column("score", sa.Integer()), sa.column("mark", sa.String()))


def upgrade() -> None:
    with op.batch_alter_table("audit_record") as batch:
        batch.add_column(sa.Column("reason", sa.Text(), nullable=True))
    op.create_table(
        "content_seal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("row_id", KEY, nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("record_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["audit_record.id"], name=op.f("fk_content_seal_record_id_audit_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_seal")),
    )
    op.create_index("ix_content_seal_row", "content_seal", ["kind", "row_id", "id"])
    op.create_index("ix_content_seal_record", "content_seal", ["record_id", "id"])
    with op.batch_alter_table("jury_score") as batch:
        batch.add_column(sa.Column("mark", sa.String(length=64), nullable=True))
    link = op.get_bind()
    for row in link.execute(sa.select(SCORE)).all():
        words = json.dumps(["content", "jury_score", None, "", row.jury_id, row.nomination_id, row.score], ensure_ascii=False)
        link.execute(sa.update(SCORE).where(SCORE.c.id == row.id).values(mark=crypto.mark(words)))
    _seal_anew(_plain, _keyed)


def downgrade() -> None:
    _seal_anew(_keyed, _plain)
    with op.batch_alter_table("jury_score") as batch:
        batch.drop_column("mark")
    op.drop_table("content_seal")
    with op.batch_alter_table("audit_record") as batch:
        batch.drop_column("reason")


def _plain(previous, number, values):
    return hashlib.sha256(json.dumps([previous, number, *values], ensure_ascii=False).encode()).hexdigest()


def _keyed(previous, number, values):
    return crypto.mark(json.dumps(["record", previous, number, *values], ensure_ascii=False))


def _seal_anew(before, after):
    """Walk the chain and set each seal under the other rule. What does not hold is left as it stands, so that it goes on being found."""
    link = op.get_bind()
    old, new, last = "", "", 0
    while True:
        rows = link.execute(sa.select(RECORD).where(RECORD.c.seal_number > last).order_by(RECORD.c.seal_number).limit(BATCH)).all()
        if not rows:
            break
        changes = []
        for row in rows:
            values = [row.id, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.actor_id, row.verb, row.subject_kind, row.subject_id, row.region_path, row.facts]
            holds = before(old, row.seal_number, values) == row.seal and row.seal_number == last + 1
            old, last = row.seal, row.seal_number
            new = after(new, row.seal_number, values) if holds else row.seal
            changes.append({"key": row.id, "made": new})
        link.execute(sa.update(RECORD).where(RECORD.c.id == sa.bindparam("key")).values(seal=sa.bindparam("made")), changes)
    # Only a head that was right is carried over.
    link.execute(sa.update(HEAD).where(HEAD.c.seal == old).values(seal=new))
