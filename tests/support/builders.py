"""A small city and its people for tests, with defaults for everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count

from sqlalchemy import inspect, select

from civic.core import clock
from civic.core.db import db, transaction
from civic.honours import actions as honours
from civic.honours import queries as roll
from civic.identity import queries as identity
from civic.identity.actions import accounts
from civic.identity.models import Grant, PersonKind, User
from civic.identity.permissions import Actor, Role
from civic.identity.rules import Contact
from civic.nominations.actions import submitting, timing
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.models.voices import Relation, Voice
from civic.nominations.rules.telling import Answers
from civic.points.actions import tariffs
from civic.regions import rules as places
from civic.regions.models import Region
from civic.volunteering.actions import categories, counting, events, people, policies, scheduling
from civic.volunteering.models.events import Event, Shift

PASSWORD = "haoren-test"
STORY = "校门口有个缝补摊，陈阿姨摆了十二年。校服扣子掉了、书包带断了，学生来缝她从不收钱，说针线不值钱。前年冬天下大雪，给没戴手套的孩子一人缝了一副棉手套。"
BORN = date(1961, 4, 2)  # of whoever is grown up
_numbers = count(1)
ROLE_AT = {1: Role.STEWARD, 2: Role.REVIEWER, 3: Role.REVIEWER, 4: Role.REVIEWER, 5: Role.REVIEWER}


@dataclass
class City:
    """One line from the city to a stairwell, and a neighbour of each."""

    line: dict[int, Region]
    other: dict[int, Region]
    desk: dict[int, User]

    def actor(self, level: int) -> Actor:
        """Who decides at the line's level."""
        # By its identity, which the account keeps also when its session is long gone.
        return identity.actor_of(db.session.get(User, inspect(self.desk[level]).identity))


def region(parent: Region | None, level: int, name: str) -> Region:
    row = Region(
        parent_id=parent.id if parent else None, level=level, kind=places.kind_of(level, name), name=name,
        path=f"new-{next(_numbers)}", since=clock.today(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    row.path = f"{parent.path if parent else ''}{row.id}."
    db.session.flush()
    return row


def city(*, staffed: bool = True) -> City:
    """云汀市 with one line of places, siblings beside it, and somebody at each desk of the line."""
    with transaction():
        since = clock.today() - timedelta(days=400)
        honours.ensure_categories(since)
        timing.ensure_level_rules(since)
        line, other, above = {}, {}, None
        names = {5: "云汀市", 4: "汀南区", 3: "桥东街道", 2: "梧桐里社区", 1: "3栋2单元"}
        for level in (5, 4, 3, 2, 1):
            line[level] = region(above, level, names[level])
            if level < 5:
                other[level] = region(above, level, f"另一个{names[level]}")
            above = line[level]
        desk = {level: account(ROLE_AT[level], line[level]) for level in line} if staffed else {}
    return City(line, other, desk)


def account(
    role: Role | None = None, region: Region | None = None, *, name: str | None = None, phone: str | None = None,
    email: str | None = None,
) -> User:  # fmt: skip
    """An account with the password of all tests, and a role where one is wanted. Inside a transaction."""
    number = next(_numbers)
    contact = Contact("email", email) if email else Contact("phone", phone or f"139{number:08d}")
    user = accounts.register(name or f"同志{number}", contact, PASSWORD)
    if role is not None and region is not None:
        db.session.add(
            Grant(
                user_id=user.id, role=role, region_id=region.id, region_path=region.path, level=region.level,
                since=clock.today() - timedelta(days=30), granted_at=clock.now(),
            )
        )  # fmt: skip
    db.session.flush()
    return user


def answers(place: Region, **changes: object) -> Answers:
    values: dict = {
        "category_id": roll.category_by_code("ZRWL").id, "channel": Channel.HOUSEHOLD, "relation": Relation.NEIGHBOUR,
        "nominee_kind": PersonKind.INDIVIDUAL, "nominee_name": "陈桂兰", "nominee_sex": None, "nominee_is_minor": False,
        "nominee_is_deceased": False, "nominee_phone": None, "work_unit": None,
        "region_id": place.id, "headline": "校门口缝补十二年", "summary": "", "story": STORY,
        "may_tell_nominee": True, "nominator_name": "黄素芬", "deed_on": clock.today() - timedelta(days=40),
    }  # fmt: skip
    return Answers(**{**values, **changes})


def voice(place: Region, *, contact: Contact | None = None, actor: Actor | None = None, join: int | None = None, **changes: object) -> Voice:
    """A submitted nomination."""
    from civic.identity.permissions import NOBODY

    with transaction():
        return submitting.submit(
            actor or NOBODY, answers(place, **changes), contact or Contact("phone", f"138{next(_numbers):08d}"), join_id=join
        )


def climbed(town: City, level: int, **changes: object) -> Nomination:
    """A case that the desks below have endorsed up to `level`."""
    from civic.nominations.actions import deciding

    case = voice(town.line[1], **changes).nomination_id
    for step in range(1, level):
        with transaction():
            deciding.endorse(town.actor(step), case, expected=version(case))
    return db.session.get(Nomination, case)


def version(case: int) -> int:
    db.session.expire_all()
    # Without a lock: the test's own session must not stand in the way of the request it makes next.
    return db.session.scalar(select(Nomination.version).where(Nomination.id == case))


def by_round(level: int, **changes: object) -> None:
    """Let a level work by rounds from today on."""
    from civic.nominations.models.levels import LevelRule

    with transaction():
        for rule in db.session.query(LevelRule).filter_by(level=level):
            rule.by_round, rule.jury_size = True, 0
            for name, value in changes.items():
                setattr(rule, name, value)


def council(region: Region, count: int = 5) -> list[User]:
    """A region's council; every member has an account."""
    from civic.nominations.models.councils import Member

    with transaction():
        users = [account(name=f"评议员{n}") for n in range(1, count + 1)]
        for user in users:
            db.session.add(
                Member(
                    region_id=region.id, region_path=region.path, person_id=user.person_id, name=user.person.name,
                    standing="居民代表", since=clock.today() - timedelta(days=1), until=clock.today() + timedelta(days=700),
                    named_by_id=user.id,
                )
            )  # fmt: skip
    return users


def on_paper(town: City, level: int, meeting: int, counts: dict[int, tuple[int, int, int]], *, present: tuple[int, ...] | None = None, scores: dict | None = None) -> None:
    """The meeting's paper, entered by two clerks of the line's desk who read the same. In an open ballot the first ones say yes."""
    from civic.nominations.actions import papers
    from civic.nominations.models.councils import Meeting
    from civic.nominations.queries import rounds as queries

    with transaction():
        other = account(ROLE_AT[level], db.session.merge(town.line[level]))
    for clerk in (town.actor(level), identity.actor_of(other)):
        with transaction():
            here = present or tuple(m.id for m in queries.sitting(town.line[level].id, clock.today()))
            found = db.session.get_one(Meeting, meeting)
            if found.is_secret or found.by_score:
                sheet = papers.Sheet(here, counts, scores or {})
            else:
                out = queries.recusals_of(meeting)
                voters = {case: [m for m in here if (case, m) not in out] for case in counts}
                words = {case: [word for word, n in zip(("yes", "no", "abstain"), number, strict=True) for _ in range(n)] for case, number in counts.items()}
                sheet = papers.Sheet(here, choices={case: dict(zip(voters[case], words[case], strict=True)) for case in counts})
            papers.enter(clerk, meeting, sheet)


def round_(town: City, level: int, **changes: object):
    """An open round at the line's level, run by its desk."""
    from civic.nominations.actions import rounds
    from civic.nominations.models.rounds import Cadence

    values = {
        "name": "2026 年三季度", "cadence": Cadence.QUARTERLY, "opens_on": clock.today(),
        "closes_on": clock.today() + timedelta(days=60), "quotas": {},
    }  # fmt: skip
    with transaction():
        return rounds.open_(town.actor(level), town.line[level], **{**values, **changes}).id


def publishable(town: City, case: int, level: int) -> None:
    """The nominee agrees, and the public text is approved."""
    from civic.identity.models import ConsentMethod, Purpose
    from civic.nominations.actions import publishing

    with transaction():
        publishing.record_consent(town.actor(level), case, [Purpose.NAME, Purpose.STORY], ConsentMethod.IN_PERSON)
        publishing.edit_text(town.actor(level), case, headline="校门口缝补十二年", story=STORY, expected=version(case))
        publishing.approve(town.actor(level), case, expected=version(case))


@dataclass
class Crossing:
    """礼让斑马线 of a community, published, with shifts; its organiser and its leader."""

    town: City
    organiser: Actor
    leader: User
    event_id: int

    def shifts(self) -> list[Shift]:
        return list(db.session.scalars(select(Shift).where(Shift.event_id == self.event_id).order_by(Shift.starts_at, Shift.id)))


def crossing(town: City | None = None, *, most: int = 2, days: int = 14, posts: tuple[str, ...] = ("育才小学路口",), **details: object) -> Crossing:
    """An event with shifts on working days, morning and evening, from tomorrow on."""
    town = town or city()
    today = clock.today()
    with transaction():
        tariffs.ensure_tariff(today - timedelta(days=400))
        policies.ensure_policy(today - timedelta(days=400))
        categories.ensure_categories(today - timedelta(days=400))
        user = account(Role.ORGANISER, town.line[3], name="罗秀琴")
        organiser = identity.actor_of(user)
        team = people.found_team(organiser, town.line[3], name="青松志愿服务队")
        leader = account(name="佟立新")
        people.join(organiser, team, leader.person_id, is_leader=True)
        guarded: dict = {
            "place": "文昌路沿线", "insurance_number": "PICC-2026-0088", "insured_from": today, "insured_until": today + timedelta(days=365),
            "police_contact": "交警二中队 0550-2200", "emergency_contact": "罗秀琴 13900000001", **details,
        }  # fmt: skip
        event = events.begin(organiser, team, town.line[2], replace(events.CROSSING, **guarded))
        for name in posts:
            events.add_post(organiser, event.id, name=name)
        for name, starts, ends in events.CROSSING_HOURS:
            scheduling.add_pattern(organiser, event.id, name=name, starts=starts, ends=ends, least=1, normal=most, most=most)
        scheduling.generate(organiser, event.id, first=today + timedelta(days=1), last=today + timedelta(days=days))
        events.publish(organiser, event.id)
    return Crossing(town, organiser, leader, event.id)


def details_of(event_id: int, **changes: object) -> events.Details:
    """An event's words and numbers as they stand, but for these."""
    event = db.session.get_one(Event, event_id)
    now = {name: getattr(event, name) for name in vars(events.CROSSING) if name != "category"}
    return events.Details(**now | {"category": event.category.code} | changes)


def settled(shift: Shift) -> None:
    """The shift is over, counted, and nobody objected: its hours are final."""
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    clock.advance(timedelta(days=9))
    with transaction():
        counting.settle_due()


def volunteer(name: str | None = None, *, born: date | None = BORN, **more: object) -> Actor:
    """A registered volunteer with an account, grown up where nothing else is said."""
    with transaction():
        user = account(name=name, **more)
        actor = identity.actor_of(user)
        people.register(actor, birth_date=born)
    return actor


def chief(town: City) -> Actor:
    """A city administrator, who writes the rules."""
    with transaction():
        return identity.actor_of(account(Role.CITY_ADMIN, town.line[5], name="市里的人"))


def residents(town: City, count: int) -> list[int]:
    """Accounts of people on the line's stairwell whose card the community has seen, in the order of their numbers."""
    found = []
    for _ in range(count):
        with transaction():
            user = account(name="居民")
            accounts.attest(town.actor(2), Contact("phone", user.phone), name="居民", region=db.session.merge(town.line[1]))
            found.append(user.id)
    return found


def guardian_method():
    from civic.identity.models import ConsentMethod

    return ConsentMethod.ON_PAPER
