"""Small scenes of the demonstration, played by the same deeds that people do: at the desks that can sign in."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from civic.core import clock
from civic.core.db import db
from civic.demo import rules
from civic.honours import queries as honours
from civic.identity import queries as identity
from civic.identity.actions import accounts
from civic.identity.models import ConsentMethod, PersonKind, Purpose, Sex, User
from civic.identity.permissions import NOBODY, Actor
from civic.identity.rules import Contact
from civic.nominations.actions import (
    deciding,
    entering,
    juries,
    likening,
    protecting,
    publishing,
    rounds,
    second_looks,
    submitting,
)
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.models.levels import Council, LevelRule
from civic.nominations.models.rounds import Cadence
from civic.nominations.models.voices import Relation, ToldHow
from civic.nominations.queries import juries as drawn
from civic.nominations.rules.telling import Answers, GuardianWord
from civic.regions.models import Region

# How many cases the scenes add to those that were asked for.
CASES = 11


def line_with_sign_ins() -> dict[int, Region]:
    """The first place of each level, from the city down: where the demonstration's accounts serve."""
    found = {5: db.session.scalars(select(Region).where(Region.level == 5)).one()}
    for level in (4, 3, 2, 1):
        found[level] = db.session.scalars(select(Region).where(Region.parent_id == found[level + 1].id).order_by(Region.id).limit(1)).one()
    return found


def desk_at(place: Region) -> Actor:
    """The first who decides at a place."""
    return identity.actor_of(identity.staff_at(place.path)[0])


def answers(place: Region, name: str, deed: int, **changes: object) -> Answers:
    """A nomination of somebody invented, with one of the demonstration's deeds."""
    code, headline, story = rules.DEEDS[deed]
    category = honours.category_by_code(code)
    assert category is not None
    values: dict = {
        "category_id": category.id, "channel": Channel.HOUSEHOLD, "relation": Relation.NEIGHBOUR,
        "nominee_kind": PersonKind.INDIVIDUAL, "nominee_name": name, "nominee_sex": Sex.MALE, "nominee_is_minor": False,
        "nominee_is_deceased": False, "nominee_phone": None, "work_unit": None, "region_id": place.id,
        "headline": headline, "summary": "", "story": story, "may_tell_nominee": True, "nominator_name": "陈阿珍",
        "deed_on": clock.today() - timedelta(days=20),
    }  # fmt: skip
    return Answers(**{**values, **changes})


def _nominated(place: Region, name: str, deed: int, phone: int, **changes: object) -> Nomination:
    """199 0000: nobody's numbers."""
    voice = submitting.submit(NOBODY, answers(place, name, deed, **changes), Contact("phone", f"1990000{phone:04d}"))
    return db.session.get_one(Nomination, voice.nomination_id)


def lay_likenesses() -> None:
    """At the community: two cases that look like one person's and wait for an answer, and two that were joined."""
    community = line_with_sign_ins()[2]
    chair = desk_at(community)
    _nominated(community, "方秋生", 1, 1, nominator_name="邵玉珍")
    _nominated(community, "方秋生", 2, 2, nominator_name="邵家老二", story=rules.DEEDS[1][2])
    kept = _nominated(community, "盛月娥", 9, 3, nominee_sex=Sex.FEMALE)
    joined = _nominated(community, "盛月娥", 10, 4, nominee_sex=Sex.FEMALE, nominator_name="盛家的楼下")
    db.session.flush()
    likening.merge(chair, kept.id, joined.id)


def lay_told() -> None:
    """An old neighbour told the steward at the door; the school nominated a pupil whose father agreed."""
    line = line_with_sign_ins()
    entering.enter(desk_at(line[1]), answers(line[1], "门卫老秦", 2, nominator_name="邵玉珍"), None, how=ToldHow.IN_PERSON)
    submitting.submit(
        NOBODY,
        answers(
            line[2], "小禾", 0, channel=Channel.SCHOOL, relation=Relation.COLLEAGUE, nominator_name="班主任田老师", nominee_sex=Sex.FEMALE,
            headline="给楼上的奶奶念报纸，念了三年", story="这位同学每天放学先上三楼，给看不清字的奶奶念一段报纸，念了三年，一天也没有断过。奶奶说比电视好听，听完才开饭。下大雨的那天，是爸爸打着伞送上楼的。",
            guardian=GuardianWord("禾爸爸", "19900000009", ConsentMethod.ON_PAPER),
        ),
        Contact("phone", "19900000008"),
    )  # fmt: skip


def lay_jury() -> None:
    """At the city: a jury was drawn for two cases. 黄素芬, who can sign in, was drawn and has not answered yet."""
    line = line_with_sign_ins()
    today, chair, community = clock.today(), desk_at(line[5]), desk_at(line[2])
    rule = LevelRule(
        level=5, since=today - timedelta(days=4001), review_days=10, supplement_days=10, by_round=True, council=Council.PANEL, jury_size=5,
        again_years=5,
    )  # fmt: skip
    db.session.add(rule)
    db.session.flush()
    for number in range(1, 5):
        resident = accounts.register(rules.SURNAMES[number] + "居安", Contact("phone", f"1990001{number:04d}"), None)
        accounts.attest(community, Contact("phone", f"1990001{number:04d}"), name=resident.person.name, region=line[1])
    huang = db.session.scalars(select(User).where(User.person.has(name="黄素芬", region_id=line[1].id))).first()
    assert huang is not None
    accounts.attest(community, Contact("email", huang.email or ""), name="黄素芬", region=line[1])
    cases = [_nominated(line[2], name, deed, phone, nominee_sex=Sex.FEMALE) for name, deed, phone in (("冉秋月", 7, 21), ("辛玉芝", 5, 22))]
    for case in cases:
        for level in (2, 3, 4):
            deciding.endorse(desk_at(line[level]), case.id, expected=case.version)
            db.session.flush()
        case.rule_id = rule.id
        db.session.flush()
        db.session.refresh(case)
        deciding.pass_on(chair, case.id, expected=case.version)
        publishing.record_consent(chair, case.id, [Purpose.NAME, Purpose.STORY], ConsentMethod.IN_PERSON)
        db.session.flush()
        publishing.edit_text(chair, case.id, headline=case.headline, story=case.story, expected=case.version)
        db.session.flush()
        publishing.approve(chair, case.id, expected=case.version)
        db.session.flush()
    round_ = rounds.open_(
        chair, line[5], name=f"{today.year} 年度", cadence=Cadence.HALF_YEARLY, opens_on=today - timedelta(days=10),
        closes_on=today + timedelta(days=50), quotas={None: 20},
    )  # fmt: skip
    round_.rule_id = rule.id
    db.session.flush()
    db.session.refresh(round_)
    jury = juries.draw(chair, round_.id)
    for juror in drawn.jurors_of(jury.id):
        if juror.user_id != huang.id:
            actor = identity.actor_of(db.session.get_one(User, juror.user_id))
            juries.accept(actor, jury.id)
            juries.score(actor, jury.id, cases[0].id, 70 + juror.position * 4)


def lay_second_look() -> None:
    """The street said no, and the nominator asked the county to look again."""
    line = line_with_sign_ins()
    case = _nominated(line[2], "席春妮", 1, 31, nominee_sex=Sex.FEMALE)
    deciding.endorse(desk_at(line[2]), case.id, expected=case.version)
    db.session.flush()
    deciding.decline(desk_at(line[3]), case.id, expected=case.version, reason="走访了两户，说灯是物业换的，对不上。")
    db.session.flush()
    db.session.refresh(case)
    second_looks.ask(case.voices[0], words="走访那天三楼没人。三楼王姐亲眼看见她换的，可以打电话问。")


def lay_protected() -> None:
    """At the community: whoever stepped in has to stay unknown; and a deed of which nobody has said yet when it was."""
    community = line_with_sign_ins()[2]
    hidden = _nominated(
        community, "苏见义", 9, 41, category_id=_category("JYYW"), headline="拦下持刀抢包的人，让老人先走",
        story="晚上九点多，巷口有人持刀抢一位老人的包。他正好下班路过，把自行车横在中间，让老人先走，自己跟那人对峙了几分钟，直到派出所的人赶来。那人还有同伙没有抓到，所以他不愿意让人知道是他。",
    )  # fmt: skip
    db.session.flush()
    protecting.protect(desk_at(community), hidden.id, reason="嫌疑人还有同伙在逃，怕报复当事人和家里人。派出所也请我们不要公开。")
    _nominated(community, "粟春来", 1, 42, deed_on=None, nominator_name="二楼的毛师傅")


def _category(code: str) -> int:
    category = honours.category_by_code(code)
    assert category is not None
    return category.id
