"""What cannot be taken back really asks: done without the yes it changes nothing at all, with it the deed is done.

The list is `tests/laws/deeds.py`; `tests/laws/test_deeds.py` holds that everything on it which asks has a scene here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.honours import queries as roll
from civic.honours.actions import benefits
from civic.identity import queries as identity
from civic.identity.models import Grant, User
from civic.identity.permissions import Role
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.models.scans import Scan
from civic.kiosk.states import Scope
from civic.nominations.actions import councils, deciding, inquiring, juries, noticing, rounds, second_looks
from civic.nominations.models.levels import Council
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.queries import cases as nominated
from civic.nominations.queries import notices
from civic.nominations.queries import rounds as questions
from civic.nominations.rules import links
from civic.points.actions import entries, goods
from civic.points.models import Shortfall
from civic.volunteering.actions import attesting, counting, handing, people, signing
from civic.volunteering.actions import certificates as certifying
from tests.laws.deeds import DEEDS, Slip
from tests.nominations.test_children import pupil
from tests.support import builders
from tests.support.client import question_of
from tests.support.tablets import tablet

# Asked in their own features' tests, with the world that they need.
PROVED_ELSEWHERE = {
    "volunteering.desk.revoke_qualification": "tests/volunteering",
    "volunteering.desk.end_qualification_kind": "tests/volunteering",
    "volunteering.desk.take_off": "tests/volunteering",
    "volunteering.end_question": "tests/volunteering",
    "pages.close": "tests/pages/test_leaving.py",
}
ASKS = sorted(name for name, (slip, _why) in DEEDS.items() if slip is Slip.ASKS)


# ── the scenes: a world set up to the moment before the deed, signed in as who may do it → (address, what the page sends) ──

Scene = Callable[[Any], tuple[str, dict[str, Any]]]
SCENES: dict[str, Scene] = {}


def scene(*names: str) -> Callable[[Callable[..., tuple[str, dict[str, Any]]]], Callable[..., tuple[str, dict[str, Any]]]]:
    def mark(build):
        for name in names:
            deed = name.partition(":")[2]
            SCENES[name] = (lambda client, build=build, deed=deed: build(client, deed)) if deed else build
        return build

    return mark


def act(deed, /, *arguments, **words):
    with transaction():
        return deed(*arguments, **words)


def enter(client, role, region, email="desk@civic.example"):
    with transaction():
        builders.account(role, db.session.merge(region), email=email)
    client.sign_in(email)


def signed_in(client, user_id):
    user = db.session.get(User, user_id)
    client.sign_in(user.phone or user.email)


def ready(town, *names, level=3):
    """A round at the street with cases that are ready."""
    builders.by_round(level, council=Council.COUNCIL)
    found = [builders.climbed(town, level, nominee_name=name).id for name in names]
    for case in found:
        act(deciding.pass_on, town.actor(level), case, expected=builders.version(case))
    return found, builders.round_(town, level)


def sitting(client, town):
    """A council at work on one case: (meeting, case, the members' accounts)."""
    users = [u.id for u in builders.council(town.line[3])]
    (case,), round_id = ready(town, "陈桂兰")
    meeting = act(councils.open_meeting, town.actor(3), round_id, held_on=clock.today(), is_secret=False, is_on_paper=False).id
    return meeting, case, users


def vote_of_all(meeting, case, users):
    for user in users:
        act(councils.vote, identity.actor_of(db.session.get(User, user)), meeting, case, choice=councils.Choice.YES)


def proposed(town):
    builders.by_round(3, council=Council.NONE)
    case = builders.climbed(town, 3).id
    act(deciding.pass_on, town.actor(3), case, expected=builders.version(case))
    round_id = builders.round_(town, 3)
    builders.publishable(town, case, 3)
    act(rounds.propose, town.actor(3), round_id, case, upward=True)
    return case, round_id


@scene("pages.desk.end_role")
def _(client):
    town = builders.city()
    enter(client, Role.CITY_ADMIN, town.line[5])
    grant = db.session.scalars(select(Grant.id).where(Grant.role == Role.REVIEWER, Grant.level == 3)).first()
    return f"/desk/grants/{grant}/end", {"reason": "调走了"}


@scene("nominations.desk.put_up")
def _(client):
    town = builders.city()
    _case, round_id = proposed(town)
    enter(client, Role.REVIEWER, town.line[3])
    return f"/nominations/desk/rounds/{round_id}/notice", {}


@scene("nominations.desk.give_up")
def _(client):
    town = builders.city()
    _case, round_id = proposed(town)
    enter(client, Role.REVIEWER, town.line[3])
    return f"/nominations/desk/rounds/{round_id}/cancellation", {"reason": "不办了"}


@scene("nominations.desk.close_round")
def _(client):
    town = builders.city()
    _case, round_id = proposed(town)
    act(noticing.publish, town.actor(3), round_id)
    clock.advance(timedelta(days=20))
    enter(client, Role.REVIEWER, town.line[3])
    return f"/nominations/desk/rounds/{round_id}/closing", {}


@scene("nominations.desk.end_seat")
def _(client):
    town = builders.city()
    builders.council(town.line[3])
    enter(client, Role.REVIEWER, town.line[3])
    member = questions.sitting(town.line[3].id, clock.today())[0].id
    return f"/nominations/desk/seats/{member}/end", {"reason": "搬走了"}


@scene("nominations.desk.recuse")
def _(client):
    town = builders.city()
    meeting, case, _users = sitting(client, town)
    enter(client, Role.REVIEWER, town.line[3])
    member = questions.sitting(town.line[3].id, clock.today())[0].id
    return f"/nominations/desk/meetings/{meeting}/recusal", {"member": str(member), "nomination": str(case), "ground": "declared", "words": "是她的房东"}


@scene("nominations.desk.end_meeting")
def _(client):
    town = builders.city()
    meeting, case, users = sitting(client, town)
    vote_of_all(meeting, case, users)
    enter(client, Role.REVIEWER, town.line[3])
    return f"/nominations/desk/meetings/{meeting}/closing", {}


@scene("nominations.desk.call_off_meeting")
def _(client):
    town = builders.city()
    meeting, _case, _users = sitting(client, town)
    enter(client, Role.REVIEWER, town.line[3])
    return f"/nominations/desk/meetings/{meeting}/calling_off", {"reason": "人不够"}


@scene("nominations.recusal")
def _(client):
    meeting, case, users = sitting(client, builders.city())
    signed_in(client, users[0])
    return f"/nominations/council/{meeting}/{case}/recusal", {}


def county(*, drawn):
    """(town, round, jury, its cases) of a county with a jury of five, where everybody came."""
    town = builders.city()
    builders.by_round(4, council=Council.PANEL, jury_size=5)
    builders.residents(town, 6)
    case = builders.climbed(town, 4).id
    act(deciding.pass_on, town.actor(4), case, expected=builders.version(case))
    builders.publishable(town, case, 4)
    round_id = builders.round_(town, 4)
    jury = act(juries.draw, town.actor(4), round_id, seed="1").id if drawn else 0
    return town, round_id, jury, case


def jurors(jury):
    from civic.nominations.queries import juries as asked

    db.session.rollback()
    return [(j.id, j.user_id) for j in asked.jurors_of(jury)]


@scene("nominations.desk.run_jury:draw", "nominations.desk.run_jury:replacement", "nominations.desk.run_jury:closing", "nominations.desk.run_jury:calling_off")
def _(client, deed):
    town, round_id, jury, case = county(drawn=deed != "draw")
    data = {"seed": "2026"}
    if deed != "draw":
        for _number, user in jurors(jury):
            act(juries.accept, identity.actor_of(db.session.get(User, user)), jury)
            if deed == "closing":
                act(juries.score, identity.actor_of(db.session.get(User, user)), jury, case, 80)
        data = {"replacement": {"juror": str(jurors(jury)[0][0])}, "calling_off": {"reason": "人不够"}}.get(deed, {})
    enter(client, Role.REVIEWER, town.line[4])
    return f"/nominations/desk/rounds/{round_id}/jury/{deed}", data


@scene("nominations.jury_refusal")
def _(client):
    _town, _round, jury, _case = county(drawn=True)
    signed_in(client, jurors(jury)[0][1])
    return f"/nominations/jury/{jury}/refusal", {}


@scene("nominations.jury_recusal")
def _(client):
    _town, _round, jury, case = county(drawn=True)
    user = jurors(jury)[0][1]
    act(juries.accept, identity.actor_of(db.session.get(User, user)), jury)
    signed_in(client, user)
    return f"/nominations/jury/{jury}/{case}/recusal", {}


@scene("nominations.desk.triage:conversion", "nominations.desk.triage:merging", "nominations.desk.triage:refusal")
def _(client, deed):
    town = builders.city()
    case = builders.climbed(town, 2).id
    kind = roll.category_by_code("ZRWL").id
    clue = act(inquiring.leave_clue, who="陈桂兰", place="桥东", category_id=kind, deed="校门口缝补十二年", contact="13912345678").id
    enter(client, Role.REVIEWER, town.line[5])
    data = {"conversion": {"story": builders.STORY}, "merging": {"nomination": str(case)}, "refusal": {"reason": "说不清是谁"}}[deed]
    return f"/nominations/desk/clues/{clue}/{deed}?at={town.line[2].id}", data


@scene("nominations.desk.answer_likeness:merging", "nominations.desk.answer_likeness:sameness", "nominations.desk.answer_likeness:difference")
def _(client, deed):
    town = builders.city()
    one, other = (builders.climbed(town, 2, headline=words, work_unit="街道办").id for words in ("校门口缝补十二年", "给学生缝扣子十二年"))
    enter(client, Role.REVIEWER, town.line[2])
    return f"/nominations/desk/likeness/{one}/{other}/{deed}", {"keep": str(one), "reason": "同一件事"}


def objected(town):
    _case, round_id = proposed(town)
    act(noticing.publish, town.actor(3), round_id)
    return act(noticing.object_to, notices.hanging()[0].id, kind=ObjectionKind.UNTRUE, words="那天她不在校门口", name="", contact="").id


@scene("nominations.desk.answer_objection:refusal", "nominations.desk.answer_objection:rejection", "nominations.desk.answer_objection:upholding")
def _(client, deed):
    town = builders.city()
    objection = objected(town)
    enter(client, Role.REVIEWER, town.line[4])
    client.get("/nominations/desk/objections")
    assert client.post(f"/nominations/desk/objections/{objection}/taking").status_code == 303
    db.session.rollback()
    return f"/nominations/desk/objections/{objection}/{deed}", {"finding": "走访了三户邻居", "answer": "谢谢您，查清楚了。"}


@scene("nominations.desk.second_look")
def _(client):
    town = builders.city()
    case = builders.climbed(town, 2).id
    act(deciding.decline, town.actor(2), case, expected=builders.version(case), reason="走访和材料对不上")
    with transaction():
        look = second_looks.ask(nominated.voice_by_id(nominated.voices_of(case)[0].id), words="三楼的王姐亲眼看见过").id
    enter(client, Role.REVIEWER, town.line[3])
    return f"/nominations/desk/second_looks/{look}", {"answer": "请接着办", "outcome": "changed"}


@scene("nominations.desk.protect")
def _(client):
    town = builders.city()
    case = builders.climbed(town, 2, category_id=roll.category_by_code("JYYW").id).id
    enter(client, Role.REVIEWER, town.line[2])
    return f"/nominations/desk/inquiries/{case}/protection", {"reason": "嫌疑人的同伙还没抓到"}


@scene("nominations.withdraw")
def _(client):
    town = builders.city()
    voice = builders.voice(town.line[1])
    return f"/nominations/withdraw/{links.tracking_token(voice.id)}", {}


@scene("nominations.guardian_withdrawal")
def _(client):
    town = builders.city()
    case = pupil(town)
    return f"/nominations/guardian/{links.guardian_token(case)}/withdrawal", {}


@scene("honours.desk.change:suspension", "honours.desk.change:revocation")
def _(client, deed):
    town = builders.city()
    case = builders.climbed(town, 3).id
    enter(client, Role.REVIEWER, town.line[3])
    return f"/honours/desk/{roll.of_nomination(case)[0].id}/{deed}", {"reason": "事迹不实", "document": "汀文明办〔2026〕3 号"}


@scene("honours.desk.end_benefit")
def _(client):
    town = builders.city()
    case = builders.climbed(town, 3).id
    honour = roll.of_nomination(case)[0].id
    benefit = act(benefits.give, town.actor(3), honour, name="公交免费", provider="云汀公交", since=clock.today(), until=None).id
    enter(client, Role.REVIEWER, town.line[3])
    return f"/honours/desk/benefits/{benefit}/end", {"why": "换了公司"}


def redeemed(zebra, who):
    act(entries.award, zebra.organiser, who.person_id, minutes=120, role="guide", source="test", words="礼让斑马线", day=clock.today())
    good = act(goods.offer_good, zebra.organiser, zebra.town.line[3], name="雨伞", donor="百货", counter="服务台", points=10, count=2).id
    return act(goods.redeem, who, good, request="a").id


@scene("points.cancel")
def _(client):
    zebra, who = builders.crossing(), builders.volunteer("黄素芬", email="huang@civic.example")
    held = redeemed(zebra, who)
    client.sign_in("huang@civic.example")
    return f"/points/redemptions/{held}/cancellation", {}


@scene("points.desk.hand_over")
def _(client):
    zebra, who = builders.crossing(), builders.volunteer("黄素芬")
    held = redeemed(zebra, who)
    enter(client, Role.ORGANISER, zebra.town.line[3])
    return f"/points/desk/counter/{held}", {}


@scene("points.desk.decide_shortfall")
def _(client):
    zebra, who = builders.crossing(), builders.volunteer("黄素芬")
    redeemed(zebra, who)
    with transaction():
        first = next(iter(db.session.scalars(select(entries.Entry).order_by(entries.Entry.id))))
        db.session.add(Shortfall(person_id=who.person_id, entry_id=first.id, points=3, at=clock.now()))
    enter(client, Role.CITY_ADMIN, zebra.town.line[5])
    return f"/points/desk/shortfalls/{db.session.scalars(select(Shortfall.id)).one()}", {"decision": "数目小，不再追"}


def placed(zebra, who, shift, **more):
    return act(signing.sign_up, who, shift.id, has_read_briefing=True, **more).id


@scene("volunteering.change_mine:withdrawal")
def _(client, _deed):
    zebra, who = builders.crossing(), builders.volunteer(email="wei@civic.example")
    row = placed(zebra, who, zebra.shifts()[6])
    client.sign_in("wei@civic.example")
    return f"/volunteering/mine/{row}/withdrawal", {}


@scene("volunteering.change_mine:refusal")
def _(client, _deed):
    zebra, first, second = builders.crossing(most=1), builders.volunteer(), builders.volunteer(email="wei@civic.example")
    row = placed(zebra, first, zebra.shifts()[6])
    waits = placed(zebra, second, zebra.shifts()[6], wants_to_wait=True)
    from civic.volunteering.actions import offers

    act(offers.withdraw, first, row)
    client.sign_in("wei@civic.example")
    return f"/volunteering/mine/{waits}/refusal", {}


@scene("volunteering.answer_ask:refusal")
def _(client, _deed):
    zebra, first, second = builders.crossing(most=1), builders.volunteer(), builders.volunteer(email="wei@civic.example")
    row = placed(zebra, first, zebra.shifts()[6])
    placed(zebra, second, zebra.shifts()[6], wants_to_wait=True)
    ask = act(handing.hand_over, first, row).id
    client.sign_in("wei@civic.example")
    return f"/volunteering/mine/asks/{ask}/refusal", {}


@scene("volunteering.answer_ward:refusal")
def _(client, _deed):
    zebra = builders.crossing()
    with transaction():
        builders.account(name="季春生", phone="13812344821")
    leader = identity.actor_of(db.session.merge(zebra.leader))
    elder = act(people.guest, leader, name="季大海", phone="13812344821", is_of_household=True).id
    client.sign_in("13812344821")
    return f"/volunteering/family/{elder}/refusal", {}


@scene("volunteering.desk.revoke")
def _(client):
    zebra, who = builders.crossing(), builders.volunteer()
    shift = zebra.shifts()[0]
    placed(zebra, who, shift)
    _served(zebra, who, shift)
    number = act(certifying.issue, who, first=date(2026, 1, 1), last=date(2026, 12, 31)).number
    enter(client, Role.ORGANISER, zebra.town.line[5])
    return "/volunteering/desk/certificates/revocation", {"number": number, "reason": "记错了人"}


def _served(zebra, who, shift):
    from civic.volunteering.actions import attendance
    from civic.volunteering.models.attendance import Direction
    from civic.volunteering.queries import sign_ups

    row = next(r for r in sign_ups.holders(shift_id=shift.id) if r.person_id == who.person_id).id
    leader = identity.actor_of(db.session.merge(zebra.leader))
    clock.freeze(shift.starts_at)
    act(attendance.tick, leader, row, Direction.IN)
    clock.freeze(shift.ends_at)
    act(attendance.tick, leader, row, Direction.OUT)
    builders.settled(shift)


@scene("volunteering.desk.decide:confirmation", "volunteering.desk.decide:refusal")
def _(client, deed):
    zebra, who = builders.crossing(), builders.volunteer()
    shift = zebra.shifts()[0]
    row = placed(zebra, who, shift)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    act(counting.count_ended)
    asked = act(attesting.request_attestation, zebra.organiser, row, minutes=60, evidence="照片里有他，交警也看见了").id
    enter(client, Role.ORGANISER, zebra.town.line[3])
    return f"/volunteering/desk/attestations/{asked}/{deed}", {}


@scene("kiosk.desk.revoke_card")
def _(client):
    from civic.kiosk.actions import cards

    zebra, who = builders.crossing(), builders.volunteer()
    team = zebra.shifts()[0].event.team
    act(people.join, zebra.organiser, team, who.person_id)
    with transaction():
        cards.issue(zebra.organiser, cards.of_team(zebra.organiser, team.id), [who.person_id])
    enter(client, Role.ORGANISER, zebra.town.line[3])
    return f"/kiosk/desk/cards/{db.session.scalars(select(MemberCard.id)).one()}/revocation?team={team.id}", {"reason": "丢了"}


@scene("kiosk.change_card:loss")
def _(client, _deed):
    from civic.kiosk.actions import cards

    builders.crossing()
    who = builders.volunteer(email="sun@civic.example")
    with transaction():
        cards.issue(who, cards.of_oneself(who), [who.person_id])
    client.sign_in("sun@civic.example")
    return f"/kiosk/card/{who.person_id}/loss", {}


@scene("kiosk.desk.decide:count", "kiosk.desk.decide:count_at", "kiosk.desk.decide:drop")
def _(client, deed):
    zebra = builders.crossing(most=4)
    first = tablet(client.application, zebra.organiser, Scope.EVENT, zebra.event_id)
    second = tablet(client.application, zebra.organiser, Scope.EVENT, zebra.event_id, name="第二台")
    shift = zebra.shifts()[0]
    row = placed(zebra, builders.volunteer(), shift)
    clock.freeze(shift.starts_at)
    one = first.scan(row)
    clock.advance(timedelta(minutes=22))
    assert first.upload(one) == ["in"]
    assert second.upload(second.scan(row)) == ["second_kiosk"]
    db.session.rollback()
    enter(client, Role.ORGANISER, zebra.town.line[3])
    number = db.session.scalars(select(Scan.id).where(Scan.code == "second_kiosk")).one()
    local = clock.local(shift.starts_at) + timedelta(minutes=10)
    return f"/kiosk/desk/conflicts/{number}/{deed}", {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "at": f"{local:%H:%M}", "reason": "看了监控"}


# ── and the deed itself ──


def everything():
    """Every row of every table, but for what a look alone may leave: who reads, who is signed in, how often somebody tried."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(table.select()).all()))
            for name, table in db.metadata.tables.items()
            if name not in ("nomination_look", "session", "running_session", "limit", "attempt", "limit_spent")
        }


def differing(before, after):
    return sorted(name for name in before if before[name] != after[name])


@pytest.mark.parametrize("name", sorted(set(ASKS) - set(PROVED_ELSEWHERE)))
def test_without_the_yes_nothing_happens_and_with_it_the_deed_is_done(name, app, client):
    where, data = SCENES[name](client)
    client.get("/complaint")
    before = everything()
    asked = client.post(where, data=data)
    fields = question_of(asked)
    assert fields is not None, f"{name} was not asked: {asked.status_code} {client.words(asked)[:500]}"
    assert not differing(before, everything()), f"{name} changed something before the yes"
    forged = client.post(where, data={**data, "asked": "0" * 64})
    assert forged.status_code == 409
    assert not differing(before, everything()), f"{name} took a yes to nothing for a yes"
    done = client.post(where, data={**fields, **({"reason": data["reason"]} if "reason" in data and "reason" not in fields else {})})
    assert done.status_code == 303, f"{done.status_code} {client.words(done)[:500]}"
    assert differing(before, everything()), f"{name} did nothing after the yes"
