"""What may be told of somebody: how long, in which words, of which day."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from civic.core import text
from civic.core import typed as reading
from civic.core.errors import Invalid

if TYPE_CHECKING:
    from civic.identity.models import ConsentMethod, PersonKind, Sex
    from civic.nominations.models.cases import Channel
    from civic.nominations.models.voices import Relation, ToldHow

NAME_MOST = 60
HEADLINE_MOST = 70
SUMMARY_MOST = 500
STORY_LEAST = 60
STORY_MOST = 3000
PHOTOS_MOST = 5
NOTICE_WORDS_MOST = 200
DRAFT_KEPT = timedelta(days=30)
# On a device that others use, or of whoever wrote without an account: how long what says who that was comes back.
SHARED_KEPT = timedelta(minutes=30)
DRAFTS_MOST = 5  # unfinished ones of one account or browser
DRAFT_BYTES_MOST = 64 * 1024
CASE_PHOTOS_MOST = 20  # with those of everybody who joined
# The fields of a draft that say who writes, or how somebody is reached: they do not wait for whoever comes next.
OF_THE_WRITER = ("contact", "nominator_name", "guardian_name", "guardian_contact")


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
    for field, name in (("nominee_name", answers.nominee_name), ("nominator_name", answers.nominator_name)):
        if len(name.strip()) > NAME_MOST:
            raise Invalid(f"{field}_too_long", _l("名字请不超过 %(most)s 个字。", most=NAME_MOST), field=field)
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
    found = reading.day(typed)
    if found is None:
        raise Invalid("deed_day_unclear", _l("日期没看懂，请选一天；记不清就空着。"), field="deed_on")
    return found


_DEED = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?")


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
        if year < reading.FIRST_YEAR:
            raise ValueError
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


def shortened(words: str, most: int = NOTICE_WORDS_MOST) -> str:
    """At most `most` characters, cut after a sentence where one ends, for the public notice."""
    plain = " ".join(words.split())
    if len(plain) <= most:
        return plain
    cut = plain[: most - 1]
    end = max(cut.rfind(mark) for mark in "。！？；")
    return cut[: end + 1] if end > most // 3 else cut + "…"
