"""What becomes of a scan, as data.

Scenario. Sun Jun checks in at the tablet of 梧桐里 at 6:58 while the network is gone: scan 41. At 7:20 he does it again at
the second tablet, which is offline, too. At 8:10 both upload. Scan 41 is RECORDED as *in*: a punch. The other is
UNDECIDED, *second_kiosk*: both times are shown to the leader, who DROPs it. The answer to 41 was lost; the tablet sends 41
again and gets the same answer, for a scan's outcome is written once and never changed. What a person (or the clock, or the
coming that arrived at last) decides afterwards stands beside it.
"""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """Whose shifts a kiosk knows."""

    REGION = "region"
    TEAM = "team"
    EVENT = "event"


class Kind(StrEnum):
    PUNCH = "punch"
    UNDO = "undo"
    KIT = "kit"
    WALK_IN = "walk_in"


class Way(StrEnum):
    """How somebody was recognised."""

    PHONE = "phone"  # 手机签到码
    CARD = "card"  # 志愿者卡
    WEDGE = "wedge"  # 扫码枪
    TAIL = "tail"  # 手机尾号
    LIST = "list"  # 队长点名


class Outcome(StrEnum):
    RECORDED = "recorded"
    UNDECIDED = "undecided"
    REFUSED = "refused"


class Code(StrEnum):
    """Why a scan has its outcome."""

    IN = "in"
    OUT = "out"
    UNDONE = "undone"
    KIT = "kit"
    AGAIN = "again"
    SECOND_KIOSK = "second_kiosk"
    OUT_FIRST = "out_first"
    CANCELLED = "cancelled"
    NOT_SIGNED_UP = "not_signed_up"
    UNKNOWN_CODE = "unknown_code"
    OUTSIDE_WINDOW = "outside_window"
    CLOCK_OFF = "clock_off"
    COUNTED_ALREADY = "counted_already"
    MALFORMED = "malformed"
    NOT_YOURS = "not_yours"
    SCAN_ID_REUSED = "scan_id_reused"
    UNDO_UNKNOWN = "undo_unknown"
    UNDO_TOO_LATE = "undo_too_late"


CODES: dict[Outcome, frozenset[Code]] = {
    Outcome.RECORDED: frozenset({Code.IN, Code.OUT, Code.UNDONE, Code.KIT, Code.AGAIN}),
    Outcome.UNDECIDED: frozenset(
        {
            Code.SECOND_KIOSK, Code.OUT_FIRST, Code.CANCELLED, Code.NOT_SIGNED_UP, Code.UNKNOWN_CODE, Code.OUTSIDE_WINDOW,
            Code.CLOCK_OFF, Code.COUNTED_ALREADY,
        }
    ),
    Outcome.REFUSED: frozenset({Code.MALFORMED, Code.NOT_YOURS, Code.SCAN_ID_REUSED, Code.UNDO_UNKNOWN, Code.UNDO_TOO_LATE}),
}  # fmt: skip
OUTCOME = {code: outcome for outcome, codes in CODES.items() for code in codes}


class Decision(StrEnum):
    """What became of an undecided scan."""

    COUNT = "count"  # 算
    COUNT_AT = "count_at"  # 按别的时间算
    DROP = "drop"  # 不算
    UNDONE = "undone"  # 机器上按错了，自己撤的
    RESOLVED = "resolved"  # 签到后来到了，自己对上了


# These are a person's word; the others happen by themselves.
BY_PERSON = frozenset({Decision.COUNT, Decision.COUNT_AT, Decision.DROP})
