"""names beside themselves as they are compared: of places and cases, and those of people read anew

Revision 0038, 2026-11-30 19:45
"""

import sqlalchemy as sa
from alembic import op

from civic.core.text import normalised_headline, normalised_name

revision = '0038'
down_revision = '0036'
branch_labels = None
depends_on = None

# (table, column as it is shown, column as it is compared, how)
READ = (
    ("region", "name", "normal_name", normalised_name),
    ("nomination", "nominee_name", "normal_name", normalised_name),
    ("nomination", "headline", "normal_headline", normalised_headline),
    ("person", "name", "normal_name", normalised_name),
)
BATCH = 5000


def upgrade() -> None:
    op.add_column("region", sa.Column("normal_name", sa.String(60), nullable=False, server_default=""))
    op.add_column("nomination", sa.Column("normal_name", sa.String(60), nullable=False, server_default=""))
    op.add_column("nomination", sa.Column("normal_headline", sa.String(70), nullable=False, server_default=""))
    for table, shown, compared, read in READ:
        _fill(table, shown, compared, read)
    op.drop_index("ix_nomination_same", "nomination")
    op.create_index("ix_nomination_same", "nomination", ["normal_name", "category_id", "home_path"])


def _fill(table: str, shown: str, compared: str, read) -> None:
    """Row by row in batches: how names are compared is said in one place, and no database knows it."""
    rows = sa.table(table, sa.column("id"), sa.column(shown), sa.column(compared))
    connection, last = op.get_bind(), 0
    change = sa.update(rows).where(rows.c.id == sa.bindparam("row")).values({compared: sa.bindparam("words")})
    while True:
        found = connection.execute(
            sa.select(rows.c.id, rows.c[shown], rows.c[compared]).where(rows.c.id > last).order_by(rows.c.id).limit(BATCH)
        ).all()
        if not found:
            return
        last = found[-1][0]
        wrong = [{"row": key, "words": read(words)} for key, words, before in found if before != read(words)]
        if wrong:
            connection.execute(change, wrong)


def downgrade() -> None:
    op.drop_index("ix_nomination_same", "nomination")
    op.create_index("ix_nomination_same", "nomination", ["nominee_name", "category_id", "home_path"])
    op.drop_column("nomination", "normal_headline")
    op.drop_column("nomination", "normal_name")
    op.drop_column("region", "normal_name")
