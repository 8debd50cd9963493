"""The tree of places: 市 5, 县区 4, 街道/乡镇 3, 社区/村 2, 楼道/村组 1."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from civic.core.db import Key, Model, one_of, path_type, read_from
from civic.core.text import normalised_name


class RegionKind(StrEnum):
    CITY = "city"  # 市
    COUNTY = "county"  # 区、县、县级市、功能区
    STREET = "street"  # 街道
    TOWN = "town"  # 镇、乡
    COMMUNITY = "community"  # 社区
    VILLAGE = "village"  # 村
    STAIRWELL = "stairwell"  # 楼道
    GROUP = "group"  # 村组


LEVELS = {
    RegionKind.CITY: 5,
    RegionKind.COUNTY: 4,
    RegionKind.STREET: 3,
    RegionKind.TOWN: 3,
    RegionKind.COMMUNITY: 2,
    RegionKind.VILLAGE: 2,
    RegionKind.STAIRWELL: 1,
    RegionKind.GROUP: 1,
}


class Region(Model):
    """One place. `path` is its ancestors' ids and its own, each followed by a dot (`1.14.203.`)."""

    __tablename__ = "region"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    level: Mapped[int]
    kind: Mapped[RegionKind] = mapped_column(one_of(RegionKind, "kind"))
    name: Mapped[str] = mapped_column(String(60))
    normal_name: Mapped[str] = mapped_column(String(60), default=read_from("name", normalised_name), server_default="")
    path: Mapped[str] = mapped_column(path_type(), unique=True)
    code: Mapped[str | None] = mapped_column(String(12), unique=True)
    households: Mapped[int | None]
    since: Mapped[date]
    until: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    version: Mapped[int] = mapped_column(default=1)

    parent: Mapped[Region | None] = relationship(remote_side=[id], foreign_keys=[parent_id])
    successor: Mapped[Region | None] = relationship(remote_side=[id], foreign_keys=[successor_id])

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 5", name="level_known"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_own_parent"),
        CheckConstraint("until IS NOT NULL OR successor_id IS NULL", name="successor_of_retired"),
        CheckConstraint("households IS NULL OR households >= 0", name="households_counted"),
        Index("ix_region_children", "parent_id", "name"),
        Index("ix_region_level_name", "level", "name"),
        Index(
            "uq_region_living_name",
            "parent_id",
            "name",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    @validates("name")
    def _kept_comparable(self, _name: str, words: str) -> str:
        """What is searched changes with what is shown."""
        self.normal_name = normalised_name(words)
        return words

    @property
    def is_retired(self) -> bool:
        return self.until is not None

    @property
    def ancestor_ids(self) -> tuple[int, ...]:
        """Ids from the root down to this place itself."""
        return tuple(int(part) for part in self.path.rstrip(".").split("."))
