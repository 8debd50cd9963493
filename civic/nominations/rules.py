"""Arithmetic and yes/no decisions of the pipeline, on values only."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from civic.core import crypto, text
from civic.core.errors import Invalid
from civic.nominations.states import Department, Status

if TYPE_CHECKING:
    from civic.identity.models import ConsentMethod, PersonKind, Sex
    from civic.nominations.models.cases import Channel
    from civic.nominations.models.voices import Relation, ToldHow

HEADLINE_MOST = 70
SUMMARY_MOST = 500
STORY_LEAST = 60
DATED_FROM = 2  # the level from which on somebody has asked when the deed was
STORY_MOST = 3000
PHOTOS_MOST = 5
# These channels found the deed from outside: the place has to see for itself before the case may climb (domain 1.12).
FROM_OUTSIDE = frozenset({"media", "netizen"})
# A reviewer who took a case keeps it for half an hour after the last touch; then a colleague may take it over.
HELD_FOR = timedelta(minutes=30)
# The same person, the same class: within a year it is asked whether it is the same deed.
SAME_WITHIN = timedelta(days=365)
CONFLICT_FROM = 40
# So long a step of a desk may be taken back. Letters and the public roll wait a minute longer, so that an undoing which
# began in the last second is over when they go out.
UNDO_FOR = timedelta(minutes=10)
TOLD_AFTER = UNDO_FOR + timedelta(minutes=1)
NOTICE_WORDS_MOST = 200
DRAFT_KEPT = timedelta(days=30)
# Two birth dates so far apart are two people; nearer, somebody may have guessed.
AGE_BAND = timedelta(days=5 * 366)
# How many residents are drawn for a jury, where a panel scores.
JURY_SIZES = {4: 15, 5: 21}
# Within so many years nobody is honoured again at the same level or above: boards of stairwells turn quickly.
AGAIN_YEARS = {1: 1, 2: 1, 3: 3, 4: 5, 5: 5}

# (level, working days to review, calendar days to supplement, who judges, days of notice, are they working days, days on
# the board): domain 1.8 and 1.13, and the defaults.
DEFAULT_LEVELS = (
    (1, 3, 10, "council", 3, False, 90),
    (2, 5, 10, "council", 3, False, 90),
    (3, 5, 10, "council", 3, False, None),
    (4, 7, 10, "panel", 5, True, None),
    (5, 10, 10, "panel", 5, True, None),
)


@dataclass(frozen=True)
class GuardianWord:
    """What a nominator or a desk says of a child's guardian."""

    name: str
    contact: str
    method: ConsentMethod | None


@dataclass(frozen=True)
class Told:
    """That somebody else wrote a nomination down: how it was told, who entered it, the photographed sheet."""

    how: ToldHow
    entered_by_id: int
    sheet_key: str | None = None


@dataclass(frozen=True)
class Answers:
    """A complete nomination, as the four steps gathered it."""

    category_id: int
    channel: Channel
    relation: Relation
    nominee_kind: PersonKind
    nominee_name: str
    nominee_sex: Sex | None
    nominee_is_minor: bool
    nominee_is_deceased: bool
    nominee_phone: str | None
    work_unit: str | None
    region_id: int
    headline: str
    summary: str
    story: str
    may_tell_nominee: bool
    nominator_name: str
    deed_on: date | None = None
    guardian: GuardianWord | None = None


def check(answers: Answers) -> None:
    """Refuse what does not fit, whatever the form let through."""
    if not text.normalised_name(answers.nominee_name):
        raise Invalid("nominee_name_missing", _l("请写他（她）的名字，或者大家平时的叫法。"), field="nominee_name")
    if not answers.nominator_name.strip():
        raise Invalid("nominator_name_missing", _l("请写您的姓名。"), field="nominator_name")
    if not answers.headline.strip():
        raise Invalid("headline_missing", _l("请用一句话说说他（她）做了什么。"), field="headline")
    if len(answers.headline) > HEADLINE_MOST:
        raise Invalid("headline_too_long", _l("一句话请不超过 70 个字。"), field="headline")
    if len(answers.summary) > SUMMARY_MOST:
        raise Invalid("summary_too_long", _l("简介请不超过 500 个字。"), field="summary")
    check_story(answers.story)


def day_from(typed: str) -> date | None:
    """The day of a deed as a form sends it; nothing typed is no day."""
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid("deed_day_unclear", _l("日期没看懂，请选一天；记不清就空着。"), field="deed_on") from None


_DEED = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?")


def deed_from(typed: str, today: date) -> tuple[date, bool] | None:
    """When a deed was, as a desk writes it: (day, whether only the month is known). A month counts to its last day, not past today."""
    words = "".join(typed.split())
    if not words:
        return None
    found = _DEED.fullmatch(words)
    try:
        if found is None:
            raise ValueError
        year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
        on = date(year, month, day)
        if on > today:
            raise Invalid("deed_in_future", _l("还没到这一天，请再看一眼。"), field="deed_on")
        if found[3]:
            return on, False
        return min(today, date(year, month, monthrange(year, month)[1])), True
    except ValueError:
        raise Invalid("deed_day_unclear", _l("没看懂。写到月就行，比如 2026-03；知道哪天，写 2026-03-18。"), field="deed_on") from None


def check_story(story: str) -> None:
    """The story's length, counted as a person counts."""
    length = text.length_in_characters(story)
    if length < STORY_LEAST:
        raise Invalid(
            "story_too_short",
            _l("还差 %(count)s 个字。可以再写一件具体的事，比如哪一年、帮过谁。", count=STORY_LEAST - length),
            field="story",
        )
    if length > STORY_MOST:
        raise Invalid("story_too_long", _l("多了 %(count)s 个字，请缩短一点。", count=length - STORY_MOST), field="story")


def enters_at(region_level: int) -> bool:
    """Whether a nomination can begin at a region of this level: a stairwell, or a community that will find it."""
    return region_level in (1, 2)


def urgency(days_left: int, due_at: datetime, now: datetime) -> str:
    """ok, soon (two working days or less), today, over."""
    if now > due_at:
        return "over"
    if days_left <= 0:
        return "today"
    return "soon" if days_left <= 2 else "ok"


def tail_of(phone: str) -> str:
    """The last four digits, by which a nominator proves a reference."""
    return phone[-4:]


def tail_digest(reference: str, tail: str) -> str:
    """Four digits alone are 10,000 guesses; keyed and bound to the reference they say nothing in a stolen table."""
    return crypto.digest("voice.tail", f"{reference}:{tail}")


def _signed(number: int, purpose: str) -> str:
    """A number and a mark only this house can make: the whole of a private link."""
    return f"{number}.{crypto.digest(purpose, str(number))[:40]}"


def numbered(token: str, purpose: str) -> int | None:
    """The number of a private link, None where the link was made up."""
    number, _, mark = token.partition(".")
    if not number.isdigit() or len(number) > 12:
        return None
    return int(number) if crypto.matches(mark, crypto.digest(purpose, number)[:40]) else None


def tracking_token(voice_id: int) -> str:
    """The link of one nominator: whoever holds it sees the case as that nominator does."""
    return _signed(voice_id, "track")


def voice_id_from(token: str) -> int | None:
    """The nominator a tracking link belongs to."""
    return numbered(token, "track")


def opinion_token(request_id: int) -> str:
    """The link of one department for one question."""
    return _signed(request_id, "opinion")


def reference_text(month: str, number: int) -> str:
    """T2607-0318: short enough to be read over the phone."""
    return f"T{month}-{number:04d}"


def normalised_reference(text_typed: str) -> str:
    """What somebody typed, as references are written: full width, spaces and a missing dash forgiven."""
    plain = text.normalised_name(text_typed).upper().replace("－", "-").replace("—", "-").replace("-", "")
    if plain[:1].isdigit():
        plain = "T" + plain
    return f"{plain[:5]}-{plain[5:]}" if len(plain) > 5 else plain


def glyph_of(status: Status, level: int, is_over: bool = False) -> tuple[str, ...]:
    """The five steps of the small staircase, as the glyph macro wants them."""
    here = {
        Status.RETURNED: "back",
        Status.NOTICED: "notice",
        Status.HELD: "hold",
        Status.ELECTED: "listed",
        Status.DECLINED: "fail",
        Status.WITHDRAWN: "hold",
        Status.MERGED: "hold",
    }.get(status, "over" if is_over else "doing")
    return tuple("pass" if n < level else here if n == level else "todo" for n in range(1, 6))


def cells_of(limit: int, left: int | None, paused: bool = False) -> str:
    """The counted squares of a deadline: u used, s last two days, o over, p paused, . free."""
    if left is None:
        return "." * limit
    if left < 0:
        return "u" * limit + "o" * min(-left, 6)
    used = max(0, limit - left)
    rest = min(left, limit)
    if paused:
        return "u" * used + "p" * rest
    return "u" * used + ("s" * rest if rest <= 2 else "." * rest)


def quorum_of(seats: int, numerator: int, denominator: int) -> int:
    """How many of `seats` must be present: 2/3 of 7 is 5."""
    return -(-seats * numerator // denominator)


def has_quorum(present: int, seats: int, numerator: int, denominator: int) -> bool:
    return present >= quorum_of(seats, numerator, denominator)


def trimmed_mean(scores: list[int]) -> int | None:
    """Hundredths of the mean; from five scores on, the highest and the lowest are left out. None without scores."""
    if not scores:
        return None
    kept = sorted(scores)[1:-1] if len(scores) >= 5 else scores
    return round(sum(kept) * 100 / len(kept))


def is_conflicting(scores: list[int]) -> bool:
    """Whether the panel disagrees so far that somebody should talk about it before the mean decides."""
    return len(scores) >= 2 and max(scores) - min(scores) >= CONFLICT_FROM


def list_digest(listed: list[int]) -> str:
    """SHA-256 of the numbers in ascending order with commas between: whoever has the list can check it is the same."""
    return sha256(",".join(map(str, sorted(listed))).encode()).hexdigest()


def drawn(listed: list[int], seed: str) -> list[int]:
    """The order of a draw: by SHA-256 of `seed:number`. Same seed, same list, same order, in any language."""
    return sorted(listed, key=lambda number: sha256(f"{seed}:{number}".encode()).digest())


def combined(panel: int, jury: int, panel_weight: int) -> int:
    """Hundredths of the panel's and the jury's mean, weighed: 60 means sixty parts panel and forty parts jury."""
    return round((panel * panel_weight + jury * (100 - panel_weight)) / 100)


def ties(scores: dict[int, int]) -> frozenset[int]:
    """The cases that share their score with another."""
    often = Counter(scores.values())
    return frozenset(case for case, score in scores.items() if often[score] > 1)


def shortened(words: str, most: int = NOTICE_WORDS_MOST) -> str:
    """At most `most` characters, cut after a sentence where one ends, for the public notice."""
    plain = " ".join(words.split())
    if len(plain) <= most:
        return plain
    cut = plain[: most - 1]
    end = max(cut.rfind(mark) for mark in "。！？；")
    return cut[: end + 1] if end > most // 3 else cut + "…"


def objection_token(objection_id: int) -> str:
    """The link of one who objected: by it alone they read the answer."""
    return _signed(objection_id, "objection")


def guardian_token(nomination_id: int) -> str:
    """The link by which a guardian reads what they agreed to, and can take it back."""
    return _signed(nomination_id, "guardian")


def objection_id_from(token: str) -> int | None:
    return numbered(token, "objection")


def departments(
    *,
    is_party_member: bool = False,
    is_public_employee: bool = False,
    is_business_person: bool = False,
    is_head_of_enterprise: bool = False,
) -> tuple[Department, ...]:
    """Who is asked about a nominee (domain 1.8): police and court always, the others by what the person is."""
    found = [Department.POLICE, Department.COURT]
    if is_party_member or is_public_employee:
        found += [Department.DISCIPLINE, Department.PERSONNEL]
    if is_business_person or is_head_of_enterprise:
        found += [Department.MARKET, Department.TAX]
    if is_head_of_enterprise:
        found += [Department.ENVIRONMENT, Department.EMERGENCY]
    return tuple(found)
