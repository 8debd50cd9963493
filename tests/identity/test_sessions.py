"""Sessions end on the server, proofs are used once, limits count people and not spellings, and owners hear of changes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from civic.core import limits
from civic.core.db import db, transaction
from civic.core.errors import TooMany
from civic.identity.actions import accounts, codes
from civic.identity.models import SignIn, User
from civic.identity.permissions import Role
from civic.identity.rules import Contact
from civic.outbox.delivery import deliver_due
from civic.outbox.models import Message, ShownCopy
from tests.identity.test_views import code, proven
from tests.support import builders
from tests.support.client import strict_client
from tests.support.refusals import refused

pytestmark = pytest.mark.usefixtures("app")
PHONE = Contact("phone", "13800004821")


def resident(**more) -> int:
    with transaction():
        return builders.account(phone=PHONE.value, name="黄素芬", **more).id


def copied(app, client):
    """A browser that somebody copied all cookies of this one into."""
    other = strict_client(app)
    other.is_patient = False
    for cookie in client._cookies.values():
        other.set_cookie(cookie.key, cookie.value)
    return other


def test_a_copied_cookie_opens_nothing_after_signing_out(app, client):
    resident()
    client.sign_in(PHONE.value)
    thief = copied(app, client)
    assert thief.get("/me").status_code == 200
    client.post("/identity/sign_out")
    assert thief.get("/me").status_code == 302
    assert client.get("/me").status_code == 302


def test_the_long_cookie_opens_nothing_after_signing_out_either(app, client):
    resident()
    client.get("/identity/sign_in")
    client.post("/identity/sign_in", data={"contact": PHONE.value, "password": builders.PASSWORD, "remember": "y"})
    thief = copied(app, client)
    thief.delete_cookie("session")
    assert thief.get("/me").status_code == 200
    client.get("/me")
    assert client.post("/identity/sign_out").status_code == 303
    thief.delete_cookie("session")
    assert thief.get("/me").status_code == 302


def test_nothing_of_the_last_person_is_left_in_the_browser(app, client):
    resident()
    client.sign_in(PHONE.value)
    client.get("/identity/settings")
    client.post("/identity/sign_out")
    with client.session_transaction() as session:
        assert set(session) <= {"text", "language", "visitor", "was", "_flashes", "_remember"}


@pytest.mark.parametrize(("minutes", "stays"), [(29, True), (31, False)])
def test_staff_are_signed_out_after_half_an_hour_without_a_page(app, client, time, minutes, stays):
    town = builders.city()
    client.is_patient = False
    client.sign_in(db.session.get_one(User, town.desk[3].id).phone)
    for _ in range(3):
        time.advance(timedelta(minutes=minutes))
        assert (client.get("/nominations/desk/queue").status_code == 200) == stays
        if not stays:
            return


def test_what_a_page_fetches_by_itself_keeps_nobody_signed_in(app, client, time):
    town = builders.city()
    client.is_patient = False
    client.sign_in(db.session.get_one(User, town.desk[3].id).phone)
    for _ in range(4):
        time.advance(timedelta(minutes=10))
        answer = client.get("/nominations/desk/queue", headers={"Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 302


def test_staff_are_signed_out_after_twelve_hours_in_any_case(app, client, time):
    town = builders.city()
    client.is_patient = False
    client.get("/identity/sign_in")
    client.post("/identity/sign_in", data={"contact": db.session.get_one(User, town.desk[3].id).phone, "password": builders.PASSWORD, "remember": "y"})
    for _ in range(36):
        time.advance(timedelta(minutes=20))
        assert client.get("/nominations/desk/queue").status_code == 200
    time.advance(timedelta(minutes=1))
    assert client.get("/nominations/desk/queue").status_code == 302


def test_personal_pages_are_kept_by_no_browser(app, client):
    resident()
    client.get("/roll")
    assert client.get("/roll").headers["Cache-Control"] == "private, no-cache"
    client.sign_in(PHONE.value)
    for where in ("/me", "/identity/settings", "/", "/volunteering/"):
        assert client.get(where).headers["Cache-Control"] == "no-store", where


def test_a_reset_proof_is_used_once_whatever_cookie_is_kept(app, client, time):
    resident()
    assert proven(client, "reset").headers["Location"] == "/identity/new_password"
    thief = copied(app, client)
    assert client.post("/identity/new_password", data={"password": "另外一句好记的话"}).status_code == 303
    assert thief.get("/identity/new_password").status_code == 302
    answer = thief.post("/identity/new_password", data={"password": "别人的话也很长"})
    assert answer.status_code in (302, 303)
    with transaction():
        accounts.sign_in(PHONE, "另外一句好记的话")


def test_a_proof_is_over_after_a_quarter_of_an_hour(app, client, time):
    resident()
    proven(client, "reset")
    time.advance(timedelta(minutes=16))
    assert client.get("/identity/new_password").headers["Location"].startswith("/identity/contact/reset")


def test_a_registration_proof_registers_one_account(app, client):
    proven(client, "register")
    thief = copied(app, client)
    assert client.post("/identity/register", data={"name": "黄素芬", "birth_date": "1966-05-04", "password": "一句自己好记的话"}).status_code == 303
    assert thief.get("/identity/register").headers["Location"].startswith("/identity/contact/register")


def test_two_at_once_spend_a_proof_once(app):
    with transaction():
        number = codes.send(PHONE, "reset", asker="1.2.3.4")
    shown = re.search(r"\d{6}", db.session.scalars(select(ShownCopy).order_by(ShownCopy.id.desc())).first().body)[0]
    with transaction():
        codes.prove(PHONE, "reset", shown, asker="1.2.3.4")
    with transaction():
        codes.spend(number, ("reset",))
    assert refused(lambda: codes.spend(number, ("reset",))) == "proof_spent"


def test_spellings_of_one_account_share_their_guesses(app, client):
    resident()
    spellings = ("13800004821", "138 0000 4821", "１３８００００４８２１", "+86 13800004821", "138-0000-4821", "0086 138 0000 4821", "86 13800004821")
    answers = [client.post("/identity/sign_in", data={"contact": spellings[n % len(spellings)], "password": f"wrong{n}"}).status_code for n in range(14)]
    assert answers == [422] * 10 + [429] * 4


def test_every_limit_counts_spellings_as_one(app):
    for words in ("Ab c", "ab  C", "ＡＢ　Ｃ", " abc "):
        with transaction():
            limits.spend("test", words, allowed=4, per=timedelta(hours=1))
    with pytest.raises(TooMany), transaction():
        limits.spend("test", "ABC", allowed=4, per=timedelta(hours=1))
    with transaction():
        limits.spend("test", "1.23.4.5", allowed=1, per=timedelta(hours=1))
    with transaction():
        limits.spend("test", "12.3.4.5", allowed=1, per=timedelta(hours=1))


def test_a_strangers_guesses_do_not_shut_the_owner_out(app, client):
    """From another address, and from the same one where the owner's browser is known."""
    resident()
    client.sign_in(PHONE.value)
    client.post("/identity/sign_out")
    for n in range(12):
        strict_client(app).post("/identity/sign_in", data={"contact": PHONE.value, "password": f"wrong{n}"})
    client.sign_in(PHONE.value)
    newcomer = strict_client(app)
    newcomer.get("/identity/sign_in", environ_base={"REMOTE_ADDR": "10.9.8.7"})
    answer = newcomer.post("/identity/sign_in", data={"contact": PHONE.value, "password": builders.PASSWORD}, environ_base={"REMOTE_ADDR": "10.9.8.7"})
    assert answer.status_code == 303


def test_right_passwords_cost_nothing(app, client):
    resident()
    for _ in range(15):
        client.sign_in(PHONE.value)
    assert db.session.scalar(select(func.count()).select_from(limits.Attempt).where(limits.Attempt.kind.startswith("sign_in"))) == 0


def test_a_class_of_forty_behind_one_address_registers_and_signs_in(app, time):
    """The 21st registration and the 61st code: proven contacts are no failures of the address."""
    for n in range(70):
        each = strict_client(app)
        number = f"1371000{n:04d}"
        assert proven(each, "register", number).headers["Location"] == "/identity/register", n
        assert each.post("/identity/register", data={"name": f"同学{n}", "birth_date": "1990-05-04", "password": "一句自己好记的话"}).status_code == 303, n


def test_letters_to_strangers_are_held_up_until_an_organiser_lets_the_address_in(app, client):
    town = builders.city()
    with transaction():
        builders.account(Role.ORGANISER, town.line[3], email="organiser@civic.example")

    def asked(n: int) -> int:
        each = strict_client(app)
        each.get("/identity/contact/register")
        return each.post("/identity/contact/register", data={"contact": f"1372000{n:04d}"}).status_code

    assert [asked(n) for n in range(61)] == [303] * 60 + [429]
    client.sign_in("organiser@civic.example")
    assert "放行" in client.get("/identity/desk/letting_in").text
    assert client.post("/identity/desk/letting_in").status_code == 303
    assert "已经放行" in client.get("/identity/desk/letting_in").text
    assert asked(62) == 303


def test_letting_in_ends_at_midnight(app, time):
    with transaction():
        limits.let_in("10.1.1.1", None)
    assert limits.is_let_in("10.1.1.1")
    time.advance(timedelta(hours=15, minutes=1))
    assert not limits.is_let_in("10.1.1.1")


@pytest.mark.parametrize("where", ["/identity/new_password", "/identity/contact/contact", "/identity/close"])
def test_password_contact_and_closing_ask_for_the_old_proof(app, client, time, where):
    resident()
    client.sign_in(PHONE.value)
    assert client.get(where).headers["Location"].startswith("/identity/confirm?next=")
    assert client.post(where, data={"password": "别人的话也很长", "contact": "13800009999"}).headers["Location"].startswith("/identity/confirm?next=")
    assert client.post("/identity/confirm", data={"password": "wrong words"}).status_code == 422
    answer = client.post(f"/identity/confirm?next={where}", data={"password": builders.PASSWORD})
    assert answer.headers["Location"] == where
    assert client.get(where).status_code == 200
    time.advance(timedelta(minutes=11))
    assert client.get(where).status_code == 303


def test_who_has_no_password_confirms_by_a_code_to_the_old_contact(app, client, time):
    with transaction():
        accounts.register("黄素芬", PHONE, None)
    assert proven(client, "sign_in").headers["Location"] == "/me"
    time.advance(timedelta(minutes=2))
    client.get("/identity/confirm?next=/identity/close")
    assert client.post("/identity/confirm?next=/identity/close", data={"do": "code"}).headers["Location"] == "/identity/code?next=/identity/close"
    assert client.post("/identity/code?next=/identity/close", data={"code": code()}).headers["Location"] == "/identity/close"
    assert client.get("/identity/close").status_code == 200


def told() -> list[tuple[str, str]]:
    db.session.rollback()
    while deliver_due():
        pass
    return [(row.recipient, row.subject) for row in db.session.scalars(select(ShownCopy).where(ShownCopy.subject != "验证码").order_by(ShownCopy.id))]


def test_the_owner_hears_of_each_change_on_the_old_contact(app, client, time):
    resident()
    client.sign_in(PHONE.value)
    client.prove_oneself()
    client.post("/identity/new_password", data={"password": "另外一句好记的话"})
    assert told() == [("138****4821", "您的密码改过了")]
    time.advance(timedelta(minutes=2))
    client.who = None
    client.sign_in(PHONE.value, "另外一句好记的话")
    client.prove_oneself("另外一句好记的话")
    proven(client, "contact", "13800009999")
    assert told()[-1] == ("138****4821", "您账号的手机号或邮箱换过了")
    client.prove_oneself("另外一句好记的话")
    assert client.confirm("/identity/close").headers["Location"] == "/"
    assert told()[-1] == ("138****9999", "您的账号注销了")
    assert all("1380000" not in message.facts for message in db.session.scalars(select(Message)))


def test_sessions_that_are_long_over_are_forgotten(app, client, time):
    from civic.identity.actions import sessions

    resident()
    client.sign_in(PHONE.value)
    time.advance(timedelta(days=41))
    with transaction():
        assert sessions.purge() == 1
    assert db.session.scalar(select(SignIn.id)) is None
