"""nominators whose account closed: their contact goes, their word stays

Revision 0034, after 0031, 2026-11-30 19:40
"""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0031'
branch_labels = None
depends_on = None

REACHABLE = "phone IS NOT NULL OR email IS NOT NULL OR entered_by_id IS NOT NULL"


def upgrade() -> None:
    with op.batch_alter_table("nomination_voice") as batch:
        batch.add_column(sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("nomination_voice") as batch:
        batch.drop_constraint(op.f("ck_nomination_voice_reachable"), type_="check")
        batch.create_check_constraint(op.f("ck_nomination_voice_reachable"), sa.text(f"{REACHABLE} OR forgotten_at IS NOT NULL"))
        batch.create_check_constraint(op.f("ck_nomination_voice_forgotten_whole"), sa.text("forgotten_at IS NULL OR (phone IS NULL AND email IS NULL)"))


def downgrade() -> None:
    # Whoever was forgotten stays so: the row needs some contact again, and says that it is none.
    op.execute(sa.text("UPDATE nomination_voice SET entered_by_id = (SELECT min(id) FROM \"user\"), told_how = 'in_person' WHERE forgotten_at IS NOT NULL"))
    with op.batch_alter_table("nomination_voice") as batch:
        batch.drop_constraint(op.f("ck_nomination_voice_forgotten_whole"), type_="check")
        batch.drop_constraint(op.f("ck_nomination_voice_reachable"), type_="check")
        batch.create_check_constraint(op.f("ck_nomination_voice_reachable"), sa.text(REACHABLE))
        batch.drop_column("forgotten_at")
