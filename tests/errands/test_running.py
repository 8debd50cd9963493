"""Long work left to the worker: watched, stopped, killed and gone on with; nothing twice, nothing left out."""

from __future__ import annotations

import io
import os
import signal
import zipfile
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from civic.audit.models import AuditRecord
from civic.core import clock, storage
from civic.core.db import db, transaction
from civic.errands import actions, running
from civic.errands.models import Errand, ErrandStatus
from civic.honours import desk as honours_desk
from civic.identity.permissions import Role
from civic.nominations.actions import deciding, noticing, rehearsing, rounds
from civic.nominations.desk import batches
from civic.nominations.desk import closing as closing_desk
from civic.nominations.desk import sheets as sheets_desk
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import Council
from civic.nominations.models.rounds import Round
from civic.nominations.states import Status
from tests.support import builders
from tests.support.books import rows_of
from tests.support.client import question_of
from tests.support.papers import RARE

BATCH = "/nominations/desk/batch"


@pytest.fixture
def town(app, client):
    town = builders.city()
    with transaction():
        builders.account(Role.REVIEWER, town.line[2], email="desk@civic.example", name="周敏")
        builders.account(Role.REVIEWER, town.line[2], email="other@civic.example")
    client.sign_in("desk@civic.example", builders.PASSWORD)
    return town


def arrived(town, count):
    return [builders.voice(town.line[2], nominee_name=f"好人{n:02d}").nomination_id for n in range(count)]


def asked(client, answer):
    """The errand a page was answered with."""
    assert answer.status_code == 303, client.words(answer)
    assert "/errands/desk/" in answer.headers["Location"]
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def fresh(errand):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Errand, errand)


def batch_of(client, ids, deed="endorsement", reason="事迹属实"):
    picks = [f"{case}-{builders.version(case)}" for case in ids]
    return asked(client, client.post(BATCH, data={"pick": picks, "deed": deed, "count": str(len(ids)), "reason": reason}))


def words_on(ids):
    return dict(db.session.execute(select(Decision.nomination_id, func.count()).where(Decision.nomination_id.in_(ids), Decision.verb == "endorse").group_by(Decision.nomination_id)).all())


def test_a_large_batch_is_decided_by_the_worker_and_each_refusal_is_named(town, client, monkeypatch):
    monkeypatch.setattr(batches, "NOW_MOST", 2)
    ids = arrived(town, 6)
    errand = batch_of(client, ids)
    page = client.get(f"/errands/desk/{errand}").text
    assert "排着队" in page
    with transaction():
        deciding.take(town.actor(2), ids[4], expected=1)
    assert running.run_next()
    assert not running.run_next()
    page = client.get(f"/errands/desk/{errand}").text
    assert "6 件里办成 5 件" in page
    assert "好人04" in page
    assert "刚刚办过这件了" in page or "正在办这件" in page
    assert words_on(ids) == {case: 1 for case in ids if case != ids[4]}
    assert "交办的活" in client.get("/errands/desk/").text
    # Taken back in one go as well.
    undoing = asked(client, client.post(f"/nominations/desk/undoing/batch/{fresh(errand).facts['batch']}"))
    running.run_next()
    assert "一共 5 件" in client.words(client.get(f"/errands/desk/{undoing}"))
    db.session.expire_all()
    assert {db.session.get(Nomination, case).level for case in ids} == {2}


def test_all_that_the_list_shows_is_laid_out_before_it_is_decided(town, client):
    arrived(town, 55)
    page = client.get(f"{BATCH}?all=1&lane=waiting").text
    assert "成批办理 55 件" in page
    assert page.count('name="pick"') == 55


def test_a_worker_killed_in_the_middle_leaves_no_piece_twice_and_none_out(town, client, monkeypatch):
    monkeypatch.setattr(batches, "NOW_MOST", 2)
    ids = arrived(town, 7)
    errand = batch_of(client, ids)
    db.session.remove()
    # A connection must not be shared with a child, nor closed by it.
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        endorse, count = deciding.endorse, []

        def fatal(*arguments, **words):
            count.append(endorse(*arguments, **words))
            db.session.flush()
            if len(count) == 4:
                os.kill(os.getpid(), signal.SIGKILL)
            return count[-1]

        from civic.nominations import errands

        errands.DEEDS["endorsement"] = (errands.DEEDS["endorsement"][0], fatal)
        running.run_next()
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    row = fresh(errand)
    assert (row.status, row.done) == (ErrandStatus.RUNNING, 3)
    assert words_on(ids) == dict.fromkeys(ids[:3], 1)
    # Nobody takes it before the lease is over; then it goes on where it was.
    assert not running.run_next()
    clock.advance(running.LEASE + timedelta(seconds=1))
    assert running.run_next()
    row = fresh(errand)
    assert (row.status, row.done, row.problems) == (ErrandStatus.DONE, 7, [])
    assert words_on(ids) == dict.fromkeys(ids, 1)


def test_a_worker_that_outlived_its_lease_does_no_more(town, client, monkeypatch):
    monkeypatch.setattr(batches, "NOW_MOST", 2)
    ids = arrived(town, 4)
    errand = batch_of(client, ids)
    slow = running.Work(running._taken(), town.actor(2), lambda: False)
    clock.advance(running.LEASE + timedelta(seconds=1))
    assert running.run_next()
    with pytest.raises(running.Lost):
        slow.tell(1)
    with pytest.raises(running.Lost), transaction():
        slow.end()
    assert fresh(errand).status is ErrandStatus.DONE
    assert words_on(ids) == dict.fromkeys(ids, 1)


def test_what_was_asked_twice_is_one_and_a_stop_is_kept(town, client, monkeypatch):
    monkeypatch.setattr(batches, "NOW_MOST", 2)
    ids = arrived(town, 4)
    errand = batch_of(client, ids)
    assert batch_of(client, ids) == errand
    client.post(f"/errands/desk/{errand}/stop")
    assert fresh(errand).status is ErrandStatus.STOPPED
    assert not running.run_next()
    # One under way ends after the piece at hand, and what was done stays.
    errand = batch_of(client, ids)
    step, act = batches.DEEDS["endorsement"]

    def with_stop(actor, case, **words):
        if case == ids[1]:
            db.session.get(Errand, errand).stop_asked_at = clock.now()
        return act(actor, case, **words)

    from civic.nominations import errands

    monkeypatch.setitem(errands.DEEDS, "endorsement", (step, with_stop))
    running.run_next()
    assert (fresh(errand).status, fresh(errand).done) == (ErrandStatus.STOPPED, 1)
    assert words_on(ids) == {ids[0]: 1}
    assert "停下以前办了 1 件" in client.get(f"/errands/desk/{errand}").text
    # Over is over.
    assert "停不下来" in client.get(client.post(f"/errands/desk/{errand}/stop").headers["Location"]).text


def test_nobody_sees_anothers_errand(town, client, monkeypatch):
    monkeypatch.setattr(batches, "NOW_MOST", 2)
    errand = batch_of(client, arrived(town, 3))
    client.sign_in("other@civic.example", builders.PASSWORD)
    assert client.get(f"/errands/desk/{errand}").status_code == 404
    for deed in ("stop", "file"):
        assert client.post(f"/errands/desk/{errand}/{deed}").status_code == 404


def test_a_long_list_is_whole_asked_for_recorded_and_gone_after_a_day(town, client, monkeypatch):
    monkeypatch.setattr(sheets_desk, "NOW_MOST", 2)
    from civic.nominations import errands

    monkeypatch.setattr(errands, "AT_ONCE", 3)
    arrived(town, 8)
    where = "/nominations/desk/sheets/queue"
    assert client.post(where, data={"lane": "waiting"}).status_code == 422
    errand = asked(client, client.post(where, data={"lane": "waiting", "purpose": "meeting"}))
    running.run_next()
    assert "一共 8 件" in client.get(f"/errands/desk/{errand}").text
    answer = client.post(f"/errands/desk/{errand}/file")
    assert answer.headers["Content-Disposition"].endswith(".xlsx")
    lines = rows_of(answer.data)
    assert "周敏" in lines[0][0]
    assert "开会评议用" in lines[0][0]
    assert [cells[1] for cells in lines[2:]] == [f"好人{n:02d}" for n in range(8)]
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "sheet.download")).one()
    assert '"lines":8' in record.facts
    assert '"meeting"' in record.facts
    key = fresh(errand).file_key
    clock.advance(timedelta(hours=25))
    with transaction():
        assert actions.purge() == 1
    assert not storage.is_kept(key)
    assert client.get(f"/errands/desk/{errand}").status_code == 404


def test_long_registers_are_written_by_the_worker_too(town, client, monkeypatch):
    monkeypatch.setattr(honours_desk, "NOW_MOST", 2)
    ids = arrived(town, 4)
    for case in ids:
        with transaction():
            deciding.elect(town.actor(2), case, expected=1)
    errand = asked(client, client.post("/honours/desk/sheet", data={"purpose": "archive"}))
    running.run_next()
    rows = rows_of(client.post(f"/errands/desk/{errand}/file").data)
    assert len(rows) == 2 + len(ids)


@pytest.fixture
def list_of_three(town, monkeypatch):
    """A round of the community with three names that can be put up; everything about it is long."""
    monkeypatch.setattr(closing_desk, "NOW_MOST", 0)
    builders.by_round(2, council=Council.NONE)
    ids = arrived(town, 3)
    round_id = builders.round_(town, 2)
    for case in ids:
        with transaction():
            deciding.pass_on(town.actor(2), case, expected=builders.version(case))
        builders.publishable(town, case, 2)
        with transaction():
            rounds.propose(town.actor(2), round_id, case, upward=False)
    return ids, round_id


def test_a_round_is_put_up_rehearsed_and_closed_by_the_worker(list_of_three, client, monkeypatch):
    ids, round_id = list_of_three
    at = f"/nominations/desk/rounds/{round_id}"
    asked(client, client.confirm(f"{at}/notice"))
    running.run_next()
    assert {fresh_case(case).status for case in ids} == {Status.NOTICED}
    # Refused as a whole: nothing changed, and the page says why.
    errand = asked(client, client.post(f"{at}/closing"))
    assert fresh(errand).kind == "rehearsal"
    running.run_next()
    page = client.get(f"/errands/desk/{errand}").text
    assert "公示还没有到期" in page
    assert "什么都没有改" in page
    clock.advance(timedelta(days=20))
    monkeypatch.setattr(closing_desk, "ONE_PAGE", 2)
    errand = asked(client, client.post(f"{at}/rehearsal"))
    running.run_next()
    assert "看名单和每一封信" in client.get(f"/errands/desk/{errand}").text
    page = client.get(f"{at}/rehearsal/{errand}").text
    assert "这 3 件、这 3 封信" in page
    assert "好人00" in page
    assert "好人02" not in page
    assert "好人02" in client.get(f"{at}/rehearsal/{errand}?page=1").text
    assert {fresh_case(case).status for case in ids} == {Status.NOTICED}
    read = question_of(client.get(f"{at}/rehearsal/{errand}"))
    # What was read is what is done: of another list nothing is.
    errand = asked(client, client.post(f"{at}/closing", data={"asked": "0" * 64}))
    running.run_next()
    assert "您看过以后，这里有了变化" in client.get(f"/errands/desk/{errand}").text
    assert {fresh_case(case).status for case in ids} == {Status.NOTICED}
    errand = asked(client, client.post(f"{at}/closing", data=read))
    running.run_next()
    assert fresh(errand).status is ErrandStatus.DONE
    assert {fresh_case(case).status for case in ids} == {Status.ELECTED}
    assert db.session.get(Round, round_id).status.value == "closed"


def fresh_case(case):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Nomination, case)


def test_a_closing_killed_in_the_middle_happens_once(list_of_three, town, client, monkeypatch):
    ids, round_id = list_of_three
    with transaction():
        noticing.publish(town.actor(2), round_id)
    clock.advance(timedelta(days=20))
    with transaction():
        read = rehearsing.seen([asdict(row) for row in rehearsing.rehearse(town.actor(2), round_id)])
    errand = asked(client, client.post(f"/nominations/desk/rounds/{round_id}/closing", data={"asked": read}))

    def dies(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(running.Work, "end", dies)
        with pytest.raises(KeyboardInterrupt):
            running.run_next()
    assert {fresh_case(case).status for case in ids} == {Status.NOTICED}
    clock.advance(running.LEASE + timedelta(seconds=1))
    running.run_next()
    assert fresh(errand).status is ErrandStatus.DONE
    assert {fresh_case(case).status for case in ids} == {Status.ELECTED}
    assert db.session.scalar(select(func.count()).where(Decision.verb == "elect")) == 3


def test_all_prints_of_a_round_come_as_one_archive(list_of_three, client):
    ids, round_id = list_of_three
    errand = asked(client, client.post(f"/nominations/desk/prints/round/{round_id}", data={"purpose": "meeting"}))
    running.run_next()
    with zipfile.ZipFile(io.BytesIO(client.post(f"/errands/desk/{errand}/file").data)) as archive:
        names = archive.namelist()
        assert names[0] == "汇总表.pdf"
        assert sum(name.startswith("推荐表/") for name in names) == len(ids)
        assert all(archive.read(name).startswith(b"%PDF") for name in names)


def test_the_archive_says_which_signs_are_missing_on_which_paper(list_of_three, client):
    ids, round_id = list_of_three
    with transaction():
        case = db.session.get(Nomination, ids[0])
        case.nominee.name, reference = f"陈{RARE}兰", case.reference
    errand = asked(client, client.post(f"/nominations/desk/prints/round/{round_id}", data={"purpose": "meeting"}))
    running.run_next()
    with zipfile.ZipFile(io.BytesIO(client.post(f"/errands/desk/{errand}/file").data)) as archive:
        said = archive.read("有字打印不出来.txt").decode("utf-8-sig")
    assert f"推荐表/{reference}.pdf：{RARE}" in said
    assert said.count("推荐表/") == 1


def test_what_breaks_again_and_again_is_given_up_with_a_word(town, client, monkeypatch):
    monkeypatch.setattr(batches, "NOW_MOST", 2)
    errand = batch_of(client, arrived(town, 3))

    def breaks(_work):
        raise RuntimeError("no")

    monkeypatch.setitem(running.KINDS, "batch", running.Kind(breaks))
    for _ in range(running.TRIES + 1):
        assert running.run_next()
    assert not running.run_next()
    assert "试了几次都没办成" in client.get(f"/errands/desk/{errand}").text
