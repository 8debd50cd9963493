"""A city with two branches, `here` and `there`, each with all that a desk can hold and two people at every desk.

Every row that the builders make has a number that no row of another table has: a number found on a page or in a form tells
by itself which thing it names and in which branch that lies.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Mapper

from civic.core import clock, storage
from civic.core.db import db, transaction
from civic.core.images import blank_sheet
from civic.errands import actions as errands
from civic.errands.models import Errand, ErrandStatus
from civic.honours.actions import benefits
from civic.identity import queries as identity
from civic.identity.actions import deputies, kin
from civic.identity.models import ConsentMethod, User
from civic.identity.permissions import Actor, Role
from civic.identity.rules import Contact
from civic.kiosk.actions import cards
from civic.kiosk.states import Scope
from civic.nominations.actions import (
    councils,
    deciding,
    drafting,
    entering,
    inquiring,
    looking,
    noticing,
    protecting,
    publishing,
    rounds,
    second_looks,
)
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.models.levels import Council
from civic.nominations.models.mentioned import Agreement
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.models.voices import ToldHow, Voice
from civic.nominations.queries import notices
from civic.nominations.rules import links, telling
from civic.nominations.states import Department
from civic.outbox.models import Message
from civic.pages.actions import complaints
from civic.points.actions import goods
from civic.volunteering.actions import (
    attendance,
    attesting,
    boards,
    certificates,
    counting,
    handing,
    offers,
    paper,
    people,
    qualifications,
    scheduling,
    signing,
)
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.qualifications import QualificationKind
from tests.support import builders
from tests.support.tablets import tablet

FIRST_NUMBER = 1_000_000
NUMBER = re.compile(r"(?<!\d)1\d{6}(?!\d)")
REPORT = "问了门卫和班主任，都说她缝了十二年，从不收学生的钱。"
AT_DESKS = (
    (Role.STEWARD, 1), (Role.REVIEWER, 2), (Role.REVIEWER, 3), (Role.REVIEWER, 4), (Role.REGION_ADMIN, 4), (Role.ORGANISER, 3), (Role.AUDITOR, 3),
)  # fmt: skip
IN_THE_CITY = ((Role.REVIEWER, 5), (Role.CITY_ADMIN, 5), (Role.ORGANISER, 5), (Role.AUDITOR, 5))


@dataclass
class World:
    """Who may sign in, by name ("reviewer-3-here"), and whose is what: table → branch → numbers of rows."""

    logins: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    whose: dict[int, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    towns: dict[str, builders.City] = field(default_factory=dict)
    links: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))  # branch → endpoint → token of an address

    @contextmanager
    def noting(self, branch: str) -> Iterator[None]:
        """What is made inside belongs to the branch."""
        before = _numbers()
        yield
        for name, numbers in _numbers().items():
            for number in sorted(numbers - before[name]):
                self.rows[name][branch].append(number)
                self.whose[number].add((name, branch))

    def others(self, number: int) -> list[int]:
        """The same kind of thing in the other branch, for a number of `here`."""
        return [n for table, branch in sorted(self.whose.get(number, ())) if branch == "here" for n in self.rows[table]["there"]]

    def is_there(self, number: int) -> bool:
        """Whether the number names something of `there`, and nothing else."""
        return number >= FIRST_NUMBER and {branch for _table, branch in self.whose.get(number, ())} == {"there"}


def _numbers() -> dict[str, set[int]]:
    db.session.rollback()
    tables = [t for t in db.metadata.tables.values() if "id" in t.c and t.c.id.type.python_type is int]
    return {t.name: set(db.session.scalars(select(t.c.id))) for t in tables}


@contextmanager
def numbered() -> Iterator[None]:
    """Give every row that is made inside a number of its own."""
    numbers = count(FIRST_NUMBER)

    def give(_mapper: Any, _connection: Any, row: Any) -> None:
        keys = inspect(type(row)).primary_key
        if [key.name for key in keys] == ["id"] and row.id is None and keys[0].type.python_type is int:
            row.id = next(numbers)

    event.listen(Mapper, "before_insert", give)
    try:
        yield
    finally:
        event.remove(Mapper, "before_insert", give)


def build(app: Flask) -> World:
    """Both branches under one city."""
    world = World()
    with numbered():
        with world.noting("city"):
            town = builders.city(staffed=False)
            _staff(world, town, "city", IN_THE_CITY)
            with transaction():
                town.desk[5] = db.session.merge(town.desk[5])
                complaints.receive_complaint(town.actor(5), "字太小", about="/", contact=None, days=10)
                qualifications.add_kind(_actor(world, "city_admin-5-city"), town.line[5], name="急救员", course="急救培训", months=24)
        for branch in ("here", "there"):
            with world.noting(branch):
                world.towns[branch] = place = _line(town, branch)
                _staff(world, place, branch, AT_DESKS)
                _served(app, world, place, branch)
        for branch, place in world.towns.items():
            with world.noting(branch):
                builders.climbed(place, 4, nominee_name="罗江")
        with world.noting("city"):
            clock.freeze(clock.now())
            for level in (3, 4):
                builders.by_round(level, council=Council.NONE if level == 3 else Council.COUNCIL)
        for branch in ("here", "there"):
            with world.noting(branch):
                Cases(world, world.towns[branch], branch).make()
    for place in (*town.line.values(), *town.other.values()):
        if place.level < 5:
            world.rows["region"]["here"].append(place.id)
            world.whose[place.id].add(("region", "here"))
    db.session.rollback()
    return world


def _line(town: builders.City, branch: str) -> builders.City:
    """A county of the city and one line of places down to a stairwell, which nobody shares."""
    if branch == "here":
        return builders.City(dict(town.line), dict(town.other), dict(town.desk))
    with transaction():
        line, above = {5: db.session.merge(town.line[5])}, db.session.merge(town.line[5])
        for level, name in ((4, "汀北区"), (3, "河西街道"), (2, "芦花社区"), (1, "9栋1单元")):
            line[level] = above = builders.region(above, level, name)
    return builders.City(line, {}, dict(town.desk))


def _staff(world: World, town: builders.City, branch: str, desks: tuple[tuple[Role, int], ...]) -> None:
    """Two people for every role; the first of each sits at the town's desk."""
    with transaction():
        for role, level in desks:
            for which in ("", "-2"):
                login = f"{role.value}-{level}{which}-{branch}@civic.example"
                user = builders.account(role, db.session.merge(town.line[level]), email=login, name={"": "石敏", "-2": "贺青"}[which])
                world.logins[login.removesuffix("@civic.example")] = login
                if not which and role in (Role.STEWARD, Role.REVIEWER):
                    town.desk[level] = user


def _actor(world: World, who: str) -> Actor:
    return identity.actor_of(builders.accounts.user_of(Contact("email", world.logins[who])))


def _served(app: Flask, world: World, town: builders.City, branch: str) -> None:
    """An event with all that hangs on it: served, counted, exchanged; taken, waited for, handed on; paper, kiosk, cards."""
    zebra = builders.crossing(town, posts=("育才小学路口", "中医院路口"))
    world.logins[f"leader-{branch}"] = db.session.get_one(User, zebra.leader.id).phone
    login = f"volunteer-{branch}@civic.example"
    actor, leader = builders.volunteer("黄素芬", email=login), identity.actor_of(zebra.leader)
    world.logins[f"volunteer-{branch}"] = login
    with transaction():
        people.add_ward(actor, name="黄小满", birth_date=date(2015, 3, 1))
    _one_shift(zebra, leader, actor)
    with transaction():
        good = goods.offer_good(zebra.organiser, db.session.merge(town.line[3]), name="雨伞一把", donor="桥东百货", counter="便民服务台", points=10, count=9)
        goods.redeem(actor, good.id, request=f"once-{branch}")
        boards.stand(actor, zebra.shifts()[0].event.team_id, nickname="早班的老黄")
        certificates.issue(actor, first=zebra.shifts()[0].day, last=zebra.shifts()[0].day)
        people.new_calendar(actor)
        kind = db.session.scalars(select(QualificationKind)).one()
        team = zebra.shifts()[0].event.team_id
        qualifications.give(zebra.organiser, team, actor.person_id, kind.id, since=clock.today())
    _coming(zebra, actor)
    with transaction():
        cards.issue(zebra.organiser, cards.of_team(zebra.organiser, zebra.shifts()[0].event.team_id), [zebra.leader.person_id])
    door = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)
    assert door.upload(door.scan(code="6901234567892", way="wedge")) == ["unknown_code"]


def _one_shift(zebra: builders.Crossing, leader: Actor, actor: Actor) -> None:
    """Of two who signed up one came and one missed it; a drafted shift and a settled one, a sheet that waits."""
    missing = builders.volunteer("苏大川")
    first, second = zebra.shifts()[0], zebra.shifts()[4]
    with transaction():
        place, missed, later = (signing.sign_up(who, shift.id, has_read_briefing=True).id for who, shift in ((actor, first), (missing, first), (actor, second)))
    for number, shift in ((place, first), (later, second)):
        for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
            clock.freeze(moment)
            with transaction():
                attendance.tick(leader, number, direction)
        clock.freeze(shift.ends_at + timedelta(hours=1))
        with transaction():
            counting.count_ended()
        if shift is first:
            with transaction():
                counting.settle_due()
    with transaction():
        key = storage.keep(blank_sheet(), "jpg")
        paper.type_in(leader, second.id, {later: (time(7, 20), None)}, photo_key=key)
        attesting.appeal(missing, missed, words="我来了，没签到")
        attesting.request_attestation(zebra.organiser, missed, minutes=60, evidence="照片里有他")
    clock.advance(timedelta(days=9))
    with transaction():
        counting.settle_due()


def _coming(zebra: builders.Crossing, actor: Actor) -> None:
    """The shifts to come: full, with somebody who waits, somebody who hands over, and one named to follow."""
    with transaction():
        today = clock.today()
        scheduling.generate(zebra.organiser, zebra.event_id, first=today + timedelta(days=1), last=today + timedelta(days=10))
    coming = [s for s in zebra.shifts() if s.starts_at > clock.now()]
    crowd = [builders.volunteer() for _ in range(3)]
    places = []
    for person in (*crowd[:2], actor):
        with transaction():
            places.append(signing.sign_up(person, coming[0].id, has_read_briefing=True, wants_to_wait=True).id)
    with transaction():
        handing.hand_over(crowd[0], places[0])
        mine = signing.sign_up(actor, coming[1].id, has_read_briefing=True)
        handing.name_successor(identity.actor_of(zebra.leader), mine.id, crowd[2].person_id, reason="她那天要上课")
        offers.arrange(zebra.organiser, coming[2].id, crowd[1].person_id, is_working_time=False)


@dataclass
class Cases:
    """Nominations of one branch in every state, with what hangs on them."""

    world: World
    town: builders.City
    branch: str

    def make(self) -> None:
        for part in (self.waiting, self.climbing, self.on_the_roll, self.in_rounds, self.asked_again, self.of_persons):
            part()

    def actor(self, level: int) -> Actor:
        return self.town.actor(level)

    def waiting(self) -> None:
        """Free, taken, returned, of a child, protected, told by somebody, and two that may be one person's."""
        for name in ("陈桂兰", "陈桂兰", "乔雪"):
            builders.voice(self.town.line[1], nominee_name=name)
        links_of, returned = self.world.links[self.branch], builders.voice(self.town.line[1], nominee_name="韩大川")
        back, links_of["nominations.supplement"] = returned.nomination_id, links.tracking_token(returned.id)
        links_of["nominations.withdraw"] = links.tracking_token(builders.voice(self.town.line[1], nominee_name="班玉").id)
        taken = builders.voice(self.town.line[2], nominee_name="钟立春").nomination_id
        brave = builders.voice(self.town.line[2], nominee_name="尤勇", category_id=builders.roll.category_by_code("JYYW").id).nomination_id
        with transaction():
            deciding.return_for_supplement(self.actor(1), back, expected=builders.version(back), reason="请补一张照片")
            deciding.take(_actor(self.world, f"reviewer-2-2-{self.branch}"), taken, expected=builders.version(taken))
            protecting.protect(self.actor(2), brave, reason="有人来找过她，怕报复")
            sheet = storage.keep(blank_sheet(), "jpg")
            entering.enter(self.actor(3), builders.answers(db.session.merge(self.town.line[2]), nominee_name="盛月娥"), None, how=ToldHow.PAPER, sheet_key=sheet)
        pupil = builders.voice(
            self.town.line[2], nominee_name="小满", channel=Channel.SCHOOL, guardian=telling.GuardianWord("满爸爸", "13800001111", ConsentMethod.ON_PAPER)
        )
        links_of["nominations.guardian"] = links_of["nominations.guardian_withdrawal"] = links.guardian_token(pupil.nomination_id)

    def climbing(self) -> None:
        """At the street: visited, departments asked, a step that may still be undone."""
        case = builders.climbed(self.town, 3, nominee_name="葛元庆").id
        with transaction():
            inquiring.sign_visit(self.actor(3), case, visited_on=clock.today(), companion="老周", witnesses=2, report=REPORT, is_true=True)
            asked = inquiring.ask_departments(self.actor(3), case, {Department.POLICE: "police@city.example"})
            self.world.links[self.branch]["nominations.opinion"] = links.opinion_token(asked[0].id)
            category = builders.roll.category_by_code("ZRWL").id
            inquiring.leave_clue(who="葛元庆", place="桥东街道", category_id=category, deed="每天扫雪", contact="13912345678", county=db.session.merge(self.town.line[4]))

    def on_the_roll(self) -> None:
        """Elected at the community and published, with a benefit; the story tells of somebody else."""
        case = builders.climbed(self.town, 2, nominee_name="赵福全").id
        with transaction():
            deciding.elect(self.actor(2), case, expected=builders.version(case))
            publishing.record_mentioned(
                self.actor(2), case, name="李四", relation="邻居", is_recognisable=True, agreement=Agreement.AGREED, method=ConsentMethod.IN_PERSON
            )
        builders.publishable(self.town, case, 2)
        with transaction():
            honour = builders.roll.of_nomination(case)[-1]
            benefits.give(self.actor(2), honour.id, name="免费体检", provider="社区医院", since=clock.today(), until=None)

    def in_rounds(self) -> None:
        """A street whose list hangs with an objection, and a county whose council meets."""
        members = builders.council(self.town.line[4], 3)
        self.world.logins[f"member-{self.branch}"] = db.session.get_one(User, members[0].id).phone
        street = [builders.climbed(self.town, 3, nominee_name=name).id for name in ("韦大川", "何秀云", "申屠雪")]
        round_id = builders.round_(self.town, 3)
        for case in street[:2]:
            with transaction():
                deciding.pass_on(self.actor(3), case, expected=builders.version(case))
            builders.publishable(self.town, case, 3)
            with transaction():
                rounds.propose(self.actor(3), round_id, case, upward=True)
        with transaction():
            noticing.publish(self.actor(3), round_id)
            item = next(i for i in notices.hanging() if i.nomination_id in street)
            objection = noticing.object_to(item.id, kind=ObjectionKind.MORE, words="好像是她姐姐做的", name="", contact="")
            token = links.objection_token(objection.id)
            self.world.links[self.branch] |= {"nominations.objected": token, "nominations.objection_again": token}
        self._county()
        with transaction():
            errands.ask(self.actor(3), "prints", "1", name="全部打印件", round=round_id, purpose="archive")
            rehearsal = errands.ask(self.actor(3), "rehearsal", "1", name="发布以前看一遍", round=round_id)
        self._rehearsed(rehearsal)

    def _county(self) -> None:
        """The county passed one on to its council, which meets."""
        county = self.town.line[4].path
        case = db.session.scalars(select(Nomination.id).where(Nomination.level == 4, Nomination.desk_path == county)).one()
        with transaction():
            deciding.pass_on(self.actor(4), case, expected=builders.version(case))
        round_id = builders.round_(self.town, 4)
        with transaction():
            councils.open_meeting(self.actor(4), round_id, held_on=clock.today(), is_secret=False, is_on_paper=False)

    def _rehearsed(self, errand_id: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "closing.json"
            letter = ["黄* 138****0001", "评上了", "恭喜。"]
            made.write_text(json.dumps([{"name": "韦大川", "reference": "T2607-0001", "what": "endorse", "letters": [letter]}]), encoding="utf-8")
            key = storage.keep_file(made, "json")
        with transaction():
            row = db.session.get_one(Errand, errand_id)
            row.status, row.ended_at, row.file_key, row.done = ErrandStatus.DONE, clock.now(), key, 1

    def asked_again(self) -> None:
        """One was declined, and somebody asked to look again."""
        for name in ("童玉梅", "邹平"):
            case = builders.climbed(self.town, 2, nominee_name=name).id
            with transaction():
                deciding.decline(self.actor(2), case, expected=builders.version(case), reason="材料和走访的对不上")
            voice = db.session.scalars(select(Voice).where(Voice.nomination_id == case)).one()
            self.world.links[self.branch]["nominations.again"] = links.tracking_token(voice.id)
            if name == "童玉梅":
                with transaction():
                    second_looks.ask(voice, words="三楼的王姐亲眼看见过")

    def of_persons(self) -> None:
        """What belongs to one person of a desk: a filter, a deputy, a draft; and a letter that failed."""
        first, second = (_actor(self.world, f"reviewer-3{n}-{self.branch}") for n in ("", "-2"))
        with transaction():
            looking.keep_filter(first, "孝老爱亲", {"category": str(builders.roll.category_by_code("XLAQ").id)})
            deputies.name_deputy(first, second.user_id or 0, since=clock.today() + timedelta(days=20), until=clock.today() + timedelta(days=25))
            drafting.keep(first, "holder", f"{self.branch}-".ljust(43, "x"), {"nominee_name": "陈桂兰"})
            kin.declare(first, Contact("phone", self.world.logins[f"member-{self.branch}"]), "sibling")
            for message in db.session.scalars(select(Message).order_by(Message.id.desc()).limit(2)):
                message.attempts = 1
