"""An account closes, or a role ends, and everything that hangs on it hears of it in the same moment."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from civic.core import clock, storage
from civic.core.db import db, transaction
from civic.errands import running
from civic.errands.models import Errand, ErrandStatus
from civic.identity import queries as identity
from civic.identity.actions import deputies, kin, sessions
from civic.identity.models import Deputy, Grant, LetterChoice, LetterWay, User
from civic.identity.permissions import MACHINE, Role
from civic.kiosk.actions import cards
from civic.kiosk.models.devices import Kiosk, Pairing
from civic.kiosk.states import Scope
from civic.nominations.actions import deciding, drafting, reacting
from civic.nominations.models.cases import Nomination
from civic.nominations.models.councils import Member
from civic.nominations.models.juries import Juror
from civic.nominations.models.looks import Look, SavedFilter
from civic.nominations.models.notices import Notice, NoticeItem, Objection, ObjectionKind, ObjectionStatus
from civic.nominations.models.rounds import Round
from civic.nominations.queries import reactions
from civic.nominations.rules import links
from civic.nominations.states import Status
from civic.outbox.models import Message
from civic.pages.actions import leaving
from civic.pages.jobs import JOBS
from civic.points.actions import entries, goods
from civic.points.models import Redemption, RedemptionStatus
from civic.volunteering.actions import boards, handing, people, signing
from civic.volunteering.models.events import SignUp
from civic.volunteering.models.handing import AskStatus, HandOver
from civic.volunteering.models.people import Volunteer
from civic.volunteering.states import SignUpStatus
from tests.laws.test_leaving import ENDED, GONE
from tests.nominations.test_juries import a_county, drawn
from tests.support import builders
from tests.support.client import strict_client
from tests.volunteering.test_races import at_once

pytestmark = pytest.mark.usefixtures("app")


def actor(user_id):
    return identity.actor_of(db.session.get(User, user_id))


def fresh(model, key):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(model, key)


def rows_of(table, column, user_id, person_id):
    """How many rows of a table point to somebody by a column."""
    target = next(iter(db.metadata.tables[table].c[column].foreign_keys)).column.table.name
    return f'FROM "{table}" WHERE "{column}" = {user_id if target == "user" else person_id}'


def count(tail):
    return db.session.execute(text(f"SELECT count(*) {tail}")).scalar_one()


@pytest.fixture
def everything(app):
    """Somebody on whom every kind of thing hangs: a drawn juror who became staff, serves, waits, leads, nominates, exchanges."""
    county = a_county()
    jury = drawn(county)
    with transaction():
        juror = db.session.scalars(select(Juror).where(Juror.jury_id == jury).order_by(Juror.position)).first()
        user = db.session.get(User, juror.user_id)
    town, user_id, person_id = county.town, user.id, user.person_id
    crossing = builders.crossing(town, most=1)
    shifts = crossing.shifts()
    with transaction():
        for role, place in ((Role.REVIEWER, town.line[2]), (Role.REVIEWER, town.line[3]), (Role.ORGANISER, town.line[3])):
            db.session.add(
                Grant(
                    user_id=user_id, role=role, region_id=place.id, region_path=place.path, level=place.level, since=clock.today(), granted_at=clock.now()
                )
            )
        colleague = builders.account(Role.REVIEWER, town.line[2], name="周敏").id
    _staff_things(town, user_id, person_id, colleague)
    _volunteer_things(crossing, shifts, user_id)
    _own_things(town, user_id)
    return county, crossing, user_id, person_id


def _staff_things(town, user_id, person_id, colleague):
    case = builders.climbed(town, 2, nominee_name="被接手的人").id
    with transaction():
        deciding.take(actor(user_id), case, expected=builders.version(case))
    today, now = clock.today(), clock.now()
    with transaction():
        deputies.name_deputy(actor(user_id), colleague, since=today, until=today + timedelta(days=3))
        deputies.name_deputy(actor(colleague), user_id, since=today, until=today + timedelta(days=3))
        db.session.add(
            Member(
                region_id=town.line[2].id, region_path=town.line[2].path, person_id=person_id, name="他", standing="居民代表", since=today,
                until=today + timedelta(days=300), named_by_id=user_id,
            )
        )  # fmt: skip
        notice = Notice(
            round_id=db.session.scalars(select(Round.id)).first(), region_id=town.line[3].id, region_path=town.line[3].path, level=3, starts_at=now, ends_at=now + timedelta(days=3),
            days=3, in_working_days=False, published_by_id=colleague,
        )  # fmt: skip
        db.session.add(notice)
        db.session.flush()
        item = NoticeItem(notice_id=notice.id, nomination_id=case, shown_name="某", place="桥东街道", headline="缝补", words="缝补", days_left=2)
        db.session.add(item)
        db.session.flush()
        db.session.add(
            Objection(
                item_id=item.id, region_path=town.line[3].path, kind=ObjectionKind.UNTRUE, words="不是这样", status=ObjectionStatus.INVESTIGATING,
                received_at=now, due_at=now + timedelta(days=9), investigator_id=user_id,
            )
        )  # fmt: skip
        db.session.add_all([Look(nomination_id=case, user_id=user_id, at=now), SavedFilter(user_id=user_id, name="急", query="search=急", created_at=now)])
        db.session.add(
            Errand(
                kind="queue", key=f"queue:{user_id}:x", name="待办", asked_by_id=user_id, asked_at=now, details="{}", status=ErrandStatus.DONE, ended_at=now,
                file_key=storage.keep(b"PK", "xlsx"), done=1, tries=0,
            )
        )  # fmt: skip


def _volunteer_things(crossing, shifts, user_id):
    with transaction():
        people.register(actor(user_id), birth_date=date(1980, 1, 1))
        people.new_calendar(actor(user_id))
        people.say_free_times(actor(user_id), {(0, 0)})
        team = shifts[0].event.team
        people.join(crossing.organiser, team, db.session.get(User, user_id).person_id, is_leader=True)
        boards.stand(actor(user_id), team.id, nickname="斑马")
        people.add_ward(actor(user_id), name="小宝", birth_date=date(2010, 3, 1))
    with transaction():
        signing.sign_up(actor(user_id), shifts[0].id, has_read_briefing=True)
    waits = builders.volunteer("排队的人", phone="13711112222")
    with transaction():
        signing.sign_up(waits, shifts[0].id, has_read_briefing=True, wants_to_wait=True)
        signing.sign_up(waits, shifts[2].id, has_read_briefing=True)
    with transaction():
        signing.sign_up(actor(user_id), shifts[2].id, has_read_briefing=True, wants_to_wait=True)
        handing.hand_over(waits, db.session.scalars(select(SignUp.id).where(SignUp.shift_id == shifts[2].id, SignUp.person_id == waits.person_id)).one())
    with transaction():
        cards.issue(actor(user_id), cards.of_oneself(actor(user_id)), [db.session.get(User, user_id).person_id])
        now = clock.now()
        place = crossing.town.line[3]
        kiosk = Kiosk(
            name="路口", scope=Scope.REGION, region_id=place.id, region_path=place.path, until=now + timedelta(days=9), created_by_id=user_id, created_at=now,
            pin_salt="x", pin_rounds=100000, pin_digest="x",
        )  # fmt: skip
        db.session.add(kiosk)
        db.session.flush()
        sessions.begin(user_id)
        db.session.add(Pairing(kiosk_id=kiosk.id, code_digest="x", opened_at=now, opened_by_id=user_id, expires_at=now + timedelta(minutes=10)))


def _own_things(town, user_id):
    user = db.session.get(User, user_id)
    phone, person_id = user.phone, user.person_id
    with transaction():
        drafting.keep(actor(user_id), "holder", "draft-of-who-leaves", {"nominee_name": "没写完"})
        db.session.add(LetterChoice(user_id=user_id, way=LetterWay.SMS, quiet_from=20, quiet_until=8, wants_reminders=True))
        kin.declare(actor(user_id), builders.Contact("phone", "13711112222"), "sibling")
        kin.declare(actor(db.session.scalars(select(User.id).where(User.id != user_id)).first()), builders.Contact("phone", phone), "sibling")
    builders.voice(db.session.merge(town.line[1]), contact=builders.Contact("phone", phone), actor=actor(user_id), nominee_name="推荐的人")
    organiser = actor(db.session.scalars(select(Grant.user_id).where(Grant.role == Role.ORGANISER).order_by(Grant.id)).first())
    with transaction():
        good = goods.offer_good(organiser, db.session.merge(town.line[3]), name="雨伞", donor="青松超市", counter="街道大厅", points=5, count=1)
        entries.award(organiser, person_id, minutes=600, role="guide", source="test:1", words="礼让斑马线", day=clock.today())
    with transaction():
        goods.redeem(actor(user_id), good.id, request="x")


def test_nothing_that_runs_hangs_on_an_account_that_closed(everything, client):
    _county, _crossing, user_id, person_id = everything
    for table, column in [*GONE, *ENDED]:
        assert count(rows_of(table, column, user_id, person_id)), f"the stage has no {table}.{column}: this proves nothing about it"
    clock.advance(timedelta(minutes=1))
    with transaction():
        leaving.close_account(actor(user_id))
    for table, column in GONE:
        assert not count(rows_of(table, column, user_id, person_id)), f"{table}.{column} still points to who left"
    for (table, column), over in ENDED.items():
        over = over.format(now=clock.now().strftime("%Y-%m-%d %H:%M:%S.%f+00"))
        assert not count(f"{rows_of(table, column, user_id, person_id)} AND NOT ({over})"), f"{table}.{column} runs on"


def test_the_line_is_asked_and_the_neighbours_hear_when_an_account_closes(everything):
    _county, crossing, user_id, person_id = everything
    first, _second, third, *_ = crossing.shifts()
    with transaction():
        leaving.close_account(actor(user_id))
    db.session.expire_all()
    status = dict(db.session.execute(select(SignUp.shift_id, SignUp.status).where(SignUp.person_id == person_id)).all())
    assert status[first.id] is SignUpStatus.WITHDRAWN
    assert status[third.id] is SignUpStatus.WITHDRAWN
    waited = db.session.scalars(select(SignUp).where(SignUp.shift_id == first.id, SignUp.person_id != person_id)).one()
    assert waited.status is SignUpStatus.OFFERED
    assert (db.session.get(type(first), first.id).taken, db.session.get(type(first), first.id).waiting) == (1, 0)
    # The giver of the third shift keeps it, and hears that nobody takes it over.
    assert db.session.scalars(select(HandOver.status)).one() is AskStatus.DECLINED
    kinds = set(db.session.scalars(select(Message.kind)))
    assert {"place_offered", "hand_over_ended"} <= kinds


def test_what_was_in_hand_lies_on_the_desk_again_and_the_next_juror_is_asked(everything):
    _county, _crossing, user_id, _person_id = everything
    case = db.session.scalars(select(Nomination.id).where(Nomination.taken_by_id == user_id)).one()
    before = len(db.session.scalars(select(Juror.id)).all())
    with transaction():
        leaving.close_account(actor(user_id))
    assert fresh(Nomination, case).status is Status.SUBMITTED
    assert db.session.scalars(select(Objection.status)).one() is ObjectionStatus.RECEIVED
    assert len(db.session.scalars(select(Juror.id)).all()) == before + 1
    assert db.session.scalars(select(Redemption.status)).one() is RedemptionStatus.CANCELLED


def test_private_addresses_and_cards_are_dead_from_that_moment(everything, client, app):
    _county, _crossing, user_id, _person_id = everything
    with transaction():
        token = people.new_calendar(actor(user_id))
    voice = db.session.execute(text(f"SELECT id FROM nomination_voice WHERE user_id = {user_id}")).scalar_one()
    track = f"/track/t/{links.tracking_token(voice)}"
    assert client.get(f"/volunteering/calendar/{token}.ics").status_code == 200
    assert client.get(track).status_code == 200
    with transaction():
        leaving.close_account(actor(user_id))
    assert client.get(f"/volunteering/calendar/{token}.ics").status_code == 404
    assert client.get(track).status_code == 404


def test_hearts_are_taken_back_and_those_of_others_stay(everything):
    _county, _crossing, user_id, _person_id = everything
    case = db.session.scalars(select(Nomination.id)).first()
    with transaction():
        for who in (user_id, user_id + 1):
            reacting.react(case, reactions.who(case, who, ""))
        leaving.close_account(actor(user_id))
    assert db.session.execute(text("SELECT who_digest FROM reaction")).scalars().all() == [reactions.who(case, user_id + 1, "")]


def test_closing_on_the_page_names_what_ends_and_ends_the_session(everything, client):
    _county, _crossing, user_id, _person_id = everything
    phone = db.session.get(User, user_id).phone
    client.sign_in(phone)
    client.prove_oneself()
    assert "报上的和候补的 2 班" in client.words(client.get("/identity/close"))
    assert client.confirm("/identity/close").status_code == 303
    assert client.get("/me").status_code == 302
    assert fresh(User, user_id).closed_at is not None


def test_children_without_anybody_to_speak_for_them_give_their_places_up_too(app):
    zebra = builders.crossing(most=3)
    mother = builders.volunteer("季春生")
    with transaction():
        son = people.add_ward(mother, name="季小满", birth_date=date(2010, 3, 1)).person_id
        signing.sign_up(mother, zebra.shifts()[0].id, person_id=son, has_read_briefing=True)
    with transaction():
        leaving.close_account(actor(mother.user_id))
    assert db.session.scalars(select(SignUp.status).where(SignUp.person_id == son)).one() is SignUpStatus.WITHDRAWN
    ward = fresh(Volunteer, son)
    assert (ward.guardian_id, ward.guardian_consented_at) == (None, None)


def test_an_organiser_hears_of_a_place_left_empty_just_before_its_shift(app):
    zebra = builders.crossing(most=3)
    shift = zebra.shifts()[0]
    leaver = builders.volunteer("要走的人")
    with transaction():
        signing.sign_up(leaver, shift.id, has_read_briefing=True)
    clock.freeze(shift.starts_at - timedelta(minutes=90))
    with transaction():
        leaving.close_account(actor(leaver.user_id))
    letter = db.session.scalars(select(Message).where(Message.kind == "place_left")).one()
    assert letter.recipient_id == zebra.organiser.user_id


def test_the_only_administrator_of_the_city_cannot_close_before_another_is_there(app):
    town = builders.city()
    with transaction():
        one = builders.account(Role.CITY_ADMIN, town.line[5]).id
    from tests.support.refusals import refused

    assert refused(lambda: leaving.close_account(actor(one))) == "last_administrator"
    with transaction():
        builders.account(Role.CITY_ADMIN, db.session.merge(town.line[5]))
    with transaction():
        leaving.close_account(actor(one))
    assert fresh(User, one).closed_at is not None


@pytest.fixture
def staffed(app):
    """A town, a reviewer with a case in hand and a seat, an administrator above; ids."""
    town = builders.city()
    with transaction():
        admin = builders.account(Role.REGION_ADMIN, town.line[4], email="admin@civic.example").id
        user = builders.account(Role.REVIEWER, town.line[2], name="周敏", email="desk@civic.example")
        user_id, person_id = user.id, user.person_id
    case = builders.climbed(town, 2).id
    with transaction():
        deciding.take(actor(user_id), case, expected=builders.version(case))
        db.session.add(
            Member(
                region_id=town.line[2].id, region_path=town.line[2].path, person_id=person_id, name="周敏", standing="社区书记", since=clock.today(),
                until=clock.today() + timedelta(days=300), named_by_id=admin,
            )
        )  # fmt: skip
    grant = db.session.scalars(select(Grant.id).where(Grant.user_id == user_id)).one()
    return town, admin, user_id, case, grant


def test_a_role_that_ends_lays_the_case_down_ends_the_seat_and_every_session(staffed, client, app):
    _town, _admin, user_id, case, grant = staffed
    desk = strict_client(app)
    desk.sign_in("desk@civic.example")
    assert desk.get("/nominations/desk/queue").status_code == 200
    client.sign_in("admin@civic.example")
    assert client.confirm(f"/desk/grants/{grant}/end", reason="调岗").status_code == 303
    assert fresh(Nomination, case).taken_by_id is None
    assert fresh(Grant, grant).ended_at is not None
    assert db.session.scalars(select(Member.ended_at)).one() is not None
    assert desk.get("/nominations/desk/queue").status_code == 302
    assert [m.recipient_id for m in db.session.scalars(select(Message).where(Message.kind == "role_ended"))] == [user_id]
    desk.sign_in("desk@civic.example")
    assert desk.get("/nominations/desk/queue").status_code == 403


def test_another_role_at_the_same_desk_keeps_what_is_in_hand(staffed):
    town, _admin, user_id, case, grant = staffed
    with transaction():
        place = db.session.merge(town.line[2])
        db.session.add(
            Grant(
                user_id=user_id, role=Role.ORGANISER, region_id=place.id, region_path=place.path, level=2, since=clock.today(), granted_at=clock.now()
            )
        )
    organiser = db.session.scalars(select(Grant.id).where(Grant.user_id == user_id, Grant.role == Role.ORGANISER)).one()
    with transaction():
        leaving.end_role(MACHINE, organiser, reason="调岗")
    assert fresh(Nomination, case).taken_by_id == user_id
    assert db.session.scalars(select(Member.ended_at)).one() is None
    assert db.session.get(Grant, grant).ended_at is None


def test_a_term_that_runs_out_ends_the_role_as_a_hand_would(staffed):
    _town, _admin, _user_id, case, grant = staffed
    with transaction():
        db.session.get(Grant, grant).until = clock.today()
    assert JOBS[0].run() == 0
    clock.advance(timedelta(days=1))
    assert JOBS[0].run() == 1
    assert fresh(Grant, grant).ended_at is not None
    assert fresh(Nomination, case).taken_by_id is None
    assert JOBS[0].run() == 0


def test_who_has_no_desk_any_more_has_no_deputy_and_is_none(staffed):
    town, _admin, user_id, _case, grant = staffed
    with transaction():
        other = builders.account(Role.REVIEWER, db.session.merge(town.line[2])).id
    with transaction():
        deputies.name_deputy(actor(other), user_id, since=clock.today(), until=clock.today())
    with transaction():
        leaving.end_role(MACHINE, grant, reason="调岗")
    assert db.session.scalars(select(Deputy.ended_at)).one() is not None


def test_a_download_ordered_in_a_role_that_ended_is_neither_made_nor_fetched(staffed, client):
    _town, _admin, user_id, _case, grant = staffed
    client.sign_in("desk@civic.example")
    with transaction():
        made, waiting = (_ordered(user_id, key) for key in ("made", "waiting"))
    with transaction():
        errand = db.session.get(Errand, made)
        errand.status, errand.ended_at, errand.file_key, errand.done = ErrandStatus.DONE, clock.now(), storage.keep(b"PK", "xlsx"), 1
    assert client.post(f"/errands/desk/{made}/file").status_code == 200
    with transaction():
        leaving.end_role(MACHINE, grant, reason="调岗")
    client.sign_in("desk@civic.example")
    page = client.get(f"/errands/desk/{made}")
    assert "这一份不能再取了" in page.text
    assert client.post(f"/errands/desk/{made}/file").status_code == 403
    assert running.run_next()
    found = fresh(Errand, waiting)
    assert found.status is ErrandStatus.FAILED
    assert "角色已经结束" in found.problem


def _ordered(user_id, key):
    from civic.errands import actions as errands

    return errands.ask(actor(user_id), "queue", key, name="待办", purpose="check", filters={}, path="1.")


def test_an_account_and_its_role_ended_at_once_end_once(staffed, app):
    _town, _admin, user_id, case, grant = staffed

    db.session.rollback()
    deeds = [lambda: leaving.close_account(actor(user_id)), lambda: leaving.end_role(MACHINE, grant, reason="调岗")]
    assert at_once(app, deeds) == {"done": 2}
    assert fresh(User, user_id).closed_at is not None
    assert fresh(Nomination, case).taken_by_id is None
    assert fresh(Grant, grant).ended_at is not None
