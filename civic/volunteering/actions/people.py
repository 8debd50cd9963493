"""Becoming a volunteer, signing up those of one's family, teams and their leaders."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock, crypto
from civic.core.db import db, insert_or_leave, locked, next_number
from civic.core.errors import Conflict, Invalid, NotNow
from civic.core.text import normalised_name
from civic.identity.actions import birthdays
from civic.identity.models import Person, PersonKind
from civic.identity.permissions import Actor, Permission, demand, may, out_of_reach
from civic.identity.rules import check_birth_date, demand_own_account, phone_digest
from civic.regions.models import Region
from civic.volunteering import letters
from civic.volunteering.actions import rechecking
from civic.volunteering.models.people import Team, TeamMember, Volunteer, VolunteerSeries
from civic.volunteering.queries import people as questions
from civic.volunteering.rules import signing as rules

WARDS_MOST = 5
YOUNGEST = 8
GROWN = rules.GROWN


def register(actor: Actor, *, birth_date: date | None = None) -> Volunteer:
    """Make the signed-in person a volunteer; a second time adds only a birthday that was not known."""
    assert actor.person_id is not None
    person = db.session.scalars(locked(select(Person).where(Person.id == actor.person_id))).one()
    known = db.session.get(Volunteer, person.id)
    if birth_date is not None and (known is None or person.birth_date is None):
        say_birthday(actor, person, birth_date)
    if person.birth_date is not None:
        # The account may be older than this question.
        demand_own_account(person.birth_date, clock.today())
    return known if known is not None else _registered(actor, person.id)


def say_birthday(actor: Actor, person: Person, birth_date: date) -> None:
    """A birthday that was not known before, of a person who is held; one that is known stays.
    Places they have already are asked about again (`rechecking`)."""
    is_new = person.birth_date is None
    birthdays.note(person, birth_date)
    if is_new:
        db.session.flush()
        audit.record(actor.user_id, "person.birthday", ("person", person.id))
        rechecking.ask_again(person.id)


def _registered(actor: Actor, person_id: int, *, guardian_id: int | None = None, consents: bool = False) -> Volunteer:
    volunteer = Volunteer(
        person_id=person_id, number=next_number(VolunteerSeries, "all"), registered_at=clock.now(), guardian_id=guardian_id,
        guardian_consented_at=clock.now() if consents else None,
    )  # fmt: skip
    db.session.add(volunteer)
    db.session.flush()
    audit.record(actor.user_id, "volunteer.register", ("person", person_id), guardian=guardian_id)
    return volunteer


def add_ward(actor: Actor, *, name: str, birth_date: date) -> Volunteer:
    """Register a child or an elder of one's household, whom one signs up from now on; the consent is given with it."""
    assert actor.person_id is not None
    if db.session.get(Volunteer, actor.person_id) is None:
        raise Invalid("not_registered", _l("先登记成志愿者，一分钟就好。"))
    if not name.strip():
        raise Invalid("name_missing", _l("请写家里人的姓名。"), field="name")
    check_birth_date(birth_date, clock.today())
    if rules.age_on(birth_date, clock.today()) < YOUNGEST:
        raise Invalid("too_young", _l("不满 8 岁的孩子还不能报名。"), field="birth_date")
    # Clicked twice it is one person: the second waits here and finds them.
    guardian = db.session.scalars(locked(select(Person).where(Person.id == actor.person_id))).one()
    mine = questions.wards_of(guardian.id)
    plain = normalised_name(name)
    for other in mine:
        if other.person.normal_name == plain and other.person.birth_date in (None, birth_date):
            _taken_on(actor, other, birth_date)
            return other
    if len(mine) >= WARDS_MOST:
        raise Invalid("wards_full", _l("最多替 5 位家里人报名。"))
    return _registered(actor, _of_household(guardian, name, birth_date).id, guardian_id=guardian.id, consents=True)


def _taken_on(actor: Actor, ward: Volunteer, birth_date: date) -> None:
    """Whom a table wrote down under one's number is the same person when one registers them oneself."""
    ward.guardian_consented_at = ward.guardian_consented_at or clock.now()
    if ward.person.birth_date is None:
        say_birthday(actor, ward.person, birth_date)
    else:
        rechecking.ask_again(ward.person_id)


def _of_household(guardian: Person, name: str, birth_date: date | None) -> Person:
    """A new person who lives with another and has neither phone nor account."""
    person = Person(
        name=name.strip(), normal_name=normalised_name(name), birth_date=birth_date, region_id=guardian.region_id, created_at=clock.now(),
        is_minor=birth_date is not None and rules.age_on(birth_date, clock.today()) < GROWN,
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    return person


def know_ward(actor: Actor, person_id: int) -> Volunteer:
    """Yes, whom a table wrote down under one's number is of one's household."""
    ward = _ward(actor, person_id)
    if ward is None:
        raise out_of_reach()
    if ward.guardian_consented_at is None:
        ward.guardian_consented_at = clock.now()
        audit.record(actor.user_id, "ward.know", ("person", person_id))
        db.session.flush()
        rechecking.ask_again(person_id)
    return ward


def let_go(actor: Actor, person_id: int) -> None:
    """No, one does not know whom a table wrote down under one's number. They stay a volunteer with what they served, and
    one hears nothing of them any more; said twice it is said once."""
    ward = _ward(actor, person_id)
    if ward is None:
        return
    if ward.guardian_consented_at is not None:
        raise NotNow("known_ward", _l("您说过这是您家里人。"))
    ward.guardian_id = None
    audit.record(actor.user_id, "ward.let_go", ("person", person_id))


def give_number(actor: Actor, person_id: int, phone: str) -> Person:
    """One of the family has a phone of their own by now: who registers with it, under their name, goes on as the same person
    with all they served. Their guardian still signs them up until they are grown and end it."""
    ward = _ward(actor, person_id)
    if ward is None or ward.guardian_consented_at is None:
        raise out_of_reach()
    person = db.session.scalars(locked(select(Person).where(Person.id == person_id), may_be_named=True)).one()
    if questions.account_of(person.id) is not None:
        raise NotNow("has_account", _l("他（她）已经有自己的账号了。"))
    if person.birth_date is not None:
        demand_own_account(person.birth_date, clock.today())
    digest = phone_digest(phone)
    if any(other.id != person.id for other in questions.all_at_phone(digest)):
        raise Conflict("phone_of_other", _l("这个手机号已经有人登记了，请换他（她）自己的。"), field="phone")
    person.phone, person.phone_digest, person.is_guest = phone, digest, True
    audit.record(actor.user_id, "ward.number", ("person", person.id))
    return person


def leave_guardian(actor: Actor) -> None:
    """Whoever is grown ends that another signs them up and sees what they served. Said twice it is said once."""
    ward = db.session.scalars(locked(select(Volunteer).where(Volunteer.person_id == actor.person_id))).first()
    if ward is None or ward.guardian_id is None:
        return
    if not questions.is_grown(ward.person):
        raise NotNow("not_grown", _l("满 18 岁以后，您自己可以停。现在请和替您报名的家里人商量。"))
    audit.record(actor.user_id, "ward.leave", ("person", ward.person_id), guardian=ward.guardian_id)
    ward.guardian_id = ward.guardian_consented_at = None


def _ward(actor: Actor, person_id: int) -> Volunteer | None:
    return db.session.scalars(
        locked(select(Volunteer).where(Volunteer.person_id == person_id, Volunteer.guardian_id == actor.person_id, Volunteer.guardian_id.is_not(None)))
    ).first()


def guest(actor: Actor, *, name: str, phone: str, is_of_household: bool = False) -> Person:
    """The person with this phone and name, known or made now, for who is signed up without an account.

    A phone has one owner. Another name is refused, unless it is somebody of the owner's household who has no phone
    (`is_of_household`): a person of their own, and the owner is told. From then on the name is known with the phone.
    Two tables at once make one person: what a unique index or a lock decides, the second waits for and finds.
    """
    if not name.strip():
        raise Invalid("name_missing", _l("请写姓名。"), field="name")
    digest = phone_digest(phone)
    person, is_taken = questions.at_phone(digest, normalised_name(name))
    if person is None and not is_taken:
        db.session.execute(
            insert_or_leave(Person.__table__),
            {
                "kind": PersonKind.INDIVIDUAL, "name": name.strip(), "normal_name": normalised_name(name), "is_minor": False, "is_deceased": False,
                "phone": phone, "phone_digest": digest, "is_guest": True, "created_at": clock.now(),
            },
        )  # fmt: skip
        person, _is_taken = questions.at_phone(digest, normalised_name(name))
    if person is None:
        if not is_of_household:
            raise Conflict(
                "phone_of_other", _l("这个手机号登记的是另一个名字，请对一下。没有手机的老人报家里人的号码，请队长在名单上勾“用的是家里人的手机”。"), field="name"
            )
        return _written_down(actor, digest, name)
    person = db.session.scalars(locked(select(Person).where(Person.id == person.id))).one()
    if db.session.get(Volunteer, person.id) is None:
        _registered(actor, person.id)
    return person


def _written_down(actor: Actor, digest: str, name: str) -> Person:
    """Somebody of the household of a phone's owner, written down by a leader who sees them: the owner hears of it and says
    whether it is so. No consent is given with it, so no child comes in this way."""
    owner = db.session.scalars(locked(select(Person).where(Person.id == questions.owner_of(digest)))).one()
    known, _is_taken = questions.at_phone(digest, normalised_name(name))
    if known is not None:
        return known
    if len(questions.wards_of(owner.id)) >= WARDS_MOST:
        raise Invalid("wards_full", _l("这个手机号已经记了 5 位家里人，请换一个号码。"), field="phone")
    person = _of_household(owner, name, None)
    letters.tell_household(_registered(actor, person.id, guardian_id=owner.id))
    return person


def found_team(actor: Actor, place: Region, *, name: str, parent_id: int | None = None) -> Team:
    """A new team at a place."""
    demand(actor, Permission.EVENT_RUN, place.path)
    if not name.strip():
        raise Invalid("name_missing", _l("请给服务队起个名字。"), field="name")
    if db.session.scalars(select(Team.id).where(Team.region_id == place.id, Team.name == name.strip())).first() is not None:
        raise Conflict("team_known", _l("这里已经有叫这个名字的服务队了。"), field="name")
    _parent(actor, parent_id)
    team = Team(region_id=place.id, region_path=place.path, name=name.strip(), parent_id=parent_id, since=clock.today())
    db.session.add(team)
    db.session.flush()
    audit.record(actor.user_id, "team.found", ("team", team.id), region_path=place.path)
    return team


def _parent(actor: Actor, parent_id: int | None) -> None:
    """A team above gives its leaders the lists of this one, so it is one the actor runs too."""
    if parent_id is None:
        return
    parent = db.session.get(Team, parent_id)
    if parent is None or not may(actor, Permission.EVENT_RUN, parent.region_path):
        raise Invalid("team_unknown", _l("没有这个上级服务队。"), field="parent")


def team_held(actor: Actor, team_id: int) -> Team:
    """The team, locked, where the actor runs events."""
    team = db.session.scalars(locked(select(Team).where(Team.id == team_id))).first()
    if team is None:
        raise out_of_reach()
    demand(actor, Permission.EVENT_RUN, team.region_path)
    return team


def change_team(actor: Actor, team_id: int, *, name: str, parent_id: int | None) -> Team:
    """Another name for a team, and within which it stands: none is by itself."""
    team = team_held(actor, team_id)
    if not name.strip():
        raise Invalid("name_missing", _l("请给服务队起个名字。"), field="name")
    if db.session.scalars(select(Team.id).where(Team.region_id == team.region_id, Team.name == name.strip(), Team.id != team.id)).first() is not None:
        raise Conflict("team_known", _l("这里已经有叫这个名字的服务队了。"), field="name")
    _parent(actor, parent_id)
    if parent_id is not None and questions.stands_within(parent_id, team.id):
        raise Invalid("team_circle", _l("那个队就在这个队里面，不能反过来当上级。"), field="parent")
    team.name, team.parent_id = name.strip(), parent_id
    audit.record(actor.user_id, "team.change", ("team", team.id), region_path=team.region_path, parent=parent_id)
    return team


def join(actor: Actor, team: Team, person_id: int, *, is_leader: bool = False) -> TeamMember:
    """Take somebody into a team, or make a member its leader."""
    demand(actor, Permission.EVENT_RUN, team.region_path)
    member = db.session.scalars(select(TeamMember).where(TeamMember.team_id == team.id, TeamMember.person_id == person_id)).first()
    if member is None or member.until is not None:
        member = member or TeamMember(team_id=team.id, person_id=person_id)
        member.since = clock.today()
        db.session.add(member)
    member.is_leader, member.until = is_leader, None
    db.session.flush()
    audit.record(actor.user_id, "team.join", ("team", team.id), region_path=team.region_path, person=person_id, leader=is_leader)
    return member


def leave(actor: Actor, team_id: int, person_id: int) -> TeamMember:
    """Let a member go, and with it their lead; whoever is taken in again begins anew."""
    team = team_held(actor, team_id)
    member = _member_of(team.id, person_id)
    member.is_leader, member.until = False, clock.today()
    audit.record(actor.user_id, "team.leave", ("team", team.id), region_path=team.region_path, person=person_id)
    return member


def name_leader(actor: Actor, team_id: int, person_id: int, *, is_leader: bool) -> TeamMember:
    """Make a member a leader, or a leader a member."""
    team = team_held(actor, team_id)
    member = _member_of(team.id, person_id)
    member.is_leader = is_leader
    audit.record(actor.user_id, "team.lead", ("team", team.id), region_path=team.region_path, person=person_id, leader=is_leader)
    return member


def _member_of(team_id: int, person_id: int) -> TeamMember:
    member = db.session.scalars(
        locked(select(TeamMember).where(TeamMember.team_id == team_id, TeamMember.person_id == person_id, TeamMember.until.is_(None)))
    ).first()
    if member is None:
        raise out_of_reach()
    return member


def new_calendar(actor: Actor) -> str:
    """A private address for one's calendar; the one before ends. Only its digest is kept."""
    volunteer = db.session.get(Volunteer, actor.person_id)
    if volunteer is None:
        raise Invalid("not_registered", _l("先登记成志愿者，一分钟就好。"))
    token = crypto.token()
    volunteer.calendar_key = crypto.digest("calendar", token)
    audit.record(actor.user_id, "calendar.new", ("person", volunteer.person_id))
    return token


def new_team_calendar(actor: Actor, team: Team) -> str:
    """The same for a team."""
    demand(actor, Permission.EVENT_RUN, team.region_path)
    token = crypto.token()
    team.calendar_key = crypto.digest("calendar", token)
    audit.record(actor.user_id, "calendar.new", ("team", team.id), region_path=team.region_path)
    return token


def end_calendar(actor: Actor) -> None:
    """Nobody reads the calendar any more."""
    volunteer = db.session.get(Volunteer, actor.person_id)
    if volunteer is not None:
        volunteer.calendar_key = None
        audit.record(actor.user_id, "calendar.end", ("person", volunteer.person_id))


def say_free_times(actor: Actor, free: set[tuple[int, int]]) -> None:
    """Say when one is free: {(weekday from 0, part of the day from 0)}; nothing at all takes the word back."""
    volunteer = db.session.get(Volunteer, actor.person_id)
    if volunteer is None:
        raise Invalid("not_registered", _l("先登记成志愿者，一分钟就好。"))
    marks = "".join("1" if (day, part) in free else "0" for day in range(7) for part in range(len(rules.PARTS)))
    volunteer.free_times = marks if "1" in marks else None
    audit.record(actor.user_id, "volunteer.free_times", ("person", volunteer.person_id))
