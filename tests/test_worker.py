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
    assert jobs.last_finished("bad") == time.now()


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
    jobs_before = jobs.last_finished("often")
    worker.run_round(work, asked)
    assert jobs.last_finished("often") == jobs_before
