"""the number on a card is kept as a digest only

Revision 0025, after 0024, 2026-11-25 00:55
"""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.drop_constraint(op.f("ck_person_identity_with_digest"), type_="check")
        batch.drop_column("identity_number")


def downgrade() -> None:
    # The numbers are gone for good; a digest without its number was not lawful before.
    op.execute(sa.text("UPDATE person SET identity_digest = NULL"))
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("identity_number", sa.Text(), nullable=True))
    with op.batch_alter_table("person") as batch:
        batch.create_check_constraint(
            op.f("ck_person_identity_with_digest"), sa.text("(identity_number IS NULL) = (identity_digest IS NULL)")
        )
