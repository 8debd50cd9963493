"""Random legal and illegal sequences over a street that works by rounds: the rows stay consistent and explain each case."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.honours.models import HonourStatus, Visibility
from civic.identity import queries as identity
from civic.identity.models import User
from civic.nominations.actions import (
    councils,
    deciding,
    likening,
    noticing,
    protecting,
    publishing,
    rounds,
    second_looks,
    settling,
    submitting,
    timing,
    undoing,
)
from civic.nominations.models.cases import Nomination
from civic.nominations.models.councils import Choice
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import Council
from civic.nominations.models.likenesses import Likeness, LikenessAnswer
from civic.nominations.models.notices import OPEN_OBJECTIONS, NoticeItem, Objection, ObjectionKind
from civic.nominations.models.rounds import Cadence, Round, RoundStatus
from civic.nominations.models.second_looks import SecondLook
from civic.nominations.models.voices import Voice
from civic.nominations.queries import notices
from civic.nominations.queries import rounds as queries
from civic.nominations.states import ENDED, IN_ROUND, WAITING, Status, Verb
from tests.support import builders

LEVEL = 3
DEEDS = (
    "pass", "open", "meet", "vote", "vote", "vote", "settle", "propose", "propose_here", "recall", "consent", "publish", "object",
    "take_up", "reject", "uphold", "refuse", "close", "late", "cancel", "time", "time", "return", "decline", "withdraw", "withdraw_consent", "undo", "undo",
    "merge", "same", "different", "protect", "look", "look_again", "look_answer", "look_answer",
)  # fmt: skip
# What a sensible street does, so that sequences get far; noise comes between.
WAY = ("pass", "open", "meet", "vote", "vote", "vote", "vote", "settle", "propose", "consent", "publish", "time", "close", "late")
MOVES = st.tuples(st.one_of(st.sampled_from(DEEDS), st.sampled_from(WAY)), st.integers(0, 1), st.integers(0, 9))


@settings(max_examples=int(os.environ.get("CIVIC_EXAMPLES", "12")), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(noise=st.lists(st.tuples(st.integers(0, len(WAY)), MOVES), max_size=14), number=st.integers(0, 10**9))
def test_no_sequence_breaks_a_round(app, noise, number):
    moves = [(deed, at % 2, 6) for at, deed in enumerate(WAY)]
    for at, move in sorted(noise, key=lambda n: -n[0]):
        moves.insert(at, move)
    street = Street(number)
    for deed, which, count in moves:
        try:
            with transaction():
                getattr(street, deed)(which, count)
        except DomainError:
            pass
        for case in street.cases:
            consistent(case)


def test_the_way_without_noise_reaches_the_county(app):
    street = Street(0)
    for at, deed in enumerate(WAY):
        with transaction():
            getattr(street, deed)(at % 2, 6)
    db.session.expire_all()
    assert [db.session.get(Nomination, case).level for case in street.cases] == [4, 4]


class Street:
    """The deeds of one street with two cases and a council of five."""

    def __init__(self, number):
        self.town = builders.city()
        builders.by_round(LEVEL, council=Council.COUNCIL)
        self.members = builders.council(self.town.line[LEVEL])
        # In half of the streets both cases bear one name, and the second deed may be a brave one.
        brave = roll.category_by_code("JYYW" if number % 3 else "ZRWL").id
        names = [f"好人{number}之{n if number % 2 else 1}" for n in (1, 2)]
        self.cases = [
            builders.climbed(self.town, LEVEL, nominee_name=names[0]).id,
            builders.climbed(self.town, LEVEL, nominee_name=names[1], category_id=brave).id,
        ]
        self.round = self.meeting = None
        self.voted = 0

    def actor(self):
        return self.town.actor(LEVEL)

    def version(self, which):
        return db.session.get(Nomination, self.cases[which]).version

    def open(self, which, count):
        today = clock.today()
        self.round = rounds.open_(
            self.actor(), self.town.line[LEVEL], name="一期", cadence=Cadence.MONTHLY, opens_on=today,
            closes_on=today + timedelta(days=count * 10), quotas={None: count},
        ).id  # fmt: skip

    def meet(self, which, count):
        self.meeting = councils.open_meeting(
            self.actor(), self.round or 0, held_on=clock.today(), is_secret=count > 4, is_on_paper=False
        ).id

    def vote(self, which, count):
        self.voted += 1
        member = identity.actor_of(db.session.get(User, self.members[self.voted % 5].id))
        for case in self.cases:
            councils.vote(member, self.meeting or 0, case, choice=Choice.NO if count == 9 else Choice.YES)

    def settle(self, which, count):
        settling.close_meeting(self.actor(), self.meeting or 0)

    def propose(self, which, count):
        for case in self.cases:
            rounds.propose(self.actor(), self.round or 0, case, upward=True)

    def propose_here(self, which, count):
        rounds.propose(self.actor(), self.round or 0, self.cases[which], upward=False)

    def recall(self, which, count):
        rounds.recall(self.actor(), self.round or 0, self.cases[which], reason="再看看" if count else "")

    def consent(self, which, count):
        from civic.identity.models import ConsentMethod, Purpose

        for case in self.cases:
            publishing.record_consent(self.actor(), case, [Purpose.NAME, Purpose.STORY], ConsentMethod.IN_PERSON)
            publishing.edit_text(self.actor(), case, headline="一句话", story="公开的文字", expected=db.session.get(Nomination, case).version)
            db.session.flush()
            publishing.approve(self.actor(), case, expected=db.session.get(Nomination, case).version)

    def withdraw_consent(self, which, count):
        from civic.identity.models import Purpose

        publishing.withdraw_consent(self.actor(), self.cases[which], Purpose.NAME)

    def publish(self, which, count):
        noticing.publish(self.actor(), self.round or 0)

    def _item(self, which):
        found = notices.item_of(self.cases[which])
        return found.id if found is not None else 0

    def object(self, which, count):
        noticing.object_to(self._item(which), kind=ObjectionKind.MORE, words="还有别的情况要说", name="", contact="")

    def _objection(self):
        return db.session.scalar(select(Objection.id).where(Objection.status.in_(OPEN_OBJECTIONS)).order_by(Objection.id.desc())) or 0

    def take_up(self, which, count):
        noticing.take_up(self.town.actor(4 if count else LEVEL), self._objection())

    def reject(self, which, count):
        noticing.reject(self.town.actor(4), self._objection(), finding="查了", answer="查清楚了")

    def uphold(self, which, count):
        noticing.uphold(self.town.actor(4), self._objection(), finding="查了", answer="您说得对")

    def refuse(self, which, count):
        noticing.not_accepted(self.town.actor(4), self._objection(), answer="没有可查的")

    def close(self, which, count):
        rounds.close(self.actor(), self.round or 0)

    def cancel(self, which, count):
        if count == 0:
            rounds.cancel(self.actor(), self.round or 0, reason="不办了")

    def late(self, which, count):
        rounds.confirm_late()

    def time(self, which, count):
        clock.advance(timedelta(days=count * 2))
        timing.resume_unanswered()
        timing.raise_overdue()

    def pass_(self, which, count):
        for at, case in enumerate(self.cases):
            deciding.pass_on(self.actor(), case, expected=self.version(at))

    def __getattr__(self, name):
        if name == "pass":
            return self.pass_
        if name == "return":
            return lambda which, count: deciding.return_for_supplement(
                self.actor(), self.cases[which], expected=self.version(which), reason="请补"
            )
        raise AttributeError(name)

    def decline(self, which, count):
        if count > 7:
            deciding.decline(self.actor(), self.cases[which], expected=self.version(which), reason="不合适")

    def undo(self, which, count):
        last = db.session.scalars(select(Decision.id).where(Decision.nomination_id == self.cases[which]).order_by(Decision.number.desc())).first()
        undoing.undo(self.actor(), last or 0)

    def merge(self, which, count):
        if count > 4:
            likening.merge(self.actor(), self.cases[which], self.cases[1 - which])

    def same(self, which, count):
        likening.say_same(self.actor(), *self.cases)

    def different(self, which, count):
        if count > 7:
            likening.say_different(self.actor(), *self.cases)

    def protect(self, which, count):
        protecting.protect(self.actor(), self.cases[which], reason="怕人报复" if count else "")

    def look(self, which, count):
        second_looks.ask(db.session.get(Nomination, self.cases[which]).voices[0], words="三楼的王姐亲眼看见过")

    def look_again(self, which, count):
        closed = db.session.scalar(select(Objection.id).where(Objection.closed_at.is_not(None)).order_by(Objection.id.desc()))
        second_looks.ask_about(closed or 0, words="门卫那年还没来上班")

    def look_answer(self, which, count):
        look = db.session.scalar(select(SecondLook.id).where(SecondLook.answered_at.is_(None)).order_by(SecondLook.id))
        # The city's desk had no hand in anything below.
        second_looks.answer(self.town.actor(5), look or 0, changes=count > 4, words="看过了")

    def withdraw(self, which, count):
        if count > 7:
            submitting.withdraw(db.session.get(Nomination, self.cases[which]).voices[0])


def consistent(case_id):
    db.session.rollback()
    db.session.expire_all()
    case = db.session.get(Nomination, case_id)
    rows = db.session.scalars(select(Decision).where(Decision.nomination_id == case_id).order_by(Decision.number)).all()
    # Every case can be explained from its rows: each step begins where the last one ended.
    for one, two in pairwise(rows):
        assert two.before is one.after
    assert case.status is (rows[-1].after if rows else Status.SUBMITTED)
    assert (case.status in WAITING) == (case.due_at is not None)
    assert (case.status in ENDED) == (case.decided_at is not None)
    assert [h.level for h in roll.of_nomination(case_id)] == [r.level for r in rows if r.elected and not r.undone_at]
    items = db.session.scalars(select(NoticeItem).where(NoticeItem.nomination_id == case_id)).all()
    hanging = [i for i in items if i.settled_at is None]
    # On the wall exactly while it is noticed or held; its days stand still exactly while somebody's objection is open.
    assert len(hanging) == (case.status in (Status.NOTICED, Status.HELD))
    for item in hanging:
        is_open = notices.has_open_objection(item.id)
        assert is_open == (case.status is Status.HELD)
        assert is_open == (item.ends_at is None)
    # Nobody climbs out of a round while an objection is open.
    if case.level > LEVEL or case.status is Status.ELECTED:
        assert not [o for i in items for o in i.objections if o.status in OPEN_OBJECTIONS]
    one_person(case)
    # In a round that is over, nothing waits to be put up.
    if case.round_id is not None:
        assert case.status in IN_ROUND
        assert db.session.get(Round, case.round_id).status is not RoundStatus.CANCELLED
        if case.status is Status.PROPOSED:
            # Only what is protected stays on the list while the others hang.
            here = db.session.get(Round, case.round_id).status
            assert here is RoundStatus.OPEN or (case.is_protected and here is RoundStatus.NOTICED)
    for verdict in queries.latest_verdicts([case_id], LEVEL).values():
        assert verdict.yes + verdict.no + verdict.abstain == verdict.present


def one_person(case):
    """What merging, likeness, protection and second looks promise."""
    assert (case.status is Status.MERGED) == (case.merged_into_id is not None)
    voices = db.session.scalars(select(Voice).where(Voice.nomination_id == case.id)).all()
    assert case.voice_count == len(voices)
    if case.merged_into_id is not None:
        # Nobody's voice is lost, and every old link leads on.
        onward = set(db.session.scalars(select(Voice.contact_digest).where(Voice.nomination_id == case.merged_into_id)))
        assert {v.contact_digest for v in voices} <= onward
    if case.is_protected:
        assert case.status not in (Status.NOTICED, Status.HELD)
        assert {h.visibility for h in roll.of_nomination(case.id)} <= {Visibility.HIDDEN}
    # Once two cases are known to be one person's, that person is not honoured a second time at the level.
    for answer in db.session.scalars(select(Likeness).where(Likeness.answer == LikenessAnswer.SAME)):
        given = [h.awarded_at for n in (answer.first_id, answer.second_id) for h in roll.of_nomination(n) if h.level == LEVEL and h.status is not HonourStatus.REVOKED]
        assert len(given) < 2 or max(given) <= answer.answered_at
    looks = db.session.scalars(select(SecondLook).where(SecondLook.nomination_id == case.id, SecondLook.objection_id.is_(None))).all()
    assert len(looks) <= 1
    reopened = db.session.scalars(select(Decision).where(Decision.nomination_id == case.id, Decision.verb == Verb.REOPEN)).all()
    assert len(reopened) == sum(bool(look.changed) for look in looks)
