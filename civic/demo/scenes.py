"""Small scenes of the demonstration, played by the same deeds that people do: at the desks that can sign in."""

from __future__ import annotations

from sqlalchemy import select

from civic.core.db import db
from civic.demo import rules
from civic.honours import queries as honours
from civic.identity import queries as identity
from civic.identity.models import ConsentMethod, PersonKind, Sex
from civic.identity.permissions import NOBODY, Actor
from civic.identity.rules import Contact
from civic.nominations.actions import entering, likening, submitting
from civic.nominations.models.cases import Channel, Nomination, Relation, ToldHow
from civic.nominations.rules import Answers, GuardianWord
from civic.regions.models import Region

# How many cases the scenes add to those that were asked for.
CASES = 6


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
        "nominee_is_deceased": False, "nominee_phone": None, "identity_number": None, "work_unit": None, "region_id": place.id,
        "headline": headline, "summary": "", "story": story, "may_tell_nominee": True, "nominator_name": "陈阿珍",
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
