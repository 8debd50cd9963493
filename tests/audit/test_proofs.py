"""`flask verify`: a city that worked holds; whatever is rewritten by hand behind the house's back is found, and named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from civic.audit import contents
from civic.audit.jobs import seal_all
from civic.audit.models import AuditRecord, ContentSeal
from civic.core import clock, crypto
from civic.core.db import db, transaction
from civic.identity import queries as identity
from civic.identity.models import User
from civic.nominations.actions import councils, juries, settling
from civic.nominations.models.decisions import Decision
from civic.nominations.models.juries import JuryScore
from civic.proofs import PROOFS, all_discrepancies
from civic.volunteering.actions import attendance, signing
from civic.volunteering.states import Direction
from tests.conftest import KEYS
from tests.nominations.test_juries import a_county, drawn, everybody_comes, everybody_scores
from tests.support import builders


def found() -> set[str]:
    """The proofs that do not hold."""
    db.session.rollback()
    db.session.expire_all()
    return {name for name, _line in all_discrepancies()}


def lines() -> list[str]:
    db.session.rollback()
    return [line for _name, line in all_discrepancies()]


def by_hand(statement: str, **values: object) -> None:
    """What somebody does who has the database, and not the keys."""
    with db.engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount >= 1, statement


@pytest.fixture
def served(app):
    """A volunteer came, went, and their hours are final."""
    zebra = builders.crossing()
    me = builders.volunteer(name="黄素芬")
    shift = zebra.shifts()[0]
    with transaction():
        place = signing.sign_up(me, shift.id, has_read_briefing=True).id
    leader = identity.actor_of(db.session.merge(zebra.leader))
    clock.freeze(shift.starts_at + timedelta(minutes=2))
    with transaction():
        attendance.tick(leader, place, Direction.IN)
    clock.freeze(shift.ends_at)
    with transaction():
        attendance.tick(leader, place, Direction.OUT)
    builders.settled(shift)
    seal_all()
    assert found() == set()
    return me.person_id


@pytest.fixture
def judged(app):
    """A case that three desks decided on, a council that voted, a jury that scored."""
    county = a_county()
    with transaction():
        meeting = councils.open_meeting(county.desk, county.round_id, held_on=clock.today(), is_secret=False, is_on_paper=False).id
    jury = drawn(county)
    everybody_comes(jury)
    for case in county.cases:
        everybody_scores(jury, case, [90, 80, 70, 85, 60])
    with transaction():
        juries.close(county.desk, jury)
    seal_all()
    assert found() == set()
    return county, meeting, jury


def test_every_proof_is_run_and_an_honest_city_holds(served, app):
    answer = app.test_cli_runner().invoke(args=["verify"])
    assert answer.exit_code == 0, answer.output
    assert all(name in answer.output for name in PROOFS)
    assert {model.__tablename__ for model in contents.sealed_models()} >= {"nomination_decision", "punch", "hours", "council_vote", "council_verdict", "point_entry"}


def test_one_fault_ends_the_command_with_one_and_its_line(served, app):
    by_hand("UPDATE punch SET at = :at WHERE id = (SELECT min(id) FROM punch)", at="2026-07-01 00:00:00.000000")
    answer = app.test_cli_runner().invoke(args=["verify"])
    assert answer.exit_code == 1
    assert "contents: punch" in answer.output


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE punch SET at = '2026-07-01 00:00:00.000000' WHERE id = (SELECT min(id) FROM punch)",
        "UPDATE punch SET means = 'kiosk' WHERE id = (SELECT min(id) FROM punch)",
        "DELETE FROM punch WHERE id = (SELECT max(id) FROM punch)",
        "UPDATE hours SET minutes = minutes + 5",
        "UPDATE hours SET person_id = (SELECT min(id) FROM person)",
        "UPDATE hours SET kind = 'attested', earns_points = false",
        "INSERT INTO punch (id, sign_up_id, direction, at, recorded_at, means, is_live) SELECT 99999, sign_up_id, direction, at, recorded_at, means, false FROM punch WHERE id = (SELECT min(id) FROM punch)",
        "UPDATE point_entry SET points = points + 100, balance_after = balance_after + 100",
        "UPDATE content_seal SET digest = :mark",
        "DELETE FROM content_seal",
    ],
)
def test_what_is_rewritten_by_hand_is_found_by_the_marks(served, statement):
    values = {"mark": "0" * 64} if ":mark" in statement else {}
    by_hand(statement, **values)
    assert "contents" in found(), statement


def test_hours_added_to_a_volunteer_are_found(served):
    by_hand("UPDATE volunteer SET verified_minutes = verified_minutes + 600")
    assert found() == {"hours"}
    assert any("600" in line or "lines add up" in line for line in lines())


def test_hours_added_with_line_and_total_are_found_twice(served):
    by_hand(
        "INSERT INTO hours (person_id, sign_up_id, shift_id, kind, day, minutes, policy_id, how, earns_points, drafted_at, final_from, final_at, reverses_id)"
        " SELECT person_id, sign_up_id, shift_id, kind, day, -60, policy_id, how, earns_points, drafted_at, final_from, final_at, id FROM hours"
    )
    assert {"contents", "hours"} <= found()


def test_points_and_stock_that_do_not_add_up_are_found(served):
    by_hand("UPDATE point_balance SET points = points + 1")
    assert "points" in found()


def test_the_reason_of_a_decision_rewritten_by_hand_is_found(judged):
    by_hand("UPDATE nomination_decision SET reason = '改过的理由' WHERE id = (SELECT min(id) FROM nomination_decision)")
    assert found() == {"contents"}
    assert any(line.startswith("nomination_decision ") and "not as it was written" in line for line in lines())


@pytest.mark.parametrize(
    "statement", ["UPDATE jury_score SET score = 100 WHERE id = (SELECT min(id) FROM jury_score)", "DELETE FROM jury_score WHERE id = (SELECT min(id) FROM jury_score)",
                  "UPDATE jury_case SET score = score + 100"]
)  # fmt: skip
def test_jury_scores_rewritten_by_hand_are_found(judged, statement):
    by_hand(statement)
    assert "votes" in found()


def test_votes_and_what_they_came_to_rewritten_by_hand_are_found(judged):
    county, meeting, _jury = judged
    for case in county.cases:
        for user in county.panel:
            with transaction():
                councils.vote(identity.actor_of(db.session.get(User, user.id)), meeting, case, score=80)
    with transaction():
        settling.close_meeting(county.desk, meeting)
    seal_all()
    assert found() == set()
    by_hand("UPDATE council_vote SET score = 10 WHERE id = (SELECT min(id) FROM council_vote)")
    by_hand("UPDATE council_verdict SET passed = NOT passed")
    assert {"contents", "votes"} <= found()


def test_a_purge_takes_content_and_salt_and_everything_still_proves_itself(judged):
    case = judged[0].cases[0]
    with transaction():
        rows = db.session.scalars(select(Decision.id).where(Decision.nomination_id == case)).all()
        db.session.execute(text("UPDATE nomination_decision SET reason = NULL WHERE nomination_id = :case AND verb IN ('endorse', 'pass')"), {"case": case})
        contents.forget(Decision, rows)
    assert found() == set()


def test_an_honest_change_is_marked_anew(judged):
    with transaction():
        row = db.session.scalars(select(Decision).order_by(Decision.id)).first()
        row.reason = "补全了原因"
    seal_all()
    assert found() == set()


def test_what_stood_there_before_marks_were_set_is_adopted_once(judged):
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM content_seal"))
        connection.execute(text("DELETE FROM audit_record WHERE verb LIKE 'content.%'"))
        connection.execute(text("UPDATE audit_record SET seal = NULL, seal_number = NULL"))
        connection.execute(text("DELETE FROM audit_head"))
    seal_all()
    assert found() == set()
    assert db.session.scalar(select(ContentSeal.id).limit(1)) is not None
    adopted = db.session.scalars(select(AuditRecord.subject_kind).where(AuditRecord.verb == "content.adopt")).all()
    assert len(adopted) == len(set(adopted)) == len(contents.sealed_models())


def test_the_order_of_marks_does_not_tell_whose_score_it_was(judged):
    assert not db.session.scalars(select(ContentSeal.id).where(ContentSeal.kind == "jury_score")).all()
    assert all(row.mark for row in db.session.scalars(select(JuryScore)))


def test_the_marks_need_a_key_that_is_not_in_the_database(served):
    crypto.configure(KEYS, "another secret")
    try:
        assert {"audit", "contents"} <= found()
    finally:
        crypto.configure(KEYS)
    assert found() == set()
