"""Building the demonstration: places, accounts, then as many cases as wanted, in bulk and always the same."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sqlalchemy import func, insert, select

from civic.core import clock, images, storage
from civic.core.db import Model, db
from civic.core.text import normalised_name
from civic.demo import rules
from civic.demo.casting import Casting
from civic.honours import actions as honours
from civic.honours.models import Honour, HonourSeries
from civic.identity import queries as identity
from civic.identity.actions import accounts
from civic.identity.models import Consent, ConsentMethod, Grant, Person, Purpose, User
from civic.identity.permissions import Role
from civic.identity.rules import Contact, contact_digest
from civic.nominations.actions import councils, deciding, noticing, papers, publishing, rounds, settling, timing
from civic.nominations.models.cases import Nomination, ReferenceSeries
from civic.nominations.models.decisions import Decision
from civic.nominations.models.inquiries import Visit
from civic.nominations.models.levels import Council, LevelRule
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.models.rounds import Cadence
from civic.nominations.models.voices import Voice
from civic.nominations.queries import rounds as questions
from civic.nominations.states import WAITING, Status
from civic.regions.actions.loading import advance_ids, values_of, write
from civic.regions.models import Region

SEED = 20260716
BATCH = 2000


def lay_places() -> None:
    """1 city, 5 counties, 30 streets, 300 communities, 3,000 stairwells and groups."""
    rows: list[dict] = []
    number = (db.session.scalar(select(func.max(Region.id))) or 0) + 1

    def place(parent: dict | None, level: int, name: str, households: int | None = None) -> dict:
        nonlocal number
        path = f"{parent['path'] if parent else ''}{number}."
        row = values_of(number, parent["id"] if parent else None, level, name, path, households=households)
        rows.append(row)
        number += 1
        return row

    chance = Random(SEED)
    city = place(None, 5, rules.CITY)
    for county_name in rules.COUNTIES:
        county = place(city, 4, county_name)
        is_rural = county_name.endswith("县")
        for at, street_name in enumerate(rules.STREETS):
            is_town = is_rural or at >= 4
            street = place(county, 3, f"{street_name}{'镇' if is_town else '街道'}")
            for community_name in rules.COMMUNITIES:
                community = place(street, 2, f"{community_name}{'村' if is_town else '社区'}")
                for leaf in rules.GROUPS if is_town else rules.STAIRWELLS:
                    place(community, 1, leaf, chance.randint(8, 40))
    write(rows)
    advance_ids()


def lay_accounts() -> None:
    """People in every role: one line from the city to a stairwell can sign in, the others are there."""
    chance = Random(SEED + 1)
    # One hash for all: hashing the same word a hundred times would only warm the room.
    secret = accounts.hash_password(rules.PASSWORD)
    city = db.session.scalars(select(Region).where(Region.level == 5)).one()
    line = [city]
    while line[-1].level > 1:
        line.append(
            db.session.scalars(select(Region).where(Region.parent_id == line[-1].id).order_by(Region.id).limit(1)).one()
        )
    for login, name, role, region in sign_ins(line):
        user = _account(login, name, line[-1] if role is None else region, secret)
        if role is not None:
            _grant(user, role, region)
    people = Casting(chance)
    for region in db.session.scalars(select(Region).where(Region.level.in_((2, 3, 4))).order_by(Region.id)):
        for _ in range(1 if region.level == 2 else 2):
            _grant(_account(None, people.name(), region, None), Role.REVIEWER, region)
    for region in db.session.scalars(select(Region).where(Region.level == 1).order_by(Region.id)):
        if chance.random() < 0.4 and region.id != line[-1].id:
            _grant(_account(None, people.name(), region, None), Role.STEWARD, region)
    db.session.flush()


def sign_ins(line: list[Region]) -> list[tuple[str, str, Role | None, Region]]:
    """(login, name, role, region) of the accounts that the demonstration opens; `line` from the city down."""
    city, county, street, community, stairwell = line
    return [
        ("resident@demo.example", "黄素芬", None, stairwell),
        ("steward@demo.example", "郑立国", Role.STEWARD, stairwell),
        ("community@demo.example", "李岚", Role.REVIEWER, community),
        ("street@demo.example", "许雯", Role.REVIEWER, street),
        ("county@demo.example", "唐向阳", Role.REVIEWER, county),
        ("city@demo.example", "周敏", Role.REVIEWER, city),
        ("region-admin@demo.example", "钟立春", Role.REGION_ADMIN, county),
        ("city-admin@demo.example", "童玉梅", Role.CITY_ADMIN, city),
        ("organiser@demo.example", "罗秀琴", Role.ORGANISER, street),
        ("auditor@demo.example", "苗素兰", Role.AUDITOR, city),
    ]


def _account(login: str | None, name: str, region: Region, secret: str | None) -> User:
    contact = Contact("email", login or f"staff-{region.id}-{_next()}@demo.example")
    person = Person(name=name, normal_name=normalised_name(name), region_id=region.id, created_at=clock.now())
    user = User(
        person=person, created_at=clock.now(), password_hash=secret,
        email=contact.value, email_digest=contact_digest(contact),
    )  # fmt: skip
    db.session.add(user)
    return user


_counter = 0


def _next() -> int:
    global _counter
    _counter += 1
    return _counter


def _grant(user: User, role: Role, region: Region) -> None:
    db.session.add(
        Grant(
            user=user, role=role, region_id=region.id, region_path=region.path, level=region.level,
            since=clock.today() - timedelta(days=200), granted_at=clock.now(),
        )
    )  # fmt: skip


def lay_basics() -> None:
    """Categories and level rules, old enough for every case."""
    since = clock.today() - timedelta(days=4000)
    honours.ensure_categories(since)
    timing.ensure_level_rules(since)


def lay_cases(count: int, *, seed: int = SEED + 2) -> int:
    """`count` cases at every level and in every state, in bulk. Their people have no accounts and no passwords."""
    stage = Casting(Random(seed))
    stage.look_around()
    for at in range(0, count, BATCH):
        rows: dict[type[Model], list[dict]] = {
            table: [] for table in (Person, Consent, Honour, Nomination, Voice, Decision, Visit)
        }
        for _ in range(min(BATCH, count - at)):
            stage.cast(rows)
        for table, values in rows.items():
            if values:
                db.session.execute(insert(table), values)
    _series(stage)
    _advance(Person, Consent, Honour, Nomination, Voice, Decision, Visit)
    return count


def _series(stage: Casting) -> None:
    for month, last in stage.references.items():
        row = db.session.get(ReferenceSeries, month) or ReferenceSeries(month=month, last=0)
        row.last = max(row.last, last)
        db.session.add(row)
    for region_id, last in stage.numbers.items():
        row = db.session.get(HonourSeries, region_id) or HonourSeries(region_id=region_id, last=0)
        row.last = last
        db.session.add(row)
    db.session.flush()


def _advance(*tables: type[Model]) -> None:
    if db.session.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        name = table.__tablename__
        top = select(func.coalesce(func.max(table.__table__.c.id), 1)).scalar_subquery()
        db.session.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), top)))


def lay_rounds() -> None:
    """Two counties in the middle of a round: one has just met, the other's list hangs on the wall with an objection.

    The rule in force works by a reviewer's click, so that one can try the whole way alone; these rounds began under an
    older rule and keep it.
    """
    rule = LevelRule(
        level=4, since=clock.today() - timedelta(days=4001), review_days=7, supplement_days=10, by_round=True,
        council=Council.COUNCIL, notice_days=5, notice_in_working_days=True,
    )  # fmt: skip
    db.session.add(rule)
    db.session.flush()
    counties = db.session.scalars(
        select(Region)
        .join(Nomination, Nomination.region_id == Region.id)
        .where(Region.level == 4, Nomination.status.in_(WAITING), Nomination.level == 4)
        .group_by(Region.id)
        .having(func.count() >= 3)
        .order_by(Region.id)
        .limit(2)
    ).all()
    for county, is_noticed in zip(counties, (True, False), strict=False):
        _lay_round(county, rule, is_noticed=is_noticed)


def _lay_round(county: Region, rule: LevelRule, *, is_noticed: bool) -> None:
    chair, other = (identity.actor_of(user) for user in identity.staff_at(county.path)[:2])
    waiting = db.session.scalars(
        select(Nomination).where(Nomination.region_id == county.id, Nomination.status.in_(WAITING)).order_by(Nomination.id).limit(3)
    ).all()
    for case in waiting:
        case.rule_id, case.taken_by_id, case.taken_at, case.status = rule.id, None, None, Status.SUBMITTED
        # Nobody puts up what may not be shown: these three are grown and willing.
        case.nominee.is_minor = False
        db.session.flush()
        deciding.pass_on(chair, case.id, expected=case.version)
    today = clock.today()
    round_ = rounds.open_(
        chair, county, name=f"{today.year} 年四季度" if today.month > 9 else f"{today.year} 年三季度", cadence=Cadence.QUARTERLY,
        opens_on=today - timedelta(days=20), closes_on=today + timedelta(days=40), quotas={None: 10},
    )  # fmt: skip
    round_.rule_id = rule.id
    people = Casting(Random(SEED + 3))
    for standing in ("居民代表", "老党员", "小学老师", "志愿者", "人民调解员"):
        councils.name_member(
            chair, county, name=people.name(), contact=None, standing=standing, since=today, until=today + timedelta(days=730)
        )
    db.session.flush()
    db.session.refresh(round_)
    meeting = councils.open_meeting(chair, round_.id, held_on=today, is_secret=True, is_on_paper=True)
    sheet = papers.Sheet(tuple(m.id for m in questions.sitting(county.id, today)), {case.id: (4, 1, 0) for case in waiting})
    for clerk in (chair, other):
        papers.enter(clerk, meeting.id, sheet)
    settling.close_meeting(chair, meeting.id, minutes_key=storage.keep(images.blank_sheet(), "jpg"))
    for case in waiting[: 3 if is_noticed else 1]:
        publishing.record_consent(chair, case.id, [Purpose.NAME, Purpose.STORY], ConsentMethod.IN_PERSON)
        publishing.edit_text(chair, case.id, headline=case.headline, story=case.story, expected=case.version)
        db.session.flush()
        publishing.approve(other, case.id, expected=case.version)
        rounds.propose(chair, round_.id, case.id, upward=True)
    if is_noticed:
        noticing.publish(chair, round_.id)
        item = questions.items_of(round_.id)[0]
        noticing.object_to(item.id, kind=ObjectionKind.MORE, words="那年下雪天摆摊的，好像是她姐姐。", name="", contact="")
