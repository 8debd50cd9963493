"""What an honour shows in public: decided from consents, the approved text, age and the level's rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from civic.core import text
from civic.honours.models import HonourStatus, Visibility

# domain: the five standard classes, stable since 2007; a city may add its own.
STANDARD = (
    ("ZRWL", "助", "助人为乐", "常年帮邻居、帮陌生人", "k-help"),
    ("JYYW", "勇", "见义勇为", "危险的时候站了出来", "k-brave"),
    ("CSSX", "诚", "诚实守信", "说到做到，不占便宜", "k-honest"),
    ("JYFX", "敬", "敬业奉献", "把本职的事做到了家", "k-work"),
    ("XLAQ", "孝", "孝老爱亲", "照顾老人、照顾家人", "k-family"),
)

CODE = re.compile(r"[A-Z]{2,12}")
# With these the courtesies end; what has only left the board after its time keeps them.
BENEFITS_END = frozenset({HonourStatus.SUSPENDED, HonourStatus.REVOKED, HonourStatus.TAKEN_BACK})


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the last of its month."""
    at = day.month - 1 + months
    year, month = day.year + at // 12, at % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


# What an honour may become. Revoked and expired are for good: a new deed brings a new honour.
NEXT = {
    HonourStatus.ACTIVE: frozenset({HonourStatus.SUSPENDED, HonourStatus.REVOKED}),
    HonourStatus.SUSPENDED: frozenset({HonourStatus.ACTIVE, HonourStatus.REVOKED}),
    HonourStatus.REVOKED: frozenset(),
    HonourStatus.EXPIRED: frozenset({HonourStatus.REVOKED}),
    HonourStatus.TAKEN_BACK: frozenset(),
}


@dataclass(frozen=True)
class Face:
    """How an honour stands before the public."""

    visibility: Visibility
    name: str | None = None
    headline: str | None = None
    story: str | None = None
    photo_key: str | None = None


# A child is never named, not by the surname either; with a guardian's word the deed may be told.
CHILD = "一名同学"


def face(
    *,
    name: str,
    sex: str | None,
    is_minor: bool,
    consents: frozenset[str],
    approved: tuple[str, str] | None,
    photo_key: str | None,
    surname_allowed: bool,
    guardian_agrees: bool = False,
    is_group: bool = False,
) -> Face:
    """The public face. `consents` holds any of name, story, photo; `approved` is (headline, redacted story)."""
    if is_minor:
        return Face(Visibility.SURNAME, CHILD) if guardian_agrees else Face(Visibility.HIDDEN)
    if "name" not in consents:
        return Face(Visibility.SURNAME, text.surname_form(name, sex, is_group=is_group)) if surname_allowed else Face(Visibility.HIDDEN)
    if approved is None:
        # Consent without an approved text: the name waits too, so that a page never stands half made.
        return Face(Visibility.SURNAME, text.surname_form(name, sex, is_group=is_group)) if surname_allowed else Face(Visibility.HIDDEN)
    headline, story = approved if "story" in consents else (None, None)
    return Face(Visibility.NAMED, name, headline, story, photo_key if "photo" in consents else None)
