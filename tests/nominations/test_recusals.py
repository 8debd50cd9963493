"""Whoever stays out of a case reads which ground it is, on the pane and in the refusal; and nothing about anybody else."""

from __future__ import annotations

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Kinship, User
from civic.identity.permissions import RECUSED_BECAUSE, Part, Role
from civic.nominations.models.cases import Nomination
from civic.nominations.models.voices import ToldHow
from tests.support import builders

LEVEL = 3


def nominee(case, reviewer):
    case.nominee_id = reviewer.person_id


def nominator(case, reviewer):
    case.voices[0].user_id = reviewer.id


def enterer(case, reviewer):
    voice = case.voices[0]
    voice.entered_by_id, voice.told_how = reviewer.id, ToldHow.PHONE


def kin_of_the_nominee(case, reviewer):
    db.session.add(Kinship(person_id=reviewer.person_id, kin_id=case.nominee_id, relation="姐妹", declared_at=clock.now()))


def kin_of_a_nominator(case, reviewer):
    other = builders.account(name="金月红")
    case.voices[0].user_id = other.id
    db.session.add(Kinship(person_id=reviewer.person_id, kin_id=other.person_id, relation="姐妹", declared_at=clock.now()))


def nominator_and_kin(case, reviewer):
    nominator(case, reviewer)
    kin_of_the_nominee(case, reviewer)


GROUNDS = {
    nominee: Part.NOMINEE, nominator: Part.NOMINATOR, enterer: Part.ENTERER, kin_of_the_nominee: None, kin_of_a_nominator: None,
    nominator_and_kin: Part.NOMINATOR,
}  # fmt: skip


@pytest.mark.parametrize("ground", GROUNDS, ids=lambda ground: ground.__name__)
def test_the_pane_and_the_refusal_name_the_one_ground(app, client, ground):
    town = builders.city()
    case = builders.climbed(town, LEVEL).id
    with transaction():
        reviewer = builders.account(Role.REVIEWER, db.session.merge(town.line[LEVEL]), email="reviewer@civic.example")
        db.session.flush()
        ground(db.session.get_one(Nomination, case), db.session.get_one(User, reviewer.id))
    client.sign_in("reviewer@civic.example")
    pane = client.words(client.get(f"/nominations/desk/queue?case={case}"))
    refusal = client.post(f"/nominations/desk/cases/{case}/endorsement", data={"version": builders.version(case)}, follow_redirects=True)
    for words in (pane, client.words(refusal)):
        said = {part for part, sentence in RECUSED_BECAUSE.items() if str(sentence) in words}
        assert said == {GROUNDS[ground]}
    assert "这件要您回避" in client.words(refusal)


def test_each_part_has_its_sentence(app):
    assert set(RECUSED_BECAUSE) == {*Part, None}
    assert len({str(sentence) for sentence in RECUSED_BECAUSE.values()}) == len(RECUSED_BECAUSE)
