"""The reading pane in every state a case can be in, opened by everybody who may open it: none is an error page, and each
says why one may or may not act. A refactor once left a 500 on every case that a colleague had in hand, and no test knew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.honours import queries as roll
from civic.identity import queries as identity
from civic.identity.actions import deputies
from civic.identity.models import Kinship, User
from civic.identity.permissions import Role
from civic.nominations.actions import deciding, noticing, protecting, rounds, submitting, timing, undoing
from civic.nominations.models.levels import Council
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.queries import notices
from civic.nominations.queries import rounds as queries
from civic.nominations.states import Status
from tests.support import builders

QUEUE = "/nominations/desk/queue"
LEVEL = 3
NOT_MINE = "这件现在不在您手上"
MAY_ACT = 'class="q-act" method="post"'


class Scene:
    """A street's desk with two reviewers, and everybody else who reads what lies there."""

    def __init__(self, town):
        self.town = town
        with transaction():
            here, district, city = (db.session.merge(town.line[level]) for level in (LEVEL, 4, 5))
            self.viewers = {
                "reviewer": builders.account(Role.REVIEWER, here, email="reviewer@civic.example"),
                "colleague": builders.account(Role.REVIEWER, here, email="colleague@civic.example"),
                "above": builders.account(Role.REVIEWER, district, email="above@civic.example"),
                "region_admin": builders.account(Role.REGION_ADMIN, district, email="region_admin@civic.example"),
                "city_admin": builders.account(Role.CITY_ADMIN, city, email="city_admin@civic.example"),
                "auditor": builders.account(Role.AUDITOR, city, email="auditor@civic.example"),
                "elsewhere": builders.account(Role.REVIEWER, db.session.merge(town.other[LEVEL]), email="elsewhere@civic.example"),
                "deputy": builders.account(Role.REVIEWER, db.session.merge(town.other[LEVEL]), email="deputy@civic.example"),
            }
        with transaction():
            deputies.name_deputy(
                self.actor("colleague"), self.viewers["deputy"].id, since=clock.today(), until=clock.today() + timedelta(days=90)
            )

    def actor(self, name):
        return identity.actor_of(db.session.get(User, self.viewers[name].id))

    def act(self, deed, name, case, **words):
        with transaction():
            return deed(self.actor(name), case, expected=builders.version(case), **words)

    def climbed(self, **changes):
        return builders.climbed(self.town, LEVEL, **changes).id


def free(scene):
    return scene.climbed()


def taken(scene):
    case = scene.climbed()
    scene.act(deciding.take, "reviewer", case)
    return case


def taken_long_ago(scene):
    case = taken(scene)
    clock.advance(timedelta(hours=3))
    return case


def recused(scene):
    case = scene.climbed()
    nominee = db.session.get(builders.Nomination, case).nominee_id
    with transaction():
        for one, two in ((scene.viewers["reviewer"].person_id, nominee), (nominee, scene.viewers["reviewer"].person_id)):
            db.session.add(Kinship(person_id=one, kin_id=two, relation="姐妹", declared_at=clock.now()))
    return case


def raised(scene):
    case = scene.climbed()
    clock.advance(timedelta(days=60))
    with transaction():
        timing.raise_overdue()
    return case


def returned(scene):
    case = scene.climbed()
    scene.act(deciding.return_for_supplement, "reviewer", case, reason="请补一张近照")
    return case


def supplemented(scene):
    case = returned(scene)
    voice = db.session.get(builders.Nomination, case).voices[0]
    with transaction():
        submitting.resubmit(voice, story=builders.STORY + "今年又多了一位帮手。", words="补好了")
    return case


def undone(scene):
    case = scene.climbed()
    scene.act(deciding.endorse, "reviewer", case)
    row = db.session.get(builders.Nomination, case)
    with transaction():
        undoing.undo(scene.actor("reviewer"), row.decisions[-1].id)
    return case


def just_endorsed(scene):
    case = scene.climbed()
    scene.act(deciding.endorse, "reviewer", case)
    return case


def by_rounds(scene):
    builders.by_round(LEVEL, council=Council.NONE)


def in_a_round(scene):
    by_rounds(scene)
    case = scene.climbed()
    scene.act(deciding.pass_on, "reviewer", case)
    builders.round_(scene.town, LEVEL)
    return case


def without_a_round(scene):
    by_rounds(scene)
    case = scene.climbed()
    scene.act(deciding.pass_on, "reviewer", case)
    return case


def proposed(scene):
    case = in_a_round(scene)
    with transaction():
        rounds.propose(scene.town.actor(LEVEL), queries.running_at(scene.town.line[LEVEL].id).id, case, upward=True)
    return case


def on_notice(scene):
    case = in_a_round(scene)
    round_id = queries.running_at(scene.town.line[LEVEL].id).id
    builders.publishable(scene.town, case, LEVEL)
    with transaction():
        rounds.propose(scene.town.actor(LEVEL), round_id, case, upward=True)
    with transaction():
        noticing.publish(scene.town.actor(LEVEL), round_id)
    return case


def held(scene):
    case = on_notice(scene)
    item = next(i for i in notices.hanging() if i.nomination_id == case)
    with transaction():
        noticing.object_to(item.id, kind=ObjectionKind.UNTRUE, words="那年冬天她不在校门口摆摊", name="", contact="")
    return case


def declined(scene):
    case = scene.climbed()
    scene.act(deciding.decline, "reviewer", case, reason="和往年重复")
    return case


def elected(scene):
    case = scene.climbed()
    scene.act(deciding.elect, "reviewer", case)
    return case


def withdrawn(scene):
    case = scene.climbed()
    voice = db.session.get(builders.Nomination, case).voices[0]
    with transaction():
        submitting.withdraw(voice)
    return case


def protected(scene):
    by_rounds(scene)
    case = scene.climbed(category_id=roll.category_by_code("JYYW").id)
    with transaction():
        protecting.protect(scene.actor("reviewer"), case, reason="嫌疑人的同伙还没抓到，怕报复")
    return case


DESK = ("reviewer", "colleague", "deputy")
READERS = ("above", "region_admin", "city_admin", "auditor")
# state → what the pane says to whom; whoever is not named reads "not in your hands".
STATES = {
    free: dict.fromkeys(DESK, "我来办"),
    taken: {"reviewer": "交回", "colleague": "正在办这件", "deputy": "正在办这件", **dict.fromkeys(READERS, "正在办这件")},
    taken_long_ago: {"reviewer": "交回", **dict.fromkeys(DESK[1:], MAY_ACT)},
    recused: {"reviewer": "这件须您回避", **dict.fromkeys(DESK[1:], MAY_ACT)},
    raised: dict.fromkeys(DESK, MAY_ACT),
    returned: dict.fromkeys(DESK, NOT_MINE),
    supplemented: dict.fromkeys(DESK, MAY_ACT),
    undone: dict.fromkeys(DESK, MAY_ACT),
    just_endorsed: {"reviewer": "撤回这一步", "above": "我来办"},
    in_a_round: dict.fromkeys(DESK, MAY_ACT),
    without_a_round: dict.fromkeys(DESK, MAY_ACT),
    proposed: {},
    on_notice: {},
    held: {},
    declined: {"reviewer": "撤回这一步"},
    elected: {"reviewer": "撤回这一步", **dict.fromkeys((*DESK[1:], *READERS), "已评为好人")},
    withdrawn: {},
    protected: dict.fromkeys(DESK, "保护件"),
}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_the_pane_opens_for_everybody_who_may(app, client, state):
    scene = Scene(builders.city())
    case = state(scene)
    wrong = {}
    for name in (*DESK, *READERS, "elsewhere"):
        client.sign_in(f"{name}@civic.example")
        answer = client.get(f"{QUEUE}?case={case}")
        is_open = '<article class="q-pane"' in answer.text
        may_open = name != "elsewhere" and (state is not protected or name in DESK)
        words = STATES[state].get(name, NOT_MINE) if may_open else ""
        if (answer.status_code, is_open) not in ((200, may_open), *(() if may_open else ((404, False),))) or words not in answer.text:
            wrong[name] = (answer.status_code, is_open, words)
        client.post("/identity/sign_out")
    assert not wrong


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_deed_that_comes_too_late_is_answered_on_the_pane(app, client, state):
    """Whoever acts on an old page reads why it did not work; nothing is an error page, whatever became of the case."""
    scene = Scene(builders.city())
    case = state(scene)
    wrong = {}
    for name in (*DESK, *READERS):
        client.sign_in(f"{name}@civic.example")
        for deed in ("taking", "release", "check", "endorsement", "election", "return", "refusal", "handover"):
            answer = client.post(f"/nominations/desk/cases/{case}/{deed}", data={"version": "0", "reason": "这一页已经旧了"})
            if answer.status_code not in (303, 403, 404, 409, 422):
                wrong[name, deed] = answer.status_code
        client.post("/identity/sign_out")
    assert not wrong


def test_every_status_is_among_the_states():
    named = {Status.SUBMITTED, Status.IN_REVIEW, Status.RETURNED, Status.READY, Status.PROPOSED, Status.NOTICED, Status.HELD, Status.ELECTED, Status.DECLINED, Status.WITHDRAWN}
    # A merged case is read through the one it was merged into.
    assert set(Status) - named == {Status.MERGED}
