"""Every endpoint of the map that shows a page: no accessibility violation, no sideways scroll, also in 大字版 and English.

An endpoint that this file does not know fails the test: list it with the address and the person who opens it, or say in
NO_PAGE why it shows none.
"""

from __future__ import annotations

import json
import tempfile
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from flask import current_app

from civic.core import clock, storage, unsent
from civic.core.db import transaction
from civic.errands import actions as errands
from civic.errands.models import Errand, ErrandStatus
from civic.identity.models import ConsentMethod, Purpose
from civic.identity.permissions import Role
from civic.identity.rules import Contact, contact_digest
from civic.kiosk.queries import roster
from civic.kiosk.states import Scope
from civic.nominations.actions import councils, deciding, entering, inquiring, juries, noticing, publishing, rounds, second_looks
from civic.nominations.models.cases import Channel
from civic.nominations.models.levels import Council
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.models.voices import ToldHow, Voice
from civic.nominations.queries import notices
from civic.nominations.rules import links, telling
from civic.nominations.states import Department
from civic.pages.actions import complaints
from civic.points.actions import goods
from civic.volunteering.actions import attendance, boards, certificates, counting, handing, paper, people, scheduling, signing
from civic.volunteering.actions import qualifications as papers
from civic.volunteering.models.attendance import Direction, Hours, HoursKind
from civic.volunteering.models.events import SignUp
from civic.volunteering.models.rechecks import Recheck
from civic.volunteering.queries import hours
from civic.volunteering.states import SignUpStatus
from tests.support import builders
from tests.support.browser import violations
from tests.support.tablets import tablet

pytestmark = pytest.mark.browser

# endpoint → (who opens it, address); {case}, {token}… are filled in from the town.
PAGES = {
    "pages.home": ("anyone", "/"),
    "pages.roll": ("anyone", "/roll"),
    "pages.story": ("anyone", "/story/{honour}"),
    "pages.rules": ("anyone", "/rules"),
    "pages.privacy": ("anyone", "/privacy"),
    "pages.accessibility": ("anyone", "/accessibility"),
    "pages.complain": ("anyone", "/complaint"),
    "pages.complaint": ("anyone", "/complaint/{complaint}"),
    "pages.track": ("anyone", "/track"),
    "pages.tracked": ("anyone", "/track/t/{token}"),
    "pages.me": ("desk", "/me"),
    "pages.unsent": ("desk", "/unsent/{unsent}"),
    "pages.desk.complaints": ("admin", "/desk/complaints"),
    "pages.desk.answer": ("admin", "/desk/complaints/{complaint_id}"),
    "pages.desk.move": ("admin", "/desk/places/{street}/move"),
    "pages.desk.retire": ("admin", "/desk/places/{street}/retire"),
    "nominations.draft_step": ("anyone", "/nominations/step/1"),
    "nominations.supplement": ("anyone", "/nominations/supplement/{back_token}"),
    "nominations.withdraw": ("anyone", "/nominations/withdraw/{token}"),
    "nominations.desk.queue": ("desk", "/nominations/desk/queue"),
    "nominations.desk.batch": ("desk", "/nominations/desk/batch?pick={inquired}-1"),
    "errands.desk.errands": ("desk", "/errands/desk/"),
    "errands.desk.errand": ("desk", "/errands/desk/{errand}"),
    "nominations.desk.rehearsed": ("desk", "/nominations/desk/rounds/{round}/rehearsal/{rehearsal}"),
    "nominations.desk.hand_over_all": ("desk", "/nominations/desk/handing_over"),
    "identity.desk.deputies": ("desk", "/identity/desk/deputies"),
    "nominations.desk.undoable": ("desk", "/nominations/desk/undoing"),
    "nominations.desk.published": ("desk", "/nominations/desk/published"),
    "nominations.desk.publication": ("desk", "/nominations/desk/publication/{case}"),
    "nominations.desk.rounds": ("desk", "/nominations/desk/rounds"),
    "nominations.desk.open_round": ("desk", "/nominations/desk/rounds/open"),
    "nominations.desk.round": ("desk", "/nominations/desk/rounds/{round}"),
    "nominations.desk.meeting": ("county", "/nominations/desk/meetings/{sitting}"),
    "nominations.desk.seats": ("desk", "/nominations/desk/seats"),
    "nominations.desk.objections": ("desk", "/nominations/desk/objections"),
    "nominations.desk.objection": ("desk", "/nominations/desk/objections/{objection}"),
    "nominations.notices": ("anyone", "/nominations/notices"),
    "nominations.notice": ("anyone", "/nominations/notices/{item}"),
    "nominations.objected": ("anyone", "/nominations/objection/{objection_token}"),
    "nominations.clue": ("anyone", "/nominations/clue"),
    "nominations.opinion": ("anyone", "/nominations/opinion/{opinion}"),
    "nominations.desk.clues": ("city", "/nominations/desk/clues"),
    "nominations.desk.clue": ("city", "/nominations/desk/clues/{clue}"),
    "nominations.desk.inquiry": ("desk", "/nominations/desk/inquiries/{inquired}"),
    "nominations.desk.entry": ("desk", "/nominations/desk/entry?at={community}"),
    "nominations.desk.entered": ("desk", "/nominations/desk/entry/{entered}"),
    "nominations.guardian": ("anyone", "/nominations/guardian/{guardian}"),
    "nominations.desk.likeness": ("desk", "/nominations/desk/likeness/{inquired}/{alike}"),
    "nominations.desk.jury": ("city", "/nominations/desk/rounds/{city_round}/jury"),
    "nominations.jury": ("volunteer_juror", "/nominations/jury/{jury}"),
    "identity.desk.attest": ("desk", "/identity/desk/attest"),
    "nominations.again": ("anyone", "/nominations/again/{again}"),
    "nominations.desk.second_looks": ("county", "/nominations/desk/second_looks"),
    "nominations.desk.second_look": ("county", "/nominations/desk/second_looks/{look}"),
    "nominations.council": ("member", "/nominations/council"),
    "nominations.ballots": ("member", "/nominations/council/{sitting}"),
    "honours.desk.honours": ("desk", "/honours/desk/"),
    "honours.desk.due": ("desk", "/honours/desk/due"),
    "honours.desk.ledger": ("desk", "/honours/desk/benefits"),
    "honours.desk.categories": ("admin", "/honours/desk/categories"),
    "honours.desk.honour": ("desk", "/honours/desk/{honour}"),
    "nominations.desk.calendar_days": ("admin", "/nominations/desk/calendar"),
    "nominations.desk.rules": ("admin", "/nominations/desk/rules"),
    "kiosk.app": ("anyone", "/kiosk/"),
    "volunteering.coming": ("anyone", "/volunteering/"),
    "volunteering.event": ("volunteer", "/volunteering/events/{event}"),
    "volunteering.register": ("desk", "/volunteering/register"),
    "volunteering.family": ("volunteer", "/volunteering/family"),
    "volunteering.ward_number": ("volunteer", "/volunteering/family/{ward}/number"),
    "volunteering.mine": ("volunteer", "/volunteering/mine"),
    "volunteering.free": ("volunteer", "/volunteering/free"),
    "volunteering.board": ("volunteer", "/volunteering/board/{team}?span=year"),
    "volunteering.hours": ("volunteer", "/volunteering/hours"),
    "volunteering.calendar": ("volunteer", "/volunteering/calendar"),
    "volunteering.lists": ("organiser", "/volunteering/lists"),
    "volunteering.tick_list": ("organiser", "/volunteering/lists/{shift}"),
    "volunteering.paper": ("organiser", "/volunteering/lists/{served}/paper?anew=1"),
    "volunteering.paper_check": ("organiser", "/volunteering/lists/{served}/paper/check"),
    "volunteering.verify": ("anyone", "/volunteering/verify"),
    "volunteering.verified": ("anyone", "/volunteering/verify/{certificate}"),
    "volunteering.desk.events": ("organiser", "/volunteering/desk/events"),
    "volunteering.desk.begin": ("organiser", "/volunteering/desk/events/begin?like=crossing"),
    "volunteering.desk.words": ("organiser", "/volunteering/desk/events/{event}/words"),
    "volunteering.desk.event": ("organiser", "/volunteering/desk/events/{event}"),
    "volunteering.desk.post": ("organiser", "/volunteering/desk/posts/{post}"),
    "volunteering.desk.teams": ("organiser", "/volunteering/desk/teams"),
    "volunteering.desk.team": ("organiser", "/volunteering/desk/teams/{team}"),
    "volunteering.desk.sheets": ("organiser", "/volunteering/desk/events/{event}/sheets"),
    "volunteering.desk.certificates": ("wide", "/volunteering/desk/certificates"),
    "volunteering.desk.categories": ("admin", "/volunteering/desk/categories"),
    "volunteering.desk.summary": ("organiser", "/volunteering/desk/summary"),
    "volunteering.desk.rules": ("admin", "/volunteering/desk/rules"),
    "volunteering.desk.flags": ("organiser", "/volunteering/desk/flags"),
    "volunteering.desk.flag": ("organiser", "/volunteering/desk/flags/{flag}"),
    "points.desk.shortfalls": ("admin", "/points/desk/shortfalls"),
    "volunteering.desk.hours": ("organiser", "/volunteering/desk/hours"),
    "volunteering.desk.qualifications": ("organiser", "/volunteering/desk/qualifications"),
    "volunteering.desk.rechecks_": ("organiser", "/volunteering/desk/rechecks"),
    "kiosk.my_card": ("volunteer", "/kiosk/card"),
    "kiosk.my_pass": ("volunteer", "/kiosk/pass"),
    "kiosk.desk.kiosks": ("organiser", "/kiosk/desk/"),
    "kiosk.desk.new": ("organiser", "/kiosk/desk/new"),
    "kiosk.desk.revoke": ("organiser", "/kiosk/desk/{kiosk}/revocation"),
    "kiosk.desk.conflicts": ("organiser", "/kiosk/desk/conflicts"),
    "kiosk.desk.cards": ("organiser", "/kiosk/desk/cards"),
    "points.ledger": ("volunteer", "/points/"),
    "points.goods": ("volunteer", "/points/goods"),
    "points.redemption": ("volunteer", "/points/redemptions/{redemption}"),
    "points.desk.counter": ("organiser", "/points/desk/counter"),
    "points.desk.shelf": ("organiser", "/points/desk/goods"),
    "points.desk.good": ("organiser", "/points/desk/goods/{good}"),
    "identity.sign_in": ("anyone", "/identity/sign_in"),
    "identity.contact": ("anyone", "/identity/contact/register"),
    "identity.new_password": ("desk", "/identity/new_password"),
    "identity.confirm": ("desk", "/identity/confirm"),
    "identity.desk.letting_in": ("organiser", "/identity/desk/letting_in"),
    "identity.settings": ("desk", "/identity/settings"),
    "identity.letter_choice": ("desk", "/identity/letter_choice"),
    "identity.residence": ("desk", "/identity/residence"),
    "pages.kinship": ("desk", "/identity/kin"),
    "pages.close": ("desk", "/identity/close"),
    "pages.birthday": ("desk", "/identity/birthday"),
    "pages.data": ("volunteer", "/identity/data"),
    "pages.desk.birthdays": ("admin", "/desk/birthdays"),
    "identity.desk.grants": ("admin", "/identity/desk/grants"),
    "identity.desk.appoint": ("admin", "/identity/desk/appoint"),
    "identity.desk.names": ("admin", "/identity/desk/names"),
    "regions.desk.place": ("admin", "/regions/desk/place/{street}"),
    "regions.desk.sheet": ("admin", "/regions/desk/sheet/{street}"),
    "audit.desk.downloads": ("admin", "/audit/desk/downloads"),
    "audit.desk.records": ("admin", "/audit/desk/records"),
    "outbox.desk.letters": ("admin", "/outbox/desk/letters"),
    "outbox.shown": ("demo", "/outbox/shown"),
    "demo.accounts": ("demo", "/demo/accounts"),
}
LOGINS = (("desk", "desk@civic.example"), ("county", "county@civic.example"), ("city", "city@civic.example"), ("admin", "admin@civic.example"),
          ("organiser", "organiser@civic.example"), ("wide", "wide@civic.example"), ("volunteer", "volunteer@civic.example"))  # fmt: skip
# Reached only inside a flow; the stories go through them and check them there.
IN_STORIES = {
    "nominations.start", "nominations.step", "nominations.proof", "nominations.draft_proof", "nominations.draft_done", "nominations.draft_removal",
    "identity.code", "identity.register",
}  # fmt: skip
NO_PAGE = {
    "static", "styles", "pages.live", "pages.ready", "pages.portrait", "pages.story_code", "pages.story_card", "nominations.photo", "pages.export",
    "regions.desk.tree", "regions.desk.template", "nominations.desk.minutes",
    "nominations.desk.visit_photo", "nominations.desk.sheet", "nominations.slip",
    "volunteering.certificate_print", "volunteering.feed", "volunteering.paper_photo",
    "kiosk.script", "kiosk.manifest", "kiosk.files", "openapi", "kiosk.api.roster",
}  # fmt: skip


def test_every_page_of_the_map_is_listed(whole_app):
    shown = {r.endpoint for r in whole_app.url_map.iter_rules() if "GET" in r.methods}
    unknown = shown - set(PAGES) - IN_STORIES - NO_PAGE
    assert not unknown, f"list these endpoints in this file: {sorted(unknown)}"
    assert not (set(PAGES) | IN_STORIES | NO_PAGE) - shown


@pytest.fixture
def filled(app):
    """A town with something on every page."""
    town = builders.city()
    with transaction():
        builders.account(Role.CITY_ADMIN, town.line[5], email="admin@civic.example")
        builders.account(Role.REVIEWER, town.line[3], email="desk@civic.example")
        builders.account(Role.REVIEWER, town.line[4], email="county@civic.example")
        complaint = complaints.receive_complaint(town.actor(2), "字太小", about="/", contact=None, days=10)
        facts = {"complaint": complaint.reference, "complaint_id": complaint.id, "street": town.line[3].id}
    waiting = builders.voice(town.line[1], contact=Contact("email", "a@civic.example"))
    back = builders.voice(town.line[1], nominee_name="韩大川")
    with transaction():
        deciding.return_for_supplement(town.actor(1), back.nomination_id, expected=builders.version(back.nomination_id), reason="请补一张照片")
    case = builders.climbed(town, 3, nominee_name="赵福全").id
    with transaction():
        publishing.record_consent(town.actor(3), case, [Purpose.NAME, Purpose.STORY], ConsentMethod.IN_PERSON)
        publishing.edit_text(town.actor(3), case, headline="九年，三百多只灯泡", story="楼道的灯他换了九年。", expected=builders.version(case))
        publishing.approve(town.actor(3), case, expected=builders.version(case))
    from civic.honours import queries as roll

    facts |= {"case": case, "honour": roll.of_nomination(case)[-1].id, "token": links.tracking_token(waiting.id), "back_token": links.tracking_token(back.id)}
    with transaction():
        told = entering.enter(town.actor(3), builders.answers(town.line[2], nominee_name="盛月娥"), None, how=ToldHow.PHONE)
    pupil = builders.voice(
        town.line[2], nominee_name="小满", channel=Channel.SCHOOL,
        guardian=telling.GuardianWord("满爸爸", "13800001111", ConsentMethod.ON_PAPER),
    )  # fmt: skip
    facts |= {"community": town.line[2].id, "entered": told.id, "guardian": links.guardian_token(pupil.nomination_id)}
    facts |= before_a_jury(town) | in_rounds(town)
    return facts | under_way(facts["round"]) | in_service(town) | not_sent()


def not_sent():
    """A form that the desk sent after its session was over; kept for half an hour of the real clock."""
    fields = (("reason", "材料和走访的对不上，请再补一张照片，写清楚是哪一年的事。"), ("expected", "3"))
    with transaction():
        return {"unsent": unsent.keep(at_the_desk().user_id, unsent.Typed("/nominations/desk/queue", "/nominations/desk/queue", fields, had_files=True))}


def at_the_desk():
    """Whoever works at the street's desk."""
    user = builders.db.session.scalars(builders.select(builders.User).where(builders.User.email_digest == contact_digest(Contact("email", "desk@civic.example")))).one()
    return builders.identity.actor_of(user)


def under_way(round_id):
    """Work that the desk left to the worker: one that waits, one that is done and can be read."""
    desk = at_the_desk()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "closing.json"
        letter = ["黄* 138****0001", "评上了", "恭喜。"]
        made.write_text(json.dumps([{"name": "韦大川", "reference": f"T2607-{n:04d}", "what": "endorse", "letters": [letter]} for n in range(60)]), encoding="utf-8")
        key = storage.keep_file(made, "json")
    with transaction():
        rehearsal = errands.ask(desk, "rehearsal", "1", name="发布以前看一遍", round=round_id)
        row = builders.db.session.get(Errand, rehearsal)
        row.status, row.ended_at, row.file_key, row.done = ErrandStatus.DONE, clock.now(), key, 60
        return {"rehearsal": rehearsal, "errand": errands.ask(desk, "prints", "1", name="全部打印件", round=round_id, purpose="archive")}


def in_rounds(town):
    """A county whose council meets, and a street whose list hangs on the wall with an objection."""
    builders.by_round(4, council=Council.COUNCIL)
    county = builders.climbed(town, 4, nominee_name="乔雪").id
    with transaction():
        deciding.pass_on(town.actor(4), county, expected=builders.version(county))
    members = builders.council(town.line[4])
    sitting = builders.round_(town, 4)
    with transaction():
        meeting = councils.open_meeting(town.actor(4), sitting, held_on=clock.today(), is_secret=False, is_on_paper=False).id

    builders.by_round(3, council=Council.NONE)
    cases = [builders.climbed(town, 3, nominee_name=name).id for name in ("韦大川", "何秀云", "葛元庆")]
    round_id = builders.round_(town, 3)
    alike = builders.climbed(town, 3, nominee_name="葛元庆").id
    for case in cases[:2]:
        with transaction():
            deciding.pass_on(town.actor(3), case, expected=builders.version(case))
        builders.publishable(town, case, 3)
        with transaction():
            rounds.propose(town.actor(3), round_id, case, upward=True)
    with transaction():
        noticing.publish(town.actor(3), round_id)
    first, second = notices.hanging()
    with transaction():
        objection = noticing.object_to(first.id, kind=ObjectionKind.MORE, words="好像是她姐姐做的", name="", contact="").id
    with transaction():
        actor, today = town.actor(3), clock.today()
        inquiring.sign_visit(
            actor, cases[2], visited_on=today, companion="老周", witnesses=2, report="问了门卫和班主任，都说她缝了十二年，从不收学生的钱。", is_true=True
        )
        opinion = inquiring.ask_departments(actor, cases[2], {Department.POLICE: "police@city.example"})[0].id
        clue = inquiring.leave_clue(who="葛元庆", place="桥东街道", category_id=1, deed="每天扫雪", contact="13912345678").id
    declined = [builders.climbed(town, 2, nominee_name=name) for name in ("钟立春", "童玉梅")]
    for case in declined:
        with transaction():
            deciding.decline(town.actor(2), case.id, expected=builders.version(case.id), reason="材料和走访的对不上")
    with transaction():
        look = second_looks.ask(builders.db.session.get(Voice, declined[1].voices[0].id), words="三楼的王姐亲眼看见过").id
    return {
        "again": links.tracking_token(declined[0].voices[0].id), "look": look,
        "inquired": cases[2], "alike": alike, "opinion": links.opinion_token(opinion), "clue": clue,
        "round": round_id, "objection": objection, "item": second.id, "objection_token": links.objection_token(objection),
        "sitting": meeting, "county_round": sitting, "member": members[0].phone,
    }  # fmt: skip


def before_a_jury(town):
    """The city has drawn its jury; one of it has said yes."""
    builders.by_round(5, council=Council.PANEL, jury_size=3)
    people = builders.residents(town, 3)
    case = builders.climbed(town, 5, nominee_name="苗素兰").id
    with transaction():
        builders.account(Role.REVIEWER, town.line[5], email="city@civic.example")
        deciding.pass_on(town.actor(5), case, expected=builders.version(case))
    builders.publishable(town, case, 5)
    city_round = builders.round_(town, 5)
    with transaction():
        jury = juries.draw(town.actor(5), city_round).id
    juror = builders.identity.actor_of(builders.db.session.get(builders.User, people[0]))
    with transaction():
        juries.accept(juror, jury)
    return {"city_round": city_round, "jury": jury, "juror": builders.db.session.get(builders.User, people[0]).phone}


def stood_out(zebra, leader):
    """A leader said four times of the same person that they stayed; the flag's key."""
    who = builders.volunteer("苏大川")
    with transaction():
        for shift in zebra.shifts()[-4:]:
            place = SignUp(shift_id=shift.id, person_id=who.person_id, status=SignUpStatus.CAME, starts_at=shift.starts_at, ends_at=shift.ends_at, at=clock.now())
            builders.db.session.add(place)
            builders.db.session.flush()
            builders.db.session.add(
                Hours(
                    person_id=who.person_id, sign_up_id=place.id, shift_id=shift.id, kind=HoursKind.VERIFIED, day=shift.day, minutes=90, how="full",
                    policy_id=hours.policy_on(shift.day).id, drafted_at=clock.now(), final_from=clock.now(), confirmed_by_id=leader.user_id, confirmed_at=clock.now(),
                )
            )  # fmt: skip
    return f"stayed_again-{leader.user_id}-p{who.person_id}"


def in_service(town):
    """Somebody has served, waits for another shift, and exchanges points; the shifts to come are after today."""
    zebra = builders.crossing(town, posts=("育才小学路口", "中医院路口"))
    with transaction():
        builders.account(Role.ORGANISER, town.line[3], email="organiser@civic.example")
        builders.account(Role.ORGANISER, town.line[5], email="wide@civic.example")
    actor = builders.volunteer("黄素芬", email="volunteer@civic.example")
    with transaction():
        ward = people.add_ward(actor, name="黄小满", birth_date=date(2015, 3, 1)).person_id
    leader = builders.identity.actor_of(zebra.leader)
    first = zebra.shifts()[0]
    with transaction():
        place = signing.sign_up(actor, first.id, has_read_briefing=True)
    for direction, moment in ((Direction.IN, first.starts_at), (Direction.OUT, first.ends_at)):
        clock.freeze(moment)
        with transaction():
            attendance.tick(leader, place.id, direction)
    clock.freeze(first.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
        paper.type_in(leader, first.id, {place.id: (time(7, 20), None)}, photo_key="none")
    clock.advance(timedelta(days=9))
    with transaction():
        counting.settle_due()
    with transaction():
        good = goods.offer_good(zebra.organiser, town.line[3], name="雨伞一把", donor="桥东百货", counter="便民服务台", points=10, count=3)
        redemption = goods.redeem(actor, good.id, request="once")
        boards.stand(actor, first.event.team_id, nickname="早班的老黄")
        certificate = certificates.issue(actor, first=first.day, last=first.day)
    clock.release()
    with transaction():
        today = clock.today()
        scheduling.generate(zebra.organiser, zebra.event_id, first=today + timedelta(days=1), last=today + timedelta(days=10))
    coming = [s for s in zebra.shifts() if s.starts_at > clock.now()]
    crowd = [builders.volunteer() for _ in range(2)]
    places = []
    for person in (*crowd, actor):
        with transaction():
            places.append(signing.sign_up(person, coming[0].id, has_read_briefing=True, wants_to_wait=True).id)
    with transaction():
        handing.hand_over(crowd[0], places[0])
        signing.sign_up(actor, coming[1].id, has_read_briefing=True)
    in_question(town, zebra, crowd[1], crowd[0], places[1])
    return at_the_door(zebra, places[1]) | {
        "event": zebra.event_id, "shift": coming[0].id, "certificate": certificate.number, "redemption": redemption.id, "good": good.id,
        "team": coming[0].event.team_id, "flag": stood_out(zebra, leader), "served": first.id, "post": coming[0].post_id, "ward": ward,
    }  # fmt: skip


def in_question(town, zebra, person, other, place):
    """A qualification that holds, one that was taken back, and a place in question since."""
    chief = builders.chief(town)
    with transaction():
        kind = papers.add_kind(chief, town.line[5], name="急救员", course="红十字会十六学时，考试合格", months=24)
        team = zebra.shifts()[0].event.team_id
        for who, day in ((person, clock.today()), (other, clock.today() - timedelta(days=30))):
            given = papers.give(zebra.organiser, team, who.person_id, kind.id, since=day)
        papers.revoke(zebra.organiser, given.id, reason="证书过期了")
        builders.db.session.add(Recheck(sign_up_id=place, code="not_qualified", raised_at=clock.now()))


def at_the_door(zebra, place):
    """A kiosk that told how it is, two scans that wait for a person, and somebody who joined at the door once."""
    door = tablet(current_app._get_current_object(), zebra.organiser, Scope.EVENT, zebra.event_id)
    assert door.status(battery=0.15, queued=7, oldest_at=roster.moment(clock.now() - timedelta(minutes=12)), roster_at=roster.moment(clock.now())).status_code == 200
    assert door.upload(door.scan(place), door.scan(code="6901234567892", way="wedge")) == ["outside_window", "unknown_code"]
    assert door.upload(door.scan(place, "out", kind="kit", kit="红马甲", way=None)) == ["kit"]
    return {"kiosk": door.kiosk_id}


@pytest.mark.parametrize("mode", ["normal", "large", "english"])
def test_no_page_has_a_violation(mode, engine_name, filled, app, live, browser):
    if mode != "normal" and engine_name == "postgresql":
        pytest.skip("large type and English look the same over both engines: seen on SQLite")
    clock.release()
    app.config["DEMO"] = mode == "normal"
    width = {"normal": 1366, "large": 390, "english": 768}[mode]
    faults = []
    contexts = {}
    for who, login in (("anyone", None), ("demo", None), *LOGINS, ("member", filled["member"]), ("volunteer_juror", filled["juror"])):
        page = browser.new_context(viewport={"width": width, "height": 844}, locale="zh-CN").new_page()
        page.set_default_timeout(8000)
        page.goto(f"{live}/?text={'large' if mode == 'large' else 'normal'}&lang={'en' if mode == 'english' else 'zh'}")
        if login:
            page.goto(f"{live}/identity/sign_in")
            page.fill("#contact", login)
            page.fill("#password", builders.PASSWORD)
            page.click(".form__bar button")
        contexts[who] = page
    try:
        for endpoint, (who, address) in PAGES.items():
            if who == "demo" and not app.config["DEMO"]:
                continue
            page = contexts[who]
            answer = page.goto(live + address.format(**filled))
            assert answer.status == 200, f"{endpoint}: {answer.status}"
            # What a page looks like does not hang on the engine; that it opens does.
            if engine_name == "sqlite":
                faults += [f"{endpoint}: {fault}" for fault in violations(page)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                faults.append(f"{endpoint}: scrolls sideways at {width}")
    finally:
        app.config["DEMO"] = False
    assert not faults, "\n".join(faults)
