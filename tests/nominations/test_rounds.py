"""A round at the street, from the first check to the wall: council, list, notice, objections, closing, carrying over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import actions as honours
from civic.honours import queries as roll
from civic.honours.models import HonourStatus, Visibility
from civic.identity import queries as identity
from civic.identity.models import Kinship, User
from civic.nominations.actions import councils, deciding, noticing, papers, rounds, settling
from civic.nominations.models.cases import Nomination
from civic.nominations.models.councils import Choice, Vote
from civic.nominations.models.levels import Council
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.models.rounds import Round, RoundStatus
from civic.nominations.queries import notices
from civic.nominations.queries import rounds as queries
from civic.nominations.states import Status
from tests.support import builders

LEVEL = 3


@pytest.fixture
def town(app):
    found = builders.city()
    builders.by_round(LEVEL)
    return found


def fresh(case):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Nomination, case)


def ready(town, name="陈桂兰", **changes):
    """A case that the street's desk found complete."""
    case = builders.climbed(town, LEVEL, nominee_name=name, **changes).id
    with transaction():
        deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
    return case


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code
    return caught.value


def voter(user):
    return identity.actor_of(db.session.get(User, user.id))


def sat(town, round_id, members, choices=(Choice.YES,) * 4, *, secret=False):
    """The council meets, votes the same on every case, and closes."""
    with transaction():
        meeting = councils.open_meeting(town.actor(LEVEL), round_id, held_on=clock.today(), is_secret=secret, is_on_paper=False).id
    for verdict in queries.verdicts_of(meeting):
        for user, choice in zip(members, choices, strict=False):
            with transaction():
                councils.vote(voter(user), meeting, verdict.nomination_id, choice=choice)
    with transaction():
        settling.close_meeting(town.actor(LEVEL), meeting)
    return meeting


def proposed(town, round_id, case, *, upward=True):
    with transaction():
        rounds.propose(town.actor(LEVEL), round_id, case, upward=upward)


def put_up(town, *cases, upward=True, **changes):
    """A round with its notice hanging."""
    members = builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL, **changes)
    sat(town, round_id, members)
    for case in cases:
        builders.publishable(town, case, LEVEL)
        proposed(town, round_id, case, upward=upward)
    with transaction():
        noticing.publish(town.actor(LEVEL), round_id)
    return round_id


def item_of(case):
    return next(i for i in notices.hanging() if i.nomination_id == case)


def objected(case, **changes):
    with transaction():
        return noticing.object_to(
            item_of(case).id, **{"kind": ObjectionKind.UNTRUE, "words": "那年冬天她不在校门口", "name": "", "contact": "", **changes}
        ).id


def test_a_click_is_not_enough_where_a_level_works_by_rounds(town):
    case = builders.climbed(town, LEVEL).id
    refused("needs_round", deciding.endorse, town.actor(LEVEL), case, expected=builders.version(case))
    refused("needs_round", deciding.elect, town.actor(LEVEL), case, expected=builders.version(case))
    other = builders.voice(town.line[1], nominee_name="韩大川").nomination_id
    refused("no_rounds_here", deciding.pass_on, town.actor(1), other, expected=builders.version(other))


def test_council_then_notice_then_all_is_decided_together(town):
    up, here = ready(town), ready(town, "韩大川")
    round_id = put_up(town, up, here)
    assert fresh(up).status is Status.NOTICED
    assert not [h for h in roll.of_nomination(up) if h.level == LEVEL]
    refused("notice_running", rounds.close, town.actor(LEVEL), round_id)
    clock.advance(timedelta(days=10))
    with transaction():
        assert rounds.close(town.actor(LEVEL), round_id) == 2
    for case in (up, here):
        found = fresh(case)
        assert (found.status, found.level, found.round_id, found.proposed_upward) == (Status.SUBMITTED, 4, None, None)
        assert [h.level for h in roll.of_nomination(case)] == [1, 2, 3]
    assert db.session.get(Round, round_id).status is RoundStatus.CLOSED
    assert not notices.hanging()
    assert all(i.settled_at and not i.taken_down_at for i in queries.items_of(round_id))


def test_a_level_by_rounds_has_used_the_days_until_its_desk_found_the_case_complete(town):
    case = builders.climbed(town, LEVEL).id
    clock.advance(timedelta(days=4))  # from Thursday to Monday: two working days
    with transaction():
        deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
    clock.advance(timedelta(days=3))
    round_id = put_up(town, case)
    clock.advance(timedelta(days=10))
    with transaction():
        rounds.close(town.actor(LEVEL), round_id)
    assert next(d for d in fresh(case).decisions if d.level == LEVEL and d.elected).days_used == 2


def test_nothing_is_proposed_against_the_council(town):
    case = ready(town)
    members = builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL)
    refused("council_first", rounds.propose, town.actor(LEVEL), round_id, case, upward=True)
    # Two of four is not more than half of those present.
    sat(town, round_id, members, (Choice.YES, Choice.YES, Choice.NO, Choice.ABSTAIN))
    refused("council_said_no", rounds.propose, town.actor(LEVEL), round_id, case, upward=True)


def test_without_two_thirds_no_meeting_can_end(town):
    ready(town)
    members = builders.council(town.line[LEVEL], 7)
    round_id = builders.round_(town, LEVEL)
    with transaction():
        meeting = councils.open_meeting(town.actor(LEVEL), round_id, held_on=clock.today(), is_secret=False, is_on_paper=False).id
    case = queries.verdicts_of(meeting)[0].nomination_id
    for user in members[:4]:
        with transaction():
            councils.vote(voter(user), meeting, case, choice=Choice.YES)
    assert refused("no_quorum", settling.close_meeting, town.actor(LEVEL), meeting)
    with transaction():
        councils.vote(voter(members[4]), meeting, case, choice=Choice.NO)
    with transaction():
        assert settling.close_meeting(town.actor(LEVEL), meeting)[0].passed


def test_every_vote_that_does_not_count_has_a_name(town):
    case = ready(town)
    members = builders.council(town.line[LEVEL])
    with transaction():
        db.session.add(Kinship(person_id=members[0].person_id, kin_id=fresh(case).nominee_id, relation="sister", declared_at=clock.now()))
    round_id = builders.round_(town, LEVEL)
    with transaction():
        meeting = councils.open_meeting(town.actor(LEVEL), round_id, held_on=clock.today(), is_secret=False, is_on_paper=False).id
    other = ready(town, "韩大川")
    with transaction():
        stranger = builders.account(name="路人")
    with transaction():
        councils.vote(voter(members[1]), meeting, case, choice=Choice.YES)
    refused("recused", councils.vote, voter(members[0]), meeting, case, choice=Choice.YES)
    refused("voted_already", councils.vote, voter(members[1]), meeting, case, choice=Choice.NO)
    refused("not_a_member", councils.vote, voter(stranger), meeting, case, choice=Choice.YES)
    refused("not_on_agenda", councils.vote, voter(members[1]), meeting, other, choice=Choice.YES)
    refused("choice_missing", councils.vote, voter(members[2]), meeting, case)
    with transaction():
        councils.stay_out(voter(members[2]), meeting, case)
    refused("recused", councils.vote, voter(members[2]), meeting, case, choice=Choice.YES)
    for user in members[3:]:
        with transaction():
            councils.vote(voter(user), meeting, case, choice=Choice.NO)
    with transaction():
        councils.mark_present(town.actor(LEVEL), meeting, [m.id for m in queries.sitting(town.line[LEVEL].id, clock.today())])
    with transaction():
        verdict = settling.close_meeting(town.actor(LEVEL), meeting)[0]
        assert (verdict.present, verdict.yes, verdict.no, verdict.passed) == (3, 1, 2, False)
    refused("meeting_closed", councils.vote, voter(members[1]), meeting, case, choice=Choice.YES)


def test_a_secret_ballot_keeps_the_count_and_not_the_choice(town):
    case = ready(town)
    members = builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL)
    meeting = sat(town, round_id, members, (Choice.YES, Choice.NO, Choice.YES, Choice.YES), secret=True)
    assert {v.choice for v in db.session.query(Vote).filter_by(meeting_id=meeting)} == {None}
    verdict = queries.latest_verdicts([case], LEVEL)[case]
    assert (verdict.yes, verdict.no, verdict.passed) == (3, 1, True)


def test_a_panel_scores_alone_and_the_ends_are_left_out(town):
    builders.by_round(LEVEL, council=Council.PANEL)
    case = ready(town)
    members = builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL)
    with transaction():
        meeting = councils.open_meeting(town.actor(LEVEL), round_id, held_on=clock.today(), is_secret=False, is_on_paper=False).id
    refused("score_missing", councils.vote, voter(members[0]), meeting, case, choice=Choice.YES)
    for user, score in zip(members, (10, 80, 81, 82, 100), strict=True):
        with transaction():
            councils.vote(voter(user), meeting, case, score=score)
    with transaction():
        verdict = settling.close_meeting(town.actor(LEVEL), meeting)[0]
        assert (verdict.score, verdict.is_conflicting, verdict.passed) == (8100, True, True)


def test_a_meeting_on_paper_needs_its_minutes(town):
    case = ready(town)
    builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL)
    with transaction():
        meeting = councils.open_meeting(town.actor(LEVEL), round_id, held_on=clock.today(), is_secret=False, is_on_paper=True).id
    seats = tuple(m.id for m in queries.sitting(town.line[LEVEL].id, clock.today()))[:4]
    refused("votes_do_not_add_up", papers.enter, town.actor(LEVEL), meeting, papers.Sheet(seats, choices={case: dict.fromkeys(seats[:3], "yes")}))
    builders.on_paper(town, LEVEL, meeting, {case: (3, 1, 0)}, present=seats)
    refused("minutes_missing", settling.close_meeting, town.actor(LEVEL), meeting)
    with transaction():
        assert settling.close_meeting(town.actor(LEVEL), meeting, minutes_key="minutes/1.jpg")[0].passed


def test_the_list_waits_for_consent_text_and_quota(town):
    case, second = ready(town), ready(town, "韩大川")
    members = builders.council(town.line[LEVEL])
    category = fresh(case).category_id
    round_id = builders.round_(town, LEVEL, quotas={category: 1})
    sat(town, round_id, members)
    proposed(town, round_id, case)
    assert [row.problem for row in queries.list_of(db.session.get(Round, round_id))] == ["consent"]
    refused("list_not_ready", noticing.publish, town.actor(LEVEL), round_id)
    for each in (case, second):
        builders.publishable(town, each, LEVEL)
    proposed(town, round_id, second)
    assert [row.problem for row in queries.list_of(db.session.get(Round, round_id))] == ["quota", "quota"]
    refused("list_not_ready", noticing.publish, town.actor(LEVEL), round_id)
    refused("reason_missing", rounds.recall, town.actor(LEVEL), round_id, second, reason=" ")
    with transaction():
        rounds.recall(town.actor(LEVEL), round_id, second, reason="名额满了，再看看材料")
    assert fresh(second).due_at is not None
    with transaction():
        noticing.publish(town.actor(LEVEL), round_id)
    assert fresh(case).status is Status.NOTICED


def test_a_minor_is_never_put_up(town):
    case = ready(town, nominee_is_minor=True)
    members = builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL)
    sat(town, round_id, members)
    proposed(town, round_id, case)
    assert [row.problem for row in queries.list_of(db.session.get(Round, round_id))] == ["guardian"]


def test_an_objection_stops_the_days_and_another_looks_into_it(town):
    case = ready(town)
    round_id = put_up(town, case)
    left = notices.days_left(item_of(case))
    objection = objected(case)
    assert fresh(case).status is Status.HELD
    clock.advance(timedelta(days=20))
    assert notices.days_left(item_of(case)) == left
    with transaction():
        assert rounds.close(town.actor(LEVEL), round_id) == 0
    assert fresh(case).status is Status.HELD
    # Who had the case in hand does not judge what is said against it; the county does.
    refused("handled_before", noticing.take_up, town.actor(LEVEL), objection)
    refused("not_found", noticing.take_up, town.actor(2), objection)
    refused("not_now", noticing.reject, town.actor(4), objection, finding="查了", answer="查了")
    with transaction():
        noticing.take_up(town.actor(4), objection)
    refused("answer_missing", noticing.reject, town.actor(4), objection, finding="走访三户", answer="")
    with transaction():
        noticing.reject(town.actor(4), objection, finding="走访三户，确有其事", answer="查过了，事情属实。")
    assert fresh(case).status is Status.NOTICED
    with transaction():
        assert rounds.confirm_late() == 0
    clock.advance(timedelta(days=20))
    with transaction():
        assert rounds.confirm_late() == 1
    assert (fresh(case).status, fresh(case).level) == (Status.SUBMITTED, 4)
    with transaction():
        assert rounds.confirm_late() == 0


def test_a_true_objection_ends_the_case_and_takes_the_name_down(town):
    case, other = ready(town), ready(town, "韩大川")
    round_id = put_up(town, case, other)
    first, second = objected(case, name="邻居", contact="13800000001"), objected(case)
    with transaction():
        noticing.take_up(town.actor(4), first)
    with transaction():
        noticing.uphold(town.actor(4), first, finding="事迹是别人的", answer="您说得对，我们撤下来了。")
    assert fresh(case).status is Status.DECLINED
    assert {i.nomination_id for i in notices.hanging()} == {other}
    assert notices.objection_by_id(second).answer
    clock.advance(timedelta(days=20))
    with transaction():
        assert rounds.close(town.actor(LEVEL), round_id) == 1
    assert [h.level for h in roll.of_nomination(case)] == [1, 2]


def test_after_the_notice_nobody_is_heard_there_any_more(town):
    case = ready(town)
    put_up(town, case)
    item = item_of(case).id
    clock.advance(timedelta(days=20))
    refused("notice_over", noticing.object_to, item, kind=ObjectionKind.MORE, words="还有别的情况", name="", contact="")
    refused("not_found", noticing.object_to, 999_999, kind=ObjectionKind.MORE, words="还有别的情况", name="", contact="")


def test_what_was_not_taken_is_carried_over_twice_and_no_more(town):
    case = ready(town)
    members = builders.council(town.line[LEVEL])
    for count in (1, 2):
        round_id = builders.round_(town, LEVEL)
        refused("round_running", rounds.open_, town.actor(LEVEL), town.line[LEVEL], name="又一期", cadence="monthly",
                opens_on=clock.today(), closes_on=clock.today(), quotas={})  # fmt: skip
        if count == 1:
            # Nobody is sent on, or home, unheard.
            assert refused("cases_unjudged", rounds.close, town.actor(LEVEL), round_id).facts == {"cases": [case]}
            sat(town, round_id, members, (Choice.NO,) * 4)
        with transaction():
            rounds.close(town.actor(LEVEL), round_id)
        assert (fresh(case).status, fresh(case).carried) == (Status.READY, count)
    round_id = builders.round_(town, LEVEL)
    with transaction():
        rounds.close(town.actor(LEVEL), round_id)
    assert fresh(case).status is Status.DECLINED


def test_a_round_ends_neither_under_a_council_that_sits_nor_is_it_given_up_or_put_up(town):
    case = ready(town)
    members = builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL)
    sat(town, round_id, members)
    builders.publishable(town, case, LEVEL)
    other = ready(town, "韩大川")
    refused("cases_unjudged", rounds.close, town.actor(LEVEL), round_id)
    proposed(town, round_id, case)
    refused("cases_unjudged", noticing.publish, town.actor(LEVEL), round_id)
    with transaction():
        meeting = councils.open_meeting(town.actor(LEVEL), round_id, held_on=clock.today(), is_secret=False, is_on_paper=False).id
    for deed, more in ((rounds.close, {}), (noticing.publish, {}), (rounds.cancel, {"reason": "不办了"})):
        refused("meeting_sitting", deed, town.actor(LEVEL), round_id, **more)
    for user in members[:4]:
        with transaction():
            councils.vote(voter(user), meeting, other, choice=Choice.NO)
    with transaction():
        settling.close_meeting(town.actor(LEVEL), meeting)
    with transaction():
        noticing.publish(town.actor(LEVEL), round_id)
    # Who comes when the list hangs already waits for the next round, and that does not count against them.
    late = ready(town, "晚来的")
    clock.advance(timedelta(days=20))
    with transaction():
        assert rounds.close(town.actor(LEVEL), round_id) == 1
    assert [(fresh(c).status, fresh(c).carried) for c in (other, late)] == [(Status.READY, 1), (Status.READY, 0)]


def test_what_came_after_the_last_day_waits_for_the_next_round(town):
    members = builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL, closes_on=clock.today())
    clock.advance(timedelta(days=1))
    case = ready(town)
    sat(town, round_id, members)
    refused("too_late_for_round", rounds.propose, town.actor(LEVEL), round_id, case, upward=True)
    with transaction():
        rounds.close(town.actor(LEVEL), round_id)
    assert fresh(case).carried == 0


def test_an_urgent_round_takes_brave_deeds_only(town):
    case = ready(town)
    members = builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL, is_urgent=True)
    sat(town, round_id, members)
    refused("not_urgent", rounds.propose, town.actor(LEVEL), round_id, case, upward=True)


def test_a_withdrawn_case_comes_off_the_wall(town):
    from civic.nominations.actions import submitting

    case = ready(town)
    put_up(town, case)
    voice = fresh(case).voices[0]
    with transaction():
        submitting.withdraw(voice)
    assert fresh(case).status is Status.WITHDRAWN
    assert not notices.hanging()


def test_a_revoked_honour_is_gone_from_the_wall_and_stays_in_the_file(town):
    case = builders.climbed(town, LEVEL).id
    builders.publishable(town, case, LEVEL)
    honour = roll.of_nomination(case)[-1]
    assert honour.visibility is Visibility.NAMED
    refused("document_missing", honours.change, town.actor(4), honour.id, HonourStatus.REVOKED, reason="事迹不实")
    refused("not_permitted", honours.change, town.actor(1), honour.id, HonourStatus.SUSPENDED, reason="核查中")
    with transaction():
        honours.change(town.actor(4), honour.id, HonourStatus.REVOKED, reason="事迹不实", document="汀文明办〔2027〕3 号")
    db.session.rollback()
    found = roll.of_nomination(case)[-1]
    assert (found.status, found.visibility, found.story) == (HonourStatus.REVOKED, Visibility.HIDDEN, None)
    builders.publishable(town, case, LEVEL)
    assert roll.of_nomination(case)[-1].visibility is Visibility.HIDDEN
    refused("not_now", honours.change, town.actor(4), honour.id, HonourStatus.ACTIVE, reason="改主意")


def test_a_board_turns_when_its_days_are_over(town):
    builders.by_round(1, by_round=False, board_days=90)
    case = builders.climbed(town, 2).id
    builders.publishable(town, case, 2)
    assert roll.of_nomination(case)[0].visibility is Visibility.NAMED
    clock.advance(timedelta(days=91))
    with transaction():
        assert honours.expire_due() == 1
    db.session.rollback()
    assert (roll.of_nomination(case)[0].status, roll.of_nomination(case)[0].visibility) == (HonourStatus.EXPIRED, Visibility.HIDDEN)
