"""The demonstration's volunteering: a team, 礼让斑马线 on four crossings for a month, people on it, goods on the shelf."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

from sqlalchemy import select

from civic.core import clock
from civic.core.db import db
from civic.core.errors import DomainError
from civic.demo import served
from civic.demo.casting import Casting
from civic.identity import queries as identity
from civic.identity.models import Grant, Person, User
from civic.identity.permissions import Actor, Role
from civic.identity.rules import Contact, contact_digest
from civic.points.actions import goods, tariffs
from civic.regions import queries as regions
from civic.regions.models import Region
from civic.volunteering.actions import categories, events, handing, people, policies, scheduling, signing
from civic.volunteering.models.events import Event, Risk, Shift, SignUp
from civic.volunteering.models.events import Role as Work
from civic.volunteering.models.people import Team
from civic.volunteering.states import Rhythm, SignUpStatus

SEED = 20260718
BEGAN = timedelta(days=14)
CROSSINGS = (
    ("育才小学路口", "上学点，人多", 192, 146, 32.9312, 117.3601), ("中医院路口", "老人多，走得慢", 204, 258, 32.9275, 117.3606),
    ("汀河桥头", "车速快，要两人一组", 208, 324, 32.9253, 117.3608), ("菜市口路口", "早上三轮车多", 184, 70, 32.9338, 117.3598),
)  # fmt: skip
HOURS = (("早班", time(7), time(9)), ("午前班", time(9), time(11)), ("晚班", time(17), time(19)))
GOODS = (("雨伞一把", "桥东百货", 60, 40), ("保温杯一个", "青松超市", 120, 20), ("理发一次", "小周理发店", 80, 30), ("环保袋一个", "桥东百货", 30, 200))


def lay_events() -> None:
    """Everything through the actions, so that the demonstration lives by the same rules; it began two weeks ago."""
    grant = db.session.scalars(select(Grant).where(Grant.role == Role.ORGANISER).order_by(Grant.id).limit(1)).first()
    if grant is None:
        return
    chance, today = Random(SEED), clock.today()
    tariffs.ensure_tariff(today - timedelta(days=4000))
    policies.ensure_policy(today - timedelta(days=4000))
    categories.ensure_categories(today - timedelta(days=4000))
    organiser = identity.actor_of(grant.user)
    street = regions.by_id(grant.region_id)
    assert street is not None
    with clock.standing_at(clock.now() - BEGAN):
        team = people.found_team(organiser, street, name="青松志愿服务队")
        people.join(organiser, team, _signs_in("steward").person_id, is_leader=True)
        event = _lay_crossings(organiser, team, street, today)
        crowd, actor = _lay_crowd(organiser, chance)
    for name, donor, worth, count in GOODS:
        goods.offer_good(organiser, street, name=name, donor=donor, counter=f"{street.name}便民服务台", points=worth, count=count)
    served.lay_past(organiser, identity.actor_of(_signs_in("steward")), event.id, crowd, actor, chance)
    _lay_park(organiser, team, street, today)
    _lay_coming(organiser, event.id, crowd, actor, chance)


def _signs_in(name: str) -> User:
    return db.session.scalars(select(User).where(User.email_digest == contact_digest(Contact("email", f"{name}@demo.example")))).one()


def _lay_crossings(organiser: Actor, team: Team, street: Region, today: date) -> Event:
    event = events.begin(
        organiser, team, street,
        replace(
            events.CROSSING, place="文昌路沿线 4 个路口", insurance_number="YA-2026-001234", insured_from=clock.today(),
            insured_until=today + timedelta(days=365), police_contact="桥东交警中队 0550-220011", emergency_contact="罗秀琴 13900000005",
        ),
    )  # fmt: skip
    for name, corner, x, y, latitude, longitude in CROSSINGS:
        events.add_post(organiser, event.id, name=name, corner=corner, x=x, y=y, latitude=latitude, longitude=longitude)
    for name, starts, ends in HOURS:
        scheduling.add_pattern(organiser, event.id, name=name, starts=starts, ends=ends)
    scheduling.generate(organiser, event.id, first=clock.today() + timedelta(days=1), last=today + timedelta(days=30), skip=[today])
    events.publish(organiser, event.id)
    return event


def _lay_park(organiser: Actor, team: Team, street: Region, today: date) -> None:
    event = events.begin(
        organiser, team, street,
        events.Details(category="green", name="橘园拾捡", subtitle="周末净园", description="沿着步道走一圈，捡起来的分好类。带孩子来也行。", place="橘园公园南门", risk=Risk.OUTDOOR, kit="夹子、手套、袋子、水"),
    )  # fmt: skip
    events.add_post(organiser, event.id, name="南门步道", corner="坡少，好走", role=Work.GENERAL)
    scheduling.add_pattern(organiser, event.id, name="上午", starts=time(8, 30), ends=time(10), rhythm=Rhythm.DAILY, most=12, normal=8)
    scheduling.generate(organiser, event.id, first=today + timedelta(days=1), last=today + timedelta(days=14))
    events.publish(organiser, event.id)


def _lay_crowd(organiser: Actor, chance: Random) -> tuple[list[Person], Actor]:
    """Thirty volunteers, and the resident who can sign in."""
    casting = Casting(chance)
    crowd = [people.guest(organiser, name=casting.name(), phone=f"1370000{n:04d}") for n in range(30)]
    actor = identity.actor_of(_signs_in("resident"))
    db.session.get_one(Person, actor.person_id).birth_date = date(1961, 4, 2)
    people.register(actor)
    return crowd, actor


def _lay_coming(organiser: Actor, event_id: int, crowd: list[Person], actor: Actor, chance: Random) -> None:
    """The first days to come: some shifts full, with a line; the resident on one of them."""
    shifts = db.session.scalars(
        select(Shift).where(Shift.event_id == event_id, Shift.starts_at > clock.now()).order_by(Shift.starts_at, Shift.id).limit(24)
    ).all()
    for shift in shifts:
        for person in chance.sample(crowd, chance.randint(0, 6)):
            try:
                signing.sign_up(organiser, shift.id, person_id=person.id, has_read_briefing=True, wants_to_wait=True)
            except DomainError as error:
                if error.code not in ("clash", "limit_reached"):
                    raise
    signing.sign_up(actor, shifts[2].id, has_read_briefing=True, wants_to_wait=True)
    _lay_hand_over(actor, [shift.id for shift in shifts[3:]])


def _lay_hand_over(actor: Actor, shift_ids: list[int]) -> None:
    """Somebody cannot come, and the leader asks the resident who can sign in."""
    steward = identity.actor_of(_signs_in("steward"))
    mine = select(SignUp.shift_id).where(SignUp.person_id == actor.person_id)
    giver = db.session.scalars(
        select(SignUp).where(SignUp.shift_id.in_(shift_ids), SignUp.status == SignUpStatus.CONFIRMED, SignUp.shift_id.not_in(mine)).order_by(SignUp.starts_at, SignUp.id).limit(1)
    ).first()
    if giver is not None and actor.person_id is not None:
        handing.name_successor(steward, giver.id, actor.person_id, reason="她熟悉这个路口")
