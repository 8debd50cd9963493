"""Taking back one's last step: within ten minutes, while nothing further has happened; nobody was told and nobody saw."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.honours.models import Honour, HonourStatus
from civic.identity.permissions import Role
from civic.nominations.actions import councils, deciding, inquiring, second_looks, submitting, undoing
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.voices import Voice
from civic.nominations.rules import links
from civic.nominations.states import Status, Verb
from civic.outbox import delivery
from civic.outbox.models import Message, MessageStatus
from tests.support import builders

DEEDS = {
    "return": (deciding.return_for_supplement, {"reason": "请补一张照片"}),
    "endorse": (deciding.endorse, {}),
    "elect": (deciding.elect, {}),
    "decline": (deciding.decline, {"reason": "和往年重复"}),
    "hand_over": (deciding.hand_over, {"reason": "换一位同志"}),
}


def fresh(case):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Nomination, case)


def shape(case):
    """Everything of a case but its version and its history."""
    found = fresh(case)
    return {c.key: getattr(found, c.key) for c in found.__table__.columns if c.key != "version"}


def did(town, case, deed, level=2):
    act, words = DEEDS[deed]
    with transaction():
        step = act(town.actor(level), case, expected=builders.version(case), **words)
    return step.id


def undone(actor, step):
    with transaction():
        return undoing.undo(actor, step)


def refused(code, actor, step):
    with pytest.raises(DomainError) as caught:
        undone(actor, step)
    assert caught.value.code == code
    return caught.value


@pytest.fixture
def town(app):
    return builders.city()


@pytest.mark.parametrize("deed", DEEDS)
def test_the_case_is_as_it_was_and_both_rows_stay(town, deed):
    case = builders.climbed(town, 2).id
    with transaction():
        deciding.take(town.actor(2), case, expected=builders.version(case))
    before = shape(case)
    clock.advance(timedelta(minutes=3))
    step = did(town, case, deed)
    assert shape(case) != before
    clock.advance(timedelta(minutes=9))
    undone(town.actor(2), step)
    assert shape(case) == before
    rows = db.session.scalars(select(Decision).where(Decision.nomination_id == case).order_by(Decision.number)).all()
    assert [r.verb.value for r in rows[-2:]] == [deed, "undo"]
    assert (rows[-2].undone_at, rows[-2].undone_by_id) == (clock.now(), town.desk[2].id)


def test_a_check_for_the_round_is_taken_back_unless_the_council_has_it_on_its_table(town):
    builders.by_round(2)
    first = builders.climbed(town, 2).id
    builders.council(town.line[2])
    round_id = builders.round_(town, 2)
    with transaction():
        step = deciding.pass_on(town.actor(2), first, expected=builders.version(first))
    undone(town.actor(2), step.id)
    assert fresh(first).status is Status.SUBMITTED
    with transaction():
        step = deciding.pass_on(town.actor(2), first, expected=builders.version(first))
    clock.advance(timedelta(minutes=1))
    with transaction():
        councils.open_meeting(town.actor(2), round_id, held_on=clock.today(), is_secret=False, is_on_paper=False)
    refused("moved_on", town.actor(2), step.id)


def letters_about(case, kind):
    return db.session.scalars(select(Message).where(Message.kind == kind, Message.facts.contains(f'"nomination": {case}'))).all()


def test_letters_wait_and_are_never_sent_about_what_was_undone(town):
    gone, stays = builders.climbed(town, 2).id, builders.climbed(town, 2, nominee_name="韩大川").id
    step = did(town, gone, "decline")
    did(town, stays, "decline")
    delivery.deliver_due(100)
    assert {m.status for case in (gone, stays) for m in letters_about(case, "declined")} == {MessageStatus.WAITING}
    undone(town.actor(2), step)
    clock.advance(timedelta(minutes=11))
    delivery.deliver_due(100)
    db.session.expire_all()
    assert [(m.status, m.problem) for m in letters_about(gone, "declined")] == [(MessageStatus.DROPPED, "no_longer_due")]
    assert [m.status for m in letters_about(stays, "declined")] == [MessageStatus.SENT]


def test_an_honour_is_not_public_before_the_minutes_are_over_and_keeps_its_row_when_undone(town):
    case = builders.climbed(town, 2).id
    clock.advance(timedelta(minutes=20))
    builders.publishable(town, case, 2)
    step = did(town, case, "elect")
    assert [h.visibility.value for h in roll.of_nomination(case)] == ["named", "named"]
    assert not roll.shown(2).items
    clock.advance(timedelta(minutes=5))
    undone(town.actor(2), step)
    clock.advance(timedelta(minutes=20))
    assert not roll.shown(2).items
    assert [h.level for h in roll.of_nomination(case)] == [1]
    again = did(town, case, "elect")
    assert not roll.shown(2).items
    clock.advance(timedelta(minutes=11))
    assert [h.number for h in roll.shown(2).items] == [2]
    kept = db.session.scalars(select(Honour.status).where(Honour.nomination_id == case).order_by(Honour.id)).all()
    assert kept == [HonourStatus.ACTIVE, HonourStatus.TAKEN_BACK, HonourStatus.ACTIVE]
    assert refused("undo_too_late", town.actor(2), again).status == 409


@pytest.mark.parametrize("deed", DEEDS)
def test_after_ten_minutes_a_sentence_says_what_to_do_instead(town, deed):
    case = builders.climbed(town, 2).id
    step = did(town, case, deed)
    clock.advance(timedelta(minutes=10))
    assert str(refused("undo_too_late", town.actor(2), step).sentence) == str(undoing.TOO_LATE[Verb(deed)])


def test_what_went_on_is_not_undone(town):
    with transaction():
        colleague = builders.account(Role.REVIEWER, town.line[3], name="周敏")
    taken, visited, answered = (builders.climbed(town, 2, nominee_name=n).id for n in ("陈桂兰", "韩大川", "葛元庆"))
    steps = [did(town, taken, "endorse"), did(town, visited, "endorse"), did(town, answered, "return")]
    clock.advance(timedelta(minutes=1))
    with transaction():
        deciding.take(builders.identity.actor_of(colleague), taken, expected=builders.version(taken))
    with transaction():
        inquiring.sign_visit(
            town.actor(3), visited, visited_on=clock.today(), companion="老周", witnesses=2, report="问了门卫和班主任，都说她缝了十二年，从不收钱。",
            is_true=True,
        )  # fmt: skip
    with transaction():
        voice = db.session.scalars(select(Voice).where(Voice.nomination_id == answered)).one()
        submitting.resubmit(voice, story=None, words="补好了")
    for step in steps:
        refused("moved_on", town.actor(2), step)


def test_only_the_desk_that_decided_takes_back_and_the_closing_of_a_round_never(town):
    with transaction():
        colleague = builders.account(Role.REVIEWER, town.line[2])
        stranger = builders.account(Role.REVIEWER, town.other[2])
    case = builders.climbed(town, 2).id
    step = did(town, case, "endorse")
    refused("not_here", town.actor(3), step)
    refused("not_found", builders.identity.actor_of(stranger), step)
    undone(builders.identity.actor_of(colleague), step)
    assert refused("undone_already", town.actor(2), step).facts["by"] == colleague.person.name
    taking = did_take(town, case)
    refused("not_undoable", town.actor(2), taking)


def did_take(town, case):
    with transaction():
        step = deciding.take(town.actor(2), case, expected=builders.version(case))
    return step.id


def test_of_many_who_undo_at_once_and_one_who_goes_on_exactly_one_wins(app, town, engine_name):
    threads = 20 if engine_name == "postgresql" else 6
    mine, above = town.actor(2), town.actor(3)
    cases = [builders.climbed(town, 2, nominee_name=f"好人{number}").id for number in range(4)]
    tried = [(case, did(town, case, "endorse"), builders.version(case)) for case in cases]
    for case, step, version in tried:
        db.session.remove()
        outcomes: Counter[str] = Counter()
        start, lock = threading.Barrier(threads), threading.Lock()

        def work(which, step=step, case=case, version=version, outcomes=outcomes, start=start, lock=lock):
            start.wait()
            with app.app_context():
                try:
                    with transaction():
                        if which % 4 == 3:
                            deciding.take(above, case, expected=version)
                        else:
                            undoing.undo(mine, step)
                    outcome = "took" if which % 4 == 3 else "undid"
                except DomainError as refusal:
                    outcome = refusal.code
                finally:
                    db.session.remove()
            with lock:
                outcomes[outcome] += 1

        running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        found = fresh(case)
        assert outcomes["undid"] + outcomes["took"] == 1, outcomes
        assert set(outcomes) <= {"undid", "took", "undone_already", "moved_on", "decided_meanwhile"}, outcomes
        assert (found.level, found.status) == ((2, Status.SUBMITTED) if outcomes["undid"] else (3, Status.IN_REVIEW))
        undos = select(func.count()).select_from(Decision).where(Decision.nomination_id == case, Decision.verb == Verb.UNDO)
        assert db.session.scalar(undos) == outcomes["undid"]


@pytest.fixture
def desk(town, client):
    with transaction():
        builders.account(Role.REVIEWER, town.line[2], email="desk@civic.example")
    client.sign_in("desk@civic.example", builders.PASSWORD)
    return client


def test_a_whole_batch_goes_back_with_one_button_and_counts_what_could_not(town, desk):
    ids = [builders.climbed(town, 2, nominee_name=name).id for name in ("陈桂兰", "韩大川", "葛元庆")]
    picks = [f"{case}-{builders.version(case)}" for case in ids]
    answer = desk.post("/nominations/desk/batch", data={"pick": picks, "deed": "endorsement", "count": "3"})
    assert "撤回这 3 件" in answer.text
    with transaction():
        deciding.take(town.actor(3), ids[1], expected=builders.version(ids[1]))
    listed = desk.get("/nominations/desk/undoing").text
    assert "这一批都撤回（2 件）" in listed
    assert "刚办的 2 件还能撤回" in desk.get("/nominations/desk/queue").text
    batch = listed.split("/nominations/desk/undoing/batch/")[1].split('"')[0]
    answer = desk.post(f"/nominations/desk/undoing/batch/{batch}")
    assert "撤回了 2 件" in answer.text
    assert "有 1 件不能撤回了" in answer.text
    assert [(fresh(case).level, fresh(case).status) for case in ids] == [(2, Status.SUBMITTED), (3, Status.IN_REVIEW), (2, Status.SUBMITTED)]
    again = desk.post(f"/nominations/desk/undoing/batch/{batch}")
    assert "撤回了 0 件" in again.text
    assert desk.post("/nominations/desk/undoing/batch/nothing").status_code == 404


def test_one_step_goes_back_from_the_pane_and_too_late_is_said_on_the_page(town, desk):
    case = builders.climbed(town, 2).id
    desk.post(f"/nominations/desk/cases/{case}/refusal", data={"version": builders.version(case), "reason": "手滑了"})
    assert "刚办了：不通过" in desk.get(f"/nominations/desk/queue?case={case}").text
    step = fresh(case).decisions[-1].id
    assert desk.post(f"/nominations/desk/undoing/{step}").status_code == 303
    page = desk.get(f"/nominations/desk/queue?case={case}").text
    assert "（撤回了）" in page
    desk.post(f"/nominations/desk/cases/{case}/refusal", data={"version": fresh(case).version, "reason": "真的不合适"})
    step = fresh(case).decisions[-1].id
    clock.advance(timedelta(minutes=10))
    answer = desk.post(f"/nominations/desk/undoing/{step}")
    assert answer.status_code == 409
    assert "信已经发给推荐人了" in answer.text


def test_the_nominators_page_says_that_a_step_may_still_change_and_a_request_to_look_again_holds_it(town, client):
    case = builders.climbed(town, 2).id
    voice = db.session.scalars(select(Voice).where(Voice.nomination_id == case)).one()
    where = f"/track/t/{links.tracking_token(voice.id)}"
    step = did(town, case, "decline")
    page = client.get(where).text
    assert "十分钟里还可能改" in page
    clock.advance(timedelta(minutes=1))
    with transaction():
        second_looks.ask(voice, words="请再看看，那年冬天大家都看见她在校门口。")
    refused("moved_on", town.actor(2), step)
    clock.advance(timedelta(minutes=10))
    assert "十分钟里还可能改" not in client.get(where).text
