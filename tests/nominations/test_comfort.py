"""What a desk need not remember itself: what changed, filters by name, who stands in, what goes to a colleague."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from civic.audit.models import AuditRecord
from civic.core import clock, text
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity import queries as identity
from civic.identity.actions import deputies
from civic.identity.models import Kinship, User
from civic.identity.permissions import Role
from civic.nominations.actions import deciding, handing, inquiring, looking, submitting
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases, looks
from civic.nominations.states import Status
from tests.support import builders
from tests.support.builders import PASSWORD, STORY

CHARACTERS = st.text(alphabet="陈阿姨摆了十二年。！\nab 12", max_size=60)


@given(before=CHARACTERS, after=CHARACTERS)
def test_the_pieces_of_a_comparison_are_both_texts_whole(before, after):
    pieces = text.differences(before, after)
    assert "".join(w for kind, w in pieces if kind != "new") == before
    assert "".join(w for kind, w in pieces if kind != "gone") == after
    assert all(kind in ("same", "gone", "new") and words for kind, words in pieces)


def test_only_what_changed_is_marked():
    assert text.differences("她摆了十年。学生来缝。", "她摆了十二年。学生来缝。") == [("same", "她摆了十"), ("new", "二"), ("same", "年。学生来缝。")]
    long = "".join(f"第{n}件事，她帮了一个人。" for n in range(250))
    assert text.differences(long, long + "还有一件。") == [("same", long), ("new", "还有一件。")]


@pytest.fixture
def town(app):
    return builders.city()


def fresh(case):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Nomination, case)


def actor(user):
    return identity.actor_of(db.session.get(User, user.id))


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code


def sent_back(town, level=2):
    case = builders.climbed(town, level).id
    with transaction():
        deciding.return_for_supplement(town.actor(level), case, expected=builders.version(case), reason="请写清哪一年")
    clock.advance(timedelta(hours=2))
    with transaction():
        voice = db.session.scalars(select(Voice).where(Voice.nomination_id == case)).one()
        submitting.resubmit(voice, story=STORY.replace("前年冬天", "2024 年冬天"), words="补好了")
    return case


def test_a_desk_sees_what_was_changed_since_it_sent_the_case_back(town):
    case = sent_back(town)
    with transaction():
        colleague = builders.account(Role.REVIEWER, town.line[2])
    for reader in (town.actor(2), actor(colleague)):
        found = looks.changes(cases.in_reach_of(reader, case), reader)
        assert [p for p in found.fields["story"].pieces if p[0] != "same"] == [("gone", "前"), ("new", "2024 ")]
    # Who never saw it has nothing to compare with.
    above = town.actor(4)
    assert looks.changes(cases.in_reach_of(above, case), above) is None
    clock.advance(timedelta(minutes=1))
    with transaction():
        looking.has_read(town.actor(2), case)
    assert not looks.changes(cases.in_reach_of(town.actor(2), case), town.actor(2))
    assert looks.changes(cases.in_reach_of(actor(colleague), case), actor(colleague))


def test_facts_that_changed_are_named_and_a_change_taken_back_is_none(town):
    case = sent_back(town)
    was = str(db.session.get(Nomination, case).deed_on)
    with transaction():
        looking.has_read(town.actor(2), case)
    clock.advance(timedelta(minutes=1))
    with transaction():
        inquiring.record_facts(town.actor(2), case, is_party_member=True, is_business_person=True)
        inquiring.date_deed(town.actor(2), case, "2025-03-01")
    with transaction():
        inquiring.record_facts(town.actor(2), case, is_business_person=False)
    found = looks.changes(cases.in_reach_of(town.actor(2), case), town.actor(2))
    assert {f: (c.before, c.after) for f, c in found.fields.items()} == {"is_party_member": ("False", "True"), "deed_on": (was, "2025-03-01")}


def test_the_pane_marks_the_words_and_forgets_them_when_read(town, client):
    case = sent_back(town)
    with transaction():
        builders.account(Role.REVIEWER, town.line[2], email="desk@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    page = client.get(f"/nominations/desk/queue?case={case}").text
    assert "<ins>2024 </ins>" in page
    clock.advance(timedelta(minutes=1))
    assert client.post(f"/nominations/desk/cases/{case}/reading").status_code == 303
    assert "<ins>" not in client.get(f"/nominations/desk/queue?case={case}").text


def test_filters_are_kept_by_name_for_one_account(town, client):
    with transaction():
        mine = builders.account(Role.REVIEWER, town.line[2], email="desk@civic.example")
        other = builders.account(Role.REVIEWER, town.line[2])
    client.sign_in("desk@civic.example", PASSWORD)
    data = {"name": "快到期的学校", "lane": "overdue", "channel": "school", "evil": "1", "search": "陈 & 兰"}
    where = client.post("/nominations/desk/filters", data=data).headers["Location"]
    kept = looks.filters_of(actor(mine))
    assert [(f.name, f.query) for f in kept] == [("快到期的学校", "lane=overdue&channel=school&search=%E9%99%88+%26+%E5%85%B0")]
    assert "快到期的学校" in client.get(where).text
    assert "这个名字用过了" in client.get(client.post("/nominations/desk/filters", data=data).headers["Location"]).text
    assert "还没有筛" in client.get(client.post("/nominations/desk/filters", data={"name": "空的"}).headers["Location"]).text
    refused("not_found", looking.forget_filter, actor(other), kept[0].id)
    assert client.post(f"/nominations/desk/filters/{kept[0].id}/removal").status_code == 303
    db.session.rollback()
    assert not looks.filters_of(actor(mine))


def test_a_deputy_has_exactly_those_roles_for_exactly_that_time_and_signs_for_the_colleague(town):
    case = builders.climbed(town, 3).id
    with transaction():
        away, stands_in, outsider = (builders.account(Role.REVIEWER, town.line[n], name=name) for n, name in ((3, "许雯"), (2, "李岚"), (2, "周敏")))
        idle = builders.account(name="居民")
    today = clock.today()
    refused("deputy_not_colleague", deputies.name_deputy, actor(away), idle.id, since=today, until=today)
    refused("term_backwards", deputies.name_deputy, actor(away), stands_in.id, since=today, until=today - timedelta(days=1))
    refused("term_too_long", deputies.name_deputy, actor(away), stands_in.id, since=today, until=today + timedelta(days=100))
    refused("no_desk", deputies.name_deputy, actor(idle), stands_in.id, since=today, until=today)
    before = actor(stands_in)
    with transaction():
        deputies.name_deputy(actor(away), stands_in.id, since=today + timedelta(days=1), until=today + timedelta(days=2))
    refused("deputy_known", deputies.name_deputy, actor(away), outsider.id, since=today, until=today + timedelta(days=1))
    assert actor(stands_in) == before
    clock.advance(timedelta(days=1))
    acting = actor(stands_in)
    assert {(g.role, g.path, g.for_name) for g in set(acting.grants) - set(before.grants)} == {(Role.REVIEWER, town.line[3].path, "许雯")}
    assert acting.stands_in_for == ("许雯",)
    # What one holds for somebody else is not handed on.
    with transaction():
        deputies.name_deputy(actor(stands_in), outsider.id, since=clock.today(), until=clock.today())
    assert town.line[3].path not in {g.path for g in actor(outsider).grants}
    with transaction():
        step = deciding.endorse(acting, case, expected=builders.version(case))
    assert (step.actor_id, step.stands_for_id) == (stands_in.id, away.id)
    clock.advance(timedelta(days=2))
    assert actor(stands_in).stands_in_for == ()
    verbs = set(db.session.scalars(select(AuditRecord.verb).where(AuditRecord.verb.startswith("deputy."))))
    assert verbs == {"deputy.name"}


def test_a_deputy_is_ended_by_those_concerned_or_from_above_and_by_nobody_else(town):
    with transaction():
        away, stands_in = builders.account(Role.REVIEWER, town.line[3]), builders.account(Role.REVIEWER, town.line[2])
        admin, elsewhere = builders.account(Role.REGION_ADMIN, town.line[4]), builders.account(Role.REGION_ADMIN, town.other[4])
    today = clock.today()
    with transaction():
        row = deputies.name_deputy(actor(away), stands_in.id, since=today, until=today)
    row = row.id
    refused("not_found", deputies.end_deputy, actor(elsewhere), row)
    refused("not_found", deputies.end_deputy, town.actor(2), row)
    with transaction():
        deputies.end_deputy(actor(admin), row)
    assert actor(stands_in).stands_in_for == ()


def test_what_somebody_has_in_hand_goes_to_a_colleague_and_the_recused_is_left_out(town):
    with transaction():
        leaving, staying = builders.account(Role.REVIEWER, town.line[2], name="周敏"), builders.account(Role.REVIEWER, town.line[2], name="李岚")
        elsewhere, admin = builders.account(Role.REVIEWER, town.line[3]), builders.account(Role.REGION_ADMIN, town.line[4])
    ids = [builders.climbed(town, 2, nominee_name=n).id for n in ("陈桂兰", "韩大川", "葛元庆")]
    for case in ids:
        with transaction():
            deciding.take(actor(leaving), case, expected=builders.version(case))
    with transaction():
        db.session.add(Kinship(person_id=staying.person_id, kin_id=fresh(ids[2]).nominee_id, relation="sibling", declared_at=clock.now()))
    refused("not_yours", handing.hand_over_all, actor(staying), leaving.id, staying.id, reason="调岗")
    refused("reason_missing", handing.hand_over_all, actor(leaving), leaving.id, staying.id, reason=" ")
    with transaction():
        assert handing.hand_over_all(actor(leaving), leaving.id, elsewhere.id, reason="调岗").cases == 0
    with transaction():
        handed = handing.hand_over_all(actor(admin), leaving.id, staying.id, reason="调岗")
    assert (handed.cases, handed.left) == (2, [fresh(ids[2]).reference])
    assert [(fresh(c).status, fresh(c).taken_by_id) for c in ids] == [(Status.IN_REVIEW, staying.id)] * 2 + [(Status.IN_REVIEW, leaving.id)]
    rows = db.session.scalars(select(Decision).where(Decision.nomination_id == ids[0]).order_by(Decision.number)).all()
    assert (rows[-1].verb.value, rows[-1].actor_id, rows[-1].reason) == ("entrust", admin.id, "调岗")


def test_the_pages_of_standing_in_and_handing_over_work(town, client):
    with transaction():
        away = builders.account(Role.REVIEWER, town.line[2], name="许雯", email="desk@civic.example")
        colleague = builders.account(Role.REVIEWER, town.line[2], name="周敏", email="zhou@civic.example")
    case = builders.climbed(town, 2).id
    client.sign_in("desk@civic.example", PASSWORD)
    today = clock.today()
    answer = client.post("/identity/desk/deputies", data={"deputy": str(colleague.id), "since": str(today), "until": str(today - timedelta(days=3))})
    assert "到期的日子要在开始之后" in answer.text
    assert client.post("/identity/desk/deputies", data={"deputy": str(colleague.id), "since": str(today), "until": str(today)}).status_code == 303
    assert "周敏" in client.get("/identity/desk/deputies").text
    client.post(f"/nominations/desk/cases/{case}/taking", data={"version": builders.version(case)})
    assert "陈桂兰" in client.get("/nominations/desk/handing_over").text
    assert client.post("/nominations/desk/handing_over", data={"to": str(colleague.id), "reason": "休产假"}).status_code == 303
    assert fresh(case).taken_by_id == colleague.id
    client.sign_in("zhou@civic.example", PASSWORD)
    assert "代 许雯" in client.get("/nominations/desk/queue").text
    assert client.get(f"/nominations/desk/handing_over?from={away.id}").status_code == 404


def test_enter_sends_a_form_instead_of_deleting_the_first_photograph():
    """Whatever stands first in a form is what Enter presses: the strict client refuses any other page, and so it knows."""
    from tests.support.client import Page

    page = '<form><input name="headline"><button name="drop" value="0">删掉</button><button class="btn btn--main">下一步</button></form>'
    assert any("Enter presses 'drop'" in fault for fault in Page(page).faults())
    assert not any("Enter" in fault for fault in Page(page.replace("<button name", "<button data-enter></button><button name", 1)).faults())
    assert not any("Enter" in fault for fault in Page(page.replace('<input name="headline">', "<textarea></textarea>")).faults())
