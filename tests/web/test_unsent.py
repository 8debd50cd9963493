"""What was typed is never lost: over every form of a desk, whatever came between writing and sending."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select, text

from civic.core import unsent
from civic.core.db import db, transaction
from civic.identity.actions import sessions
from civic.identity.models import Grant, User
from civic.identity.permissions import Permission, Role
from civic.nominations.actions import deciding
from civic.nominations.models.decisions import Decision
from civic.web.guards import SIGNED_IN
from tests.laws.test_access import address, routes
from tests.support import builders
from tests.support.client import Page, strict_client

WORDS = "走访了三户邻居，都说是真的；\r\n1 号楼的王大爷“看着她补了十二年”。"
FORM = {"reason": WORDS, "version": "3", "note": "请补近照 <b>", "password": "not to be kept", "pin": "246810"}


@pytest.fixture
def staff(app):
    """Somebody with every role, so that every desk opens; (login, account)."""
    town = builders.city(staffed=False)
    with transaction():
        user = builders.account(Role.CITY_ADMIN, town.line[5], email="all@civic.example")
        for role, level in ((Role.REVIEWER, 5), (Role.ORGANISER, 5), (Role.AUDITOR, 5), (Role.REGION_ADMIN, 4)):
            place = town.line[level]
            db.session.add(Grant(user_id=user.id, role=role, region_id=place.id, region_path=place.path, level=level, since=user.created_at.date(), granted_at=user.created_at))
    return "all@civic.example", user.id


def forms(app):
    """Address → endpoint of every form of somebody who signed in."""
    return {address(app, rule): rule.endpoint for rule, access in routes(app) if "POST" in rule.methods and (access == SIGNED_IN or isinstance(access, Permission))}


def shown(answer) -> str:
    return " ".join(unescape(answer.text).split())


def plain(words: str) -> str:
    return " ".join(words.split())


def end_elsewhere(user_id: int) -> None:
    with transaction():
        sessions.end_all(user_id)


def fields_of(answer, to: str) -> dict[str, str]:
    """What the page's form for this address would send."""
    inside = next(f for f in re.findall(r"<form.*?</form>", answer.text, re.S) if f'action="{to}"' in unescape(f))
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', inside))
    found |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', inside, re.S))
    return {unescape(name): unescape(value) for name, value in found.items()}


def test_every_form_of_a_desk_comes_back_after_signing_in(app, client, staff):
    login, user_id = staff
    todo = list(forms(app).items())
    assert len(todo) > 80
    for at in range(0, len(todo), unsent.MOST):
        client.sign_in(login)
        end_elsewhere(user_id)
        backs = {}
        for where, endpoint in todo[at : at + unsent.MOST]:
            if endpoint in ("identity.confirm",):
                continue
            answer = client.post(where, data={k: v for k, v in FORM.items() if k not in ("password", "pin")})
            assert answer.status_code == 303, where
            assert answer.headers["Location"].startswith("/identity/sign_in?next=/unsent/"), where
            backs[where] = answer.headers["Location"].partition("next=")[2]
        client.sign_in(login)
        for where, back in backs.items():
            page = client.get(back)
            assert page.status_code == 200, where
            assert plain(WORDS) in shown(page), where
            sent = fields_of(page, where)
            assert {name: sent[name] for name in ("version", "note")} == {"version": "3", "note": FORM["note"]}, where
            assert sent["reason"].split() == WORDS.split(), where


def test_every_form_whose_token_is_stale_is_shown_again_with_all_that_was_typed(app, client, staff):
    client.sign_in(staff[0])
    for where in forms(app):
        page = client.post(where, data={k: v for k, v in FORM.items() if k not in ("password", "pin")}, with_token=False)
        assert page.status_code == 400, where
        sent = fields_of(page, where)
        assert (sent["reason"].split(), sent["version"]) == (WORDS.split(), "3"), where
        assert sent["csrf_token"], where


def test_every_refusal_of_a_form_shows_what_was_typed(app, client, staff):
    client.sign_in(staff[0])
    refused = 0
    for where in forms(app):
        answer = client.post(where, data={k: v for k, v in FORM.items() if k not in ("password", "pin")})
        if answer.status_code < 400:
            client.sign_in(staff[0])
            continue
        refused += 1
        assert plain(WORDS) in shown(answer), f"{where}: {answer.status_code}"
    assert refused > 40


def test_passwords_and_tokens_are_never_kept(app, client, staff):
    client.sign_in(staff[0])
    end_elsewhere(staff[1])
    answer = client.post("/identity/kin", data=FORM)
    assert "unsent" not in answer.headers["Location"]
    assert db.session.scalars(select(unsent.UnsentForm)).first() is None
    page = client.post("/identity/sign_in", data={"contact": "138", "password": "very secret words"}, with_token=False)
    assert page.status_code == 400
    assert "very secret words" not in page.text


def test_it_is_sealed_in_the_database(app, client, staff):
    client.sign_in(staff[0])
    end_elsewhere(staff[1])
    client.post("/nominations/desk/cases/1/endorsement", data={"reason": WORDS})
    db.session.rollback()
    assert "王大爷" not in db.session.execute(text("SELECT body FROM unsent_form")).scalar_one()


def test_it_comes_back_to_nobody_else_and_not_after_half_an_hour(app, client, staff, time):
    login, user_id = staff
    with transaction():
        builders.account(email="other@civic.example")
    back = {}
    for name in ("soon", "late"):
        client.sign_in(login)
        end_elsewhere(user_id)
        back[name] = client.post("/identity/kin", data={"contact": "13800001111", "relation": WORDS}).headers["Location"].partition("next=")[2]
    other = strict_client(app)
    other.sign_in("other@civic.example")
    assert other.get(back["soon"]).headers["Location"] == "/me"
    client.sign_in(login)
    assert plain(WORDS) in shown(client.get(back["soon"]))
    time.advance(timedelta(minutes=31))
    assert client.get(back["late"]).headers["Location"] == "/me"
    with transaction():
        assert unsent.purge() == 2


def test_no_other_site_leaves_a_form_here(app, client, staff):
    client.sign_in(staff[0])
    end_elsewhere(staff[1])
    answer = client.post("/identity/kin", data={"relation": WORDS}, headers={"Sec-Fetch-Site": "cross-site"})
    assert "unsent" not in answer.headers["Location"]


def test_whoever_never_signed_in_is_led_back_to_the_page_and_nothing_is_kept(app, client):
    answer = client.post("/identity/kin", data={"relation": WORDS}, headers={"Referer": "http://localhost/identity/kin?x=1"})
    assert answer.headers["Location"] == "/identity/sign_in?next=/identity/kin?x%3D1"
    assert db.session.scalars(select(unsent.UnsentForm)).first() is None


def test_a_form_of_another_tab_is_found_again_after_signing_out_in_this_one(app, client, staff):
    client.sign_in(staff[0])
    client.post("/identity/sign_out")
    answer = client.post("/identity/kin", data={"relation": WORDS}, with_token=False)
    client.sign_in(staff[0])
    assert plain(WORDS) in shown(client.get(answer.headers["Location"].partition("next=")[2]))


def test_an_opinion_written_before_the_session_ended_is_on_the_case_after_one_more_click(app, client):
    town = builders.city()
    case = builders.voice(town.line[1]).nomination_id
    with transaction():
        steward = db.session.get_one(User, town.desk[1].id)
        phone, steward_id = steward.phone, steward.id
    client.sign_in(phone)
    end_elsewhere(steward_id)
    where = f"/nominations/desk/cases/{case}/endorsement"
    gone = client.post(where, data={"reason": WORDS, "version": builders.version(case)})
    answer = client.post(gone.headers["Location"], data={"contact": phone, "password": builders.PASSWORD, "next": gone.headers["Location"].partition("next=")[2]})
    page = client.get(answer.headers["Location"])
    assert client.post(where, data=fields_of(page, where)).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Decision.reason).where(Decision.nomination_id == case)).all() == [WORDS]
    assert db.session.scalars(select(unsent.UnsentForm)).first() is None


def test_who_decides_on_a_case_that_left_the_desk_hears_it_and_keeps_the_opinion(app, client):
    town = builders.city()
    case = builders.voice(town.line[1]).nomination_id
    version = builders.version(case)
    client.sign_in(db.session.get_one(User, town.desk[1].id).phone)
    with transaction():
        deciding.endorse(town.actor(1), case, expected=version)
    page = client.post(f"/nominations/desk/cases/{case}/endorsement", data={"reason": WORDS, "version": version})
    assert page.status_code == 409
    assert plain(WORDS) in shown(page)
    assert 'role="alert"' in page.text


def test_the_way_back_survives_every_step_of_the_accounts(app, client):
    """Walked: every link and form of the pages of signing in, registering, codes and passwords keeps it."""
    target = "/volunteering/mine?of=1"
    from tests.identity.test_views import code

    assert "next=/volunteering/mine" in client.get(target).headers["Location"]
    page = client.get("/identity/sign_in?next=/volunteering/mine?of%3D1")
    links = [unescape(a) for a in re.findall(r'href="(/identity/[^"]+)"', page.text.partition("<form")[2].partition("</form>")[0])]
    assert len(links) == 3
    assert all("next=/volunteering/mine?of%3D1" in a for a in links), links
    for purpose in ("register", "reset", "sign_in"):
        client.get(f"/identity/contact/{purpose}?next=/volunteering/mine?of%3D1")
        answer = client.post(f"/identity/contact/{purpose}?next=/volunteering/mine?of%3D1", data={"contact": "13800004821", "next": target})
        assert answer.headers["Location"].endswith("next=/volunteering/mine?of%3D1"), purpose
        again = re.search(r'href="(/identity/contact/[^"]+)"', client.get(answer.headers["Location"]).text)[1]
        assert "next=/volunteering/mine" in unescape(again)
        answer = client.post(answer.headers["Location"], data={"code": code()})
        if purpose == "register":
            answer = client.post(answer.headers["Location"], data={"name": "黄素芬", "birth_date": "1966-05-04", "password": "一句自己好记的话"})
            assert "/identity/residence?next=" in answer.headers["Location"]
            home = client.get(answer.headers["Location"])
            assert all("next=" in a for a in re.findall(r'href="(/identity/residence[^"]+)"', home.text))
        elif purpose == "reset":
            answer = client.post(answer.headers["Location"], data={"password": "另外一句好记的话"})
            assert answer.headers["Location"] == target
        else:
            assert answer.headers["Location"] == target
        client.post("/identity/sign_out")
        from civic.core import clock

        clock.advance(timedelta(minutes=2))


def test_the_page_of_a_form_that_came_back_has_manners(app, client, staff):
    client.sign_in(staff[0])
    page = client.post("/identity/kin", data={"relation": WORDS, "contact": "13800001111"}, with_token=False)
    assert not Page(page.text).faults()
