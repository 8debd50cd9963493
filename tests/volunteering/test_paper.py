"""The paper sheet typed back: two people, every line seen, what was ticked stays, late paper still counts."""

from __future__ import annotations

from datetime import time, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.volunteering.actions import attendance, cancelling, counting, paper, people, signing
from civic.volunteering.models.attendance import Direction, Hours, Means, Punch
from civic.volunteering.models.events import SignUp
from civic.volunteering.models.paper import PaperSheet, PaperStatus
from civic.volunteering.queries import hours as totals
from civic.volunteering.queries import paper as questions
from civic.volunteering.states import SignUpStatus
from tests.support import builders
from tests.support.refusals import refused


def photo():
    out = BytesIO()
    Image.new("RGB", (40, 60), "white").save(out, "JPEG")
    out.seek(0)
    return out


@pytest.fixture
def signed(app):
    """Three are in; the shift is over but not counted; two leaders."""
    zebra = builders.crossing(most=3)
    shift = zebra.shifts()[0]
    actors = [builders.volunteer(name) for name in ("黄素芬", "魏建国", "何秀英")]
    rows = []
    for actor in actors:
        with transaction():
            rows.append(signing.sign_up(actor, shift.id, has_read_briefing=True).id)
    with transaction():
        second = builders.account(name="顾大勇")
        people.join(zebra.organiser, shift.event.team, second.person_id, is_leader=True)
    leaders = builders.identity.actor_of(zebra.leader), builders.identity.actor_of(second)
    clock.freeze(shift.ends_at + timedelta(minutes=5))
    return zebra, shift.id, rows, leaders, second


def typed(leader, shift_id, lines):
    with transaction():
        return paper.type_in(leader, shift_id, lines, photo_key="k").id


def confirm(leader, sheet_id):
    sheet = db.session.get(PaperSheet, sheet_id)
    paper.confirm(leader, sheet_id, right=[line.id for line in sheet.lines])


def confirmed(leader, sheet_id):
    with transaction():
        confirm(leader, sheet_id)


def punches(row):
    db.session.rollback()
    db.session.expire_all()
    found = db.session.scalars(select(Punch).where(Punch.sign_up_id == row, Punch.is_live).order_by(Punch.id))
    return [(p.direction, f"{clock.local(p.at):%H:%M}", p.means) for p in found]


LINES = (time(7, 25), time(9, 2))


def test_nothing_counts_before_a_second_person_saw_every_line(signed):
    _zebra, shift_id, rows, (one, two), _second = signed
    sheet = typed(one, shift_id, {rows[0]: LINES, rows[1]: (time(7, 45), None)})
    assert punches(rows[0]) == []
    assert refused(lambda: paper.confirm(one, sheet, right=[])) == "two_people"
    assert refused(lambda: paper.confirm(two, sheet, right=[1])) == "lines_unchecked"
    confirmed(two, sheet)
    assert punches(rows[0]) == [(Direction.IN, "07:25", Means.PAPER), (Direction.OUT, "09:02", Means.PAPER)]
    assert punches(rows[1]) == [(Direction.IN, "07:45", Means.PAPER)]
    assert punches(rows[2]) == []
    clock.advance(timedelta(minutes=40))
    with transaction():
        counting.count_ended()
    db.session.expire_all()
    found = {h.sign_up_id: (h.minutes, h.how, h.kind.value) for h in db.session.scalars(select(Hours))}
    assert found == {rows[0]: (92, "full", "verified"), rows[1]: (45, "no_out", "verified")}
    assert db.session.get(SignUp, rows[2]).status is SignUpStatus.MISSED
    assert refused(lambda: confirm(two, sheet)) == "checked_already"


def test_differences_are_named_and_a_tick_is_never_changed_by_paper(signed):
    _zebra, shift_id, rows, (one, two), _second = signed
    later = clock.now()
    clock.freeze(later - timedelta(minutes=80))
    with transaction():
        attendance.tick(one, rows[0], Direction.IN)
        attendance.tick(one, rows[2], Direction.IN)
    clock.freeze(later)
    sheet = typed(one, shift_id, {rows[0]: (time(7, 10), time(8, 0)), rows[1]: (time(7, 55), time(9, 4))})
    named = {row.sign_up.id: row.differences for row in questions.compared(questions.sheet_by_id(sheet))}
    assert named[rows[0]] == ("ticked_in_otherwise", "went_early")
    assert named[rows[1]] == ("came_late",)
    assert named[rows[2]] == ("only_ticked",)
    confirmed(two, sheet)
    assert punches(rows[0])[0] == (Direction.IN, "07:45", Means.TICK)
    assert punches(rows[0])[1] == (Direction.OUT, "08:00", Means.PAPER)


def test_paper_that_comes_after_the_count_mends_missed_and_half_hours(signed):
    _zebra, shift_id, rows, (one, two), _second = signed
    clock.advance(timedelta(minutes=-60))
    with transaction():
        attendance.tick(one, rows[1], Direction.IN)
    clock.advance(timedelta(hours=3))
    with transaction():
        counting.count_ended()
    assert db.session.get(SignUp, rows[0]).status is SignUpStatus.MISSED
    sheet = typed(one, shift_id, {rows[0]: LINES, rows[1]: (time(8, 5), time(9, 0))})
    confirmed(two, sheet)
    db.session.expire_all()
    found = {h.sign_up_id: (h.minutes, h.how) for h in db.session.scalars(select(Hours))}
    assert found == {rows[0]: (92, "full"), rows[1]: (55, "full")}
    assert db.session.get(SignUp, rows[0]).status is SignUpStatus.CAME
    clock.advance(timedelta(days=9))
    with transaction():
        counting.settle_due()
    assert totals.discrepancies() == []
    assert refused(lambda: paper.type_in(one, shift_id, {rows[0]: LINES}, photo_key="k")) == "settled_already"


def test_hours_that_are_final_are_not_touched_by_paper(signed):
    zebra, shift_id, rows, (one, two), _second = signed
    sheet = typed(one, shift_id, {rows[0]: LINES, rows[1]: (time(7, 40), time(8, 40))})
    confirmed(two, sheet)
    clock.advance(timedelta(minutes=40))
    with transaction():
        counting.count_ended()
    draft = db.session.scalars(select(Hours).where(Hours.sign_up_id == rows[1])).one()
    with transaction():
        counting.object_to(builders.identity.actor_of(user_of(rows[1])), draft.id, words="我到 9 点才走")
    clock.advance(timedelta(days=6))
    with transaction():
        counting.settle_due()
    before = punches(rows[0])
    again = typed(two, shift_id, {rows[0]: (time(6, 0), time(9, 4))})
    assert "final_already" in questions.compared(questions.sheet_by_id(again))[0].differences
    confirmed(one, again)
    assert punches(rows[0]) == before
    with transaction():
        counting.settle_word(one, draft.id, minutes=80, answer="照片里看见了")
    with transaction():
        counting.settle_due()
    assert refused(lambda: paper.type_in(one, shift_id, {rows[2]: LINES}, photo_key="k")) == "settled_already"
    assert zebra.event_id


def user_of(row):
    from civic.identity.models import User

    return db.session.scalars(select(User).where(User.person_id == db.session.get(SignUp, row).person_id)).one()


def test_ones_own_line_is_neither_typed_nor_checked_by_oneself(signed):
    zebra, _shift_id, _rows, (one, two), _second = signed
    clock.advance(timedelta(days=-1, hours=3))
    with transaction():
        people.register(two, birth_date=builders.BORN)
        mine = signing.sign_up(two, zebra.shifts()[1].id, has_read_briefing=True).id
    shift = zebra.shifts()[1]
    clock.freeze(shift.ends_at + timedelta(minutes=3))
    evening = (time(17, 0), time(18, 30))
    assert refused(lambda: paper.type_in(two, shift.id, {mine: evening}, photo_key="k")) == "recused"
    sheet = typed(one, shift.id, {mine: evening})
    assert refused(lambda: confirm(two, sheet)) == "recused"
    confirmed(zebra.organiser, sheet)
    assert len(punches(mine)) == 2


def test_what_cannot_be_is_refused_by_name(signed):
    zebra, shift_id, rows, (one, two), _second = signed
    stranger = builders.volunteer()
    assert refused(lambda: paper.type_in(stranger, shift_id, {rows[0]: LINES}, photo_key="k")) == "not_found"
    assert refused(lambda: paper.type_in(one, shift_id, {}, photo_key="k")) == "lines_missing"
    assert refused(lambda: paper.type_in(one, shift_id, {rows[0]: (time(3, 0), None)}, photo_key="k")) == "time_outside"
    assert refused(lambda: paper.type_in(one, shift_id, {rows[0]: (time(8, 0), time(7, 50))}, photo_key="k")) == "time_order"
    assert refused(lambda: paper.type_in(one, shift_id, {rows[0]: (time(8, 0), time(11, 0))}, photo_key="k")) == "time_ahead"
    assert refused(lambda: paper.type_in(one, shift_id, {999999: LINES}, photo_key="k")) == "not_on_list"
    assert refused(lambda: paper.type_in(one, zebra.shifts()[4].id, {rows[0]: LINES}, photo_key="k")) == "paper_too_early"
    typed(one, shift_id, {rows[0]: LINES})
    assert refused(lambda: paper.type_in(two, shift_id, {rows[0]: LINES}, photo_key="k")) == "sheet_waits"
    again = typed(one, shift_id, {rows[1]: LINES})
    assert [s.status for s in db.session.scalars(select(PaperSheet).order_by(PaperSheet.id))] == [PaperStatus.REPLACED, PaperStatus.TYPED]
    assert refused(lambda: paper.send_back(two, again, reason="")) == "reason_missing"
    with transaction():
        paper.send_back(two, again, reason="魏建国那行是 7:30")
    clock.advance(timedelta(days=8))
    assert refused(lambda: paper.type_in(one, shift_id, {rows[0]: LINES}, photo_key="k")) == "paper_too_late"
    clock.advance(timedelta(days=-8))
    with transaction():
        cancelling.cancel_event(zebra.organiser, zebra.event_id, reason="停办")
    assert refused(lambda: paper.type_in(one, zebra.shifts()[4].id, {rows[0]: LINES}, photo_key="k")) == "never_held"


def test_on_the_pages_one_types_and_another_checks_and_nothing_typed_is_lost(signed, client):
    zebra, shift_id, rows, (_one, _two), second = signed
    client.sign_in(zebra.leader.phone)
    page = client.get(f"/volunteering/lists/{shift_id}/paper")
    assert page.status_code == 200
    lines = {f"came-{rows[0]}": "7:25", f"went-{rows[0]}": "9:02", f"came-{rows[1]}": "七点"}
    answer = client.post(f"/volunteering/lists/{shift_id}/paper", data={"csrf_token": client.token, **lines})
    assert answer.status_code == 422
    assert "请拍一张签到表" in answer.get_data(as_text=True)
    answer = client.post(f"/volunteering/lists/{shift_id}/paper", data={"csrf_token": client.token, **lines, "photo": (photo(), "a.jpg")}, content_type="multipart/form-data")
    words = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "看不懂" in words
    assert 'value="7:25"' in words
    assert 'value="七点"' in words
    key = words.split('name="photo_key" value="')[1].split('"')[0]
    assert key
    lines[f"came-{rows[1]}"] = "7：30"
    answer = client.post(f"/volunteering/lists/{shift_id}/paper", data={"csrf_token": client.token, **lines, "photo_key": key})
    assert answer.status_code == 303
    assert "这一张是您录的" in client.get(f"/volunteering/lists/{shift_id}/paper/check").get_data(as_text=True)
    assert client.get(f"/volunteering/lists/{shift_id}/paper/photo").mimetype == "image/jpeg"
    client.post("/identity/sign_out")
    client.token = ""
    client.sign_in(second.phone)
    assert "纸表等核对" in client.get("/volunteering/lists").get_data(as_text=True)
    page = client.get(f"/volunteering/lists/{shift_id}/paper/check").get_data(as_text=True)
    assert "没写走的时间，先记一半" in page
    db.session.rollback()
    numbers = [line.id for line in questions.waiting_of(shift_id).lines]
    assert client.post(f"/volunteering/lists/{shift_id}/paper/confirmation", data={"right": numbers[:1]}).status_code == 422
    assert client.post(f"/volunteering/lists/{shift_id}/paper/confirmation", data={"right": numbers}).status_code == 303
    assert len(punches(rows[0])) == 2


def test_the_desk_sees_what_waits_for_a_second_person_in_its_places(signed, client):
    zebra, shift_id, rows, (one, _two), _second = signed
    typed(one, shift_id, {rows[0]: LINES})
    with transaction():
        builders.account(Role.ORGANISER, zebra.town.line[3], email="luo@civic.example")
        builders.account(Role.ORGANISER, zebra.town.other[3], email="far@civic.example")
    client.sign_in("luo@civic.example")
    assert f"/volunteering/lists/{shift_id}/paper/check" in client.get("/volunteering/desk/hours").get_data(as_text=True)
    client.post("/identity/sign_out")
    client.token = ""
    client.sign_in("far@civic.example")
    assert "去核对" not in client.get("/volunteering/desk/hours").get_data(as_text=True)


def test_the_photograph_is_for_the_leaders_only(signed, client):
    _zebra, shift_id, rows, (one, _two), _second = signed
    typed(one, shift_id, {rows[0]: LINES})
    with transaction():
        builders.account(email="other@civic.example")
    client.sign_in("other@civic.example")
    for address in ("paper", "paper/check", "paper/photo"):
        assert client.get(f"/volunteering/lists/{shift_id}/{address}").status_code == 404
