"""sign-ins are kept on the server, forms that were not taken come back, proofs are spent once, an address can be let in for a day

Revision 0033, after 0038, 2026-11-30 19:40
"""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0038'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("is_remembered", sa.Boolean(), nullable=False),
        sa.Column("device_digest", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_sign_in_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_token_digest")),
    )
    op.create_index("ix_sign_in_user", "sign_in", ["user_id", "ended_at"])
    op.create_index("ix_sign_in_began", "sign_in", ["began_at"])
    op.create_table(
        "unsent_form",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsent_form")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_unsent_form_key_digest")),
    )
    op.create_index("ix_unsent_form_owner", "unsent_form", ["owner_id", "id"])
    op.create_index("ix_unsent_form_kept", "unsent_form", ["kept_at"])
    op.create_table(
        "let_in",
        sa.Column("id", KEY, nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_let_in")),
    )
    op.create_index("ix_let_in_address", "let_in", ["address_digest", "until"])
    with op.batch_alter_table("contact_proof") as batch:
        batch.add_column(sa.Column("contact", sa.Text(), nullable=True))
        batch.add_column(sa.Column("spent_at", MOMENT, nullable=True))
    # Whoever had signed in signs in once more: what their cookies hold is not kept on the server.
    with op.batch_alter_table("user") as batch:
        batch.drop_constraint("uq_user_session_token", type_="unique")
        batch.drop_column("session_token")


def downgrade() -> None:
    with op.batch_alter_table("user") as batch:
        batch.add_column(sa.Column("session_token", sa.String(length=64), nullable=True))
    op.execute("UPDATE \"user\" SET session_token = 'none-' || id")
    with op.batch_alter_table("user") as batch:
        batch.alter_column("session_token", existing_type=sa.String(length=64), nullable=False)
        batch.create_unique_constraint("uq_user_session_token", ["session_token"])
    with op.batch_alter_table("contact_proof") as batch:
        batch.drop_column("spent_at")
        batch.drop_column("contact")
    op.drop_table("let_in")
    op.drop_table("unsent_form")
    op.drop_table("sign_in")
