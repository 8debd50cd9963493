"""One person in two cases: the question, its three answers, and what the rules make of one person."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.identity import rules as identity_rules
from civic.identity.models import Person
from civic.identity.permissions import Role
from civic.identity.rules import Contact
from civic.nominations.actions import deciding, identifying, inquiring, likening, noticing, rounds, timing
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import Council
from civic.nominations.models.likenesses import LikenessGround
from civic.nominations.queries import cases, likenesses
from civic.nominations.rules import links, telling
from civic.nominations.states import Status, Verb
from civic.outbox.models import Message
from tests.support import builders
from tests.support.builders import PASSWORD

CARDS = ("11010519491231002X", "440524188001010014")
HUANG, LUO = Contact("phone", "13800004821"), Contact("email", "luo@civic.example")


@pytest.fixture
def town(app):
    return builders.city()


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code
    return caught.value


def fresh(case):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Nomination, case)


def twice(town, level=2, **changes):
    """Two cases with one name at the community's desk."""
    first = builders.climbed(town, level, contact=HUANG).id
    second = builders.climbed(town, level, contact=LUO, **changes).id
    return first, second


def asked(town, case, level=2):
    db.session.rollback()
    return [(q.other.id, q.ground) for q in likenesses.questions_of(town.actor(level), cases.in_reach_of(town.actor(level), case))]


def told(kind):
    db.session.rollback()
    return sorted(m.recipient_id for m in db.session.scalars(select(Message).where(Message.kind == kind)))


def test_the_same_name_in_one_community_is_a_question_and_another_community_is_none(town):
    first, second = twice(town)
    assert asked(town, first) == [(second, LikenessGround.COMMUNITY)]
    assert asked(town, second) == [(first, LikenessGround.COMMUNITY)]
    with transaction():
        away = builders.region(db.session.merge(town.other[2]), 1, "6栋")
    other = builders.voice(away, nominee_name="陈桂兰").nomination_id
    assert other not in [case for case, _ground in asked(town, first, 5)]


def test_the_unit_finds_them_across_communities_and_numbers_tell_them_apart(town):
    with transaction():
        away = builders.region(db.session.merge(town.other[2]), 1, "6栋")
    first = builders.voice(town.line[1], work_unit="育才小学").nomination_id
    second = builders.voice(away, work_unit="育才小学").nomination_id
    assert asked(town, first, 5) == [(second, LikenessGround.UNIT)]
    # Who sees only one of the two is not asked: the question waits for the level that sees both.
    assert asked(town, first, 2) == []
    one = builders.voice(town.line[1], nominee_name="韩大川").nomination_id
    two = builders.voice(town.line[1], nominee_name="韩大川").nomination_id
    recognised(town, one, CARDS[0])
    recognised(town, two, CARDS[1])
    assert asked(town, one) == []
    assert asked(town, two) == []


def recognised(town, case, number):
    with transaction():
        identifying.recognise(town.actor(2), case, number)


def test_a_card_finds_the_same_person_under_another_name_and_keeps_no_number(town):
    one = builders.voice(town.line[1], nominee_name="韩大川").nomination_id
    two = builders.voice(town.line[1], nominee_name="修灯的老韩").nomination_id
    assert asked(town, one) == []
    # As people write it: spaces, a small x, full-width digits.
    recognised(town, one, "0000001990 0101 000x")
    recognised(town, two, "００００００１９９００１０１０００Ｘ")
    assert asked(town, one) == [(two, LikenessGround.IDENTITY)]
    refused("same_number", likening.say_different, town.actor(1), one, two)
    person = db.session.get(Nomination, one).nominee
    db.session.refresh(person)
    assert (len(person.identity_digest), person.birth_date, person.is_minor) == (64, None, False)
    kept = str(db.session.execute(text("SELECT * FROM person")).all()) + str(db.session.execute(text("SELECT * FROM audit_record")).all())
    assert "19900101" not in kept
    assert person.identity_digest not in str([r.facts for r in db.session.scalars(select(AuditRecord))])
    # Read off the wrong card: said again, it is put right, and the record says that it was corrected.
    recognised(town, two, CARDS[1])
    assert asked(town, one) == []
    assert json.loads(db.session.scalars(select(AuditRecord.facts).where(AuditRecord.verb == "person.recognise").order_by(AuditRecord.id.desc())).first())["corrected"]


def test_a_number_is_proved_and_only_an_officer_of_the_community_or_above_takes_it(town):
    case = builders.voice(town.line[1]).nomination_id
    for number, code in (("000000201302290017", "identity_number_date"), ("000000198506070055", "identity_number_check"), ("123", "identity_number_form")):
        refused(code, identifying.recognise, town.actor(2), case, number)
    refused("not_permitted", identifying.recognise, town.actor(1), case, CARDS[0])
    group = builders.voice(town.line[1], nominee_kind="group", nominee_name="三号楼楼组").nomination_id
    refused("group_has_no_card", identifying.recognise, town.actor(2), group, CARDS[0])
    child = builders.voice(town.line[1], nominee_name="小满").nomination_id
    recognised(town, child, child_card())
    assert db.session.get(Nomination, child).is_of_a_child


def child_card():
    stem = f"000000{clock.today().year - 9}0607005"
    return next(stem + last for last in "0123456789X" if _is_sound(stem + last))


def _is_sound(number):
    try:
        return bool(identity_rules.identity_number_from(number))
    except DomainError:
        return False


def test_the_desk_types_the_number_and_never_sees_it_again(town, client):
    one = builders.voice(town.line[1], nominee_name="韩大川").nomination_id
    two = builders.voice(town.line[1], nominee_name="修灯的老韩").nomination_id
    with transaction():
        builders.account(Role.REVIEWER, db.session.merge(town.line[2]), email="desk@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    path = f"/nominations/desk/inquiries/{one}"
    wrong = client.post(f"{path}/card", data={"number": "000000198506070055"})
    assert wrong.status_code == 422
    assert "有一位写错了" in wrong.get_data(as_text=True)
    assert "19850607" not in wrong.get_data(as_text=True)
    assert client.post(f"{path}/card", data={"number": CARDS[0]}).headers["Location"] == path
    page = client.get(path).get_data(as_text=True)
    assert "证件核对过" in page
    assert CARDS[0] not in page
    found = client.post(f"/nominations/desk/inquiries/{two}/card", data={"number": CARDS[0]})
    assert found.status_code == 303
    assert "likeness" in found.headers["Location"]


def test_another_sex_or_another_age_is_another_person(town):
    first = builders.voice(town.line[1], nominee_sex="female").nomination_id
    builders.voice(town.line[1], nominee_sex="male")
    builders.voice(town.line[1], nominee_is_minor=True)
    assert asked(town, first) == []


def test_merging_keeps_both_voices_and_leads_every_old_link_on(town):
    first, second = twice(town)
    mine = cases.voices_of(second)[0].id
    with transaction():
        likening.merge(town.actor(2), first, second)
    ended, kept = fresh(second), fresh(first)
    assert ended.status is Status.MERGED
    assert ended.merged_into_id == first
    assert ended.due_at is None
    assert kept.status is Status.SUBMITTED
    assert kept.voice_count == 2
    voices = cases.voices_of(first)
    assert [(v.phone, v.email) for v in voices] == [("13800004821", None), (None, "luo@civic.example")]
    assert voices[1].words == builders.STORY
    assert likenesses.onward(cases.voice_by_id(mine)).id == voices[1].id
    assert told("merged") == [voices[1].id]
    assert told("others_joined") == [voices[0].id]
    last = db.session.scalars(select(Decision).where(Decision.nomination_id == second).order_by(Decision.number.desc())).first()
    assert last.verb is Verb.MERGE
    assert kept.reference in last.reason
    people = {p.id: p.same_as_id for p in db.session.scalars(select(Person).where(Person.id.in_((kept.nominee_id, ended.nominee_id))))}
    assert people[max(people)] == min(people)
    # Answered is answered; and what has ended is merged no further.
    refused("answered_already", likening.say_different, town.actor(2), first, second)
    assert asked(town, first) == []


def test_one_nominator_of_both_is_one_voice(town):
    first = builders.climbed(town, 2, contact=HUANG).id
    second = builders.climbed(town, 2, contact=HUANG).id
    with transaction():
        likening.merge(town.actor(2), first, second)
    assert fresh(first).voice_count == 1
    assert len(cases.voices_of(first)) == 1


def test_who_came_further_is_kept_and_nobody_merges_into_what_is_over(town):
    high = builders.climbed(town, 3, contact=HUANG).id
    low = builders.climbed(town, 2, contact=LUO).id
    refused("keep_the_further", likening.merge, town.actor(3), low, high)
    with transaction():
        deciding.decline(town.actor(3), high, expected=builders.version(high), reason="不合适")
    refused("kept_has_ended", likening.merge, town.actor(3), high, low)
    # Still one person: the answer counts for the rules.
    with transaction():
        likening.say_same(town.actor(2), high, low)
    assert fresh(low).status is Status.SUBMITTED


def test_two_different_people_are_not_asked_about_again(town):
    first, second = twice(town)
    with transaction():
        likening.say_different(town.actor(2), first, second)
    assert asked(town, first) == []
    assert asked(town, second) == []
    assert db.session.get(Person, fresh(second).nominee_id).same_as_id is None


def test_only_a_desk_that_holds_one_of_them_answers_and_no_party(town):
    first, second = twice(town)
    refused("not_here", likening.say_same, town.actor(4), first, second)
    with transaction():
        me = builders.account(name="陈家人", phone="13800004821")
        from civic.identity.models import Grant
        from civic.identity.permissions import Role

        place = db.session.merge(town.line[2])
        db.session.add(Grant(user_id=me.id, role=Role.REVIEWER, region_id=place.id, region_path=place.path, level=2, since=clock.today(), granted_at=clock.now()))
    from civic.identity import queries as identity

    refused("recused", likening.say_same, identity.actor_of(me), first, second)
    refused("not_alike", likening.merge, town.actor(2), first, builders.climbed(town, 2, nominee_name="乔雪").id)


def test_nobody_is_honoured_again_at_the_same_level_within_the_years_of_the_rule(town):
    first, second = twice(town)
    with transaction():
        likening.say_same(town.actor(2), first, second)
    with transaction():
        deciding.elect(town.actor(2), first, expected=builders.version(first))
    found = refused("honoured_already", deciding.elect, town.actor(2), second, expected=builders.version(second))
    assert "已经是梧桐里社区好人" in str(found.sentence)
    clock.advance(timedelta(days=367))
    with transaction():
        deciding.elect(town.actor(2), second, expected=builders.version(second))
    assert fresh(second).status is Status.ELECTED


def test_a_higher_honour_bars_too_and_a_lower_one_does_not(town):
    high = builders.climbed(town, 3, contact=HUANG).id
    low = builders.climbed(town, 2, contact=LUO).id
    with transaction():
        likening.say_same(town.actor(3), high, low)
    with transaction():
        deciding.elect(town.actor(3), high, expected=builders.version(high))
    refused("honoured_already", deciding.elect, town.actor(2), low, expected=builders.version(low))
    boss = city_admin(town)
    with transaction():
        timing.change_level_rule(boss, level=2, since=clock.today(), city_path=town.line[5].path, again_years=0)
    # A case keeps the rule it came under.
    refused("honoured_already", deciding.elect, town.actor(2), low, expected=builders.version(low))


def city_admin(town):
    from civic.identity import queries as identity
    from civic.identity.permissions import Role

    with transaction():
        user = builders.account(Role.CITY_ADMIN, db.session.merge(town.line[5]))
    return identity.actor_of(user)


def test_a_deed_too_old_is_not_elected_until_somebody_knows_better(town):
    old = clock.today() - timedelta(days=6 * 366)
    case = builders.voice(town.line[1], deed_on=old).nomination_id
    found = refused("deed_too_old", deciding.endorse, town.actor(1), case, expected=builders.version(case))
    assert str(old.year) in str(found.sentence)
    refused("deed_in_future", inquiring.date_deed, town.actor(1), case, str(clock.today() + timedelta(days=1)))
    with transaction():
        inquiring.date_deed(town.actor(1), case, str(clock.today() - timedelta(days=30)))
    with transaction():
        deciding.endorse(town.actor(1), case, expected=builders.version(case))
    brave = builders.voice(town.line[1], nominee_name="乔雪", deed_on=clock.today() - timedelta(days=3 * 366), category_id=roll.category_by_code("JYYW").id).nomination_id
    refused("deed_too_old", deciding.endorse, town.actor(1), brave, expected=builders.version(brave))


def test_whoever_nominates_need_not_know_when_it_was_but_no_case_leaves_the_community_without_a_month(town):
    case = builders.voice(town.line[1], deed_on=None).nomination_id
    with transaction():
        deciding.endorse(town.actor(1), case, expected=builders.version(case))
    for deed in (deciding.endorse, deciding.elect):
        found = refused("deed_undated", deed, town.actor(2), case, expected=builders.version(case))
    assert "哪年哪月的事" in str(found.sentence)
    refused("deed_day_missing", inquiring.date_deed, town.actor(2), case, " ")
    for words in ("去年春天", "2026-13", "2026-02-30", "26-3"):
        refused("deed_day_unclear", inquiring.date_deed, town.actor(2), case, words)
    with transaction():
        inquiring.date_deed(town.actor(2), case, "2025 年 2 月")
    found = db.session.get(Nomination, case)
    assert (found.deed_on, found.deed_to_month) == (date(2025, 2, 28), True)
    # This month counts to today, a day is a day.
    assert telling.deed_from(f"{clock.today():%Y-%m}", clock.today()) == (clock.today(), True)
    assert telling.deed_from("2025/2/3", clock.today()) == (date(2025, 2, 3), False)
    with transaction():
        deciding.endorse(town.actor(2), case, expected=builders.version(case))


def test_the_pane_says_that_the_month_is_missing_and_leads_to_its_field(town, client):
    case = builders.voice(town.line[1], deed_on=None).nomination_id
    with transaction():
        deciding.endorse(town.actor(1), case, expected=builders.version(case))
        builders.account(Role.REVIEWER, db.session.merge(town.line[2]), email="desk@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    page = client.get(f"/nominations/desk/queue?case={case}").get_data(as_text=True)
    assert f"/nominations/desk/inquiries/{case}#deed" in page
    assert client.post(f"/nominations/desk/inquiries/{case}/deed_day", data={"deed_on": "前年"}).status_code == 422
    assert client.post(f"/nominations/desk/inquiries/{case}/deed_day", data={"deed_on": "2026-03"}).status_code == 303
    page = client.get(f"/nominations/desk/queue?case={case}").get_data(as_text=True)
    assert "最近一次 2026年3月" in page
    assert "#deed" not in page


def test_one_class_a_round_and_one_barred_name_does_not_hold_up_the_others(town):
    builders.by_round(3, council=Council.NONE)
    one, two = twice(town, 3, category_id=roll.category_by_code("JYFX").id)
    other = builders.climbed(town, 3, nominee_name="乔雪").id
    for case in (one, two, other):
        with transaction():
            deciding.pass_on(town.actor(3), case, expected=builders.version(case))
        builders.publishable(town, case, 3)
    with transaction():
        likening.say_same(town.actor(3), one, two)
    round_id = builders.round_(town, 3)
    for case in (one, other):
        with transaction():
            rounds.propose(town.actor(3), round_id, case, upward=False)
    refused("one_class_a_round", rounds.propose, town.actor(3), round_id, two, upward=False)
    with transaction():
        noticing.publish(town.actor(3), round_id)
    # Meanwhile the street names the same person for another deed.
    third = builders.climbed(town, 3, contact=Contact("phone", "13800000003")).id
    with transaction():
        likening.say_same(town.actor(3), one, third)
    builders.by_round(3, by_round=False)
    with transaction():
        deciding.elect(town.actor(3), third, expected=builders.version(third))
    clock.advance(timedelta(days=10))
    with transaction():
        assert rounds.close(town.actor(3), round_id) == 1
    assert fresh(other).status is Status.ELECTED
    back = fresh(one)
    assert back.status is Status.SUBMITTED
    assert back.due_at is not None
    assert back.round_id is None
    assert told("recalled")
    last = db.session.scalars(select(Decision).where(Decision.nomination_id == one).order_by(Decision.number.desc())).first()
    assert last.verb is Verb.RECALL
    assert "不再评" in last.reason


def test_two_desks_at_once_cannot_honour_one_person_twice(town, engine_name):
    if engine_name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    import threading

    from flask import current_app

    first, second = twice(town)
    with transaction():
        likening.say_same(town.actor(2), first, second)
    seen = {case: builders.version(case) for case in (first, second)}
    actor, application, results, gate = town.actor(2), current_app._get_current_object(), [], threading.Barrier(2)

    def elect(case):
        with application.app_context():
            gate.wait()
            try:
                with transaction():
                    deciding.elect(actor, case, expected=seen[case])
                results.append("elected")
            except DomainError as error:
                results.append(error.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=elect, args=(case,)) for case in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["elected", "honoured_already"]


def test_the_desk_sees_both_side_by_side_and_joins_them(client, town):
    with transaction():
        builders.account(builders.Role.REVIEWER, db.session.merge(town.line[2]), email="desk@civic.example")
    first, second = twice(town)
    client.sign_in("desk@civic.example")
    page = client.get(f"/nominations/desk/queue?case={first}").text
    assert f"/nominations/desk/likeness/{first}/{second}" in page
    page = client.get(f"/nominations/desk/likeness/{first}/{second}").text
    assert page.count("校门口缝补十二年") >= 2
    assert "是两个人" in page
    assert client.post(f"/nominations/desk/likeness/{first}/{second}/merging", data={"keep": "999999"}).status_code == 404
    answer = client.confirm(f"/nominations/desk/likeness/{first}/{second}/merging", data={"keep": first})
    assert answer.status_code == 303
    assert fresh(second).status is Status.MERGED

    old = cases.voices_of(second)[0]
    page = client.get(f"/track/t/{links.tracking_token(old.id)}").text
    assert fresh(first).reference in page
    assert links.tracking_token(cases.voices_of(first)[1].id) in page
