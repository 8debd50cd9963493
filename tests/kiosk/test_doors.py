"""Every rule at every door: what stands against a place is asked wherever somebody may come to one, or the table of the
doors says why not. A rule or a door that is added without its line here or there fails."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity.models import Person
from civic.identity.permissions import Actor
from civic.kiosk.actions import enrolling
from civic.kiosk.queries import devices
from civic.kiosk.queries.roster import moment
from civic.kiosk.states import Scope
from civic.volunteering import forms
from civic.volunteering.actions import correcting, handing, offers, paper, signing
from civic.volunteering.models.events import Basis, Event, Post, QualificationKind, Risk, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.rules.doors import NOT_ASKED, Door
from civic.volunteering.rules.signing import Rule
from civic.volunteering.states import EventStatus, ShiftStatus, SignUpStatus
from tests.support import builders
from tests.support.tablets import tablet

PHONE = "13900020008"
NAME = "黄素芬"


@dataclass
class World:
    """Somebody on the way to a shift three days ahead, with whoever else a door needs."""

    app: object
    zebra: builders.Crossing
    shift_id: int
    person: Actor
    guardian: Actor
    place: int | None = None  # a place that is kept for them
    ask: int | None = None
    device: object = None
    has_read: bool = True
    says_birthday: bool = True
    is_early: bool = False

    @property
    def shift(self) -> Shift:
        return db.session.get_one(Shift, self.shift_id)

    @property
    def leader(self) -> Actor:
        return builders.identity.actor_of(self.zebra.leader)

    def human(self) -> Person:
        return db.session.get_one(Person, self.person.person_id)


def world(app, door: Door) -> World:
    zebra = builders.crossing(most=4, days=5, posts=("育才小学路口", "东门路口"))
    shift = next(s for s in zebra.shifts() if s.day > clock.today() + timedelta(days=2))
    guardian = builders.volunteer("黄妈妈")
    person = builders.volunteer(NAME, phone=PHONE)
    with transaction():
        ward = db.session.get_one(Volunteer, person.person_id)
        ward.guardian_id, ward.guardian_consented_at = guardian.person_id, clock.now()
    found = World(app, zebra, shift.id, person, guardian)
    BEFORE.get(door, lambda _world: None)(found)
    return found


def _in_line(at: World) -> None:
    others = [builders.volunteer() for _ in range(4)]
    with transaction():
        rows = [signing.sign_up(other, at.shift_id, has_read_briefing=True) for other in others]
        at.place = signing.sign_up(at.person, at.shift_id, has_read_briefing=True, wants_to_wait=True).id
        offers.withdraw(others[0], rows[0].id)


def _arranged(at: World) -> None:
    with transaction():
        at.place = offers.arrange(at.zebra.organiser, at.shift_id, at.person.person_id, is_working_time=False).id


def _asked_over(at: World) -> None:
    giver = builders.volunteer()
    with transaction():
        row = signing.sign_up(giver, at.shift_id, has_read_briefing=True)
        at.ask = handing.name_successor(at.leader, row.id, at.person.person_id, reason="顺路").id


def _kiosk(at: World) -> None:
    at.device = tablet(at.app, at.zebra.organiser, Scope.EVENT, at.zebra.event_id)


BEFORE: dict[Door, Callable[[World], None]] = {Door.OFFER: _in_line, Door.ARRANGED: _arranged, Door.HAND_OVER: _asked_over, Door.KIOSK: _kiosk, Door.SCAN: _kiosk}


def _at_the_kiosk(at: World) -> None:
    soon = at.shift.starts_at - timedelta(minutes=30)
    if clock.now() < soon and not at.is_early:
        clock.freeze(soon)
    body = {"scan_id": str(uuid.uuid4()), "shift": at.shift_id, "name": NAME, "phone": PHONE, "at": moment(clock.now()), "offset": 0}
    more = {"birth_date": "1961-04-02"} if at.says_birthday else {}
    answer = at.device.ask("POST", "walk-ins", json={**body, **more, "has_read_briefing": at.has_read})
    if answer.status_code >= 400:
        raise DomainError(answer.json["code"], answer.json["sentence"])


def _seated(at: World) -> None:
    if clock.now() < at.shift.ends_at:
        clock.freeze(at.shift.ends_at + timedelta(minutes=5))
    correcting.seated(at.leader, at.shift_id, at.person.person_id)


def _typed_in(at: World) -> None:
    clock.freeze(at.shift.ends_at + timedelta(minutes=5))
    paper.type_in(at.leader, at.shift_id, {10**6: (time(7, 30), None)}, photo_key="p")


def _scanned(at: World) -> None:
    with transaction():
        enrolling.ensure_keys()
    alias = devices.alias_of(at.person.person_id, at.zebra.event_id)
    code = at.device.upload(at.device.scan(alias=alias, event=at.zebra.event_id))
    raise DomainError(code[0], "")


COME: dict[Door, Callable[[World], object]] = {
    Door.PAGE: lambda at: signing.sign_up(at.person, at.shift_id, has_read_briefing=at.has_read),
    Door.FAMILY: lambda at: signing.sign_up(at.guardian, at.shift_id, person_id=at.person.person_id, has_read_briefing=at.has_read),
    Door.CALL: lambda at: signing.sign_up(at.zebra.organiser, at.shift_id, person_id=at.person.person_id, has_read_briefing=at.has_read),
    Door.TABLE: lambda at: signing.sign_up_at_table(at.leader, at.shift_id, at.person.person_id),
    Door.KIOSK: _at_the_kiosk,
    Door.SEAT: _seated,
    Door.OFFER: lambda at: offers.answer(at.person, at.place, accepts=True, has_read_briefing=at.has_read),
    Door.ARRANGING: lambda at: offers.arrange(at.zebra.organiser, at.shift_id, at.person.person_id, is_working_time=False),
    Door.ARRANGED: lambda at: offers.answer(at.person, at.place, accepts=True, has_read_briefing=at.has_read),
    Door.HAND_OVER: lambda at: handing.answer(at.person, at.ask, accepts=True, has_read_briefing=at.has_read),
    Door.PAPER: _typed_in,
    Door.SCAN: _scanned,
}


def _born(at: World, years: int) -> None:
    person = at.human()
    person.birth_date = at.shift.day.replace(year=at.shift.day.year - years, day=1)
    person.is_minor = True


def _beside(at: World, where: str) -> None:
    """A place of theirs at the same time elsewhere, or another time of the same day."""
    mine = at.shift
    is_clash = where == "clash"
    shifts = select(Shift).where(Shift.event_id == mine.event_id, Shift.id != mine.id, Shift.day == mine.day)
    other = db.session.scalars(shifts.where((Shift.starts_at == mine.starts_at) if is_clash else (Shift.starts_at != mine.starts_at))).first()
    other.taken += 1
    db.session.add(SignUp(shift_id=other.id, person_id=at.person.person_id, status=SignUpStatus.CONFIRMED, starts_at=other.starts_at, ends_at=other.ends_at, at=clock.now(), basis=Basis.SELF))
    if not is_clash:
        db.session.get_one(Event, mine.event_id).most_a_month = 1


def _qualified(at: World) -> None:
    kind = QualificationKind(name="急救员", course="红十字会初级救护", since=clock.today())
    db.session.add(kind)
    db.session.flush()
    db.session.get_one(Post, at.shift.post_id).needs_id = kind.id


def _event(at: World, **changes: object) -> None:
    event = db.session.get_one(Event, at.shift.event_id)
    for name, value in changes.items():
        setattr(event, name, value)


def _shift(at: World, **changes: object) -> None:
    for name, value in changes.items():
        setattr(at.shift, name, value)


def _evening(at: World) -> None:
    _born(at, 15)
    _shift(at, ends_at=datetime.combine(at.shift.day, time(19, 30), tzinfo=clock.zone()))


def _company(at: World) -> None:
    _born(at, 10)
    _event(at, risk=Risk.OUTDOOR)


def _consent(at: World) -> None:
    _born(at, 15)
    db.session.get_one(Volunteer, at.person.person_id).guardian_consented_at = None


def _unknown_birthday(at: World) -> None:
    at.human().birth_date, at.says_birthday = None, False


def _not_yet(at: World) -> None:
    _event(at, opens_days=1)
    at.is_early = True


# How each rule comes to stand against them, and the code that says so.
AGAINST: dict[Rule, tuple[str, Callable[[World], object]]] = {
    Rule.OPEN: ("shift_closed", lambda at: _shift(at, status=ShiftStatus.CANCELLED, cancelled_for="下雨")),
    Rule.TAKES: ("shift_closed", lambda at: _event(at, status=EventStatus.CLOSED)),
    Rule.OVER: ("too_late", lambda at: clock.freeze(at.shift.ends_at + timedelta(minutes=5))),
    Rule.BEGUN: ("too_late", lambda at: clock.freeze(at.shift.starts_at + timedelta(minutes=5))),
    Rule.DEADLINE: ("too_late", lambda at: _event(at, closes_hours=240)),
    Rule.NOT_YET: ("too_early", _not_yet),
    Rule.REGISTERED: ("not_registered", lambda at: db.session.delete(db.session.get_one(Volunteer, at.person.person_id))),
    Rule.BIRTHDAY: ("birthday_unknown", _unknown_birthday),
    Rule.YOUNG: ("too_young", lambda at: _born(at, 7)),
    Rule.COMPANY: ("guardian_first", _company),
    Rule.CONSENT: ("guardian_consent", _consent),
    Rule.EVENING: ("too_late_for_minor", _evening),
    Rule.QUALIFIED: ("not_qualified", _qualified),
    Rule.BRIEFED: ("briefing_unread", lambda at: setattr(at, "has_read", False)),
    Rule.CLASH: ("clash", lambda at: _beside(at, "clash")),
    Rule.MONTH: ("limit_reached", lambda at: _beside(at, "month")),
    Rule.PLACE: ("full", lambda at: _shift(at, taken=at.shift.most)),
}
# Where the door says the same in words of its own, or does itself what the rule asks for (None).
OTHERWISE: dict[tuple[Door, Rule], str | None] = {
    **{(Door.ARRANGING, rule): "cannot_arrange" for rule in Rule},  # one answer to every reason, by design
    **{(Door.ARRANGING, rule): "shift_closed" for rule in (Rule.OPEN, Rule.OVER, Rule.BEGUN)},
    **{(door, rule): "offer_over" for door in (Door.OFFER, Door.ARRANGED) for rule in (Rule.OVER, Rule.BEGUN)},
    **{(Door.HAND_OVER, rule): "hand_over_over" for rule in (Rule.OPEN, Rule.OVER, Rule.BEGUN)},
    # Whom nobody may sign up yet is not of the family.
    **{(Door.FAMILY, rule): "not_yours" for rule in (Rule.REGISTERED, Rule.CONSENT)},
    (Door.SEAT, Rule.OPEN): "hours_final",
    (Door.KIOSK, Rule.REGISTERED): None,  # it registers them
    (Door.PAPER, Rule.OPEN): "never_held",
    (Door.ARRANGING, Rule.PLACE): "full",
}
MAKING = [door for door in Door if door not in (Door.AGAIN, Door.IMPORT, Door.PAPER, Door.SCAN)]


def outcome(at: World, door: Door) -> str | None:
    """The code it is refused with; None where they are in."""
    try:
        if door in (Door.KIOSK, Door.SCAN):
            COME[door](at)
        else:
            with transaction():
                COME[door](at)
    except DomainError as error:
        return error.code
    finally:
        db.session.rollback()
    return None


def test_every_door_and_every_rule_has_its_line():
    assert set(NOT_ASKED) == set(Door)
    assert set(AGAINST) == set(Rule)
    assert set(COME) == set(Door) - {Door.AGAIN, Door.IMPORT}
    assert all(reason for row in NOT_ASKED.values() for reason in row.values()), "a rule that a door does not ask has a reason"


@pytest.mark.parametrize("door", MAKING)
def test_who_may_comes_in_through_every_door(app, door):
    at = world(app, door)
    assert outcome(at, door) is None
    row = db.session.scalars(select(SignUp).where(SignUp.shift_id == at.shift_id, SignUp.person_id == at.person.person_id)).one()
    assert row.status in (SignUpStatus.CONFIRMED, SignUpStatus.OFFERED, SignUpStatus.CAME)


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("door", MAKING)
def test_every_door_asks_every_rule_or_says_why_not(app, door, rule):
    at = world(app, door)
    code, against = AGAINST[rule]
    with transaction():
        against(at)
    found = outcome(at, door)
    if (door, rule) in OTHERWISE and (rule not in NOT_ASKED[door] or OTHERWISE[door, rule] in ("full", "hours_final")):
        assert found == OTHERWISE[door, rule]
    elif rule in NOT_ASKED[door]:
        assert found is None, f"{door} does not ask {rule} ({NOT_ASKED[door][rule]}), but refused with {found}"
    else:
        assert found == code, f"{door} forgets {rule}: ask it, or give the reason in civic/volunteering/rules/doors.py"


@pytest.mark.parametrize("door", [Door.PAPER, Door.SCAN])
def test_no_place_comes_about_by_paper_or_by_a_scan(app, door):
    at = world(app, door)
    before = db.session.scalar(select(func.count()).select_from(SignUp))
    assert outcome(at, door) == {Door.PAPER: "not_on_list", Door.SCAN: "not_signed_up"}[door]
    assert db.session.scalar(select(func.count()).select_from(SignUp)) == before


def test_no_sheet_of_places_is_read(whole_app):
    """The day somebody adds one, it is a door and gets its line."""
    import importlib
    import pkgutil

    from flask_wtf.file import FileField

    taking = []
    for module in pkgutil.iter_modules(forms.__path__):
        for name, kind in vars(importlib.import_module(f"civic.volunteering.forms.{module.name}")).items():
            taking += [f"{name}.{field}" for field, made in vars(kind).items() if getattr(made, "field_class", None) is FileField] if isinstance(kind, type) else []
    assert taking == []


def test_the_form_at_the_table_takes_nobody_whose_age_the_leader_does_not_know(app, client):
    zebra = builders.crossing()
    shift = zebra.shifts()[0]
    client.sign_in(zebra.leader.phone)
    data = {"name": "白发枝", "phone": "13900020001"}
    assert client.post(f"/volunteering/lists/{shift.id}/guest", data=data).status_code == 422
    assert client.post(f"/volunteering/lists/{shift.id}/guest", data=data | {"is_grown": "y"}).status_code == 303
