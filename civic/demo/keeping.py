"""Small scenes of a desk's comforts and of what comes after an honour, played by the same deeds that people do."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from civic.core import clock
from civic.core.db import db
from civic.demo import rules
from civic.demo.scenes import answers, desk_at, line_with_sign_ins
from civic.honours.actions import benefits
from civic.honours.models import Honour, HonourStatus
from civic.honours.rules import months_later
from civic.identity import queries as identity
from civic.identity.actions import deputies
from civic.identity.permissions import NOBODY, Role
from civic.identity.rules import Contact
from civic.nominations.actions import deciding, looking, submitting
from civic.nominations.models.cases import Nomination
from civic.regions.models import Region

# How many cases the scenes add to those that were asked for.
CASES = 1
COURTESIES = (("公交免费", "云汀公交集团"), ("每年一次体检", "云汀市第一人民医院"), ("景区免票", "云汀文旅集团"))


def lay_comforts() -> None:
    """At the community: a case that came back with other words, a kept filter, and a colleague to stand in for."""
    line = line_with_sign_ins()
    community, street = line[2], line[3]
    chair = desk_at(community)
    voice = submitting.submit(NOBODY, answers(community, "司马桂英", 4), Contact("phone", "19900000061"))
    case = db.session.get_one(Nomination, voice.nomination_id)
    db.session.flush()
    deciding.return_for_supplement(chair, case.id, expected=case.version, reason="请写清是哪一年、谁看见过。")
    db.session.flush()
    db.session.refresh(case, ["decisions"])
    # As time would have it: the desk looked an hour ago.
    case.decisions[-1].at = clock.now() - timedelta(hours=1)
    story = rules.DEEDS[4][2]
    submitting.resubmit(voice, story=story.replace("。", "，从 2019 年算起。", 1) + "对门的老李和楼下的小周都看见过。", words="补好了，老李愿意作证。")
    looking.keep_filter(chair, "快到期的助人为乐", {"lane": "waiting", "category": str(case.category_id)})
    here, *others = identity.staff_at(street.path)
    for away in others[:1]:
        deputies.name_deputy(identity.actor_of(away), here.id, since=clock.today(), until=clock.today() + timedelta(days=5))


def lay_courtesies() -> None:
    """Honours of the street and above are looked at again; some bring courtesies, one of which was used."""
    line = line_with_sign_ins()
    for honour in db.session.scalars(
        select(Honour).where(Honour.level >= 3, Honour.status == HonourStatus.ACTIVE).order_by(Honour.awarded_at).limit(60)
    ):
        honour.review_months = 12
        honour.review_due = months_later(clock.local(honour.awarded_at).date(), 12)
    db.session.flush()
    street: Region = line[3]
    desk = next(identity.actor_of(u) for u in identity.staff_at(street.path) if any(g.role is Role.REVIEWER for g in identity.actor_of(u).grants))
    given = db.session.scalars(
        select(Honour).where(Honour.region_id == street.id, Honour.status == HonourStatus.ACTIVE).order_by(Honour.id).limit(3)
    ).all()
    for honour, (name, provider) in zip(given, COURTESIES, strict=False):
        if honour.person_id in desk.kin:
            continue
        since = clock.today() - timedelta(days=100)
        row = benefits.give(desk, honour.id, name=name, provider=provider, since=since, until=since + timedelta(days=365))
        benefits.use(desk, row.id, used_on=clock.today() - timedelta(days=9), words="陪老伴用了一次")
