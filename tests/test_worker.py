"""The worker: jobs by the clock, each once among several workers, none stopped by another's failure."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy.exc import OperationalError

from civic import worker
from civic.core import jobs
from civic.core.jobs import Job
from tests.support import builders

pytestmark = pytest.mark.usefixtures("app")


def job(key, run, every=60):
    return Job(key, timedelta(seconds=every), run)


def test_a_job_runs_once_in_its_period_among_all_workers(time):
    ran = []
    work = [job("count", lambda: ran.append(1) or 1)]
    assert [worker.run_round(work) for _ in range(3)] == [1, 0, 0]
    time.advance(timedelta(seconds=61))
    assert worker.run_round(work) == 1


def test_a_failing_job_stops_no_other(time):
    def breaks():
        raise RuntimeError("no")

    assert worker.run_round([job("bad", breaks), job("good", lambda: 2)]) == 2
    bad = jobs.run_of("bad")
    assert (bad.succeeded_at, bad.failed_at, bad.failure, bad.is_failing) == (None, time.now(), "RuntimeError", True)
    good = jobs.run_of("good")
    assert (good.succeeded_at, good.failed_at, good.is_failing) == (time.now(), None, False)


def test_what_failed_is_tried_again_soon_however_rare_it_is_and_then_stands_as_well_done(time):
    outcomes = iter([RuntimeError, None])

    def run():
        if (wrong := next(outcomes)) is not None:
            raise wrong
        return 1

    daily = job("daily", run, every=86400)
    assert worker.run_round([daily]) == 0
    time.advance(timedelta(seconds=5))
    assert worker.run_round([daily]) == 0
    time.advance(timedelta(seconds=20))
    assert worker.run_round([daily]) == 1
    row = jobs.run_of("daily")
    assert not row.is_failing
    assert (row.succeeded_at, row.failure) == (time.now(), "RuntimeError")


def test_a_killed_workers_job_is_taken_up_when_its_lease_ends(time):
    slow = job("slow", lambda: 1)
    assert jobs.claim(slow)
    time.advance(timedelta(minutes=2))
    assert not jobs.claim(slow)
    time.advance(timedelta(minutes=9))
    assert jobs.claim(slow)


def test_the_jobs_of_every_feature_run(smtp):
    work = list(worker.all_jobs())
    assert len({j.key for j in work}) == len(work) >= 8
    builders.voice(builders.city().line[1])
    assert {j.key for j in work if j.run()} >= {"outbox.deliver", "audit.seal", "nominations.tally"}


def test_an_idle_worker_asks_again_only_when_the_period_is_over():
    hand = worker.Rounds([job("often", lambda: 1, every=1000)])
    hand.run()
    before = jobs.run_of("often").ended_at
    assert hand.run() == 0
    assert jobs.run_of("often").ended_at == before
    # But within half a minute, however rare it is: the clock may have been set meanwhile.
    assert 0 < hand.asked["often"] - monotonic() <= 30


def test_an_end_that_could_not_be_noted_is_noted_when_the_database_is_back(time, monkeypatch):
    def away(*_about):
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    hand = worker.Rounds([job("count", lambda: 1), job("later", lambda: 1)])
    with monkeypatch.context() as locked:
        locked.setattr(jobs, "finish", away)
        with pytest.raises(OperationalError):
            hand.run()
        with pytest.raises(OperationalError):
            hand.run()
    assert jobs.run_of("count").claimed_until is not None
    assert hand.run() == 1, "the second job runs, the first is only noted"
    assert (jobs.run_of("count").claimed_until, jobs.run_of("count").succeeded_at) == (None, time.now())


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=400)])
def test_a_clock_set_forward_and_back_again_stops_no_job(time, ahead):
    work = [job("count", lambda: 1)]
    broken = job("breaks", lambda: 1 / 0)
    time.advance(ahead)
    assert worker.run_round([*work, broken]) == 1
    assert jobs.claim(job("held", lambda: 1))
    time.advance(-ahead)
    time.advance(timedelta(minutes=2))
    assert worker.run_round([*work, broken]) == 1
    assert jobs.claim(job("held", lambda: 1))
    assert jobs.run_of("count").succeeded_at == time.now()
    assert jobs.run_of("breaks").failed_at == time.now()


def test_whoever_lost_a_job_to_another_does_not_give_it_back(time):
    slow = job("slow", lambda: 1)
    assert jobs.claim(slow, "first")
    time.advance(timedelta(minutes=11))
    assert jobs.claim(slow, "second")
    jobs.finish(slow, None, "first")
    assert jobs.run_of("slow").holder == "second"
    jobs.finish(slow, None, "second")
    assert jobs.run_of("slow").holder is None


def test_a_hand_survives_what_fails_and_the_others_do_not_wait_for_it(app):
    stopped, turns = threading.Event(), []

    def breaks():
        turns.append("broken")
        raise OperationalError("SELECT", {}, None)

    def hangs():
        stopped.wait(30)
        return 0.0

    def works():
        turns.append("well")
        return 0.01

    hands = [worker.Hand(app, "clock", breaks, stopped), worker.Hand(app, "letters", hangs, stopped), worker.Hand(app, "beat", works, stopped)]
    over = threading.Timer(0.5, stopped.set)
    over.start()
    assert worker.watch(hands, stopped) == 0
    assert turns.count("broken") >= 1
    assert turns.count("well") > 5


def test_a_hand_that_is_gone_ends_the_whole_worker(app, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _about: None)
    stopped = threading.Event()

    def dies():
        raise SystemExit

    hands = [worker.Hand(app, "clock", dies, stopped), worker.Hand(app, "beat", lambda: 0.1, stopped)]
    assert worker.watch(hands, stopped) == worker.ONE_OF_US_IS_GONE
    stopped.set()


def test_a_hand_that_hangs_ends_the_whole_worker_but_a_long_errand_does_not(app, monkeypatch):
    monkeypatch.setattr(worker, "HANGS", 0.2)
    stopped = threading.Event()

    def hangs():
        stopped.wait(30)
        return 0.0

    threading.Timer(2.5, stopped.set).start()
    assert worker.watch([worker.Hand(app, "errands", hangs, stopped)], stopped) == 0
    stopped.clear()
    assert worker.watch([worker.Hand(app, "clock", hangs, stopped)], stopped) == worker.ONE_OF_US_IS_GONE
    stopped.set()


def test_every_job_belongs_to_one_hand_and_letters_have_their_own(app):
    hands = {job.key: job.hand for job in [*worker.all_jobs(), worker.BEAT]}
    assert hands["outbox.deliver"] == "letters"
    assert [key for key, hand in hands.items() if hand == "beat"] == [jobs.BEAT]
    assert {hand.name for hand in worker.hands_of(app, threading.Event())} >= set(hands.values())


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch):
    class Full:
        def log(self, *_words, **_about):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(worker, "log", Full())
    assert worker.run_round([job("breaks", lambda: 1 / 0), job("good", lambda: 1)]) == 1
