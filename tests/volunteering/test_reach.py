"""Two places, two organisers: no list of one shows the other's, no address of one opens the other's. Generated from the URL map."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Person, User
from civic.identity.permissions import MACHINE, Permission
from civic.points.actions import entries, goods
from civic.points.models import Redemption
from civic.volunteering.actions import attendance, attesting, counting, people, qualifications, signing
from civic.volunteering.models.attendance import Attestation, Direction, Hours
from civic.volunteering.models.events import Event, Pattern, Shift, SignUp
from civic.volunteering.models.qualifications import QualificationKind
from civic.volunteering.models.rechecks import Recheck
from civic.volunteering.queries import categories
from civic.volunteering.states import SignUpStatus
from tests.support import builders
from tests.support.client import StrictClient, strict_client

# Every deed a route with one knows; what ends something comes last.
DEEDS = {
    "volunteering.desk.run": ("post", "pattern", "generation", "publication", "closing", "restoration", "reinstatement", "rain", "cancellation"),
    "volunteering.desk.change_shift": ("size", "pattern", "cancellation", "restoration"),
    "volunteering.desk.change_member": ("lead", "stepping_down", "leaving"),
    "volunteering.desk.word": ("word", "stayed"),
    "volunteering.desk.decide": ("refusal", "confirmation"),
    "volunteering.desk.event_sheet": ("roster", "hours"),
    "volunteering.desk.team_sheet": ("members", "roster"),
    "points.desk.change_good": ("removal", "return"),
    "volunteering.tick": ("in", "out", "undo", "up", "off", "stayed", "reversal"),
    "volunteering.decide_paper": ("confirmation", "return"),
}
# Routes with a number in them that are for oneself and one's family, or for everybody; who reaches what there is told elsewhere.
NOT_OF_A_PLACE = {
    "points.redeem", "points.redemption", "points.cancel", "volunteering.board", "volunteering.stand", "volunteering.object_to_hours",
    "volunteering.ward_number", "volunteering.answer_ward", "volunteering.change_mine", "volunteering.answer_ask", "volunteering.event",
    "volunteering.sign_up", "volunteering.feed", "volunteering.certificate_print", "volunteering.verified",
    # Of the whole city: its rules, its register.
    "points.desk.decide_shortfall", "volunteering.desk.end_category", "volunteering.desk.change_rules", "volunteering.desk.end_qualification_kind",
}  # fmt: skip
# What a route calls its number, where that is not of a place on a shift.
NUMBERS = {"volunteering.desk.revoke_qualification": "qualification", "volunteering.desk.take_off": "recheck", "volunteering.end_question": "recheck"}
# Lists of a desk: whether they show something of one's own place in this city of two.
LISTS = {
    "volunteering.desk.events": True, "volunteering.desk.hours": True, "volunteering.desk.flags": True, "volunteering.desk.teams": True,
    "volunteering.desk.begin": True, "volunteering.desk.summary": True, "points.desk.counter": False, "points.desk.shelf": True,
    "volunteering.desk.certificates": False, "volunteering.desk.qualifications": True, "volunteering.desk.rechecks_": True,
}  # fmt: skip


@dataclass
class Side:
    """A place with its organiser, and one of everything a desk can open there; `word` stands in all of its names."""

    word: str
    organiser: int
    ids: dict[str, object] = field(default_factory=dict)


def side(town: builders.City, word: str, place, community) -> Side:
    here = builders.City({**town.line, 3: place, 2: community}, town.other, {})
    zebra = builders.crossing(here, most=4, posts=(f"{word}路口",), name=f"{word}活动", subtitle="")
    shifts, leader = zebra.shifts(), builders.identity.actor_of(zebra.leader)
    with transaction():
        team = shifts[0].event.team_id
        people.change_team(zebra.organiser, team, name=f"{word}服务队", parent_id=None)
        db.session.get_one(User, zebra.organiser.user_id).person.name = f"{word}组织者"
        db.session.get_one(User, zebra.leader.id).person.name = f"{word}队长"
    stays, drafts, misses, fills = (builders.volunteer(f"{word}{name}") for name in ("甲", "乙", "丙", "丁"))
    # Four times a leader says that the same one stayed: that is a flag.
    for shift in shifts[:4]:
        clock.freeze(shift.starts_at - timedelta(hours=1))
        with transaction():
            row = signing.sign_up(stays, shift.id, has_read_briefing=True).id
            attendance.tick(leader, row, Direction.IN)
        clock.freeze(shift.ends_at + timedelta(hours=1))
        with transaction():
            counting.count_ended()
            counting.settle_word(leader, db.session.scalars(select(Hours.id).where(Hours.sign_up_id == row)).one(), stayed=True)
    shift = shifts[4]
    clock.freeze(shift.starts_at - timedelta(hours=1))
    rows = {}
    with transaction():
        for name, actor in (("drafts", drafts), ("misses", misses), ("fills", fills)):
            rows[name] = signing.sign_up(actor, shift.id, has_read_briefing=True).id
        attendance.tick(leader, rows["drafts"], Direction.IN)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
        asked = attesting.request_attestation(leader, rows["fills"], minutes=30, evidence="照片里有他").id
        entries.award(MACHINE, stays.person_id, minutes=480, role="guide", source=f"hours:{word}", words="服务", day=clock.today())
        good = goods.offer_good(zebra.organiser, db.session.merge(place), name=f"{word}手帕", donor=f"{word}超市", counter="服务台", points=1, count=9).id
        down = goods.offer_good(zebra.organiser, db.session.merge(place), name=f"{word}旧货", donor=f"{word}超市", counter="服务台", points=1, count=9).id
        goods.take_down(zebra.organiser, down, reason="旧了", gives_back=False)
    coming = next(s for s in shifts if s.starts_at > clock.now())
    with transaction():
        held = goods.redeem(stays, good, request="a").id
        place_id = signing.sign_up(drafts, coming.id, has_read_briefing=True).id
        kind = QualificationKind(name=f"资格{place.id}", course="", since=clock.today())
        db.session.add(kind)
        db.session.flush()
        qualification = qualifications.give(zebra.organiser, team, drafts.person_id, kind.id, since=clock.today(), course=f"{word}课").id
        recheck = Recheck(sign_up_id=place_id, code="too_young", raised_at=clock.now())
        db.session.add(recheck)
        db.session.flush()
    found = Side(word, zebra.organiser.user_id)
    found.ids = {
        "event_id": zebra.event_id, "post_id": shifts[0].post_id, "pattern_id": db.session.scalars(select(Pattern.id).where(Pattern.event_id == zebra.event_id)).first(),
        "shift_id": coming.id, "team_id": team, "person_id": zebra.leader.person_id, "sign_up_id": rows["misses"], "attestation_id": asked,
        "hours_id": db.session.scalars(select(Hours.id).where(Hours.sign_up_id == rows["drafts"])).one(), "good_id": good, "redemption_id": held,
        "number": place_id, "qualification": qualification, "recheck": recheck.id, "key": f"stayed_again-{zebra.leader.id}-p{stays.person_id}",
    }  # fmt: skip
    return found


@pytest.fixture
def sides(app) -> tuple[Side, Side]:
    town = builders.city(staffed=False)
    with transaction():
        west_street = db.session.merge(town.other[3])
        west_community = builders.region(west_street, 2, "西片社区")
    east = side(town, "东片", town.line[3], town.line[2])
    clock.freeze(clock.local(clock.now()).replace(hour=12))
    west = side(town, "西片", west_street, west_community)
    return east, west


def desk_of(app, one: Side) -> StrictClient:
    client = strict_client(app)
    client.sign_in(db.session.get_one(User, one.organiser).phone)
    return client


def routes(app):
    """(rule, its view's access) of volunteering and points."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in ("volunteering", "points"):
            yield rule, app.view_functions[rule.endpoint].access


def addresses(app, rule, one: Side) -> list[str]:
    """The rule's addresses for a side: one for each deed."""
    names = set(rule.arguments)
    deeds = DEEDS.get(rule.endpoint, ("",)) if names & {"deed", "kind"} else ("",)
    with app.test_request_context():
        from flask import url_for

        return [url_for(rule.endpoint, **{name: deed if name in ("deed", "kind") else one.ids[NUMBERS.get(rule.endpoint, name) if name == "number" else name] for name in names}) for deed in deeds]


def of_a_place(app):
    return [rule for rule, _access in routes(app) if rule.arguments and rule.endpoint not in NOT_OF_A_PLACE]


def test_every_route_with_a_number_says_whose_it_is(app, sides):
    east, _west = sides
    for rule in of_a_place(app):
        missing = set(rule.arguments) - set(east.ids) - {"deed", "kind"}
        assert not missing, f"{rule.endpoint}: give Side an id for {missing}, or say in NOT_OF_A_PLACE why everybody opens it"
        assert not set(rule.arguments) & {"deed", "kind"} or rule.endpoint in DEEDS, f"{rule.endpoint}: name its deeds"
    lists = {rule.endpoint for rule, access in routes(app) if not rule.arguments and "GET" in rule.methods and access in (Permission.EVENT_RUN, Permission.GOODS_RUN)}
    assert lists == set(LISTS), "a new list of a desk: say here whether it shows one's own place"


def test_no_list_of_a_desk_shows_anothers_place(app, sides):
    for mine, theirs in (sides, sides[::-1]):
        client = desk_of(app, mine)
        for endpoint, shows_own in LISTS.items():
            with app.test_request_context():
                from flask import url_for

                address = url_for(endpoint)
            text = client.get(address).text
            if endpoint == "points.desk.shelf":
                # The whole city may exchange what stands there; nobody else changes it, and what was taken down is one's own.
                assert f"/points/desk/goods/{theirs.ids['good_id']}" not in text
                text = text.replace(f"{theirs.word}手帕", "").replace(f"{theirs.word}超市", "")
            assert theirs.word not in text, f"{address} of {mine.word} shows {re.findall('.{40}' + theirs.word + '.{40}', text)[:2]}"
            if shows_own:
                assert (mine.word in text) or endpoint == "volunteering.desk.summary", f"{address} shows nothing of {mine.word}: the test would see nothing"


def test_the_summary_counts_ones_own_place_alone(app, sides):
    east, west = sides
    clock.advance(timedelta(days=20))
    with transaction():
        counting.settle_due()
    with transaction():
        for event in db.session.scalars(select(Event).where(Event.id == west.ids["event_id"])):
            event.category = categories.in_use_by_code("elders", clock.today())
    for mine, kind, other in ((east, "文明交通", "敬老助残"), (west, "敬老助残", "文明交通")):
        words = strict_words(desk_of(app, mine), f"/volunteering/desk/summary?first=2026-07-01&last={clock.today()}")
        table = words[words.index("合计") - 400 :] if "合计" in words else words
        assert kind in table
        assert other not in table


def strict_words(client: StrictClient, address: str) -> str:
    return client.words(client.get(address))


def test_no_address_of_a_desk_opens_anothers_place_whatever_the_deed(app, sides):
    mine, theirs = sides
    client = desk_of(app, mine)
    client.get("/volunteering/desk/events")
    asked, opened = 0, []
    for rule in of_a_place(app):
        for address in addresses(app, rule, theirs):
            for method in sorted(rule.methods & {"GET", "POST"}):
                answer = client.open(address, method=method)
                asked += 1
                if answer.status_code != 404:
                    opened.append(f"{method} {address}: {answer.status_code}")
    assert not opened, f"as the organiser of {mine.word}: {opened}"
    assert asked > 60
    path = db.session.get_one(Event, theirs.ids["event_id"]).region_path
    made = db.session.scalars(select(AuditRecord.verb).where(AuditRecord.actor_id == mine.organiser, AuditRecord.region_path == path)).all()
    assert made == []


def test_a_number_of_another_place_is_not_taken_behind_an_address_of_ones_own(app, sides):
    mine, theirs = sides
    client = desk_of(app, mine)
    client.get("/volunteering/desk/events")
    shift, other = mine.ids["shift_id"], theirs.ids
    for deed in DEEDS["volunteering.tick"]:
        number = other["hours_id"] if deed in ("stayed", "reversal") else other["number"]
        assert client.post(f"/volunteering/lists/{shift}/{deed}/{number}", data={"reason": "x"}).status_code == 404, deed
    assert client.post(f"/volunteering/lists/{shift}/successor/{other['number']}", data={"who": "1", "reason": "x"}).status_code in (404, 422)
    assert client.post(f"/volunteering/desk/teams/{mine.ids['team_id']}/members/{other['person_id']}/leaving").status_code == 404
    db.session.rollback()
    assert db.session.get_one(SignUp, other["number"]).status is SignUpStatus.CONFIRMED
    code = db.session.get_one(Redemption, other["redemption_id"]).code
    assert client.post("/points/desk/counter", data={"code": code}).status_code == 404
    words = {"words-name": f"{mine.word}服务队", "words-parent": other["team_id"]}
    assert client.post(f"/volunteering/desk/teams/{mine.ids['team_id']}/words", data=words).status_code == 422


def test_ones_own_addresses_open(app, sides):
    """Else the tests above would prove nothing."""
    mine, _theirs = sides
    client = desk_of(app, mine)
    client.get("/volunteering/desk/events")
    rules = sorted(of_a_place(app), key=lambda rule: rule.endpoint.endswith(("end_pattern", "run", "change_shift", "call_off")))
    for rule in rules:
        if rule.endpoint in ("volunteering.paper_check", "volunteering.decide_paper", "volunteering.paper_photo"):
            continue  # there is no sheet of paper in this city
        for method in sorted(rule.methods & {"GET", "POST"}):
            for address in addresses(app, rule, mine):
                if rule.endpoint == "volunteering.tick" and address.split("/")[-2] not in ("in", "off", "up"):
                    continue  # of a punch, or of hours
                answer = client.open(address, method=method)
                assert answer.status_code in (200, 303, 409, 422, 400), f"{method} {address}: {answer.status_code}"


def test_what_leaves_the_house_holds_ones_own_place_alone(app, sides):
    mine, theirs = sides
    client = desk_of(app, mine)
    client.get("/volunteering/desk/events")
    form = {"first": "2026-07-01", "last": "2026-08-30", "purpose": "check"}
    for address in (
        *(f"/volunteering/desk/events/{mine.ids['event_id']}/sheets/{kind}" for kind in ("roster", "hours")),
        *(f"/volunteering/desk/teams/{mine.ids['team_id']}/sheets/{kind}" for kind in ("members", "roster")),
    ):
        answer = client.post(address, data=form)
        assert answer.status_code == 200, address
        words = " ".join(str(cell) for row in load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True) for cell in row)
        assert mine.word in words
        assert theirs.word not in words


def test_a_leader_leads_the_shifts_of_their_own_team_alone(app, sides):
    _mine, theirs = sides
    client = strict_client(app)
    leader = db.session.scalars(select(User).join(Person, Person.id == User.person_id).where(Person.name == "东片队长")).one()
    client.sign_in(leader.phone)
    words = strict_words(client, "/volunteering/lists")
    assert "西片" not in words
    assert client.get(f"/volunteering/lists/{theirs.ids['shift_id']}").status_code == 404
    assert db.session.get_one(Shift, theirs.ids["shift_id"])
    assert db.session.get_one(Attestation, theirs.ids["attestation_id"]).decided_at is None
