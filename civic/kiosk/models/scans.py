"""What kiosks sent: every scan with its answer, and the kit that was lent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of
from civic.kiosk.models.devices import Kiosk
from civic.kiosk.states import BY_PERSON, CODES, Code, Decision, Kind, Outcome, Way
from civic.volunteering.models.attendance import Direction, Punch
from civic.volunteering.models.events import SignUp


def _either(column: str, values: frozenset[Code] | frozenset[Decision]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in sorted(values))})"


IS_OPEN = "outcome = 'undecided' AND decision IS NULL"
OUT_FIRST_IS_OPEN = f"{IS_OPEN} AND code = 'out_first'"


class Scan(Model):
    """It was so, then, says a kiosk. Outcome and code are the answer it got and never change; a decision stands beside.

    `event_id` and `alias` name no rows on purpose: a reference would lock the person or the event while the place is held,
    against the order of locks.
    """

    __tablename__ = "scan"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"))
    scan_id: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(String(64))  # digest of what was sent
    kind: Mapped[Kind | None] = mapped_column(one_of(Kind, "kind"))
    counter: Mapped[int | None] = mapped_column(BigInteger)
    device_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what the device's clock said
    offset: Mapped[float | None]  # seconds to add to it
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the logical time
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    event_id: Mapped[int | None] = mapped_column(BigInteger)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("sign_up.id"))
    alias: Mapped[str | None] = mapped_column(String(40))
    direction: Mapped[Direction | None] = mapped_column(one_of(Direction, "direction"))
    way: Mapped[Way | None] = mapped_column(one_of(Way, "way"))
    raw: Mapped[str | None] = mapped_column(Text)  # the code as it was read, or what could not be understood
    undoes: Mapped[str | None] = mapped_column(String(64))
    kit: Mapped[str | None] = mapped_column(String(20))
    outcome: Mapped[Outcome] = mapped_column(one_of(Outcome, "outcome"))
    code: Mapped[Code] = mapped_column(one_of(Code, "code"))
    punch_id: Mapped[int | None] = mapped_column(ForeignKey("punch.id"))
    decision: Mapped[Decision | None] = mapped_column(one_of(Decision, "decision"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_for: Mapped[str | None] = mapped_column(String(200))
    counts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the time that a person put in its place

    kiosk: Mapped[Kiosk] = relationship()
    place: Mapped[SignUp | None] = relationship()
    punch: Mapped[Punch | None] = relationship()

    __table_args__ = (
        UniqueConstraint("kiosk_id", "scan_id"),
        CheckConstraint(
            " OR ".join(f"(outcome = '{outcome.value}' AND {_either('code', codes)})" for outcome, codes in CODES.items()),
            name="code_fits_outcome",
        ),
        CheckConstraint("code NOT IN ('in', 'out') OR punch_id IS NOT NULL", name="recorded_is_a_punch"),
        CheckConstraint(
            "outcome = 'refused' OR (kind IS NOT NULL AND device_at IS NOT NULL AND at IS NOT NULL)", name="understood_has_times"
        ),
        CheckConstraint("decision IS NULL OR outcome = 'undecided'", name="only_undecided_is_decided"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_has_time"),
        CheckConstraint(
            f"decision IS NULL OR ({_either('decision', BY_PERSON)}) = (decided_by_id IS NOT NULL)", name="decided_by_somebody"
        ),
        CheckConstraint("(counts_at IS NOT NULL) = (decision IS NOT NULL AND decision = 'count_at')", name="other_time_is_named"),
        CheckConstraint("counts_at IS NULL OR decided_for IS NOT NULL", name="other_time_has_reason"),
        Index("ix_scan_open", "kiosk_id", "id", sqlite_where=text(IS_OPEN), postgresql_where=text(IS_OPEN)),
        Index("ix_scan_out_first", "place_id", sqlite_where=text(OUT_FIRST_IS_OPEN), postgresql_where=text(OUT_FIRST_IS_OPEN)),
        Index("ix_scan_punch", "punch_id"),
    )


class KitLine(Model):
    """A vest, a flag or a whistle went out or came back: a ledger, lines are only added."""

    __tablename__ = "kit_line"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"))
    item: Mapped[str] = mapped_column(String(20))
    count: Mapped[int]  # 1: lent, −1: given back
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("scan_id"),
        CheckConstraint("count IN (1, -1)", name="one_at_a_time"),
        Index("ix_kit_line_place", "place_id", "item"),
    )
