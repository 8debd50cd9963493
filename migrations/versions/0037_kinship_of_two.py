"""a relation is one person's word until the other confirms it

Revision 0037, after 0034, 2026-11-30 19:45
"""

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0034'
branch_labels = None
depends_on = None

RUNS = sa.text("ended_at IS NULL")
# It was written down for both sides at once; the first of the two rows is that of whoever declared it.
MIRRORED = """
DELETE FROM kinship WHERE id IN (
    SELECT later.id FROM kinship AS first JOIN kinship AS later ON first.person_id = later.kin_id AND first.kin_id = later.person_id
    WHERE first.id < later.id
)
"""
MIRROR = """
INSERT INTO kinship (person_id, kin_id, relation, declared_at)
SELECT one.kin_id, one.person_id, one.relation, one.declared_at FROM kinship AS one
"""
KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.execute(sa.text(MIRRORED))
    with op.batch_alter_table("kinship") as batch:
        batch.drop_constraint(op.f("uq_kinship_person_id_kin_id"), type_="unique")
        batch.drop_constraint(op.f("ck_kinship_not_oneself"), type_="check")
        batch.alter_column("kin_id", existing_type=KEY, nullable=True)
        batch.add_column(sa.Column("contact", sa.Text(), nullable=True))
        batch.add_column(sa.Column("contact_digest", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("kinship") as batch:
        batch.create_check_constraint(op.f("ck_kinship_not_oneself"), sa.text("kin_id IS NULL OR person_id <> kin_id"))
        batch.create_check_constraint(op.f("ck_kinship_contact_with_digest"), sa.text("(contact IS NULL) = (contact_digest IS NULL)"))
        batch.create_check_constraint(op.f("ck_kinship_names_somebody"), sa.text("kin_id IS NOT NULL OR contact IS NOT NULL OR ended_at IS NOT NULL"))
        batch.create_check_constraint(op.f("ck_kinship_confirmed_by_somebody"), sa.text("confirmed_at IS NULL OR kin_id IS NOT NULL"))
    op.create_index("uq_kinship_running", "kinship", ["person_id", "kin_id"], unique=True, sqlite_where=RUNS, postgresql_where=RUNS)
    op.create_index("ix_kinship_kin", "kinship", ["kin_id"])
    op.create_index("ix_kinship_contact", "kinship", ["contact_digest"], sqlite_where=RUNS, postgresql_where=RUNS)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM kinship WHERE ended_at IS NOT NULL OR kin_id IS NULL"))
    op.drop_index("ix_kinship_contact", "kinship")
    op.drop_index("ix_kinship_kin", "kinship")
    op.drop_index("uq_kinship_running", "kinship")
    with op.batch_alter_table("kinship") as batch:
        for name in ("confirmed_by_somebody", "names_somebody", "contact_with_digest", "not_oneself"):
            batch.drop_constraint(op.f(f"ck_kinship_{name}"), type_="check")
        for name in ("ended_at", "confirmed_at", "contact_digest", "contact"):
            batch.drop_column(name)
        batch.alter_column("kin_id", existing_type=KEY, nullable=False)
    with op.batch_alter_table("kinship") as batch:
        batch.create_check_constraint(op.f("ck_kinship_not_oneself"), sa.text("person_id <> kin_id"))
        batch.create_unique_constraint(op.f("uq_kinship_person_id_kin_id"), ["person_id", "kin_id"])
    op.execute(sa.text(MIRROR))
