"""What a level works by, from a date on, and how many cases it has in hand."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.db import Key, Model, UtcDateTime, one_of


class Council(StrEnum):
    """Who judges at a level before anything is proposed."""

    NONE = "none"
    COUNCIL = "council"  # 评议会：投票
    PANEL = "panel"  # 评审团：打分


class LevelRule(Model):
    """What one level works by, from a date on. Old cases and rounds keep the row they were begun with."""

    __tablename__ = "level_rule"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    level: Mapped[int]
    since: Mapped[date]
    review_days: Mapped[int]  # working days
    supplement_days: Mapped[int]  # calendar days
    surname_without_consent: Mapped[bool] = mapped_column(default=False)
    # The public procedure: one reviewer's click is not enough, the case goes through a round.
    by_round: Mapped[bool] = mapped_column(default=False)
    council: Mapped[Council] = mapped_column(one_of(Council, "council"), default=Council.COUNCIL)
    quorum_numerator: Mapped[int] = mapped_column(default=2)
    quorum_denominator: Mapped[int] = mapped_column(default=3)
    pass_percent: Mapped[int] = mapped_column(default=50)  # of those present: more than this
    pass_score: Mapped[int] = mapped_column(default=60)  # trimmed mean of a panel: at least this
    jury_size: Mapped[int] = mapped_column(default=0)  # residents drawn beside a panel; 0: no jury
    jury_answer_days: Mapped[int] = mapped_column(default=3)  # working days to say whether one comes; then the next is asked
    panel_weight: Mapped[int] = mapped_column(default=60)  # parts of a hundred; the rest is the jury's
    notice_days: Mapped[int] = mapped_column(default=5)
    notice_in_working_days: Mapped[bool] = mapped_column(default=True)
    brave_notice_days: Mapped[int] = mapped_column(default=7)  # calendar days of a brave deed, where that is longer
    objection_days: Mapped[int] = mapped_column(default=10)  # working days until an objection is answered
    needs_visit: Mapped[bool] = mapped_column(default=False)
    needs_opinions: Mapped[bool] = mapped_column(default=False)
    again_years: Mapped[int] = mapped_column(default=3)  # nobody twice at this level or above within so many; 0: may
    deed_years: Mapped[int] = mapped_column(default=5)  # how old a deed may be when it is nominated
    brave_deed_years: Mapped[int] = mapped_column(default=2)  # the same for 见义勇为
    enterer_recused: Mapped[bool] = mapped_column(default=True)  # who wrote it down for somebody does not decide it
    review_months: Mapped[int | None]  # an honour of this level is looked at again every so often; none: never
    board_days: Mapped[int | None]  # how long an honour of this level stands on the board; none: for good

    __table_args__ = (
        UniqueConstraint("level", "since"),
        CheckConstraint("quorum_numerator BETWEEN 1 AND quorum_denominator", name="quorum_sane"),
        CheckConstraint("pass_percent BETWEEN 50 AND 99 AND pass_score BETWEEN 1 AND 100", name="pass_sane"),
        CheckConstraint("jury_size = 0 OR (jury_size BETWEEN 3 AND 200 AND council = 'panel' AND level >= 4)", name="jury_beside_panel"),
        CheckConstraint("jury_answer_days BETWEEN 1 AND 20", name="jury_answer_days_sane"),
        CheckConstraint("panel_weight BETWEEN 1 AND 99", name="panel_weight_sane"),
        CheckConstraint("brave_notice_days BETWEEN 1 AND 60", name="brave_notice_days_sane"),
        CheckConstraint("notice_days BETWEEN 1 AND 60 AND objection_days BETWEEN 1 AND 60", name="notice_days_sane"),
        CheckConstraint("review_months IS NULL OR review_months BETWEEN 1 AND 120", name="review_months_sane"),
        CheckConstraint("board_days IS NULL OR board_days BETWEEN 1 AND 3660", name="board_days_sane"),
        CheckConstraint(
            "again_years BETWEEN 0 AND 60 AND deed_years BETWEEN 1 AND 60 AND brave_deed_years BETWEEN 1 AND 60", name="years_sane"
        ),
        CheckConstraint("level BETWEEN 1 AND 5", name="level_known"),
        CheckConstraint("review_days BETWEEN 1 AND 60", name="review_days_sane"),
        CheckConstraint("supplement_days BETWEEN 1 AND 60", name="supplement_days_sane"),
    )


class LevelTally(Model):
    """How many cases each level has in hand, kept by the worker: the home page never counts the city."""

    __tablename__ = "level_tally"

    level: Mapped[int] = mapped_column(primary_key=True)
    in_hand: Mapped[int] = mapped_column(default=0)
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
