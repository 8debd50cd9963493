"""The permission table, cell by cell."""

from __future__ import annotations

from itertools import product

import pytest

from civic.identity.permissions import LEAST_LEVEL, LEVELS, TABLE, Actor, Held, Part, Permission, Role, is_recused, may

P = Permission
# Who holds what, written out a second time by hand: a change of the table has to be meant.
EXPECTED = {
    Role.STEWARD: "nomination.review nomination.read nomination.enter region.read",
    Role.REVIEWER: "nomination.review nomination.read nomination.enter person.reveal publication.edit region.read round.run objection.handle honour.change clue.triage resident.attest",
    Role.REGION_ADMIN: "nomination.read region.read region.edit grant.read grant.give",
    Role.CITY_ADMIN: "nomination.read region.read region.edit grant.read grant.give person.correct complaint.read complaint.answer rules.edit audit.read letter.read",
    Role.ORGANISER: "event.run goods.run",
    Role.AUDITOR: "nomination.read region.read grant.read complaint.read audit.read letter.read",
}
HERE, BELOW, ABOVE, ELSEWHERE, LOOKALIKE = "1.3.17.", "1.3.17.40.", "1.3.", "1.4.", "1.3.170."


def actor(role: Role) -> Actor:
    return Actor(user_id=1, person_id=10, grants=(Held(role, 17, HERE, 3),), kin=frozenset({10, 11}))


@pytest.mark.parametrize(("role", "permission"), list(product(Role, Permission)))
def test_each_role_holds_what_is_written_here(role, permission):
    assert (permission in TABLE[role]) == (permission.value in EXPECTED[role].split())


@pytest.mark.parametrize(("role", "permission"), list(product(Role, Permission)))
def test_a_permission_reaches_down_and_never_up_or_aside(role, permission):
    holds = permission in TABLE[role] and permission not in LEAST_LEVEL
    reaches = {path: may(actor(role), permission, path) for path in (HERE, BELOW, ABOVE, ELSEWHERE, LOOKALIKE)}
    assert reaches == {
        HERE: holds,
        BELOW: holds and permission is not P.NOMINATION_REVIEW,
        ABOVE: False,
        ELSEWHERE: False,
        LOOKALIKE: False,
    }


@pytest.mark.parametrize(("role", "permission"), list(product(Role, Permission)))
def test_a_party_or_its_kin_may_nothing(role, permission):
    assert not may(actor(role), permission, HERE, {11: Part.NOMINEE})
    assert not may(actor(role), permission, HERE, {10: Part.NOMINEE})
    assert is_recused(actor(role), {11: Part.NOMINEE, 99: Part.NOMINATOR})
    assert not is_recused(actor(role), {99: Part.NOMINATOR})


def test_the_auditor_changes_nothing():
    assert all(p.value.endswith(".read") for p in TABLE[Role.AUDITOR])


def test_every_role_has_its_levels():
    assert set(LEVELS) == set(Role)


def test_what_only_upper_levels_have_begins_at_the_county():
    held = {level: Actor(user_id=1, grants=(Held(Role.REVIEWER, 1, "1.", level),)).holds(P.CLUE_TRIAGE) for level in range(2, 6)}
    assert held == {2: False, 3: False, 4: True, 5: True}
