"""posts in the world: latitude and longitude, for who looks for the nearest

Revision 0026, after 0025, 2026-11-25 00:35:00
"""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

WHOLE = "(latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL OR (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180))"


def upgrade() -> None:
    with op.batch_alter_table("post") as batch:
        batch.add_column(sa.Column("latitude", sa.Double(), nullable=True))
        batch.add_column(sa.Column("longitude", sa.Double(), nullable=True))
        batch.create_check_constraint(op.f("ck_post_in_the_world"), WHOLE)


def downgrade() -> None:
    with op.batch_alter_table("post") as batch:
        batch.drop_constraint(op.f("ck_post_in_the_world"), type_="check")
        batch.drop_column("longitude")
        batch.drop_column("latitude")
