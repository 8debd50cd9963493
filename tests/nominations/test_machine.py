"""Random legal and illegal sequences over one case: whatever is tried, the rows stay consistent and tell the whole story."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from civic.audit import actions as audit
from civic.audit import queries as chain
from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.nominations.actions import deciding, submitting, timing, undoing
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.voices import Voice
from civic.nominations.states import ENDED, WAITING, Status, Verb
from tests.support import builders

DESK = {
    "take": deciding.take,
    "release": deciding.release,
    "hand_over": deciding.hand_over,
    "return": deciding.return_for_supplement,
    "endorse": deciding.endorse,
    "elect": deciding.elect,
    "decline": deciding.decline,
}
MOVES = st.tuples(st.sampled_from([*DESK, "undo", "undo", "resubmit", "withdraw", "time", "time", "endorse", "endorse"]), st.integers(1, 5), st.integers(0, 6))


@settings(max_examples=int(os.environ.get("CIVIC_EXAMPLES", "25")), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(moves=st.lists(MOVES, min_size=5, max_size=25), number=st.integers(0, 10**9))
def test_no_sequence_breaks_the_case(app, moves, number):
    _play(moves, number)


def _play(moves, number):
    # Each example has a city of its own: names are unique under one parent, and roots have none.
    town = builders.city()
    voice = builders.voice(town.line[1], nominee_name=f"好人{number}")
    case, voice_id = voice.nomination_id, voice.id
    for verb, level, number_ in moves:
        try:
            with transaction():
                _move(town, case, voice_id, verb, level, number_)
        except DomainError:
            pass
        _consistent(case)


def _move(town, case, voice_id, verb, level, days):
    if verb == "time":
        clock.advance(timedelta(days=days))
        timing.resume_unanswered()
        timing.raise_overdue()
    elif verb == "undo":
        if days > 3:
            clock.advance(timedelta(minutes=5 * days - 14))
        last = db.session.scalars(select(Decision.id).where(Decision.nomination_id == case).order_by(Decision.number.desc())).first()
        undoing.undo(town.actor(level), last or 0)
    elif verb == "resubmit":
        submitting.resubmit(db.session.get(Voice, voice_id), story=None, words="补好了")
    elif verb == "withdraw":
        if days == 6:
            submitting.withdraw(db.session.get(Voice, voice_id))
    else:
        words = {} if verb in ("take", "release") else {"reason": "因为" if days else ""}
        expected = db.session.get(Nomination, case).version + (days == 5)
        DESK[verb](town.actor(level), case, expected=expected, **words)


def _consistent(case):
    db.session.rollback()
    found = db.session.get(Nomination, case)
    rows = db.session.scalars(select(Decision).where(Decision.nomination_id == case).order_by(Decision.number)).all()
    assert [r.number for r in rows] == list(range(1, len(rows) + 1))
    words = [r for r in rows if r.verb in (Verb.ENDORSE, Verb.ELECT, Verb.DECLINE) and not r.undone_at]
    assert [r.level for r in words] == list(range(1, len(words) + 1))
    assert [h.level for h in roll.of_nomination(case)] == [r.level for r in words if r.elected]
    assert found.level == 1 + sum(r.recommended for r in words)
    for one, two in pairwise(rows):
        assert two.before is one.after
        assert (two.verb is Verb.UNDO) == (one.undone_at is not None)
    assert found.status is (rows[-1].after if rows else Status.SUBMITTED)
    assert (found.status in WAITING) == (found.due_at is not None)
    assert (found.status in ENDED) == (found.decided_at is not None)
    assert found.desk_path == found.region.path or found.home_path.startswith(found.desk_path)


def test_after_all_that_the_chain_is_whole(app):
    _play([("endorse", n, 1) for n in range(1, 5)] + [("elect", 5, 1)], 1)
    with transaction():
        sealed = audit.seal(100_000)
    assert sealed > 0
    assert chain.verify().is_whole
    assert db.session.scalar(select(func.count()).select_from(Nomination).where(Nomination.status == Status.ELECTED)) == 1
