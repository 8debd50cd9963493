"""Inputs that no page expects: each stands for a kind that once became a failure somewhere."""

from __future__ import annotations

import base64
import json
import re
from random import Random

WORDS = (
    "", " ", "\0", "陈\0兰", "\x01", "\x1b[31m", "\x7f", "\r\n", "a\r\nSet-Cookie: x=1", "\x0b", "\u0085", "\u2028", "\u202e陈兰", "\u200b", "\u200d",
    "\u2060", "\u2064", "\u3164", "\u2800", "\u00ad", "\ufeff", "\U000e0041", "\ud800", "陈\udfff", "' OR 1=1 --", "%", "_", "\\", "%_\\", "{{7*7}}", "${7}",
    "<script>alert(1)</script>", "../../etc/passwd", "//evil.example", "javascript:1", "🙂" * 50, "👨\u200d👩\u200d👧", "e\u0301" * 200, "𠮷野家", "⾼兰",
    "陈" * 61, "陈" * 3001, "ﷺ" * 60, "x" * 20000, "a@b", "a@" + "b" * 300 + ".cn", "é@例え.テスト", "\u202d13900001111\u202c", "139.0000.1114", "139—0000—1115",
    "13900001116。", "+86 139 0000 1117", "1390000111", "admin", "None", "null", "[]", "true",
)  # fmt: skip
NUMBERS = (
    "", "²", "①", "٣", "十", "１２", "½", "Ⅻ", "-0", "-1", "0", "00", "1", "1.5", "1e5", "1e400", "NaN", "inf", "-inf", "0x10", "1_0", "+1", "1,000", "100", "9999",
    "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
    "18446744073709551616", "9" * 30, "9" * 5000, "1\0", " 1 ", "1-1", "9" * 25 + "-1", "²-²", "1-", "-",
)  # fmt: skip
DAYS = (
    "", "9999-12-31", "9999-01-01", "0001-01-01", "0000-00-00", "1899-12-31", "1900-01-01", "2200-12-31", "2026-02-30", "2026-13-01", "2026-07-16T25:00", "20260716",
    "2026-W29-4", "2026-07-16", "2026-07-17", "2030-01-01", "２０２６-07-16", "٢٠٢٦-07-16", "2026-07", "9999-12", "9999年12月31日", "2026-7-6 2026-7-7 9999-12-31",
)  # fmt: skip
TIMES = ("", "24:00", "99:99", "23:59:60", "00:00", "23:59", "7:5", "９：３０", "²:00", "9" * 20 + ":0", ":", "7点", "-1:00")
RAW = (b"\xff\xfe", b"\xc0\x80", b"%00", b"%", b"\xed\xa0\x80")


# One of each kind, for who asks everything with everything.
SWEEP = tuple(words.encode("utf-8", "surrogatepass") for words in ("²", "9223372036854775808", "9999-12-31", "0001-01-01", "陈\u202e\u3164兰", "\ud800", "\0", ""))


def _bytes(words: str) -> bytes:
    """Also half characters can be sent."""
    return words.encode("utf-8", "surrogatepass")


def _cursor(values: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=")


MADE_UP = (
    [2**63], [-(2**70)], [1.5], [None], [True], [[]], ["\0"], "x", ["9999-12-31T23:59:59+00:00", 1], ["9999-12-31T23:59:59-12:00", 1],
    ["0001-01-01T00:00:00+14:00", 1], ["2026-07-16T00:00:00", 1], ["2026-07-16T00:00:00+00:00", 2**64], ["9999-12-31", 1], ["²", 1],
    [1, "9999-12-31T23:59:59-12:00", 1], [2**63, "2026-07-16T00:00:00+00:00", 1], [0, 0], ["\ud800", 1], [0, 0, 0],
)  # fmt: skip
# Keys of pages that somebody made up.
CURSORS = (*map(_cursor, MADE_UP), b"W1tbW1tb" * 500, b"e30", b"!!!!", b"\xff")
_DAY_NAMES = re.compile(r"day|date|since|until|first|last|from|_on$|_at$|month|skip")


def odd(chance: Random, name: str = "", value: str = "") -> bytes:
    """One of them, mostly of the kind that stands there: a number for a number, a day for a day, a cursor for a cursor."""
    kind = WORDS
    if name in ("after", "next", "since") and chance.random() < 0.6:
        return chance.choice(CURSORS)
    if re.fullmatch(r"\d{1,2}:\d\d", value):
        kind = TIMES
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", value) or (not value.isdecimal() and _DAY_NAMES.search(name)):
        kind = DAYS
    elif value.isdecimal():
        kind = NUMBERS
    if chance.random() < 0.35:
        kind = chance.choice((WORDS, NUMBERS, DAYS, TIMES))
    return _bytes(chance.choice(kind)) if chance.random() < 0.96 else chance.choice(RAW)
