"""kinds of service: rows a city configures, on events and their shifts, and as factors of the tariff

Revision 0022, after 0023, 2026-11-25 00:20:00
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0023'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
OPEN = sa.text("status = 'open'")
KIND = sa.Enum('role', 'category', name='kind', native_enum=False, create_constraint=True, length=30)
STANDARD = (
    ("traffic", "文明交通"), ("community", "社区服务"), ("elders", "敬老助残"), ("children", "关爱儿童"), ("green", "环境保护"),
    ("manners", "文明风尚"), ("health", "卫生健康"), ("learning", "助学科普"), ("culture", "文化体育"), ("emergency", "应急救援"),
    ("gatherings", "大型活动"), ("other", "其他服务"),
)


def upgrade() -> None:
    table = op.create_table(
        "service_category",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_service_category_term_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_category")),
        sa.UniqueConstraint("code", name=op.f("uq_service_category_code")),
        sa.UniqueConstraint("name", name=op.f("uq_service_category_name")),
    )
    # Laid in here as well as by `flask city prepare`: a city that upgrades can make events at once.
    op.bulk_insert(table, [{"code": code, "name": name, "position": n, "since": dt.date(2020, 1, 1)} for n, (code, name) in enumerate(STANDARD, start=1)])
    with op.batch_alter_table("event") as batch:
        batch.add_column(sa.Column("category_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_event_category_id_service_category"), "service_category", ["category_id"], ["id"])
    with op.batch_alter_table("shift") as batch:
        batch.add_column(sa.Column("category_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_shift_category_id_service_category"), "service_category", ["category_id"], ["id"])
    op.create_index("ix_shift_category", "shift", ["category_id", "starts_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    with op.batch_alter_table("point_factor") as batch:
        batch.add_column(sa.Column("kind", KIND, nullable=False, server_default="role"))
        batch.drop_constraint(op.f("uq_point_factor_tariff_id_role"), type_="unique")
        batch.alter_column("role", new_column_name="code", existing_type=sa.String(length=20), existing_nullable=False)
    with op.batch_alter_table("point_factor") as batch:
        batch.alter_column("kind", server_default=None, existing_type=KIND, existing_nullable=False)
        batch.create_unique_constraint(op.f("uq_point_factor_tariff_id_kind_code"), ["tariff_id", "kind", "code"])


def downgrade() -> None:
    op.execute("DELETE FROM point_factor WHERE kind = 'category'")
    with op.batch_alter_table("point_factor") as batch:
        batch.drop_constraint(op.f("uq_point_factor_tariff_id_kind_code"), type_="unique")
        batch.drop_constraint(op.f("ck_point_factor_kind"), type_="check")
        batch.drop_column("kind")
        batch.alter_column("code", new_column_name="role", existing_type=sa.String(length=20), existing_nullable=False)
    with op.batch_alter_table("point_factor") as batch:
        batch.create_unique_constraint(op.f("uq_point_factor_tariff_id_role"), ["tariff_id", "role"])
    op.drop_index("ix_shift_category", "shift")
    for name in ("shift", "event"):
        with op.batch_alter_table(name) as batch:
            batch.drop_constraint(op.f(f"fk_{name}_category_id_service_category"), type_="foreignkey")
            batch.drop_column("category_id")
    op.drop_table("service_category")
