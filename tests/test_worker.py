"""The worker: jobs by the clock, each once among several workers, none stopped by another's failure."""

from __future__ import annotations

from datetime import timedelta

import pytest

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
    asked = {}
    work = [job("often", lambda: 1, every=1000)]
    worker.run_round(work, asked)
    assert asked["often"] > 0
    before = jobs.run_of("often").ended_at
    worker.run_round(work, asked)
    assert jobs.run_of("often").ended_at == before


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
