"""Readiness says yes only when everything that a city needs is there, and else which part is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from civic import worker
from civic.core import jobs
from civic.core.db import db, transaction
from civic.core.jobs import Job
from civic.identity.rules import Contact
from civic.outbox.delivery import deliver_due
from tests.support import builders

HEAD = (Path(__file__).parents[2] / "migrations/head").read_text().strip()


@pytest.fixture
def served(app):
    """A migrated database whose worker has just done a round."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    every_round()
    yield app
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")


def every_round():
    worker.Rounds([*worker.all_jobs(), worker.BEAT]).run()


def asked(client):
    answer = client.get("/health/ready")
    return answer.status_code, answer.get_json()


def test_alive_asks_nobody(client):
    answer = client.get("/health/live")
    assert (answer.status_code, answer.get_json()) == (200, {"alive": True})


def test_all_is_well_when_the_worker_has_just_been_round(served, client):
    status, found = asked(client)
    assert (status, found["ready"]) == (200, True)
    assert (found["worker_age_seconds"], found["last_job_age_seconds"], found["jobs_failing"], found["jobs_late"]) == (0, 0, {}, [])


def test_a_silent_worker_is_told(served, client, time):
    time.advance(timedelta(seconds=25))
    status, found = asked(client)
    assert (status, found["ready"], found["worker"], found["worker_age_seconds"]) == (503, False, False, 25)
    every_round()
    assert asked(client)[0] == 200


def test_a_city_without_a_worker_is_not_ready(served, client):
    with transaction():
        db.session.query(jobs.JobRun).delete()
    status, found = asked(client)
    assert (status, found["worker"], found["worker_age_seconds"], found["last_job"]) == (503, False, None, None)


def test_a_job_that_fails_is_named_with_its_kind_of_failure_until_it_goes_well(served, client, time):
    worker.run_round([Job("breaks", timedelta(seconds=10), lambda: 1 // 0)])
    status, found = asked(client)
    assert (status, found["jobs"], found["jobs_failing"]) == (503, False, {"breaks": "ZeroDivisionError"})
    time.advance(timedelta(seconds=25))
    worker.run_round([Job("breaks", timedelta(seconds=10), lambda: 1)])
    every_round()
    assert asked(client)[0] == 200


def test_a_job_that_has_not_been_over_for_long_is_named(served, client, time):
    time.advance(timedelta(minutes=30))
    worker.Rounds([job for job in [*worker.all_jobs(), worker.BEAT] if job.key != "audit.seal"]).run()
    status, found = asked(client)
    assert (status, found["worker"], found["jobs"], found["jobs_late"]) == (503, True, False, ["audit.seal"])


def test_what_was_noted_while_the_clock_stood_ahead_does_not_pass_for_life(served, client, time):
    time.advance(timedelta(days=2))
    every_round()
    time.advance(-timedelta(days=2) + timedelta(minutes=1))
    status, found = asked(client)
    assert (status, found["worker"]) == (503, False)
    every_round()
    assert asked(client)[0] == 200


def test_an_old_letter_and_letters_that_fail_are_told(served, client, time, smtp):
    builders.voice(builders.city().line[1], contact=Contact("email", "huang@civic.example"))
    smtp.refuse = 99
    deliver_due()
    every_round()
    status, found = asked(client)
    assert (status, found["letters_retried"], found["letters_failed_in_a_day"]) == (200, 1, 0)
    time.advance(timedelta(minutes=70))
    every_round()
    status, found = asked(client)
    assert (status, found["outbox"]) == (503, False)
    assert found["outbox_age_seconds"] == 70 * 60, "trying again does not make a letter young"


def test_a_database_that_was_not_migrated_is_told(served, client):
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    status, found = asked(client)
    assert (status, found["migrations"], found["worker"]) == (503, False, True)


def test_a_database_that_is_away_is_told(app, client):
    # No table of migrations at all is how a fresh, empty database answers.
    status, found = asked(client)
    assert (status, found) == (503, {"ready": False, "database": False})
