"""The table of steps, over every status, verb and level."""

from __future__ import annotations

from itertools import product

import pytest

from civic.nominations import states
from civic.nominations.states import ENDED, OPEN, STEPS, WAITING, NotLawful, Status, Verb, Who

LEVELS = range(1, 6)
EVERYTHING = list(product(Status, LEVELS, Verb))


@pytest.mark.parametrize(("status", "level", "verb"), EVERYTHING)
def test_a_step_is_lawful_exactly_where_the_table_says(status, level, verb):
    step = STEPS.get(verb)
    expected = step is not None and status in step.sources and level in step.levels
    if not expected:
        with pytest.raises(NotLawful):
            states.after((status, level), verb)
        return
    after, at = states.after((status, level), verb)
    assert after is step.target
    assert at == (level + 1 if step.climbs else level)
    assert 1 <= at <= 5


def test_nothing_leads_out_of_an_ended_case():
    assert not [verb for status, level, verb in EVERYTHING if status in ENDED and verb in states.lawful((status, level), Who.DESK)]


def test_every_open_case_has_a_way_on():
    for status, level in product(OPEN, LEVELS):
        assert any(states.lawful((status, level), who) for who in Who)


def test_only_endorsing_climbs_and_never_from_the_city():
    assert [s.verb for s in STEPS.values() if s.climbs] == [Verb.ENDORSE]
    assert 5 not in STEPS[Verb.ENDORSE].levels


def test_every_decision_against_somebody_names_a_reason():
    for verb in (Verb.RETURN, Verb.DECLINE, Verb.HAND_OVER):
        assert STEPS[verb].needs_reason


def test_what_waits_can_be_decided():
    for status, level in product(WAITING, LEVELS):
        assert {Verb.ELECT, Verb.DECLINE, Verb.RETURN} <= set(states.lawful((status, level), Who.DESK))
    assert states.outcome((Status.SUBMITTED, 2), Verb.ENDORSE) == (True, True)
    assert states.outcome((Status.SUBMITTED, 2), Verb.ELECT) == (True, False)
